from __future__ import annotations

import pathlib

import pytest

from tests.machine import Machine
from tests.runners import Source
from tests.runners import shared_source


@pytest.fixture
def machine(tmp_path: pathlib.Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return shared_source(tmp_path_factory.getbasetemp())
