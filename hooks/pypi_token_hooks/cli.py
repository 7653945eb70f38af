"""The options that the hooks share: argv in, an `argparse` namespace out."""
from __future__ import annotations

import argparse

from pypi_token_hooks import __version__

FORMATS = ("text", "json", "sarif", "github")
EPILOG = "exit codes: 0 nothing found, 1 something found (or mended), 2 the check could not be made"


def parser(hook: str, description: str, *, detects: bool = True) -> argparse.ArgumentParser:
    """Returns a parser with the options every hook takes, and with `detects` those of the detecting ones."""
    result = argparse.ArgumentParser(prog=hook, description=description, epilog=EPILOG, allow_abbrev=False)
    result.add_argument("--format", choices=FORMATS, default="text", help="how to report (default: text)")
    result.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="colours (default: auto)"
    )
    result.add_argument("--strict", action="store_true", help="fail also on what was skipped and on warnings")
    result.add_argument("--quiet", action="store_true", help="leave out the closing line on what was read")
    result.add_argument("--verbose", action="store_true", help="also tell what was allowed")
    result.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    if detects:
        result.add_argument("--baseline", metavar="FILE", help="findings that detect-secrets' baseline allows")
        result.add_argument(
            "--no-own", action="store_true", help="do not look for the credentials of this machine"
        )
    return result
