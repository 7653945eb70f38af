"""The value that stands at an offset, quoted or bare, and whether it is a credential."""
from __future__ import annotations

import binascii
import functools
import re
from typing import NamedTuple

from pypi_token_hooks import late
from pypi_token_hooks import traces
from pypi_token_hooks.credentials import placeholders
from pypi_token_hooks.credentials.references import literal_in
from pypi_token_hooks.model import Match
from pypi_token_hooks.model import Secret

RULE = "index-credential"
MIN_LENGTH = 6  # shorter ones are no passwords that an index would take
MIN_DISTINCT = 4
MAX_LENGTH = 2048
MANY = 1024  # values of which it is remembered what they are: hostile text has few, many times over
MAX_REST = 1024  # bytes behind a value that tell whether its line ends with it

# prefixes of Python's, C#'s and bash's strings, then the quote, escaped where text is held in a string
_QUOTE = late.compiled(rb"[bBrRuUfF@$]{0,2}(\\{0,3}(?:\"\"\"|'''|[\"'`]))")
MARKUP = rb"<(?:/|br\b)"  # of HTML, behind a value
_EXPRESSION = (
    rb"\$\{\{[^{}\n]*\}\}|\$\{\{[^{}'\n]{0,200}(?:'[^'\n]{0,200}'[^{}'\n]{0,200}){1,4}\}\}"
    rb"|\{\{[^{}\n]*\}\}|(?!" + MARKUP + rb")<[^<>\n]{0,99}>|\[[^][\n]{0,99}\]|\$\([^()\n]*\)|%\(\w+\)s"
    rb"|\$\{(?:[^{}\n]|\{[^{}\n]*\})*\}"
)
# as a shell ends it, and as YAML and INI end it; what begins no expression is taken as a whole, as is a sign behind a backslash
_ONE = rb"|\\[$!&;|()*?#]|(?!" + traces.PICKLED + rb")"
_WORD = late.compiled(rb"(?:[^\x00-\x20\x7f\"'`\\<>;|&$%{\[\x94]+|" + _EXPRESSION + _ONE + rb"[^\x00-\x20\x7f\"'`\\<>;|&])+")
_SCALAR = late.compiled(rb"(?:[^\x00-\x20\x7f\"'`\\<>$%{\[\x94]+|" + _EXPRESSION + _ONE + rb"[^\x00-\x20\x7f\"'`\\<>])+")
_TRAILING = b",;)]}"
_ENDS = late.compiled(rb" #|[\x00-\x08\x0e-\x1f\x7f]|" + MARKUP)  # what follows a value of any signs in its line
QUOTES = (b"\"", b"'", b"`")
NO_PASSWORDS = (b"", b"NOPASS")  # what stands beside a token that is the user, as Gemfury has it
_CONTROLS, _NOT_ASCII = bytes(range(32)), bytes(range(128, 256))
BLOCK = late.compiled(rb"[|>][-+0-9]{0,2}[ \t]*\r?\n[ \t]+")  # what begins a block of YAML, up to its first line

