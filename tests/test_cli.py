"""The command line of every hook: help that fits a screen and says the exit codes, and one line for wrong usage."""
from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import zipfile

import pytest

import pypi_token_hooks
from pypi_token_hooks import cli
from pypi_token_hooks import model
from tests import mint
from tests import reporting
from tests.machine import ASCII
from tests.machine import UTF8
from tests.machine import Machine

HOOKS = (*reporting.DETECTING, *reporting.CHECKING)
LINES, COLUMNS = 24, 80
SHARED = ("--format", "--color", "--strict", "--version", "--help")
OPTIONS = {
    "detect-pypi-token": ("--staged", "--all-files"),
    "check-pypirc": ("--config-file", "--fix"),
    "check-pypirc-ignored": ("--fix", "--in-ci"),
    "detect-pypi-token-in-history": ("--all-objects",),
}


def shown(machine: Machine, hook: str, *arguments: str, cwd: pathlib.Path) -> subprocess.CompletedProcess[bytes]:
    return machine.hook(hook, *arguments, cwd=cwd, env={"COLUMNS": str(COLUMNS), "NO_COLOR": "1"})


@pytest.mark.parametrize("hook", HOOKS)
def test_help_fits_a_screen_and_says_the_exit_codes(machine: Machine, tmp_path: pathlib.Path, hook: str) -> None:
    done = shown(machine, hook, "--help", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    assert len(lines) < LINES, "the prompt needs a line too"
    assert max(map(len, lines)) <= COLUMNS
    assert lines[0].startswith(f"usage: {hook} [options]")
    assert lines[-1] == cli.EPILOG
    told = [int(code) for code in re.findall(r"\b\d\b", cli.EPILOG)]
    assert told == [model.CLEAN, model.FOUND, model.FAILED]


@pytest.mark.parametrize("hook", HOOKS)
def test_help_tells_every_option(machine: Machine, tmp_path: pathlib.Path, hook: str) -> None:
    text = shown(machine, hook, "--help", cwd=tmp_path).stdout.decode()
    detecting = ("--baseline", "--no-own") if hook in reporting.DETECTING else ()
    for option in (*SHARED, *detecting, *OPTIONS.get(hook, ())):
        assert re.search(rf"^  (-h, )?{option}\b.*[a-z]$", text, re.MULTILINE), option


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    "arguments", [("--no-such-option",), ("--format", "xml"), ("--color", "pink"), ("--form", "json")], ids=" ".join
)
def test_wrong_usage_is_2_and_told_on_standard_error(
    machine: Machine, tmp_path: pathlib.Path, hook: str, arguments: tuple[str, ...]
) -> None:
    done = shown(machine, hook, *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (model.FAILED, b"")
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"{hook}: ") and "--help" in line


def test_help_needs_no_program_but_python(tmp_path: pathlib.Path) -> None:
    machine = Machine(tmp_path)
    nothing = {"PATH": str(tmp_path / "nothing"), "PYTHONEXECUTABLE": sys.executable}
    assert machine.hook("detect-pypi-token", "--help", cwd=tmp_path, env=nothing).returncode == 0


LACKING = ("fork", "readv", "preadv", "pread", "posix_fadvise", "sched_getaffinity", "mkfifo", "getuid", "geteuid", "getgid",
           "chown", "O_NOFOLLOW", "O_CLOEXEC", "sysconf", "nice", "killpg", "set_blocking", "O_NONBLOCK", "WNOHANG", "fchmod")
AS_ON_WINDOWS = f"""
import os; os.supports_dir_fd.clear()
import runpy, sys, subprocess, tempfile, threading, importlib.util
for name in {LACKING!r}:
    if hasattr(os, name): delattr(os, name)
os.fsdecode = lambda name: name.decode("utf-8", "surrogatepass") if isinstance(name, bytes) else os.fspath(name)
os.fsencode = lambda name: name.encode("utf-8", "surrogatepass") if isinstance(name, str) else os.fspath(name)
for name in ("fcntl", "resource", "pwd", "grp", "termios"): sys.modules[name] = None
hook = sys.argv.pop(1)
runpy.run_module("pypi_token_hooks." + hook.replace("-", "_"), run_name="__main__")
"""


