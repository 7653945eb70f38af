"""The scripts that write the pages, as modules."""
from __future__ import annotations

import importlib.util
from types import ModuleType

from tests.machine import ROOT


def script(name: str) -> ModuleType:
    """Returns the script of that name."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
