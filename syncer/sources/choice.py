"""Which documents a project reads: through its forge, from a git remote, or from the checkout around it."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from syncer.errors import ConfigError
from syncer.forges.connection import Connection, Secret
from syncer.forges.observer import Observer
from syncer.ports import Clock, Documents
from syncer.sources.git_command import Git, Remote
from syncer.sources.git_documents import GitDocuments
from syncer.sources.worktree import WorktreeDocuments

USERS = {"github": "x-access-token", "gitlab": "oauth2"}
"""As which user a token passes for over HTTPS, by kind of forge."""


@dataclass(slots=True)
class Shelves:
    """Where our own repositories of git remotes are kept.

    Args:
        base: the configuration's directory.
        read_only: they are put away when the run ends, so that it leaves no trace.
    """

    base: Path
    read_only: bool
    _scratch: list[Path] = field(default_factory=list)

    def of(self, url: str) -> Path:
        """The place for a remote."""
        name = f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.git"
        kept = self.base / ".syncer" / name
        if not self.read_only or kept.is_dir():
            return kept
        return self._passing / name

    def passing(self, what: str) -> Path:
        """A place for something that is put away when the run ends."""
        return self._passing / f"state-{hashlib.sha256(what.encode()).hexdigest()[:16]}.git"

    @property
    def _passing(self) -> Path:
        if not self._scratch:
            self._scratch.append(Path(tempfile.mkdtemp(prefix="syncer-")))
        return self._scratch[0]

    def clear(self) -> None:
        """Put away what was made for this run only."""
        for directory in self._scratch:
            shutil.rmtree(directory, ignore_errors=True)


def documents_of(
    source: str,
    patterns: Sequence[str],
    author: str,
    connection: Connection,
    beside: Documents,
    shelves: Shelves,
    clock: Clock,
    observer: Observer | None,
) -> Documents:
    """A project's documents.

    Args:
        source: ``forge``, ``worktree``, or the address of a git remote.
        patterns: of the roadmaps.
        author: of commits to a git remote.
        connection: to the project's forge, whose token a remote on the same host gets.
        beside: the same repository through its forge, which knows what it is and where lines are shown.
        shelves: for what is fetched.
        clock: whose ``sleep`` a stop signal ends.
        observer: told about what goes over the network.
    """
    if source == "forge":
        return beside
    read_only = connection.read_only
    if source == "worktree":
        git = Git(_root(shelves.base, clock), Remote("", name="worktree"), clock)
        return WorktreeDocuments(git, patterns, beside.profile, beside.line_url, read_only=read_only)
    token = connection.token if same_host(source, connection) else Secret()
    remote = Remote(source, USERS.get(connection.kind, "git"), token, connection.ca_bundle, "source")
    git = Git(shelves.of(source), remote, clock, observer=observer)
    return GitDocuments(git, beside.profile, beside.line_url, author=author, read_only=read_only)


def _root(base: Path, clock: Clock) -> Path:
    said = Git(base, Remote(""), clock).local("rev-parse", "--show-toplevel")
    if said.code != 0:
        raise ConfigError(
            "the configuration lies in no git checkout",
            where=str(base),
            next_step='put it into the checkout, or leave out source = "worktree"',
        )
    return Path(said.text.rstrip("\n"))


def same_host(url: str, connection: Connection) -> bool:
    """Whether a remote is on the forge's own host. The API of github.com has a host of its own.

    So has that of ghe.com.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return False
    host = parts.netloc.rpartition("@")[2].lower()
    return host == connection.host or (
        connection.kind == "github"
        and connection.host == f"api.{host}"
        and (host == "github.com" or host.endswith(".ghe.com"))
    )
