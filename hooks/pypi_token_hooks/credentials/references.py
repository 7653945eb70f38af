"""Values that point to a secret kept elsewhere: text in, whether it is a reference and its default out.

Imports nothing: the clean path reads it where this machine holds credentials.
"""

# What a reference begins and ends with: templates, shells, make, CI systems, pip, tox, cmd, configuration.
_WRAPPED = (
    ("${{", "}}"), ("{{", "}}"), ("{%", "%}"), ("<%", "%>"), ("<<", ">>"), ("${", "}"), ("$(", ")"),
    ("$[", "]"), ("#{", "}"), ("@{", "}"), ("%{", "}"), ("%(", ")s"), ("%<", ">s"), ("((", "))"), ("{", "}"),
    ("<", ">"), ("`", "`"),
)
_BY_FIRST = {sign: [pair for pair in _WRAPPED if pair[0][0] == sign] for sign in {pair[0][0] for pair in _WRAPPED}}
_AROUND_NAMES = ("%", "!", "@", "__")  # %VAR%, !VAR!, @VAR@, __VAR__
_FORMATS = ("%s", "%r", "%d", "%v")
# What stands before the name of a secret in some store, or marks an encrypted value.
_STORES = (
    "op://", "vault:", "vault://", "secret://", "ssm:", "arn:aws", "gcp-sm:", "awssm:", "azurekv:",
    "keyring:", "pass://", "secure:", "sops:", "ENC[", "ENC(", "$ANSIBLE_VAULT", "!vault", "!Ref", "!Sub",
    "!GetAtt", "!ImportValue", "!secret", "!reference", "!env", "secretKeyRef", "valueFrom", "file://",
    "file:/", "file:.", "file:~", "keychain:", "resolve:",
    "secretref:", "credentialsJSON:", "%secure:", "%vault:", "encrypted:",  # of Azure, TeamCity, Spinnaker
    "akeyless:", "bws:", "secretsmanager:", "{cipher}", "%env(", "!!python/", "{$ref",  # of AWS, Spring, Symfony, PyYAML, JSON Schema
)
# Objects in which programs and CI systems keep settings: `secrets.X`, `os.environ["X"]`, `var.x`.
_OBJECTS = (
    "os", "environ", "env", "secrets", "vars", "inputs", "steps", "needs", "github", "matrix", "getpass",
    "keyring", "process", "self", "this", "args", "opts", "options", "config", "cfg", "conf", "settings",
    "params", "ctx", "context", "var", "local", "module", "data", "each", "ENV", "System", "Deno",
    "project", "request", "session", "click", "typer",
)
# Functions whose second argument is what holds where the first names nothing.
_WITH_DEFAULT = (
    "getenv", "get", "env", "fetch", "getProperty", "config", "pop", "var", "envOrElse", "Getenv", "str",
)
_BEFORE_DEFAULT = (
    "||", "&&", "??", "?:", " or", "default", "default(", "default=", "default:", "|d(", "| d(", "fallback=",
    "else",
)
_ESCAPED = ("\\$", "`$", "$$")  # a dollar in a string or here-document, in PowerShell, in make and compose
_FIRST = "${<%#`!@_("  # what a reference begins with
_OF_SED = ("/g", "#g", "|g")  # the end of a command that replaces a value by a reference
_BESIDE = " -_.:/@,+\"'="  # what may stand beside references, and the words that may
_WORDS = ("pypi", "token")
_SCOPES = ("env", "script", "global", "local", "private", "using", "variable")  # of variables of PowerShell
_OPENING, _CLOSING = "([{", ")]}"
_OF_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
_MAX = 1024  # characters: nobody writes a longer reference


def _is_name(text: str) -> bool:
    return text.replace("_", "").isalnum() and text.isascii()


def unquoted(text: str) -> str:
    """Returns the text without blanks, and quotes of the same kind, around it."""
    text = text.strip()
    while len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    return text


def _name_end(text: str, start: int) -> int:
    return len(text) - len(text[start:].lstrip(_OF_NAMES))


def _closed(text: str, start: int, opening: str, closing: str) -> int:
    """Returns where the bracket that is open at `start` is closed, counting those inside of it, or -1."""
    depth, at = 1, start
    first = opening[-1]
    end = text.find(closing, start)
    if end < 0 or first not in _OPENING:
        return end + len(closing) if end >= 0 else -1
    while at < len(text):
        if text.startswith(closing, at) and depth == 1:
            return at + len(closing)
        if text[at] == first:
            depth += 1
        elif text[at] == _CLOSING[_OPENING.index(first)]:
            depth -= depth > 1
        at += 1
    return -1


def _dollar_end(text: str, start: int) -> int:
    """Returns where `$NAME`, `$$NAME`, `$env:NAME`, `$NAME[1]`, `$1` ends, or -1: of more than one digit no name begins."""
    at = start + 1
    at += text.startswith("$", at)
    end = _name_end(text, at)
    if text[end : end + 1] == ":" and text[at:end].lower() in _SCOPES:
        at = end + 1
        end = _name_end(text, at)
    if end == at or (end > at + 1 and text[at].isdigit()):
        return -1
    number, closing, _ = text[end + 1 :].partition("]") if text[end : end + 1] == "[" else ("", "", "")
    return end + len(number) + 2 if closing and number.isdigit() else end


