"""No output, in any format and any failure, holds eight bytes of a secret beyond a token's prefix."""
from __future__ import annotations

import base64
import json
import pathlib
import pickle
import subprocess
import sys
import traceback
import zipfile
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote
from urllib.parse import urlencode

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from pypi_token_hooks import examination
from pypi_token_hooks import harvest
from pypi_token_hooks import model
from pypi_token_hooks import reports
from pypi_token_hooks.credentials import images
from pypi_token_hooks.model import Check
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Secret
from pypi_token_hooks.model import Unread
from pypi_token_hooks.reports import facts
from pypi_token_hooks.reports import scrub
from pypi_token_hooks.reports.scrub import Scrubber
from tests import credential_corpus as corpus
from tests import mint
from tests import reporting
from tests.machine import Machine
from tests.reporting import CHECKING
from tests.reporting import DETECTING
from tests.reporting import FORMATS
from tests.secrecy import assert_hidden

COMMIT = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
TOKENS = [token for _, token in mint.every_shape(seed=3)]
PASSWORDS = [
    "Tr0ub4dor&3-correct-horse", "pässwörd-mit-Umläuten", "a b\tc'd\"e\\f%41$(id)", "0f1e2d3c4b5a6978",
    "xxxxxy%z",
]

def everywhere(hook: str, secret: str, text: str) -> Report:
    """Returns a report that has `text` in every field that something scanned can get into."""
    report = model.empty_report()
    place = Place(f"src/{text}/a.py", ("pkg.zip", text), COMMIT, f"refs/heads/{text}")
    token = model.Token("pypi-", text, text, "projects", (text, "b"), (text,), text, text, None, None)
    held = Secret(secret.encode())
    for rule in ("pypi-token", "own-credential", "pypirc-password", "index-credential"):
        for part in ("content", "name", "link target", "message", "author", "committer", "tag", "ref"):
            report.findings.append(
                Finding(
                    rule, "certain", place._replace(part=part), 1, 1, ("base64", "hex", "percent"), held,
                    token if rule == "pypi-token" else None, text, text, True, f"It was {text}.",
                )
            )
    report.findings.append(Finding("pypirc-file", "certain", place, 1, 1, (), None, None, text))
    report.skipped.append(Unread(place, "damaged", text))
    report.failures.append(Unread(place, "unreadable", f"cannot open {text}", expected=False))
    report.messages.append(f"On {text}.")
    if hook in CHECKING:
        report.checks.append(Check("whitespace", "error", text, 1, f"value {text}", f"put {text}"))
        report.extra.update(mended=True, file=f"src/{text}/.pypirc")
    return report


@pytest.mark.parametrize("secret", [*TOKENS[::6], *PASSWORDS])
@pytest.mark.parametrize("form", FORMATS)
def test_in_every_field_of_every_hook(form: str, secret: str, capsys: pytest.CaptureFixture[str]) -> None:
    for hook in (*DETECTING, *CHECKING):
        for colour in ("always", "never") if form == "text" else ("never",):  # the other forms have none
            report = everywhere(hook, secret, secret)
            reports.emit(hook, report, reporting.options(form, color=colour, verbose=True))
    done = capsys.readouterr()
    assert "src/" in done.out
    assert_hidden(secret, done.err)
    for document in done.out.split("\n}\n"):
        assert_hidden(secret, document + "\n}")


