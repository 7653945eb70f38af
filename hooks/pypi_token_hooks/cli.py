"""The options that the hooks share: argv in, an `argparse` namespace out."""
from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from typing import Any
from typing import NoReturn

from pypi_token_hooks import __version__
from pypi_token_hooks import model
from pypi_token_hooks import reports

STDIN, END = "-", "--"
NO_OWN = "--no-own"
COLOURS = ("auto", "always", "never")
EPILOG = "exit codes: 0 nothing found, 1 something found or mended, 2 could not check"


class Help(argparse.HelpFormatter):
    """Help that fits on a screen: the usage line shows only the arguments; the options are in the list below it."""

    def add_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], groups: Iterable[Any], prefix: str | None = None
    ) -> None:
        actions = list(actions)
        named = [self._format_args(action, action.dest) for action in actions if not action.option_strings]
        super().add_usage(" ".join(("%(prog)s [options]", *named)), actions, groups, prefix)


class Parser(argparse.ArgumentParser):
    """A parser that reports wrong usage in one line, like every other failure."""

    _own = False  # whether to hide this machine's own credentials in that line, which quotes the command line

    def _print_message(self, message: str, file: Any = None) -> None:
        try:
            reports.say(message)
        except BrokenPipeError:
            raise SystemExit(model.UNHEARD) from None
        except model.CheckFailed as error:
            self.error(str(error))

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        self._own = NO_OWN not in (args or ())
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        reports.complain(self.prog, f"{model.as_text(message)} (--help tells the options)", self._own)
        raise SystemExit(model.FAILED)


def parser(hook: str, description: str, *, detects: bool = True) -> argparse.ArgumentParser:
    """Returns a parser with the options of every hook, and with `detects` those of the detecting hooks too."""
    result = Parser(prog=hook, description=description, epilog=EPILOG, allow_abbrev=False, formatter_class=Help)
    result.add_argument(
        "--format", choices=tuple(reports.FORMATS), default="text", metavar="FORMAT", help="text (default), json, sarif or github"
    )
    result.add_argument(
        "--color", choices=COLOURS, default="auto", metavar="WHEN", help="auto (default), always or never"
    )
    result.add_argument("--strict", action="store_true", help="fail also on what was skipped and on warnings")
    result.add_argument("--quiet", action="store_true", help="leave out the closing line on what was read")
    result.add_argument("--verbose", action="store_true", help="also tell what was allowed")
    result.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    if detects:
        result.add_argument("--baseline", metavar="FILE", help="detect-secrets' baseline: what it lists is allowed")
        result.add_argument(
            NO_OWN, action="store_true", help="do not look for the credentials of this machine"
        )
    return result


def _like_options(argv: list[str], parser: argparse.ArgumentParser) -> list[str]:
    """Returns those arguments that begin like an option and are files. One that is an option as well is wrong usage."""
    end = argv.index(END) if END in argv else len(argv)
    names = [name for name in argv[:end] if name[:1] == "-" and name != STDIN and os.path.lexists(name)]
    for name in names:
        if name.partition("=")[0] in parser._option_string_actions:
            parser.error(f"{name} is an option, and a file here has that name: put -- before the names of files")
    return names


def parse(parser: argparse.ArgumentParser, argv: list[str]) -> argparse.Namespace:
    """Parses the command line of a hook to which a runner hands file names, however they begin.

    A file called `--version` must not end the check, and one called `-x` is no wrong option. `-` and `--` keep their meaning; if a
    file of that name exists, it is scanned as well.
    """
    names = _like_options(argv, parser)
    options = parser.parse_args([name for name in argv if name not in names])
    options.paths += names
    for name, is_meant in ((STDIN, STDIN in options.paths), (END, END in argv and END not in options.paths)):
        if is_meant and os.path.lexists(name):
            options.paths.append(os.path.join(os.curdir, name))
    return options
