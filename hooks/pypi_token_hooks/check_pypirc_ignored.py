"""Hook `check-pypirc-ignored`: git's excludes file in, whether it keeps `.pypirc` out of commits and what to do out."""
from __future__ import annotations

import os
import stat
import sys
from typing import NamedTuple

from pypi_token_hooks import disk
from pypi_token_hooks import git
from pypi_token_hooks.model import Check
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import empty_report

HOOK = "check-pypirc-ignored"
RULE = ".pypirc"
PROBES = (".pypirc", "sub/.pypirc")
SETTING = "core.excludesFile"


class Excludes(NamedTuple):
    """The excludes file that is in force, and the setting that it comes from."""

    path: str | None  # None: no file is in force, because the setting is empty or there is no home folder
    setting: str


def _seen_from_top(path: str) -> str:
    """Returns the path as git takes it, to which a relative one begins at the top of the work tree."""
    if os.path.isabs(path):
        return path
    code, out, _ = git.ask(("rev-parse", "--show-toplevel"))
    top = out.decode("utf-8", "surrogateescape").removesuffix("\n") if code == 0 else ""
    return os.path.join(top or os.getcwd(), path)


def _is_no_file(path: str) -> bool:
    """Tells whether something is there that can hold no rules: a folder, a pipe, a device."""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


def _by_default() -> Excludes:
    """Returns git's own choice where no setting names a file (gitignore(5))."""
    setting = f"git's default, because {SETTING} is not set"
    folder = os.environ.get("XDG_CONFIG_HOME")
    if folder:
        return Excludes(_seen_from_top(f"{folder}/git/ignore"), f"{setting}; from XDG_CONFIG_HOME")
    home = os.environ.get("HOME")
    if os.name == "nt":
        home = home or os.environ.get("USERPROFILE")
    return Excludes(None if home is None else _seen_from_top(f"{home}/.config/git/ignore"), setting)


def in_force() -> Excludes:
    """Returns the excludes file that git reads here, of any scope and include."""
    code, out, err = git.ask(("config", "-z", "--show-origin", "--type=path", "--get", SETTING))
    if code == 1:
        return _by_default()
    if code:
        raise CheckFailed(git.sentence(("config",), err))
    origin, _, value = out.decode("utf-8", "surrogateescape").rstrip("\0").partition("\0")
    origin = origin.removeprefix("file:") if origin.startswith("file:") else "the command line or the environment"
    return Excludes(_seen_from_top(value) if value else None, f"{SETTING}, set in {origin}" + ("" if value else " to nothing"))


def ignores(path: str | None) -> bool:
    """Asks git whether, by this excludes file alone, it ignores a `.pypirc` at the top and in a folder below."""
    if path and _is_no_file(path):
        return False  # git stops at a folder, waits for a pipe and takes nothing from a device
    with disk.scratch_folder(*PROBES) as folder:
        code, _, err = git.ask(("init", "--quiet", "--template="), folder, elsewhere=True)
        if code:
            raise CheckFailed(git.sentence(("init",), err))
        excludes = f"{SETTING}={os.path.abspath(path) if path else ''}"
        question = ("-c", excludes, "check-ignore", "--no-index", "-z", "--stdin")
        code, out, err = git.ask(question, folder, "\0".join(PROBES).encode(), elsewhere=True)
        if code > 1:
            raise CheckFailed(git.sentence(("check-ignore",), err))
        return set(out.split(b"\0")) >= {probe.encode() for probe in PROBES}


def _mend(excludes: Excludes) -> str:
    """Returns the one command that mends it."""
    import shlex

    usable = excludes.path and not _is_no_file(excludes.path)
    path = excludes.path if usable and excludes.path else os.path.join("~", ".config", "git", "ignore")
    shown = path if path.startswith("~") else shlex.quote(path)
    folder = os.path.dirname(path)
    make = "" if os.path.isdir(os.path.expanduser(folder)) else f"mkdir -p {folder if folder[:1] == '~' else shlex.quote(folder)} && "
    # an empty line first, in case the file does not end in one
    add = f"printf '\\n{RULE}\\n' >> {shown}"
    return f"{make}{add}" if usable else f"{make}{add} && git config --global {SETTING} {shown}"


def _problem(excludes: Excludes) -> Check:
    if excludes.path is None:
        what = "git reads no global excludes file"
    elif not os.path.exists(excludes.path):
        what = f"the global excludes file {excludes.path} does not exist"
    elif _is_no_file(excludes.path):
        what = f"the global excludes file {excludes.path} is no regular file"
    else:
        what = f"the global excludes file {excludes.path} does not make git ignore {RULE} everywhere"
    message = f"{what} ({excludes.setting}), so a {RULE} with your upload token can slip into any repository"
    return Check("not-ignored", "error", None, None, message, _mend(excludes))


def _fix(excludes: Excludes, report: Report) -> None:
    """Adds the rule, asks git again, and says what was done."""
    path = excludes.path
    if path is None or _is_no_file(path):
        raise CheckFailed(f"there is no excludes file to add to ({excludes.setting}); run: {_mend(excludes)}")
    try:
        added = disk.append_line(path, RULE, lambda: not ignores(path))
    except OSError as error:
        raise CheckFailed(f"{path} cannot be written: {error.strerror}") from None
    if not ignores(path):
        raise CheckFailed(f"{RULE} was added to {path}, and git still does not ignore it; look at what the file says")
    if added:
        report.messages.append(f"added {RULE} to {path} ({excludes.setting}); git now ignores it in every repository")
        report.extra["mended"] = True


def _is_ci() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def _is_well() -> bool:
    """Tells whether all is well, at the price of git alone; whatever is not is told by the full check."""
    try:
        return not _is_ci() and ignores(in_force().path)
    except (CheckFailed, OSError):
        return False


def _check(fix: bool, in_ci: bool) -> Report:
    report = empty_report()
    if _is_ci() and not in_ci:
        report.messages.append("not checked: CI is set, and this check is about people's machines (--in-ci checks anyway)")
        return report
    excludes = in_force()
    if ignores(excludes.path):
        return report
    if fix:
        _fix(excludes, report)
    else:
        report.checks.append(_problem(excludes))
    return report


def main(argv: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments and _is_well():
        return 0  # this hook runs at every commit: do not load the rest of the program to say nothing
    from pypi_token_hooks import cli
    from pypi_token_hooks import pipeline

    parser = cli.parser(HOOK, "Check that the global gitignore excludes .pypirc.", detects=False)
    parser.add_argument("--fix", action="store_true", help="add .pypirc to the excludes file that is in force")
    parser.add_argument("--in-ci", action="store_true", help="check also where CI is set")
    options = parser.parse_args(arguments)
    return pipeline.run(HOOK, options, lambda: _check(options.fix, options.in_ci))


if __name__ == "__main__":
    raise SystemExit(main())
