"""A repository with a remote beside it, and the lines that git tells a pre-push hook."""
from __future__ import annotations

import copy
import json
import pathlib
import shutil
import subprocess
import sys
from typing import Any

from tests import mint
from tests.machine import Machine
from tests.machine import write

HOOK = "detect-pypi-token-in-push"
MODULE = HOOK.replace("-", "_")
TOKEN = mint.token(seed=5)
NONE = "0" * 40


class Pusher:
    """A work tree `work` with the bare remote `origin`, which has its first commit."""

    def __init__(self, machine: Machine, folder: pathlib.Path, *options: str) -> None:
        self.machine, self.folder = machine, folder
        self.remote = machine.repository(folder / "remote.git", "--bare", *options)
        self.work = machine.repository(folder / "work", *options)
        self.git("remote", "add", "origin", str(self.remote))
        self.first = self.commit({"README": "hello\n"}, "first")
        self.git("push", "--quiet", "origin", "main")
        self.options: tuple[str, ...] = ()

    def git(self, *arguments: str, **env: str) -> str:
        return self.machine.git(self.work, *arguments, env=env).decode().strip()

    def commit(self, files: dict[str, str | bytes | None], message: str = "change", **env: str) -> str:
        """Commits the files (None: without that one) and returns the commit's name."""
        write(self.work, files)
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "-m", message, **env)
        return self.oid("HEAD")

    def oid(self, revision: str) -> str:
        return self.git("rev-parse", revision)

    def line(self, local: str, ref: str = "refs/heads/main", there: str | None = None) -> str:
        """Returns git's line on pushing what `local` means to `ref`, which `there` is what the remote has now."""
        return f"{local} {self.oid(local)} {ref} {self.first if there is None else there}\n"

    def run(self, feed: str = "", *arguments: str, **env: str) -> subprocess.CompletedProcess[bytes]:
        """Runs the hook as git does; no secret is ever shown, nor a traceback."""
        given = arguments or ("origin", str(self.remote))
        done = self.machine.hook(HOOK, *self.options, *given, cwd=self.work, feed=feed.encode(), env=env)
        assert b"Traceback" not in done.stderr
        assert TOKEN[20:28].encode() not in done.stdout + done.stderr
        return done

    def report(self, feed: str = "", *arguments: str, **env: str) -> dict[str, Any]:
        """Returns the hook's report, with its exit code under `code` and what it says aside under `said`."""
        given = arguments or ("origin", str(self.remote))
        done = self.run(feed, "--format", "json", *given, **env)
        result: dict[str, Any] = json.loads(done.stdout)
        return {**result, "code": done.returncode, "said": done.stderr.decode()}

    def found(self, feed: str = "", *arguments: str, **env: str) -> list[tuple[str, str | None, str | None]]:
        """Returns path, commit and ref of each finding; the exit code fits them."""
        report = self.report(feed, *arguments, **env)
        assert report["code"] == (1 if report["findings"] else 0), report["said"]
        return [(found["path"], found["commit"], found["ref"]) for found in report["findings"]]

    def copied(self, folder: pathlib.Path) -> Pusher:
        """Returns the same, with all that is in it now, in another folder."""
        shutil.copytree(self.folder, folder, symlinks=True)
        made = copy.copy(self)
        made.folder, made.remote, made.work = folder, folder / "remote.git", folder / "work"
        made.git("remote", "set-url", "origin", str(made.remote))
        return made

    def install(self, script: str = f'#!/bin/sh\nexec "{sys.executable}" -m pypi_token_hooks.{MODULE} "$@"\n') -> None:
        """Puts the hook in place as plain git has it."""
        path = self.work / ".git" / "hooks" / "pre-push"
        path.parent.mkdir(exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)

    def push(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ("git", "push", *arguments), cwd=self.work, env=self.machine.env, capture_output=True, check=False, timeout=120
        )

    def there(self) -> str:
        """Returns all that the remote has of objects and refs."""
        listed = self.machine.git(self.remote, "cat-file", "--batch-check", "--batch-all-objects")
        return (listed + self.machine.git(self.remote, "for-each-ref")).decode()
