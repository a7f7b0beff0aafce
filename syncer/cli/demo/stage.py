"""Where the demo takes place: a sandbox forge with repositories, and a configuration that names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from syncer.errors import ConfigError
from syncer.sandbox import RepositoryHandle, Sandbox

TEAM = "acme"


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of forge, set up.

    Args:
        kind: ``github`` or ``gitlab``.
        config: the configuration's file, as a person would have written it.
        repositories: by project.
    """

    kind: str
    config: Path
    repositories: dict[str, RepositoryHandle]


def roadmaps() -> dict[str, bytes]:
    """The demo's roadmaps by project name.

    Raises:
        ConfigError: they are not there, as where only a part of syncer was installed.
    """
    found = {name.partition(".")[0].lower(): data for name, data in _files()}
    if not found:
        raise ConfigError(
            "the demo's roadmaps are not installed",
            where="config/demo",
            next_step="install syncer from its package or a complete checkout",
        )
    return dict(sorted(found.items()))


def set_up(forge: Sandbox, kind: str, directory: Path) -> Stage:
    """Make one repository for each roadmap, a token, and a configuration.

    Args:
        forge: which serves already.
        kind: ``github`` or ``gitlab``.
        directory: for the configuration and the state; made if need be.
    """
    side = forge.github if kind == "github" else forge.gitlab
    directory.mkdir(parents=True, exist_ok=True)
    token = directory / "token"
    token.touch(mode=0o600)
    token.write_text(side.token("syncer-bot", role="maintain") + "\n", encoding="utf-8")
    lines = [
        "[state]",
        'url = "sqlite:///syncer.db"',
        "",
        "[forges.main]",
        f'kind = "{kind}"',
        f'url = "{forge.url}"',
        'token_file = "token"',
    ]
    repositories: dict[str, RepositoryHandle] = {}
    for name, data in roadmaps().items():
        repositories[name] = side.repository(f"{TEAM}/{name}", files={"TODO.md": data})
        lines += [
            "",
            f"[projects.{name}]",
            'forge = "main"',
            f'repository = "{TEAM}/{name}"',
            'roadmaps = ["TODO.md"]',
            'criteria = "ignore"',
        ]
    config = directory / "syncer.toml"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Stage(kind, config, repositories)


def _files() -> Iterator[tuple[str, bytes]]:
    package = files("syncer")
    for place in (package / "_demo", package / ".." / "config" / "demo"):
        if place.is_dir():
            for entry in place.iterdir():
                if entry.name.endswith(".md"):
                    yield entry.name, entry.read_bytes()
            return