def end_of(text: str, start: int = 0) -> int:
    """Returns where the reference that begins at `start` ends, or -1 where there is none."""
    if start >= len(text):
        return -1
    for opening, closing in _BY_FIRST.get(text[start], ()):
        if text.startswith(opening, start):
            end = _closed(text, start + len(opening), opening, closing)
            if end > start + len(opening) + len(closing) or (end > 0 and opening == "{"):
                return end
    if text.startswith(_FORMATS, start):
        return start + 2
    if text[start] == "$":
        return _dollar_end(text, start)
    for sign in _AROUND_NAMES:
        if text.startswith(sign, start):
            end = text.find(sign, start + len(sign) + 1)
            if end > 0 and _is_name(text[start + len(sign) : end]):
                return end + len(sign)
    return -1


def _is_made_of_references(text: str) -> bool:
    """Tells whether the text holds a reference, and nothing beside it but signs and words that say what it is."""
    at, found = 0, False
    while at < len(text):
        end = end_of(text, at) if text[at] in _FIRST else -1
        if end > at:
            at, found = end, True
        elif text[at] in _BESIDE:
            at += 1
        else:
            word = next((word for word in _WORDS if text[at : at + len(word)].lower() == word), "")
            if not word:
                return False
            at += len(word)
    return found


def _is_command(text: str) -> bool:
    """Tells whether the text is a command in a shell, or its beginning: it may go over lines and have quotes and others in it."""
    end = _name_end(text, 2)
    return text.startswith("$(") and end > 2 and text[2:end].islower() and text[end : end + 1] in ("", " ", "/", "-")


def _is_expression(text: str) -> bool:
    """Tells whether the text is code that reads a setting: `os.environ["X"]`, `credentials('id')`."""
    end = _name_end(text, 0)
    name, rest = text[:end], text[end:].rstrip(" ;,")
    if not name or name[0].isdigit():
        return False
    if rest[:1] in (".", "[") and name in _OBJECTS:
        return True
    dotted = False
    while rest[:1] == "." and _name_end(rest, 1) > 1:
        rest, dotted = rest[_name_end(rest, 1) :], True
    is_call = rest[:1] == "(" and rest[-1:] == ")"
    getter = name.lower().startswith(("get", "read", "load", "env"))
    return is_call and (dotted or getter or rest[1] in "\"')")


def _is_template_call(text: str) -> bool:
    """Tells whether the text is a call in a template of Azure: `[parameters('x')]`, `@parameters('x')`, `@pipeline().parameters.x`."""
    end = _name_end(text, 1)
    is_marked = text[0] == "@" or (text[0] == "[" and text[-1] == "]")
    return is_marked and text[1:end].isalpha() and text[end : end + 1] == "(" and ")" in text


def is_reference(value: str) -> bool:
    """Tells whether the whole value refers to a secret kept elsewhere: a variable, a store, a command.

    A value that only holds a reference beside text of its own is none: passwords do hold `$`.
    """
    text = unquoted(value)[:_MAX]
    for escaped in _ESCAPED:
        text = text.replace(escaped, "$")
    if not text:
        return False
    if text.startswith(_STORES) or _is_expression(text) or _is_command(text) or _is_template_call(text):
        return True
    if text.startswith("projects/") and "/secrets/" in text:  # of Google
        return True
    if text[0] == "(" and text[-1] == ")" and " " in text:  # fish: (pass show x)
        return True
    return _is_made_of_references(text[:-2] if text.endswith(_OF_SED) else text)


def _literals(text: str) -> list[tuple[str, str]]:
    """Returns the quoted strings in the text, each with what stands before it."""
    found, at = [], 0
    while at < len(text):
        if text[at] in "\"'":
            end = text.find(text[at], at + 1)
            if end < 0:
                break
            found.append((text[:at].rstrip(), text[at + 1 : end]))
            at = end
        at += 1
    return found


def _takes_default(before: str) -> bool:
    """Tells whether the string behind `before` is the second argument of a function that takes a default."""
    head = before[:-1].rpartition("(")[0].rstrip()
    return before.endswith(",") and head.endswith(_WITH_DEFAULT)


def _of_shell(text: str) -> str | None:
    """Returns the default of `${VAR:-x}`; the message of `${VAR:?x}` is none, nor is the name in `${input:x}`."""
    end = _name_end(text, 2)
    at = end + text.startswith(":", end)
    if end == 2 or text[at] not in "-=+":
        return None
    return unquoted(text[at + 1 : -1])


def _of_make(text: str) -> str:
    """Returns the last argument of make's `$(or $(VAR),x)`."""
    return unquoted(text[:-1].rpartition(",")[2])


def default_of(value: str) -> str | None:
    """Returns the literal that holds where a reference names nothing: `x` of `${VAR:-x}`, `{env:V:x}`, `$(or $(V),x)`,
    `os.getenv("V", "x")`, `{{ v | default('x') }}`, `${{ secrets.V || 'x' }}`; None where there is none."""
    text = unquoted(value)[:_MAX]
    text = text[1:] if text[:2] in _ESCAPED else text
    if text.startswith("${") and not text.startswith("${{") and text.endswith("}"):
        return _of_shell(text)
    if text.startswith("{env:") and text.endswith("}"):
        _, sign, default = text[5:-1].partition(":")
        return default if sign else None
    if text.startswith("$(or ") and text.endswith(")"):
        return _of_make(text)
    first = text.partition("||")[0].partition("??")[0].partition(" or ")[0].strip()
    is_of_github = text.startswith("${{") and text.endswith("}}")  # whose strings may hold braces
    if not (is_of_github or is_reference(text) or _is_expression(first)):
        return None
    defaults = [literal for before, literal in _literals(text) if before.endswith(_BEFORE_DEFAULT) or _takes_default(before)]
    return max(defaults, key=len, default=None)  # of several, a password is longer than the name of anything


def literal_in(value: str) -> str:
    """Returns what of the value is a literal: what a reference falls back to, or else all of it."""
    default = default_of(value)
    return literal_in(default) if default is not None else value
