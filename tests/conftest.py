from __future__ import annotations

import pathlib

import pytest
from hypothesis import HealthCheck
from hypothesis import settings

from tests.machine import Machine
from tests.runners import Source
from tests.runners import shared_source

# a busy machine is no bug: what has to be quick has a test of its own
settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")


@pytest.fixture
def machine(tmp_path: pathlib.Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return shared_source(tmp_path_factory.getbasetemp())
