"""Expressions that are compiled when they are first used: to compile all of them takes longer than to read a commit."""
from __future__ import annotations

import re
from functools import cached_property
from typing import Any
from typing import AnyStr
from typing import Generic
from typing import cast


class _Late(Generic[AnyStr]):
    """What a compiled expression has; it is compiled as soon as any of that is wanted."""

    def __init__(self, expression: AnyStr, flags: int) -> None:
        self._expression: AnyStr = expression
        self._flags = flags

    @cached_property
    def _made(self) -> re.Pattern[AnyStr]:
        return re.compile(self._expression, self._flags)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._made, name)
        setattr(self, name, value)  # next time it is found without coming here
        return value


def compiled(expression: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Returns an expression, which can be used like one of `re`. An error in it is raised when it is used first."""
    return cast("re.Pattern[AnyStr]", _Late(expression, flags))
