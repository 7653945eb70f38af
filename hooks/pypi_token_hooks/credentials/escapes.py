"""A value in which characters are escaped in; out: what it stands for, so that an example or a reference is known by its looks."""
from __future__ import annotations

import re

from pypi_token_hooks import late

# of JSON and other strings, also of one in another; before a bracket, as Markdown and code have it
_BACKSLASH = late.compiled(r"\\{1,4}(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([<>{}]))")
_MARKUP = late.compiled(r"(?:<[a-z]{1,20}>)+(?=[^<])|\\[a-z]{2,12}\{(?=[^{}]*\}\Z)")  # `<em>token`, `\emph{token}`
_PERCENT = late.compiled(rb"%([0-9A-Fa-f]{2})")
_CLOSING = ("%3E", "%7D", "%3e", "%7d")  # a bracket at the end, escaped in a URL


def _character(found: re.Match[str]) -> str:
    return found[3] or chr(int(found[1] or found[2], 16))


def undone(value: str) -> str:
    r"""Returns `<token>` for `\u003ctoken\u003e`, `\x3ctoken\x3e`, `&lt;token&gt;`, `&amp;lt;token&amp;gt;` and `%3Ctoken%3E`.

    Also `token` for what is marked up as such. A URL has signs of passwords escaped, too: only what ends in a bracket is undone there.
    """
    marked = _MARKUP.match(value)
    text = _BACKSLASH.sub(_character, value[marked.end() :] if marked else value)
    if text.endswith(_CLOSING):
        plain = _PERCENT.sub(lambda found: bytes((int(found[1], 16),)), text.encode("utf-8", "surrogatepass"))
        text = plain.decode("utf-8", "replace")
    if "&" not in text:
        return text
    import html  # a large table, which few values need

    return html.unescape(html.unescape(text))
