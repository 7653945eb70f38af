"""Hook `detect-pypi-token-in-push`: a push, as git or pre-commit describes it, in; findings and an exit code out."""
import os
import sys

from pypi_token_hooks import leave

HOOK = "detect-pypi-token-in-push"


def _is_nothing(data: "bytes | None") -> bool:
    """Tells whether nothing is pushed, and prints the receipt then."""
    from pypi_token_hooks import quick
    from pypi_token_hooks.model import CheckFailed
    from pypi_token_hooks.sources import push

    try:
        return push.is_nothing(data, os.environ) and quick.clean_bytes(HOOK, [])
    except CheckFailed:
        return False  # the full check reports it


def _full(argv: "list[str]", data: "bytes | None", is_read: bool) -> int:
    from pypi_token_hooks import cli
    from pypi_token_hooks import outgoing
    from pypi_token_hooks import pipeline
    from pypi_token_hooks.model import Report
    from pypi_token_hooks.sources import push

    parser = cli.parser(HOOK, "Find PyPI tokens and passwords in everything that a push would publish.")
    parser.add_argument("remote", nargs="?", default="", metavar="REMOTE", help="the remote's name, as git gives it")
    parser.add_argument("url", nargs="?", default="", metavar="URL", help="the remote's address, as git gives it")
    options = parser.parse_args(argv)

    def work() -> Report:
        pushed = push.of(data if is_read else push.standard_input(), os.environ, options.remote, options.url)
        return outgoing.scan(pushed, pipeline.settings(options, file_names=True))

    return pipeline.run(HOOK, options, work)


def main(argv: "list[str] | None" = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    if any(argument[:1] == "-" for argument in arguments):
        return _full(arguments, None, is_read=False)
    from pypi_token_hooks.sources import push

    data = push.standard_input()
    if _is_nothing(data):
        return 0
    return _full(arguments, data, is_read=True)


def script() -> None:
    """The console script."""
    leave(main)


if __name__ == "__main__":
    script()
