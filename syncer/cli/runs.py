"""Running configured projects one after the other, and what came of each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from syncer.cli.progress import Bar, Silent
from syncer.cli.render import creations, requests
from syncer.cli.shared import Exit
from syncer.clock import RandomIds, SystemClock
from syncer.daemon.landing import landing_of
from syncer.errors import Interrupted, SyncerError, Unavailable
from syncer.model.ledger import RunOutcome
from syncer.model.plan import Plan
from syncer.observability.traces import tracing
from syncer.service.cycle import Cycle, Orders
from syncer.service.report import RunReport
from syncer.serving.attending import attended, facts_of
from syncer.settings import find_file, load
from syncer.spans import span
from syncer.wiring import Workshop, workshop


@dataclass(frozen=True, slots=True)
class ProjectRun:
    """One project's run.

    Args:
        source: what was synced with what, for a heading.
        seconds: how long the plan takes under the forges' limits, at least.
    """

    report: RunReport
    source: str
    seconds: float

    @property
    def exit(self) -> Exit:
        if self.report.outcome is RunOutcome.FAILED:
            return Exit.FAILED
        if self.report.dry:
            return Exit.FINE
        return {
            RunOutcome.COMPLETE: Exit.FINE,
            RunOutcome.PARTIAL: Exit.PARTIAL,
            RunOutcome.INTERRUPTED: Exit.PARTIAL,
            RunOutcome.HELD: Exit.HELD,
        }[self.report.outcome]


@dataclass(slots=True)
class Runs:
    """All runs of one call."""

    runs: list[ProjectRun] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)


def run_projects(
    config: Path | None,
    chosen: Sequence[str],
    orders: Orders,
    progress: Silent | Bar,
    stop: threading.Event,
) -> Runs:
    """Run configured projects.

    Args:
        config: the configuration's file, if one was named.
        chosen: names of projects; all if empty.
        orders: how.
        progress: where long work says how far it is.
        stop: set when work shall end.

    Raises:
        ConfigError: nothing could be started.
    """
    path = find_file(config)
    settings = load(path)
    clock = SystemClock(stop)
    results = Runs()
    with (
        tracing(),
        workshop(settings, path.parent, clock, read_only=orders.dry) as shop,
        _telling(shop, orders) as tell,
    ):
        cycle = Cycle(shop.ledger, clock, RandomIds(clock), progress)
        for name in shop.names(chosen):
            if stop.is_set():
                break
            made = _one(shop, cycle, clock, name, orders)
            results.runs.append(made)
            tell(made.report)
        traffic = shop.traffic
        results.requests = {
            "reads": traffic.reads,
            "writes": traffic.writes,
            "not_modified": traffic.unchanged,
            "bytes_sent": traffic.sent,
            "bytes_received": traffic.received,
        }
    return results


def _nobody(_report: RunReport) -> None:
    """Nobody wants to be told."""


@contextmanager
def _telling(shop: Workshop, orders: Orders) -> Iterator[Callable[[RunReport], None]]:
    """Notes what is new for people outside, and tries once to deliver it in the end.

    What cannot be delivered waits in the state database for the next run, or for the daemon.
    """
    from syncer.notify.postbox import told
    from syncer.serving.notifications import postbox_of, stand_of

    postbox = None if orders.dry else postbox_of(shop.settings, shop.base, lambda: shop.notes)
    if postbox is None:
        yield _nobody
        return
    projects: list[str] = []

    def tell(report: RunReport) -> None:
        told(postbox, stand_of(report, landing_of(report)))
        projects.append(report.project)

    try:
        yield tell
        with suppress(Unavailable):  # noted they are; the next run delivers them
            postbox.deliver(projects)
    finally:
        postbox.close()


def _one(shop: Workshop, cycle: Cycle, clock: SystemClock, name: str, orders: Orders) -> ProjectRun:
    settings = shop.settings.projects[name]
    source = f"{settings.repository} ({', '.join(settings.roadmaps)})"
    with span("sync", project=name, full=orders.full, dry=orders.dry) as note:
        try:
            project = shop.project(name)
            report = attended(shop, cycle, cycle.run(project, orders))
        except SyncerError as error:
            outcome = RunOutcome.INTERRUPTED if isinstance(error, Interrupted) else RunOutcome.FAILED
            report = RunReport(name, "", orders.dry, clock.now(), outcome, problem=error)
        note(facts_of(report))
    trackers = ", ".join(f"{each.forge}:{each.repository}" for each in shop.trackers(name))
    seconds = estimate(shop, name, report.plan) if report.plan is not None else 0.0
    return ProjectRun(report, f"{source} -> {trackers}", seconds)


def estimate(shop: Workshop, name: str, plan: Plan) -> float:
    """Seconds that a plan takes at least, under the limits of the forges it writes to."""
    forges = {each.forge for each in shop.trackers(name)}
    made, sent = creations(plan), requests(plan) if plan.effects else 0
    return max(
        (shop.forge(forge).governor.estimate(made, max(0, sent - made)) for forge in forges), default=0.0
    )
