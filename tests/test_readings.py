"""Readings: whatever hides a token, it is found once and at its place; look-alikes and hostile bytes are none."""
from __future__ import annotations

import base64
import codecs
import gzip
import html
import itertools
import json
import uuid
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence

import pytest

from pypi_token_hooks import examination
from pypi_token_hooks import pipeline
from pypi_token_hooks import readings
from pypi_token_hooks.anchors import worth_reading
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Place
from pypi_token_hooks.readings import encoded
from pypi_token_hooks.readings import spans
from pypi_token_hooks.readings import substituted
from tests import credential_corpus
from tests import hiding
from tests import mint
from tests.scanning import place

SHAPES = mint.every_shape()
NOTHING_OWN = examination.settings((), None, False)
GLUE = ((b"", b""), (b"\n\ntoken = ", b" # old\n"), (b"caf\xc3\xa9 {", b"}\n" * 5), (b"\0\x01\xff", b"\xfe\x80\0"))


def findings(data: bytes) -> list[Finding]:
    """Returns what a scan finds in the data."""
    return pipeline.scan([Blob(data, Place("f"))], NOTHING_OWN).findings


def body_of(way: hiding.Hiding, sample: str) -> str:
    """Returns what of a token is found where its prefix stands apart: on a host of PyPI it needs none."""
    return sample.partition("-")[2] if way.name.startswith("prefix") else sample


def assert_found_once(data: bytes, sample: str, start: int, why: object, body: str = "") -> None:
    """Asserts that the token is found once, whole and where it begins, and that the bytes were worth reading."""
    found = findings(data)
    told = [(finding.rule, finding.confidence, finding.line, finding.column) for finding in found]
    assert told == [("pypi-token", "certain", *place(data, start))], (why, [finding.readings for finding in found])
    secret = found[0].secret
    assert secret and secret.reveal().decode() in (sample, body), why
    assert worth_reading(data), why


def assert_password_found_once(data: bytes, reading: str) -> None:
    """Fails if a password in place of `@@` is not found, where it stands and by that reading alone."""
    password = credential_corpus.password(31).encode()
    data = data.replace(b"@@", password, 1)
    (finding,) = findings(data)
    assert finding.secret and finding.secret.reveal() == password and {*finding.readings} == {reading}
    assert (finding.line, finding.column) == place(data, data.index(password))
    assert worth_reading(data)


@pytest.mark.parametrize("way", hiding.ALL, ids=[way.name for way in hiding.ALL])
def test_every_shape_is_found_in_every_reading(way: hiding.Hiding) -> None:
    for number, (name, sample) in enumerate(SHAPES):
        before, after = GLUE[number % len(GLUE)] if number >= len(GLUE) else (b"", b"")
        if way.reading == "utf-16-le" or way.reading.startswith("utf"):
            before, after = before[: number % 5].strip(b"\0"), after[: number % 3]
        held, at = way.hide(sample.encode())
        assert_found_once(before + held + after, sample, len(before) + at[0], (way.name, name), body_of(way, sample))


@pytest.mark.parametrize("text", [
    b"7\tPIP_INDEX =3D \"https://bob:@@=\\n@nexus.corp.io/repository/all/\"\\n\tx\n",
    b"{\"a\": \"and PIP_INDEX =3D 'https://bob:@@=\\n@nexus.corp.io/repository/all/'\\n\"}\n",
])
def test_what_a_soft_break_of_a_mail_in_a_string_divides_is_no_first_line(text: bytes) -> None:
    password = credential_corpus.password(31).encode()
    (finding,) = findings(text.replace(b"@@", password))
    assert finding.secret and finding.secret.reveal() == password and finding.readings == ("escapes", "quoted-printable")


@pytest.mark.parametrize("lead", [b"", b"u", b"__token__:"])
def test_numbers_of_base64(lead: bytes) -> None:
    for number in range(20):
        sample = mint.token(seed=number)
        held, at = hiding.in_turn(hiding.in_base64(lead), hiding.each(lambda byte: b"%d, " % byte, b"["))(sample.encode())
        assert_found_once(held, sample, at[0], (lead, number))


@pytest.mark.parametrize("way", hiding.ALL, ids=[way.name for way in hiding.ALL])
def test_any_glue_around_a_reading(way: hiding.Hiding) -> None:
    sample = mint.token(seed=11)
    held, at = way.hide(sample.encode())
    for before, after in GLUE:
        assert_found_once(before + held + after, sample, len(before) + at[0], (before, after), body_of(way, sample))