@pytest.mark.parametrize("secret", [TOKENS[1], TOKENS[30], PASSWORDS[0]])
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("start, end", [(0, 40), (30, 38), (25, 60), (-9, None), (21, 300)])
def test_a_piece_of_it_in_a_path(
    form: str, secret: str, start: int, end: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    report = everywhere("", secret, f"x{secret[start:end]}y")
    reports.emit("detect-pypi-token", report, reporting.options(form))
    done = capsys.readouterr()
    assert_hidden(secret, done.out + done.err)


@pytest.mark.parametrize("secret", [TOKENS[1], PASSWORDS[0]])
@pytest.mark.parametrize("form", FORMATS)
def test_an_encoding_of_it_in_a_path(form: str, secret: str, capsys: pytest.CaptureFixture[str]) -> None:
    raw = secret.encode()
    for encoded in (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(b"a" + raw).decode(), raw.hex()):
        reports.emit("detect-pypi-token", everywhere("", secret, encoded), reporting.options(form))
        done = capsys.readouterr()
        constant = 46 if secret in TOKENS else 4  # what all tokens begin with, in hexadecimal the longest
        inside = encoded[constant:-4]
        assert len(inside) > 20
        shown = done.out + done.err
        assert not any(inside[at : at + 12] in shown for at in range(len(inside) - 11))


@given(st.integers(0, 50), st.sampled_from(reporting.ENCODINGS), st.integers(0, 2), st.integers(0, 700), st.integers(0, 99))
@settings(max_examples=300)
@example(1, "percent", 0, 193, 23)  # its first escape is cut, and the digit that is left is the letter that was escaped
def test_any_piece_of_an_encoding(seed: int, form: str, shift: int, at: int, size: int) -> None:
    secret = mint.token(seed=seed)
    piece = reporting.encoded(form, b"x" * shift + secret.encode())[at : at + size]
    assert_hidden(secret, Scrubber([secret.encode()])(f"/{piece}/"))


@pytest.mark.parametrize("every", [2, 3, 5, 7])
def test_a_secret_of_which_some_characters_are_percent_encoded(every: int) -> None:
    for secret in (TOKENS[1], PASSWORDS[0]):
        for first in range(every):
            text = "".join(f"%{ord(c):02x}" if n % every == first else c for n, c in enumerate(secret))
            assert_hidden(secret, Scrubber([secret.encode()])(f"a%41/{text}/b"))


def test_a_passphrase_in_a_form() -> None:
    secret = "my old horse eats 7+8 hats"
    text = Scrubber([secret.encode()])(f"a/{urlencode({'p': secret})}.txt")
    assert text == "a/p=***.txt"


@pytest.mark.parametrize("token", TOKENS)
def test_a_complaint_shows_no_token(token: str, capsys: pytest.CaptureFixture[str]) -> None:
    reports.complain("detect-pypi-token", f"cannot read '{token}': no such file")
    err = capsys.readouterr().err
    assert err.startswith("detect-pypi-token: cannot read '") and err.count("\n") == 1
    assert_hidden(token, err)


class CarelessError(Exception):
    """An error of a library, with what it read in its text."""


@pytest.mark.parametrize(
    "error", [CheckFailed, CarelessError, ValueError, OSError, UnicodeDecodeError, RecursionError]
)
@pytest.mark.parametrize("form", FORMATS)
def test_no_failure_shows_it(form: str, error: type[Exception], capsys: pytest.CaptureFixture[str]) -> None:
    from pypi_token_hooks import pipeline

    secret = TOKENS[1]

    def fail() -> Report:
        if error is UnicodeDecodeError:
            raise UnicodeDecodeError("utf-8", secret.encode(), 0, 1, secret)
        raise error(f"line 3: {secret}")

    assert pipeline.run("detect-pypi-token", reporting.options(form), fail) == model.FAILED
    done = capsys.readouterr()
    assert (done.out == "") is (form == "text") and done.err.startswith("detect-pypi-token: ")
    assert done.err.count("\n") == 1, "one line, no traceback"
    assert_hidden(secret, done.out + done.err)


def test_a_report_can_be_logged() -> None:
    secret = TOKENS[1]
    report = everywhere("detect-pypi-token", secret, "x")
    first = report.findings[0]
    for text in (repr(report), str(report), f"{report}", format(first), f"{first.secret:>80}"):
        assert_hidden(secret, text)
    try:
        raise ValueError(report)
    except ValueError:
        assert_hidden(secret, traceback.format_exc())


def test_a_secret_shows_itself_to_nobody_but_by_name() -> None:
    secret = Secret(TOKENS[1].encode())
    assert secret.reveal() == TOKENS[1].encode()
    assert not hasattr(secret, "__dict__")
    assert_hidden(TOKENS[1], f"{secret} {secret!r} {secret!s} {[secret]}")
    assert pickle.loads(pickle.dumps(secret)) == secret  # other processes hand findings back


# ---------------------------------------------------------------- the hooks themselves, as processes

TOKEN, PASSWORD = mint.token(seed=901), "Tr0ub4dor-correct_horse9"
RAW, B64 = TOKEN.encode(), base64.b64encode(TOKEN.encode()).decode()
PYPIRC = f"[pypi]\nusername = u\npassword = {PASSWORD}\n"
OWN = {"TWINE_PASSWORD": PASSWORD, "COLUMNS": "20"}
LEAKS: dict[str, str | bytes] = {
    "a.py": f"T = '{TOKEN}'\n", f"{TOKEN}.txt": "x", f"x{TOKEN[30:60]}y.txt": TOKEN, f"{B64}.b64": B64, f"d/{TOKEN}/a": TOKEN,
    f"e-{base64.urlsafe_b64encode(b'a' + RAW).decode()}": base64.b64encode(b"a" + RAW).decode(), f"{PASSWORD}.ini": PYPIRC,
    f"{PASSWORD[4:16]}.ini": PYPIRC, "u.txt": f"--index-url https://user:{PASSWORD}@h.example.org/simple\n",
    "pct": "--index-url https://user:" + "".join(f"%{ord(c):02x}" for c in PASSWORD) + "@h.example.org/simple\n",
    "u16": TOKEN.encode("utf-16"), "split.py": f"t = '{TOKEN[:50]}' \\\n '{TOKEN[50:]}'\n", "hex": RAW.hex(),
    f"{base64.b64encode(PASSWORD.encode()).decode()}.k8s": base64.b64encode(PYPIRC.encode()), f"{TOKEN}/.pypirc": PYPIRC,
}


class Leaky(NamedTuple):
    """A repository full of leaks, and the names that lead to the rest of them."""

    machine: Machine
    folder: pathlib.Path
    message: pathlib.Path
    head: str


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Leaky:
    base = tmp_path_factory.mktemp("leaky")
    machine = Machine(base)
    machine.env |= OWN
    folder = machine.repository(base / "r")
    for name, content in LEAKS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "link").symlink_to(TOKEN)
    (folder / "dist").mkdir()
    with zipfile.ZipFile(folder / "dist" / f"{TOKEN}-1-py3-none-any.whl", "w") as wheel:
        for name, content in LEAKS.items():
            wheel.writestr(name, content)
    (folder / "dist" / "damaged.gz").write_bytes(b"\x1f\x8b\x08damaged" + RAW)
    machine.git(folder, "add", "--all", "--force", ".")
    machine.git(folder, "checkout", "--quiet", "-b", TOKEN)
    machine.git(folder, "commit", "--quiet", "-m", f"say {TOKEN}\n\n{PASSWORD}", env={"GIT_AUTHOR_NAME": PASSWORD})
    machine.git(folder, "tag", "--annotate", "--message", TOKEN, f"v-{TOKEN}")
    for name in list(LEAKS):
        (folder / name).write_text(TOKEN + PASSWORD)
    machine.git(folder, "add", "--all", "--force", ".")
    (machine.home / ".pypirc").write_text(f"[pypi]\nusername = {TOKEN}\npassword = '{TOKEN}' # {PASSWORD}\n[{TOKEN}\n")
    machine.git(folder, "config", "core.excludesFile", str(folder / "a.py" / TOKEN))  # below a file: nothing can be there
    message = base / TOKEN
    message.write_text(f"say {TOKEN}\n{TOKEN[:40]}\n{TOKEN[40:]}\n{PASSWORD}\n")
    return Leaky(machine, folder, message, machine.git(folder, "rev-parse", "HEAD").decode().strip())


