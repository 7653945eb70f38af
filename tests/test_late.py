"""Expressions that are compiled late: all of them can be, none before it is wanted, and they are like those of `re`."""
from __future__ import annotations

import gc
import importlib
import pkgutil
import re
import subprocess
import sys

import pytest

import pypi_token_hooks
from pypi_token_hooks import late
from tests.machine import Machine


def test_every_expression_can_be_compiled() -> None:
    for module in pkgutil.walk_packages(pypi_token_hooks.__path__, "pypi_token_hooks."):
        importlib.import_module(module.name)
    found = [one for one in gc.get_objects() if type(one) is late._Late]
    assert len(found) > 100
    for one in found:
        assert isinstance(one._made, re.Pattern)


def test_none_is_compiled_before_it_is_wanted(machine: Machine) -> None:
    script = (
        "import gc; from pypi_token_hooks import examination, late, pipeline\nfrom pypi_token_hooks.reports import text\n"
        "found = [one for one in gc.get_objects() if type(one) is late._Late]\n"
        "print(len(found) > 100, [one._expression for one in found if '_made' in vars(one)])\n"
    )
    done = subprocess.run((sys.executable, "-c", script), env=machine.env, capture_output=True, text=True, check=True)
    assert done.stdout == "True []\n"


def test_it_is_like_one_that_is_compiled_at_once() -> None:
    expression = late.compiled(rb"(a+)(?P<rest>b*)", re.IGNORECASE)
    found = expression.search(b"xAab")
    assert found and found[1] == b"Aa" and found["rest"] == b"b" and found.re.fullmatch(b"ab")
    assert expression.sub(b"-", b"ab AB") == b"- -" and [one.start() for one in expression.finditer(b"a a")] == [0, 2]
    assert expression.pattern == rb"(a+)(?P<rest>b*)" and late.compiled("é").search("é")
    with pytest.raises(AttributeError):
        expression.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_a_wrong_one_is_told_at_its_first_use() -> None:
    wrong = late.compiled(b"(")
    with pytest.raises(re.error):
        wrong.search(b"")
