"""The anchors: whatever is found in any reading, the bytes were worth reading; what people write without a secret is not."""
from __future__ import annotations

import base64
import gzip
import json
import random
import re
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from pypi_token_hooks import anchors
from pypi_token_hooks import engine
from pypi_token_hooks.model import Secret
from tests import credential_corpus as corpus
from tests import hiding
from tests import mint
from tests.hidden import ENCODINGS
from tests.hidden import GLUE
from tests.hidden import HIDDEN
from tests.hidden import TOKENS
from tests.hidden import hide
from tests.scanning import OWN_ANCHORS
from tests.scanning import found


@settings(max_examples=400, deadline=None)
@given(hidden=HIDDEN, before=GLUE, after=GLUE)
def test_what_is_found_was_worth_reading(hidden: tuple[str, tuple[str, ...]], before: bytes, after: bytes) -> None:
    data = before + hide(hidden) + after
    if found(data):
        assert anchors.worth_reading(data, OWN_ANCHORS)


@pytest.mark.parametrize("name", corpus.LEAKS)
def test_every_leak_of_the_corpus_is_worth_reading(name: str) -> None:
    assert anchors.worth_reading(corpus.LEAKS[name].replace(corpus.MARK, corpus.password(22)).encode())


@pytest.mark.parametrize("way", hiding.ALL, ids=[way.name for way in hiding.ALL])
def test_every_token_is_worth_reading_in_every_reading(way: hiding.Hiding) -> None:
    for token in [*TOKENS.values()][:-1]:  # devpi's, which is shorter than PyPI's, may escape the sample in the rarer ways
        held, _ = way.hide(token)
        for before, after in ((b"", b""), (b"x = ", b"\n"), (random.Random(1).randbytes(999), b"\0\xff")):
            assert anchors.worth_reading(before + held + after)


HYPHENS = (
    b"-", b"%2D", b"%2d", b"\\x2d", b"\\u002d", b"\\u{2d}", b"\\U0000002d", b"\\055", b"&#45;", b"&#x2d;", b"&#0000045;", b"=2D",
)


@pytest.mark.parametrize("hyphen", HYPHENS)
@pytest.mark.parametrize("glue", [b"", b"x" * 40, b"QUJD" * 30])
def test_a_token_is_worth_reading_whatever_it_is_glued_to_and_however_its_prefix_is_written(hyphen: bytes, glue: bytes) -> None:
    for host in ("pypi.org", "test.pypi.org", "upload.pypi.org", "packages.example.org"):
        token = mint.token(host, seed=5).encode()
        data = glue + token.replace(b"-", hyphen, 1) + glue
        assert found(data) and anchors.worth_reading(data)
        bare = glue + token.removeprefix(b"pypi-") + glue
        assert anchors.worth_reading(bare) or not found(bare)


@pytest.mark.parametrize("first", range(3))
def test_pypi_in_base64_is_worth_reading_wherever_text_goes_on(first: int) -> None:
    for text in (b"[pypi]\nusername = x", b"__token__:pypi-AgEI", b"https://pypi.org/", b"pypi\r\n", b"is pypi"):
        assert anchors.worth_reading(b"data = " + base64.b64encode(b"{}:"[:first] + text) + b"\n")


@pytest.mark.parametrize("first", range(3))
@pytest.mark.parametrize("setting", [b"TWINE_PASSWORD=%b\n", b"[distutils]\nindex-servers = c\n[c]\npassword = %b\n"])
def test_a_password_in_base64_is_worth_reading_however_short_it_is(setting: bytes, first: int) -> None:
    held = base64.b64encode(b"\n" * first + setting % corpus.password(4).encode())
    data = b"kind: Secret\ndata:\n  file: " + held + b"\n"
    assert found(data) and anchors.worth_reading(data)