@pytest.mark.parametrize("way", hiding.ALL, ids=[way.name for way in hiding.ALL])
def test_the_reading_is_named(way: hiding.Hiding) -> None:
    held, _ = way.hide(mint.token(seed=12).encode())
    (finding,) = findings(held)
    assert way.reading in finding.readings or finding.readings == ()
    assert len(finding.readings) <= readings.DEPTH


@pytest.mark.parametrize("wrap", hiding.WRAPS)
@pytest.mark.parametrize("encode", [base64.b64encode, lambda packed: packed.hex().encode()], ids=["base64", "hex"])
def test_an_archive_is_whole_however_its_text_is_wrapped(encode: Callable[[bytes], bytes], wrap: str) -> None:
    """An archive of which one line alone is read breaks off: the token is missed, and what is told of damage is false."""
    sample = mint.token(seed=13)
    packed = gzip.compress(b"TOKEN=" + sample.encode() + b"\n", mtime=0)
    data = hiding.cut(64, *hiding.WRAPS[wrap])(encode(packed))[0]
    report = pipeline.scan([Blob(data, Place("f"))], NOTHING_OWN)
    assert not report.skipped and not report.failures
    (finding,) = report.findings
    assert finding.secret and finding.secret.reveal().decode() == sample
    assert worth_reading(data)


@pytest.mark.parametrize("reference", ["&#%d;", "&#x%x;", "&#x%05X;"])
@pytest.mark.parametrize("times", range(1, readings.DEPTH))
def test_references_in_references(times: int, reference: str) -> None:
    sample = mint.token(seed=14)
    text = "".join(reference % ord(character) for character in sample)
    for _ in range(times):
        text = html.escape(text)
    for glue in range(7):
        assert_found_once(b"=" * glue + text.encode(), sample, glue, (times, glue))


@pytest.mark.parametrize("mark", ["// ", "! ", "//! ", "// ! ", "; ", "% ", "'' ", '" ', "REM ", ".. ", "> # "])
@pytest.mark.parametrize("which", [slice(None), slice(3, 4)], ids=["all lines", "one line"])
def test_an_array_of_hexadecimal_in_a_comment(mark: str, which: slice) -> None:
    token = mint.token(seed=8).encode()
    lines = ["    " + "".join([f"0x{byte:02x}, " for byte in token[at : at + 12]]) for at in range(0, len(token), 12)]
    lines[which] = [mark + line for line in lines[which]]
    (found,) = findings(("{\n" + "\n".join(lines) + "\n}\n").encode())
    assert found.secret and found.secret.reveal() == token and found.line == 2


def test_what_stands_in_strings_side_by_side_is_read_apart_too() -> None:
    """Base64 of a setting ends where its string ends: what the next one holds is no part of the password."""
    section = base64.b64encode(b"[pypi]\nusername = ada\npassword = tr0ub4dor-and-three")
    (finding,) = findings(b'["%b", "%b"]' % (section, base64.b64encode(b"of something else")))
    assert finding.secret and finding.secret.reveal() == b"tr0ub4dor-and-three"


@pytest.mark.parametrize(("name", "sample"), SHAPES, ids=[name for name, _ in SHAPES])
@pytest.mark.parametrize("dash", [
    b'-" + "', b"-' '", b'-" \\\n  "', b'-" + \n      "', b"-\\\n", b"%2D", b"&#45;", b"\\u002d", b"-\xe2\x80\x8b",
])
def test_what_is_in_the_prefix_belongs_to_the_token(dash: bytes, name: str, sample: str) -> None:
    """Without its prefix a token of a known host counts too, but its hash is another one."""
    prefix, _, body = sample.partition("-")
    quote = dash[1:2] if dash[1:2] in (b"'", b'"') else b""
    data = b"T = " + quote + prefix.encode() + dash + body.encode() + quote
    assert_found_once(data, sample, 4 + len(quote), name)


@pytest.mark.parametrize(("name", "width"), [("utf-16-le", 2), ("utf-16-be", 2), ("utf-32-le", 4), ("utf-32-be", 4)])
def test_every_byte_of_a_character_of_wide_text_comes_from_where_that_is(name: str, width: int) -> None:
    text = "caf\u00e9 \u200a\u2020 pypi \u2020\u200a"
    read = encoded.utf16 if width == 2 else encoded.utf32
    view = next(view for view in read(b"\xff" + text.encode(name)) if view.readings == (name,))
    letter = width - 1 if name.endswith("be") else 0
    expected = [1 + letter + number * width for number, character in enumerate(text) for _ in character.encode()]
    assert view.data == text.encode() and [view.at(offset) for offset in range(len(view.data))] == expected


WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8", "utf-8-sig")


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("text", ["# é令牌\n\nключ = '{}'\n", "# ગુજરાતી Ċ\r\nx = '{}'\n", "x = '{}' ગુ {}\n令{}\n", "{} 🔑 {}"])
def test_lines_and_columns_of_wide_text_count_characters(text: str, encoding: str) -> None:
    samples = [mint.token(seed=seed) for seed in range(text.count("{}"))]
    text = text.format(*samples)
    places = [(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)) for at in map(text.index, samples)]
    assert [(finding.line, finding.column) for finding in findings(text.encode(encoding))] == places


@pytest.mark.parametrize("encoding", WIDE)
def test_wide_text_keeps_its_last_letter_where_no_line_ends_behind_it(encoding: str) -> None:
    """In the other order that letter has no zeros behind it: without it a dummy would be none."""
    assert findings("twine upload -u bob -p changeme".encode(encoding)) == []
    password = credential_corpus.password(34)
    (finding,) = findings(f"twine upload -u bob -p {password}".encode(encoding))
    assert finding.secret and finding.secret.reveal() == password.encode()


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_wide_text_with_a_mark_is_not_read_from_the_middle_of_a_character(mark: bytes) -> None:
    encoding = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    for text in ('env:\n  TWINE_PASSWORD: "pypi-AgEIcHlwaS5vcmc\u2026"\n', "[pypi]\nusername = bob\npassword = has\u0142o\n"):
        assert findings(mark + text.encode(encoding)) == []
    password = credential_corpus.password(33)
    for before in ("", "# \u2026 \u0142\n" * 9):
        (finding,) = findings(mark + f"{before}TWINE_PASSWORD: {password}\n".encode(encoding))
        assert finding.secret and finding.secret.reveal() == password.encode() and finding.readings == (encoding,)


@pytest.mark.parametrize("before", [b"a\0", b"\0\0\0", b"HOME=/root\0A=\0B=c\0", b"x\0\0y\0\n\0!\0"])
def test_a_zero_between_texts_is_a_character(before: bytes) -> None:
    (finding,) = findings(before + f"TWINE_PASSWORD={credential_corpus.password(34)}\0".encode())
    assert (finding.line, finding.column) == (1 + before.count(b"\n"), len(before.rpartition(b"\n")[2]) + 16)


@pytest.mark.parametrize("tail", [4, 5, 6, 8, 12, 20, 36])
@pytest.mark.parametrize(
    ("first", "joint", "last"),
    [(b't = ("', b'"\n     "', b'")'), (b"t = '", b"' +\n  '", b"'"), (b't: "', b"\\\n  ", b'"'), (b"export T=", b"\\\n", b"\n")],
    ids=["adjacent", "plus", "yaml", "shell"],
)
def test_a_token_that_is_split_in_its_signature(first: bytes, joint: bytes, last: bytes, tail: int) -> None:
    """Whatever the letters of the rest are: that the two are one text is written between them."""
    for seed in range(60):
        token = mint.token(seed=seed)
        data = first + token[:-tail].encode() + joint + token[-tail:].encode() + last
        assert_found_once(data, token, len(first), (seed, tail))


@pytest.mark.parametrize("tail", [2, 3, 4, 5, 8, 12, 20, 36])
@pytest.mark.parametrize(
    ("first", "joint", "last"),
    [
        (b"@@ -0,0 +1,2 @@\n+", b"\n+", b"\n"), (b"@@ -1,2 +0,0 @@\n-T=", b"\\\n-", b"\n"),
        (b'{"out": "', b"\\n", b'"}'), (b'{"out": "', b"\\\\\\r\\n", b'\\r\\n"}'),
        (b'{"log":"', b'\\n","stream":"stdout"}\n{"log":"', b'\\n","stream":"stdout"}\n'),
        (b'{"log":"', b'\\n","time":"2026-01-02T03:04:05.6Z"}\n{"log":"', b'\\n","time":"2026-01-02T03:04:05.7Z"}\n'),
    ],
    ids=["patch", "patch undone", "JSON", "JSON continued", "log", "log with times"],
)
def test_no_sign_and_no_escape_beside_the_rest_of_a_signature_belongs_to_it(
    first: bytes, joint: bytes, last: bytes, tail: int
) -> None:
    """Any letter fits in a signature: a sign could take the place of the last one, if that is no letter or digit."""
    tokens = [token for seed in range(0, 1200, 100) for _, token in mint.every_shape(seed) if token[-1] in "-_"]
    varied = [token for token in (*tokens, *dict(SHAPES).values()) if tail <= 4 or spans._is_random(token[-tail:].encode())]
    assert len({*varied} & {*tokens}) > 4
    for token in varied:
        data = first + token[:-tail].encode() + joint + token[-tail:].encode() + last
        assert_found_once(data, token, len(first), tail)


