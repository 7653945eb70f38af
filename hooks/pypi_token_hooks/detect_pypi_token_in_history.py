"""Hook `detect-pypi-token-in-history`: a repository in, findings in its whole history and an exit code out."""
import sys

from pypi_token_hooks import leave

HOOK = "detect-pypi-token-in-history"


def main(argv: "list[str] | None" = None) -> int:
    from pypi_token_hooks import bar
    from pypi_token_hooks import cli
    from pypi_token_hooks import history
    from pypi_token_hooks import pipeline
    from pypi_token_hooks.model import Report

    parser = cli.parser(HOOK, "Find PyPI tokens and passwords in the whole history, stashes and notes included.")
    parser.add_argument("--all-objects", action="store_true", help="also what no commit, branch or tag reaches")
    parser.add_argument("revisions", nargs="*", metavar="REVISION", help="only what these reach (default: all refs)")
    options = parser.parse_args(sys.argv[1:] if argv is None else argv)

    def work() -> Report:
        known = pipeline.settings(options, file_names=True, versions=True)
        with bar.progress() as progress:
            return history.scan(options.revisions, options.all_objects, known, progress=progress)

    return pipeline.run(HOOK, options, work)


def script() -> None:
    """The console script."""
    leave(main)


if __name__ == "__main__":
    script()
