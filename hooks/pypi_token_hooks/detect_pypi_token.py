"""Hook `detect-pypi-token`: the files being committed in, findings and an exit code out."""
import sys

from pypi_token_hooks import leave

HOOK = "detect-pypi-token"


def _full(argv: "list[str]") -> int:
    """The full scan. It is loaded only if a file is worth reading, or an option asks for it."""
    from pypi_token_hooks import cli
    from pypi_token_hooks import pipeline
    from pypi_token_hooks.model import Report

    parser = cli.parser(HOOK, "Find PyPI tokens and passwords in the files being committed.")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--staged", action="store_true", help="what the index holds of this commit's changes")
    which.add_argument("--all-files", action="store_true", help="every tracked file of the work tree")
    parser.add_argument("paths", nargs="*", metavar="FILE", help="files, directories, or - for standard input")
    options = cli.parse(parser, argv)
    if options.all_files and options.paths:
        parser.error("--all-files looks at every tracked file; name none beside it")
    if options.paths and not options.staged:
        return pipeline.run(HOOK, options, lambda: pipeline.scan_files(options.paths, pipeline.settings(options)))
    from pypi_token_hooks.sources import staged  # it loads what runs git

    def scan() -> Report:
        known, is_below = pipeline.settings(options), staged.is_below()
        if options.all_files:
            paths, submodules = staged.tracked()
            report = pipeline.scan_files(paths, known, names=submodules)
        else:
            report = pipeline.scan(staged.blobs(options.paths), known)
        if is_below:
            report.findings[:] = [finding._replace(below=True) for finding in report.findings]
        return report

    return pipeline.run(HOOK, options, scan)


def main(argv: "list[str] | None" = None) -> int:
    from pypi_token_hooks import quick

    arguments = sys.argv[1:] if argv is None else argv
    if quick.clean(HOOK, arguments):
        return 0
    return _full(arguments)


def script() -> None:
    """The console script."""
    leave(main)


if __name__ == "__main__":
    script()
