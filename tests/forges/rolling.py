"""A protected branch of the sandbox with a project in it, for tests of the rolling request."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from syncer.forges import Connection, Forge, Secret, connect
from syncer.ledger.memory import MemoryLedger
from syncer.model.identity import TrackerId
from syncer.model.ledger import Carrier, RunOutcome
from syncer.model.plan import Hold, Plan
from syncer.ports import Ledger
from syncer.reconcile.policy import Policy
from syncer.sandbox import Kind, Sandbox
from syncer.sandbox.handles import IssueHandle
from syncer.sandbox.repository_handle import RepositoryHandle
from syncer.service.cycle import Cycle, Orders
from syncer.service.project import Project, Waiting, WriteBack
from syncer.service.report import RunReport
from tests.team import CountingIds, Quiet

TEXT = """# Plan

## Alpha

- [ ] build the engine
- [ ] paint the hull
- [ ] write the manual
- [ ] test the brakes
- [ ] invite the press

## Beta

- [ ] sail around the world
"""


class SharedClock:
    """The forge's own clock; waiting lets time pass there."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def now(self) -> datetime:
        return self._sandbox.clock.now()

    def sleep(self, seconds: float) -> None:
        self._sandbox.clock.advance(seconds)


@dataclass
class Harbour:
    """One repository whose main branch takes no commits from us.

    Args:
        kind: ``github`` or ``gitlab``.
        rule: GitHub: by which rule of a ruleset; "" for classic protection.
    """

    sandbox: Sandbox
    kind: str
    rule: str = "pull_request"
    protected: bool = True
    text: str = TEXT
    write_back: WriteBack = field(default_factory=WriteBack)
    policy: Policy = field(default_factory=Policy)
    ledger: Ledger = field(default_factory=MemoryLedger)

    def __post_init__(self) -> None:
        self.side: Any = getattr(self.sandbox, self.kind)
        files = {"TODO.md": self.text.encode()}
        self.repository: RepositoryHandle = self.side.repository("acme/rune", files=files)
        self.clock = SharedClock(self.sandbox)
        self.ids = CountingIds()
        # GitLab protects the default branch of a new project from everybody below maintainers.
        role = "write" if self.protected else "maintain"
        self.token = self.side.token("syncer-bot", role=role)
        if self.protected:
            self.protect()
        self.forge = self.connect()

    def protect(self) -> None:
        if self.kind == "github" and self.rule:
            self.side.ruleset(self.repository, self.rule)
        else:
            self.side.protect(self.repository)

    def connect(self, *, read_only: bool = False) -> Forge:
        connection = Connection(
            "main", self.kind, url=self.sandbox.url, token=Secret(self.token), read_only=read_only
        )
        return connect(connection, self.clock)

    def project(self, forge: Forge) -> Project:
        return Project(
            name="rune",
            documents=forge.documents("acme/rune"),
            trackers=(forge.tracker("acme/rune", TrackerId("main:acme/rune")),),
            patterns=("TODO.md",),
            policy=self.policy,
            waiting=Waiting(grace=0, settling=0),
            proposals=forge.proposals("acme/rune"),
            write_back=self.write_back,
        )

    # -- syncer ----------------------------------------------------------------------------------------

    def run(self, orders: Orders | None = None) -> RunReport:
        """One run, whatever comes of it."""
        self.sandbox.clock.advance(2)
        cycle = Cycle(self.ledger, self.clock, self.ids, Quiet())
        return cycle.run(self.project(self.forge), orders)

    def sync(self) -> RunReport:
        """One run that must succeed."""
        report = self.run()
        assert report.problem is None, str(report.problem)
        assert report.outcome is RunOutcome.COMPLETE, [
            (type(each.action).__name__, each.outcome, each.detail) for each in report.failures
        ]
        return report

    def plan(self) -> Plan:
        """What a run would do; a connection that cannot write makes it."""
        forge = self.connect(read_only=True)
        self.sandbox.clock.advance(2)
        cycle = Cycle(self.ledger, self.clock, self.ids, Quiet())
        report = cycle.run(self.project(forge), Orders(dry=True))
        forge.close()
        assert report.problem is None, str(report.problem)
        assert report.plan is not None
        return report.plan

    def settled(self) -> Plan:
        """Show that nothing is left to do and that a run writes nothing."""
        plan = self.plan()
        assert () == plan.actions, [(type(each).__name__, each.subject.title) for each in plan.actions]
        self.sandbox.reset_counts()
        self.sync()
        writes = {Kind.WRITE, Kind.CREATION, Kind.MUTATION}
        changes = [f"{each.method} {each.target}" for each in self.sandbox.requests if each.kind in writes]
        assert [] == changes, changes
        return plan

    def holds(self, code: str) -> list[Hold]:
        return [hold for hold in self.plan().holds if hold.code == code]

    @property
    def carrier(self) -> Carrier:
        return self.ledger.load("rune").carrier

    def lose_ledger(self) -> None:
        self.ledger = MemoryLedger()

    # -- people ----------------------------------------------------------------------------------------

    def issue(self, title: str) -> IssueHandle:
        (found,) = (each for each in self.repository.issues() if each.title == title)
        return found

    def pass_days(self, days: float) -> None:
        self.sandbox.clock.advance(timedelta(days=days).total_seconds())

    def lines(self, ref: str = "") -> list[str]:
        return self.repository.file("TODO.md", ref).decode().splitlines()

    def edit(self, old: str, new: str, *, branch: str = "main") -> None:
        """A person with the right to do so changes a file on a branch."""
        text = self.repository.file("TODO.md", branch).decode()
        assert 1 == text.count(old), f"{old!r} stands {text.count(old)} times"
        self.repository.commit({"TODO.md": text.replace(old, new).encode()}, branch=branch, by="alice")

    def open_requests(self) -> list[IssueHandle]:
        return [each for each in self.repository.pulls() if each.state == "open"]

    @property
    def request(self) -> IssueHandle:
        """The one open request."""
        (found,) = self.open_requests()
        return found
