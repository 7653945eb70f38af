"""Hook `detect-pypi-token-in-dist`: built wheels and sdists in, findings and an exit code out."""
import os
import sys

from pypi_token_hooks import leave

TYPE_CHECKING = False  # a type checker takes it for true
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_token_hooks.model import Unread

HOOK = "detect-pypi-token-in-dist"
FOLDER = "dist"
ARCHIVES = (".whl", ".egg", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tar")
_HEAD = 1 << 16  # bytes in which an archive begins, behind whatever makes it a program


def _behind(path: str) -> str:
    """Returns the path; that of a link to a folder with a slash, so that it means the folder. An upload follows links, too."""
    return os.path.join(path, "") if os.path.islink(path) and os.path.isdir(path) else path


def _no_archives(names: "list[str]") -> "Iterator[Unread]":
    """Yields the distributions that are no archives, as a page that was downloaded instead: what they should hold was not read."""
    from contextlib import suppress

    from pypi_token_hooks import containers
    from pypi_token_hooks.model import Place
    from pypi_token_hooks.model import Unread
    from pypi_token_hooks.model import as_text
    from pypi_token_hooks.sources import files

    for path in files.expand(names):
        if isinstance(path, str) and path.lower().endswith(ARCHIVES) and os.path.isfile(path):
            with suppress(OSError), open(path, "rb") as stream:  # the scan has told what cannot be read
                if not containers.is_archive(stream.read(_HEAD)):
                    yield Unread(Place(as_text(path)), "damaged", "it is no archive")


def main(argv: "list[str] | None" = None) -> int:
    from pypi_token_hooks import cli
    from pypi_token_hooks import pipeline
    from pypi_token_hooks.model import CheckFailed
    from pypi_token_hooks.model import Report

    parser = cli.parser(HOOK, "Find PyPI tokens, passwords and .pypirc files in what is about to be uploaded.")
    parser.add_argument("paths", nargs="*", metavar="FILE", help="distributions or folders of them (default: dist)")
    options = cli.parse(parser, sys.argv[1:] if argv is None else argv)

    def work() -> Report:
        if not options.paths and not os.path.isdir(FOLDER):
            raise CheckFailed("there is no folder dist/; build first (python -m build), or name the files to check")
        names = [_behind(path) for path in options.paths or [FOLDER]]
        report = pipeline.scan_files(names, pipeline.settings(options, file_names=True), follow=True)
        report.skipped.extend(_no_archives(names))
        beside = sum(os.path.isfile(os.path.join(name, ".gitignore")) for name in names)  # uv puts one there
        if report.scanned["files"] <= beside and not (report.findings or report.failures):
            raise CheckFailed("there is no file to check; build first (python -m build)")
        return report

    return pipeline.run(HOOK, options, work)


def script() -> None:
    """The console script."""
    leave(main)


if __name__ == "__main__":
    script()
