"""The daemon, put together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import structlog

from syncer.clock import RandomIds, SystemClock
from syncer.daemon.board import Board
from syncer.daemon.circuit import Circuits
from syncer.daemon.daemon import Daemon, Worksite
from syncer.daemon.flights import Flights, Pace, Site
from syncer.daemon.sites import Sites
from syncer.daemon.watch import Watch
from syncer.model.ledger import Standing
from syncer.observability.metrics import Metrics
from syncer.queue.inbox import Inbox
from syncer.queue.sqlite import SqliteInbox
from syncer.serving.site import ConfiguredSite
from syncer.serving_settings import ServeSettings
from syncer.settings import Settings, load_tolerantly

_LOG = structlog.get_logger("syncer.daemon")


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


def service(path: Path, stop: threading.Event) -> Service:
    """Put the embedded daemon together. Nothing runs yet, and no request is sent.

    Args:
        path: the configuration's file.
        stop: set when work shall end.

    Raises:
        ConfigError: the configuration or a database cannot be used.
    """
    clock = SystemClock(stop)
    settings, broken = load_tolerantly(path)
    serve = settings.serve
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

    board = Board(remembered)
    tower = Watch(board, metrics, on_wire)

    def site_of(settings: Settings, broken: Mapping[str, str]) -> ConfiguredSite:
        return ConfiguredSite(settings, broken, path, clock, tower)

    sites.append(Sites(site_of(settings, broken)))
    inbox: Inbox = SqliteInbox(path.parent / serve.inbox)
    # Protocols that hand out contexts are invariant to mypy; a ConfiguredSite is a Site.
    use: Callable[[], AbstractContextManager[Site]] = sites[0].use
    flights = Flights(inbox, use, pace_of(serve), circuits, tower, RandomIds(clock).run_id)

    def load() -> Worksite:
        return site_of(*load_tolerantly(path))

    daemon = Daemon(
        sites[0],  # type: ignore[arg-type]
        load,
        inbox,
        flights,
        board,
        metrics,
        watch=serve.watch,
        resting=lambda: circuits.open_hosts(time.monotonic()),
    )
    return Service(daemon, sites[0], metrics, clock, serve)


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