@pytest.mark.parametrize(
    "quoted", ["https%%3A%%2F%%2Fada%%3A%s%%40corp.io%%2Fsimple", "https%%3a%%2f%%2fada%%3a%s%%40corp.io%%2fsimple%%2f"]
)
def test_an_index_in_a_query_is_worth_reading(quoted: str) -> None:
    data = ("see /login?next=" + quoted % corpus.password(5) + "\n").encode()
    assert found(data) and anchors.worth_reading(data)


def test_a_core_in_hashes_is_not_worth_reading() -> None:
    rng = random.Random(3)
    for core in anchors.CORES:
        worth = 0
        for _ in range(300):
            digest = base64.b64encode(rng.randbytes(64))
            at = rng.randrange(16, 60)
            data = b'"integrity": "sha512-' + digest[:at] + core + digest[at + len(core) :] + b'",\n'
            assert core in data and not found(data)
            worth += anchors.worth_reading(data)
        assert worth < 60


def test_a_core_in_certificates_is_not_worth_reading() -> None:
    """The core is the number of one byte in DER, which is everywhere in them, often where a line ends."""
    rng = random.Random(4)
    for end in (b"\n", b"\r\n", b"\n    "):
        for at in (*range(1, 65), *range(640, 700)):
            text = base64.b64encode(rng.randbytes(960))
            text = text[:at] + anchors.CORES[0] + text[at + 3 :]
            lines = [text[first : first + 64] for first in range(0, len(text), 64)]
            data = b"-----BEGIN CERTIFICATE-----" + end + end.join(lines) + end + b"-----END CERTIFICATE-----\n"
            assert not found(data) and not anchors.worth_reading(data)


def test_a_core_in_a_source_map_is_not_worth_reading() -> None:
    rng = random.Random(5)
    for at in range(1, 12):
        numbers = [base64.b64encode(rng.randbytes(6))[: rng.randint(4, 5)] for _ in range(40)]
        text = b"".join([number + rng.choice((b",", b";")) for number in numbers])
        data = b'{"version":3,"mappings":"' + text[: 60 + at] + anchors.CORES[0] + text[60 + at :] + b'"}'
        assert not found(data) and not anchors.worth_reading(data)


@pytest.mark.parametrize("text", ["prefix %s\nbody %s\n", "the token has %s\n\nbefore all of this\n%s\n", "x%s\nbody %s\n"])
def test_a_prefix_apart_from_its_token_is_worth_reading_between_words(text: str) -> None:
    for prefix in ("pypi-", "devpi-"):
        data = (text % (prefix, mint.token("packages.example.org", seed=7).partition("-")[2])).encode()
        assert found(data) and anchors.worth_reading(data)


@pytest.mark.parametrize("prefix", ["pypi-", "devpi-"])
def test_a_token_of_a_host_with_a_long_name_is_worth_reading(prefix: str) -> None:
    """The length of the name changes a token's third character."""
    for size in (63, 64, 128, 253):
        data = f"token = {mint.token('h' * size, [], prefix, seed=8)}\n".encode()
        assert found(data) and anchors.worth_reading(data)


