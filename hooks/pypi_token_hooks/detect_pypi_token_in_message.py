"""Hook `detect-pypi-token-in-message`: the file with the commit's message in, findings and an exit code out."""
import sys

from pypi_token_hooks import leave

HOOK = "detect-pypi-token-in-message"


def _quick(path: str) -> bool:
    """Tells whether nothing is worth reading, and prints the receipt then. Loads no options, readings or rules."""
    from pypi_token_hooks import quick
    from pypi_token_hooks.model import CheckFailed
    from pypi_token_hooks.model import Unread
    from pypi_token_hooks.sources import message

    try:
        known = message.config()
        text = message.recorded(message.read(path), known)
        found = []
        for item in message.blobs(path, text, known):
            if isinstance(item, Unread):
                return False
            found.append(item.data)
    except CheckFailed:
        return False
    return quick.clean_bytes(HOOK, found)


def _full(argv: "list[str]") -> int:
    from pypi_token_hooks import cli
    from pypi_token_hooks import pipeline
    from pypi_token_hooks.model import Report
    from pypi_token_hooks.sources import message

    parser = cli.parser(HOOK, "Find PyPI tokens and passwords in the commit message, the author and the branch's name.")
    parser.add_argument("file", metavar="FILE", help="the file that holds the message, as git names it to a commit-msg hook")
    options = parser.parse_args(argv)

    def work() -> Report:
        data = message.read(options.file)
        known = message.config()
        text = message.recorded(data, known)
        report = pipeline.scan(message.blobs(options.file, text, known), pipeline.settings(options))
        report.scanned["files"] = 1
        report.findings[:] = [
            found._replace(line=text.lines[found.line - 1]) if found.place.part == "message" else found
            for found in report.findings
        ]
        return report

    return pipeline.run(HOOK, options, work)


def main(argv: "list[str] | None" = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    if len(arguments) == 1 and arguments[0][:1] != "-" and _quick(arguments[0]):
        return 0
    return _full(arguments)


def script() -> None:
    """The console script."""
    leave(main)


if __name__ == "__main__":
    script()
