"""git's global excludes file in; out: whether it makes git ignore `.pypirc`, and what mends it. On demand it is mended."""
from __future__ import annotations

import os
import stat
from typing import NamedTuple

from pypi_token_hooks import disk
from pypi_token_hooks import git
from pypi_token_hooks.model import Check
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import as_text
from pypi_token_hooks.model import named

RULE = ".pypirc"
PROBES = (".pypirc", "sub/.pypirc")
SETTING = "core.excludesFile"
# Files that the setting can be given, git's own default first. git wants slashes on Windows, too.
OTHERS = ("~/.config/git/ignore", "~/.gitignore_global")


class Excludes(NamedTuple):
    """The excludes file that is in force, and where that is set."""

    path: str | None  # None: there is none, because the setting is empty or there is no home folder
    setting: str  # for people: what makes this file the one in force
    origin: str | None = ""  # the file that holds the setting; "" if it is not set; None for the command line or the environment


def _seen_from_top(path: str) -> str:
    """Returns the path as git reads it: a relative one is relative to the top of the work tree."""
    if os.path.isabs(path):
        return path
    code, out, _ = git.ask(("rev-parse", "--show-toplevel"))
    top = git.fsdecode(out).removesuffix("\n") if code == 0 else ""
    return os.path.join(top or os.getcwd(), path)


def _is_useless(path: str) -> bool:
    """Tells whether git can read no rules from what the path names: a folder, a pipe, a device, a link in a circle.

    A path with a slash at its end names a folder, whether it exists or not. Any other path may be that of a file yet to be made.
    """
    if path.endswith(("/", os.sep)):
        return True
    try:
        return not stat.S_ISREG(os.stat(path).st_mode) or not os.access(path, os.R_OK)
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _by_default() -> Excludes:
    """Returns the file that git reads if none is set (gitignore(5))."""
    setting = f"git's default, because {SETTING} is not set"
    folder = os.environ.get("XDG_CONFIG_HOME")
    if folder:
        return Excludes(_seen_from_top(f"{folder}/git/ignore"), f"{setting}; from XDG_CONFIG_HOME")
    home = os.environ.get("HOME")
    if home is None and os.name == "nt":  # git for Windows then derives HOME from several variables: let it expand the tilde
        code, out, _ = git.ask(("-c", f"{SETTING}={OTHERS[0]}", "config", "--type=path", "--get", SETTING))
        return Excludes(git.fsdecode(out).removesuffix("\n") if code == 0 else None, setting)
    return Excludes(None if home is None else _seen_from_top(f"{home}/.config/git/ignore"), setting)


def in_force() -> Excludes:
    """Returns the excludes file that git reads here, set in any scope or include. Raises CheckFailed where git fails."""
    code, out, err = git.ask(("config", "-z", "--show-origin", "--type=path", "--get", SETTING))
    if code == 1:
        return _by_default()
    if code:
        raise CheckFailed(git.sentence(("config",), err))
    origin, _, value = git.fsdecode(out).rstrip("\0").partition("\0")
    file = origin.removeprefix("file:") if origin.startswith("file:") else None
    where = as_text(file) if file else "the command line or the environment"
    setting = f"{SETTING}, set in {where}" + ("" if value else " to nothing")
    return Excludes(_seen_from_top(value) if value else None, setting, file)


def _ignores_in(folder: str, path: str | None) -> bool:
    """Makes the folder a repository, and asks git whether it ignores all PROBES there by this excludes file."""
    # the name of the first branch may be set to one that no branch can have, at which git fails
    code, _, err = git.ask(("-c", "init.defaultBranch=main", "init", "--quiet", "--template="), folder, elsewhere=True)
    if code:
        raise CheckFailed(git.sentence(("init",), err))
    excludes = f"{SETTING}={os.path.abspath(path) if path else ''}"
    return git.ignores_all(PROBES, folder, "--no-index", settings=("-c", excludes), elsewhere=True)


def ignores(path: str | None) -> bool:
    """Tells whether git, by this excludes file alone, ignores a `.pypirc` at the top of a repository and in a folder below.

    Raises CheckFailed where git fails, or where no temporary repository can be made in which to ask it.
    """
    if path and _is_useless(path):
        return False  # git fails at a folder, waits for a pipe and reads nothing from a device
    try:
        with disk.scratch_folder(*PROBES) as folder:
            return _ignores_in(folder, path)
    except OSError as error:
        raise CheckFailed(f"no temporary folder can be made in which to ask git: {error.strerror}") from None


def _added(path: str) -> str:
    """Returns the command that adds the rule to a file, which need not exist; a tilde stays."""
    folder = os.path.dirname(os.path.realpath(os.path.expanduser(path)))
    make = "" if os.path.isdir(folder) else f"mkdir -p {named(as_text(folder), stand_in='<its folder>')} && "
    # begins with a line feed, in case the file does not end with one
    return f"{make}printf '\\n{RULE}\\n' >> {path if path[:1] == '~' else named(as_text(path))}"


def _mend(excludes: Excludes) -> str:
    """Returns the one command that mends it, or a sentence on what to do where no command does."""
    if excludes.path and not _is_useless(excludes.path):
        return _added(excludes.path)
    if excludes.origin is None:
        return f"Where the command line or the environment sets {SETTING}, let it name a file, or take it out."
    if excludes.path is None and not excludes.origin:
        return "Set the variable HOME to your home folder: git looks for its settings there."
    path = next((other for other in OTHERS if not _is_useless(os.path.expanduser(other))), OTHERS[-1])
    where = "--global"
    if excludes.origin and os.access(file := _seen_from_top(excludes.origin), os.W_OK):
        # a setting in the repository, or in an included file, overrides the global one: it must be changed where it stands
        where = f"--file {named(as_text(file), stand_in='<its file>')} --replace-all"
    return f"{_added(path)} && git config {where} {SETTING} {path}"


def problem(excludes: Excludes) -> Check:
    """Returns what is wrong with an excludes file by which git does not ignore `.pypirc`, and what mends it."""
    shown = as_text(excludes.path or "")
    if excludes.path is None:
        what = "git reads no global excludes file"
    elif _is_useless(excludes.path):
        what = f"the global excludes file {shown} is no file that git can read"
    elif not os.path.exists(excludes.path):
        what = f"the global excludes file {shown} does not exist"
    else:
        what = f"the global excludes file {shown} does not make git ignore {RULE} everywhere"
    message = f"{what} ({excludes.setting}), so a {RULE} with your upload token can slip into any repository"
    return Check("not-ignored", "error", None, None, message, _mend(excludes))


def fix(excludes: Excludes, report: Report) -> None:
    """Adds the rule, asks git again, and reports what was done. Raises CheckFailed where that fails."""
    path = excludes.path
    if path is None or _is_useless(path):
        found = problem(excludes)
        raise CheckFailed(f"there is nothing to add to: {found.message}; do now: {found.remedy}")
    shown = as_text(path)
    try:
        added = disk.append_line(path, RULE, lambda: not ignores(path))
    except OSError as error:
        raise CheckFailed(f"{shown} cannot be written: {error.strerror}") from None
    if not ignores(path):
        raise CheckFailed(f"{RULE} was added to {shown}, and git still does not ignore it; look at what the file says")
    if added:
        report.messages.append(f"added {RULE} to {shown} ({excludes.setting}); git now ignores it in every repository")
        report.extra["mended"] = True
