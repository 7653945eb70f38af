from __future__ import annotations

import contextlib
import pathlib

import pytest
from hypothesis import HealthCheck
from hypothesis import settings

from pypi_token_hooks import examination
from tests.machine import Machine
from tests.runners import Source
from tests.runners import shared_source

# a busy machine is no bug: what has to be quick has a test of its own
settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")


@pytest.fixture(autouse=True)
def _bugs_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug that a file meets is told with its name, and the next file is read: here it would go unseen."""
    monkeypatch.setattr(examination, "_contained", lambda place, report: contextlib.nullcontext())


@pytest.fixture
def machine(tmp_path: pathlib.Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return shared_source(tmp_path_factory.getbasetemp())
