"""Flights: one sync at a time for each project, many projects at a time.

A project that was woken flies as soon as it is quiet, a thread is free, its forges answer and it is not
backing off. A wake-up that comes during a flight means one more flight. Wake-ups stay in the inbox until
a flight that began after them has landed well, so a process may die at any moment.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Protocol

import structlog

from syncer.daemon.circuit import Circuits
from syncer.daemon.landing import Landing, Next, landing_of
from syncer.errors import Bug, SyncerError
from syncer.model.ledger import RunOutcome
from syncer.queue.inbox import Inbox, Waiting, Wake
from syncer.service.report import RunReport

_LOG = structlog.get_logger("syncer.daemon")
_LONGEST_PARKING = 16
"""A parked project is tried again after at most so many times its first pause."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait for what, in seconds.

    Args:
        threads: flights at the same time.
        debounce: silence after an event before a flight.
        longest_debounce: after which silence is not waited for.
        first_retry: after a first failure; doubled with each further one.
        longest_retry: between retries, at most.
        parked_retry: after which a parked project is tried again; doubled each time, up to 16 times that.
    """

    threads: int = 4
    debounce: float = 0.2
    longest_debounce: float = 2.0
    first_retry: float = 10.0
    longest_retry: float = 1800.0
    parked_retry: float = 900.0

    def pause(self, landing: Next, failures: int) -> float:
        """Seconds until the next try after so many failures in a row, the latest included."""
        if landing is Next.PARK:
            return self.parked_retry * float(min(2 ** min(failures - 1, 30), _LONGEST_PARKING))
        return min(self.first_retry * 2.0 ** min(failures - 1, 30), self.longest_retry)


class Phase(Enum):
    """What a project is doing."""

    RESTING = "resting"
    WAITING = "waiting"
    SYNCING = "syncing"
    RETRYING = "retrying"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Flight:
    """One sync of one project under way."""

    project: str
    run: str
    waiting: Waiting
    began: float


@dataclass(frozen=True, slots=True)
class LaneView:
    """Where a project stands, for people.

    Args:
        due: when it flies next, if it waits for that.
        failures: flights in a row that did not end well.
        reason: why it is not resting, or what is wrong although it is.
    """

    project: str
    phase: Phase
    due: datetime | None
    failures: int
    reason: str
    remedy: str


class Site(Protocol):
    """Where syncs happen: one configuration, made ready to run."""

    def sync(self, project: str, *, run: str, full: bool, issues: frozenset[int]) -> RunReport:
        """Sync one project. What went wrong is in the report.

        Args:
            project: by name.
            run: names the sync.
            full: list its trackers completely.
            issues: the only ones that events were about; empty to look at everything.
        """


class Tower(Protocol):
    """Whoever is told about flights: metrics, logs. It must not raise."""

    def departed(self, flight: Flight) -> None: ...

    def landed(self, flight: Flight, report: RunReport, landing: Landing, seconds: float) -> None: ...


_RESTING = Landing(Next.REST)


@dataclass(slots=True)
class _Lane:
    project: str
    hosts: frozenset[str]
    wanted: bool = False
    first: float = 0.0
    latest: float = 0.0
    flying: bool = False
    entered: frozenset[str] = frozenset()
    again: bool = False
    failures: int = 0
    not_before: float = 0.0
    landing: Landing = _RESTING

    def due(self, pace: Pace) -> float:
        """When it may fly, unless its forges are in trouble."""
        quiet = min(self.latest + pace.debounce, self.first + pace.longest_debounce)
        return max(self.not_before, quiet)


class Flights:
    """Flies projects that were woken. Safe to share between threads.

    Args:
        inbox: keeps the wake-ups.
        site: the configuration in use; held for the length of a flight.
        run_id: names a flight.
        monotonic: seconds that never go back.
        chance: spreads retries, 0.0 to 1.0.
    """

    def __init__(
        self,
        inbox: Inbox,
        site: Callable[[], AbstractContextManager[Site]],
        pace: Pace,
        circuits: Circuits,
        tower: Tower,
        run_id: Callable[[], str],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._inbox, self._site, self._pace = inbox, site, pace
        self._circuits, self._tower, self._run_id = circuits, tower, run_id
        self._monotonic, self._chance = monotonic, chance
        self._lanes: dict[str, _Lane] = {}
        self._awake: dict[str, _Lane] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._threads: list[threading.Thread] = []

    # -- what others say ---------------------------------------------------------------------------------

    def assign(self, projects: Mapping[str, frozenset[str]]) -> None:
        """These are the projects, and the hosts that each of them needs. What waits for others is dropped.

        Called at the start, and again for each new configuration: then whoever was parked or backing
        off is tried at once, because what was wrong may have been mended.
        """
        with self._changed:
            gone = [name for name in self._lanes if name not in projects]
            for name in gone:
                del self._lanes[name]
                self._awake.pop(name, None)
            for name, hosts in projects.items():
                lane = self._lanes.setdefault(name, _Lane(name, hosts))
                lane.hosts = hosts
                lane.not_before, lane.failures = 0.0, 0
            now = self._monotonic()
            orphans = set(gone)
            for waiting in self._inbox.waiting():
                known = self._lanes.get(waiting.project)
                if known is None:
                    orphans.add(waiting.project)
                elif not known.wanted:
                    self._want(known, now)
            self._changed.notify_all()
        if orphans:
            self._inbox.drop(sorted(orphans))
            _LOG.info("wake-ups dropped", projects=sorted(orphans), why="no such project is configured")

    def submit(self, wakes: Sequence[Wake]) -> None:
        """Keep wake-ups; they are durable when this returns.

        Raises:
            Unavailable: they could not be kept.
        """
        with self._changed:
            known = [wake for wake in wakes if wake.project in self._lanes]
        if not known:
            return
        self._inbox.put(known)
        with self._changed:
            now, news = self._monotonic(), False
            for wake in known:
                lane = self._lanes.get(wake.project)
                if lane is not None:
                    news |= self._want(lane, now)
            if news:
                self._changed.notify_all()

    def collect(self) -> None:
        """Take notice of wake-ups that other processes have left in the inbox."""
        if not self._inbox.touched():
            return
        waiting = self._inbox.waiting()
        with self._changed:
            now = self._monotonic()
            for each in waiting:
                lane = self._lanes.get(each.project)
                if lane is not None and not lane.wanted:
                    self._want(lane, now)
            self._changed.notify_all()

    def handled(self, deliveries: Collection[str]) -> frozenset[tuple[str, str]]:
        """Which of these deliveries were followed by a sync of which projects."""
        return self._inbox.handled(deliveries)

    # -- flying ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to fly."""
        for number in range(self._pace.threads):
            thread = threading.Thread(target=self._work, name=f"syncer-flight-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Let nobody take off any more. Flights under way end when the clock's stop is noticed."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def join(self, seconds: float) -> tuple[str, ...]:
        """Wait for the flights under way; the answer names those that are still in the air."""
        deadline = self._monotonic() + seconds
        with self._changed:
            while (flying := self._flying()) and (left := deadline - self._monotonic()) > 0:
                self._changed.wait(left)
            return flying

    @property
    def alive(self) -> bool:
        """Whether all threads that were started are there."""
        return bool(self._threads) and all(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while (lane := self._next()) is not None:
            try:
                self._fly(lane)
            except Exception as error:  # noqa: BLE001  (a lane that stays "flying" would never fly again)
                _LOG.exception("a flight ended in a defect", project=lane.project)
                self._land(lane, Landing(Next.PARK, f"{type(error).__name__}: {error}"), more=True)

    def _next(self) -> _Lane | None:
        """The next lane, cleared for take-off; ``None`` when stopping."""
        with self._changed:
            while not self._stopping:
                now = self._monotonic()
                wait: float | None = None
                for lane in sorted(self._waiting(), key=lambda lane: lane.due(self._pace)):
                    due = max(lane.due(self._pace), self._circuits.until(lane.hosts, now) or 0.0)
                    if due > now:
                        wait = due - now if wait is None else min(wait, due - now)
                    elif self._circuits.enter(lane.hosts, now):
                        lane.wanted, lane.flying, lane.again = False, True, False
                        self._awake.pop(lane.project, None)
                        lane.entered = lane.hosts  # a reload may change them under way
                        return lane
                self._changed.wait(wait)
            return None

    def _fly(self, lane: _Lane) -> None:
        try:
            waiting = self._inbox.look(lane.project)
        except SyncerError as error:
            _LOG.error("the inbox cannot be read", project=lane.project, error=str(error))
            self._land(lane, Landing(Next.RETRY, str(error)), more=True)
            return
        if waiting is None:
            self._land(lane, _RESTING, more=False)  # a flight that has landed meanwhile covered it
            return
        run = self._run_id()
        with structlog.contextvars.bound_contextvars(project=lane.project, run=run):
            flight = Flight(lane.project, run, waiting, self._monotonic())
            self._tower.departed(flight)
            report = sync_at(self._site, flight)
            landing = landing_of(report)
            more = True
            try:
                if landing.next is Next.REST:
                    more = self._inbox.done(lane.project, waiting.number)
            except SyncerError as error:
                _LOG.error("the inbox cannot be written", error=str(error))
                landing = Landing(Next.RETRY, str(error))
            self._tower.landed(flight, report, landing, self._monotonic() - flight.began)
            self._land(lane, landing, more=more)

    def _land(self, lane: _Lane, landing: Landing, *, more: bool) -> None:
        with self._changed:
            self._circuits.leave(lane.entered)
            now = self._monotonic()
            lane.flying, lane.landing = False, landing
            if landing.next in (Next.RETRY, Next.PARK):
                lane.failures += 1
                pause = self._pace.pause(landing.next, lane.failures)
                lane.not_before = now + pause * (1 + 0.1 * self._chance())
                if landing.not_before is not None:
                    seconds = (landing.not_before - datetime.now(UTC)).total_seconds()
                    lane.not_before = now + max(seconds, 0.0) + min(pause, 1.0)
            elif landing.next is Next.REST:
                lane.failures, lane.not_before = 0, 0.0
            else:
                lane.not_before = now + 1.0  # we are about to stop; until then nobody tries in vain
            if (more or lane.again) and self._lanes.get(lane.project) is lane:
                self._want(lane, now)
            self._changed.notify_all()

    # -- the inbox ----------------------------------------------------------------------------------------

    def check(self) -> None:
        """Raise ``Unavailable`` where wake-ups could not be kept now."""
        self._inbox.look("")

    def tidy(self, older_than: float) -> None:
        """Forget deliveries from before a moment."""
        self._inbox.tidy(older_than)

    def close(self) -> None:
        """Close the inbox. Nobody may be flying any more."""
        self._inbox.close()

    # -- looking -----------------------------------------------------------------------------------------

    def _waiting(self) -> list[_Lane]:
        return [lane for lane in self._awake.values() if not lane.flying]

    def _want(self, lane: _Lane, now: float) -> bool:
        """A lane was woken. True if it was not awake before."""
        lane.latest = now
        if lane.flying:
            lane.again = True
            return False
        if lane.wanted:
            return False
        lane.wanted, lane.first = True, now
        self._awake[lane.project] = lane  # thousands of projects rest, and few are awake
        return True

    def _flying(self) -> tuple[str, ...]:
        return tuple(sorted(lane.project for lane in self._lanes.values() if lane.flying))

    def counts(self) -> tuple[int, int]:
        """How many projects wait, and how many fly."""
        with self._changed:
            return len(self._waiting()), len(self._flying())

    def views(self) -> dict[str, LaneView]:
        """Where every project stands."""
        with self._changed:
            now, wall = self._monotonic(), time.time()
            return {name: self._view(lane, now, wall) for name, lane in self._lanes.items()}

    def _view(self, lane: _Lane, now: float, wall: float) -> LaneView:
        landing, due = lane.landing, None
        reason, remedy = landing.reason, landing.remedy
        phase = Phase.RESTING
        if lane.flying:
            phase = Phase.SYNCING
        elif lane.wanted:
            blocked = self._circuits.until(lane.hosts, now)
            when = max(lane.due(self._pace), blocked or 0.0)
            due = datetime.fromtimestamp(wall + max(0.0, when - now), UTC)
            phase = Phase.WAITING
            if landing.next is Next.PARK:
                phase = Phase.PARKED
            elif lane.not_before > now:
                phase = Phase.RETRYING
            if blocked is not None and phase is not Phase.PARKED:
                phase = Phase.RETRYING
                reason = f"{', '.join(self._circuits.open_hosts(now))} does not answer"
                remedy = "syncer tries again by itself"
        return LaneView(lane.project, phase, due, lane.failures, reason, remedy)


def sync_at(use: Callable[[], AbstractContextManager[Site]], flight: Flight) -> RunReport:
    """Sync a flight's project at the present site. Whatever happens is in the report."""
    try:
        with use() as site:
            waiting = flight.waiting
            return site.sync(flight.project, run=flight.run, full=waiting.full, issues=waiting.issues)
    except SyncerError as error:
        problem = error
    except Exception as error:  # noqa: BLE001  (one project's defect must not end the others)
        _LOG.exception("a sync ended in a defect")
        problem = Bug(f"{type(error).__name__}: {error}", where=flight.project)
    now, failed = datetime.now(UTC), RunOutcome.FAILED
    return RunReport(flight.project, flight.run, False, now, outcome=failed, problem=problem)
