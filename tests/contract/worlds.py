"""The worlds that the contract is proven in: what people do there, and how syncer gets in.

A world holds one repository, ``acme/rune``, with a first commit. The suites act as people through
the methods here, and as syncer through ``tracker()`` and ``documents()`` only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from syncer.errors import SyncerError, UnknownFate
from syncer.forges import Connection, Exchange
from syncer.forges.memory import MemoryForge
from syncer.forges.memory.world import Failure
from syncer.model.source import EntryKind
from syncer.ports import Documents, Tracker

REPOSITORY = "acme/rune"
FILES = {"TODO.md": b"- [ ] first\n", "README.md": b"# Rune\n"}
BOT = "syncer-bot"


class World(Protocol):
    """What a suite can do."""

    def tracker(self, *, read_only: bool = False) -> Tracker: ...

    def documents(self, *, read_only: bool = False) -> Documents: ...

    def requests(self) -> tuple[int, int]:
        """How many requests were sent since the last time this was asked, and how many could write."""

    def later(self, seconds: float) -> None:
        """Let time pass on the forge."""

    # --- people --------------------------------------------------------------------------------

    def open(self, title: str, *, by: str = "alice", milestone: int | None = None) -> int: ...

    def close(self, number: int, *, by: str = "alice", dropped: bool = False) -> None: ...

    def reopen(self, number: int, *, by: str = "alice") -> None: ...

    def retitle(self, number: int, title: str, *, by: str = "alice") -> None: ...

    def write(self, number: int, body: str, *, by: str = "alice") -> None: ...

    def label(self, number: int, *names: str) -> None: ...

    def outsider(self, login: str) -> None:
        """Somebody who has an account on the forge and no rights in the repository."""

    def delete(self, number: int) -> None: ...

    def milestone(self, title: str, *, due: date | None = None) -> int:
        """A milestone made by a person; its key."""

    def push(self, files: Mapping[str, bytes | None], *, branch: str = "main") -> str:
        """A commit made by a person; its revision."""

    def link(self, path: str) -> None:
        """A symbolic link, committed by a person."""

    def file(self, path: str) -> bytes: ...

    def head(self) -> str: ...

    def rewind(self, revision: str) -> None:
        """A person rewrites history: the branch points at an older commit again."""

    def protect(self) -> None:
        """From now on the branch takes no direct commits."""

    # --- mishaps -------------------------------------------------------------------------------

    def lose_next_answer(self, method: str) -> None:
        """The next call of this writing method takes effect, and its answer never arrives."""

    def break_next(self, method: str) -> None:
        """The next call of this writing method gets a server error before it takes effect."""

    def lag(self, seconds: float) -> None:
        """Lists are behind by so much from now on."""


class MemoryWorld:
    """The in-memory forge, with a clock that only moves when told."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
        self._forge = MemoryForge(Connection("main", "memory", read_only=False), self)
        self._repository = self._forge.repository(REPOSITORY)
        self._repository.push(FILES)
        self._seen: list[Exchange] = []

    # the clock

    def now(self) -> datetime:
        self.time += timedelta(milliseconds=1)
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    # the observer

    def exchanged(self, exchange: Exchange) -> None:
        self._seen.append(exchange)

    def waiting(self, seconds: float, why: str) -> None:
        raise AssertionError(f"nothing limits this forge, and yet {seconds} s are waited: {why}")

    def _connect(self, read_only: bool) -> MemoryForge:
        return self._forge.again(Connection("main", "memory", read_only=read_only), self)

    def tracker(self, *, read_only: bool = False) -> Tracker:
        return self._connect(read_only).tracker(REPOSITORY)

    def documents(self, *, read_only: bool = False) -> Documents:
        return self._connect(read_only).documents(REPOSITORY)

    def requests(self) -> tuple[int, int]:
        seen, self._seen = self._seen, []
        return len(seen), sum(exchange.write for exchange in seen)

    def later(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def open(self, title: str, *, by: str = "alice", milestone: int | None = None) -> int:
        return self._repository.open(title, by=by, milestone=milestone)

    def close(self, number: int, *, by: str = "alice", dropped: bool = False) -> None:
        self._repository.close(number, by=by, dropped=dropped)

    def reopen(self, number: int, *, by: str = "alice") -> None:
        self._repository.reopen(number, by=by)

    def retitle(self, number: int, title: str, *, by: str = "alice") -> None:
        self._repository.retitle(number, title, by=by)

    def write(self, number: int, body: str, *, by: str = "alice") -> None:
        self._repository.change(number, by=by, body=body)

    def label(self, number: int, *names: str) -> None:
        self._repository.change(number, labels=self._repository.issue(number).labels | set(names))

    def outsider(self, login: str) -> None:
        self._repository.strangers.add(login)

    def delete(self, number: int) -> None:
        self._repository.delete(number)

    def milestone(self, title: str, *, due: date | None = None) -> int:
        return self._repository.add_milestone(title, due=due)

    def push(self, files: Mapping[str, bytes | None], *, branch: str = "main") -> str:
        return self._repository.push(files, branch)

    def link(self, path: str) -> None:
        self._repository.link(path, EntryKind.SYMLINK)

    def file(self, path: str) -> bytes:
        return self._repository.file(path)

    def head(self) -> str:
        return self._repository.branches["main"]

    def rewind(self, revision: str) -> None:
        self._repository.branches["main"] = revision

    def protect(self) -> None:
        self._repository.protected.add("main")

    def lose_next_answer(self, method: str) -> None:
        self._fail(method, after=True)

    def break_next(self, method: str) -> None:
        self._fail(method, after=False)

    def _fail(self, method: str, *, after: bool) -> None:
        error: Callable[[], SyncerError] = lambda: UnknownFate("the answer never arrived")  # noqa: E731
        self._repository.failures.append(Failure(method, error, after=after))

    def lag(self, seconds: float) -> None:
        self._repository.lag = seconds
