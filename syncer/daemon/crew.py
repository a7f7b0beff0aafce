"""The distributed engine's back: a process that syncs what waits in PostgreSQL, beside others like it."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import procrastinate
import structlog
from procrastinate.job_context import JobContext

from syncer.daemon.circuit import Circuits
from syncer.daemon.dispatch import Dispatcher
from syncer.daemon.flights import Flight, Pace, Site, Tower, sync_at
from syncer.daemon.landing import Landing, Next, landing_of
from syncer.errors import Unavailable
from syncer.queue.inbox import Waiting
from syncer.queue.postgres import QUEUE, TASK, Lane, PostgresQueue, conninfo
from syncer.queue.recovery import recover, reopen

_LOG = structlog.get_logger("syncer.daemon")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Vitals:
    """How workers notice each other's death, in seconds.

    Args:
        beat: between two signs of life.
        gone: without any, a worker is gone and its jobs go to others.
        poll: between two looks for jobs that have become due.
        restart: between two attempts to reach the database.
    """

    beat: float = 5.0
    gone: float = 20.0
    poll: float = 0.25
    restart: float = 2.0


class Crew(Dispatcher):
    """Implements :class:`syncer.daemon.engine.Engine` and does the work.

    Args:
        url: of the state database.
        site: the configuration in use; held for the length of a sync.
        run_id: names a sync.
        name: of this worker, for people who look into the database.
    """

    def __init__(
        self,
        queue: PostgresQueue,
        url: str,
        site: Callable[[], AbstractContextManager[Site]],
        pace: Pace,
        circuits: Circuits,
        tower: Tower,
        run_id: Callable[[], str],
        *,
        name: str,
        grace: float,
        vitals: Vitals | None = None,
    ) -> None:
        super().__init__(queue)
        self._site, self._pace, self._circuits = site, pace, circuits
        self._tower, self._run_id = tower, run_id
        self._name, self._grace, self._vitals = name, grace, vitals or Vitals()
        self._app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(
                conninfo=conninfo(url), min_size=1, max_size=pace.threads + 3
            )
        )
        # A job that raises, which it does only when we are stopping, waits again.
        again = procrastinate.RetryStrategy(wait=1)
        self._app.task(name=TASK, queue=QUEUE, pass_context=True, retry=again)(self._job)
        self._threads = ThreadPoolExecutor(pace.threads, thread_name_prefix="syncer-flight")
        self._thread = threading.Thread(target=self._run, name="syncer-worker", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._stopping = threading.Event()
        self._flying: set[str] = set()
        self._ended: dict[int, float] = {}
        self._flying_lock = threading.Lock()

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Fetch no more jobs. Syncs under way end when the clock's stop is noticed."""
        self._stopping.set()
        loop, main = self._loop, self._main
        if loop is not None and main is not None and loop.is_running():
            loop.call_soon_threadsafe(main.cancel)

    def join(self, seconds: float) -> tuple[str, ...]:
        """Wait for what is under way; the answer names what has not ended."""
        self._thread.join(seconds)
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._flying_lock:
            return tuple(sorted(self._flying))

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    # -- the worker --------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.run(self._work())

    async def _work(self) -> None:
        self._loop, self._main = asyncio.get_running_loop(), asyncio.current_task()
        while not self._stopping.is_set():
            try:
                async with self._app.open_async():
                    await self._shift()
            except asyncio.CancelledError:
                return
            except Exception as error:  # noqa: BLE001  (whatever the database does, the worker comes back)
                if self._stopping.is_set():
                    return
                reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
                _LOG.error("the worker lost its database; it tries again", reason=reason)
                await asyncio.sleep(self._vitals.restart)

    async def _shift(self) -> None:
        """Work until told to stop, or until the database is lost."""
        recovery = asyncio.create_task(self._recover())
        try:
            await self._app.run_worker_async(
                queues=[QUEUE],
                name=self._name,
                concurrency=self._pace.threads,
                fetch_job_polling_interval=self._vitals.poll,
                shutdown_graceful_timeout=self._grace,
                delete_jobs="always",
                install_signal_handlers=False,
                update_heartbeat_interval=self._vitals.beat,
                stalled_worker_timeout=self._vitals.gone,
            )
        finally:
            recovery.cancel()
            await asyncio.gather(recovery, return_exceptions=True)

    async def _recover(self) -> None:
        while True:
            try:
                count = await recover(self._app, self._vitals.gone)
                if count:
                    _LOG.warning("work of a worker that is gone was taken over", jobs=count)
                # The end of a job may have been lost with a connection.
                now = time.monotonic()
                old = [job for job, at in self._ended.items() if now - at > self._vitals.gone]
                if old:
                    await reopen(self._app, old)
                for job in old:
                    self._ended.pop(job, None)
            except procrastinate.exceptions.ConnectorException as error:
                _LOG.warning("recovery failed; it is tried again", reason=str(error))
            await asyncio.sleep(self._vitals.gone / 2)

    async def _job(
        self,
        context: JobContext,
        project: str,
        full: bool,
        reason: str,
        at: float,
        issues: Sequence[int] = (),
    ) -> None:
        """What procrastinate runs. It does not fail: what did not work waits as a new job."""
        job = context.job.id or 0
        waiting = Waiting(project, job, at, at, full, (reason,), frozenset(issues))
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._fly, waiting)
        finally:
            self._ended[job] = time.monotonic()

    # -- one sync, in a thread ---------------------------------------------------------------------------

    def _fly(self, waiting: Waiting) -> None:
        project = waiting.project
        hosts = self._projects.get(project)
        if hosts is None:
            _LOG.info("wake-up dropped", project=project, why="no such project is configured")
            return
        lane, now = self._insist(lambda: self._queue.lane(project)), time.monotonic()
        if lane.not_before is not None and lane.not_before > datetime.now(UTC):
            until = lane.not_before
            self._insist(lambda: self._again(waiting, until))
            return
        if not self._circuits.enter(hosts, now):
            pause = max((self._circuits.until(hosts, now) or now) - now, 1.0)
            later = datetime.now(UTC) + timedelta(seconds=pause)
            self._insist(lambda: self._again(waiting, later))
            return
        with self._flying_lock:
            self._flying.add(project)
        try:
            self._sync(waiting, lane)
        finally:
            self._circuits.leave(hosts)
            with self._flying_lock:
                self._flying.discard(project)

    def _sync(self, waiting: Waiting, lane: Lane) -> None:
        run = self._run_id()
        with structlog.contextvars.bound_contextvars(project=waiting.project, run=run):
            flight = Flight(waiting.project, run, waiting, time.monotonic())
            self._tower.departed(flight)
            report = sync_at(self._site, flight)
            landing = landing_of(report)
            self._tower.landed(flight, report, landing, time.monotonic() - flight.began)
            self._insist(lambda: self._settle(waiting, lane, landing))

    def _settle(self, waiting: Waiting, lane: Lane, landing: Landing) -> None:
        """Tell everybody how it ended. May be repeated."""
        project, job = waiting.project, waiting.number
        if landing.next is Next.STOP:
            self._again(waiting, None)
            return
        after, failures = None, 0
        if landing.next is not Next.REST:
            failures = lane.failures + 1
            spread = 1 + 0.1 * random.random()  # noqa: S311  (nobody gains by guessing it)
            pause = self._pace.pause(landing.next, failures) * spread
            after = landing.not_before or datetime.now(UTC) + timedelta(seconds=pause)
        self._queue.land(Lane(project, failures, after, landing.next.value, landing.reason, landing.remedy))
        if after is None:
            self._queue.done(job)
        else:
            self._again(waiting, after)

    def _again(self, waiting: Waiting, at: datetime | None) -> None:
        """Keep a wake-up that could not be satisfied, for a later moment."""
        job, issues = waiting.number, waiting.issues
        self._queue.again(waiting.project, waiting.full, issues, at, instead_of=job)

    def _insist(self, step: Callable[[], T]) -> T:
        """Do it, and again until the database answers: a job that ends without it would be lost.

        Raises:
            Unavailable: we are stopping. The job goes to another worker.
        """
        while True:
            try:
                return step()
            except Unavailable as error:
                if self._stopping.wait(self._vitals.restart):
                    raise
                _LOG.warning("the queue does not answer; it is tried again", reason=str(error))
