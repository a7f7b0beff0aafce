"""The herald: tells people outside what needs them, beside the flights and never in their way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Final, Protocol

import structlog

from syncer.daemon.flights import Flight, Tower
from syncer.daemon.landing import Landing
from syncer.errors import SyncerError
from syncer.notify.news import Stand
from syncer.notify.postbox import Postbox, told
from syncer.service.report import RunReport

_LOG = structlog.get_logger("syncer.notify")

ROUND: Final = 600.0
"""Seconds between two looks at what other processes have left undelivered."""


class Office(Protocol):
    """The part of a configuration that the herald works with."""

    @property
    def postbox(self) -> Postbox | None: ...

    @property
    def projects(self) -> Mapping[str, frozenset[str]]: ...

    @property
    def broken(self) -> Mapping[str, str]: ...


class Herald:
    """Implements :class:`syncer.daemon.flights.Tower` around another one.

    Args:
        tower: told first.
        office: the configuration in use.
        stand: what a run means to people outside.
        run_id: names what is no run.
    """

    def __init__(
        self,
        tower: Tower,
        office: Callable[[], AbstractContextManager[Office]],
        stand: Callable[[RunReport, Landing], Stand],
        run_id: Callable[[], str],
    ) -> None:
        self._tower, self._office, self._stand, self._run_id = tower, office, stand, run_id
        self._changed = threading.Condition()
        self._waiting: set[str] = set()
        self._stopping = False
        self._everybody = 0.0
        self._thread: threading.Thread | None = None

    def departed(self, flight: Flight) -> None:
        self._tower.departed(flight)

    def landed(self, flight: Flight, report: RunReport, landing: Landing, seconds: float) -> None:
        self._tower.landed(flight, report, landing, seconds)
        with self._office() as office:
            if office.postbox is not None and told(office.postbox, self._stand(report, landing)):
                self._wake([flight.project])

    def start(self) -> None:
        """Begin to deliver, with what an earlier process has left."""
        self._thread = threading.Thread(target=self._work, name="syncer-herald", daemon=True)
        self._thread.start()

    def look_again(self) -> None:
        """The configuration was replaced: what it leaves out is news."""
        with self._changed:
            self._everybody = 0.0
            self._changed.notify_all()

    def stop(self) -> None:
        """Deliver no more. What is under way is finished or sent again by the next process."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def join(self, seconds: float) -> None:
        """Wait for the attempt under way."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _wake(self, projects: Iterable[str]) -> None:
        with self._changed:
            self._waiting.update(projects)
            self._changed.notify_all()

    def _work(self) -> None:
        due = float("inf")
        pending: set[str] = set()
        while not self._stopping:
            now = time.time()
            try:
                if now >= self._everybody:
                    self._everybody = now + ROUND
                    pending = self._left()
                with self._changed:
                    pending |= self._waiting
                    self._waiting.clear()
                if pending:
                    due, pending = self._deliver(pending)
                else:
                    due = float("inf")
            except SyncerError as error:
                _LOG.error("notifications have to wait", reason=str(error))
                due = now + 30.0
            except Exception:  # noqa: BLE001  (a defect here must not end the thread)
                _LOG.exception("delivering notifications ended in a defect")
                due = now + ROUND
            with self._changed:
                if not self._waiting and not self._stopping:
                    self._changed.wait(max(0.05, min(due, self._everybody) - time.time()))

    def _left(self) -> set[str]:
        """All projects, after those that could not be configured are told of."""
        with self._office() as office:
            if office.postbox is None:
                return set()
            for name, reason in office.broken.items():
                at = datetime.now(UTC)
                parked = Stand(name, self._run_id(), at, parked=reason, cause="configuration")
                told(office.postbox, parked)
            return {*office.projects, *office.broken}

    def _deliver(self, projects: set[str]) -> tuple[float, set[str]]:
        """Send what is due; the answer is when the next is, and whose messages wait."""
        due = float("inf")
        left: set[str] = set()
        for project in sorted(projects):
            # The configuration is held for one project only, so that a reload need not wait for all.
            with self._office() as office:
                if office.postbox is None or self._stopping:
                    return due, left
                at = office.postbox.deliver([project], lambda: self._stopping)
            if at is not None:
                left.add(project)
                due = min(due, at)
        return due, left
