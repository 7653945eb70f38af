"""Hook `forbid-pypirc`: the names of the files being committed in, findings and an exit code out."""
import os
import stat
import sys

from pypi_token_hooks import leave
from pypi_token_hooks import say
from pypi_token_hooks.credentials.filenames import is_pypirc

TYPE_CHECKING = False  # a type checker takes it for true
if TYPE_CHECKING:
    from argparse import Namespace

    from pypi_token_hooks.model import Report

HOOK = "forbid-pypirc"


def _is_plain(path: str) -> bool:
    """Tells whether the argument is a file that may be committed. For anything else the full run decides."""
    if path[:1] == "-" or is_pypirc(path):
        return False
    try:
        return not stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return True


def _is_taken_away(path: str) -> bool:
    """Tells whether the commit deletes the file, which may still be on disk, as after `git rm --cached`. In doubt it does not."""
    from pypi_token_hooks import git
    from pypi_token_hooks.model import CheckFailed

    which = ("diff-index", "--cached", "-r", "-z", "--no-renames", "--diff-filter=D", "HEAD", "--", f":(literal){path}")
    try:
        code, deleted, _ = git.ask(which)
        return code == 0 and bool(deleted)
    except (CheckFailed, ValueError):
        return False


def _named(paths: "list[str]", report: "Report") -> "list[tuple[str, bool]]":
    """Returns the named files and those in the named folders, each with whether it is a link. Failures go into the report."""
    from pypi_token_hooks.model import Unread
    from pypi_token_hooks.model import as_text
    from pypi_token_hooks.sources import files

    found = []
    for item in files.expand(paths):
        if isinstance(item, Unread):
            report.failures.append(item)
        elif not is_pypirc(item) or not _is_taken_away(item):
            found.append((as_text(item), os.path.islink(item)))
    return found


def _staged() -> "tuple[list[tuple[str, bool]], bool]":
    """Returns the files that this commit adds or changes, each with whether it is a link, and whether we are below the top.

    A submodule is a folder.
    """
    from pypi_token_hooks import git
    from pypi_token_hooks.sources import staged

    is_below = staged.is_below()
    return [(change.path, change.mode == git.LINK) for change in staged.changes() if change.mode != git.SUBMODULE], is_below


def _check(options: "Namespace") -> "Report":
    from pypi_token_hooks import model
    from pypi_token_hooks.policy import baseline

    if options.baseline is not None:
        baseline.read(options.baseline)  # only to report a broken one: it lists secrets, and so allows no file
    report = model.empty_report()
    found, is_below = (_named(options.paths, report), False) if options.paths else _staged()
    for path, is_link in found:
        report.scanned["files"] += 1
        if is_pypirc(path):
            place = model.Place(path, part="link target" if is_link else "name")
            report.findings.append(model.Finding("pypirc-file", "certain", place, 1, 1, (), None, below=is_below))
    return report


def _full(argv: "list[str]") -> int:
    """The full run. It is loaded only for a forbidden name or a folder, or if an option asks for it."""
    from pypi_token_hooks import cli
    from pypi_token_hooks import pipeline

    parser = cli.parser(HOOK, "Stop a .pypirc file, a copy of one or a link of that name.")
    parser.add_argument("paths", nargs="*", metavar="FILE", help="files or folders (default: what is staged)")
    options = cli.parse(parser, argv)
    return pipeline.run(HOOK, options, lambda: _check(options))


def main(argv: "list[str] | None" = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    names = arguments[1:] if arguments[:1] == ["--"] and not os.path.lexists("--") else arguments
    many = "" if len(names) == 1 else "s"
    receipt = f"{HOOK}: read the name{many} of {len(names):,} file{many}; nothing found\n"
    if names and all(_is_plain(path) for path in names) and say(receipt):
        return 0
    return _full(arguments)


def script() -> None:
    """The console script."""
    leave(main)


if __name__ == "__main__":
    script()
