"""User information in index URLs, and in URLs that an index setting holds: bytes in, matches out."""
from __future__ import annotations

import re
from collections.abc import Iterator

from pypi_token_hooks import late
from pypi_token_hooks import places
from pypi_token_hooks import traces
from pypi_token_hooks.credentials import escapes
from pypi_token_hooks.credentials import naming
from pypi_token_hooks.credentials import placeholders
from pypi_token_hooks.credentials.compiled import end_of_string
from pypi_token_hooks.detectors.index_credential import values
from pypi_token_hooks.detectors.index_credential.values import Value
from pypi_token_hooks.model import Match

MAX_USERINFO = 2048
MIN_TOKEN = 12  # a user name that stands alone is a token only if it is long and mixed
MIN_LETTERS = 16  # the same of one that is mixed of capitals and small letters alone
MIN_OF_GIT = 20  # the same in a URL of git alone, whose hosts give out URLs with the name of the user
_BEFORE = 400  # bytes in front of a URL in which its setting is looked for
_IN_LIST = 1000  # the same of one that is not the first of its list
_AUTHORITY = late.compiled(rb"([^\s/\"'`<>\\,;|(){}]|\{\{[^{}\n]{0,99}\}\}|\{[^{}\s]*\}|(?<=\$)\([^()\n]{0,99}\)|\([^()\s]*\))*")
# the same of a password with signs that mostly end a URL, some of them escaped for a shell; a quote that is open before it ends it
_PASSWORD = late.compiled(rb"(?:\{\{[^{}\n]{0,99}\}\}|\{[^{}\s]*\}|(?<=\$)\([^()\n]{0,99}\)|[^\s/\"\\]|\\[$`!])*")
_QUOTES = (b"'", b"`")
# a port, and what follows it; a link of Markdown; what HTML escapes, which another reading replaces
_NO_PASSWORD = late.compiled(rb"\d{1,5}[^\w.~-]|.*(?:\]\(|&#?\w{1,8};)", re.DOTALL)
_HOST = late.compiled(rb"[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?(?![\w@:%])")
_ENDS = late.compiled(rb"[\s\"'`<>\\]")
_SCHEME = late.compiled(rb"(?:git\+|hg\+|svn\+|bzr\+|sparse\+)?(?:https?|ssh|ftp)$", re.IGNORECASE)
_SSH = b"ssh://"
_OF_VCS = late.compiled(rb"(?:git|hg|svn|bzr)\+", re.IGNORECASE)  # as pip takes it
_DISTRIBUTION = late.compiled(rb"\.whl\b|\.egg\b|[\w.]-\d[\w.]*\.(?:tar\.gz|zip|tar\.bz2)\b")
_WITH_DIGITS = late.compiled(rb"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_~+/=.-]+")
_BOTH_CASES = late.compiled(rb"(?=.*[A-Z])(?=.*[a-z])[A-Za-z0-9_~+/=.-]{%d,}" % MIN_LETTERS)
_PARTS = late.compiled(rb"((?:\{[^{}]*\}|[^:])*)(:?)(.*)")  # the colon is in no braces: those are a reference's
_HOSTS = tuple(host.encode("ascii") for host in places.INDEX_HOSTS)
# hosts that are nobody's: of documentation (RFC 2606), and the machine itself
_NO_HOSTS = frozenset((b"example.com", b"example.org", b"example.net", b"localhost"))

_OF_CONFIG = ("pypi.", "repository.", "repositories.", "publish.index.")  # what such keys begin with
_SHORT_KEYS = ("url", "index", "proxy", "repo")


