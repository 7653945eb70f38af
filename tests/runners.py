"""The hooks as real runners install them: a repository of this checkout, and one environment that all tests share."""
from __future__ import annotations

import os
import pathlib
import shutil
import sys
import sysconfig
import time
from typing import NamedTuple

import yaml

from tests.machine import ROOT
from tests.machine import Machine

PATIENCE = 300  # seconds until something hangs
INSTALLERS = ("PIP_", "UV_", "SSL_CERT", "REQUESTS_CA", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
RUNNERS = ("pre-commit", "prek")


def installer_settings() -> dict[str, str]:
    """Returns what the runners' pip and uv need to know of this machine, whose home folder they do not see."""
    kept = {name: value for name, value in os.environ.items() if name.upper().startswith(INSTALLERS)}
    config = pathlib.Path(os.environ.get("XDG_CONFIG_HOME") or pathlib.Path.home() / ".config")
    for path in (config / "pip" / "pip.conf", pathlib.Path.home() / ".pip" / "pip.conf"):
        if path.is_file():
            kept.setdefault("PIP_CONFIG_FILE", str(path))
    if (config / "uv" / "uv.toml").is_file():
        kept.setdefault("UV_CONFIG_FILE", str(config / "uv" / "uv.toml"))
    return kept


class Source(NamedTuple):
    """The repository that offers the hooks, and where the runners keep what they install from it."""

    url: str
    revision: str
    store: pathlib.Path


def made_source(folder: pathlib.Path) -> Source:
    """Commits the files of this checkout, as they are now, to a repository in `folder`."""
    machine = Machine(folder / "maker")
    repository = machine.repository(folder / "hooks")
    listed = machine.git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "hooks", "*.*")
    for name in listed.decode().split("\0"):
        if name and (ROOT / name).is_file() and not name.startswith(("tests/", "docs/", "bench/")):
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, repository / name)
    machine.git(repository, "add", ".")
    machine.git(repository, "commit", "--quiet", "--message=The hooks as they are")
    revision = machine.git(repository, "rev-parse", "HEAD").decode().strip()
    return Source(str(repository), revision, folder)


def shared_source(base: pathlib.Path) -> Source:
    """Returns the one repository for all processes of this test run: the first makes it, the others wait for it."""
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "runners"
    ready = folder / "ready"
    try:
        folder.mkdir()
    except FileExistsError:
        end = time.monotonic() + PATIENCE
        while not ready.exists():
            assert time.monotonic() < end, "the other process did not make the repository of the hooks"
            time.sleep(0.05)
        return Source(str(folder / "hooks"), ready.read_text(), folder)
    made = made_source(folder)
    (folder / "revision").write_text(made.revision)
    (folder / "revision").rename(ready)
    return made


def settle(machine: Machine, source: Source) -> None:
    """Lets a machine have what a runner needs, and nothing of this process's own Python."""
    machine.env.pop("PYTHONPATH")
    machine.env.pop("VIRTUAL_ENV", None)
    machine.env |= installer_settings() | {
        "PRE_COMMIT_HOME": str(source.store / "pre-commit"), "PREK_HOME": str(source.store / "prek"),
        "XDG_CACHE_HOME": str(source.store / "cache"), "PRE_COMMIT_COLOR": "never", "NO_COLOR": "1",
    }


def configuration(source: Source, *hooks: str, **more: list[str]) -> str:
    """Returns a configuration with these hooks, and with `more` those with their arguments."""
    entries: list[dict[str, object]] = [{"id": hook} for hook in hooks]
    entries += [{"id": hook.replace("_", "-"), "args": args} for hook, args in more.items()]
    return yaml.safe_dump({"repos": [{"repo": source.url, "rev": source.revision, "hooks": entries}]})


def command_of(runner: str) -> tuple[str, ...]:
    if runner == "pre-commit":
        return (sys.executable, "-m", "pre_commit")
    found = shutil.which("prek", path=sysconfig.get_path("scripts")) or shutil.which("prek")
    assert found, "prek is in the dev extra"
    return (found,)
