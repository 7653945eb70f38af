"""Traces: where a rule for settings finds something, in whatever reading, its traces stand in the bytes."""
from __future__ import annotations

import functools
import html
import json
import quopri
import random
import re
import shlex
import urllib.parse
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence

import pytest
import yaml

from pypi_token_hooks import anchors
from pypi_token_hooks import engine
from pypi_token_hooks import examination
from pypi_token_hooks import literals
from pypi_token_hooks import places
from pypi_token_hooks import suspects
from pypi_token_hooks.detectors import index_credential
from pypi_token_hooks.detectors import pypirc_password
from pypi_token_hooks.model import Match
from pypi_token_hooks.traces import Trace
from tests import credential_corpus as corpus
from tests import credential_media as media
from tests import matching
from tests import test_pypirc_password
from tests.scanning import found

PASSWORD = corpus.password(31)


def _of_media() -> Iterator[tuple[str, str]]:
    for medium, form in media.MEDIA.items():
        values = {f"{sort} as": value for sort, value in media.PASSWORDS.items()}
        values |= {trap: trap.replace(corpus.MARK, PASSWORD) for trap in media.TRAPS}
        yield from ((f"{medium}: {sort}", form.of("TWINE_PASSWORD", value)) for sort, value in values.items() if form.holds(value))
        for name in media.named(places.SECRET):
            yield f"{medium}: {name}", form.of(name, PASSWORD)
        url = f"https://bob:{PASSWORD}@nexus.corp.io/repository/all/"
        for name in media.named(places.URL) if form.holds(url) else ():
            yield f"{medium}: {name}", form.of(name, url)


def _of_places() -> Iterator[tuple[str, str]]:
    """Yields each variable of the table in each case, and each option in a line and in lists."""
    for name in media.named(places.SECRET):
        kebab, camel = name.replace("_", "-"), name.title().replace("_", "")
        for one in (name, name.lower(), kebab, kebab.lower(), camel, camel[0].lower() + camel[1:], f"{name}_OLD", f"{name}2"):
            yield f"place: {one}", f'{one} = "{PASSWORD}"\n'
    for flag in (flag for tool in places.TOOLS for flag in tool.flags if flag.kind == places.SECRET):
        for option in flag.options:
            given = ["bob", PASSWORD] if option.startswith("http-basic") else [PASSWORD]
            words = [*flag.command, option.replace("*", "corp"), *given]
            lists = (json.dumps(words), str(words), json.dumps(words, indent=1), "".join(f"- {word}\n" for word in words))
            for number, text in enumerate((" ".join(words) + "\n", *lists)):
                yield f"place: {' '.join(flag.command)} {option} {number}", text


def _samples() -> Iterator[tuple[str, str]]:
    for name, text in corpus.LEAKS.items():
        yield f"leak: {name}", text.replace(corpus.MARK, PASSWORD)
    for name, text in test_pypirc_password.LEAKS.items():
        for sort, value in test_pypirc_password.SECRETS.items():
            yield f"pypirc: {name}: {sort}", text.replace(test_pypirc_password.WORD, value)
    yield from _of_media()
    yield from _of_places()


SAMPLES = dict(_samples())


def _each_sign(escape: str) -> Callable[[str], str]:
    """Returns a function that escapes every sign of a text."""
    return lambda text: "".join(c if c.isalnum() or c in "\n " else escape % ord(c) for c in text)