@pytest.mark.parametrize("hook", HOOKS)
def test_nothing_needs_what_windows_lacks(machine: Machine, tmp_path: pathlib.Path, hook: str) -> None:
    """Run without all that only other systems have; the modules that really run on Windows stand for themselves there."""
    repository = machine.repository(tmp_path / "r")
    machine.git(repository, "commit", "--quiet", "--allow-empty", "-m", "begin")
    token = mint.token(seed=6)
    for name in ("a.py", ".pypirc", "dist/a.txt", *(f"many/{number}" for number in range(300))):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text(token if "many" not in name else "x")
    machine.git(repository, "add", "--force", ".")
    (machine.home / ".pypirc").write_text("[pypi]\nusername = me\npassword = Tr0ub4dor-correct\n")
    given = {
        "detect-pypi-token": ["."], "detect-pypi-token-in-message": ["a.py"], "detect-pypi-token-in-history": ["--all-objects"],
    }.get(hook, [])
    command = (sys.executable, "-c", AS_ON_WINDOWS, hook, *given)
    lines = f"x {machine.git(repository, 'stash', 'create').decode().strip()} refs/heads/x {'0' * 40}\n"
    done = subprocess.run(command, cwd=repository, env=machine.env, input=lines.encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b""), done.stdout.decode()[-500:]


