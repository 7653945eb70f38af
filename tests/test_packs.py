"""Objects read from packs: the same as git reads, whatever a pack is like, and never more than a pack can do harm with."""
from __future__ import annotations

import hashlib
import itertools
import pathlib
import random
import resource
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from dulwich.pack import create_delta
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from pypi_token_hooks import git
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.sources.history import listing
from pypi_token_hooks.sources.history import packs
from pypi_token_hooks.sources.history import whole
from tests.machine import Machine
from tests.machine import write

INFLATERS = dict.fromkeys((zlib.decompressobj, packs._inflater))  # that of the standard library, and the fast one
Objects = dict[str, tuple[str, bytes]]
COMMIT, TREE, BLOB, TAG, BY_OFFSET, BY_NAME = 1, 2, 3, 4, 6, 7


@pytest.fixture
def machine(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Has git, as it is asked here, in the machine's environment too."""
    for name, value in machine.env.items():
        monkeypatch.setenv(name, value)
    return machine


def edited(text: bytes, rng: random.Random) -> bytes:
    """Returns the text with one or two changes: lines that come, go, move, or are another."""
    lines = text.split(b"\n")
    for _ in range(rng.randrange(1, 3)):
        at, kind = rng.randrange(len(lines)), rng.randrange(4)
        if kind == 0:
            lines[at:at] = [rng.randbytes(rng.randrange(60)).hex().encode() for _ in range(rng.randrange(1, 9))]
        elif kind == 1 and len(lines) > 99:
            del lines[at : at + rng.randrange(1, 30)]
        elif kind == 2:
            other = rng.randrange(len(lines))
            lines[at:at] = lines[other : other + rng.randrange(90)]
        else:
            lines[at] = lines[at][: len(lines[at]) // 2]
    return b"\n".join(lines)


def versions(machine: Machine, folder: pathlib.Path, seed: int = 0, count: int = 20, *options: str) -> pathlib.Path:
    """Makes a repository of a few files in many versions, with a tag, not packed yet."""
    machine.repository(folder, *options)
    rng = random.Random(seed)
    texts = {f"f{n}": b"\n".join(b"line %d" % rng.randrange(999) for _ in range(1500)) for n in range(2)}
    texts |= {"small": b"x\n", "binary": rng.randbytes(40_000)}
    for number in range(count):
        for name in list(texts) if number else ():
            texts[name] = edited(texts[name], rng)
        write(folder, texts)
        machine.git(folder, "add", "--all")
        machine.git(folder, "commit", "--quiet", "-m", f"version {number}")
    machine.git(folder, "tag", "-a", "-m", "the first", "v1")
    return folder


@contextmanager
def inside(folder: pathlib.Path) -> Iterator[None]:
    """Has git asked about the repository there: a test may have several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield


def by_git(folder: pathlib.Path) -> Objects:
    """Returns every object as git reads it; big ones in pieces, damaged ones without a kind."""
    with inside(folder):
        return {one.oid: (one.kind, joined(one)) for one in whole.read([entry.oid for entry in listing.everything()])}


def objects(folder: pathlib.Path) -> str:
    """Returns the folder of the objects."""
    with inside(folder):
        return str(folder / git.location("objects"))


def joined(content: whole.Content) -> bytes:
    return content.data if content.chunks is None else b"".join(content.chunks)


def contents(folder: pathlib.Path, count: int = 5) -> tuple[list[whole.Content], list[listing.Entry]]:
    """Returns the objects that portions yield, and the entries that are in none."""
    with inside(folder):
        portions, others = packs.portions(packs.opened(objects(folder)), listing.everything(), count)
        read = [one if one.chunks is None else one._replace(data=joined(one)) for part in portions for one in part.read()]
    return read, others


def by_stock(folder: pathlib.Path) -> Objects:
    """Returns every object as the hook reads it where git lists none; each of them once."""
    stock = packs.stock(objects(folder))
    assert stock
    portions, others = packs.portions(*stock, 5, everything=True)
    with inside(folder):
        read = [one for part in portions for one in part.read()]
        read += whole.read([entry.oid for entry in others])
    assert len({one.oid for one in read}) == len(read)
    return {one.oid: (one.kind, joined(one)) for one in read}


def by_packs(folder: pathlib.Path, count: int = 5) -> Objects:
    """Returns every object as the hook reads it, each of them once."""
    read, others = contents(folder, count)
    with inside(folder):
        read += [one._replace(data=joined(one)) for one in whole.read([entry.oid for entry in others])]
    assert len({one.oid for one in read}) == len(read)
    return {one.oid: (one.kind, one.data) for one in read}


@pytest.mark.parametrize("inflater", INFLATERS)
@pytest.mark.parametrize("count", [1, 3, 50])
def test_the_objects_are_those_that_git_reads(
    machine: Machine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, count: int, inflater: Callable[[], Any]
) -> None:
    monkeypatch.setattr(packs, "_inflater", inflater)
    folder = versions(machine, tmp_path, count)
    machine.git(folder, "repack", "-adfq", "--depth=50", "--window=30")
    read, others = contents(folder, count)
    assert {one.oid: (one.kind, one.data) for one in read} == by_git(folder)
    assert not others and len([one for one in read if one.base]) > 30


@pytest.mark.parametrize("seed", range(4))
def test_what_has_not_changed_is_in_the_base(machine: Machine, tmp_path: pathlib.Path, seed: int) -> None:
    folder = versions(machine, tmp_path, seed)
    machine.git(folder, "repack", "-adfq", "--depth=50", "--window=30")
    met: dict[str, bytes] = {}
    some = 0
    for one in contents(folder)[0]:
        met[one.oid] = one.data
        if one.base:
            ends = [0, *(at for span in one.changed() for at in span), len(one.data)]
            assert ends == sorted(ends)
            same = [one.data[start:end] for start, end in zip(ends[::2], ends[1::2], strict=True)]
            assert all(part in met[one.base] for part in same)
            some += sum(map(len, same)) > len(one.data) // 2
    assert some > 30


@pytest.mark.parametrize(
    "how",
    [
        ("-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"),
        ("-c", "pack.compression=0", "repack", "-adfq"),
        ("-c", "pack.packSizeLimit=1m", "repack", "-adfq"),
        ("repack", "-adfq", "--depth=0"),
        ("repack", "-adfq", "--write-midx", "--write-bitmap-index"),
    ],
)
def test_however_it_is_packed(machine: Machine, tmp_path: pathlib.Path, how: tuple[str, ...]) -> None:
    folder = versions(machine, tmp_path)
    machine.git(folder, *how)
    read, others = contents(folder)
    assert {one.oid: (one.kind, one.data) for one in read} == by_git(folder)
    assert not others and by_stock(folder) == by_git(folder)


def test_several_packs_and_what_is_in_none(machine: Machine, tmp_path: pathlib.Path) -> None:
    folder = versions(machine, tmp_path)
    machine.git(folder, "repack", "-adq")
    for number in range(3):
        write(folder, {"f0": b"other %d\n" % number * 900})
        machine.git(folder, "commit", "--quiet", "-am", "other")
        machine.git(folder, "repack", "-q", *(["-d"] if number else []))
    write(folder, {"f0": b"loose\n" * 900})
    machine.git(folder, "commit", "--quiet", "-am", "loose")
    assert len(packs.opened(objects(folder))) == len([*folder.glob(".git/objects/pack/*.pack")]) > 2
    assert by_packs(folder) == by_git(folder) and len(contents(folder)[1]) == 3
    assert by_stock(folder) == by_git(folder)


def test_an_object_in_two_packs_and_loose_too_is_read_once(machine: Machine, tmp_path: pathlib.Path) -> None:
    folder = versions(machine, tmp_path, 0, 5)
    machine.git(folder, "repack", "-q")
    write(folder, {"more": b"more\n"})
    machine.git(folder, "add", "--all")
    machine.git(folder, "commit", "--quiet", "-m", "more")
    machine.git(folder, "repack", "-aq")
    assert len(packs.opened(objects(folder))) == 2 and len(list((folder / ".git/objects").glob("??/*"))) > 9
    assert by_packs(folder) == by_git(folder) == by_stock(folder)


def test_what_else_holds_objects_is_left_to_git(
    machine: Machine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = versions(machine, tmp_path / "first", 0, 4)
    machine.git(first, "repack", "-adfq")
    assert packs.stock(objects(first))
    second = tmp_path / "second"
    machine.git(tmp_path, "clone", "--quiet", "--shared", "--no-checkout", str(first), str(second))
    assert packs.stock(objects(second)) is None and by_packs(second) == by_git(first)
    monkeypatch.setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", str(second / ".git/objects"))
    assert packs.stock(objects(first)) is None
    monkeypatch.delenv("GIT_ALTERNATE_OBJECT_DIRECTORIES")
    (index,) = (first / ".git/objects/pack").glob("*.idx")
    index.chmod(0o600)
    index.write_bytes(index.read_bytes()[:-1])
    assert packs.stock(objects(first)) is None


def test_only_what_is_wanted_is_read(machine: Machine, tmp_path: pathlib.Path) -> None:
    folder = versions(machine, tmp_path)
    machine.git(folder, "repack", "-adfq", "--depth=50")
    with inside(folder):
        wanted = listing.of(["HEAD~15"])
        portions, others = packs.portions(packs.opened(objects(folder)), wanted, 3)
        assert {one.oid for part in portions for one in part.read()} == {entry.oid for entry in wanted} and not others


def test_a_pack_that_has_many_more_is_left_to_git(machine: Machine, tmp_path: pathlib.Path) -> None:
    folder = versions(machine, tmp_path)
    machine.git(folder, "repack", "-adfq")
    with inside(folder):
        size = len(listing.everything())
    assert len(packs.opened(objects(folder), size)) == 1 and not packs.opened(objects(folder), size - 1)


def test_names_of_sha256_and_old_indexes_are_left_to_git(machine: Machine, tmp_path: pathlib.Path) -> None:
    folder = versions(machine, tmp_path / "sha256", 0, 4, "--object-format=sha256")
    machine.git(folder, "repack", "-adfq")
    assert not packs.opened(objects(folder)) and by_packs(folder) == by_git(folder)
    old = versions(machine, tmp_path / "old", 0, 4)
    machine.git(old, "-c", "pack.indexVersion=1", "repack", "-adfq")
    assert not packs.opened(objects(old)) and by_packs(old) == by_git(old)


def test_no_native_code_no_repository_and_an_empty_one(
    machine: Machine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert packs.portions(packs.opened(str(machine.repository(tmp_path / "empty"))), [], 3) == ([], [])
    folder = versions(machine, tmp_path / "some", 0, 3)
    machine.git(folder, "repack", "-adfq")
    assert packs.opened(objects(folder))
    for absent in (False, True):
        monkeypatch.setattr(packs, "apply_delta", None if absent else lambda base, delta: [])
        assert not packs.opened(objects(folder)) and by_packs(folder) == by_git(folder)


def test_what_packs_need_brings_nothing_that_connects() -> None:
    code = "import pypi_token_hooks.sources.history.packs, sys; print({'socket', 'ssl', 'http', 'urllib3', 'asyncio'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


@pytest.mark.parametrize("held", [0, 20_000, 60_000])
def test_what_would_take_too_much_memory_is_left_to_git(
    machine: Machine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    folder = versions(machine, tmp_path)
    machine.git(folder, "repack", "-adfq", "--depth=50")
    monkeypatch.setattr(packs, "_HELD", held)
    assert by_packs(folder) == by_git(folder)


@pytest.mark.parametrize("most", [10, 14_000, 40_000])
def test_big_objects_are_left_to_git_and_come_in_pieces(
    machine: Machine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    folder = versions(machine, tmp_path, 0, 5)
    machine.git(folder, "repack", "-adfq", "--depth=50")
    monkeypatch.setattr(packs, "MAX_WHOLE", most)
    monkeypatch.setattr(whole, "MAX_WHOLE", most)
    assert by_packs(folder) == by_git(folder)
    with inside(folder):
        portions, _ = packs.portions(packs.opened(objects(folder)), listing.everything(), 1)
        assert any(one.chunks is not None for part in portions for one in part.read())


@pytest.mark.parametrize("inflater", INFLATERS)
@pytest.mark.parametrize("seed", range(40))
def test_damage_is_told_by_git(
    machine: Machine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, seed: int, inflater: Callable[[], Any]
) -> None:
    monkeypatch.setattr(packs, "_inflater", inflater)
    folder = versions(machine, tmp_path, 0, 6)
    machine.git(folder, "repack", "-adfq", "--depth=50")
    (pack,) = (folder / ".git/objects/pack").glob("*.pack" if seed % 3 else "*.idx")
    pack.chmod(0o600)
    rng = random.Random(seed)
    data = bytearray(pack.read_bytes())
    for _ in range(rng.choice((1, 1, 3))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    pack.write_bytes(data[: rng.randrange(len(data))] if seed % 10 == 0 else data)
    try:
        expected = by_git(folder)
    except CheckFailed:  # git does not even list what is there
        with pytest.raises(CheckFailed):
            by_packs(folder)
    else:
        assert by_packs(folder) == expected


def number(value: int) -> bytes:
    """Returns the number as a delta writes it."""
    return bytes((value & 127 | 128, *number(value >> 7))) if value > 127 else bytes((value,))


class Forged:
    """A pack and its index, written by hand into a bare repository."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder, self.data, self.entries = folder, bytearray(b"PACK" + struct.pack(">II", 2, 0)), dict[str, int]()

    def add(self, name: str, kind: int, content: bytes, size: int | None = None, base: bytes = b"") -> str:
        """Adds an entry that says it has `size` bytes; its name is made of the one given."""
        oid = hashlib.sha1(name.encode()).hexdigest()
        self.entries[oid] = len(self.data)
        size = len(content) if size is None else size
        head, size = kind << 4 | size & 15, size >> 4
        self.data += bytes((head | 128, *number(size))) if size else bytes((head,))
        self.data += base + zlib.compress(content)
        return oid

    def behind(self, oid: str) -> bytes:
        """Returns how the next entry tells that the one of that name is its base."""
        back = len(self.data) - self.entries[oid]
        written = [back & 127]
        while back := back >> 7:
            back -= 1
            written.append(back & 127 | 128)
        return bytes(reversed(written))

    def sizes(self) -> list[listing.Entry]:
        return [listing.Entry(oid, 10) for oid in self.entries]

    def read(self) -> tuple[dict[str, bytes], list[str]]:
        """Returns what is read, and the names of those that are left to git."""
        path = self.folder / "objects/pack/pack-1"
        names = sorted(self.entries)
        firsts = [sum(int(name[:2], 16) <= first for name in names) for first in range(256)]
        index = b"\xfftOc" + struct.pack(">I256I", 2, *firsts) + b"".join(map(bytes.fromhex, names)) + bytes(4 * len(names))
        index += b"".join(struct.pack(">I", self.entries[name]) for name in names) + bytes(20)
        index += hashlib.sha1(index).digest()
        path.with_suffix(".idx").write_bytes(index)
        path.with_suffix(".pack").write_bytes(self.data + bytes(20))
        found, left = dict[str, bytes](), list[str]()
        stock = packs.stock(objects(self.folder))
        assert stock and not stock[1]
        others = [entry.oid for entry in packs.portions(*stock, 1, everything=True)[1]]
        portions, entries = packs.portions(packs.opened(objects(self.folder)), self.sizes(), 1)
        assert sorted(others) == sorted(entry.oid for entry in entries)
        for pack, roots in portions:
            for root in roots:
                found |= {one.oid: one.data for one in pack.contents(root, left)}
        return found, left + others


@pytest.fixture
def forged(machine: Machine, tmp_path: pathlib.Path) -> Forged:
    return Forged(machine.repository(tmp_path / "bare", "--bare"))


def test_a_forged_pack_is_read_as_it_is_meant(forged: Forged) -> None:
    base = forged.add("a", BLOB, b"abcdefgh" * 99)
    delta = b"".join(create_delta(b"abcdefgh" * 99, b"abcdefgh" * 50 + b"new"))
    by_offset = forged.add("b", BY_OFFSET, delta, base=forged.behind(base))
    by_name = forged.add("c", BY_NAME, delta, base=bytes.fromhex(base))
    found, left = forged.read()
    assert found == {base: b"abcdefgh" * 99, **dict.fromkeys((by_offset, by_name), b"abcdefgh" * 50 + b"new")} and not left


def test_bases_that_are_not_there_or_go_round_are_left_to_git(forged: Forged) -> None:
    fine = forged.add("fine", BLOB, b"fine")
    names = {name: hashlib.sha1(name.encode()).digest() for name in "abcd"}
    delta = number(4) + number(4) + b"\x90\x04"
    odd = [forged.add(one, BY_NAME, delta, base=names[other]) for one, other in ("ab", "ba", "cc")]
    odd.append(forged.add("lacking", BY_NAME, delta, base=b"?" * 20))
    odd.append(forged.add("before", BY_OFFSET, delta, base=b"\x7f"))
    odd.append(forged.add("kind", 5, b"what is this?"))
    found, left = forged.read()
    assert found == {fine: b"fine"} and sorted(left) == sorted(odd)


@pytest.mark.parametrize("inflater", INFLATERS)
def test_sizes_that_lie_take_no_memory(forged: Forged, monkeypatch: pytest.MonkeyPatch, inflater: Callable[[], Any]) -> None:
    monkeypatch.setattr(packs, "_inflater", inflater)
    fine = forged.add("fine", BLOB, b"fine")
    bomb = bytes(300 << 20)
    odd = [
        forged.add("more", BLOB, bomb, size=100),
        forged.add("less", BLOB, b"x", size=1 << 23),
        forged.add("huge", BLOB, b"x", size=1 << 60),
        forged.add("delta", BY_OFFSET, number(4) + number(1 << 60) + b"\x90\x04", base=forged.behind(fine)),
        forged.add("short", BY_OFFSET, number(4) + number(9) + b"\x90\x04", base=forged.behind(fine)),
        forged.add("beyond", BY_OFFSET, number(4) + number(9) + b"\x91\x02\x09", base=forged.behind(fine)),
        forged.add("other", BY_OFFSET, number(5) + number(4) + b"\x90\x04", base=forged.behind(fine)),
        forged.add("nothing", BY_OFFSET, b"", base=forged.behind(fine)),
        forged.add("reserved", BY_OFFSET, number(4) + number(4) + b"\0", base=forged.behind(fine)),
        forged.add("much", BY_OFFSET, number(4) + number(8 << 20) + b"\x90\x04" * (10 << 20), base=forged.behind(fine)),
    ]
    del bomb
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    found, left = forged.read()
    assert found == {fine: b"fine"} and sorted(left) == sorted(odd)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 << 10
    assert time.perf_counter() - start < 10


def test_a_chain_of_thousands_is_read(forged: Forged) -> None:
    text = b"0123456789" * 50
    last = forged.add("0", BLOB, text)
    for step in range(1, 3000):
        delta = number(len(text)) + number(len(text)) + b"\x04%04d\xb1\x04%b" % (step, struct.pack("<H", len(text) - 4))
        text = b"%04d" % step + text[4:]
        last = forged.add(str(step), BY_OFFSET, delta, base=forged.behind(last))
    found, left = forged.read()
    assert len(found) == 3000 and not left and found[last] == text


OPERATIONS = st.lists(
    st.one_of(st.binary(min_size=1, max_size=127), st.tuples(st.integers(0, 290), st.integers(1, 300))), max_size=30
)


def applied(base: bytes, operations: list[bytes | tuple[int, int]]) -> tuple[bytes, bytes]:
    """Returns the delta of the operations, new bytes and parts of the base, and what it makes."""
    delta, made = b"", b""
    for one in operations:
        part = one if isinstance(one, bytes) else base[one[0] : one[0] + one[1]]
        made += part
        if isinstance(one, bytes):
            delta += bytes((len(one),)) + one
        elif part:
            delta += b"\xb3" + struct.pack("<HH", one[0], len(part))
    return number(len(base)) + number(len(made)) + delta, made


@pytest.mark.parametrize(("near", "long"), [(0, packs._LONG), (7, packs._LONG), (60, packs._LONG), (60, 90), (7, 0)])
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=OPERATIONS)
def test_changes_are_told_where_they_are(
    operations: list[bytes | tuple[int, int]], near: int, long: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs, "_NEAR", near)
    monkeypatch.setattr(packs, "_LONG", long)
    base = bytes(range(256)) + b"what is copied and what is new"
    delta, made = applied(base, operations)
    spans = list(packs._changed(delta))
    ends = [0, *(at for span in spans for at in span), len(made)]
    assert ends == sorted(ends)
    for start, end in zip(ends[::2], ends[1::2], strict=True):
        assert made[start:end] in base
    assert base.startswith(made[: ends[1]]) and base.endswith(made[ends[-2] :])
    assert spans or made == base
    assert all(other[0] - one[1] > near for one, other in itertools.pairwise(spans))
    new = sum(len(one) for one in operations if isinstance(one, bytes))
    told = sum(end - start for start, end in spans)
    assert new <= told <= new + (near and len(made))