# the ways to write a text that leave its words to be seen
WAYS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "Windows": lambda text: text.replace("\n", "\r\n"),
    "JSON": lambda text: json.dumps({"x": text}),
    "JSON in JSON": lambda text: json.dumps({"x": json.dumps({"y": text})}),
    "JSON in JSON in JSON": lambda text: json.dumps(json.dumps({"x": json.dumps({"y": text})})),
    "JSON in JSON in a string": lambda text: repr(json.dumps({"x": json.dumps({"y": text})})),
    "JSON, with tabs": lambda text: json.dumps(text.replace(" ", "\t")),
    "notebook": lambda text: json.dumps({"source": text.splitlines(keepends=True)}, indent=1),
    "Python": repr,
    "HTML": html.escape,
    "HTML, highlighted": lambda text: re.sub(
        r"([ \t]+)|([^ \t\n]+)", lambda found: f'<span class="{"w" if found[1] else "nv"}">{html.escape(found[0])}</span>', text
    ),
    "HTML, every sign": _each_sign("&#%d;"),
    "HTML, every sign, hexadecimal": _each_sign("&#x%x;"),
    "JSON in JSON in HTML": lambda text: html.escape(json.dumps(json.dumps(text))),
    "HTML, every sign, in HTML": lambda text: html.escape(_each_sign("&#%d;")(text)),
    "URL": urllib.parse.quote,
    "form": lambda text: urllib.parse.urlencode({"a": text}),
    "URL in a URL": lambda text: urllib.parse.quote(urllib.parse.quote(text)),
    "URL of a script": lambda text: urllib.parse.quote(text, safe="@*_+-./"),
    "JSON in a page": lambda text: json.dumps({"x": text}).replace("/", "\\u002F").replace("<", "\\u003C"),
    "template of a script": lambda text: "".join(f"\\u{ord(c):04X}" if c in "\\'\"<>&=-;`\n" else c for c in text),
    "\\u, every sign": _each_sign("\\u%04x"),
    "\\x, every sign": _each_sign("\\x%02x"),
    "\\u, every sign, in JSON": lambda text: json.dumps(_each_sign("\\u%04x")(text)),
    "\\x, every sign, in JSON in JSON": lambda text: json.dumps(json.dumps(_each_sign("\\x%02x")(text))),
    "CSV": lambda text: '1,"' + text.replace('"', '""') + '",x\n',
    "SQL": lambda text: "INSERT INTO t VALUES (1, '" + text.replace("'", "''") + "');\n",
    "JSON of PHP in SQL": lambda text: "(1, '" + json.dumps(text).replace("/", "\\/").replace("\\", "\\\\") + "');\n",
    "JSON of PHP in itself": lambda text: json.dumps(json.dumps(text).replace("/", "\\/")).replace("/", "\\/"),
    "shell": lambda text: "X=" + shlex.quote(text) + "\n",
    "C": lambda text: "".join(json.dumps(line) + "\n" for line in text.splitlines(keepends=True)),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()).decode("ascii"),
    "quoted-printable, every sign": _each_sign("=%02X"),
    "patch": lambda text: "--- a\n+++ b\n@@ -0,0 +1,9 @@\n" + "".join(f"+{line}" for line in text.splitlines(keepends=True)),
    "mail": lambda text: "".join(f"> {line}" for line in text.splitlines(keepends=True)),
    "comment": lambda text: "".join(f"# {line}" for line in text.splitlines(keepends=True)),
    "log": lambda text: "".join(f"2026-01-02T03:04:05.6Z {line}" for line in text.splitlines(keepends=True)),
    "terminal": lambda text: re.sub(r"(?m)^(\s*)(\S+)", "\\1\x1b[1;32m\\2\x1b[0m", text),
    "properties of Java": lambda text: "a=\\\n" + re.sub(r"[\\:=#!]", r"\\\g<0>", text).replace("\n", "\\n") + "\n",
    "string of YAML": lambda text: yaml.safe_dump({"x": {"y": text}}, default_style='"'),
    "wrapped": lambda text: "\n".join(text[at : at + 60] for at in range(0, len(text), 60)),
}
WAYS |= {
    "terminal, in JSON": lambda text: json.dumps(WAYS["terminal"](text)),
    "terminal, in XML": lambda text: html.escape(WAYS["terminal"](text)).replace("\x1b", "&#27;"),
    "terminal, in a string": lambda text: repr(WAYS["terminal"](text)),
    "terminal, quoted-printable": lambda text: quopri.encodestring(WAYS["terminal"](text).encode()).decode("ascii"),
}
ONE_OF = 9  # samples are read in all the ways that are not their own


