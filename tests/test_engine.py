"""The engine: the same answer with each of its libraries and without, of bytes and of a view of a buffer."""
from __future__ import annotations

import base64
import functools
import hashlib
import itertools
import re
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from pypi_token_hooks import anchors
from pypi_token_hooks import engine
from pypi_token_hooks import examination
from pypi_token_hooks import literals
from pypi_token_hooks import suspects
from pypi_token_hooks.traces import Trace
from tests import hiding
from tests.hidden import ENCODINGS
from tests.hidden import GLUE
from tests.hidden import HIDDEN
from tests.hidden import TOKENS
from tests.hidden import hide
from tests.scanning import OWN_ANCHORS
from tests.scanning import found

LIBRARIES = ("ahocorasick_rs", "hyperscan")


HASHES = b"".join(b"    --hash=sha256:%b \\\n" % hashlib.sha256(bytes((one,))).hexdigest().encode() for one in range(99))  # of a lock file
# what escapes, wide text, hexadecimal and base64 are made of, right and wrong
SOUP = (
    b"%41", b"%4", b"%2f", b"%2{41}", b"\\x41", b"\\x0", b"\\x00", b"\\u0041", b"\\uu0041", b"\\u{41}", b"\\U00000041",
    b"\\101", b"\\1", b"&#65;", b"&#x41;", b"&# 65;", b"a\0", b"\0a", b"a\0\0\0", b"\x01\0", b"a\xe2\x80\x8b", b"a\xc2\xad",
    b"a\0\x0b\x20", b"\0a\x20\x0b", b"41", b"4 1", b"0x41, ", b"41 ", b"65, 103, 69, ", b"1f 8b 08 ", b"cHl3", b"QWdF",
    b"SGVsbG8g", b"H4sI", b"https://u:pw@x ", b"https://{a/b}:pw@x ", b"pypi", b"AgE", b"\n> ", b"\n", b" ", b"aA1", b"zz", b".", b'" +\n"',
    HASHES[:255], b"\n00000000: 6148 5230 6348\n00000010: 4167 4549", b"\n0010: ",
    b"UV", b"\\u005f", b"&#X5F;", b"&AMP;#95;", b"&amp;amp;#45;", b"%5F", b"=5F", b"=\n", b"b" * 38, b"TOKEN=",
)


