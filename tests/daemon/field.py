"""A field to try flights on: a site whose syncs are told what to come to, and a watch on the tower."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from syncer.daemon.circuit import Circuits
from syncer.daemon.flights import Flight, Flights, Pace
from syncer.daemon.landing import Landing
from syncer.errors import SyncerError
from syncer.model.ledger import RunOutcome
from syncer.queue.inbox import Reason, Wake
from syncer.queue.sqlite import SqliteInbox
from syncer.service.report import RunReport

QUICK = Pace(threads=4, debounce=0.0, first_retry=0.05, longest_retry=0.2, parked_retry=0.1)


@dataclass
class Field:
    """Flights over a site that is made up.

    Args:
        act: what a sync does; raising a ``SyncerError`` makes that the report's problem.
    """

    directory: Path
    pace: Pace = QUICK
    act: Callable[[str], object] = lambda _project: None
    circuits: Circuits = field(default_factory=lambda: Circuits(after=3, pause=0.1))
    hosts: dict[str, frozenset[str]] = field(default_factory=dict)
    syncs: list[tuple[str, bool]] = field(default_factory=list)
    looks: list[frozenset[int]] = field(default_factory=list)
    landings: list[tuple[str, Landing]] = field(default_factory=list)
    overlaps: int = 0

    def __post_init__(self) -> None:
        self.inbox = SqliteInbox(self.directory / "inbox.db")
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._number = 0
        self.flights = Flights(self.inbox, self._site, self.pace, self.circuits, self, self._run_id)

    def begin(self, *projects: str) -> None:
        """These projects exist now, and flights take off."""
        self.flights.assign({name: self.hosts.get(name, frozenset()) for name in projects})
        self.flights.start()

    def wake(self, *projects: str, reason: Reason = Reason.WEBHOOK, full: bool = False) -> None:
        """Wake projects."""
        self.flights.submit([Wake(project, reason, full) for project in projects])

    def end(self) -> None:
        """Stop, and give everything back."""
        self.flights.stop()
        self.flights.join(5)
        self.inbox.close()

    def sync(self, project: str, *, run: str, full: bool, issues: frozenset[int]) -> RunReport:
        with self._lock:
            self.overlaps += project in self._busy
            self._busy.add(project)
            self.syncs.append((project, full))
            self.looks.append(issues)
        report = RunReport(project, run, False, datetime.now(UTC))
        try:
            self.act(project)
        except SyncerError as error:
            report.problem, report.outcome = error, RunOutcome.FAILED
        finally:
            with self._lock:
                self._busy.discard(project)
        return report

    def departed(self, flight: Flight) -> None:
        """Nothing to note."""

    def landed(self, flight: Flight, report: RunReport, landing: Landing, seconds: float) -> None:
        self.landings.append((flight.project, landing))

    def count(self, project: str) -> int:
        """How often a project was synced."""
        with self._lock:
            return sum(1 for name, _full in self.syncs if name == project)

    def idle(self) -> bool:
        return self.flights.counts() == (0, 0)

    @contextmanager
    def _site(self) -> Iterator[Field]:
        yield self

    def _run_id(self) -> str:
        with self._lock:
            self._number += 1
            return f"run-{self._number}"


def eventually(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until something is so, and fail if it does not come about."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)
