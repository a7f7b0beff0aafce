"""The sweep: now and then, GitHub is asked which webhooks it could not deliver.

It delivers once and never again by itself. What was missed is not sent again but looked at, as every event
is: the projects that it concerns are woken. An event that a sync has followed since is left out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import structlog

from syncer.daemon.engine import Engine
from syncer.errors import AccessError, Missing, SyncerError
from syncer.queue.inbox import Reason, Wake

_LOG = structlog.get_logger("syncer.daemon")
_OVERLAP: Final = timedelta(minutes=5)
"""By which sweeps overlap: clocks differ, and lists lag behind."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One repository's deliveries to us.

    Args:
        name: for the log.
        projects: that want to hear of it.
        missed: the events that were not delivered since a moment, by delivery id.
    """

    name: str
    projects: frozenset[str]
    missed: Callable[[datetime], frozenset[str]]


class Roundsman(Protocol):
    """The part of a configuration that the sweep works with."""

    def mailboxes(self) -> Iterator[Mailbox]: ...


class Sweep:
    """Implements :class:`syncer.daemon.daemon.Companion`.

    Args:
        place: the configuration in use.
        engine: takes the wake-ups.
        every: seconds between two sweeps; 0 for never.
    """

    def __init__(
        self, place: Callable[[], AbstractContextManager[Roundsman]], engine: Engine, every: float
    ) -> None:
        self._place, self._engine, self._every = place, engine, every
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._since = datetime.now(UTC)
        self._closed: set[str] = set()

    def start(self) -> None:
        """Begin. The start itself has everything looked at, so the first sweep comes after a while."""
        if self._every > 0:
            self._thread = threading.Thread(target=self._work, name="syncer-sweep", daemon=True)
            self._thread.start()

    def look_again(self) -> None:
        """Rights may have changed with the configuration."""
        self._closed.clear()

    def stop(self) -> None:
        self._stop.set()

    def join(self, seconds: float) -> None:
        if self._thread is not None:
            self._thread.join(seconds)

    def sweep(self) -> int:
        """Wake the projects that missed something; the answer is how many."""
        began, since = datetime.now(UTC), self._since - _OVERLAP
        woken: set[str] = set()
        complete = True
        with self._place() as place:
            for mailbox in place.mailboxes():
                if self._stop.is_set():
                    return len(woken)
                if mailbox.name in self._closed:
                    continue
                try:
                    woken |= self._wake(mailbox, mailbox.missed(since))
                except (AccessError, Missing) as error:
                    self._closed.add(mailbox.name)
                    reason = str(error)
                    _LOG.info("missed webhooks cannot be asked for", repository=mailbox.name, reason=reason)
                except SyncerError as error:
                    complete = False
                    _LOG.warning("missed webhooks have to wait", repository=mailbox.name, reason=str(error))
        if complete:
            self._since = began
        return len(woken)

    def _wake(self, mailbox: Mailbox, missed: frozenset[str]) -> frozenset[str]:
        known = self._engine.handled(missed) if missed else frozenset()
        wakes = [
            Wake(project, Reason.SWEEP, delivery=delivery)
            for delivery in sorted(missed)
            for project in sorted(mailbox.projects)
            if (delivery, project) not in known
        ]
        if wakes:
            self._engine.submit(wakes)
            _LOG.warning("webhooks were not delivered", repository=mailbox.name, count=len(missed))
        return frozenset(each.project for each in wakes)

    def _work(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self.sweep()
            except Exception:  # noqa: BLE001  (a defect here must not end the thread)
                _LOG.exception("a sweep ended in a defect")