@pytest.mark.skipif(os.name == "nt", reason="it is simulated")
@pytest.mark.parametrize(
    ("command", "code"),
    [("detect-pypi-token --staged", 1), ("detect-pypi-token --all-files", 0), ("forbid-pypirc", 1), ("detect-pypi-token-in-message m", 0)],
)
def test_names_that_windows_does_not_have_are_no_failure(machine: Machine, tmp_path: pathlib.Path, command: str, code: int) -> None:
    """The index can hold a name in Latin-1, as older systems made them."""
    repository = machine.repository(tmp_path / "r")
    (repository / "m").write_text(mint.token(seed=6))
    content = machine.git(repository, "hash-object", "-w", "m").decode().strip()
    (repository / "m").write_text("a message\n")
    for name in ("caf\udce9.py", "d\udce9/.pypirc"):
        machine.git(repository, "update-index", "--add", "--cacheinfo", f"100644,{content},{name}")
    machine.git(repository, "symbolic-ref", "HEAD", "refs/heads/caf\udce9")
    called = (sys.executable, "-c", AS_ON_WINDOWS, *command.split())
    done = subprocess.run(called, cwd=repository, env=machine.env, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (code, b"")
    assert (b"\\xe9" in done.stdout) == bool(code)


@pytest.mark.skipif(os.name == "nt", reason="there names have no locale")
@pytest.mark.parametrize(
    "command",
    [
        "detect-pypi-token é/é.py", "detect-pypi-token", "detect-pypi-token --all-files", "detect-pypi-token TOP/é",
        "forbid-pypirc", "forbid-pypirc é", "detect-pypi-token-in-message é/é.py", "detect-pypi-token-in-push é /x/é",
        "detect-pypi-token-in-history", "detect-pypi-token-in-history é", "detect-pypi-token-in-dist é",
        "check-pypirc --config-file é/.pypirc", "check-pypirc --config-file TOP/é/.pypirc", "check-pypirc-ignored",
        "detect-pypi-token --baseline é", "detect-pypi-token-in-message é/none", "detect-pypi-token-in-history é1",
        "check-pypirc-ignored --fix", "detect-pypi-token é/none", "detect-pypi-token --é",
    ],
)
@pytest.mark.parametrize("form", ["json", "sarif"])
def test_a_name_is_told_as_it_is_in_any_locale(machine: Machine, tmp_path: pathlib.Path, command: str, form: str) -> None:
    repository = machine.repository(tmp_path / "é\udce9")
    machine.git(repository, "checkout", "--quiet", "-b", "é")
    machine.git(repository, "remote", "add", "é", "/x/é")
    (repository / "é").mkdir()
    (repository / "é" / "é.py").write_text(f"t = '{mint.token(seed=6)}'\n")
    (repository / "é" / ".pypirc").write_text("[pypi]\nusername = __token__\npassword = x\n")
    (repository / "é" / ".pypirc").chmod(0o644)
    machine.git(repository, "add", "--all")
    if "in-" in command:
        machine.git(repository, "commit", "--quiet", "-m", mint.token(seed=7))
        machine.git(repository, "tag", "é")
        other = machine.git(repository, "commit-tree", "HEAD^{tree}", "-m", "x").decode().strip()
        machine.git(repository, "update-ref", "refs/remotes/é/x", other)
    if command.endswith("--fix"):
        machine.git(repository, "config", "core.excludesFile", "é/é.py/é")
    feed = b""
    if "push" in command:
        head = machine.git(repository, "rev-parse", "HEAD").decode().strip()
        feed = f"refs/heads/é {head} refs/heads/é {'0' * 40}\n".encode()
    hook, *arguments = command.replace("TOP", str(repository)).split()
    env = {"HOME": str(machine.home / "é"), "PYTHONIOENCODING": "utf-8"}
    one, two = (
        machine.hook(hook, *arguments, "--format", form, cwd=repository, feed=feed, env={**env, **locale}) for locale in (UTF8, ASCII)
    )
    assert one.returncode == two.returncode > 0
    assert (one.stdout, one.stderr) == (two.stdout, two.stderr)
    assert rb"\u00e9" in one.stdout or b"%C3%A9" in one.stdout or "é".encode() in one.stderr


CLEAN = {"detect-pypi-token": "a.py", "forbid-pypirc": "a.py", "detect-pypi-token-in-message": "a.py"}
FOUND = {"detect-pypi-token": "leak", "forbid-pypirc": ".pypirc", "detect-pypi-token-in-message": "leak"}


def ended(how: str, command: list[str], cwd: pathlib.Path, env: dict[str, str]) -> tuple[int, bytes]:
    """Returns the exit code and the messages of a command whose output goes where nothing can be written."""
    if how.startswith("closed"):
        command = ["sh", "-c", f'exec "$@" >&- {"2>&-" if "errors" in how else ""}', "sh", *command]
    read, write = os.pipe()
    os.close(read)
    out = os.open("/dev/full", os.O_WRONLY) if how == "full" else write
    try:
        done = subprocess.run(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(write)
    return done.returncode, done.stderr


@pytest.mark.skipif(not pathlib.Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize("hook", HOOKS)
def test_where_nothing_can_be_written_it_ends_quietly_and_never_as_clean(
    machine: Machine, tmp_path: pathlib.Path, hook: str, buffered: bool
) -> None:
    repository = machine.repository(tmp_path / "r")
    machine.git(repository, "commit", "--quiet", "--allow-empty", "-m", "begin")
    for name, content in (("a.py", "x"), ("leak", mint.token(seed=6)), ("dist/a", "x")):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text(content)
    env = {**machine.env, **({} if buffered else {"PYTHONUNBUFFERED": "1"})}
    for argument in dict.fromkeys((CLEAN.get(hook, ""), FOUND.get(hook, ""), "--help", "--version")):
        arguments = [argument] if argument else []
        command = [sys.executable, "-m", "pypi_token_hooks." + hook.replace("-", "_"), *arguments]
        usual = machine.hook(hook, *arguments, cwd=repository).returncode
        assert ended("nobody reads", command, repository, env) == (model.UNHEARD, b"")
        code, said = ended("full", command, repository, env)
        assert (code, said.count(b"\n")) == (model.FAILED, 1) and b"the output cannot be written: No space" in said
        assert ended("closed", command, repository, env) == (usual, b"")
        assert ended("closed, errors too", command, repository, env) == (usual, b"")


@pytest.mark.parametrize(("hook", "name", "code"), [
    ("detect-pypi-token", "clean.txt", 0), ("detect-pypi-token", "missing.txt", 2), ("detect-pypi-token", ".pypirc", 1),
    ("forbid-pypirc", "clean.txt", 0), ("forbid-pypirc", ".pypirc", 1),
])
def test_a_script_that_ends_the_process_says_all_before(
    machine: Machine, tmp_path: pathlib.Path, hook: str, name: str, code: int
) -> None:
    """It leaves the interpreter as it is: what was printed must be out by then."""
    (tmp_path / "clean.txt").write_text("Nothing.\n")
    (tmp_path / ".pypirc").write_text(f"[pypi]\npassword = {mint.token(seed=60)}\n")
    call = f"import sys; sys.argv = ['x', {name!r}]; from pypi_token_hooks.{hook.replace('-', '_')} import script; script()"
    done = subprocess.run((sys.executable, "-c", call), cwd=tmp_path, env=machine.env, capture_output=True, check=False)
    told = machine.hook(hook, name, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (code, told.stdout, told.stderr)


INTERRUPTED = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == at:
            os.kill(os.getpid(), signal.SIGINT)
at, module = sys.argv.pop(1), sys.argv.pop(1)
signal.signal(signal.SIGINT, signal.default_int_handler)  # what is started in the background ignores it
sys.meta_path.insert(0, Interrupting())
script = __import__(module, fromlist=["script"]).script
script()
raise AssertionError("it was not interrupted")
"""


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
@pytest.mark.parametrize("at", ["argparse", "subprocess", *(f"pypi_token_hooks.{name}" for name in ("anchors", "pipeline", "git"))])
@pytest.mark.parametrize("hook", HOOKS)
def test_an_interrupt_ends_quietly_at_any_time(machine: Machine, tmp_path: pathlib.Path, hook: str, at: str) -> None:
    """What takes time at the beginning is to load the modules, of which a run that finds nothing needs but some."""
    repository = machine.repository(tmp_path / "r")
    machine.git(repository, "commit", "--quiet", "--allow-empty", "-m", "begin")
    (repository / "dist").mkdir()
    command = [sys.executable, "-c", INTERRUPTED, at, "pypi_token_hooks." + hook.replace("-", "_")]
    given = {"detect-pypi-token-in-message": ["--verbose", "m"]}.get(hook, ["--verbose"])
    done = subprocess.run(
        (*command, *given), cwd=repository, env=machine.env, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert b"Traceback" not in done.stderr
    if at == "argparse" or done.returncode == 130:
        assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_an_interrupt_that_comes_while_a_check_runs_ends_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> int:
        raise KeyboardInterrupt

    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    pypi_token_hooks.leave(interrupted)
    pypi_token_hooks.leave(lambda: model.FOUND)
    assert ended == [130, model.FOUND]


BROKEN = """
import sys
from pypi_token_hooks import harvest
def broken(*_, **__):
    raise ValueError(text)
module, text = sys.argv.pop(1), sys.argv.pop(1)
harvest._collected = broken
__import__(module, fromlist=["script"]).script()
"""


BROKEN_BY_ONE = """
import sys
from pypi_token_hooks import detect_pypi_token, readings
each, text = readings.each, sys.argv.pop(1)
def broken(data, *rest):
    if b"odd" in data:
        raise ValueError(text)
    return each(data, *rest)
readings.each = broken
detect_pypi_token.script()
"""


def test_a_bug_that_one_file_meets_is_told_with_its_name_and_the_others_are_read(machine: Machine, tmp_path: pathlib.Path) -> None:
    token = mint.token(seed=6)
    (tmp_path / "odd.py").write_text(f"odd = {token}\n")
    (tmp_path / "b.py").write_text(f"even = {token}\n")
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("first", f"odd = {token}\n")
        archive.writestr("second", f"even = {token}\n")
    why = ("failed", "internal error (ValueError); please report it")

    def told(*names: str) -> tuple[int, list[list[str]], list[list[str]]]:
        command = [sys.executable, "-c", BROKEN_BY_ONE, token, "--format", "json", *names]
        done = subprocess.run(command, cwd=tmp_path, env=machine.env, capture_output=True, check=False)
        assert token[60:68].encode() not in done.stdout + done.stderr and b"Traceback" not in done.stderr
        report = json.loads(done.stdout)
        assert all((one["reason"], one["detail"]) == why for one in report["skipped"])
        found, unread = ([[one["path"], *one["members"]] for one in report[key]] for key in ("findings", "skipped"))
        return done.returncode, found, unread

    assert told("odd.py") == (model.FAILED, [], [["odd.py"]])
    assert told("b.py", "odd.py") == (model.FOUND, [["b.py"]], [["odd.py"]])
    assert told("c.zip") == (model.FOUND, [["c.zip", "second"]], [["c.zip", "first"]])


@pytest.mark.parametrize("hook", reporting.DETECTING)
def test_a_bug_is_told_without_what_it_says_wherever_it_comes(machine: Machine, tmp_path: pathlib.Path, hook: str) -> None:
    """What a quick look raises, too: some hooks leave it to the full check, others have no other one."""
    repository = machine.repository(tmp_path / "r")
    for name in ("a.py", "dist/a"):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text("x")
    token = mint.token(seed=6)
    command = [sys.executable, "-c", BROKEN, "pypi_token_hooks." + hook.replace("-", "_"), token]
    given = {"forbid-pypirc": [".pypirc"], "detect-pypi-token-in-message": ["a.py"], "detect-pypi-token": ["a.py"]}.get(hook, [])
    done = subprocess.run((*command, *given), cwd=repository, env=machine.env, input=b"", capture_output=True, check=False)
    if hook != "forbid-pypirc":  # which asks for no secrets
        assert (done.returncode, done.stdout) == (model.FAILED, b"")
        assert re.fullmatch(rb"[a-z-]+: internal error \(ValueError\); please report it\n", done.stderr)
    assert b"Traceback" not in done.stderr and token[60:68].encode() not in done.stdout + done.stderr
