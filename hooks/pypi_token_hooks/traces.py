"""Traces: weak patterns, one of which matches wherever a rule for settings finds something, whatever the reading.

They are cheaper to look for than what the rule itself looks for; without a match of them the rule finds nothing. hyperscan looks
for many at once. It has no back-references and no look-around, and long bounded repeats are slow in it. Here stand the parts from
which the rules compose their traces.
"""
from __future__ import annotations

from typing import NamedTuple


class Trace(NamedTuple):
    """Patterns, all of which must match. The first is rare: the others are only looked for with it."""

    patterns: tuple[bytes, ...]
    is_of_section: bool = False  # whether the rule reads a whole section, and not only a command, call or step


_BEYOND_ASCII = rb"[\xc2\xcd\xd8\xe1\xe2\xe3\xef\xf3][\x80-\xbf]{1,3}"  # a superset of INVISIBLE
# zero-width spaces and joiners, direction marks, byte-order marks, soft hyphens, fillers
INVISIBLE = (
    rb"\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xc2\xad|\xcd\x8f|\xd8\x9c|\xe1\xa0[\x8b-\x8f]"
    rb"|\xe1\x85[\x9f\xa0]|\xe3\x85\xa4|\xef\xbe\xa0|\xef\xb8[\x80-\x8f]|\xf3\xa0[\x80\x81\x84-\x87][\x80-\xbf]"
)
COLOUR = rb"\x1b\[[0-?]*[ -/]*[@-~]"  # of a terminal (ECMA-48). No part of a trace
# a word of code in a page, as Pygments, GitHub, highlight.js and Prism colour it; `h4` is a heading of Bootstrap. No part of a trace
HIGHLIGHTED = rb"<span class=\\*[\"'](?:[a-gi-z][a-z]?[0-9]?\\*[\"']>|pl-|hljs-|token )"
SPAN = rb"</?span(?: [^<>\n]{0,200})?>"  # what is around each such word, and each sign. No part of a trace
# what may stand for a sign or a blank, or be left out: an escape of HTML, of a URL or of a string, or an invisible character
ESCAPE = rb"(?:%[0-9A-Fa-f]{2}|\\*&(?:amp;)*#?[0-9A-Za-z]{1,8};|\\+(?:[ux]\{?[0-9A-Fa-f]{2,5}|[0-7]{2,3})|" + INVISIBLE + rb")"
BRACKET = rb"(?:\[|5[Bb]|91;|lsqb;|lbrack;)"  # an opening bracket, or the end of an escape of one
# a blank (a plus in a form), a comma or a quote, or an escape of one
BLANK = (
    rb"(?:[\s,\\\"'`+]|\\+[nrt]|&(?:amp;)*(?:#[0-9xX]|[a-z])[0-9A-Za-z]{1,5};|%[0-9A-Fa-f]{2}|=[0-9A-F]{2}|\\+(?:u00|x)[0-9A-Fa-f]{2}|"
    + _BEYOND_ASCII + rb")"
)
# what joins the words of a name or begins an option, or an escape of that
_SIGNS = rb"(?:%|\\+u00|\\+x|&(?:amp;)*#x|=)(?:5[fF]|2[dD]);?|&(?:amp;)*#(?:95|45);|" + _BEYOND_ASCII
HYPHEN, JOINT = rb"(?:-|" + _SIGNS + rb")", rb"(?:[_-]|" + _SIGNS + rb")"
LETTER = rb"(?:(?:%|\\+u00|\\+x)[4-7][0-9A-Fa-f]|&(?:amp;)*#[0-9xX][0-9A-Fa-f]{1,3};)"  # an escaped letter
QUOTE = rb"\\*[\"'`]{1,5}"  # doubled in CSV, SQL and YAML, five in a shell
_FURTHER = rb"(?:\\\r?\n[ \t]+(?:\\[ \t])?)?"  # a long string of YAML may go on in a line of its own
ASSIGNED = _FURTHER + rb"\\?(?:=>|[:=]|=3[AaDd]|" + ESCAPE + rb")"  # in quoted-printable as =3A and =3D; Java escapes both
BLANKS = rb"(?:[ \t+]|\xc2\xa0|\\+(?:t|u00a0))*"  # on one line; a tab may be escaped
CLOSED = rb"(?:" + QUOTE + rb"|" + ESCAPE + rb"|=22)?" + BLANKS + ASSIGNED  # the end of a key
OPENED = rb"(?:\(|=28|" + ESCAPE + rb")"
# the beginning of a value that is not empty, on this line; or the end of this line: a value may be below it, behind a margin
_VALUE = (
    BLANKS + rb"(?:[bBrRuUfF@$]{0,2}\\*[\"'`]{1,3}[^\r\n\"'`]|[\"']{3}|[^\x00-\x20\"'`]|" + ESCAPE
    + rb"|(?:[|>][-+0-9]{0,2}[ \t]*)?[\r\n])"
)
PASSWORD = rb"(?i)passw(?:or)?d(?:" + QUOTE + rb")?\]?" + BLANKS + ASSIGNED + _VALUE
PICKLED = rb"\x94(?<=[!-~]\x94)"  # what is behind a string of a pickle: in UTF-8 the byte ends no letter of ASCII. No part of a trace
# In quoted-printable `=3D` is this sign; what is behind it is read where that is decoded. No part of a trace
EQUALS = rb"=(?!3D)"
INDEX = rb"(?i)pypi|(?:/|2F;?|47;)(?:simple|legacy)|twine|poetry-repository"  # without one of these nothing is an index's