@pytest.mark.parametrize("width", range(5, 12))
def test_a_token_in_numbered_lines_is_worth_reading(width: int) -> None:
    for token in TOKENS.values():
        lines = [b"%6d\t%b" % (at // width + 3, token[at : at + width]) for at in range(0, len(token), width)]
        data = b"     1\thello\n     2\tworld\n" + b"\n".join(lines) + b"\n"
        assert anchors.worth_reading(data) or not found(data)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n      ", b"\\\n" + b" " * 70], ids=["lf", "crlf", "indented", "far"])
@pytest.mark.parametrize("glue", [b"", b"QUJD" * 30], ids=["alone", "glued"])
def test_a_wrapped_token_is_worth_reading_wherever_a_line_ends(end: bytes, glue: bytes) -> None:
    for host in ("pypi.org", "packages.example.org"):
        for width in (*range(5, 24), 64, 76):
            token = glue + mint.token(host, seed=6).encode()
            data = b"\n# a token\n" + end.join([token[at : at + width] for at in range(0, len(token), width)]) + b"\n"
            assert found(data) and anchors.worth_reading(data), width


@pytest.mark.parametrize("between", [b"\n", b"/", b"-"])
@pytest.mark.parametrize("many", [1, 50, 400])
@pytest.mark.parametrize("first", [b"", b"new york\n"])
def test_what_is_encoded_twice_is_worth_reading_among_words(between: bytes, many: int, first: bytes) -> None:
    rng = random.Random(7)
    words = [bytes(rng.choices(b"etaoinshrdlucmfwyp", k=rng.randint(3, 9))) for _ in range(2 * many)]
    token = TOKENS["user@pypi.org"]
    for inner in (base64.b64encode(token), token.hex().encode(), gzip.compress(token)):
        held = base64.b64encode(inner)
        data = first + between.join([*words[:many], held, *words[many:]])
        assert found(data) and anchors.worth_reading(data)


@pytest.mark.parametrize("way", hiding.ALL, ids=[way.name for way in hiding.ALL])
def test_the_places_hold_the_token(way: hiding.Hiding) -> None:
    before, after = b"import os\n" * 9000, b"\nprint(1)\n" * 9000
    held, at = way.hide(TOKENS["user@pypi.org"])
    spans = list(anchors.places(before + held + after))
    first, last = len(before) + min(at), len(before) + max(at)
    assert any(start <= first and last <= end for start, end in spans)


NUMBERS = (bytes(range(1, 32)) * 9, b"\x01\x02" * 99, b"\x03\0" * 99, b"\x07\0\0\0" * 50, b"\x01\0\x02\0" * 60)
SPREAD = [way for way in hiding.ALL if way.reading.startswith("utf-") or way.reading == "invisible"]


@pytest.mark.parametrize("way", SPREAD, ids=[way.name for way in SPREAD])
@pytest.mark.parametrize("numbers", NUMBERS)
def test_wide_and_spread_text_is_worth_reading_among_small_numbers(way: hiding.Hiding, numbers: bytes) -> None:
    """As programs and databases hold it."""
    for name, token in [*TOKENS.items()][::9]:
        for odd in range(0, 2 * anchors.STRIDE, 3):
            assert anchors.worth_reading(numbers + b"\xff" * odd + way.hide(token)[0] + numbers), name


ESCAPES_OF_MARKS: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-32": lambda text: text.encode("utf-32-be"),
    "json": lambda text: json.dumps(text).encode(),
    "html": lambda text: text.encode("ascii", "xmlcharrefreplace"),
}


@pytest.mark.parametrize("written", ESCAPES_OF_MARKS)
@pytest.mark.parametrize("share", [0.03, 0.3, 0.6, 1])
def test_a_token_is_worth_reading_wherever_invisible_characters_divide_it(written: str, share: float) -> None:
    """They need not stand behind each letter, and may be of several kinds."""
    marks = "\u200b\u200c\u2060\ufeff"
    for seed in range(40):
        rng = random.Random(seed)
        token = mint.token(mint.HOSTS[seed % len(mint.HOSTS)], seed=seed)
        divided = "".join(letter + (rng.choice(marks) if rng.random() < share else "") for letter in token)
        data = ESCAPES_OF_MARKS[written](f"token: {divided}\n")
        assert anchors.worth_reading(data) and found(data), seed
        assert anchors.worth_reading(b"x = 1\n" * 20000 + data) or written.startswith("utf-"), seed


JOINTS = (b"\n    ", b"\r\n\t\t", b"\n# ", b"\n> ", b'"\n      "', b"',\n        '", b'" +\n    "', b"\\\n  ", b" ")


@pytest.mark.parametrize("joint", [*JOINTS[:-1], b"', '", b'"\n    b"', b'" . "'])
@pytest.mark.parametrize("width", range(1, 7))
def test_a_token_in_pieces_that_are_shorter_than_its_core_and_its_host_is_worth_reading(width: int, joint: bytes) -> None:
    code = b"def release(self, *, dry_run: bool = False) -> None:\n" * 400
    for seed, host in enumerate(mint.HOSTS):
        token = mint.token(host, seed=seed).encode()
        for first in range(width):
            pieces = [token[:first], *(token[at : at + width] for at in range(first, len(token), width))]
            quote = joint[:1] if joint[:1] in b"\"'" else b""
            data = b"x = " + quote + joint.join(pieces[not first :]) + quote + b"\n"
            assert anchors.worth_reading(data) and anchors.worth_reading(code + data + code), (host, first)
            assert first or len(found(data)) == 1


@pytest.mark.parametrize("first", ["base64", "base64-url", "hex"])
@pytest.mark.parametrize("second", ENCODINGS)
def test_a_token_in_two_encodings_is_worth_reading_however_it_is_wrapped(first: str, second: str) -> None:
    rng = random.Random(first + second)
    for number in range(60):
        token = mint.token(seed=rng.randrange(1 << 20)).encode()
        encoded = ENCODINGS[second](ENCODINGS[first](token))
        width, joint = rng.randint(49, 99), JOINTS[number % len(JOINTS)]
        wrapped = joint.join(encoded[at : at + width] for at in range(0, len(encoded), width))
        code = b"def release(self, *, dry_run: bool = False) -> None:\n" * rng.randint(0, 9)
        assert anchors.worth_reading(code + rng.choice((b"", b"'", b"  x = ")) + wrapped + b"\n" + code), (width, joint)


@pytest.mark.parametrize("width", [64, 72, 76, 80, 100])
@pytest.mark.parametrize("between", [b"\n  ", b"\n    ", b"\n      ", b"\r\n\t", b'"\n    "', b'" +\n  "', b"\\n"])
def test_the_shortest_token_in_base64_is_worth_reading_however_it_is_wrapped(between: bytes, width: int) -> None:
    """Without a host of PyPI nothing in its base64 is known, and its last line may be short."""
    sample = base64.b64encode(mint.token("devpi.example.com", [], "devpi-", width).encode())
    wrapped = between.join(sample[at : at + width] for at in range(0, len(sample), width))
    for before in range(anchors.STRIDE):
        assert anchors.worth_reading(b"." * before + b"\ntoken: >" + between + wrapped + b"\nend: 1\n"), before


@pytest.mark.parametrize("mark", [b"PK\x03\x04", gzip.compress(b"x" * 99, mtime=0), b"\xfd7zXZ\0", b"BZh91AY&SY"])
@pytest.mark.parametrize("before", [b"", b"#!/bin/sh\n" * 30, b"\x7fELF\0\0"])
def test_an_archive_is_worth_reading_wherever_it_stands(before: bytes, mark: bytes) -> None:
    assert anchors.worth_reading(before + mark + b"\0" * 600)


@pytest.mark.parametrize("packed", [gzip.compress(bytes(range(256)) * 4, mtime=0), b"PK\x03\x04" + bytes(range(256)) * 2])
def test_an_archive_in_base64_is_worth_reading(packed: bytes) -> None:
    assert anchors.worth_reading(b"data = " + base64.b64encode(packed))


@pytest.mark.parametrize("first", range(3))
@pytest.mark.parametrize("follows", [b"\0\0\0\0\0\0\xff", b"\2abcd\2\x13", b"\4abcd\4\3"])
@pytest.mark.parametrize("mark", [mark for mark in anchors.ARCHIVES if mark != anchors.TAR])
def test_base64_of_every_archive_has_a_mark_in_each_alignment(mark: bytes, follows: bytes, first: int) -> None:
    for around in (b"\0", b"\xff"):
        held = base64.b64encode(around * (first + 9) + mark + follows + around * 9)
        marks = [(text, skipped) for text, skipped in anchors.BASE64_ARCHIVES.items() if text in held]
        assert [held.index(text) % 4 for text, _ in marks] == [skipped for _, skipped in marks] != []
        assert anchors.worth_reading(b"x = 1\n" * 40 + base64.b64encode(bytes(300 + first) + mark + follows + bytes(300)))


def test_a_mark_of_an_archive_in_random_base64_is_looked_at_twice() -> None:
    rng = random.Random(8)
    for mark in (b"H4sI", b"+LCA", b"fiwg", b"KLUv", b"i1L/"):
        worth = 0
        for _ in range(200):
            held = base64.b64encode(rng.randbytes(600))
            at = rng.randrange(100, 700)
            worth += anchors.worth_reading(b"x = " + held[:at] + mark + held[at + len(mark) :] + b"\n")
        assert worth <= 70, mark


@pytest.mark.parametrize(
    "text",
    [
        b"token = self.next_token()\nif token.kind == 'name':\n    password = None\n" * 50,
        b"see https://pypi.org/project/example-lib/ and https://example.org/a@b\n" * 20,
        b"from twine import commands  # not the tool's words beside it\n",
        b"| name | tokens | tokenize |\n|---|---|---|\n" * 99,
        b"".join(b"%d, %d, %d\n" % (n * n, n + 7, n * 3 + 1) for n in range(2000)),
        b"a/very/long/path/of/folders/" * 50,
        bytes(range(256)) * 40,
    ],
    ids=["lexer", "links", "import", "table", "numbers", "path", "bytes"],
)
def test_what_is_ordinary_is_not_worth_reading(text: bytes) -> None:
    assert not anchors.worth_reading(text)


def test_a_dump_of_nothing_is_not_worth_reading() -> None:
    for seed in range(30):
        rows = [random.Random(seed * 100 + at).randbytes(16) for at in range(40)]
        data = b"".join([b"%08x: %b  %b\n" % (at * 16, row.hex(" ", -2).encode(), b"." * 16) for at, row in enumerate(rows)])
        assert not anchors.worth_reading(data)


def test_a_map_of_numbers_takes_little_memory() -> None:
    rng = random.Random(9)
    places = [b"[ 26.%d, 57.%d ]" % (rng.randrange(10**15), rng.randrange(10**15)) for _ in range(20_000)]
    data = b"[ %s ]" % b", ".join(places)
    tracemalloc.start()
    try:
        anchors.worth_reading(data)
        assert tracemalloc.get_traced_memory()[1] < 10 * len(data)
    finally:
        tracemalloc.stop()


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=3000), st.text(max_size=2000).map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    for start, end in anchors.places(data, OWN_ANCHORS):
        assert start <= end


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4)), max_size=12))
def test_lines_that_follow_each_other_are_found_together(lengths: list[tuple[int, int]]) -> None:
    image = b"".join(b"a" * line + b"." * between for line, between in lengths).rstrip(b"." * (len(lengths) % 2))
    groups: list[list[re.Match[bytes]]] = []
    for line in re.finditer(rb"a{6,}", image):
        if groups and line.start() - groups[-1][-1].end() <= anchors.GAP:
            groups[-1].append(line)
        else:
            groups.append([line])
    whole = [(group[0].start(), group[-1].end(), len(group) == 1) for group in groups]
    expected = [
        (start - 1, end + anchors.REST) for start, end, is_alone in whole
        if end - start >= anchors.LONG_LINES and not (is_alone and end - start >= anchors.LONG)
    ]
    assert list(anchors._lines(image)) == expected


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4)), max_size=30), st.integers(0, 400), st.integers(1, 99))
def test_what_is_near_a_span_is_found_whole_in_its_part(lengths: list[tuple[int, int]], first: int, size: int) -> None:
    image = b"".join(b"a" * line + b"." * between for line, between in lengths)
    spans = ((first, first + size), (first + size + 30, first + 2 * size + 30))
    for find in (anchors.rows_in, anchors._lines):
        whole = list(anchors._stretches([(0, image)], find))
        there = list(anchors._stretches(anchors._parts(image, spans), find))
        near = [
            (start, end)
            for start, end in whole
            if any(start < (b + anchors.REST) * anchors.STRIDE and end > a * anchors.STRIDE for a, b in spans)
        ]
        assert set(near) <= set(there) <= set(whole) and len(there) == len(set(there))


