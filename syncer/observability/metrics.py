"""Metrics for Prometheus, in a registry of their own.

The number of series is bounded: label values come from closed sets or from the configuration, and only
so many projects get series of their own (``serve.projects_in_metrics``); the others are in the sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from syncer import __version__

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


@dataclass(frozen=True, slots=True)
class ProjectNumbers:
    """One project at the moment of a scrape.

    Args:
        last_success: seconds since the epoch, 0 for never.
        drift: changes and decisions that are outstanding.
        held: actions that wait for an approval.
    """

    project: str
    phase: str
    last_success: float
    conflicts: int
    questions: int
    drift: int
    held: int
    failures: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at the moment of a scrape.

    Args:
        budgets: by forge, seconds until its rate limits allow another issue.
        resting_forges: hosts that are left in peace after an outage.
    """

    now: float
    waiting: int
    flying: int
    phases: tuple[str, ...]
    projects: tuple[ProjectNumbers, ...]
    budgets: tuple[tuple[str, float], ...] = ()
    resting_forges: tuple[str, ...] = ()


class Metrics:
    """All metrics of one process. Safe to share between threads.

    Args:
        projects: how many projects get series of their own.
    """

    def __init__(self, *, projects: int) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self._projects = projects
        self._syncs = self._counter("syncer_syncs", "Syncs that ended, by outcome.", "outcome")
        self._seconds = Histogram(
            "syncer_sync_seconds", "How long syncs took.", buckets=_SECONDS, registry=self.registry
        )
        self._lag = Histogram(
            "syncer_event_to_sync_seconds",
            "From a webhook to the end of the sync that followed it.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._actions = self._counter(
            "syncer_actions", "Actions of plans, by kind and what became of them.", "kind", "outcome"
        )
        self._commits = self._counter("syncer_commits", "Commits made on roadmaps.")
        self._requests = self._counter(
            "syncer_forge_requests",
            "Requests to forges. Answer 304 means that nothing had changed, none that none came.",
            "forge",
            "kind",
            "answer",
        )
        self._request_seconds = Histogram(
            "syncer_forge_request_seconds",
            "How long forges took to answer.",
            ("forge",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._waits = self._counter("syncer_rate_limit_wait_seconds", "Seconds spent on rate limits.")
        self._webhooks = self._counter(
            "syncer_webhooks", "Webhooks received, by what was done with them.", "forge", "result"
        )
        self._notifications = self._counter(
            "syncer_notifications",
            "Attempts to notify, by receiver and what came of them.",
            "receiver",
            "result",
        )
        self._reloads = self._counter("syncer_reloads", "Configuration reloads, by result.", "result")

    def watch(self, snapshot: Callable[[], Snapshot]) -> None:
        """Add the gauges, which are read at each scrape."""
        self.registry.register(_Gauges(snapshot, self._projects))

    def synced(self, outcome: str, seconds: float, *, lag: float | None) -> None:
        """A sync ended."""
        self._syncs.labels(outcome).inc()
        self._seconds.observe(seconds)
        if lag is not None:
            self._lag.observe(lag)

    def acted(self, kind: str, outcome: str) -> None:
        """An action came to something."""
        self._actions.labels(kind, outcome).inc()

    def committed(self, count: int) -> None:
        """Commits were made."""
        self._commits.inc(count)

    def exchanged(self, forge: str, *, write: bool, status: int, seconds: float) -> None:
        """A request was sent to a forge, and answered or not (status 0)."""
        self._requests.labels(forge, "write" if write else "read", _answer(status)).inc()
        self._request_seconds.labels(forge).observe(seconds)

    def waited(self, seconds: float) -> None:
        """A rate limit was waited for."""
        self._waits.inc(seconds)

    def received(self, forge: str, result: str) -> None:
        """A webhook came in. ``forge`` is a configured name, or ``unknown``."""
        self._webhooks.labels(forge, result).inc()

    def notified(self, receiver: str, result: str) -> None:
        """A message was sent to a configured receiver."""
        self._notifications.labels(receiver, result).inc()

    def reloaded(self, result: str) -> None:
        """The configuration was read again."""
        self._reloads.labels(result).inc()

    def render(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)


class _Gauges(Collector):
    def __init__(self, snapshot: Callable[[], Snapshot], projects: int) -> None:
        self._snapshot = snapshot
        self._projects = projects

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not ask for a snapshot."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The state of this moment."""
        shot = self._snapshot()
        yield _one("syncer_info", "Always 1; the version is a label.", [([__version__], 1)], ["version"])
        yield _one("syncer_queue_waiting", "Projects that wait for a sync.", [([], shot.waiting)])
        yield _one("syncer_queue_flying", "Projects that are being synced.", [([], shot.flying)])
        phases = [
            ([phase], float(sum(1 for each in shot.projects if each.phase == phase))) for phase in shot.phases
        ]
        yield _one("syncer_projects", "Projects by what they are doing.", phases, ["phase"])
        never = sum(1 for each in shot.projects if not each.last_success)
        yield _one("syncer_projects_never_synced", "Projects without any success.", [([], never)])
        lags = [shot.now - each.last_success for each in shot.projects if each.last_success]
        yield _one(
            "syncer_longest_lag_seconds",
            "Seconds since the last success, of the project for which that is longest.",
            [([], max(lags, default=0.0))],
        )
        yield _one("syncer_conflicts", "Conflicts, all.", [([], sum(e.conflicts for e in shot.projects))])
        yield _one("syncer_drift_items", "Differences, all.", [([], sum(e.drift for e in shot.projects))])
        yield _one("syncer_held_plans", "Held plans.", [([], sum(e.held > 0 for e in shot.projects))])
        yield _one(
            "syncer_forge_wait_seconds",
            "Seconds until the rate limits allow another issue.",
            [([forge], seconds) for forge, seconds in shot.budgets],
            ["forge"],
        )
        yield _one(
            "syncer_forge_resting",
            "1 for each host that is left in peace after an outage.",
            [([host], 1) for host in shot.resting_forges],
            ["host"],
        )
        yield from self._of_projects(shot)

    def _of_projects(self, shot: Snapshot) -> Iterator[Metric]:
        chosen = sorted(shot.projects, key=lambda each: each.project)[: self._projects]
        columns: list[tuple[str, str, Callable[[ProjectNumbers], float]]] = [
            ("last_success_timestamp_seconds", "When it was last in agreement; 0 for never.", _last_success),
            ("conflicts", "Conflicts that wait for a decision.", lambda each: each.conflicts),
            ("questions", "Questions that wait for an answer.", lambda each: each.questions),
            ("drift_items", "Changes and decisions that are outstanding.", lambda each: each.drift),
            ("held_actions", "Actions that wait for an approval.", lambda each: each.held),
            ("failures", "Syncs in a row that did not end well.", lambda each: each.failures),
        ]
        for name, text, value in columns:
            rows = [([each.project], float(value(each))) for each in chosen]
            yield _one(f"syncer_project_{name}", text, rows, ["project"])
        parked = [([each.project], float(each.phase == "parked")) for each in chosen]
        yield _one("syncer_project_parked", "1 where somebody has to change something.", parked, ["project"])


def _last_success(each: ProjectNumbers) -> float:
    return each.last_success


def _one(
    name: str, text: str, rows: Iterable[tuple[list[str], float]], labels: list[str] | None = None
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels or [])
    for values, value in rows:
        family.add_metric(values, value)
    return family


def _answer(status: int) -> str:
    if status == 0:
        return "none"
    if status in (304, 401, 403, 404, 409, 410, 422, 429):
        return str(status)
    return f"{status // 100}xx"
