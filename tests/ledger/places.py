"""Places of a ledger's commit: in memory, and on a bare repository of this disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from syncer.clock import SystemClock
from syncer.errors import StaleHead
from syncer.ledger.git.ledger import GitLedger
from syncer.ledger.git.place import Kept, Place
from syncer.ports import Clock
from syncer.sources.git_command import Git, Remote
from syncer.sources.git_ref import GitRef
from tests.hostile.interference import Killed
from tests.sources.people import git


@dataclass
class MemoryPlace:
    """A ref that is shared by everything in this process. Ends the process at a push if it is told to.

    Args:
        kill: at which push from now; 0 for none.
        after: whether the push arrives first.
    """

    held: Kept = field(default_factory=Kept)
    pushes: int = 0
    kill: int = 0
    after: bool = False
    shown: str = "refs/syncer/rune of nowhere"

    def read(self) -> Kept:
        return self.held

    def replace(self, expected: str, files: Mapping[str, bytes], message: str, at: datetime) -> Kept:
        del message, at
        self.pushes += 1
        fatal = self.pushes == self.kill
        if fatal and not self.after:
            raise Killed
        if self.held.revision != expected:
            raise StaleHead("somebody else has replaced the state")
        self.held = Kept(f"revision {self.pushes}", dict(files))
        if fatal:
            raise Killed
        return self.held

    def probe(self, expected: str) -> None:
        assert self.held.revision == expected

    def arm(self, kill: int, *, after: bool) -> None:
        self.pushes, self.kill, self.after = 0, kill, after


class BareRepository:
    """A remote, and ledgers on it that share nothing else.

    Args:
        directory: for it and for what is fetched.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = directory / "state.git"
        self.path.mkdir()
        git(self.path, "init", "-q", "--bare", "-b", "main")
        self._count = 0

    def place(self, project: str, *, ref: str = "", url: str = "") -> GitRef:
        self._count += 1
        runner = Git(
            self.directory / f"ours-{self._count}.git",
            Remote(url or f"file://{self.path}", name="state.url"),
            SystemClock(),
        )
        if ref:
            return GitRef(runner, ref)
        return GitRef(runner, f"refs/syncer/{project}", f"refs/heads/syncer-state/{project}")

    def ledger(self, clock: Clock, *, ref: str = "") -> GitLedger:
        """As a process of its own would have it.

        Args:
            ref: of the place, with ``{}`` for the project.
        """
        return GitLedger(lambda project: self.place(project, ref=ref.format(project)), clock)

    def refs(self) -> list[str]:
        return git(self.path, "for-each-ref", "--format=%(refname)").split()

    def hook(self, name: str, script: str) -> None:
        path = self.path / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)


def same(place: Place) -> Callable[[str], Place]:
    """One place for whatever project."""
    return lambda _project: place
