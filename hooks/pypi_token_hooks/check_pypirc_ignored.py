"""Hook `check-pypirc-ignored`: git's global excludes file in; out: whether it ignores `.pypirc`, what to do, and an exit code."""
import sys

from pypi_token_hooks import in_ci
from pypi_token_hooks import leave

TYPE_CHECKING = False  # a type checker takes it for true
if TYPE_CHECKING:
    from pypi_token_hooks.model import Report

HOOK = "check-pypirc-ignored"


def _is_well() -> bool:
    """Tells whether git ignores `.pypirc`, at no cost beyond git itself. What is wrong otherwise, the full check reports."""
    from pypi_token_hooks import excludes
    from pypi_token_hooks.model import CheckFailed

    try:
        return not in_ci() and excludes.ignores(excludes.in_force().path)
    except CheckFailed:
        return False


def _check(fix: bool, even_in_ci: bool) -> "Report":
    from pypi_token_hooks import excludes
    from pypi_token_hooks.model import empty_report

    report = empty_report()
    if in_ci() and not even_in_ci:
        report.messages.append("not checked: CI is set, and this check is about people's machines (--in-ci checks anyway)")
        return report
    found = excludes.in_force()
    if excludes.ignores(found.path):
        return report
    if fix:
        excludes.fix(found, report)
    else:
        report.checks.append(excludes.problem(found))
    return report


def main(argv: "list[str] | None" = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments and _is_well():
        return 0  # the hook runs at every commit: the rest of the program is not loaded to say nothing
    from pypi_token_hooks import cli
    from pypi_token_hooks import pipeline

    parser = cli.parser(HOOK, "Check that the global gitignore excludes .pypirc.", detects=False)
    parser.add_argument("--fix", action="store_true", help="add .pypirc to the excludes file that is in force")
    parser.add_argument("--in-ci", action="store_true", help="check also where CI is set")
    options = parser.parse_args(arguments)
    return pipeline.run(HOOK, options, lambda: _check(options.fix, options.in_ci))


def script() -> None:
    """The console script."""
    leave(main)


if __name__ == "__main__":
    script()
