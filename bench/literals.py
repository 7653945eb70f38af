"""Ways to look for many literals at once, and what each costs: seconds for a gigabyte of real files, on one core.

Usage: python bench/literals.py FOLDER [--write]. Reads up to half a gigabyte of the files below FOLDER into memory first.
What is not installed is left out: `ahocorasick_rs`, `hyperscan`. With --write the table goes into bench/README.md.
"""
from __future__ import annotations

import ctypes
import importlib
import os
import pathlib
import re
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from bench import tables

from pypi_token_hooks import anchors
from pypi_token_hooks import engine
from pypi_token_hooks import examination
from pypi_token_hooks import literals

AT_MOST = 500_000_000
LITERALS = (*anchors.CORES, *anchors.WORDS)
ONE = b"assword"
RUNS = 3
Way = Callable[[bytes], object]


def contents(folder: str) -> list[bytes]:
    """Returns what the files hold, up to the bound."""
    found, size = [], 0
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            if size < AT_MOST and os.path.isfile(path) and not os.path.islink(path):
                found.append(pathlib.Path(path).read_bytes())
                size += len(found[-1])
    return found


def _each(data: bytes) -> None:
    for literal in LITERALS:
        literal in data  # noqa: B015


def _folded(data: bytes) -> None:
    small = data.lower()
    for stem in (*anchors.CORES, *anchors.STEMS):
        stem in small  # noqa: B015


def _sample(data: bytes) -> int:
    return data[:: anchors.STRIDE].translate(anchors.RUNS).find(b"a" * anchors.LONG)


def _memmem() -> Way:
    find = ctypes.CDLL(None).memmem
    find.restype = ctypes.c_void_p
    find.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
    return lambda data: [find(data, len(data), literal, len(literal)) for literal in LITERALS]


def ways() -> Iterator[tuple[str, Way]]:
    """Yields each way: what it is called here, and what it does with the content of a file."""
    everything = re.compile(b"|".join(map(re.escape, LITERALS)))
    many = f"{len(LITERALS)} literals"
    yield "one byte, `in`", lambda data: b"@" in data
    yield "`bytes.isascii`", bytes.isascii
    yield "one literal, `in`", lambda data: ONE in data
    yield f"{many}, `in` for each", _each
    yield f"{many}, in small letters, `in` for each", _folded
    yield f"{many}, in what is left without the bytes that none has", anchors.words_in
    yield f"{many}, an alternation of `re`", everything.search
    if hasattr(ctypes.CDLL(None), "memmem"):
        yield f"{many}, `memmem` of the C library for each", _memmem()
    if literals.hyperscan():
        yield "one literal, `hyperscan`", literals.scanner((literals.quoted(ONE),))
        quoted = tuple(map(literals.quoted, LITERALS))
        yield f"{many}, `hyperscan`, each once", literals.scanner(quoted)
        yield f"{many}, `hyperscan`, every place", literals.scanner(quoted, len(quoted))
        yield f"{anchors.UNBROKEN} letters and digits in a row, `hyperscan`", literals.scanner((b"[A-Za-z0-9]{%d}" % anchors.UNBROKEN,))
    try:
        rust = importlib.import_module("ahocorasick_rs")
        for kind in ("Standard", "LeftmostFirst"):
            search = rust.BytesAhoCorasick(LITERALS, matchkind=getattr(rust.MatchKind, kind))
            yield f"{many}, `ahocorasick_rs`, {kind}", search.find_matches_as_indexes
        yield f"{many}, `ahocorasick_rs`, those of three bytes apart", literals.finder(*LITERALS)
    except ImportError:
        pass
    yield "every seventh byte, and a row of a class in it", _sample
    yield "the whole question, plain", anchors.worth_reading
    with mock.patch.object(literals, "hyperscan", lambda: None):
        yield "the whole question, `ahocorasick_rs` alone", engine.questions((), ()).worth_reading
    with mock.patch.object(literals, "ahocorasick_rs", lambda: None):
        yield "the whole question, as installed", engine.questions((), ()).worth_reading
    yield "the whole question, with the extra `fast`", engine.questions((), ()).worth_reading
    yield "the whole question, by the traces of the rules", engine.questions((), examination.TRACES).worth_reading


def seconds(way: Way, data: list[bytes]) -> float:
    """Returns the seconds of the processor that the best of the runs took."""
    best = float("inf")
    for _ in range(RUNS):
        began = time.process_time()
        for content in data:
            way(content)
        best = min(best, time.process_time() - began)
    return best


def main() -> None:
    given = [argument for argument in sys.argv[1:] if argument != "--write"]
    if len(given) != 1:
        raise SystemExit("usage: python bench/literals.py FOLDER [--write]")
    data = contents(given[0])
    size = sum(map(len, data))
    rows = [(name, f"{seconds(way, data) / size * 1e9:.2f}") for name, way in ways()]
    made = tables.table(("way", "seconds for a GB"), rows, f"{len(data):,} files of {size / 1e9:.2f} GB, best of {RUNS} runs")
    if "--write" in sys.argv:
        tables.write(tables.PAGE, "literals", made)
    print(made)


if __name__ == "__main__":
    main()
