"""Text in; out: whether it is a name, of an account, a place, a command or a day, rather than random as tokens are."""
from __future__ import annotations

from pypi_token_hooks import late

_BETWEEN = late.compiled(r"[\s._:/@+,=~\\-]+")
# words in a row and a number: `svcPyPIReadOnlyUser01`; a short word with a number in it: `web3team`; a word with up to eight digits, a
# number: `AWS`, `u01234567`; anything very short: `k8s`
_PART = late.compiled(
    r"[a-z]*(?:[A-Z]{0,5}(?:[A-Z][a-z]{2,}|As|At|By|Ci|Db|De|Id|If|In|Io|Is|La|Le|My|No|Of|On|Or|Py|To|Up))*[A-Z]{0,6}\d{0,4}"
    r"|(?=.{1,10}\Z)[a-z]+\d{1,4}[a-z]+|(?:[A-Z]?[a-z]*|[A-Z]*)\d{0,8}|\d+|[A-Za-z0-9]{1,5}"
)


def is_name(text: str) -> bool:
    """Tells whether the text is words and numbers: `jane.doe-2024`, `pass show pypi/ci2`, `2027-03-01T10:00`."""
    plain = text.lower() if text.isupper() else text
    return all(_PART.fullmatch(part) for part in _BETWEEN.split(plain))
