"""Regular expressions that are compiled at their first use: compiling all of them takes longer than scanning a commit."""
from __future__ import annotations

import re
from functools import cached_property
from typing import Any
from typing import AnyStr
from typing import Generic
from typing import cast


class _Late(Generic[AnyStr]):
    """Stands for a compiled expression, and compiles it as soon as an attribute of that is asked for."""

    def __init__(self, expression: AnyStr, flags: int) -> None:
        self._expression: AnyStr = expression
        self._flags = flags

    @cached_property
    def _made(self) -> re.Pattern[AnyStr]:
        return re.compile(self._expression, self._flags)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._made, name)
        setattr(self, name, value)  # the next access is an ordinary one, as fast as on the expression itself
        return value


def compiled(expression: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Returns what can be used like `re.compile(expression, flags)`. An error in the expression is raised at its first use."""
    return cast("re.Pattern[AnyStr]", _Late(expression, flags))