def _setting_names() -> tuple[list[str], list[str]]:
    """Returns the expressions for what stands before a URL in an index setting, from the table.

    Before the first ones there may be other words: `CI_PIP_INDEX_URL`. pip reads `extra_index_url` as `extra-index-url`.
    """
    names = {v.name for tool in places.TOOLS for v in tool.variables if v.kind == places.URL}
    common = {name for name in names if name.startswith(places.COMMON)}
    split = {k.name.rpartition(".")[::2] for tool in places.TOOLS for k in tool.keys if k.kind == places.URL}
    keys = {key.replace("-", "_") if section == "*" else key for section, key in split if key not in _SHORT_KEYS}
    flags = {o for tool in places.TOOLS for f in tool.flags if f.kind == places.URL for o in f.options}
    others = {word.replace("_", "[_-]") for word in common | keys}
    others |= {re.escape(flag) for flag in flags if flag.startswith("--") and flag != "--repo"}
    words = {name.replace("_", "[_-]").replace("<NAME>", "[A-Z0-9_]{1,40}") for name in names - common}
    return sorted(words, key=len, reverse=True), sorted(others, key=len, reverse=True)


def _dotted_keys() -> list[bytes]:
    """Returns the expressions for the keys of an index URL that say themselves that they are one's, from the table."""
    names = sorted({k.name for tool in places.TOOLS for k in tool.keys if k.kind == places.URL and k.name.startswith(_OF_CONFIG)})
    return [re.escape(name).replace(r"\*", r"[^\s=\"']{1,60}").encode("ascii") for name in names]