@pytest.mark.parametrize(
    "joint", ["\n", "\n  ", "\n> ", "\\\n", '"\n    "', "' +\n    '"], ids=["line", "margin", "mail", "shell", "strings", "sum"]
)
@pytest.mark.parametrize("glued", ["zzz", "9Q", "abcDEF0_-"])
def test_text_that_is_glued_behind_a_wrapped_token_does_not_belong_to_it(joint: str, glued: str) -> None:
    for name, sample in SHAPES:
        for width in (20, 33, 60):
            pieces = [sample[at : at + width] for at in range(0, len(sample), width)]
            data = f"x = '{joint.join(pieces)}{glued}\nanother line\n".encode()
            assert_found_once(data, sample, 5, (name, width))


RUN_OF_WORD = '</w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:rPr><w:rFonts w:ascii="Menlo"/><w:sz w:val="18"/></w:rPr><w:t>'


@pytest.mark.parametrize(
    "markup", [RUN_OF_WORD, '</text:span><text:span text:style-name="T2">', "<wbr>", "<br />\n", "</em>", "</td>\n<td>"],
    ids=["Word", "OpenDocument", "break", "line", "emphasis", "cell"],
)
@pytest.mark.parametrize("cuts", [(0,), (0, 7), (35, 39, 85), range(25, 200, 17)], ids=["prefix", "host", "few", "many"])
def test_a_token_is_read_through_the_tags_within_it(markup: str, cuts: Sequence[int]) -> None:
    """The cuts are offsets behind the prefix, in what may be cut: not the last characters, which could be any word."""
    for name, sample in SHAPES:
        body = sample.index("-") + 1
        places = [0, *(body + cut for cut in cuts if body + cut < len(sample) - 50), len(sample)]
        pieces = [sample[start:end] for start, end in itertools.pairwise(places)]
        before = "<w:p><w:r><w:t>it is " + (pieces.pop(0) + markup if cuts[0] == 0 else "")
        data = f"{before}{markup.join(pieces)}</w:t></w:r></w:p><p>Some text</p>\n".encode()
        assert_found_once(data, sample, len(before), name, sample[body:])


def test_the_key_of_a_mapping_completes_no_token() -> None:
    for name, sample in SHAPES:
        log = f'{{"log":"{sample[:-3]}"}}\n{{"log":"nothing"}}\n'
        assert findings(log.encode()) == [], name


@pytest.mark.parametrize("added", [
    '"{prefix}#{{body}}"', '"{prefix}\\(body)"', 'fmt.Sprintf("{prefix}%v", body)', "{prefix}%BODY%", "<p>{prefix}</p>",
])
def test_a_prefix_to_which_a_variable_is_added(added: str) -> None:
    """A token of a host that nobody knows needs its prefix, however that is written."""
    sample = mint.token("devpi.example.com", [], "devpi-", 4)
    prefix, dash, body = sample.partition("-")
    text = f'body = "{body}"\n' + added.format(prefix=prefix + dash)
    assert_found_once(text.encode(), sample, 8, added)
    assert findings(text.replace("devpi-", "devpi").encode()) == []


def test_the_rest_of_a_signature_is_no_part_of_a_name() -> None:
    for seed in range(20):
        token = mint.token(seed=seed)
        lines = b"web_1  | %b\nweb_1  | %b\nweb_1  | done\n" % (token[:-3].encode(), token[-3:].encode())
        assert_found_once(lines, token, 9, seed)


@pytest.mark.parametrize("escape", [b"%%%02x", b"&#%d;", b"\\u%04x"], ids=["percent", "html", "backslash"])
def test_a_long_token_with_one_escape_at_its_end(escape: bytes) -> None:
    ids = [str(uuid.UUID(int=number)) for number in range(30)]
    token = mint.token(caveats=[[2, ids]], seed=1)
    assert len(token) > 1600
    assert_found_once(b"token = " + token[:-1].encode() + escape % ord(token[-1]) + b"\n", token, 8, escape)


