"""Hook `check-pypirc`: the machine's own `.pypirc` in; out: whether it is safe and works, what to do, and an exit code."""
import os
import sys

from pypi_token_hooks import leave
from pypi_token_hooks import say

TYPE_CHECKING = False  # a type checker takes it for true
if TYPE_CHECKING:
    from pypi_token_hooks.model import Report

HOOK = "check-pypirc"
DEFAULT = os.path.join("~", ".pypirc")
MAX_BYTES = 1 << 18  # no real .pypirc is as long
_REGULAR, _KIND = 0o100000, 0o170000  # S_IFREG and S_IFMT of `stat`, which the quick check need not load
_ALL = 0o7777  # permissions
OWNER_ONLY = 0o600  # as in `disk`, which the quick check need not load either
JUDGES_MODES = os.name != "nt"
QUICK_OPTIONS = ("--fix", "--quiet", "--strict")  # any other is left to the full check
NO_FILE = "there is no {}: nothing to check"
NOT_JUDGED = "the permissions were not judged: Windows has access lists in their place"


def _is_git_calling() -> bool:
    """Tells whether this is a hook that git runs, which says so by its variables."""
    return "GIT_DIR" in os.environ or "GIT_WORK_TREE" in os.environ


def _is_of_hook(folder: str) -> bool:
    """Tells whether git calls this hook for the folder's work tree, at the top of which it starts it.

    A repository within that has a work tree of its own.
    """
    if not _is_git_calling():
        return False
    here = os.path.realpath(os.getcwd())
    while folder != here:
        above = os.path.dirname(folder)
        if above == folder or os.path.lexists(os.path.join(folder, ".git")):
            return False
        folder = above
    return True


def _leads_to_git(folder: str) -> bool:
    """Tells whether the folder may be in a work tree, so that git has to be asked."""
    if _is_of_hook(folder):
        return True
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return True
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above


def _is_well(path: str) -> bool:
    """Tells whether the file is certainly in order. What is wrong otherwise, the full check reports."""
    try:
        status = os.stat(path)
        mode = status.st_mode
        if mode & _KIND != _REGULAR or status.st_size > MAX_BYTES or (JUDGES_MODES and mode & _ALL & ~OWNER_ONLY):
            return False
        if _leads_to_git(os.path.dirname(os.path.realpath(path))):
            return False
        from pypi_token_hooks.credentials.pypirc_sound import is_sound

        with open(path, "rb", buffering=0) as stream:
            return is_sound(stream.read(MAX_BYTES).decode("ascii"))
    except (OSError, ValueError):
        return False


def _quick(arguments: "list[str]") -> bool:
    """Tells whether there is nothing to report. It is asked at every commit, before the rest of the program is loaded."""
    if any(argument not in QUICK_OPTIONS for argument in arguments):
        return False
    path = os.path.expanduser(DEFAULT)
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return "--quiet" in arguments or say(NO_FILE.format(DEFAULT) + "\n")
    except (OSError, ValueError):
        return False  # the home folder cannot be searched: the full check reports that
    return _is_well(path) and (JUDGES_MODES or say(NOT_JUDGED + "\n"))


