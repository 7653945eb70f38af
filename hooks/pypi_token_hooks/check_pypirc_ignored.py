"""Hook `check-pypirc-ignored`: git's excludes file in, whether it keeps `.pypirc` out of commits and what to do out."""
from __future__ import annotations

import os
import stat
import sys

from pypi_token_hooks import in_ci
from pypi_token_hooks import leave

TYPE_CHECKING = False  # a type checker takes it for true
if TYPE_CHECKING:
    from pypi_token_hooks.model import Check
    from pypi_token_hooks.model import Report

HOOK = "check-pypirc-ignored"
RULE = ".pypirc"
PROBES = (".pypirc", "sub/.pypirc")
SETTING = "core.excludesFile"
# files to name in the setting, of which the first is git's own choice
OTHERS = (os.path.join("~", ".config", "git", "ignore"), os.path.join("~", ".gitignore_global"))


class Excludes:
    """The excludes file that is in force, and the setting that it comes from."""

    def __init__(self, path: str | None, setting: str, origin: str | None = "") -> None:
        self.path = path  # None: no file is in force, because the setting is empty or there is no home folder
        self.setting = setting
        self.origin = origin  # the file that has the setting; "": nothing has it; None: the command line or the environment


def _seen_from_top(path: str) -> str:
    """Returns the path as git takes it, to which a relative one begins at the top of the work tree."""
    from pypi_token_hooks import git

    if os.path.isabs(path):
        return path
    code, out, _ = git.ask(("rev-parse", "--show-toplevel"))
    top = out.decode("utf-8", "surrogateescape").removesuffix("\n") if code == 0 else ""
    return os.path.join(top or os.getcwd(), path)


def _is_useless(path: str) -> bool:
    """Tells whether something is there that git can read no rules from: a folder, a pipe, a device, a link in a circle."""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode) or not os.access(path, os.R_OK)
    except FileNotFoundError:
        return False
    except OSError:
        return True


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
    from pypi_token_hooks import git
    from pypi_token_hooks.model import CheckFailed

    code, out, err = git.ask(("config", "-z", "--show-origin", "--type=path", "--get", SETTING))
    if code == 1:
        return _by_default()
    if code:
        raise CheckFailed(git.sentence(("config",), err))
    origin, _, value = out.decode("utf-8", "surrogateescape").rstrip("\0").partition("\0")
    file = origin.removeprefix("file:") if origin.startswith("file:") else None
    setting = f"{SETTING}, set in {file or 'the command line or the environment'}" + ("" if value else " to nothing")
    return Excludes(_seen_from_top(value) if value else None, setting, file)


def ignores(path: str | None) -> bool:
    """Asks git whether, by this excludes file alone, it ignores a `.pypirc` at the top and in a folder below."""
    from pypi_token_hooks import disk
    from pypi_token_hooks import git
    from pypi_token_hooks.model import CheckFailed

    if path and _is_useless(path):
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


def _added(path: str) -> str:
    """Returns the command that adds the rule to a file, which need not be there; a tilde stays."""
    import shlex

    folder = os.path.dirname(os.path.realpath(os.path.expanduser(path)))
    make = "" if os.path.isdir(folder) else f"mkdir -p {shlex.quote(folder)} && "
    # an empty line first, in case the file does not end in one
    return f"{make}printf '\\n{RULE}\\n' >> {path if path[:1] == '~' else shlex.quote(path)}"


def _mend(excludes: Excludes) -> str:
    """Returns the one command that mends it, or what to do where none does."""
    import shlex

    if excludes.path and not _is_useless(excludes.path):
        return _added(excludes.path)
    if excludes.origin is None:
        return f"Where the command line or the environment sets {SETTING}, let it name a file, or take it out."
    if excludes.path is None and not excludes.origin:
        return "Set the variable HOME to your home folder: git looks for its settings there."
    path = next((other for other in OTHERS if not _is_useless(os.path.expanduser(other))), OTHERS[-1])
    where = "--global"
    if excludes.origin and os.access(file := _seen_from_top(excludes.origin), os.W_OK):
        # what is set in the repository, or in a file that another one includes, holds against the global setting
        where = f"--file {shlex.quote(file)} --replace-all"
    return f"{_added(path)} && git config {where} {SETTING} {path}"


def _problem(excludes: Excludes) -> Check:
    from pypi_token_hooks.model import Check

    if excludes.path is None:
        what = "git reads no global excludes file"
    elif _is_useless(excludes.path):
        what = f"the global excludes file {excludes.path} is no file that git can read"
    elif not os.path.exists(excludes.path):
        what = f"the global excludes file {excludes.path} does not exist"
    else:
        what = f"the global excludes file {excludes.path} does not make git ignore {RULE} everywhere"
    message = f"{what} ({excludes.setting}), so a {RULE} with your upload token can slip into any repository"
    return Check("not-ignored", "error", None, None, message, _mend(excludes))


def _fix(excludes: Excludes, report: Report) -> None:
    """Adds the rule, asks git again, and says what was done."""
    from pypi_token_hooks import disk
    from pypi_token_hooks.model import CheckFailed

    path = excludes.path
    if path is None or _is_useless(path):
        problem = _problem(excludes)
        raise CheckFailed(f"there is nothing to add to: {problem.message}; do now: {problem.remedy}")
    try:
        added = disk.append_line(path, RULE, lambda: not ignores(path))
    except OSError as error:
        raise CheckFailed(f"{path} cannot be written: {error.strerror}") from None
    if not ignores(path):
        raise CheckFailed(f"{RULE} was added to {path}, and git still does not ignore it; look at what the file says")
    if added:
        report.messages.append(f"added {RULE} to {path} ({excludes.setting}); git now ignores it in every repository")
        report.extra["mended"] = True


def _is_well() -> bool:
    """Tells whether all is well, at the price of git alone; whatever is not is told by the full check."""
    from pypi_token_hooks.model import CheckFailed

    try:
        return not in_ci() and ignores(in_force().path)
    except (CheckFailed, OSError):
        return False


def _check(fix: bool, even_in_ci: bool) -> Report:
    from pypi_token_hooks.model import empty_report

    report = empty_report()
    if in_ci() and not even_in_ci:
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


def script() -> None:
    """The console script."""
    leave(main)


if __name__ == "__main__":
    script()