def questions(*lacking: str, traces: Sequence[Trace] = ()) -> engine.Questions:
    """Returns the questions as they are answered where these libraries are not installed."""
    ask = engine.questions(OWN_ANCHORS, traces)
    if not lacking:
        return ask

    def without(answer: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(answer)
        def answered(*given: Any) -> Any:
            with pytest.MonkeyPatch.context() as patch:  # what answers is made at the first question
                for library in lacking:
                    patch.setattr(literals, library, lambda: None)
                told = answer(*given)
                return [*told] if isinstance(told, Iterator) else told

        return answered

    return engine.Questions(*[without(answer) for answer in ask])


@pytest.fixture(autouse=True, scope="module")
def at_once() -> Iterator[None]:
    """Has the fast answer of the smallest data, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "ENOUGH", -1)
        patch.setattr(literals, "ENOUGH", -1)
        yield


LITERALS = tuple(
    dict.fromkeys((*anchors.CORES, *anchors.ARCHIVES, *anchors.BASE64_ARCHIVES, *anchors.ESCAPED_ARCHIVES, *anchors.WORDS))
)
COMPANIONS = [other for others in anchors.COMPANIONS for other in others]
PIECES = st.sampled_from([*LITERALS, *COMPANIONS, b"@", b"pw:", b"\0", b"\n", b" "])


PLAIN, FAST, BY_TRACES = questions(*LIBRARIES), questions(), questions(traces=examination.TRACES)
BY_WORDS = (FAST, *map(questions, LIBRARIES))
# the same again, for what data was before: each keeps what it has seen of the last data
BEFORE, BEFORE_BY_TRACES = questions(), questions(traces=examination.TRACES)


def assert_same(data: bytes) -> None:
    """Of settings what sees their traces may tell better than words alone, as long as nothing is found; all else is the same."""
    answer, places, hides = PLAIN.worth_reading(data), list(PLAIN.places(data)), PLAIN.hides(data)
    view = memoryview(data + b"?" * 9)[: len(data)]
    assert PLAIN.worth_reading(view) is answer
    for ask in BY_WORDS:
        assert list(ask.places(data)) == places
        assert ask.hides(data) is hides
        assert ask.worth_reading(data) is ask.worth_reading(view) is answer
    by_traces = BY_TRACES.worth_reading(data)
    assert BY_TRACES.hides(data) is hides
    if answer and by_traces:  # of settings it tells fewer places
        assert found(data, BY_TRACES) == found(data, FAST)
    assert by_traces or not answer or not found(data)


def test_each_answers_with_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    used = list[type]()
    monkeypatch.setattr(engine._Fast, "worth_reading", lambda self, view: used.append(type(self)))
    for lacking in (LIBRARIES, LIBRARIES[1:], LIBRARIES[:1]):
        questions(*lacking).worth_reading(b"x")
    assert used == [engine._Fast] * bool(literals.ahocorasick_rs()) + [engine._ByPatterns] * bool(literals.hyperscan())


@settings(max_examples=500, deadline=None)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=30).map(b"".join))
def test_the_same_answer_on_anything_made_of_literals(data: bytes) -> None:
    assert_same(data)


@settings(max_examples=200, deadline=None)
@given(hidden=HIDDEN, before=GLUE, after=GLUE)
def test_the_same_answer_on_what_hides_a_secret(hidden: tuple[str, tuple[str, ...]], before: bytes, after: bytes) -> None:
    assert_same(before + hide(hidden) + after)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=4000))
def test_the_same_answer_on_any_bytes(data: bytes) -> None:
    assert_same(data)


@pytest.mark.parametrize("way", hiding.ALL, ids=[way.name for way in hiding.ALL])
@pytest.mark.parametrize("again", [0, 1, 100])
def test_the_same_answer_far_inside_whatever_else_is_suspected(way: hiding.Hiding, again: int) -> None:
    held = way.hide(TOKENS["user@pypi.org"])[0]
    text = b"for line in lines:\n    print(line, end='')\n" * 99
    encoded = base64.b64encode(b"what is encoded, and has no end") + b" "
    for suspect in (b"%41%42%43 ", encoded, b"ff00ee11dd22 " * 20, b"a\0b\0c\0d\0" * 40) if again else (b"",):
        assert_same(text + suspect * again + held + text)
        assert_same(suspect * again + text + held + text[:99])


@pytest.mark.parametrize("way", hiding.ALL, ids=[way.name for way in hiding.ALL])
def test_the_same_answer_wherever_a_piece_ends(way: hiding.Hiding) -> None:
    held = way.hide(TOKENS["user@pypi.org"])[0]
    text = b"for line in lines:\n    print(line, end='')\n" * 2000
    for size in (suspects._STRETCH, suspects._PIECE * anchors.STRIDE):
        for inside in (0, 20, len(held) // 2, len(held) - 20):
            assert_same(text[: size - inside] + held + text[:4000])


@pytest.mark.parametrize("lead", [b"\n> ", b"\n// ", b" |\n| "])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_same_answer_on_lines_of_two_encodings(lead: bytes, encoding: str) -> None:
    encoded = ENCODINGS[encoding](ENCODINGS["base64"](TOKENS["user@pypi.org"]))
    for width in (41, 42, 43, 48, 49, 50, 60, 76):
        held = lead.join(encoded[at : at + width] for at in range(0, len(encoded), width))
        assert_same(held)
        assert_same(b"x = 1\n" * 1300 + held + b"\ny = 2\n" * 3000)


@pytest.mark.parametrize("part", SOUP)
def test_the_same_answer_on_the_same_again_and_again(part: bytes) -> None:
    for times in (1, 7, 8, 30, 60, 200):
        assert_same(part * times)
        assert_same(b"x = 1\n" * 50 + part * times + b"\ny = 2\n" * 50)


@pytest.mark.skipif(not literals.hyperscan(), reason="it is what looks")
def test_the_hashes_of_a_lock_file_are_not_suspected_but_numbers_among_them_are() -> None:
    """A sample of every seventh byte can miss the words between hashes: half of all lock files would be looked at closely."""
    look = engine._ByPatterns((), ())._look
    for at in range(anchors.STRIDE):
        assert not (look(b"x" * at + HASHES).suspects or {}).get(anchors.ESCAPES)
        assert (look(b"x" * at + HASHES + b"0x70, 0x79, " * 20 + HASHES).suspects or {}).get(anchors.ESCAPES)


@pytest.mark.skipif(not literals.hyperscan(), reason="it is what looks")
@pytest.mark.parametrize("unbroken", [base64.b64encode(b"what is in two encodings, twice"), b"what is hexadecimal".hex().encode()])
def test_what_is_unbroken_is_suspected_wherever_it_stands(unbroken: bytes) -> None:
    unbroken = unbroken[: anchors.UNBROKEN].ljust(anchors.UNBROKEN, b"2")
    assert anchors.takes_turns(unbroken, anchors.QUAD) or anchors.takes_turns(unbroken, anchors.PAIR)
    look = engine._ByPatterns((), ())._look
    for before in (b".", b"longer_than_a_word " * 9, b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" * 99):
        for at in (*range(9000, 9000 + 4 * anchors.STRIDE), *range(suspects._STRETCH - len(unbroken) - 2, suspects._STRETCH + 2)):
            data = (before * (at // len(before) + 1))[:at] + b"." + unbroken + b"." * 999
            spans = (look(data).suspects or {})[anchors.RUNS]
            assert any(start * anchors.STRIDE <= at and at + len(unbroken) <= end * anchors.STRIDE for start, end in spans)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SOUP), st.integers(1, 60)), max_size=20))
@example([(b"1f 8b 08 ", 10), (b"%41", 25), (b"\n0010: ", 1)])  # the second row of a dump without the first one
def test_the_same_answer_on_what_looks_hidden(parts: list[tuple[bytes, int]]) -> None:
    assert_same(b"".join(part * times for part, times in parts))


OTHER_FILES = (b"", b"x", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"41 67 45 " * 9, b"QWdF" * 30, b"a\0b\0c\0" * 20, b"print(1)\n" * 50)
PARTS = st.one_of(
    st.builds(lambda hidden, before, after: before + hide(hidden) + after, HIDDEN, GLUE, GLUE),
    st.lists(st.builds(bytes.__mul__, st.sampled_from(SOUP), st.integers(1, 60)), max_size=4).map(b"".join),
    st.sampled_from(OTHER_FILES),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, max_size=4))
@example([hide(("none@pypi.org", ("utf-16-le",))), OTHER_FILES[2]])  # where numbers follow, the text is no less wide
def test_what_is_asked_together_is_as_if_each_were_asked_alone(parts: list[bytes]) -> None:
    for ask in (PLAIN, *BY_WORDS, BY_TRACES):
        assert ask.any_worth_reading(parts) or not any(map(ask.worth_reading, parts))


@pytest.mark.parametrize("begin", [b"\xff\xfea\0", b"\xfe\xff\0a", b"\x1f\x8b\x08\xff\xff", b"\x28\xb5\x2f\xfd\x08"])
def test_what_means_more_at_the_beginning_of_a_file_is_seen_among_others(begin: bytes) -> None:
    """An archive with a wrong header is told, however many files there are."""
    file = begin + b"zz\xff\0" * 9
    for ask in (PLAIN, FAST, BY_TRACES):
        assert ask.worth_reading(file) and ask.any_worth_reading([b"x\n", file])


@pytest.mark.parametrize("way", hiding.ALL, ids=[way.name for way in hiding.ALL])
def test_a_token_among_other_files_is_seen(way: hiding.Hiding) -> None:
    held = way.hide(TOKENS["user@pypi.org"])[0]
    for before, after in itertools.product(OTHER_FILES, repeat=2):
        for ask in (PLAIN, FAST, BY_TRACES):
            assert ask.any_worth_reading([before, held, after])


def test_ordinary_files_are_not_worth_reading_together() -> None:
    files = [b"import os\n\nprint(os.name)\n" * times for times in range(40)]
    assert not any(ask.any_worth_reading(files) for ask in (PLAIN, *BY_WORDS, BY_TRACES))


CODE = b"for line in lines:\n    print(line, end='')\n"
LOCK = b"".join(b"    --hash=sha256:%b \\\n" % hashlib.sha256(b"%d" % number).hexdigest().encode() for number in range(120))
LONG_TEXTS = (CODE * 300, LOCK, b"x = 1\n" * 900, bytes(range(256)) * 20, b"caf\xc3\xa9 " * 500)
TEXTS = st.lists(st.sampled_from(LONG_TEXTS), min_size=1, max_size=4)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.one_of(PIECES, st.binary(max_size=9), st.just(b""))), max_size=4)


def changed(data: bytes, edits: Sequence[tuple[float, int, bytes]]) -> tuple[bytes, list[tuple[int, int]]]:
    """Returns what the data was before the edits, each a place, how much is new there, and what that has replaced; and the places."""
    spans: list[tuple[int, int]] = []
    before, end = b"", 0
    for share, size, old in sorted(edits):
        start = max(end, int(share * len(data)))
        before, end = before + data[end:start] + old, min(len(data), start + size)
        spans.append((start, max(start, end)))
    return before + data[end:], spans


def assert_seen(data: bytes, before: bytes, spans: list[tuple[int, int]]) -> None:
    """What is worth reading is so whether all of it is looked at or what has changed, wherever anything is found."""
    for ask, ask_before in ((FAST, BEFORE), (BY_TRACES, BEFORE_BY_TRACES)):
        seen = ask.look(data, ask_before.look(before, None, ()), spans)
        assert seen.is_worth is ask.worth_reading(data) or not found(data)


@settings(max_examples=500, deadline=None)
@given(hidden=HIDDEN, texts=TEXTS, edits=EDITS, at=st.floats(0, 1))
def test_what_an_edit_completes_is_seen(
    hidden: tuple[str, tuple[str, ...]], texts: list[bytes], edits: list[tuple[float, int, bytes]], at: float
) -> None:
    held = hide(hidden)
    cut = int(at * len(held))
    text = b"".join(texts)
    data = text + held + text
    for size in (0, 1, 7, len(held)):
        inside = ((len(text) + cut) / len(data), size, b"")
        assert_seen(data, *changed(data, [*edits, inside]))


@pytest.mark.parametrize("way", hiding.ALL, ids=[way.name for way in hiding.ALL])
@pytest.mark.parametrize("size", [1, 3, 20])
def test_a_token_that_an_edit_makes_whole_is_seen(way: hiding.Hiding, size: int) -> None:
    held = way.hide(TOKENS["user@pypi.org"])[0]
    for text in (CODE * 300, LOCK, LOCK + CODE * 200 + LOCK):
        data = text + held + text
        for cut in range(0, len(held), 43):
            start = len(text) + cut
            before = data[:start] + b"~" + data[start + size :]
            assert BY_TRACES.look(data, BEFORE_BY_TRACES.look(before, None, ()), [(start, start + size)]).is_worth


@pytest.mark.skipif(not literals.hyperscan(), reason="it is what looks")
def test_what_has_not_changed_is_not_looked_at_again() -> None:
    data, before = LOCK + CODE * 900 + b"x" + LOCK, engine.Look(False, frozenset((b"twine",)))
    seen = BY_TRACES.look(data, before, [(len(LOCK + CODE * 900), len(LOCK + CODE * 900) + 1)])
    assert not seen.is_worth and seen.marks and b"twine" in seen.marks
    hidden = LOCK + TOKENS["user@pypi.org"] + CODE * 900 + b"x" + LOCK
    assert not BY_TRACES.look(hidden, before, [(len(hidden) - len(LOCK) - 1, len(hidden) - len(LOCK))]).is_worth


@pytest.mark.skipif(not literals.hyperscan(), reason="it is what looks")
@pytest.mark.parametrize("far", [b"\x1b[1m[distutils]\x1b[0m\n", b"\x1b[31mred\x1b[m\n[distutils]\n"])
def test_what_an_edit_brings_to_coloured_text_is_seen_by_its_words(far: bytes) -> None:
    brought = b"\x1b[1mpassword\x1b[0m = tr0ub4dor-and-three\n"
    data = far + CODE * 300 + brought + CODE * 300
    at = data.index(brought)
    assert anchors.worth_reading(data) and not BY_TRACES.worth_reading(data.replace(brought, b""))
    assert BY_TRACES.look(data, BY_TRACES.look(data.replace(brought, b""), None, ()), [(at, at + len(brought))]).is_worth


@pytest.mark.skipif(not literals.hyperscan(), reason="it is what looks")
@pytest.mark.parametrize(
    "sign", ["\x1b[K", "\x1b[?2004l", "\x1b[38:5:1m", "\\u001b[0K", "\\x1b[K", "\\u{1b}[1m", "\\u001b\\u005b1m", "%1B%5B38%3B5%3B1m"]
)
def test_whatever_a_terminal_takes_for_a_command_may_part_a_setting(sign: str) -> None:
    data = f"{sign}twine{sign} {sign}upload{sign} -u bob -p{sign} tr0ub4dor-and-three\n".encode()
    assert anchors.worth_reading(data) and BY_TRACES.worth_reading(data)
    assert len(found(data)) == len(found(data, BY_TRACES)) == 1


def test_what_was_looked_at_without_patterns_says_nothing_of_what_stands_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "ENOUGH", len(CODE * 900))
    ask = engine.questions((), examination.TRACES)
    before = CODE * 200 + b"[pypi]\nusername = ada\n" + CODE * 300
    data = before + b"password = tr0ub4dor-and-three\n"
    first = ask.look(before, None, ())
    assert not first.is_worth
    for _ in range(3):  # now with patterns
        ask.look(before + CODE * 300, None, ())
    assert ask.look(data, first, [(len(before), len(data))]).is_worth
    assert ask.look(data, ask.look(before, None, ()), [(len(before), len(data))]).is_worth


@settings(max_examples=300, deadline=None)
@example(8192, [(7040 / 8192, 0), (2257 / 8192, 171)])  # what is around one begins where that around the other ends
@given(st.integers(8 << 10, 60_000), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 300)), max_size=20))
def test_what_is_around_changes_holds_them_and_the_ends(size: int, places: list[tuple[float, int]]) -> None:
    spans = [(start, end) for _, start, end in sorted((at, int(at * size), min(size, int(at * size) + more)) for at, more in places)]
    around = list(engine._around(spans, size))
    assert bool(around) is bool(spans) and all(end <= size for _, end in around)
    assert all(start < end and start % anchors.STRIDE == 0 for start, end in around)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(around))
    for first, last in spans:
        assert any(
            start <= max(0, first - engine.AROUND) and min(size, last + engine.AROUND) <= end for start, end in around
        )


def test_literals_that_share_bytes_are_both_found() -> None:
    shared = [
        one + other[size:]
        for one, other in itertools.permutations(LITERALS, 2)
        for size in range(1, len(other))
        if one.endswith(other[:size])
    ]
    assert shared and not any(one in other for one, other in itertools.permutations(LITERALS, 2))
    for data in shared:
        assert_same(data)
        assert_same(b"twine " + data + b" --password")


def test_the_searches_are_small_enough_to_be_fast() -> None:
    words = (*anchors.CORES, *anchors.ESCAPED_ARCHIVES, *anchors.BASE64_NAMES, *anchors.ARCHIVES, *anchors.WORDS)
    assert len([*literals._groups(words)]) == 2, "the short ones and all others"
    assert max(map(len, anchors.COMPANIONS)) <= literals.FEW


def test_the_room_around_a_place_holds_the_longest_section() -> None:
    from pypi_token_hooks.detectors.index_credential import sections

    assert anchors.SECTION >= sections.MAX_SECTION + sections.MAX_STEP
    assert anchors.REACH >= sections.MAX_STEP * 3 // 2  # a step of which many signs may be escaped


@pytest.mark.skipif(not literals.hyperscan(), reason="it is what looks")
@pytest.mark.parametrize(
    "trace", [trace for trace in examination.TRACES if len(trace.patterns) > 1], ids=lambda trace: trace.patterns[0][:20]
)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_trace_is_seen_whichever_of_its_patterns_an_edit_brings(trace: Trace, data: st.DataObject) -> None:
    parts = [data.draw(st.from_regex(re.compile(pattern, re.DOTALL), fullmatch=True)) + b"\n" for pattern in trace.patterns]
    whole = CODE * 300 + (CODE * 300).join(parts) + CODE * 300
    for part in parts:
        at = whole.index(part)
        assert BY_TRACES.look(whole, BY_TRACES.look(whole.replace(part, b"\n"), None, ()), [(at, at + len(part))]).is_worth


@pytest.mark.skipif(not literals.hyperscan(), reason="nothing else has to be made")
def test_what_was_prepared_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = engine.questions((), examination.TRACES)
    ask.prepare()
    made: list[object] = []
    monkeypatch.setattr(literals.hyperscan(), "Scratch", made.append)
    assert ask.look(CODE * 900 + b"\npassword = tr0ub4dor\n" + CODE * 900, None, ()).marks and not made


@pytest.mark.parametrize("length", [20, 1300])
@pytest.mark.parametrize(
    "form",
    [
        "&#{};", "&#x{:x};", "&#X{:X};", "&amp;#{};", "&AMP;#{};", "&amp;amp;#{};", "&amp;#X{:X};", "\\u{:04x}", "\\\\u{:04X}", "\\x{:02x}",
        "%25{:02x}",
    ],
)
@pytest.mark.parametrize("text", ["UV_PUBLISH_TOKEN=@", "index-url = https://bob:@!corp.io/simple", "poetry config http-basic.corp bob @"])
def test_each_way_sees_signs_that_are_escaped(text: str, form: str, length: int) -> None:
    password = ("k7Rq2mVx9" * length)[:length]
    escaped = "".join(form.format(ord(sign)) if sign in "_-:/" else sign for sign in text)
    data = escaped.replace("@", password).replace("!", "@").encode()
    data = b"nothing to see here\n" * 900 + data + b"\n" + b"nor below it\n" * 900
    assert anchors.worth_reading(data)
    assert engine._Fast(()).worth_reading(data)
    assert engine._ByPatterns((), ()).worth_reading(data)
    assert engine._ByPatterns((), examination.TRACES).worth_reading(data)
