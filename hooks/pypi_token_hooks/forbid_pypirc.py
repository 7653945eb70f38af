"""Hook `forbid-pypirc`: the names of the files being committed in, findings and an exit code out."""
import sys

from pypi_token_hooks.credentials.filenames import is_pypirc

HOOK = "forbid-pypirc"


def _base(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _full(argv: "list[str]") -> int:
    """The run with everything: loaded only for a forbidden name, or where an option asks for it."""
    from pypi_token_hooks import cli
    from pypi_token_hooks import model
    from pypi_token_hooks import pipeline
    from pypi_token_hooks.sources import staged

    parser = cli.parser(HOOK, "Stop a .pypirc file, a copy of one or a link of that name.")
    parser.add_argument("paths", nargs="*", metavar="FILE", help="files to be committed (default: what is staged)")
    options = cli.parse(parser, argv)

    def work() -> model.Report:
        report = model.empty_report()
        for path in options.paths or staged.names():
            report.scanned["files"] += 1
            if is_pypirc(_base(path)):
                place = model.Place(path, part="name")
                report.findings.append(model.Finding("pypirc-file", "certain", place, 1, 1, (), None))
        return report

    return pipeline.run(HOOK, options, work)


def main(argv: "list[str] | None" = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or any(path[:1] == "-" or is_pypirc(_base(path)) for path in arguments):
        return _full(arguments)
    sys.stdout.write(f"{HOOK}: read the names of {len(arguments):,} files; nothing found\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
