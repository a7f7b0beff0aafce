"""The daemon, put together."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import structlog

from syncer.clock import RandomIds, SystemClock
from syncer.daemon.board import Board
from syncer.daemon.circuit import Circuits
from syncer.daemon.daemon import Daemon, Worksite
from syncer.daemon.engine import Engine
from syncer.daemon.flights import Flights, Pace, Site, Tower
from syncer.daemon.herald import Herald, Office
from syncer.daemon.sites import Sites
from syncer.daemon.sweep import Roundsman, Sweep
from syncer.daemon.watch import Watch
from syncer.errors import ConfigError
from syncer.model.ledger import Standing
from syncer.observability.metrics import Metrics
from syncer.queue.sqlite import SqliteInbox
from syncer.serving.notifications import stand_of
from syncer.serving.site import ConfiguredSite
from syncer.serving_settings import ServeSettings
from syncer.settings import Settings, load_tolerantly

_LOG = structlog.get_logger("syncer.daemon")
_FRESH = 5.0
"""Seconds after which what others may have run is looked up again."""


@dataclass(slots=True)
class Service:
    """Everything that ``syncer serve`` runs."""

    daemon: Daemon
    sites: Sites[ConfiguredSite]
    metrics: Metrics
    clock: SystemClock
    serve: ServeSettings

    @property
    def settings(self) -> Settings:
        """The configuration in use."""
        return self.sites.present.settings


class Role(Enum):
    """What a process does."""

    SERVE = "serve"
    WORK = "work"


def service(path: Path, stop: threading.Event, role: Role = Role.SERVE) -> Service:
    """Put the daemon together. Nothing runs yet, and no request is sent.

    Args:
        path: the configuration's file.
        stop: set when work shall end.
        role: a worker exists only beside others, in the distributed engine.

    Raises:
        ConfigError: the configuration or a database cannot be used.
    """
    clock = SystemClock(stop)
    settings, broken = load_tolerantly(path)
    serve = settings.serve
    if settings.state.ref("any"):
        raise ConfigError(
            "a daemon keeps its state in a database",
            where="state.url",
            next_step="write sqlite:///PATH or postgresql://HOST/DATABASE; a ref is for `syncer run`",
        )
    if role is Role.WORK and serve.engine == "embedded":
        raise ConfigError(
            "the embedded engine has no workers",
            where="serve.engine",
            next_step='run `syncer serve` alone, or set engine = "procrastinate"',
        )
    metrics = Metrics(projects=serve.projects_in_metrics)
    circuits = Circuits(after=serve.outage_after, pause=serve.outage_pause)
    sites: list[Sites[ConfiguredSite]] = []

    def remembered(project: str) -> Standing | None:
        with sites[0].use() as site:
            return site.standing(project)

    def on_wire(forge: str, failed: bool) -> None:
        host = sites[0].present.host_of(forge)
        now = time.monotonic()
        if circuits.exchanged(host, failed=failed, now=now):
            until = circuits.until([host], now)
            _LOG.warning("a forge is left in peace", host=host, seconds=round((until or now) - now))

    board = Board(remembered, fresh=float("inf") if serve.engine == "embedded" else _FRESH)
    watch = Watch(board, metrics, on_wire)

    def site_of(settings: Settings, broken: Mapping[str, str]) -> ConfiguredSite:
        return ConfiguredSite(settings, broken, path, clock, watch, notified=metrics.notified)

    def load() -> Worksite:
        return site_of(*load_tolerantly(path))

    sites.append(Sites(site_of(settings, broken)))
    # Protocols that hand out contexts are invariant to mypy; a ConfiguredSite is a Site.
    use: Callable[[], AbstractContextManager[Site]] = sites[0].use
    run_id = RandomIds(clock).run_id
    office: Callable[[], AbstractContextManager[Office]] = sites[0].use
    herald = Herald(watch, office, stand_of, run_id)
    tower: Tower = herald
    rounds: Callable[[], AbstractContextManager[Roundsman]] = sites[0].use
    engine: Engine
    try:
        if serve.engine == "embedded":
            inbox = SqliteInbox(path.parent / serve.inbox)
            engine = Flights(inbox, use, pace_of(serve), circuits, tower, run_id)
        else:
            engine = _distributed(settings, role, use, circuits, tower, run_id)
    except BaseException:
        sites[0].close()
        raise
    daemon = Daemon(
        sites[0],  # type: ignore[arg-type]
        load,
        engine,
        board,
        metrics,
        watch=serve.watch,
        ticking=role is Role.SERVE,
        resting=lambda: circuits.open_hosts(time.monotonic()),
        companions=[herald, Sweep(rounds, engine, serve.sweep_every)] if role is Role.SERVE else [herald],
    )
    return Service(daemon, sites[0], metrics, clock, serve)


def _distributed(
    settings: Settings,
    role: Role,
    use: Callable[[], AbstractContextManager[Site]],
    circuits: Circuits,
    tower: Tower,
    run_id: Callable[[], str],
) -> Engine:
    try:
        from syncer.daemon.crew import Crew, Vitals
        from syncer.daemon.dispatch import Dispatcher
        from syncer.queue.postgres import PostgresQueue
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"the distributed engine needs {error.name}, which is not installed",
            where="serve.engine",
            next_step="install syncer[postgres]",
        ) from None
    serve, url = settings.serve, settings.state.url
    queue = PostgresQueue(url, debounce=serve.debounce, longest_debounce=serve.longest_debounce)
    if role is Role.SERVE:
        return Dispatcher(queue)
    name = f"{socket.gethostname()}-{os.getpid()}"
    vitals = Vitals(beat=serve.worker_gone / 4, gone=serve.worker_gone)
    pace = pace_of(serve)
    return Crew(queue, url, use, pace, circuits, tower, run_id, name=name, grace=serve.grace, vitals=vitals)


def pace_of(serve: ServeSettings) -> Pace:
    """How long to wait for what, as configured."""
    return Pace(
        threads=serve.threads,
        debounce=serve.debounce,
        longest_debounce=serve.longest_debounce,
        first_retry=serve.first_retry,
        longest_retry=serve.longest_retry,
        parked_retry=serve.parked_retry,
    )
