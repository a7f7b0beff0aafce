"""A repository with roadmaps on a forge of the sandbox, a project as it is configured, and what people do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from syncer.forges import Connection, Forge, Secret, connect
from syncer.ledger.memory import MemoryLedger
from syncer.model.identity import TrackerId
from syncer.model.ledger import RunOutcome
from syncer.model.plan import Plan
from syncer.ports import Ledger
from syncer.sandbox import Kind, Sandbox
from syncer.sandbox.handles import IssueHandle
from syncer.sandbox.repository_handle import RepositoryHandle
from syncer.service.cycle import Cycle, Orders
from syncer.service.project import Project, Waiting
from syncer.service.report import RunReport
from syncer.settings import ProjectSettings
from syncer.wiring import policy_of
from tests.forges.rolling import SharedClock
from tests.team import CountingIds, Quiet

KINDS = ("github", "gitlab")


@dataclass
class Yard:
    """One repository, ``acme/rune``.

    Args:
        kind: ``github`` or ``gitlab``.
        files: its roadmaps by path.
        options: of the project, as they stand in a configuration.
    """

    sandbox: Sandbox
    kind: str
    files: dict[str, str]
    options: dict[str, Any] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=MemoryLedger)

    def __post_init__(self) -> None:
        self.side: Any = getattr(self.sandbox, self.kind)
        files = {path: text.encode() for path, text in self.files.items()}
        self.repository: RepositoryHandle = self.side.repository("acme/rune", files=files)
        self.clock = SharedClock(self.sandbox)
        self.ids = CountingIds()
        token = self.side.token("syncer-bot", role="maintain")
        connection = Connection("main", self.kind, url=self.sandbox.url, token=Secret(token))
        self._forge: Forge = connect(connection, self.clock)

    def close(self) -> None:
        """Give the connection back."""
        self._forge.close()

    def project(self) -> Project:
        settings = ProjectSettings(
            forge="main", repository="acme/rune", roadmaps=list(self.files), **self.options
        )
        return Project(
            name="rune",
            documents=self._forge.documents("acme/rune"),
            trackers=(self._forge.tracker("acme/rune", TrackerId("main:acme/rune")),),
            patterns=tuple(self.files),
            policy=policy_of(settings),
            waiting=Waiting(grace=0, settling=0),
        )

    def run(self, orders: Orders | None = None) -> RunReport:
        """One run that must succeed."""
        self.sandbox.clock.advance(2)
        report = Cycle(self.ledger, self.clock, self.ids, Quiet()).run(self.project(), orders)
        assert report.problem is None, str(report.problem)
        assert report.outcome is RunOutcome.COMPLETE, [
            (type(each.action).__name__, each.outcome, each.detail) for each in report.failures
        ]
        return report

    def plan(self) -> Plan:
        """What a run would do."""
        plan = self.run(Orders(dry=True)).plan
        assert plan is not None
        return plan

    def settled(self) -> RunReport:
        """One run, after which the next one has nothing to do and writes nothing."""
        report = self.run()
        plan = self.plan()
        assert plan.actions == (), [(type(each).__name__, each.subject.title) for each in plan.actions]
        self.sandbox.reset_counts()
        self.run()
        writes = {Kind.WRITE, Kind.CREATION, Kind.MUTATION}
        sent = [f"{each.method} {each.target}" for each in self.sandbox.requests if each.kind in writes]
        assert sent == []
        return report

    def codes(self) -> list[str]:
        """What is held, or reported, now."""
        return [hold.code for hold in self.plan().holds]

    # -- people ------------------------------------------------------------------------------------------

    def issue(self, title: str) -> IssueHandle:
        (found,) = (each for each in self.repository.issues() if each.title == title)
        return found

    def text(self, path: str = "TODO.md") -> str:
        return self.repository.file(path).decode()

    def edit(self, old: str, new: str, path: str = "TODO.md") -> None:
        """Somebody replaces one text in a file and pushes."""
        text = self.text(path)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        self.repository.commit({path: text.replace(old, new).encode()}, by="alice")