@pytest.mark.parametrize(
    ("data", "reading"),
    [
        (b"POST / x=1&a=%5Bpypi%5D%0Ausername+%3D+bob%0Apassword+%3D+@@&y=2", "percent"),
        (b"GET /run?b=1&a=uv+publish+--token+@@&y=2 HTTP/1.1", "percent"),
        (b"a=setenv+TWINE_PASSWORD+@@", "percent"),
        (b"x=%5Ba%5D&PIP_INDEX_URL=https%3A%2F%2Fbob%3A@@%40corp.io&y=a+%2B+b", "percent"),
        (b'x,1\n2,"export TWINE_PASSWORD=""@@""",3\n', "quotes"),
        (b"insert into x values ('TWINE_PASSWORD=''@@''', 2);\n", "quotes"),
        (b"X='TWINE_PASSWORD={{ x | default('\"'\"'@@'\"'\"') }}'\n", "quotes"),
        (b"X='TWINE_PASSWORD={{ x | default('\\''@@'\\'') }}'\n", "escapes"),
        (b"echo 'export TWINE_PASSWORD='\\''@@'\\''' >> x\n", "escapes"),
        (b'x = (\n"env:\\n"\n"  TWINE_PASSWORD:\\n"\n"    @@\\n");\n', "escapes"),
        (b'a: "[pypi]\\nusername = bob\\npassword =\\\n  \\ @@\\nrepository = https://pypi.corp.io/\\n"\n', "escapes"),
        (b'a: "env={\\"TWINE_PASSWORD\\"\\\n  : \\"@@\\"})\\n"\n', "escapes"),
        (b'{"requirements.txt": "-i https://bob:@@@corp.io/python\\nflask\\n"}\n', "escapes"),
        (b'{"data": {"pip.conf": "[global]\\ntimeout = 60\\nproxy = http://bob:@@@proxy.corp.io:3128\\n"}}\n', "escapes"),
        (b"write(b'http-basic.corp.password = \\'@@\\'\\n')\n", "escapes"),
        (b"printf 'setenv\tTWINE_PASSWORD\t@@\\n'\n", "escapes"),
        (b'COPY x (id, file) FROM stdin;\n7\t[http-basic.corp]\\nusername = "bob"\\npassword = "@@"\\n\tf\n\\.\n', "escapes"),
        (b"#env:\n#  - name: UV_PUBLISH_TOKEN\n#    value: |\n#      @@\n", "margin"),
        (b"> > TWINE_PASSWORD: >-\r\n> >   @@\r\n\r\nYes.\r\n", "margin"),
        (b"/*\n * <key>TWINE_PASSWORD</key>\n * <string>@@</string>\n */\n", "margin"),
        (b"2026-01-02T03:04:05.6Z env:\n2026-01-02T03:04:05.7Z   TWINE_PASSWORD:\n2026-01-02T03:04:05.7Z     @@\n", "margin"),
        (b"Jan  2 03:04:05 ci x[7]: [pypi]\nJan  2 03:04:05 ci x[7]: username = b\nJan  2 03:04:05 ci x[7]: password = @@\n", "margin"),
        (b"03:04:05 - log - INFO - [pypi]\n03:04:06 - log - INFO - password = @@\n", "margin"),
        (b"03:04:05 - [pypi]\n03:04:06 - password = @@\n", "margin"),
        (b"2026-01-02T03:04:05.6Z -i https://bob:@@@corp.io/python\n2026-01-02T03:04:05.7Z flask\n", "margin"),
        (b"03:04:05Z - uv\n03:04:05Z - publish\n03:04:05Z - --token\n03:04:05Z - @@\n", "margin"),
        (b"03:04:05Z command:\n03:04:05Z - uv\n03:04:05Z - publish\n03:04:05Z - --token\n03:04:05Z - @@\n", "margin"),
        (b"web-1  | [pypi]\nweb-1  | username = bob\nweb-1  | password = @@\n", "margin"),
        (b"#12 0.345 [pypi]\n#12 0.345 username = bob\n#12 0.345 password = @@\n", "margin"),
        (b"   9  TWINE_PASSWORD: |\n  10    @@\n", "margin"),
        (b"      9 TWINE_PASSWORD:\n     10   @@\n", "margin"),
        (b"^a1b2c3d (A Lee 2026-01-02 03:04:05 +0100 1) [pypi]\n^a1b2c3d (A Lee 2026-01-02 03:04:06 +0100 2) password = @@\n", "margin"),
        (b"E   [pypi]\nE   password = @@\n", "margin"),
        (b"\x1b[1;32m[pypi]\x1b[0m\nusername = bob\npassword = \x1b[1m@@\x1b[0m\n", "invisible"),
        (b"ci/a.yml:9:TWINE_PASSWORD:\nci/a.yml:10:  @@\n", "margin"),
        (b"[pypi]\nusername =3D bob\npassword =3D @@\n", "quoted-printable"),
        (b"export TWINE_PASSWORD=3D@@\n", "quoted-printable"),
        (b"twine upload -u bob --password=3D@@ dist/*\n", "quoted-printable"),
    ],
)
def test_a_setting_within_text_of_another_form(data: bytes, reading: str) -> None:
    assert_password_found_once(b"# a remark\n" + data, reading)


