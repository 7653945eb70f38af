"""What a setting with a password leaves in bytes, in whatever reading: parts of patterns, of which rules make their own.

A rule's traces are less than what it finds, and cheaper to look for: where none of them is, the rule finds nothing. Many
of them are looked for in one pass, which knows no groups, nothing that looks ahead or behind, and no long repeats.
"""

# Patterns, all of which stand in the bytes. The first is the rare one: only where it stands the others are looked for.
Trace = tuple[bytes, ...]

_BEYOND_ASCII = rb"[\xc2\xcd\xd8\xe1\xe2\xe3\xef\xf3][\x80-\xbf]{1,3}"  # as characters that take no room are
# zero-width spaces and joiners, direction marks, byte-order marks, soft hyphens, fillers: what takes no room
INVISIBLE = (
    rb"\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xc2\xad|\xcd\x8f|\xd8\x9c|\xe1\xa0[\x8b-\x8f]"
    rb"|\xe1\x85[\x9f\xa0]|\xe3\x85\xa4|\xef\xbe\xa0|\xef\xb8[\x80-\x8f]|\xf3\xa0[\x80\x81\x84-\x87][\x80-\xbf]"
)
# what stands for a sign, a blank or nothing: an escape of HTML, of a URL or of a string, or what is invisible
ESCAPE = rb"(?:%[0-9A-Fa-f]{2}|&#?[0-9A-Za-z]{1,8};|\\(?:[ux]\{?[0-9A-Fa-f]{2,5}|[0-7]{2,3})|" + INVISIBLE + rb")"
BRACKET = rb"(?:\[|5[Bb]|91;|lsqb;|lbrack;)"  # an opening one, or what its escapes end in
# a blank, a comma or a quote, or what stands for one
BLANK = (
    rb"(?:[\s,\\\"'`]|\\[nrt]|&(?:#[0-9xX]|[a-z])[0-9A-Za-z]{1,5};|%[0-9A-Fa-f]{2}|=[0-9A-F]{2}|\\(?:u00|x)[0-9A-Fa-f]{2}|"
    + _BEYOND_ASCII + rb")"
)  # fmt: skip
# what joins the words of a name, and what begins an option
_SIGNS = rb"(?:%|\\u00|\\x|&#x|=)(?:5[fF]|2[dD]);?|&#(?:95|45);|" + _BEYOND_ASCII
HYPHEN, JOINT = rb"(?:-|" + _SIGNS + rb")", rb"(?:[_-]|" + _SIGNS + rb")"
LETTER = rb"(?:(?:%|\\u00|\\x)[4-7][0-9A-Fa-f]|&#[0-9xX][0-9A-Fa-f]{1,3};)"  # escaped
QUOTE = rb"\\{0,3}[\"'`]"
ASSIGNED = rb"(?:=>|[:=]|=3[AaDd]|" + ESCAPE + rb")"  # quoted-printable has its own for the two signs
OPENED = rb"(?:\(|=28|" + ESCAPE + rb")"
# what a value begins with, on this line or the next, that is there at all
_BLANKS = rb"(?:[ \t]|\xc2\xa0|\\{1,3}u00a0)*"
_VALUE = (
    _BLANKS + rb"(?:[bBrRuUfF@$]{0,2}\\{0,3}[\"'`]{1,3}[^\r\n\"'`]|[\"']{3}|[^\x00-\x20\"'`]|" + ESCAPE
    + rb"|(?:[|>][-+0-9]{0,2}[ \t]*)?[\r\n]{1,2}(?:[+-]?[ \t]*[\r\n]{1,2}){0,8}[+ -]?[ \t]+[^\s])"
)  # fmt: skip
PASSWORD = rb"(?i)passw(?:or)?d(?:" + QUOTE + rb")?\]?" + _BLANKS + ASSIGNED + _VALUE
PICKLED = rb"(?<=[!-~])\x94"  # what is behind a string of a pickle: in UTF-8 the byte ends no letter of ASCII. No part of a trace
INDEX = rb"(?i)pypi|/simple|/legacy|twine|poetry-repository"  # without one of these nothing is an index's
