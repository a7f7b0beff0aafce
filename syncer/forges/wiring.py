"""What a forge behind HTTP is put together from: credential, budget, transport, patience, repositories."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from syncer.errors import ConfigError, SyncerError
from syncer.forges.authority import Authority
from syncer.forges.budgets import KeptBudgets
from syncer.forges.connection import AppKey, Connection, Secret, TrackerOptions
from syncer.forges.credential import Credential, GivenToken
from syncer.forges.governor import BudgetStore, Governor
from syncer.forges.hooks import Hooks
from syncer.forges.observer import Observer
from syncer.forges.passport import Audience, Passport, Rights
from syncer.forges.patience import Patience
from syncer.forges.repository import Repository
from syncer.forges.transport import Transport
from syncer.model.identity import TrackerId
from syncer.model.tracker import TrackerProfile
from syncer.ports import Clock, Documents, Notes, Proposals, Tracker

Client = TypeVar("Client")


class Minted(Protocol):
    """How a forge makes a credential of an App."""

    def __call__(
        self,
        connection: Connection,
        app: AppKey,
        transport: Transport,
        clock: Clock,
        notes: Notes,
        repository: str,
        /,
    ) -> Credential: ...


@dataclass(frozen=True, slots=True)
class _Line(Generic[Client]):
    """One credential's way to the forge. A token has one, a GitHub App one for each account."""

    credential: Credential
    governor: Governor
    transport: Transport
    client: Client


class WiredForge(Generic[Client]):
    """Implements :class:`syncer.forges.connection.Forge` from one forge's own parts.

    Args:
        budgets: where rate budgets are kept; in the notes by default.
        notes: what processes share.
        on_secret: told every text that must never be seen, as soon as there is one.
        client: wires the client library to a transport.
        locate: finds a repository; sends nothing yet.
        tracker: makes a tracker.
        documents: makes documents.
        proposals: makes what pull and merge requests need.
        hooks: makes what webhooks need.
        passport: asks whose the credential is.
        rights: asks what it may write.
        audience: asks who is told of a new issue.
        authority: makes what a status issue needs.
        minted: makes a credential of an App, where the forge knows such a thing.
    """

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        *,
        budgets: BudgetStore | None,
        observer: Observer | None,
        notes: Notes,
        on_secret: Callable[[str], None] | None,
        client: Callable[[Connection, Credential, Transport, Patience], Client],
        locate: Callable[[Client, str, TrackerProfile | None], Repository],
        tracker: Callable[[Client, Repository, TrackerId, TrackerOptions], Tracker],
        documents: Callable[[Client, Repository], Documents],
        proposals: Callable[[Client, Repository], Proposals],
        hooks: Callable[[Client, Repository], Hooks],
        passport: Callable[[Client, Repository], Passport],
        rights: Callable[[Client, Repository], Rights],
        audience: Callable[[Client, Repository], Audience],
        authority: Callable[[Client, Repository], Authority],
        minted: Minted | None = None,
    ) -> None:
        if connection.app is not None and (minted is None or connection.token):
            raise ConfigError(
                "this kind of forge knows no Apps" if minted is None else "is given beside a token",
                where=f"forges.{connection.name}.app",
                next_step="give a token, or an App of GitHub",
            )
        self._connection = connection
        self._clock = clock
        self._budgets = budgets if budgets is not None else KeptBudgets(notes)
        self._observer = observer
        self._notes = notes
        self._on_secret = on_secret
        self._make_client = client
        self._minted = minted
        self._locate, self._tracker = locate, tracker
        self._documents, self._proposals, self._hooks = documents, proposals, hooks
        self._passport, self._rights, self._audience = passport, rights, audience
        self._authority = authority
        self._lines: dict[str, _Line[Client]] = {}
        self._repositories: dict[str, Repository] = {}
        self._lock = threading.RLock()
        self._line("")  # a key or an address that cannot be used is better known now

    @property
    def connection(self) -> Connection:
        return self._connection

    @property
    def governor(self) -> Governor:
        with self._lock:
            used = [line for account, line in self._lines.items() if account]
            return (used or list(self._lines.values()))[0].governor

    def governor_of(self, repository: str) -> Governor:
        return self._line(repository).governor

    def tracker(
        self,
        repository: str,
        id: TrackerId | None = None,  # noqa: A002  (the port calls it so)
        *,
        known: TrackerProfile | None = None,
        options: TrackerOptions | None = None,
    ) -> Tracker:
        name = id if id is not None else TrackerId(f"{self._connection.name}:{repository}")
        line = self._line(repository)
        return self._tracker(line.client, self._find(repository, known), name, options or TrackerOptions())

    def documents(self, repository: str, *, known: TrackerProfile | None = None) -> Documents:
        return self._documents(self._line(repository).client, self._find(repository, known))

    def proposals(self, repository: str, *, known: TrackerProfile | None = None) -> Proposals:
        return self._proposals(self._line(repository).client, self._find(repository, known))

    def hooks(self, repository: str) -> Hooks:
        return self._hooks(self._line(repository).client, self._find(repository, None))

    def secret(self, repository: str) -> Secret:
        return Secret(self._line(repository).credential.token())

    def passport(self, repository: str) -> Passport:
        line = self._line(repository)
        found = self._passport(line.client, self._find(repository, None))
        return replace(found, skew=line.transport.skew)

    def rights(self, repository: str) -> Rights:
        return self._rights(self._line(repository).client, self._find(repository, None))

    def audience(self, repository: str) -> Audience:
        return self._audience(self._line(repository).client, self._find(repository, None))

    def authority(self, repository: str) -> Authority:
        return self._authority(self._line(repository).client, self._find(repository, None))

    def close(self) -> None:
        for line in self._lines.values():
            line.transport.close()

    def _find(self, name: str, known: TrackerProfile | None) -> Repository:
        client = self._line(name).client
        with self._lock:
            found = self._repositories.get(name)
            if found is None:
                found = self._repositories[name] = self._locate(client, name, known)
            elif known is not None:
                found.remember(known)
            return found

    def _line(self, repository: str) -> _Line[Client]:
        """The line that requests about a repository take: an App's installations are one per account."""
        account = repository.partition("/")[0].lower() if self._connection.app is not None else ""
        with self._lock:
            if account not in self._lines:
                self._lines[account] = self._line_of(repository)
            return self._lines[account]

    def _line_of(self, repository: str) -> _Line[Client]:
        connection, observer = self._connection, self._observer

        def learn(headers: Mapping[str, str], error: SyncerError | None) -> None:
            governor.learn(headers, error)

        transport = Transport(
            connection,
            self._clock,
            learn=learn,
            on_exchange=observer.exchanged if observer is not None else None,
            on_secret=self._on_secret,
        )
        credential: Credential = GivenToken(connection.token)
        if connection.app is not None and self._minted is not None:
            credential = self._minted(
                connection, connection.app, transport, self._clock, self._notes, repository
            )
        governor = Governor(
            f"{connection.host} {credential.fingerprint}",
            connection.pace,
            self._clock,
            store=self._budgets,
            on_wait=observer.waiting if observer is not None else None,
        )
        patience = Patience(governor, self._clock)
        return _Line(
            credential, governor, transport, self._make_client(connection, credential, transport, patience)
        )
