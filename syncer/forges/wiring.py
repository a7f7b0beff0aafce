"""What every forge behind HTTP is put together from: budget, transport, patience, repositories."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from syncer.forges.connection import Connection, TrackerOptions
from syncer.forges.governor import BudgetStore, Governor
from syncer.forges.observer import Observer
from syncer.forges.patience import Patience
from syncer.forges.repository import Repository
from syncer.forges.transport import Transport
from syncer.model.identity import TrackerId
from syncer.model.tracker import TrackerProfile
from syncer.ports import Clock, Documents, Tracker

Client = TypeVar("Client")


class WiredForge(Generic[Client]):
    """Implements :class:`syncer.forges.connection.Forge` from one forge's own parts.

    Args:
        client: wires the client library to a transport.
        locate: finds a repository; sends nothing yet.
        tracker: makes a tracker.
        documents: makes documents.
    """

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        *,
        budgets: BudgetStore | None,
        observer: Observer | None,
        client: Callable[[Connection, Transport, Patience], Client],
        locate: Callable[[Client, str, TrackerProfile | None], Repository],
        tracker: Callable[[Client, Repository, TrackerId, TrackerOptions], Tracker],
        documents: Callable[[Client, Repository], Documents],
    ) -> None:
        self._connection = connection
        self._governor = Governor(
            f"{connection.host} {connection.token.fingerprint}",
            connection.pace,
            clock,
            store=budgets,
            on_wait=observer.waiting if observer is not None else None,
        )
        self._transport = Transport(
            connection,
            clock,
            learn=self._governor.learn,
            on_exchange=observer.exchanged if observer is not None else None,
        )
        self._client = client(connection, self._transport, Patience(self._governor, clock))
        self._locate, self._tracker, self._documents = locate, tracker, documents
        self._repositories: dict[str, Repository] = {}
        self._lock = threading.Lock()

    @property
    def connection(self) -> Connection:
        return self._connection

    @property
    def governor(self) -> Governor:
        return self._governor

    def tracker(
        self,
        repository: str,
        id: TrackerId | None = None,  # noqa: A002  (the port calls it so)
        *,
        known: TrackerProfile | None = None,
        options: TrackerOptions | None = None,
    ) -> Tracker:
        name = id if id is not None else TrackerId(f"{self._connection.name}:{repository}")
        return self._tracker(self._client, self._find(repository, known), name, options or TrackerOptions())

    def documents(self, repository: str, *, known: TrackerProfile | None = None) -> Documents:
        return self._documents(self._client, self._find(repository, known))

    def close(self) -> None:
        self._transport.close()

    def _find(self, name: str, known: TrackerProfile | None) -> Repository:
        with self._lock:
            found = self._repositories.get(name)
            if found is None:
                found = self._repositories[name] = self._locate(self._client, name, known)
            elif known is not None:
                found.remember(known)
            return found
