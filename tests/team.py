"""A team with a roadmap and a tracker, all in memory: what people do on both sides, and syncer between.

Fast enough for thousands of syncs. The same heart runs here as everywhere; only the forge, the ledger and
the clock are the in-memory ones.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from syncer.forges.connection import Connection
from syncer.forges.memory import MemoryForge, MemoryRepository
from syncer.ledger.memory import MemoryLedger
from syncer.model.document import Document
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Binding, LedgerChange, LedgerState, Settled
from syncer.model.plan import Hold, Plan
from syncer.model.tracker import Issue, Milestone
from syncer.reconcile.policy import Criteria, Limits, Policy
from syncer.roadmap.parse import parse
from syncer.service.cycle import Cycle, Orders
from syncer.service.project import Project, Waiting
from syncer.service.report import RunReport

UNLIMITED = Limits(10**9, 10**9, 10**9, 1.0, 10**9, 10**9)
PLAIN = Policy(criteria=Criteria.IGNORE, limits=UNLIMITED)


class FakeClock:
    """Time that passes when somebody waits."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=max(0.0, seconds))

    def pass_time(self, seconds: float = 60) -> None:
        """Let time pass between two things that people do."""
        self.sleep(seconds)


class CountingIds:
    """Identities in sequence, so that a failing test reads the same every time."""

    def __init__(self) -> None:
        self._count = 0

    def uid(self) -> Uid:
        self._count += 1
        return Uid(f"u{self._count:07d}")

    def run_id(self) -> str:
        self._count += 1
        return f"run-{self._count:05d}"


class Quiet:
    """Nobody watches."""

    def start(self, total: int, what: str) -> None:
        del total, what

    def step(self, what: str) -> None:
        del what

    def waiting(self, seconds: float, why: str) -> None:
        del seconds, why

    def finish(self) -> None:
        """Nothing to end."""


