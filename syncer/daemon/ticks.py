"""Ticks: at the times that are configured, they put a key into the queue, and do nothing else.

Looks and audits are bound to the clock on the wall, spread by the project's name, not to the start of
the process: a daemon that is restarted every day still audits, and thousands of projects do not fire
at once.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.job import Job
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from syncer.daemon.quiet import QuietHours
from syncer.errors import SyncerError
from syncer.queue.inbox import Reason, Wake

_LOG = structlog.get_logger("syncer.daemon")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a project is looked at without anybody asking.

    Args:
        every: seconds between two looks, 0 for never.
        cron: a crontab expression, instead of ``every``.
        jitter: seconds by which a look may be early or late.
        audit_every: seconds between two complete listings, 0 for never.
        zone: of ``cron``.
        quiet: hours without looks.
    """

    every: float = 300.0
    cron: str = ""
    jitter: float = 30.0
    audit_every: float = 86400.0
    zone: str = "UTC"
    quiet: QuietHours | None = None


class Ticks:
    """The clockwork.

    Args:
        submit: takes wake-ups.
    """

    def __init__(self, submit: Callable[[Sequence[Wake]], None]) -> None:
        self._submit = submit
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._schedules: dict[str, Schedule] = {}

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    @property
    def alive(self) -> bool:
        return bool(self._scheduler.running)

    def assign(self, schedules: Mapping[str, Schedule]) -> None:
        """These are the projects and their schedules. What has not changed ticks on undisturbed."""
        for name in [name for name in self._schedules if schedules.get(name) != self._schedules[name]]:
            for kind in (Reason.SCHEDULE, Reason.AUDIT):
                try:
                    self._scheduler.remove_job(f"{kind.value} {name}")
                except JobLookupError:
                    continue  # that kind was not scheduled
        for name, schedule in schedules.items():
            if self._schedules.get(name) != schedule:
                self._add(name, schedule)
        self._schedules = dict(schedules)

    def also(self, name: str, every: float, work: Callable[[], object]) -> None:
        """Do something small now and then, such as tidying."""
        self._scheduler.add_job(work, IntervalTrigger(seconds=every, timezone=UTC), id=name)

    def next_look(self, project: str) -> datetime | None:
        """When a project is looked at next, events aside."""
        jobs = [
            self._scheduler.get_job(f"{kind.value} {project}") for kind in (Reason.SCHEDULE, Reason.AUDIT)
        ]
        times = [at for job in jobs if isinstance(job, Job) and (at := _next_run(job)) is not None]
        return min(times, default=None)

    def _add(self, project: str, schedule: Schedule) -> None:
        look = _look_trigger(project, schedule)
        if look is not None:
            self._scheduler.add_job(
                self._look, look, args=(project, schedule.quiet), id=f"{Reason.SCHEDULE.value} {project}"
            )
        if schedule.audit_every > 0:
            audit = _interval(project, schedule.audit_every, schedule.jitter)
            self._scheduler.add_job(self._audit, audit, args=(project,), id=f"{Reason.AUDIT.value} {project}")

    def _look(self, project: str, quiet: QuietHours | None) -> None:
        if quiet is None or not quiet.covers(datetime.now(UTC)):
            self._tick(Wake(project, Reason.SCHEDULE))

    def _audit(self, project: str) -> None:
        self._tick(Wake(project, Reason.AUDIT, full=True))

    def _tick(self, wake: Wake) -> None:
        try:
            self._submit([wake])
        except SyncerError as error:
            # The next tick says it again; there is nobody to tell but the log.
            _LOG.error("a tick was lost", project=wake.project, reason=wake.reason.value, error=str(error))


def _look_trigger(project: str, schedule: Schedule) -> BaseTrigger | None:
    if schedule.cron:
        trigger = CronTrigger.from_crontab(schedule.cron, timezone=ZoneInfo(schedule.zone))
        trigger.jitter = int(schedule.jitter) or None
        return trigger
    return _interval(project, schedule.every, schedule.jitter) if schedule.every > 0 else None


def _interval(project: str, seconds: float, jitter: float) -> IntervalTrigger:
    # A quarter of the interval at most, so that two looks never change places.
    spread = int(min(jitter, seconds / 4)) or None
    start = datetime.fromtimestamp(next_slot(project, seconds, time.time()), UTC)
    return IntervalTrigger(seconds=seconds, start_date=start, jitter=spread, timezone=UTC)


def next_slot(project: str, seconds: float, now: float) -> float:
    """The next moment of a project's own grid: each has one point in every interval, by its name.

    Args:
        project: whose grid.
        seconds: the length of an interval.
        now: seconds since the epoch.
    """
    digest = hashlib.sha256(project.encode()).digest()
    offset = int.from_bytes(digest[:6], "big") / 2**48 * seconds
    return now + seconds - (now - offset) % seconds


def _next_run(job: Job) -> datetime | None:
    found = getattr(job, "next_run_time", None)  # missing until the scheduler runs
    return found if isinstance(found, datetime) else None