# a constant, a variable, and what a console script runs
_NAME = late.compiled(
    rb"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z]+(?:_[a-z]+)+(?:_v)?\d?|[A-Za-z_][\w.]*:(?:main|cli|app|run|[a-z]+(?:_[a-z]+)+)|"
    rb"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+:[A-Za-z_]\w*"
)
_DOTTED = late.compiled(rb"[A-Za-z_]\w*(?:(?:\.|::|->)[A-Za-z_]\w*)+")
# a part of a dotted name: letters, digits at the end or among small letters; `s3Token`
_PART = late.compiled(rb"_*[A-Za-z][A-Za-z_]*\d{0,2}|[a-z_][a-z0-9_]*|[a-z]{1,5}\d[A-Z][a-z]{2,}\w*")
_HUMP = late.compiled(rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")  # a word in a name in camel case
_BETWEEN_PARTS = late.compiled(rb"\.|:{1,2}|->")
_SLUG = late.compiled(rb"(?!(?:glpat|gldt|glcbt)-[A-Za-z]{20})[A-Za-z]+(?:[ _-][A-Za-z]+)*")  # but no token of GitLab
_APART = late.compiled(rb"[a-z]{3,}\d{0,2}(?:([._])[a-z]{3,}\d{0,2})(?:\1[a-z]{3,}\d{0,2})+")  # small words, with one sign between all
# words in the names of secrets and in descriptions, of which no passphrase is made
_WORDS = frozenset(
    b"api auth boolean build cred credential credentials default deploy disabled enabled env environment global id index"
    b" inherit input invalid key keyring login masked missing name null optional package password passwd project"
    b" prompt publish pypi python release repo repository required sensitive secret secrets string test text testpypi"
    b" the token tokens type undefined unset upload user username value variable with your".split()
)
_COUNTED = (b"0123456789", b"123456789", b"abcdefghij", b"1234567890")
_CALL = late.compiled(rb"([A-Za-z_][\w.:]*)(?:(?<=::)<[^<>\n]{1,60}>)?!?[(\[](?:[^)\]]*\Z|.*[)\]](?:[,;]?\Z|[.(\[]))", re.DOTALL)
# a variable, a function; an alias of YAML; a function of Nix and what it is given; a command of PowerShell;
# a type that takes others, as in Rust: `Option<SecretString>`
_CODE = late.compiled(
    rb"[*&]?[A-Za-z_]+\Z|\*[A-Za-z_]+\d{1,2}\Z|lambda\b|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+[ \t]+[\"'(./]|\([A-Z][a-z]+-[A-Z][A-Za-z]+\Z"
    rb"|&?(?:[a-z]\w*(?:\.|::))*[A-Z]\w*<[^<>\n]+(?:<[^<>\n]*>)?>[?;,)]*\Z"
)
# of PowerShell and PHP: `$token.Trim()`, `$args[0]`, `$this->token`, `[Convert]::ToString($bytes)`
_MEMBER = late.compiled(
    rb"\$(?:[A-Za-z]+:)?[A-Za-z_]\w*(?:(?:\.|->|::)[A-Za-z_]\w*|\[[^\]\n]*\]|\([^)\n]*\))+[;,)]*\Z"
    rb"|\[[A-Za-z][\w.]*\]::[A-Za-z]\w*(?:\.[A-Za-z]\w*)*(?:\(|\Z)"
)
_ODD = late.compiled(rb"[a-z][A-Z]|[A-Za-z]\d|\d[A-Za-z]")  # what no word of prose holds
_BASE64 = late.compiled(rb"[A-Za-z0-9+/]{4,}")
_PHRASE = 3  # words of a passphrase with blanks between them
_OF_PHRASE = late.compiled(rb"[a-z]+|[A-Z][a-z]+\d{1,4}")  # a rule may ask for a capital and a digit
# a path; a path in a store of secrets, and the name of what it holds there: `secret/data/pypi#TOKEN`, `aws:ssm:/ci/pypi2`
_PATH = late.compiled(
    rb"(?:[A-Za-z]:|~|\.{1,2})?[\\/]{1,2}[a-z_.-]+(?:[\\/]{1,2}[\w.-]+)*[\\/]?"
    rb"|(?:[a-z]{2,12}:){0,2}/?[a-z_-]+\d?(?:/[a-z_-]+\d?)+(?:[#:@](?:[a-z_-]+|[A-Z_]+\d?))?"
)
_FILE = late.compiled(
    rb"@?[\w./~-]+\.(?:txt|json|ya?ml|toml|py|sh|env|cfg|ini|conf|gpg|key|pem|md|rst|html?|lock|pypirc)"
    rb"|(?:dist|build|target|wheels?|wheelhouse)[\\/]\S+"
)
# the beginning of a reference that holds quotes like those around it: `"${System.getenv("TOKEN")}"`, `"${TOKEN:-$(cat "$FILE")}"`
_CUT = late.compiled(rb"[$#%]?\{[ \t]?(?:[A-Za-z_][\w.]*|\d)(?:[(\[]|:?[-=+](?:\$\(|`))[^{}]*\Z")
# what repeats in a regular expression: characters of a class; any at the beginning, as in `sed 's/TWINE_PASSWORD=.*/…/'`
_PATTERN = late.compiled(rb"\A\.[*+]|(?:\[[^][\n]{2,80}\]|\\[dDsSwW])(?:[*+]|\{\d+(?:,\d*)?\})|\.\{\d+(?:,\d*)?\}")
# quotes and brackets that HTML escapes, a quote that a shell does: what they are around is told by the reading that replaces them
_ESCAPED = late.compiled(rb"\\{1,4}''|&(?:quot|apos|lt|#(?:34|39|x2[27]));|.*&lt;.*&gt")
_RULES = late.compiled(rb"[a-z_]+(?::[\w,]+)?(?:\|[a-z_]+(?::[\w,]+)?)+")  # of a validator: `required|string|max:255`
_VERSION = late.compiled(rb"[<>=~!^v]*\d+(?:\.\d+)+[\w.+-]*|\d{4}-\d\d-\d\d.*")


# words, numbers, and words with a number, and what parts them: of a version, a file and its line, an address, a type of a database
_LABEL, _PARTING = late.compiled(rb"[A-Za-z]{0,16}\d{0,6}[a-z]{0,8}"), late.compiled(rb"[^A-Za-z0-9]+")


class Value(NamedTuple):
    """A value as it stands in the data: the offsets of `text`, and whether quotes hold it."""

    start: int
    end: int
    text: bytes
    quoted: bool


def is_label(text: bytes) -> bool:
    """Tells whether the text is a label rather than a random password, though it may be a weak one."""
    return all(_LABEL.fullmatch(word) for word in _PARTING.split(text))  # one expression for all could divide words in too many ways


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _goes_on(data: bytes, begin: int, end: int, quote: bytes) -> bool:
    """Tells whether the quote at `end` is a part of the string: behind a backslash, or doubled as in YAML and SQL."""
    if quote[:1] != b"\\" and data[end - 1 : end] == b"\\":
        return True
    return quote == b"'" and end > begin and data[end + 1 : end + 2] == b"'"


def quoted_at(data: bytes, start: int) -> Value | None:
    """Returns the string that begins at `start`: up to its own quote, in one line."""
    opening = _QUOTE.match(data, start)
    if not opening:
        return None
    quote, begin = opening[1], opening.end()
    end = data.find(quote, begin, begin + MAX_LENGTH)
    while end > 0 and _goes_on(data, begin, end, quote):
        end = data.find(quote, end + 1 + (data[end + 1 : end + 2] == quote), begin + MAX_LENGTH)
    text = data[begin:end]
    if end < 0 or (b"\n" in text and len(quote) < 3):
        return None
    stripped = text.strip()
    at = begin + len(text) - len(text.lstrip())
    is_command = quote == b"`" and b" " in stripped  # of a shell
    return Value(at, at + len(stripped), stripped, not is_command)


def bare_at(data: bytes, start: int, *, scalar: bool = False) -> Value | None:
    """Returns the run of characters that begins at `start`; with `scalar`, signs of the shell are part of it."""
    run = (_SCALAR if scalar else _WORD).match(data, start, start + MAX_LENGTH)
    if not run:
        return None
    text = run[0]
    while text[-1:] in _TRAILING and text:
        opened = {b")": b"(", b"]": b"[", b"}": b"{"}.get(text[-1:])
        if opened and text.count(opened) >= text.count(text[-1:]):
            break
        text = text[:-1]
    return Value(start, start + len(text), text, False) if text else None


def inside_at(data: bytes, start: int, quote: bytes) -> Value | None:
    """Returns what stands between `start` and the quote that ends the string around it, whatever signs are in it."""
    end = data.find(quote, start, start + MAX_LENGTH)
    text = data[start:end]
    return Value(start, end, text, True) if end > start and b"\n" not in text and b"\\" not in text else None


def line_at(data: bytes, start: int) -> Value | None:
    """Returns the rest of the line, whatever signs are in it, as YAML, INI and env files hold a value."""
    end = data.find(b"\n", start, start + MAX_LENGTH)
    text = _ENDS.split(data[start : end if end >= 0 else start + MAX_LENGTH], maxsplit=1)[0].rstrip()
    return Value(start, start + len(text), text, len(text.split(None, 1)) > 1) if text else None


def value_at(data: bytes, start: int, *, scalar: bool = False) -> Value | None:
    """Returns the value that begins at `start`, quoted or bare."""
    return quoted_at(data, start) if _QUOTE.match(data, start) else bare_at(data, start, scalar=scalar)


def value_behind(data: bytes, key: int, start: int) -> Value | None:
    """Returns the value that begins at `start`: all of a string, if that begins right before the key, which stands at the offset."""
    opening = data[max(0, key - 1) : key]
    return (opening in QUOTES and inside_at(data, start, opening)) or value_at(data, start)


def ends_line(data: bytes, value: Value) -> bool:
    """Tells whether nothing but signs and a comment follows the value on its line."""
    last = value.end + MAX_REST
    end = data.find(b"\n", value.end, last)
    rest = data[value.end : end if end >= 0 else last].strip()
    rest = rest.lstrip(b"\"'`,;)]}\\").lstrip()
    return not rest or rest.startswith((b"#", b"//", b";", b"\\n", b"n\"", b"<", b"*/", b"-->", b"\0", b"\x1b", b"\x94"))


def _is_passphrase(words: list[bytes]) -> bool:
    """Tells whether words are a passphrase, or one word that may be a password, rather than a name."""
    return len(words) != 2 and not _WORDS.intersection(words)


def _is_prose(words: list[bytes]) -> bool:
    """Tells whether words with blanks between them are said to people, rather than a password of several words."""
    if all(_ODD.search(word) for word in words):
        return False
    return len(words) < _PHRASE or not all(_OF_PHRASE.fullmatch(word) for word in words) or not _is_passphrase(words)


def _is_dotted(text: bytes) -> bool:
    """Tells whether each part of a dotted text may be a name, which a random password's rarely are."""
    return all(_PART.fullmatch(part) for part in _BETWEEN_PARTS.split(text) if part)


def _is_drawn(text: bytes) -> bool:
    """Tells whether letters are in no order that a name has: of words in camel case, many would be of a letter or two."""
    if text in (text.lower(), text.upper()) or b"pypi" in text.lower():
        return False
    humps = _HUMP.findall(text)
    short = [hump for hump in humps if len(hump) < 3]
    return len(short) > 2 and len(short) * 5 >= len(humps) * 2 and _WORDS.isdisjoint(map(bytes.lower, humps))


def _is_parted(text: bytes) -> bool:
    """Tells whether the text is a passphrase with full stops or underscores between its words. Without quotes it would be code."""
    return _APART.fullmatch(text) is not None and _is_passphrase(re.split(rb"\d*[._]", text))


def is_code(text: bytes) -> bool:
    """Tells whether a text without quotes is rather code: a variable, a call, a subscript."""
    called = _CALL.match(text)
    return bool(_CODE.match(text) or _MEMBER.match(text) or (called and _is_dotted(called[1])))


def is_name(text: bytes) -> bool:
    """Tells whether the text is the name of something: of a variable, a secret, a file, a version."""
    if any(form.fullmatch(text) for form in (_NAME, _PATH, _FILE, _RULES, _VERSION)):
        return True
    if _DOTTED.fullmatch(text) and _is_dotted(text):
        return True
    return _SLUG.fullmatch(text) is not None and not _is_passphrase(re.split(rb"[ _-]", text.lower()))


def is_plausible(text: bytes, quoted: bool = True) -> bool:
    """Tells whether the text can be a credential at all: no prose, name, path, file, number or code."""
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH or len(set(text)) < MIN_DISTINCT:
        return False
    if text.translate(None, _CONTROLS) != text or b"://" in text or text[:2] in (b"--", b"(?"):  # an option, a group of an expression
        return False
    if not text.translate(None, _NOT_ASCII) or placeholders.is_example(_text(text)):
        return False
    if _PATTERN.search(text) or _CUT.match(text) or _ESCAPED.match(text):
        return False
    if b" " in text and (not quoted or _is_prose(text.split())):
        return False
    is_password = (quoted and _is_parted(text)) or ((quoted or b"." in text) and _is_drawn(text))
    if is_name(text.rstrip(b",;)")) and not is_password:  # an argument in a call, too
        return False
    if len(text) <= 24 and any(counted in text.lower() for counted in _COUNTED):
        return False
    return quoted or not is_code(text)


def decoded(text: bytes) -> bytes:
    """Returns what the text is in base64, as Kubernetes holds its secrets; the text itself where it is none."""
    body = text.rstrip(b"=")
    if len(body) % 4 == 1 or not _BASE64.fullmatch(body):
        return text
    plain = binascii.a2b_base64(body + b"=" * (-len(body) % 4))
    return plain if plain.isascii() and plain.decode("ascii").strip().isprintable() else text


def is_dummy(text: bytes) -> bool:
    return placeholders.is_dummy(_text(text))


@functools.lru_cache(MANY)
def is_credential(text: bytes, *, quoted: bool = True) -> bool:
    """Tells whether the text is a literal password or token."""
    if not is_plausible(text, quoted) or placeholders.is_safe(_text(text)):
        return False
    plain = decoded(text)
    return plain == text or not (b"://" in plain or is_name(plain.strip()) or placeholders.is_safe(_text(plain)))


@functools.lru_cache(MANY)
def _fallback(text: bytes) -> bytes:
    """Returns what of a value is a literal: what it falls back to, or else all of it."""
    return literal_in(text.decode("latin-1")).encode("latin-1")


def literal(value: Value | None, *, words: bool = True) -> Value | None:
    """Returns the literal credential that the value is, or that it falls back to; else None.

    Without `words` a bare word of letters alone is code rather than a password.
    """
    if value is None:
        return None
    fallback = _fallback(value.text)
    if fallback != value.text:
        at = value.start + value.text.find(fallback)
        value = Value(at, at + len(fallback), fallback, True)
    plain = value.quoted or (words and value.text.isalpha())
    return value if is_credential(value.text, quoted=plain) else None


@functools.lru_cache(MANY)
def name(text: bytes) -> str:
    """Returns the name of a setting: one text, however many matches have it."""
    return text.decode("ascii", "replace")


def match(value: Value, what: str) -> Match:
    """Returns the match for a literal value of the setting `what`."""
    return Match(RULE, "probable", value.start, value.end, Secret(value.text), what=what)