def _are_there(traces: Sequence[Trace], data: bytes) -> bool:
    return any(all(re.search(pattern, data, re.DOTALL) for pattern in trace.patterns) for trace in traces)


@pytest.mark.parametrize(
    ("find", "traces"),
    [(index_credential.find, index_credential.TRACES), (pypirc_password.find, pypirc_password.TRACES)],
    ids=["index-credential", "pypirc-password"],
)
def test_what_a_rule_finds_has_left_its_traces(find: Callable[[bytes], Iterator[Match]], traces: Sequence[Trace]) -> None:
    leaks = {name: text.encode() for name, text in SAMPLES.items() if any(True for _ in find(text.encode()))}
    assert len(leaks) > 80
    # of a URL with a user in it `anchors` itself tells
    assert not [name for name, data in leaks.items() if not _are_there(traces, data) and not anchors.worth_reading(_urls_of(data))]


@pytest.mark.parametrize("at", range(len("TWINE"), len("TWINE_PASSWORD")))
def test_a_name_that_a_line_of_quoted_printable_divides_has_left_its_traces(at: int) -> None:
    name = "TWINE_PASSWORD"
    data = f'<env value=3D"{PASSWORD}" name=3D"{name[:at]}=\n{name[at:]}"/>\n'.encode()
    assert found(data)
    assert _are_there(index_credential.TRACES, data)


def _urls_of(data: bytes) -> bytes:
    """Returns the URLs alone, without the words around them."""
    return b"\n".join(re.findall(rb"[a-z+]+://(?:\{\{[^{}\n]*\}\}|\$\([^()\n]*\)|\S)*@\S*", data))


# in those two, what belongs together may be divided or far apart
@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("wrapped", "HTML, highlighted")])
def test_what_is_found_in_a_file_of_another_format_was_worth_reading(way: str) -> None:
    texts = (WAYS[way](text).encode() for text in SAMPLES.values())
    assert not [text for text in texts if not anchors.worth_reading(text) and found(text)]


# those in which a value is surely one
FORMATS = (
    "Windows", "JSON", "JSON in JSON", "notebook", "HTML", "HTML, highlighted", "HTML, every sign", "URL", "form", "URL in a URL",
    "URL of a script", "JSON in a page", "template of a script", "\\u, every sign", "\\x, every sign", "CSV", "SQL", "shell", "C", "mail",
    "comment", "log", "properties of Java", "string of YAML",
)


# but for the one in which `\\u000A` ends each line, which no value on its own ends with
@pytest.mark.parametrize("way", [way for way in FORMATS if way != "template of a script"])
def test_what_only_looks_like_a_leak_is_none_in_a_file_of_another_format(way: str) -> None:
    """But for a few: what belongs together in them, only lines without quotes tell."""
    assert len([text for text in corpus.LOOKALIKES.values() if found(WAYS[way](text).encode())]) < len(corpus.LOOKALIKES) / 40


@functools.cache
def _leaks() -> list[str]:
    """Returns samples in which something is found as they are."""
    return [text for text in [*SAMPLES.values()][::ONE_OF] if found(text.encode())]


@functools.cache
def _ask(versions: bool) -> engine.Questions:
    """Returns the questions by words, or by traces, which take long to be compiled."""
    return examination.settings((), None, file_names=False, versions=versions).ask


@pytest.mark.parametrize("way", FORMATS)
def test_what_is_found_in_a_text_is_found_in_a_file_of_another_format(way: str) -> None:
    """But for a few, whose quotes or signs mean something else there."""
    leaks = _leaks()
    assert len(leaks) > 1000
    assert len([text for text in leaks if not found(WAYS[way](text).encode())]) < len(leaks) / 70