class Team:
    """One source repository, one or more trackers, a ledger, and the heart of syncer.

    Args:
        files: the roadmaps by path, or the text of ``TODO.md``.
        policy: the team's choices; without a guard unless told otherwise.
        trackers: names of repositories whose issues follow; the first one holds the source too.
    """

    def __init__(
        self,
        files: Mapping[str, str | bytes] | str,
        *,
        policy: Policy = PLAIN,
        trackers: tuple[str, ...] = ("acme/rune",),
        patterns: tuple[str, ...] = ("**/*.md",),
        waiting: Waiting | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.ids = CountingIds()
        self.forge = MemoryForge(Connection("main", "memory"), self.clock)
        self.names = trackers
        self.policy = policy
        self.patterns = patterns
        self.waiting = waiting or Waiting(grace=0, settling=0)
        self.ledger = MemoryLedger()
        self.repo = self.forge.repository(trackers[0])
        for name in trackers:
            self.forge.repository(name)
        texts = {"TODO.md": files} if isinstance(files, str) else dict(files)
        self.repo.push({path: _bytes(text) for path, text in texts.items()})

    # -- syncer ------------------------------------------------------------------------------------------

    @property
    def project(self) -> Project:
        return Project(
            name="rune",
            documents=self.forge.documents(self.names[0]),
            trackers=tuple(self.forge.tracker(name) for name in self.names),
            patterns=self.patterns,
            policy=self.policy,
            waiting=self.waiting,
        )

    def run(self, orders: Orders | None = None) -> RunReport:
        """One run, whatever comes of it."""
        self.clock.pass_time()
        return Cycle(self.ledger, self.clock, self.ids, Quiet()).run(self.project, orders)

    def sync(self, orders: Orders | None = None) -> RunReport:
        """One run that must not fail."""
        report = self.run(orders)
        if report.problem is not None:
            raise AssertionError(str(report.problem)) from report.problem
        self.clock.pass_time()
        return report

    def plan(self) -> Plan:
        """What a run would do now; nothing is remembered."""
        plan = self.sync(Orders(dry=True)).plan
        assert plan is not None
        return plan

    def settled(self) -> Plan:
        """Sync, and then show that nothing is left to do."""
        self.sync()
        plan = self.plan()
        assert plan.actions == (), [(type(each).__name__, each.subject.title) for each in plan.actions]
        return plan

    @property
    def holds(self) -> list[Hold]:
        return list(self.plan().holds)

    # -- the ledger --------------------------------------------------------------------------------------

    @property
    def state(self) -> LedgerState:
        return self.ledger.load("rune")

    def lose_ledger(self) -> None:
        """Somebody deletes the database."""
        self.ledger = MemoryLedger()

    def copy_ledger(self) -> MemoryLedger:
        """A backup."""
        return copy.deepcopy(_unlocked(self.ledger))

    def restore_ledger(self, backup: MemoryLedger) -> None:
        """Somebody restores a backup."""
        self.ledger = copy.deepcopy(_unlocked(backup))

    def binding(self, title: str) -> Binding:
        """The binding of the one item of this title."""
        (found,) = (each for each in self.state.bindings.values() if each.anchor.title == title)
        return found

    def set_base(self, title: str, field: Field, roadmap: object, tracker: object) -> None:
        """Let the ledger remember something else about a field, or forget it (``None``, ``None``)."""
        binding = self.binding(title)
        base = {key: dict(fields) for key, fields in binding.base.items()}
        where = self.tracker_id()
        if roadmap is None and tracker is None:
            base.get(where, {}).pop(field, None)
        else:
            base.setdefault(where, {})[field] = Settled(roadmap, tracker)  # type: ignore[arg-type]
        self.ledger.save("rune", LedgerChange(bindings=(dataclasses.replace(binding, base=base),)))

    def set_stage_base(self, field: Field, roadmap: object, tracker: object) -> None:
        """The same for the one stage."""
        (binding,) = self.state.stages.values()
        base = {key: dict(fields) for key, fields in binding.base.items()}
        fields = base.setdefault(self.tracker_id(), {})
        if roadmap is None and tracker is None:
            fields.pop(field, None)
        else:
            fields[field] = Settled(roadmap, tracker)  # type: ignore[arg-type]
        self.ledger.save("rune", LedgerChange(stages=(dataclasses.replace(binding, base=base),)))

    def tracker_id(self, name: str = "") -> TrackerId:
        return TrackerId(f"main:{name or self.names[0]}")

    # -- the roadmap -------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        return self.repo.file("TODO.md").decode()

    def read(self, path: str = "TODO.md") -> str:
        """A file's text."""
        return self.repo.file(path).decode()

    def read_all(self) -> dict[str, bytes]:
        """Every file of the branch."""
        commit = self.repo.commits[self.repo.branches["main"]]
        return {path: data for path, (_kind, data) in commit.files.items()}

    def document(self, path: str = "TODO.md") -> Document:
        return parse(path, self.repo.file(path))

    def write(self, text: str, path: str = "TODO.md") -> None:
        """Somebody pushes a file."""
        self.repo.push({path: _bytes(text)}, message="work")

    def remove(self, path: str) -> None:
        """Somebody deletes a file."""
        self.repo.push({path: None}, message="work")

    def edit(self, old: str, new: str, path: str = "TODO.md") -> None:
        """Somebody replaces one text in a file and pushes."""
        text = self.read(path)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        self.write(text.replace(old, new), path)

    # -- the tracker -------------------------------------------------------------------------------------

    def issues(self, name: str = "") -> list[Issue]:
        """All issues, by number."""
        return sorted(self.repository(name).listed(), key=lambda issue: issue.ref.number)

    def repository(self, name: str = "") -> MemoryRepository:
        return self.forge.repository(name or self.names[0])

    def issue(self, title: str, name: str = "") -> Issue:
        """The one issue of this title."""
        found = [issue for issue in self.issues(name) if issue.title == title]
        assert len(found) == 1, (
            f"{len(found)} issues are titled {title!r}: {[i.title for i in self.issues()]}"
        )
        return found[0]

    def number(self, title: str, name: str = "") -> int:
        return self.issue(title, name).ref.number

    def milestones(self, name: str = "") -> list[Milestone]:
        """All milestones, by key."""
        held = self.repository(name).milestones
        return [held[key][-1][1] for key in sorted(held)]

    def milestone(self, title: str, name: str = "") -> Milestone:
        """The one milestone of this title."""
        (found,) = (each for each in self.milestones(name) if each.title == title)
        return found

    def put(self, title: str, state: TaskState, name: str = "") -> None:
        """Bring an issue into a state as a person does: a closed one is reopened first."""
        number = self.number(title, name)
        repo = self.repository(name)
        if repo.issue(number).state is state:
            return
        if repo.issue(number).state is not TaskState.OPEN:
            repo.reopen(number)
        if state is not TaskState.OPEN:
            repo.close(number, dropped=state is TaskState.DROPPED)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _unlocked(ledger: MemoryLedger) -> MemoryLedger:
    """Locks cannot be copied; none is held between runs."""
    ledger._leases.clear()
    return ledger
