"""A forge without a network, for fast tests of everything above it: the same rules, no HTTP.

    forge = connect(Connection("main", "memory"), clock)
    repository = forge.repository("acme/rune")      # what people do there: open, close, push, …
    tracker = forge.tracker("acme/rune")            # what syncer does there

It keeps to the same limits as the real ones (lengths, unique milestone titles, compare-and-swap on
the branch), can lag and fail where a test wants it to, and passes the same contract suites.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from syncer.forges.connection import Connection, Forge, Secret, TrackerOptions
from syncer.forges.governor import SELF_HOSTED, BudgetStore, Governor
from syncer.forges.memory.documents import MemoryDocuments
from syncer.forges.memory.tracker import MemoryTracker
from syncer.forges.memory.world import Door, MemoryRepository
from syncer.forges.observer import Observer
from syncer.forges.passport import Audience, Passport, Rights
from syncer.model.identity import TrackerId
from syncer.model.tracker import TrackerProfile
from syncer.ports import Clock, Notes, Proposals

__all__ = ["MemoryForge", "MemoryRepository", "connect"]


def connect(
    connection: Connection,
    clock: Clock,
    *,
    budgets: BudgetStore | None,
    observer: Observer | None,
    notes: Notes,
    on_secret: Callable[[str], None] | None,
) -> Forge:
    """A new, empty forge. Connect again to the same one with :meth:`MemoryForge.again`."""
    del notes, on_secret  # nothing is learnt about a forge that has no network, and nothing is secret
    return MemoryForge(connection, clock, budgets=budgets, observer=observer)


class MemoryForge:
    """Implements :class:`syncer.forges.connection.Forge`, and holds the repositories itself."""

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        *,
        budgets: BudgetStore | None = None,
        observer: Observer | None = None,
        repositories: dict[str, MemoryRepository] | None = None,
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._observer = observer
        self._governor = Governor(connection.name, connection.limits or SELF_HOSTED, clock, store=budgets)
        self._repositories = {} if repositories is None else repositories
        self._lock = threading.RLock()

    @property
    def connection(self) -> Connection:
        return self._connection

    @property
    def governor(self) -> Governor:
        return self._governor

    def governor_of(self, repository: str) -> Governor:
        del repository
        return self._governor

    def repository(self, name: str) -> MemoryRepository:
        """A repository as its people see it, made if there is none of that name."""
        with self._lock:
            if name not in self._repositories:
                self._repositories[name] = MemoryRepository(name, len(self._repositories) + 1, self._clock)
            return self._repositories[name]

    def again(self, connection: Connection, observer: Observer | None = None) -> MemoryForge:
        """The same forge reached by another connection, say with another token or read-only."""
        return MemoryForge(connection, self._clock, observer=observer, repositories=self._repositories)

    def tracker(
        self,
        repository: str,
        id: TrackerId | None = None,  # noqa: A002  (the port calls it so)
        *,
        known: TrackerProfile | None = None,
        options: TrackerOptions | None = None,
    ) -> MemoryTracker:
        name = id if id is not None else TrackerId(f"{self._connection.name}:{repository}")
        return MemoryTracker(self._door(), repository, name, known, options or TrackerOptions())

    def documents(self, repository: str, *, known: TrackerProfile | None = None) -> MemoryDocuments:
        return MemoryDocuments(self._door(), repository, known)

    def proposals(self, repository: str, *, known: TrackerProfile | None = None) -> Proposals | None:
        del repository, known
        return None  # nobody merges anything here

    def hooks(self, repository: str) -> None:
        del repository  # nobody delivers anything here

    def passport(self, repository: str) -> Passport:
        del repository
        return Passport(self._connection.name, "token")

    def rights(self, repository: str) -> Rights:
        del repository
        allowed = not self._connection.read_only
        return Rights(issues=allowed, contents=allowed)

    def audience(self, repository: str) -> Audience | None:
        del repository
        return None

    def secret(self, repository: str) -> Secret:
        del repository
        return self.connection.token

    def authority(self, repository: str) -> None:
        del repository  # nobody has rights here, so nobody can be asked for them

    def close(self) -> None:
        """Nothing is held."""

    def _door(self) -> Door:
        return Door(self._connection, self._governor, self._repositories, self._observer)
