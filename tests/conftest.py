from __future__ import annotations

import pathlib

import pytest

from tests.machine import Machine


@pytest.fixture
def machine(tmp_path: pathlib.Path) -> Machine:
    return Machine(tmp_path)
