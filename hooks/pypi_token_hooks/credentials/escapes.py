"""A value in which characters are escaped in; out: what it stands for, so that an example or a reference is known by its looks."""
from __future__ import annotations

import re

from pypi_token_hooks import late

# of JSON and other strings, also of one in another; before a bracket, as Markdown and code have it; of quoted-printable
_ESCAPE = late.compiled(rb"\\{1,4}(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([<>{}]))|=([89A-F][0-9A-F]|3D)")
_MARKUP = late.compiled(rb"(?:<[a-z]{1,20}>)+(?=[^<])|\\[a-z]{2,12}\{(?=[^{}]*\}\Z)")  # `<em>token`, `\emph{token}`
_PERCENT = late.compiled(rb"%([0-9A-Fa-f]{2})")
_CLOSING = (b"%3E", b"%7D", b"%3e", b"%7d")  # a bracket at the end, escaped in a URL


def _character(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return chr(int(found[1], 16)).encode("utf-8", "surrogatepass")
    return found[3] or bytes((int(found[2] or found[4], 16),))


def percent_decoded(text: bytes) -> bytes:
    """Returns the text with its percent-escapes replaced."""
    return _PERCENT.sub(lambda found: bytes((int(found[1], 16),)), text)


def undone(value: str) -> str:
    r"""Returns `<token>` for `\u003ctoken\u003e`, `\x3ctoken\x3e`, `&lt;token&gt;`, `&amp;lt;token&amp;gt;` and `%3Ctoken%3E`.

    Also `token` for what is marked up as such. A URL has signs of passwords escaped, too: only what ends in a bracket is undone there.
    """
    held = value.encode("utf-8", "surrogatepass")
    marked = _MARKUP.match(held)
    held = _ESCAPE.sub(_character, held[marked.end() :] if marked else held)
    if held.endswith(_CLOSING):
        held = percent_decoded(held)
    try:
        text = held.decode("utf-8")
    except UnicodeDecodeError:
        text = held.decode("latin-1")  # as strings escape bytes
    if "&" not in text:
        return text
    import html  # a large table, which few values need

    return html.unescape(html.unescape(text))
