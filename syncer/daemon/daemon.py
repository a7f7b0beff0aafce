"""The daemon as a whole: clockwork, flights, and a configuration that can be replaced under way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from syncer.daemon.board import Board, Row
from syncer.daemon.engine import Engine
from syncer.daemon.files import Sight, sight
from syncer.daemon.flights import Phase, Site
from syncer.daemon.sites import Sites
from syncer.daemon.ticks import Schedule, Ticks
from syncer.errors import SyncerError
from syncer.model.plan import Severity
from syncer.observability.metrics import Metrics, ProjectNumbers, Snapshot
from syncer.queue.inbox import Reason, Wake

_LOG = structlog.get_logger("syncer.daemon")
_COLLECT = 1.0
"""Seconds between two looks at what other processes have left in the inbox."""
_DELIVERIES_KEPT = 4 * 86400.0
"""Seconds. GitHub offers redeliveries for three days (docs.github.com, "Redelivering webhooks")."""


class Worksite(Site, Protocol):
    """One configuration, ready to run."""

    @property
    def projects(self) -> Mapping[str, frozenset[str]]:
        """The projects, and the hosts that each needs."""

    @property
    def schedules(self) -> Mapping[str, Schedule]: ...

    @property
    def files(self) -> frozenset[Path]:
        """The files that it was read from, secrets included."""

    @property
    def fixed(self) -> Mapping[str, str]:
        """Settings that only a restart changes, as texts without secrets."""

    @property
    def broken(self) -> Mapping[str, str]:
        """Projects that cannot be used, and why."""

    def check(self) -> None:
        """Raise a ``SyncerError`` where the state database cannot be used."""

    def budgets(self) -> tuple[tuple[str, float], ...]:
        """By forge, seconds until its rate limits allow another issue."""

    def close(self) -> None: ...


class Companion(Protocol):
    """Somebody who works beside the flights, in a thread of their own."""

    def start(self) -> None: ...

    def look_again(self) -> None:
        """The configuration was replaced."""

    def stop(self) -> None:
        """Begin nothing more."""

    def join(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Reload:
    """What the latest look at the configuration came to."""

    at: float
    problem: str = ""


class Daemon:
    """Runs until it is told to stop.

    Args:
        sites: the present configuration.
        load: reads the configuration anew; raises a ``SyncerError`` if it cannot be used.
        watch: seconds between two looks at the configuration's files; 0 for never.
        ticking: whether projects are woken on schedule by this process.
        companions: who works beside it.
    """

    def __init__(
        self,
        sites: Sites[Worksite],
        load: Callable[[], Worksite],
        engine: Engine,
        board: Board,
        metrics: Metrics,
        *,
        watch: float,
        ticking: bool = True,
        resting: Callable[[], tuple[str, ...]],
        companions: Sequence[Companion] = (),
    ) -> None:
        self._sites, self._load = sites, load
        self.engine, self._board, self._metrics = engine, board, metrics
        self._watch, self._resting, self._ticking = watch, resting, ticking
        self._companions = companions
        self._ticks = Ticks(engine.submit)
        self._seen: Sight = ()
        self._stopping = False
        self._reload_lock = threading.Lock()
        self.reload_state = Reload(time.time())
        metrics.watch(self.snapshot)

    def start(self) -> None:
        """Begin: everything is looked at once, and then when it asks for it."""
        site = self._sites.present
        self._seen = sight(site.files)
        self.engine.assign(site.projects)
        if self._ticking:
            self.engine.submit([Wake(name, Reason.START) for name in site.projects])
            self._ticks.assign(site.schedules)
        self._ticks.also("tidy", 3600.0, self._tidy)
        self._ticks.also("collect", _COLLECT, self._collect)
        self._ticks.start()
        self.engine.start()
        for companion in self._companions:
            companion.start()
        for name, problem in site.broken.items():
            _LOG.error("project left out", project=name, reason=problem)
        _LOG.info("serving", projects=len(site.projects), left_out=len(site.broken))

    def wait(self, stop: threading.Event, reload: threading.Event) -> None:
        """Watch over the configuration until a stop is asked for."""
        while not stop.is_set():
            reload.wait(self._watch or 3600.0)
            if stop.is_set():
                return
            asked = reload.is_set()
            reload.clear()
            if asked or (self._watch and sight(self._sites.present.files) != self._seen):
                self.reload()

    def reload(self) -> bool:
        """Read the configuration anew; an invalid one changes nothing. True if it is in use now."""
        with self._reload_lock:
            present = self._sites.present
            self._seen = sight(present.files)
            try:
                site = self._load()
            except SyncerError as error:
                self.reload_state = Reload(time.time(), str(error))
                self._metrics.reloaded("refused")
                _LOG.error("configuration not reloaded; the old one stays in use", reason=str(error))
                return False
            changed = sorted(key for key, value in site.fixed.items() if present.fixed.get(key) != value)
            before = set(present.projects)
            self._seen = sight(site.files)
            self._sites.replace(site)
            try:
                self.engine.assign(site.projects)
                if self._ticking:
                    self.engine.submit([Wake(name, Reason.RELOAD) for name in site.projects])
            except SyncerError as error:
                # The schedule wakes them; what was parked stays so until its time has come.
                _LOG.error("projects were not woken after the reload", reason=str(error))
            if self._ticking:
                self._ticks.assign(site.schedules)
            self._board.keep_only(site.projects)
            for companion in self._companions:
                companion.look_again()
            self.reload_state = Reload(time.time())
            self._metrics.reloaded("done")
            _LOG.info(
                "configuration reloaded",
                added=sorted(set(site.projects) - before),
                removed=sorted(before - set(site.projects)),
                left_out=dict(site.broken),
                after_a_restart=changed,
            )
            return True

    def stop(self, grace: float) -> tuple[str, ...]:
        """End: nothing new begins, what is under way has ``grace`` seconds. Names what did not end."""
        self._stopping = True
        self._ticks.stop()
        self.engine.stop()
        for companion in self._companions:
            companion.stop()
        deadline = time.monotonic() + grace
        late = self.engine.join(grace)
        for companion in self._companions:
            companion.join(max(0.0, deadline - time.monotonic()))
        if late:
            _LOG.warning(
                "still syncing after the grace period; the next start goes on there", projects=list(late)
            )
            return late
        self._sites.close()
        self.engine.close()
        _LOG.info("stopped")
        return ()

    # -- looking -----------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether all that should be running is running."""
        return self.engine.alive and self._ticks.alive

    def ready(self) -> str:
        """Why no work can be taken now; empty if it can."""
        if self._stopping:
            return "stopping"
        try:
            self.engine.check()
            with self._sites.use() as site:
                site.check()
        except SyncerError as error:
            return error.what
        return ""

    def rows(self) -> list[Row]:
        """Every project as it stands now, by name."""
        views = self.engine.views()
        return [
            Row(name, self._board.stand(name), view, self._ticks.next_look(name))
            for name, view in sorted(views.items())
        ]

    @property
    def broken(self) -> Mapping[str, str]:
        return self._sites.present.broken

    def snapshot(self) -> Snapshot:
        """The gauges."""
        waiting, flying = self.engine.counts()
        with self._sites.use() as site:
            budgets = site.budgets()
        return Snapshot(
            now=time.time(),
            waiting=waiting,
            flying=flying,
            phases=tuple(phase.value for phase in Phase),
            projects=tuple(_numbers(self.rows())),
            budgets=budgets,
            resting_forges=self._resting(),
        )

    def _collect(self) -> None:
        try:
            self.engine.collect()
        except SyncerError as error:
            _LOG.error("the inbox cannot be read", reason=str(error))

    def _tidy(self) -> None:
        try:
            self.engine.tidy(time.time() - _DELIVERIES_KEPT)
        except SyncerError as error:
            _LOG.error("tidying failed", reason=str(error))


def _numbers(rows: Iterable[Row]) -> Iterable[ProjectNumbers]:
    for row in rows:
        stand = row.stand
        yield ProjectNumbers(
            project=row.project,
            phase=row.lane.phase.value,
            last_success=stand.last_success.timestamp() if stand.last_success is not None else 0.0,
            conflicts=stand.count(Severity.CONFLICT),
            questions=stand.count(Severity.QUESTION),
            drift=stand.drift,
            held=stand.outstanding if stand.held else 0,
            failures=row.lane.failures,
        )
