"""Hook `detect-pypi-token-in-dist`: built wheels and sdists in, findings and an exit code out."""
import os
import sys

HOOK = "detect-pypi-token-in-dist"
FOLDER = "dist"


def main(argv: "list[str] | None" = None) -> int:
    from pypi_token_hooks import cli
    from pypi_token_hooks import pipeline
    from pypi_token_hooks.model import CheckFailed
    from pypi_token_hooks.model import Report

    parser = cli.parser(HOOK, "Find PyPI tokens, passwords and .pypirc files in what is about to be uploaded.")
    parser.add_argument("paths", nargs="*", metavar="FILE", help="distributions or folders of them (default: dist)")
    options = parser.parse_args(sys.argv[1:] if argv is None else argv)

    def work() -> Report:
        if not options.paths and not os.path.isdir(FOLDER):
            raise CheckFailed("there is no folder dist/; build first (python -m build), or name the files to check")
        report = pipeline.scan_files(options.paths or [FOLDER], pipeline.settings(options, file_names=True))
        if not report.scanned["files"] and not report.failures:
            raise CheckFailed("there is no file to check; build first (python -m build)")
        return report

    return pipeline.run(HOOK, options, work)


if __name__ == "__main__":
    raise SystemExit(main())
