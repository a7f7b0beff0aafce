"""The distributed engine's front: it keeps wake-ups in PostgreSQL, where workers find them."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import structlog

from syncer.daemon.flights import LaneView, Phase
from syncer.daemon.landing import Next
from syncer.errors import SyncerError
from syncer.queue.inbox import Wake
from syncer.queue.postgres import Job, Lane, PostgresQueue

_LOG = structlog.get_logger("syncer.daemon")


class Dispatcher:
    """Implements :class:`syncer.daemon.engine.Engine` without doing any work itself."""

    def __init__(self, queue: PostgresQueue) -> None:
        self._queue = queue
        self._projects: Mapping[str, frozenset[str]] = {}
        self._lock = threading.Lock()
        self._seen: tuple[float, tuple[Job, ...], Mapping[str, Lane]] = (float("-inf"), (), {})

    def assign(self, projects: Mapping[str, frozenset[str]]) -> None:
        # At a start nothing was mended: a worker that is restarted over and over must not undo backoff.
        again, self._projects = bool(self._projects), projects
        self._queue.drop(list(projects))
        if again:
            self._queue.hurry()

    def submit(self, wakes: Sequence[Wake]) -> None:
        self._queue.put([wake for wake in wakes if wake.project in self._projects])

    def collect(self) -> None:
        """Nothing: the database is where everybody leaves them."""

    def handled(self, deliveries: Collection[str]) -> frozenset[tuple[str, str]]:
        return self._queue.handled(deliveries)

    def start(self) -> None:
        """Nothing: workers work."""

    def stop(self) -> None:
        """Nothing."""

    def join(self, seconds: float) -> tuple[str, ...]:
        del seconds
        return ()

    @property
    def alive(self) -> bool:
        return True

    def counts(self) -> tuple[int, int]:
        jobs, _lanes = self._look()
        doing = {job.project for job in jobs if job.doing}
        return len({job.project for job in jobs if not job.doing} - doing), len(doing)

    def views(self) -> dict[str, LaneView]:
        jobs, lanes = self._look()
        now = datetime.now(UTC)
        by_project: dict[str, list[Job]] = {}
        for job in jobs:
            by_project.setdefault(job.project, []).append(job)
        return {
            name: _view(lanes.get(name, Lane(name)), by_project.get(name, []), now) for name in self._projects
        }

    def check(self) -> None:
        self._queue.check()

    def tidy(self, older_than: float) -> None:
        self._queue.tidy(older_than)

    def close(self) -> None:
        self._queue.close()

    def _look(self) -> tuple[tuple[Job, ...], Mapping[str, Lane]]:
        """What the database says, at most once a second."""
        with self._lock:
            at, jobs, lanes = self._seen
            if time.monotonic() - at > 1.0:
                try:
                    jobs, lanes = self._queue.jobs(), self._queue.lanes()
                except SyncerError as error:
                    # Readiness says so; what was last seen is the best that status can show.
                    _LOG.warning("the queue cannot be looked at", reason=str(error))
                self._seen = (time.monotonic(), jobs, lanes)
            return jobs, lanes


def _view(lane: Lane, jobs: list[Job], now: datetime) -> LaneView:
    waiting = [job.due or now for job in jobs if not job.doing]
    due = max(min(waiting), lane.not_before or now) if waiting else None
    phase = Phase.RESTING
    if any(job.doing for job in jobs):
        phase, due = Phase.SYNCING, None
    elif waiting:
        phase = Phase.WAITING
        if lane.next == Next.PARK.value:
            phase = Phase.PARKED
        elif lane.not_before is not None and lane.not_before > now:
            phase = Phase.RETRYING
    return LaneView(lane.project, phase, due, lane.failures, lane.reason, lane.remedy)
