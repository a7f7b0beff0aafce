"""A forge with roadmaps of any size, and the jobs whose cost is measured there, over real HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from syncer.clock import RandomIds, SystemClock
from syncer.forges import Connection, Limits, Secret, TrackerOptions, connect
from syncer.ledger.memory import MemoryLedger
from syncer.model.identity import TrackerId
from syncer.model.ledger import RunOutcome
from syncer.reconcile.policy import Limits as GuardLimits
from syncer.reconcile.policy import Policy
from syncer.sandbox import Fault, RepositoryHandle, Sandbox
from syncer.service.cycle import Cycle, Orders
from syncer.service.project import Project, Waiting
from syncer.wiring import Traffic
from tests.team import Quiet

UNGUARDED = Policy(limits=GuardLimits(10**9, 10**9, 10**9, 1.0, 10**9, 10**9))
REPOSITORY = "acme/rune"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a job took.

    Args:
        requests: of all kinds.
        unchanged: how many of them were answered with "not modified", which costs no quota on GitHub.
        writes: how many of them could change something.
        size: bytes of all bodies, both ways.
        seconds: on the wall.
    """

    requests: int
    unchanged: int
    writes: int
    size: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is.

    Args:
        items: open boxes in all.
        stages: in all, spread over the files.
        files: roadmaps.
    """

    items: int
    stages: int = 5
    files: int = 1


def roadmaps(size: Size) -> dict[str, bytes]:
    """Files with open items; ``plan-0.md`` and so on."""
    files: dict[str, bytes] = {}
    for number in range(size.files):
        lines = [f"# Plan {number}", ""]
        mine = range(number, size.stages, size.files)
        for stage in mine:
            lines += [f"## Phase {stage + 1}", ""]
            share = range(stage, size.items, size.stages)
            lines += [f"- [ ] build part {item} of the machine" for item in share]
            lines.append("")
        files[f"plan-{number}.md"] = "\n".join(lines).encode()
    return files


class Yard:
    """One repository, one ledger, one connection.

    Args:
        kind: ``github`` or ``gitlab``.
        size: of the roadmaps.
        latency: seconds that each answer takes in addition.
        record_to: where the traffic is recorded, if anywhere.
        batches: whether issues are created ten at a time.
    """

    def __init__(
        self, kind: str, size: Size, *, latency: float = 0.0, record_to: Any = None, batches: bool = False
    ) -> None:
        self.kind = kind
        self.options = TrackerOptions(batch_creates=batches)
        self.size = size
        self.sandbox = Sandbox(record_to=record_to)
        self.sandbox.start()
        self.side: Any = getattr(self.sandbox, kind)
        self.repository: RepositoryHandle = self.side.repository(REPOSITORY, files=roadmaps(size))
        self.token: str = self.side.token("syncer-bot", role="maintain")
        if latency:
            self.sandbox.faults.add(Fault("delay_before", times=0, seconds=latency))
        self.traffic = Traffic()
        self.clock = SystemClock()
        connection = Connection(
            "main", kind, url=self.sandbox.url, token=Secret(self.token), limits=Limits(concurrency=10)
        )
        self._forge = connect(connection, self.clock, observer=self.traffic)
        self._ledger = MemoryLedger()

    def close(self) -> None:
        self._forge.close()
        self.sandbox.close()

    def sync(self, *, full: bool = False, issues: frozenset[int] = frozenset()) -> Cost:
        """One run, and what it cost. It must succeed."""
        before = _snapshot(self.traffic)
        started = time.perf_counter()
        cycle = Cycle(self._ledger, self.clock, RandomIds(self.clock), Quiet())
        report = cycle.run(self._project(), Orders(full=full, issues=issues))
        seconds = time.perf_counter() - started
        assert report.problem is None, str(report.problem)
        assert report.outcome is RunOutcome.COMPLETE, [each.detail for each in report.failures]
        after = _snapshot(self.traffic)
        reads, writes, unchanged, size = (new - old for new, old in zip(after, before, strict=True))
        return Cost(reads + writes, unchanged, writes, size, seconds)

    def close_issues(self, count: int) -> frozenset[int]:
        """People close issues, and the second in which they did is over. Their numbers."""
        numbers = [issue.number for issue in self.repository.issues() if issue.state == "open"]
        for number in numbers[:count]:
            self.repository.issue(number).close(by="alice")
        self.sandbox.clock.advance(2)
        return frozenset(numbers[:count])

    def _project(self) -> Project:
        return Project(
            name="rune",
            documents=self._forge.documents(REPOSITORY),
            trackers=(self._forge.tracker(REPOSITORY, TrackerId("main:acme/rune"), options=self.options),),
            patterns=tuple(sorted(roadmaps(self.size))),
            policy=UNGUARDED,
            waiting=Waiting(grace=0, settling=0),
            proposals=self._forge.proposals(REPOSITORY),
        )


@contextmanager
def yard(
    kind: str, size: Size, *, latency: float = 0.0, record_to: Any = None, batches: bool = False
) -> Iterator[Yard]:
    """A yard that is cleared away at the end."""
    made = Yard(kind, size, latency=latency, record_to=record_to, batches=batches)
    try:
        yield made
    finally:
        made.close()


Job = Callable[[Yard], Cost]


def first_import(place: Yard) -> Cost:
    """Everything is created."""
    return place.sync()


def nothing(place: Yard) -> Cost:
    """Nothing changed since the last run but one."""
    place.sandbox.clock.advance(2)
    place.sync()
    return place.sync()


def audit(place: Yard) -> Cost:
    """Everything is listed again, in case something was missed."""
    return place.sync(full=True)


def closed(count: int) -> Job:
    """Some issues were closed by people: their boxes are ticked in one commit."""

    def job(place: Yard) -> Cost:
        place.close_issues(count)
        return place.sync()

    return job


def event(place: Yard) -> Cost:
    """A webhook said which issue was closed: its box is ticked in one commit."""
    return place.sync(issues=place.close_issues(1))


def _snapshot(traffic: Traffic) -> tuple[int, int, int, int]:
    return traffic.reads, traffic.writes, traffic.unchanged, traffic.sent + traffic.received