def test_random_bytes_are_hardly_ever_worth_reading() -> None:
    rng = random.Random(5)
    assert sum(anchors.worth_reading(rng.randbytes(20_000)) for _ in range(100)) <= 3


@pytest.mark.parametrize(
    "text",
    [
        "pip install -i https://bob:{}@nexus.corp.io/r/all",
        '{{"index-url": "https:\\/\\/bob:{}@nexus.corp.io\\/r\\/all"}}',
        "(1, '{{\"index-url\": \"https:\\\\/\\\\/bob:{}@nexus.corp.io\\\\/r\\\\/all\"}}');",
        '"{{\\"index-url\\": \\"https:\\\\\\/\\\\\\/bob:{}@nexus.corp.io\\\\\\/r\\\\\\/all\\"}}"',
        "run?index-url=https%3A%2F%2Fbob%3A{}%40nexus.corp.io%2Fr%2Fall",
        "run?index-url=https%3a%2f%2fbob%3a{}%40nexus.corp.io%2fr%2fall",
        "run?index-url=https%3A//bob%3A{}%40nexus.corp.io/r/all",
        "# the index of our own\nextra-index-url = https://bob:{}=\n@nexus.corp.io/r/all\n",
        "> set this one: extra-index-url = https://bob:=\n> {}@nexus.corp.io/r/all\n",
        "index-url = https://${{BOB/b}}:{}@nexus.corp.io/r/all",
        'index-url = f"https://{{os.environ["BOB"]}}:{}@nexus.corp.io/r/all"',
        "index-url = https://${{BOB:-'b'}}:{}@nexus.corp.io/r/all",
    ],
)
def test_a_url_with_a_password_is_worth_reading_however_it_is_written(text: str) -> None:
    password = corpus.password(5)
    asked = engine.questions((), ())
    assert [finding.secret for finding in found(text.format(password).encode(), asked)] == [Secret(password.encode())]
    assert not anchors.worth_reading(text.format("two words").encode())


