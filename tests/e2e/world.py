"""A sandbox forge, a configuration and the command line, as a person has them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from syncer.sandbox import RepositoryHandle, Sandbox
from tests.e2e.process import call

KINDS = ("github", "gitlab")


@dataclass
class Result:
    """What a call of ``syncer`` came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class World:
    """One forge with repositories, and a directory with a configuration that names them.

    Args:
        kind: ``github`` or ``gitlab``.
    """

    sandbox: Sandbox
    kind: str
    directory: Path
    settings: str = ""
    repositories: dict[str, RepositoryHandle] = field(default_factory=dict)

    @property
    def side(self) -> Any:
        return getattr(self.sandbox, self.kind)

    def __post_init__(self) -> None:
        self._token: str = self.side.token("syncer-bot", role="admin")

    def add(
        self, name: str, files: dict[str, bytes], *, roadmaps: list[str] | None = None, extra: str = ""
    ) -> None:
        """A repository with a project for it."""
        self.repositories[name] = self.side.repository(f"acme/{name}", files=files)
        patterns = json.dumps(roadmaps or ["TODO.md"])
        self.settings += (
            f'\n[projects.{name}]\nforge = "main"\nrepository = "acme/{name}"\n'
            f"roadmaps = {patterns}\n{extra}\n"
        )
        self.write()

    def write(self) -> None:
        """Write the configuration."""
        head = (
            '[state]\nurl = "sqlite:///syncer.db"\n\n'
            f'[forges.main]\nkind = "{self.kind}"\nurl = "{self.sandbox.url}"\n'
        )
        (self.directory / "syncer.toml").write_text(head + self.settings, encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "SYNCER_FORGES__MAIN__TOKEN": self._token, "NO_COLOR": "1"}

    def syncer(self, *arguments: str, timeout: float = 120) -> Result:
        """Call the command line in a process of its own."""
        return Result(*call(arguments, self.directory, self.environment, timeout))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command line and leave it running."""
        return subprocess.Popen(
            [sys.executable, "-m", "syncer", *arguments],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
