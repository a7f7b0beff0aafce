"""What is known about every project, for ``/status.json`` and for the gauges of ``/metrics``."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from syncer.daemon.flights import Flight, LaneView
from syncer.errors import SyncerError
from syncer.model.ledger import RunOutcome, Standing
from syncer.model.plan import Severity
from syncer.service.report import RunReport

_LOG = structlog.get_logger("syncer.daemon")
_FINISHED = ("done", "already")


@dataclass(frozen=True, slots=True)
class Stand:
    """What the last run of a project came to.

    Args:
        holds: how many of each severity.
        outstanding: actions that were planned and not done.
        held: why the guard holds the plan.
    """

    run: str = ""
    at: datetime | None = None
    outcome: str = "never run"
    last_success: datetime | None = None
    holds: Mapping[str, int] | None = None
    outstanding: int = 0
    held: tuple[str, ...] = ()

    def count(self, severity: Severity) -> int:
        return (self.holds or {}).get(severity.value, 0)

    @property
    def drift(self) -> int:
        """Changes that were not made, and decisions that were not taken."""
        return self.outstanding + self.count(Severity.CONFLICT) + self.count(Severity.QUESTION)


@dataclass(frozen=True, slots=True)
class Row:
    """One project, as it stands now."""

    project: str
    stand: Stand
    lane: LaneView
    next_look: datetime | None


class Board:
    """Remembers the last run of each project. Safe to share between threads.

    Args:
        remembered: what the ledger knows of a project's last run.
        fresh: seconds after which it is asked again, where others run projects too.
    """

    def __init__(self, remembered: Callable[[str], Standing | None], *, fresh: float = float("inf")) -> None:
        self._remembered, self._fresh = remembered, fresh
        self._stands: dict[str, Stand] = {}
        self._asked: dict[str, float] = {}
        self._lock = threading.Lock()

    def stand(self, project: str) -> Stand:
        """What its last run came to."""
        now = time.monotonic()
        with self._lock:
            known = self._stands.get(project)
            if known is not None and now - self._asked[project] < self._fresh:
                return known
        try:
            standing = self._remembered(project)
        except SyncerError as error:
            # Readiness says so; what was last known is the best that status can show.
            _LOG.warning("the ledger cannot be asked", project=project, reason=str(error))
            return known or Stand()
        found = _from_standing(standing) if standing is not None else Stand()
        with self._lock:
            # What this process saw itself says more than the ledger, unless somebody ran it since.
            known = self._stands.get(project)
            if known is None or (found.at is not None and (known.at is None or found.at > known.at)):
                self._stands[project] = found
            self._asked[project] = now
            return self._stands[project]

    def landed(self, flight: Flight, report: RunReport, at: datetime) -> None:
        """A run ended."""
        before = self.stand(flight.project)
        after = _from_report(report, at)
        if after.last_success is None:
            after = replace(after, last_success=before.last_success)
        if report.plan is None:
            # It did not get as far as a plan; what was known about differences is still the best guess.
            after = replace(after, holds=before.holds, outstanding=before.outstanding, held=before.held)
        with self._lock:
            self._stands[flight.project] = after
            self._asked[flight.project] = time.monotonic()

    def keep_only(self, projects: Mapping[str, object]) -> None:
        """Forget projects that exist no longer."""
        with self._lock:
            for name in [name for name in self._stands if name not in projects]:
                del self._stands[name], self._asked[name]


def _from_report(report: RunReport, at: datetime) -> Stand:
    plan = report.plan
    planned = len(plan.effects) if plan is not None else 0
    finished = sum(report.counts[outcome] for outcome in _FINISHED if outcome in report.counts)
    held = report.outcome is RunOutcome.HELD
    complete = report.outcome is RunOutcome.COMPLETE and report.problem is None
    return Stand(
        run=report.run,
        at=at,
        outcome=report.outcome.value,
        last_success=at if complete else None,
        holds=Counter(hold.severity.value for hold in plan.holds) if plan is not None else {},
        outstanding=0 if complete else max(0, planned - finished),
        held=report.verdict.reasons if held else (),
    )


def _from_standing(standing: Standing) -> Stand:
    return Stand(
        at=standing.at,
        outcome=standing.outcome.value,
        last_success=standing.last_success,
        holds=Counter(hold.severity for hold in standing.holds),
        outstanding=len(standing.digests),
        held=standing.held,
    )