@pytest.mark.parametrize(
    "text",
    [
        b'def of(\n    base="https://api.corp.io",\n    url=None,\n):\n    pass\n\n\n@cached\ndef f() -> None: ...\n',
        b'["https://corp.io", ("https://corp.io:80", None), "a@b"]\n',
        b"issuer = 'https://corp.io'\nname: 'me'\nmail = me@corp.io\n",
        b"see https://corp.io: (it is ours) me@corp.io\n",
        b"a=https%3A%2F%2Fcorp.io%2Fx&b=me%40corp.io\n",
    ],
)
def test_a_url_and_a_sign_further_on_are_not(text: bytes) -> None:
    assert not anchors.worth_reading(text)


def test_a_dump_before_one_of_another_form_is_worth_reading() -> None:
    """What is in a dump is asked for by its second line, whose form the others do not share."""
    text = b"# " + b" " * 20 + TOKENS["user@pypi.org"]
    rows = [(at, text[at : at + 16]) for at in range(0, len(text), 16)]
    form = "{at:08x}  {words}  |{shown}|\n"
    lines = "".join(form.format(at=at, words=row.hex(" "), shown=row.decode()) for at, row in rows).encode()
    harmless = b"00000000: 2361 6263 6465 6667 6869 6a6b 6c6d 6e6f  #abcdefghijklmno\n" * 2
    harmless = harmless.replace(b"00000000: ", b"00000010: ", 2).replace(b"00000010: ", b"00000000: ", 1)
    for data in (lines + harmless, harmless + lines):
        assert any(True for _ in anchors._dumped_in(data, anchors.DEPTH, ()))
