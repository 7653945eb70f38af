"""What is remembered of texts hides nothing: each leak is seen among lines that are all known, and in every version."""
from __future__ import annotations

import random
from collections.abc import Callable
from collections.abc import Iterator

import pytest
from bench import leaks

from pypi_token_hooks import examination
from pypi_token_hooks import model
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Place
from pypi_token_hooks.sources.history import novelty
from tests import credential_corpus as corpus
from tests import credential_media as media
from tests import hiding
from tests import mint

KNOWN = examination.settings((), None, False)
PASSWORD = corpus.password(21)
PYPIRCS = {
    "pypirc": f"[distutils]\nindex-servers =\n    pypi\n    mine\n\n[mine]\nrepository = https://x.org\n\npassword = {PASSWORD}\n",
    "far": "[pypi]\n" + "# what this is for\n" * 180 + f"password = {PASSWORD}\n",
    "listed far": "[distutils]\nindex-servers = mine\n" + "# so it is\n" * 900 + f"[mine]\npassword: {PASSWORD}\n",
    "on the next line": f"[pypi]\npassword =\n    {PASSWORD}\n",
    "script": f"cat > ~/.pypirc <<EOF\n[pypi]\nusername = ada\npassword = {PASSWORD}\nEOF\n",
}


def _samples() -> Iterator[tuple[str, bytes]]:
    for name, text in corpus.LEAKS.items():
        yield f"leak: {name}", text.replace(corpus.MARK, PASSWORD).encode()
    for name, form in media.MEDIA.items():
        yield f"medium: {name}", form.of("TWINE_PASSWORD", PASSWORD).encode()
    for sample in leaks.leaks():
        yield f"bench: {sample.name}", sample.content
    for way in hiding.ALL:
        yield f"hidden: {way.name}", b"first line\n" + way.hide(mint.token(seed=77).encode())[0] + b"\nlast line\n"
    for name, text in PYPIRCS.items():
        yield f"pypirc: {name}", text.encode()


SAMPLES = dict(_samples())


def look(data: bytes) -> bool:
    report = model.empty_report()
    examination.examine(Blob(data, Place("x")), KNOWN, report)
    return bool(report.findings)


def whole(data: bytes) -> bool:
    """Tells what reading all of the data tells."""
    return KNOWN.ask.worth_reading(data) and look(data)


def fresh() -> novelty.Novelty:
    return novelty.Novelty(KNOWN.ask.worth_reading, look)


def versions(data: bytes, rng: random.Random) -> Iterator[bytes]:
    """Yields what the data may have been before: without one of its lines, line by line, with changes, in another order."""
    lines = data.split(b"\n")
    for number in range(min(len(lines), 12)):
        yield b"\n".join(lines[:number] + lines[number + 1 :])
        yield b"x = 1\n\n" + lines[number] + b"\n\ny = 2\n"
    for number in range(1, min(len(lines), 12)):
        yield b"\n".join(lines[:number])
        yield b"\n".join(lines[number:])
        yield b"\n".join([*lines[:number], b"what = 7  # between", *lines[number:]])
        yield b"\n".join([*lines[:number], *[b"# far apart"] * 40, *lines[number:]])
    for _ in range(6):
        at = rng.randrange(len(data) + 1)
        yield data[:at] + data[at + rng.randrange(1, 9) :]
        yield data[:at] + rng.randbytes(2).hex().encode() + data[at:]
    mixed = lines[:]
    rng.shuffle(mixed)
    yield b"\n".join(mixed)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_version_is_judged_as_if_it_were_read_whole(name: str) -> None:
    rng = random.Random(name)
    data = SAMPLES[name]
    made = [*versions(data, rng), data, data + b"\n# the end\n", b"# first\n" + data]
    known = fresh()
    for number, version in enumerate(made):
        assert known.holds(version) == whole(version), (number, version)
    assert known.holds(data) is True


@pytest.mark.parametrize("name", SAMPLES)
def test_a_leak_is_seen_when_each_of_its_lines_was_there_before(name: str) -> None:
    data = SAMPLES[name]
    known = fresh()
    for line in data.split(b"\n"):
        known.holds(b"\n" * 9 + line + b"\n" * 9)
    assert known.holds(data) is True
    assert known.holds(b"#!\n" + data) is True


def test_what_is_forgotten_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(novelty, "MOST", 3)
    known = fresh()
    for number in range(20):
        assert known.holds(f"line {number}\n\nother {number}\n".encode()) is False
        assert known.holds(SAMPLES["leak: export"] + str(number).encode()) is True


@pytest.mark.parametrize("line", ["QUJD0123456789abcdefghijklmnopqrstuvwxyzQUJDREVGQUJDREVG%04d", "%04x", '"%04x",'])
def test_a_long_run_of_lines_is_followed_once(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def counted(is_one: Callable[[bytes], bool]) -> Callable[[bytes], bool]:
        def ask(text: bytes) -> bool:
            asked.append(text)
            return is_one(text)

        return ask

    for name in ("_holds_run", "_is_digits"):
        monkeypatch.setattr(novelty, name, counted(getattr(novelty, name)))
    text = "".join(line % number + "\n" for number in range(3000)).encode()
    known = novelty.Novelty(lambda data: False, lambda data: False)
    assert known.holds(b"# first\n\n" + text) is known.holds(b"# second\n\n" + text) is False
    assert 6000 <= len(asked) < 6100


@pytest.mark.parametrize("line", ["distutils\n", "[pypi]\n", "index-servers\n", "twine\n", "x://\n"])
def test_a_text_about_itself_all_over_is_looked_at_once(line: str) -> None:
    looked = []

    def look_at(data: bytes) -> bool:
        looked.append(len(data))
        return False

    known = novelty.Novelty(lambda data: False, look_at)
    text = line.encode() * 20_000
    assert known.holds(text) is False
    assert sum(looked) <= 2 * len(text)


def test_lines_that_are_known_are_not_looked_at_again() -> None:
    asked = []

    def worth(data: bytes | memoryview) -> bool:
        asked.append(len(data))
        return False

    known = novelty.Novelty(worth, look)
    text = b"".join(b"line %d of many\n\n" % number for number in range(1000))
    for number in range(50):
        known.holds(text.replace(b"line %d of" % number, b"line %d and" % number))
    assert sum(asked) < 2 * len(text)
