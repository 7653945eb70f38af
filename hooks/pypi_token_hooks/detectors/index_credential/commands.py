"""Options of the tools' commands on command lines and in lists of arguments: bytes in, matches out."""
from __future__ import annotations

import re
from collections.abc import Iterator

from pypi_token_hooks import late
from pypi_token_hooks import literals
from pypi_token_hooks import places
from pypi_token_hooks import traces
from pypi_token_hooks.detectors.index_credential import urls
from pypi_token_hooks.detectors.index_credential import values
from pypi_token_hooks.detectors.index_credential.values import Value
from pypi_token_hooks.model import Match

MAX_COMMAND = 1200
NEAR = 400  # bytes before and after a command in which its options may be collected
_ITEM = rb"\r?\n[ \t]*-[ \t]+"  # in a list of YAML
_ARG = rb"\)\s{0,40}\.args?\(\s{0,40}&?\[?\s{0,40}"  # of a program that puts a command together
_BETWEEN = rb"\\?[\"']?(?:" + _ITEM + rb"|,?\s[\s,]*|(?<=[\"']),|" + _ARG + rb")\\?[\"']?"  # between two words, also two of a list
# global options, of which one may have a value
_OPTIONS = rb"(?:" + _BETWEEN + rb"--?[\w-]{1,40}(?:(?:=|" + _BETWEEN + rb")[^\s\"',=-][^\s\"',]{0,99})?){0,2}"
_CALLED = rb"\.cli\.dispatch\(\s{0,9}\[\s{0,40}\\?[\"']"  # a program as a function, with its list of words
# arguments in a list of their own: `"module": "twine", "args": ["upload"`, `command: [twine]`, `ENTRYPOINT ["twine"]`,
# `spawn("twine", ["upload"`
_LISTED = rb"\\?[\"']?\]?,?\s{1,80}(?:\\?[\"']?(?:args|command)\\?[\"']?:|CMD|(?=\[))\s{0,40}(?:\[\s{0,40}|-[ \t]{1,9})\\?[\"']?"
_OF_PYCHARM = rb"\\?[\"'][ \t]?/>\s{1,80}<option name=\\?[\"']PARAMETERS\\?[\"'] value=\\?[\"']"  # the same in XML of PyCharm
# the same of maturin's action: `uses: PyO3/maturin-action@v1`, `with:`, `command: publish`, `args: -u …`
_OF_ACTION = rb"-action@\S{1,80}\s{1,80}with:\s{1,80}(?:[\w-]{1,40}:[ \t]*\S{1,80}\s{1,80}){0,2}?command:[ \t]*[\"']?"
# signs of a shell, the end of a call, of a string that is a line, and of one in a pickle; what is before a sign stands behind it here,
# since the matcher looks fast for what begins with one of a few bytes
_END = late.compiled(
    rb"[;&|](?=[\s;&|])|>(?<=[ \t]>)|\)\s*$|\\(?<!\\\\)n\\?[\"']|\\(?<![\\^`,\[(]\\)\\?n(?=[\s-])|\\(?<=\*\\)\\?n|" + traces.PICKLED
)
_INSIDE = tuple(bytes((character,)) for character in b"-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_RECIPE = late.compiled(rb"(?:\A|\n)\t{1,4}[@+]{0,2}-\Z")  # before a command of make whose failure is ignored
_MODULE = late.compiled(rb"(?<![\w-])-m\Z")  # before a module that Python runs
_COLOUR = late.compiled(rb"\[[\d;]{0,9}m\Z")  # of a terminal
_NEWLINE = late.compiled(rb"\r?\n")
_IN_LIST = late.compiled(_ITEM)
_GOES_ON = late.compiled(rb"[ \t]*(?:(?:args:[ \t]*)?\\?[\"']?--?[A-Za-z]|\.args?\()")
_GOES_ON_IN_LIST = late.compiled(rb"[ \t]*-[ \t]")
# before an option; a quote that ends a word begins none: `"$VERSION"-py3-none-any.whl`
_BEFORE = rb"(?:(?<=[\s,])|(?<=[\s,=(\[{][\"'])|(?<=[\s,=(\[{]\\[\"']))"
_VALUE_AFTER = late.compiled(
    rb"\\?[\"']?(?:" + traces.EQUALS + rb"|[ \t]*,\s*|[ \t]+(?:[\\^`]\r?\n[ \t]*)?|" + _ITEM + rb"|" + _ARG + rb")"
)


# options in a list with a name, which the line of the command has, too: `args=(-p …)`, `cmd += ["-p", "…"]`
_COLLECTED = late.compiled(rb"(?:=[ \t]*|\.extend\()[\[(](?=\s{0,40}\\?[\"']?--?[A-Za-z])[^][()]{1,400}[\])]")
_GIVEN = late.compiled(rb"([A-Za-z_]\w{0,40})[ \t]*=[ \t]*[\[(][^\n=]{0,200}\Z")  # a list whose first words are the command
_NAME_BEFORE, _WORD = late.compiled(rb"[A-Za-z_]\w{0,40}(?=[ \t]*\+?\Z)"), late.compiled(rb"\w+")

# the name of an index in a key, which may have dots, and be put in where the command is written: `$REPO`, `${{ matrix.index }}`
_INDEX = rb"(?:[^\s\"'.={}]|\.(?=[\w${])|\{{1,2}[^{}\n]{1,60}\}{1,2}){1,60}"
# an extra of a tool, and its version, as uvx and pipx take them
_REQUIRED = rb"(?:\[keyring\])?(?:(?:@|[=~<>]=)(?:latest\b|\d[\d.]{0,20}))?"
# the tool in a variable of make, of a shell, of Windows: `$(TWINE)`, `${twine}`, `$TWINE`, `%TWINE%`
_VARIABLE = rb"NAME(?:(?<=\$NAME)|(?<=\$\(NAME)\)|(?<=\$\{NAME)\}|(?<=%NAME)%)"


class _Command:
    """A command of the table: its words as an expression, and the one for its options."""

    def __init__(self, words: tuple[str, ...], options: list[str]) -> None:
        self.name = " ".join(words)
        name = words[0].encode("ascii")
        self.signs = (name, name.upper())
        escaped = [re.escape(word).encode("ascii") for word in words]
        apart = _OPTIONS + _BETWEEN
        variables = [_VARIABLE.replace(b"NAME", sign) for sign in self.signs]
        named = rb"(?:" + b"|".join([escaped[0] + rb"(?:\.exe|" + _REQUIRED + rb")", *variables]) + rb")"
        if len(words) > 1:
            named += rb"(?:" + apart + rb"|" + _CALLED + rb"|" + _LISTED + rb"|" + _OF_PYCHARM + rb"|" + _OF_ACTION + rb")"
        self.words = late.compiled(named + apart.join(escaped[1:]) + rb"(?![\w-])")
        longs = [option for option in options if option.startswith("--")]
        shorts = [option for option in options if len(option) == 2]
        keys = [option for option in options if not option.startswith("-")]
        self.options = late.compiled(
            _BEFORE + rb"(?:(?P<long>" + self._either(longs) + rb")|(?P<short>" + self._either(shorts)
            + rb")|(?P<key>" + self._either(keys) + rb"))"
        )

    @staticmethod
    def _either(options: list[str]) -> bytes:
        """Returns the expression for any of the options; `*` in a key is a name. Without options, for nothing."""
        expressions = [re.escape(option).encode("ascii").replace(rb"\*", _INDEX) for option in options]
        return b"|".join(expressions) or rb"(?!)"


def _commands() -> tuple[_Command, ...]:
    options: dict[tuple[str, ...], list[str]] = {}
    for tool in places.TOOLS:
        for flag in tool.flags:
            if flag.kind == places.SECRET:
                options.setdefault(flag.command, []).extend(flag.options)
    return tuple(_Command(words, given) for words, given in options.items())


_COMMANDS = _commands()
# A tool and its command. In between are signs: blanks, and the letters of escapes that stand for them, too; and a few words, if
# the first is an option or the name of a list of arguments. What options look like is left out: it takes long to be compiled.
_SIGNS = rb"(?:[^A-Za-z]|\\[nrt]|exe|keyring|latest|amp;|quot;|apos;|[gl]t;|x[0-9]?[0-9a-f]|[nrtu][^a-z]|[0-9][a-f]|[A-F])+"
_HYPHEN = rb"(?:-|x?2[dD]|45;|[^\x00-\x7f])"
_APART = _SIGNS + rb"(?:(?:" + _HYPHEN + rb"|[nrt]?(?:args?|command|CMD|option|action@))\S*(?:\s+\S*){0,8})?"


def _traces() -> Iterator[traces.Trace]:
    """Yields one for each tool: its name, and the second word of one of its commands."""
    seconds: dict[bytes, list[bytes]] = {}
    for command in _COMMANDS:
        for second in command.name.encode("ascii").split()[1:2]:
            seconds.setdefault(b"|".join(command.signs), []).append(second.replace(b"-", traces.HYPHEN))
    return (traces.Trace((b"(?:" + sign + b")" + _APART + b"(?:" + b"|".join(words) + b")",)) for sign, words in seconds.items())


# the last one is of what begins the server of devpi, which has one word
TRACES = (*_traces(), traces.Trace((rb"cli\S{1,9}dispatch",)), traces.Trace((rb"root" + traces.HYPHEN + rb"passwd",)))
_find_signs = literals.finder(*(sign for command in _COMMANDS for sign in command.signs))


def _is_inside(data: bytes, position: int) -> bool:
    """Tells whether what begins at `position` is a part of a longer word."""
    if data[max(0, position - 1) : position] not in _INSIDE:
        return False
    return not any(form.search(data, max(0, position - 12), position) for form in (_RECIPE, _MODULE, _COLOUR))


def _line_end(data: bytes, start: int, goes_on: re.Pattern[bytes]) -> int:
    """Returns where the command ends: at a sign of the shell, or at the end of a line that does not go on."""
    limit = min(len(data), start + MAX_COMMAND)
    position = start
    while position < limit:
        newline = _NEWLINE.search(data, position, limit)
        if not newline:
            break
        before = data[position : newline.start()].rstrip(b" \t")[-1:]
        if before not in (b"\\", b"`", b"^", b",", b"[", b"(") and not goes_on.match(data, newline.end()):
            limit = newline.start()
            break
        position = newline.end()
    sign = _END.search(data, start, limit)
    return sign.start() if sign else limit


def _collected(data: bytes, called: re.Match[bytes], end: int) -> Iterator[tuple[int, int]]:
    """Yields where the options are collected that the command takes by the name of their list, or that are added to its own list."""
    begin = max(0, called.start() - NEAR)
    given = _GIVEN.search(data, max(begin, data.rfind(b"\n", begin, called.start()) + 1), called.start())
    words = frozenset((*_WORD.findall(data, called.end(), end), *(given.groups() if given else ())))
    for options in _COLLECTED.finditer(data, begin, end + NEAR):
        name = _NAME_BEFORE.search(data, max(0, options.start() - 60), options.start())
        if name and name[0] in words:
            yield options.span()


def _second(data: bytes, value: Value, end: int) -> Value | None:
    """Returns the word after `value`: the password that follows a user name."""
    after = _VALUE_AFTER.match(data, value.end, end)
    return values.value_at(data, after.end()) if after else None


def _value(data: bytes, found: re.Match[bytes], end: int) -> Value | None:
    """Returns the literal that the option is given."""
    after = _VALUE_AFTER.match(data, found.end(), end)
    if not after:
        attached = found["short"] and values.value_at(data, found.end())
        return values.literal(attached) if attached else None
    if after.end() >= end:
        return None
    value = values.value_behind(data, found.start(), after.end()) if after[0] == b"=" else values.value_at(data, after.end())
    # what follows is no option, whatever it begins with
    is_last = after[0].endswith(b"=") or data.endswith(b"-- ", 0, found.start())
    is_user = found["key"] and found["key"].startswith(b"http-basic")
    user = None
    while value and (is_user or value.text == b"--"):
        if value.text == b"--":
            is_last = True
        else:
            user, is_user = value, False
        value = _second(data, value, end)
    if user and value and value.text in values.NO_PASSWORDS:
        return user if urls.is_token(user.text) else None
    if value and value.text.startswith(b"-") and not (value.quoted or is_last):
        return None
    if value and found.re.fullmatch(data, value.start, value.end):
        return None  # the next name in a list of the command's keys
    return values.literal(value)


def find(data: bytes) -> Iterator[Match]:
    """Yields the literals that the tools' commands are given."""
    here = _find_signs(data)
    for command in _COMMANDS if here else ():
        done = 0  # a command in the line of another one: each option there is looked at once
        for position in sorted(literals.of(here, command.signs)):
            called = command.words.match(data, position)
            if not called or _is_inside(data, position):
                continue
            end = _line_end(data, called.end(), _GOES_ON_IN_LIST if _IN_LIST.search(called[0]) else _GOES_ON)
            for first, last in ((max(called.end(), done), end), *_collected(data, called, end)):
                for found in command.options.finditer(data, first, last):
                    value = _value(data, found, last)
                    if value:
                        yield values.match(value, f"{command.name} {found[0].decode('ascii', 'replace')}")
            done = max(done, end)