@pytest.mark.parametrize(
    ("data", "reading"),
    [
        (b"UV\\u005fPUBLISH\\u005fTOKEN=@@\n", "escapes"),
        (b"UV\\x5FPUBLISH\\x5FTOKEN=@@\n", "escapes"),
        (b"UV&#95;PUBLISH&#x5F;TOKEN=@@\n", "html"),
        (b"UV=5FPUBLISH=5FTOKEN=3D@@\n", "quoted-printable"),
        (b"UV%5fPUBLISH%5fTOKEN=@@\n", "percent"),
        (b"in the shell of your own machine: export UV_PUBLI=\r\nSH_TOKEN=3D'@@'\n", "quoted-printable"),
        (b"UV\\u005cu005fPUBLISH\\u005cu005fTOKEN=@@\n", "escapes"),
        (b"UV\\x5cx5fPUBLISH\\x5cx5fTOKEN=@@\n", "escapes"),
        (b"UV&#38;&#35;95&#59;PUBLISH&#38;&#35;95&#59;TOKEN=@@\n", "html"),
        (b"poetry config http\\u002Dbasic.corp bob @@\n", "escapes"),
        (b'"index": "https:\\u002F\\u002Fbob:@@@corp.io\\u002Fsimple"\n', "escapes"),
        (b'"index": "https\\x3A\\x2F\\x2Fbob\\x3A@@\\x40corp.io\\x2Fsimple"\n', "escapes"),
        (b"pip install -i https&colon;&sol;&#47;bob:@@@corp.io/simple x\n", "html"),
        (b"pip.index-url=https\\://bob\\:@@@corp.io/simple\n", "escapes"),
        (b"TWINE_PASSWORD\\=@@\n", "escapes"),
        (b'system("pip install -i https://bob:@@\\@pypi.corp.io/simple flask");\n', "escapes"),
        (b'<span class="k">[pypi]</span>\n<span class="na">password</span> <span class="o">=</span> <span class="s">@@</span>\n', "html"),
        (b'<code>twine<span class="w"> </span>upload<span class="w"> </span>-p<span class="w"> </span>@@</code>\n', "html"),
        (b'{"html": "<span class=\\"nv\\">UV_PUBLISH_TOKEN</span><span class=\\"o\\">=</span>@@\\n"}\n', "html"),
        (b"pip install -i https%3A//bob%3A@@@corp.io/simple x\n", "percent"),
        (b"pip install -i https%253A%252F%252Fbob%253A@@%2540corp.io%252Fsimple x\n", "percent"),
        (b"pip install -i https&amp;#58;&amp;#47;&amp;#47;bob:@@@corp.io/simple x\n", "html"),
        (b"pip+install+-i+https%3A%2F%2Fbob%3A@@%40corp.io%2Fsimple+x\n", "percent"),
        (b"a=machine+pypi.corp.io+login+bob+password+@@%0A\n", "percent"),
        (b"a=command%3A%0A-+uv%0A-+publish%0A-+-t%0A-+@@%0A\n", "percent"),
    ],
)
def test_a_setting_whose_signs_alone_are_escaped(data: bytes, reading: str) -> None:
    assert_password_found_once(b"# a remark\n" * 900 + data + b"# another one\n" * 900, reading)


def test_escapes_of_signs_where_nothing_is_set_are_not_worth_reading() -> None:
    code = rb"if (/^[\w\x2d\u002F]+$/.test(name)) { path = path.replace('\x5f', '%2D') + '&#45;' }" + b"\n"
    assert not worth_reading(code * 100)


@pytest.mark.parametrize(
    ("before", "text"), [(b"what is before ", b"https://a:k7-123456@1.2/simple"), (b"it is http://", b"u:k7Rq2m9x@x/simple/")]
)
def test_few_escapes_are_counted_together_whatever_they_begin_with(before: bytes, text: bytes) -> None:
    assert worth_reading(before + b"".join(b"\\%03o" % byte for byte in text) + b" and what is behind it")


def test_what_joins_base64_is_left_out_whatever_else_it_may_be() -> None:
    """A quote at the beginning of a line may begin a string, or a comment."""
    joints = ("`", "\n", "\r\n", '"', "'", " ", "\\", "+", "-", "#", "> ", "rem ", "b", "A1")
    for between in itertools.product(joints, repeat=4):
        text = "abcdEFGH12345678" + "".join(between) + "+"
        assert all(view.readings for view in encoded.base64(text.encode())), text


