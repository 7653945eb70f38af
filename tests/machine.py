"""A machine of the test's own: home folder, XDG folders and git configuration apart from the real ones."""
from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from collections.abc import Mapping
from collections.abc import Sequence

UTF8 = {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
ASCII = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}  # a locale in which Python takes no name for UTF-8
ROOT = pathlib.Path(__file__).parent.parent


def write(folder: pathlib.Path, files: Mapping[str, str | bytes | None]) -> None:
    """Writes the files below the folder; one whose content is None is taken away."""
    for name, content in files.items():
        path = folder / name
        if content is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())


class Machine:
    """A home folder and the environment that leads to it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        kept = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LANG", "VIRTUAL_ENV")
        self.env = {name: os.environ[name] for name in kept if name in os.environ}
        self.env |= {
            "HOME": str(self.home), "USERPROFILE": str(self.home), "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "C",
            "GIT_COMMITTER_EMAIL": "c@example.org", "PYTHONPATH": str(ROOT / "hooks"),
        }

    def git(self, cwd: pathlib.Path, *arguments: str, env: Mapping[str, str] | None = None) -> bytes:
        """Returns what git prints; fails the test where git fails."""
        return self.run(cwd, "git", *arguments, env=env)

    def run(self, cwd: pathlib.Path, *command: str, env: Mapping[str, str] | None = None) -> bytes:
        """Returns what a program prints; fails the test where it fails."""
        done = subprocess.run(command, cwd=cwd, env={**self.env, **(env or {})}, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def repository(self, folder: pathlib.Path, *options: str) -> pathlib.Path:
        """Makes a repository without a commit and returns its folder."""
        folder.mkdir(parents=True, exist_ok=True)
        self.git(folder, "init", "--quiet", "--initial-branch=main", *options)
        return folder

    def hook(
        self, name: str, *arguments: str, cwd: pathlib.Path, feed: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Runs a hook as a process of its own."""
        module = "pypi_token_hooks." + name.replace("-", "_")
        command: Sequence[str] = (sys.executable, "-m", module, *arguments)
        return subprocess.run(
            command, cwd=cwd, env={**self.env, **(env or {})}, input=feed, capture_output=True, check=False, timeout=120
        )