RUNS: dict[str, tuple[str, ...]] = {
    "staged": ("detect-pypi-token",), "tracked": ("detect-pypi-token", "--all-files"), "folder": ("detect-pypi-token", "."),
    "names": ("forbid-pypirc",), "message": ("detect-pypi-token-in-message", "MESSAGE"),
    "push": ("detect-pypi-token-in-push", f"https://u:{PASSWORD}@h/", f"https://u:{PASSWORD}@h/"),
    "history": ("detect-pypi-token-in-history",), "dist": ("detect-pypi-token-in-dist",), "pypirc": ("check-pypirc",),
    "ignored": ("check-pypirc-ignored",), "unfixable": ("check-pypirc-ignored", "--fix"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("run", RUNS)
def test_in_no_output_of_the_hooks(run: str, form: str, leaky: Leaky) -> None:
    hook, *arguments = (str(leaky.message) if word == "MESSAGE" else word for word in RUNS[run])
    feed = f"refs/heads/{TOKEN} {leaky.head} refs/heads/{TOKEN} {'0' * 40}\n" if run == "push" else ""
    done = leaky.machine.hook(hook, "--format", form, "--verbose", *arguments, cwd=leaky.folder, feed=feed.encode())
    assert done.returncode == (2 if run == "unfixable" else 1)
    said = (done.stdout + done.stderr).decode()
    assert "Traceback" not in said
    assert_hidden(TOKEN, said)
    assert_hidden(PASSWORD, said)


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
@pytest.mark.parametrize("hook", (*DETECTING, *CHECKING))
def test_in_no_failure_of_the_hooks(hook: str, leaky: Leaky) -> None:
    missing = leaky.folder / f"missing-{TOKEN}"
    wrong = [(f"--{TOKEN}",), (f"--color={TOKEN}",), ("--baseline", str(missing)), ("--baseline", str(leaky.message)),
             ("--config-file", f"/dev/null/{TOKEN}"), (str(missing),), (TOKEN, TOKEN, TOKEN), (f"x\n{TOKEN}",)]
    for arguments in wrong:
        done = leaky.machine.hook(hook, *arguments, cwd=leaky.folder, feed=f"garbage {TOKEN} {PASSWORD}\n".encode())
        assert b"Traceback" not in done.stderr
        assert_hidden(TOKEN, (done.stdout + done.stderr).decode())


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
@pytest.mark.parametrize("hook", (*DETECTING, *CHECKING))
def test_in_no_failure_of_the_hooks_is_an_own_password(hook: str, leaky: Leaky) -> None:
    missing = str(leaky.folder / PASSWORD)
    for arguments in ((f"--{PASSWORD}",), ("--format", PASSWORD), ("--baseline", missing), (PASSWORD, PASSWORD, PASSWORD)):
        done = leaky.machine.hook(hook, *arguments, cwd=leaky.folder, feed=f"garbage {PASSWORD}\n".encode())
        assert b"Traceback" not in done.stderr
        assert_hidden(PASSWORD, done.stderr.decode())


def test_who_does_not_want_it_is_not_asked_for_passwords(leaky: Leaky) -> None:
    done = leaky.machine.hook("detect-pypi-token", "--no-own", "--format", "x-" + PASSWORD, cwd=leaky.folder)
    assert PASSWORD in done.stderr.decode()


NAMES: dict[str, Callable[[bytes], str]] = {
    "base64": lambda held: base64.urlsafe_b64encode(b"me:" + held).decode(),
    "hexadecimal": lambda held: held.hex(), "hexadecimal with signs": lambda held: held.hex("-"),
    "base64 of wide text": lambda held: base64.urlsafe_b64encode(held.decode().encode("utf-16-le")).decode(),
    "percent": lambda held: quote(held, safe=""), "numbers": lambda held: ",".join(map(str, held)),
    "HTML": lambda held: "".join(f"&#{ord(c)};" for c in held.decode()),
    "HTML of signs": lambda held: "".join(c if c.isalnum() else f"&#{ord(c)};" for c in held.decode()),
}


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
@pytest.mark.parametrize("size", [9, 13, 21])
@pytest.mark.parametrize("name", NAMES)
def test_not_in_a_name_that_holds_it_in_an_encoding(name: str, size: int, tmp_path: pathlib.Path) -> None:
    own = corpus.password(size, size)[: size - 4]
    password = own[:4] + "&" + own[4:7] + '"%' + own[7:] + "$"
    written = NAMES[name](password.encode())
    machine = Machine(tmp_path)
    machine.env["TWINE_PASSWORD"] = password
    folder = machine.repository(tmp_path / "r")
    (folder / "d").mkdir()
    (folder / "d" / f"x.{written}.txt").write_text(f"see '{TOKEN}'")
    machine.git(folder, "add", "--all")
    for form in FORMATS:
        done = machine.hook("detect-pypi-token", "--format", form, "--verbose", cwd=folder)
        said = (done.stdout + done.stderr).decode()
        assert done.returncode == 1 and "own-credential" in said and "***" in said
        for text in (written, json.dumps(written)[1:-1], quote(written)):
            assert not any(text[at : at + 8] in said for at in range(len(text) - 7))
        assert_hidden(password, said)


@pytest.mark.parametrize("password", ["gärtnör-früh9", "kT9&fq2-é~Lw", "a\"b\\c'd/e&f<g>h"])
def test_not_in_a_name_that_holds_it_in_another_way(password: str) -> None:
    own = (harvest.Own(Secret(password.encode()), "~"),)
    known = examination.settings(own, None, file_names=False)
    encodings = [password.encode("latin-1"), *(image for _, image in images.escaped(password.encode()))]
    for written in encodings:
        report, name = model.empty_report(), (b"a/" + written + b".txt").decode("utf-8", "surrogateescape")
        examination.examine(model.Blob(b"a/" + written + b".txt", Place(name, part="name")), known, report)
        assert [finding.rule for finding in report.findings] == ["own-credential"]
        text = name[2:-4]
        assert not any(text[at : at + 8] in facts.scrubber(report, reporting.options(no_own=True))(name) for at in range(len(text) - 7))


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
@pytest.mark.parametrize("form", FORMATS)
def test_not_in_the_name_of_a_branch(form: str, tmp_path: pathlib.Path) -> None:
    machine = Machine(tmp_path)
    machine.env["TWINE_PASSWORD"] = password = corpus.password(4, 13)
    folder = machine.repository(tmp_path / "r")
    machine.git(folder, "commit", "--quiet", "--allow-empty", "-m", "x")
    head = machine.git(folder, "rev-parse", "HEAD").decode().strip()
    for name in ("base64", "hexadecimal", "hexadecimal with signs"):
        written = NAMES[name](password.encode()).rstrip("=")
        feed = f"refs/heads/{written} {head} refs/heads/{written} {'0' * 40}\n"
        done = machine.hook("detect-pypi-token-in-push", "--format", form, "origin", "u", cwd=folder, feed=feed.encode())
        said = (done.stdout + done.stderr).decode()
        assert done.returncode == 1 and "own-credential" in said
        assert not any(written[at : at + 8] in said for at in range(len(written) - 7))


WAYS: dict[str, Callable[[bytes], str]] = {
    "as it stands": lambda held: held.decode(), **NAMES,
    "escapes": lambda held: "".join(f"\\x{byte:02x}" for byte in held),
    "escapes of UTF-16": lambda held: "".join(f"\\u{ord(c):04X}" for c in held.decode()),
    "octal": lambda held: "".join(f"\\{byte:03o}" for byte in held), "form": lambda held: urlencode({"p": held.decode()}),
    "hexadecimal of wide text": lambda held: held.decode().encode("utf-16-be").hex(),
    "HTML in hexadecimal": lambda held: "".join(f"&#x{ord(c):x};" for c in held.decode()),
}
SIGNS = "Tr0&ub4dor\"%x$é ü9"  # no eight plain characters in a row


def assert_none_of(written: str, done: subprocess.CompletedProcess[bytes]) -> None:
    said = (done.stdout + done.stderr).decode()
    assert "***" in said and "Traceback" not in said
    for text in (written, json.dumps(written)[1:-1], quote(written), repr(written)[1:-1]):
        assert not [text[at : at + 8] for at in range(len(text) - 7) if text[at : at + 8] in said]


@pytest.fixture
def holder(tmp_path: pathlib.Path) -> Machine:
    """A machine that holds two passwords, of which one has many signs."""
    machine = Machine(tmp_path)
    machine.env["UV_PUBLISH_PASSWORD"] = PASSWORD
    (machine.home / ".pypirc").write_text(f"[pypi]\nusername = u\npassword = {SIGNS}\n", encoding="utf-8")
    return machine


@pytest.mark.parametrize("password", [PASSWORD, SIGNS, *PASSWORDS[:4]])
@pytest.mark.parametrize("way", WAYS)
def test_a_password_of_the_machine_is_hidden_in_any_sentence(way: str, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWINE_PASSWORD", password)
    written, clean = WAYS[way](password.encode()), Scrubber(scrub.of_machine())
    in_c_locale = password.encode().decode("ascii", "surrogateescape")
    quoted = (repr(in_c_locale), repr(written), json.dumps(written, ensure_ascii=False), written.replace("\\", "\\\\").replace(" ", "\\ "))
    for text in (written, *quoted):
        shown = clean(f"cannot read /x/{text}/y: no such file")
        assert shown.startswith("cannot read /x/") and shown.endswith("/y: no such file")
        assert not [text[at : at + 8] for at in range(len(text) - 7) if text[at : at + 8] in shown]


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
@pytest.mark.parametrize("password", [PASSWORD, SIGNS])
@pytest.mark.parametrize("way", ["as it stands", "base64", "octal"])
def test_the_checks_show_no_password_of_the_machine(way: str, password: str, holder: Machine, tmp_path: pathlib.Path) -> None:
    written = WAYS[way](password.encode())
    folder = holder.repository(tmp_path / "r")
    file = folder / f"n-{written}.txt"
    file.write_text("[pypi]\nusername = u\npassword = x\n")
    file.chmod(0o644)
    holder.git(folder, "add", "--all")
    holder.git(folder, "config", "core.excludesFile", f"{tmp_path}/none/{written}/ignore")
    for form in FORMATS:
        done = holder.hook("check-pypirc", "--config-file", file.name, "--format", form, cwd=folder)
        assert done.returncode == 1
        assert_none_of(written, done)
        done = holder.hook("check-pypirc-ignored", "--in-ci", "--format", form, cwd=folder)
        assert done.returncode == 1
        assert_none_of(written, done)
    file.unlink()
    (tmp_path / "none").write_text("")  # nothing can be below a file
    for hook, *arguments in (("check-pypirc", "--config-file", file.name), ("check-pypirc-ignored", "--fix"),
                             ("check-pypirc", "--config-file", f"/dev/null/{written}"), ("check-pypirc", "--" + written)):
        assert_none_of(written, holder.hook(hook, *arguments, cwd=folder))


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("way", ["as it stands", "hexadecimal", "octal"])
def test_a_check_shows_no_password_of_a_file_that_is_elsewhere(way: str, form: str, tmp_path: pathlib.Path) -> None:
    machine, written = Machine(tmp_path), WAYS[way](PASSWORD.encode())
    file = tmp_path / f"n-{written}.txt"
    file.write_text(f"[pypi]\nusername = u\npassword = {PASSWORD}\n")
    file.chmod(0o644)
    for more in ((), ("--fix",)):
        done = machine.hook("check-pypirc", "--config-file", file.name, "--format", form, *more, cwd=tmp_path)
        assert done.returncode == 1
        assert_none_of(written, done)


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
@pytest.mark.parametrize("password", [PASSWORD, SIGNS])
@pytest.mark.parametrize("way", ["as it stands", "hexadecimal", "escapes"])
def test_no_complaint_shows_a_password_of_the_machine(way: str, password: str, holder: Machine, tmp_path: pathlib.Path) -> None:
    written = WAYS[way](password.encode())
    folder = holder.repository(tmp_path / "r")
    holder.git(folder, "commit", "--quiet", "--allow-empty", "-m", "x")
    (folder / f"m-{written}").write_text(f"see {TOKEN}\n")
    for hook, *arguments in (
        ("detect-pypi-token", "--baseline", f"missing/{written}"), ("detect-pypi-token", "--format", written),
        ("detect-pypi-token-in-history", written), ("detect-pypi-token-in-message", written),
        ("detect-pypi-token-in-message", f"m-{written}"), ("detect-pypi-token-in-message", f"m-{written}", "--format=json"),
    ):
        done = holder.hook(hook, *arguments, cwd=folder)
        assert done.returncode == 1 + (arguments[0][:2] != "m-")
        assert_none_of(written, done)


def test_the_check_itself_would_see_a_leak() -> None:
    with pytest.raises(AssertionError):
        assert_hidden(TOKENS[1], f"see {TOKENS[1][60:68]} there")
    with pytest.raises(AssertionError):
        assert_hidden("a b c d e f g", '"a%20b%20c%20d%20e"')
    piece = TOKENS[1][61:74].encode()
    for image in (base64.b64encode(b"x" + piece).decode(), piece.hex().upper(), f"{piece[:5].decode()}\n  {piece[5:].decode()}",
                  piece.decode().replace(chr(piece[5]), f"\\u{piece[5]:04x}")):
        with pytest.raises(AssertionError):
            assert_hidden(TOKENS[1], f"see {image} there")