@pytest.mark.parametrize("between", [b"", b" ", b"\n    "], ids=["run", "apart", "lines"])
@pytest.mark.parametrize("before", [b"hexed: ", b"code: ", b"data:", b"mode = ", b'"code": "', b"feed ", b"feed=", b"x: abc: ", b""])
def test_a_section_in_hexadecimal_begins_behind_a_word_of_such_letters(before: bytes, between: bytes) -> None:
    password = credential_corpus.password(32).encode()
    text = b"[pypi]\nusername = bob\npassword = " + password + b"\n"
    width = 32 if b"\n" in between else 1
    digits = between.join(text[at : at + width].hex().encode() for at in range(0, len(text), width))
    (finding,) = findings(b"# a remark\n" + before + digits + b"\n")
    assert finding.rule == "pypirc-password" and finding.secret and finding.secret.reveal() == password


@pytest.mark.parametrize(
    "data",
    [
        b'TWINE_PASSWORD=""\nx = "a7hWzjRciqhIoTWiKV"\n', b'run("TWINE_PASSWORD", "", "a7hWzjRciqhIoTWiKV")\n',
        b"TWINE_PASSWORD=%24%28pass+show+pypi%29", b"a=TWINE_PASSWORD&b=a7hWzjRciqhIoTWiKV%20",
        b'def f():\n    """TWINE_PASSWORD"""\n    return ""\n',
    ],
)
def test_no_setting_in_a_form_or_in_quotes_within_quotes(data: bytes) -> None:
    assert not findings(data)


def notebook(text: str) -> bytes:
    """Returns a notebook of which a cell writes the text to a file: each line is a string."""
    lines = [*text.splitlines(keepends=True), "\n", "# end"]
    return json.dumps({"cells": [{"source": ["%%writefile x\n", *lines]}]}, indent=1, ensure_ascii=False).encode()


@pytest.mark.parametrize("name", credential_corpus.LEAKS)
def test_settings_of_several_lines_in_a_notebook(name: str) -> None:
    password = credential_corpus.password(31)
    data = notebook(credential_corpus.LEAKS[name].replace(credential_corpus.MARK, password))
    (finding,) = findings(data)
    assert finding.secret and finding.secret.reveal().decode() == password
    assert (finding.line, finding.column) == place(data, data.index(password.encode()))
    assert worth_reading(data)


@pytest.mark.parametrize("form", ["│ {:<24} │", "{}→", "  '{}'  # часть", '"{}" /* 部分 */ +'])
@pytest.mark.parametrize("width", [12, 16, 20, 24])
def test_a_token_in_short_pieces_is_found_among_letters_beyond_ascii(width: int, form: str) -> None:
    for _, sample in SHAPES:
        lines = [form.format(sample[at : at + width]) for at in range(0, len(sample), width)]
        assert [one.secret.reveal().decode() for one in findings("\n".join(["é", *lines, "é"]).encode()) if one.secret] == [sample]


def test_behind_an_encoded_word_that_ends_within_its_base64_the_offsets_are_those_of_the_text() -> None:
    data = b"Subject: =?utf-8?b?YQ==YWJjZGVm?= and more\n"
    (view,) = substituted.words(data)
    assert view.data == b"Subject: a and more\n"
    assert [view.at(at) for at in range(9, 12)] == [data.index(b"YQ"), data.index(b" and"), data.index(b"and")]


# what belongs together in them, only lines without quotes tell
IN_LINES = ("other step's password", "renovate of another host", "url not an index")


@pytest.mark.parametrize("name", [name for name in credential_corpus.LOOKALIKES if not name.startswith(IN_LINES)])
def test_what_only_looks_like_a_leak_in_a_notebook(name: str) -> None:
    assert findings(notebook(credential_corpus.LOOKALIKES[name])) == []


@pytest.mark.parametrize("line", ["{at:08x}: {words}  {text}", "{at:08x}  {bytes}  |{text}|", "{at:07o} {bytes}", "{at:06x}\t{words}\r"])
def test_the_bytes_of_a_dump_are_read(line: str) -> None:
    for name, sample in SHAPES:
        text = f"# a  {sample} x"
        rows = [(at, text[at : at + 16], text[at : at + 16].encode()) for at in range(0, len(text), 16)]
        lines = (line.format(at=at, bytes=row.hex(" "), words=row.hex(" ", 2), text=shown) for at, shown, row in rows)
        found = findings("\n".join(["$ dump", *lines, "$"]).encode())
        assert [one.secret.reveal().decode() for one in found if one.secret] == [sample], name