def _read(path: str, shown: str) -> "bytes | None":
    """Returns the content of the file; None if there is none. Raises CheckFailed if it cannot be read."""
    from pypi_token_hooks.model import CheckFailed

    try:
        status = os.stat(path)
        if status.st_mode & _KIND != _REGULAR:
            if os.path.realpath(path) == os.path.realpath(os.devnull):
                return None
            raise CheckFailed(f"{shown} is no regular file")
        if status.st_size > MAX_BYTES:
            raise CheckFailed(f"{shown} is too big to be a .pypirc")
        with open(path, "rb") as stream:
            return stream.read(MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise CheckFailed(f"{shown} cannot be read: {getattr(error, 'strerror', None) or 'no such name'}") from None


def _wide(path: str) -> int:
    """Returns the permissions if they are wider than 600, else 0."""
    mode = os.stat(path).st_mode & _ALL
    return mode if mode & ~OWNER_ONLY else 0


def _narrow(path: str, shown: str, mode: int, report: "Report") -> None:
    """Narrows the permissions to 600, and reports it. Raises CheckFailed where that fails."""
    from pypi_token_hooks import disk
    from pypi_token_hooks.model import CheckFailed

    try:
        disk.restrict(path)
    except OSError as error:
        raise CheckFailed(f"the permissions cannot be changed: {error.strerror}") from None
    if _wide(path):
        raise CheckFailed("the permissions stay what they are: this file system keeps none, another place would")
    report.messages.append(f"narrowed the permissions of {shown} from {mode:o} to {OWNER_ONLY:o}")
    report.extra["mended"] = True


def _permissions(path: str, shown: str, fix: bool, report: "Report") -> None:
    """Checks the permissions of the file (not of a link to it); with `fix` narrows them."""
    from pypi_token_hooks.model import Check
    from pypi_token_hooks.model import named

    if not JUDGES_MODES:
        report.messages.append(NOT_JUDGED)
        return
    mode = _wide(path)
    if mode and fix:
        _narrow(path, shown, mode, report)
    elif mode:
        who = "other people can get at it" if mode & 0o077 else "it needs to be read and written only"
        message = f"the permissions of {shown}, a file for passwords, are {mode:o}: {who}"
        file = shown if shown == DEFAULT else named(shown)  # a tilde that is quoted means no home folder
        end = "-- " if shown[:1] == "-" else ""
        report.checks.append(Check("permissions", "error", None, None, message, f"chmod 600 {end}{file}"))


def _of_tracked(folder: str, name: str, listed: bool) -> "tuple[str, str]":
    """Returns the message and the remedy for a file in a work tree; `listed`: whether git already tracks it."""
    from pypi_token_hooks.model import named

    rule = "/" + "".join("\\" + c if c in "\\*?[ " else c for c in name)
    file = os.path.join(folder, ".gitignore")
    ignore = f"printf '\\n%s\\n' {named(rule, stand_in='<its rule>')} >> {named(file, stand_in='<its .gitignore>')}"
    if os.name == "nt":
        ignore = f"Add the line {rule} to {file} instead."
    if not listed:
        return f"{folder} is in a git work tree that does not ignore {name}: one `git add` and it is committed", ignore
    message = f"git tracks {name} in {folder}: it goes wherever that repository goes; replace what it holds if that was ever pushed"
    return message, f"git -C {named(folder, stand_in='<its folder>')} rm --cached --quiet -- {named(name)} && {ignore}"


def _tracked(path: str, report: "Report") -> None:
    """Checks that the file (not a link to it) is in no work tree of git, or ignored there. Raises CheckFailed where git fails."""
    from pypi_token_hooks import git
    from pypi_token_hooks.model import Check
    from pypi_token_hooks.model import CheckFailed
    from pypi_token_hooks.model import as_text

    folder, name = os.path.split(os.path.realpath(path))
    if not _leads_to_git(folder):
        return
    # the work tree around the file, and the one that git was called for: the repository of a home folder may be elsewhere. That one
    # is asked from where we are: in another folder GIT_DIR would make that the top of the work tree
    asked = [(folder, name, True)]
    if _is_of_hook(folder):
        file = os.path.relpath(os.path.join(folder, name), os.path.realpath(os.curdir))
        asked.append((os.curdir, file.replace(os.sep, "/"), False))
    for cwd, file, elsewhere in asked:
        code, out, err = git.ask(("rev-parse", "--is-inside-work-tree"), cwd, elsewhere=elsewhere)
        said = git.sentence(("rev-parse",), err) if code else ""
        if code and said != git.NO_REPOSITORY:
            raise CheckFailed(f"whether git would commit it is not known: {said}")
        if code or out.strip() != b"true":
            continue
        if not git.ignores_all((f"./{file}",), cwd, elsewhere=elsewhere):
            listed = git.ask(("ls-files", "-z", "--", f":(literal){file}"), cwd, elsewhere=elsewhere)[1]
            report.checks.append(Check("tracked", "error", None, None, *_of_tracked(as_text(folder), as_text(name), bool(listed))))
            return


def _check(path: str, shown: str, fix: bool, quiet: bool) -> "Report":
    import locale

    from pypi_token_hooks import harvest
    from pypi_token_hooks import model
    from pypi_token_hooks.credentials import pypirc_health

    report = model.empty_report()
    data = _read(path, shown)
    if data is None:
        report.messages.extend([] if quiet else [NO_FILE.format(shown)])
        return report
    report.scanned.update(files=1, bytes=len(data))
    report.extra.update(file=shown, held=harvest.of_pypirc(data, shown))
    try:
        _permissions(path, shown, fix, report)
    except model.CheckFailed as error:
        report.failures.append(model.Unread(model.Place(shown), "unreadable", str(error), expected=False))
    try:
        _tracked(path, report)
    except model.CheckFailed as error:
        report.failures.append(model.Unread(model.Place(shown), "git", str(error), expected=False))
    report.checks.extend(pypirc_health.checks(pypirc_health.read(data, locale.getpreferredencoding(False))))
    return report


def main(argv: "list[str] | None" = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    if _quick(arguments):
        return 0
    from pypi_token_hooks import cli
    from pypi_token_hooks import pipeline
    from pypi_token_hooks.model import as_text

    parser = cli.parser(HOOK, "Check the health of this machine's own .pypirc.", detects=False)
    parser.add_argument("--config-file", metavar="FILE", default=DEFAULT, help="the file to check in place of ~/.pypirc")
    parser.add_argument("--fix", action="store_true", help="let nobody but its owner read or write it")
    options = parser.parse_args(arguments)
    if not options.config_file:
        parser.error("--config-file needs the name of a file")
    path = os.path.expanduser(options.config_file)
    return pipeline.run(HOOK, options, lambda: _check(path, as_text(options.config_file), options.fix, options.quiet))


def script() -> None:
    """The console script."""
    leave(main)


if __name__ == "__main__":
    script()