_NAMES = rb"(?<![A-Za-z0-9])(%b|(?<![_-])(?:%b))s?" % tuple("|".join(words).encode("ascii") for words in _setting_names())
# One of these is in whatever the expressions for settings, commands and lists find, which take long to find nothing.
_OF_NAMES = (b"url", b"index", b"repo", b"links", b"mirror", b"proxy", b"environment", b"server", b"registry")
_OF_COMMANDS = (b"pip", b"uv", b"pdm", b"hatch", b"poetry", b"devpi", b"easy_install", b"setup.py", b"-i", b"-f", b"Looking in")
_OF_LISTS = (b"registry", b"source", b"index")
_END_OF_REQUIREMENT = b"@+e=\"'"  # the last sign of what stands before the URL of one
_SETTING = late.compiled(
    _NAMES + rb"(?:[_-][A-Z0-9]{1,12})?(?![\w])[^\w\n]{0,12}(?:\r?\n[ \t\"']*)?[^\n]{0,200}$",
    re.IGNORECASE,
)
_SETTING_ABOVE = late.compiled(
    # on indented lines, with empty ones in between; in a string; in a block of YAML, where uv has names before its URLs
    _NAMES + rb"[\"']?[ \t]*[=:](?:[^\n]*(?:\n(?:[ \t][^\n=]*|\r)?){0,20}\n[ \t](?:[^\n=:]|:(?![ \t]))*|[ \t]*[\"'][^\"']*"
    rb"|[ \t]*[|>][-+0-9]{0,2}[ \t]*(?:\r?\n[ \t]+\S+){0,20}\r?\n[ \t]+[\w.-]{1,60}=)$", re.IGNORECASE,
)
# the setting's name and its value are a pair, or a declaration
_PAIRED = late.compiled(
    _NAMES + rb"[\"'`]?(?:,|[ \t]*\{|[ \t]*:)?\s{0,40}"
    rb"(?:[\"']?(?:value|default)[\"']?[ \t]*[:=]|</key>\s{0,40}<string>)\s{0,40}[\"']?$", re.IGNORECASE
)
_NAMED_BELOW = late.compiled(
    rb"[^\s\"'<>]*[\"']?(?:,|\s)\s{0,40}[\"']?(?:name|key)[\"']?[ \t]*[:=][ \t]*[\"']?[\w-]{0,40}?" + _NAMES + rb"(?![\w-])",
    re.IGNORECASE,
)
# settings that are too short to stand for themselves: they need their tool, or their section
_SHORT = late.compiled(
    rb"\b(?:pip3?|uv|pipenv|pip-compile|pip-sync|easy_install)\b[^\n]{0,200}[\s\"',]"
    rb"(?:(-i|-f)[\"',\s=]{0,5}|(--index)[\"',\s=]{1,5})$"
    rb"|\b(?:pdm|hatch)[\s\"',]{1,5}publish\b[^\n;&|]{0,200}[\s\"',](-r|--repo)[\"',\s=]{1,5}$"
    rb"|\bsetup\.py\b[^\n;&|]{0,200}[\s\"',](?:upload|register)[\s\"',][^\n;&|]{0,100}(?<=[\s\"',])(-r)[\"',\s=]{1,5}$"
    rb"|\b(?:poetry|pdm|hatch)[\s\"',]{1,5}config\b[^\n;&|]{0,60}[\s\"',]"
    rb"((?:pypi|repository|repositories|publish\.index)\.[\w.-]{1,60})[\"',\s]{1,5}$"
    rb"|^[ \t]*(?:-[ \t]+)?(-i|-f)[ \t=]{0,5}$|\b(poetry[ \t]+source[ \t]+add|devpi[ \t]+use|devpi[ \t]+index)[ \t][^\n]{0,100}$"
    rb"|\b(Looking in (?:indexes|links):)[^\n]{0,300}$",
    re.MULTILINE,
)
# the option is an item of a list of YAML, its URL the next one; and what is between two items
_OPTION_ABOVE = late.compiled(rb"\n[ \t]*-[ \t]+[\"']?--?[A-Za-z][\w-]*[\"']?[ \t]*\r?\n[ \t]*-[ \t]+[\"']?(?:[\w.-]{1,60}=)?$")
_BETWEEN_ITEMS = late.compiled(rb"[\"']?[ \t]*\r?\n[ \t]*-[ \t]+[\"']?")
_SECTION = late.compiled(
    rb"\[\[?[\"' ]*((?:tool\.(?:poetry|pdm|rye|uv)\.)?(?:source|sources|index)|repositories\.[^\]\n]{1,60}"
    rb"|repositories|repository\.[^\]\n]{1,60}|packages|package\.source|pypi(?:\.[^\]\n]{1,60})?"
    rb"|publish\.index(?:\.repos\.[^\]\n]{1,60})?)[\"' ]*\]\]?"
    rb"(?:[^\[\]=]|=(?![ \t]*\[)|=[ \t]*\[[^\[\]]{0,200}\]|\[[^\]\n]*\](?!\s*(?:\n|\\[nr]))){0,300}$"
)
# a key of a configuration file, sections included
_DOTTED = late.compiled(rb"(?:^|\n)[ \t]*(" + b"|".join(_dotted_keys()) + rb")[ \t]*=[ \t]*[\"']$")
_OF_PYPIRC = late.compiled(
    rb"^[ \t]*\[[^\]\n]{1,80}\](?:\r?\n[ \t]*(?:username|password)[^\n]*){0,2}\r?\n[ \t]*(repository)[ \t]*[=:][ \t]*$",
    re.MULTILINE,
)
_OF_PIP = late.compiled(
    rb"^\[(?:global|install|download|search|buildout)\][^\[\]]{0,300}\n[ \t]*(index|proxy)[ \t]*[=:][ \t]*$", re.MULTILINE
)
# the URL in a list or table: behind other entries, or in the first; a list that is called `source` is the text of a notebook
_LOCKED = late.compiled(
    rb"\b(?:(registry|sources|source(?=[^\[{]*\{))\\?[\"']?[ \t]*[=:][ \t\r\n]*[\[{]|(index)[ \t]*=[ \t]*\[)"
    rb"(?:[^\[\]{}]{0,200}\{[^\[\]{}]{0,400}\}){0,5}[^\[\]{}]{0,200}(?:\{[^\[\]{}]{0,200})?$"
    rb"|\b(registry)[ \t]*=[ \t]*[\"']$"
)
_REQUIREMENT = late.compiled(
    rb"[A-Za-z0-9][\w.-]{0,60}(?:\[[\w, -]{0,60}\])?[ \t]*@[ \t]*(?:[a-z]+\+)?$|(?:-e|--editable)[ \t=][\"']?$"
    rb"|\{[^{}\n]{0,200}\bgit[ \t]*=[ \t]*[\"']$"
)
_GIT_LOCKED = late.compiled(rb"\"git\"[ \t]*:[ \t]*\"$")  # of pipenv, with what names the commit behind it
_REF_BELOW = late.compiled(rb"[^\s\"{}]*\"(?:,\s{0,40}\"[a-z]{1,20}\"[ \t]*:[^,{}]{0,200}){0,3},\s{0,40}\"ref\"[ \t]*:")

