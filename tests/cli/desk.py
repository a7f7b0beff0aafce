"""A desk: a directory with a configuration, an embedded forge, and the command line in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from syncer.cli import cli
from syncer.sandbox import RepositoryHandle, Sandbox


@dataclass
class Said:
    """What a call of ``syncer`` came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Desk:
    """Calls go through click in this process, which is quick; what they do is done over real HTTP.

    Args:
        directory: where the configuration and the state are.
        sandbox: serves already.
    """

    directory: Path
    sandbox: Sandbox
    environment: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environment["SYNCER_FORGES__MAIN__TOKEN"] = self.sandbox.github.token("syncer-bot", role="admin")
        self.environment["SYNCER_CONFIG"] = str(self.config)
        self.config.write_text(
            f'[forges.main]\nkind = "github"\nurl = "{self.sandbox.url}"\n', encoding="utf-8"
        )

    @property
    def config(self) -> Path:
        return self.directory / "syncer.toml"

    def project(self, name: str, roadmap: bytes, extra: str = "") -> RepositoryHandle:
        """A repository with a roadmap, and a project for it."""
        with self.config.open("a", encoding="utf-8") as file:
            file.write(
                f'\n[projects.{name}]\nforge = "main"\nrepository = "acme/{name}"\n'
                f'roadmaps = ["TODO.md"]\n{extra}\n'
            )
        return self.sandbox.github.repository(f"acme/{name}", files={"TODO.md": roadmap})

    def syncer(self, *arguments: str) -> Said:
        """Call a command."""
        result = CliRunner().invoke(cli, arguments, env=self.environment, catch_exceptions=False)
        return Said(result.exit_code, result.stdout, result.stderr)


def checklist(count: int) -> bytes:
    """A roadmap with one stage and some open tasks."""
    return b"# Plan\n\n## Alpha\n\n" + b"".join(b"- [ ] Build part %d\n" % n for n in range(count))