def test_a_url_with_a_password_is_worth_reading_percent_encoded() -> None:
    urls = [text for text in SAMPLES.values() if _urls_of(text.encode())]
    assert len(urls) > 100
    assert not [text for text in map(urllib.parse.quote, urls) if not anchors.worth_reading(text.encode()) and found(text.encode())]


@pytest.mark.skipif(not literals.hyperscan(), reason="nothing else looks for traces")
@pytest.mark.parametrize("way", WAYS)
def test_what_is_found_in_another_reading_has_left_them_too(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pypi_token_hooks.engine.ENOUGH", -1)
    ask = _ask(versions=True)
    missed = []
    for number, (name, text) in enumerate(SAMPLES.items()):
        if number % ONE_OF and not name.startswith(("leak", "pypirc")):
            continue
        data = WAYS[way](text).encode()
        if ask.worth_reading(data) or not anchors.worth_reading(data):
            continue
        if any(finding.rule != "own-credential" for finding in found(data)):  # which has no traces of its own
            missed.append(name)
    assert not missed


@pytest.mark.skipif(not literals.hyperscan(), reason="nothing else looks for traces")
@pytest.mark.parametrize("way", WAYS)
def test_far_inside_of_a_file_their_surroundings_hold_what_words_lead_to(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pypi_token_hooks.engine.ENOUGH", -1)
    by_words, by_traces = _ask(versions=False), _ask(versions=True)
    code = b"for line in lines:\n    print(line, end='')\n" * 320  # more than is read around a match
    missed, count = [], 0
    for number, (name, text) in enumerate(SAMPLES.items()):
        if number % (3 * ONE_OF) and (way != "as it is" or not name.startswith(("leak", "pypirc"))):
            continue
        data = code + b"\n" + WAYS[way](text).encode() + b"\n" + code
        expected = [one for one in found(data, by_words) if one.rule != "own-credential"]  # which has no traces of its own
        count += bool(expected)
        if not {*expected} <= {*found(data, by_traces)}:
            missed.append(name)
    assert not missed
    assert count > 50


def test_an_ordinary_translation_has_none() -> None:
    text = b"""
#: templates/password.html:12
msgid "Expired token: request a new password for your PyPI account, or upload with twine"
msgstr "Abgelaufenes Token: ein neues Passwort bei PyPI anfordern, oder mit twine hochladen"

msgid "If you did not ask for this, follow these steps to reset your password:"
msgstr ""
"""
    assert not _are_there(examination.TRACES, text * 20)


def _patterns() -> list[bytes]:
    """Returns all that is looked for in one pass besides literals."""
    in_sample = [pattern for patterns in suspects._IN_SAMPLE for pattern in patterns]
    own = (engine._URL, suspects._UNBROKEN, suspects._CORE_IN_NUMBERS, suspects.DUMPED, *suspects._ESCAPES, *in_sample)
    return list(dict.fromkeys([*(pattern for trace in examination.TRACES for pattern in trace.patterns), *own]))


FILLING = (b"z", b" ", b"\n", b"\0", b"=", b"\\", b"ab ")


@pytest.mark.skipif(not literals.hyperscan(), reason="nothing else looks for patterns")
@pytest.mark.parametrize("pattern", _patterns(), ids=range(len(_patterns())))
def test_the_library_finds_what_matches(pattern: bytes) -> None:
    scan, rng = literals.scanner((pattern,)), random.Random(pattern)
    for _ in range(200):
        before, after = (rng.choice(FILLING) * rng.randrange(140) for _ in range(2))
        match = matching.matched(pattern, rng)
        assert scan(before + match + after), match


@pytest.mark.parametrize("pattern", [rb"\d{3}[a-f]+x?", rb"(?i)pypi(?:_|-)\S*end", rb"[^a-z]{2,}(?:q|$)", rb".\s*[^\n]"])
def test_what_is_made_to_match_matches(pattern: bytes) -> None:
    rng = random.Random(7)
    assert all(re.search(pattern, b"??" + matching.matched(pattern, rng) + b"??", re.DOTALL) for _ in range(200))