# Words of a path, whole: neither `/simple_proxy` nor `/pypipackages` says anything of an index. To `/legacy/`, its last one, packages
# are uploaded; elsewhere it is what has grown old. Nexus takes the name of a repository behind the path.
_INDEX_PATH = late.compiled(
    rb"/(?:\+?simple(?![\w-]|\.\w)|pypi(?![a-z0-9]|\.git)|legacy/?(?![\w/-]|\.\w)|\+f/)"
    rb"|[?&]repository=(?:[\w.-]{0,60}[_.-])?pypi(?![a-z0-9])"
)

# A URL with a user in which an escape stands for one of the signs; of those without `anchors` tells.
_COLON = rb"(?::|%3A|\\+(?:u003a|x3a|0?72)|&(?:amp;)*(?:#58|#x3a|colon);|=3A)"
_SLASH = rb"(?:\\*/|%2F|\\+(?:u002f|x2f|0?57)|&(?:amp;)*(?:#47|#x2f|sol);|=2F)"
_AT = rb"(?:@|%40|\\+(?:u0040|x40|100)|&(?:amp;)*(?:#64|#x40|commat);|=40)"
TRACES = (traces.Trace((rb"(?i)(?:https?|ssh|ftp)" + _COLON + _SLASH + _SLASH + rb"[^\s\"/]+" + _AT,)),)


def _has(text: bytes, words: tuple[bytes, ...]) -> bool:
    return any(word in text for word in words)


def is_index(host: bytes, path: bytes = b"") -> bool:
    """Tells whether host or path say that they are a package index's."""
    return _has(host.lower(), _HOSTS) or _INDEX_PATH.search(path.lower().replace(b"%2f", b"/")) is not None


def _line(before: bytes) -> bytes:
    """Returns the line that ends with the text, with the one before it where nothing else is in it; a list of arguments as one line."""
    if _OPTION_ABOVE.search(before):
        return _BETWEEN_ITEMS.sub(b" ", before).rpartition(b"\n")[2]
    is_begun = before.rstrip(b" \t\"'").endswith(b"\n")
    return before[before.rfind(b"\n", 0, before.rfind(b"\n") if is_begun else None) + 1 :]


def _setting(data: bytes, start: int, path: bytes) -> str:
    """Returns which index setting holds the URL that begins at `start`, or an empty string."""
    before = data[max(0, start - _BEFORE) : start]
    line = _line(before)
    is_named = _has(before.lower(), _OF_NAMES)
    found = (
        (is_named and _SETTING.search(line)) or (_has(line, _OF_COMMANDS) and _SHORT.search(line))
        or (is_named and (_SETTING_ABOVE.search(before) or _PAIRED.search(before)))
        or _NAMED_BELOW.match(data, start, start + _BEFORE) or (is_named and _DOTTED.search(line))
        or (b"[" in before and (_OF_PIP.search(before) or _OF_PYPIRC.search(before)))
    )
    if found:
        return next(group for group in found.groups() if group).decode("ascii", "replace").strip()
    section = _SECTION.search(before)
    if section:
        return section[1].decode("ascii", "replace")
    in_list = data[max(0, start - _IN_LIST) : start]
    found = _has(in_list, _OF_LISTS) and _LOCKED.search(in_list)
    if found:
        return next(group for group in found.groups() if group).decode("ascii")
    if _DISTRIBUTION.search(path):
        return "URL of a distribution"
    is_locked = _GIT_LOCKED.search(line) and _REF_BELOW.match(data, start, start + _IN_LIST)
    if is_locked or (line.rstrip()[-1:] in _END_OF_REQUIREMENT and _REQUIREMENT.search(line)):
        return "requirement"
    return ""


def is_token(user: bytes) -> bool:
    """Tells whether a user name that stands alone is a token rather than a name."""
    plain = escapes.percent_decoded(user)
    if len(plain) < MIN_TOKEN or b"@" in plain or plain.lower().decode("latin-1") in places.PUBLIC_USERS:
        return False
    if not (_WITH_DIGITS.fullmatch(plain) or _BOTH_CASES.fullmatch(plain)):
        return False
    return not naming.is_name(plain.decode("latin-1")) and values.is_credential(plain)