def _rows(text: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yields the offset of each line of a dump, its bytes, and these as text."""
    shown = bytes(byte if 32 <= byte < 127 else 46 for byte in text)
    yield from ((at, text[at : at + 16], shown[at : at + 16]) for at in range(0, len(text), 16))


DUMPS: dict[str, Callable[[bytes], bytes]] = {
    "xxd": lambda text: b"".join(b"%08x: %-39b  %b\n" % (at, row.hex(" ", -2).encode(), shown) for at, row, shown in _rows(text)),
    "hexdump": lambda text: b"".join(
        b"%08x  %-23b  %-23b  |%b|\n" % (at, row[:8].hex(" ").encode(), row[8:].hex(" ").encode(), shown) for at, row, shown in _rows(text)
    ),
    "od": lambda text: b"".join(b"%07o %b\n" % (at, row.hex(" ").encode()) for at, row, _ in _rows(text)),
    "tcpdump": lambda text: b"03:04:05.678901 IP 10.0.0.1.5 > 10.0.0.2.80: Flags [P.]\n" + b"".join(
        b"\t0x%04x:  %-39b  %b\n" % (at, row.hex(" ", -2).encode(), shown) for at, row, shown in _rows(text)
    ),
    "curl": lambda text: b"=> Send header, 353 bytes (0x161)\n" + b"".join(
        b"%04x: %-48b%b\n" % (at, row.hex(" ").encode(), shown) for at, row, shown in _rows(text)
    ),
}


@pytest.mark.parametrize("before", ["", "Authorization: Basic "], ids=["alone", "header"])
@pytest.mark.parametrize("dump", DUMPS)
def test_a_header_in_a_dump_is_read_in_whatever_column_it_begins(dump: str, before: str) -> None:
    sample = mint.token(seed=15)
    header = base64.b64encode(f"__token__:{sample}".encode()).decode()
    for first in range(48):
        data = DUMPS[dump](f"{'-' * first} {before}{header}".encode())
        (found,) = findings(data)
        assert found.secret and found.secret.reveal().decode() == sample, first
        assert worth_reading(data), first


@pytest.mark.parametrize("dump", DUMPS)
def test_the_settings_in_a_dump_are_read(dump: str) -> None:
    password = credential_corpus.password(31)
    for setting in ("export TWINE_PASSWORD=@@\r\n", "[pypi]\r\nusername = bob\r\npassword = @@\r\n", "uv publish --token @@\n"):
        data = DUMPS[dump](("# what we keep\n" + setting.replace("@@", password)).encode())
        (found,) = findings(data)
        assert found.secret and found.secret.reveal().decode() == password
        assert worth_reading(data)


@pytest.mark.parametrize("margin", ["{at:04x}: ", "{line}: ", "{line:5} | "])
def test_a_header_in_a_trace_is_read_wherever_its_first_line_ends(margin: str) -> None:
    """The first line has other words, so that less of the header is on it than on the next ones."""
    sample = mint.token(seed=16)
    header = base64.b64encode(f"__token__:{sample}".encode()).decode()
    for first in range(64):
        text = f"{'-' * first} Basic {header}"
        lines = [margin.format(at=at, line=at // 64 + 9) + text[at : at + 64] for at in range(0, len(text), 64)]
        data = "\n".join(["=> Send header", *lines, ""]).encode()
        (found,) = findings(data)
        assert found.secret and found.secret.reveal().decode() == sample, first
        assert worth_reading(data), first


def test_what_one_file_holds_is_found_whatever_was_read_before() -> None:
    for name, sample in SHAPES:
        source = "T = " + " + ".join(f'"{sample[at : at + 60]}"' for at in range(0, len(sample), 60)) + "\n"
        logged = f"2026-01-02T03:04:05.1234567Z {source}2026-01-02T03:04:05.1234567Z \n"
        escaped = "".join(f"%{byte:02x}" for byte in logged.encode()).encode()
        encoded = base64.b64encode(source.encode()).hex().encode()
        for first, second in ((escaped, encoded), (encoded, escaped)):
            known = examination.settings((), None, False)  # it keeps what was read
            both = [pipeline.scan([Blob(data, Place("f"))], known).findings for data in (first, second)]
            assert [len(found) for found in both] == [1, 1], name


@pytest.mark.parametrize("missing", range(3, 30, 3))
def test_the_next_word_of_a_log_completes_no_token(missing: int) -> None:
    for name, sample in SHAPES:
        log = f"12:00:01 token: {sample[:-missing]}\n12:00:02 see configuration_and_documentation_of_it\n"
        assert findings(log.encode()) == [], name