def _secret(start: int, userinfo: bytes) -> Value | None:
    """Returns the credential in `user:password` or `token`, or None."""
    parts = _PARTS.fullmatch(userinfo)
    if not parts:
        return None
    user, colon, password = parts.groups()
    at = start + len(user) + 1
    if colon and password and password.lower() != b"x-oauth-basic":
        value = Value(at, at + len(password), password, True)
        return value if _is_password(password) else values.literal(value) if b"{" in password else None
    return Value(start, start + len(user), user, True) if is_token(user) else None


def _is_password(text: bytes) -> bool:
    """Tells whether the text, percent-escapes and all, is a password; only as it stands can it be a reference."""
    plain = escapes.percent_decoded(text)
    if plain == text:
        return values.is_credential(text)
    if placeholders.is_safe(text.decode("latin-1")) or values.is_dummy(plain):
        return False
    return values.is_plausible(plain.replace(b" ", b"-"))  # which is no prose


def _with_signs(data: bytes, start: int, position: int, first: bytes) -> bytes:
    """Returns the user information of the URL that begins at `start` with all signs of its password; empty if there is none.

    `first` is what of the authority, which begins at `position`, is before the first of them.
    """
    parts = _PARTS.fullmatch(first)
    if not parts or not parts[2]:
        return b""
    line = data[max(0, start - _BEFORE) : start].rpartition(b"\n")[2]
    begin = position + parts.start(3)
    last = min([at for quote in _QUOTES if line.count(quote) % 2 and (at := data.find(quote, begin)) >= 0] + [position + MAX_USERINFO])
    run = _PASSWORD.match(data, begin, last)
    end = data.rfind(b"@", begin, run.end()) if run else -1
    if end < 0 or not _HOST.match(data, end + 1) or _NO_PASSWORD.match(data, begin, end):
        return b""
    return data[position:end]


def _userinfo(data: bytes, start: int, position: int) -> bytes:
    """Returns what stands between `://` and the last `@` before the host of the URL; empty if there is none.

    In a URL of SSH it is the first: `git+ssh://git@${HOST}:${REPO}.git@main`.
    """
    if data.find(b"@", position, position + MAX_USERINFO) < 0:
        return b""
    run = _AUTHORITY.match(data, position, position + MAX_USERINFO)
    first = run[0] if run else b""
    if data[max(0, position - len(_SSH)) : position].lower() == _SSH:
        return first.partition(b"@")[0] if b"@" in first else b""
    userinfo = first.rpartition(b"@")[0]
    return userinfo if b":" in userinfo else _with_signs(data, start, position, first) or userinfo


def _find_at(data: bytes, position: int) -> Match | None:
    """Returns the match for the URL whose authority begins at `position`."""
    begin = max(0, position - 16)
    scheme = _SCHEME.search(data[begin : position - 3])
    if not scheme:
        return None
    start = begin + scheme.start()
    userinfo = _userinfo(data, start, position)
    if not userinfo:
        return None
    after = position + len(userinfo) + 1
    last = end_of_string(data, start) or after + 1024
    ended = _ENDS.search(data, after, last)
    rest = data[after : ended.start() if ended else last]
    host, slash, path = rest.partition(b"/")
    if not host or host.partition(b":")[0].lower() in _NO_HOSTS:
        return None
    value = _secret(position, userinfo)
    if value is None:
        return None
    what = _setting(data, start, path)
    if not what and is_index(host, slash + path):
        what = "index URL"
    if not what and _OF_VCS.match(data, start) and (value.start > position or len(value.text) >= MIN_OF_GIT):
        what = "requirement"
    return values.match(value, what) if what else None


def find(data: bytes) -> Iterator[Match]:
    """Yields the passwords and tokens in index URLs."""
    position = data.find(b"://")
    while position >= 0:
        match = _find_at(data, position + 3)
        if match:
            yield match
        position = data.find(b"://", position + 3)
