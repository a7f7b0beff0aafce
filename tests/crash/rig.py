"""One project over real HTTP, whose runs can be interrupted at any request and at any ledger call."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from syncer.clock import RandomIds
from syncer.errors import Unavailable
from syncer.forges import Connection, Secret, TrackerOptions, connect
from syncer.forges.answer import Answer
from syncer.forges.transport import Transport
from syncer.ledger.sql import SqlLedger
from syncer.model.identity import TrackerId
from syncer.model.plan import Plan
from syncer.reconcile.policy import Criteria, Policy
from syncer.sandbox import RepositoryHandle, Sandbox
from syncer.sandbox.repository import Repository
from syncer.service.cycle import Cycle, Orders
from syncer.service.project import Project, Waiting
from syncer.service.report import RunReport
from tests.contract.sandbox_world import Clockwork
from tests.team import UNLIMITED, Quiet

KINDS = ("github", "gitlab")


class Killed(BaseException):
    """The process ends here. Nothing in syncer catches it."""


@dataclass
class Wire:
    """Counts requests, and ends the process at one of them.

    Args:
        at: which request of the run; 0 for none.
        change: instead, the first request that changes something at a path like this.
        after: whether the request is carried out first, and only its answer never arrives.
    """

    at: int = 0
    change: str = ""
    after: bool = False
    count: int = 0

    def arm(self, at: int = 0, *, change: str = "", after: bool) -> None:
        self.at, self.change, self.after, self.count = at, change, after, 0

    def disarm(self) -> None:
        self.arm(after=False)

    def pass_on(self, question: Answer, send: Callable[[], Answer]) -> Answer:
        self.count += 1
        struck = question.write and re.search(self.change, question.path) if self.change else False
        if not struck and self.count != self.at:
            return send()
        if self.after:
            send()
        raise Killed


@contextmanager
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """A wire between every transport and its forge."""
    watched = Wire()
    send = Transport._send

    def sending(self: Transport, question: Answer, *arguments: Any) -> Answer:
        return watched.pass_on(question, lambda: send(self, question, *arguments))

    with monkeypatch.context() as patch:
        patch.setattr(Transport, "_send", sending)
        yield watched


@dataclass(frozen=True)
class Outage:
    """When the database fails.

    Args:
        call: the first call that fails; 0 for none.
        answered: whether that call is carried out first and only its answer is lost.
        behind: instead, the request to the forge behind which every call fails.
    """

    call: int = 0
    answered: bool = False
    behind: int = 0


class FailingLedger:
    """A ledger whose database stops, and does not come back in this run."""

    def __init__(self, ledger: SqlLedger, outage: Outage, watched: Wire | None) -> None:
        self._ledger = ledger
        self._outage = outage
        self._wire = watched
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._ledger, name)
        if name not in ("load", "save", "intend", "begin_run", "end_run", "standing"):
            return method

        def call(*arguments: Any) -> Any:
            self.count += 1
            if not self._down():
                return method(*arguments)
            if self._outage.answered and self.count == self._outage.call:
                method(*arguments)
            raise Unavailable("the state database failed", where="state.url")

        return call

    def _down(self) -> bool:
        if self._outage.call:
            return self.count >= self._outage.call
        behind = self._outage.behind
        return bool(behind) and self._wire is not None and self._wire.count >= behind

    def lease(self, project: str) -> AbstractContextManager[None]:
        return self._ledger.lease(project)


@dataclass(frozen=True)
class Beginning:
    """A repository as it was once, and where the files of the database of that time are."""

    repository: Repository
    state: Path


@dataclass
class Rig:
    """A repository on one forge of a sandbox, a database, and runs that share nothing but these.

    Args:
        kind: ``github`` or ``gitlab``.
        directory: where the database is.
        policy: the team's choices.
        options: what the project chose about its tracker.
    """

    sandbox: Sandbox
    kind: str
    directory: Path
    name: str
    files: dict[str, bytes]
    clock: Clockwork = field(default_factory=Clockwork)
    policy: Policy = field(default_factory=lambda: Policy(criteria=Criteria.IGNORE, limits=UNLIMITED))
    options: TrackerOptions = field(default_factory=TrackerOptions)

    def __post_init__(self) -> None:
        side = self.sandbox.github if self.kind == "github" else self.sandbox.gitlab
        self.token = side.token("syncer-bot")
        self.repository: RepositoryHandle = side.repository(f"acme/{self.name}", files=dict(self.files))

    @property
    def _database(self) -> Path:
        return self.directory / f"{self.kind}-{self.name}.db"

    def ledger(self) -> SqlLedger:
        return SqlLedger(f"sqlite:///{self._database}")

    def remember(self) -> Beginning:
        """What there is now, on the forge and in the database, so that it can be had again."""
        kept = self.directory / f"{self._database.name}.kept"
        kept.mkdir()
        for each in self._state():
            _copy(each, kept / each.name)
        return Beginning(self._copied(self.repository.model), kept)

    def return_to(self, beginning: Beginning) -> None:
        """Have everything again as it was; no process of syncer's may be running."""
        model = self._copied(beginning.repository)
        with self.repository.model.forge.lock:
            model.forge.repositories[model.id] = model
        self.repository = RepositoryHandle(model)
        for each in self._state():
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        for each in beginning.state.iterdir():
            _copy(each, self.directory / each.name)

    def _state(self) -> list[Path]:
        """The database with what lies beside it: its log, and the marks by which a restored one is known."""
        return [each for each in self.directory.glob(f"{self._database.name}*") if each.suffix != ".kept"]

    def _copied(self, repository: Repository) -> Repository:
        """A repository of its own in the same world: the forge and its people are not copied."""
        forge = repository.forge
        shared = [forge, *forge.people.users.values(), *forge.people.groups.values()]
        with forge.lock:
            return copy.deepcopy(repository, {id(each): each for each in shared})

    def run(self, orders: Orders | None = None) -> RunReport:
        """One run in what might be a process of its own: nothing is kept from the run before."""
        return self.counted(orders)[0]

    def counted(
        self, orders: Orders | None = None, outage: Outage | None = None, watched: Wire | None = None
    ) -> tuple[RunReport, int]:
        """The same, with the number of ledger calls."""
        connection = Connection("main", self.kind, url=self.sandbox.url, token=Secret(self.token))
        forge = connect(connection, self.clock)
        real = self.ledger()
        ledger = FailingLedger(real, outage or Outage(), watched)
        repository = self.repository.full_name
        project = Project(
            name="rocket",
            documents=forge.documents(repository),
            trackers=(forge.tracker(repository, TrackerId(f"main:{repository}"), options=self.options),),
            patterns=("TODO.md",),
            policy=self.policy,
            waiting=Waiting(grace=0, settling=0),
        )
        try:
            cycle = Cycle(ledger, self.clock, RandomIds(), Quiet())
            return cycle.run(project, orders or Orders(approve=True)), ledger.count
        finally:
            forge.close()
            real.close()

    def settle(self, most: int = 3) -> None:
        """Run until a run has nothing left to say, as a schedule would."""
        for _ in range(most):
            report = self.run()
            if report.problem is None and not report.failures:
                return
        raise AssertionError(f"not settled after {most} runs: {report.problem or report.failures}")

    def plan(self) -> Plan:
        """What the next run would do."""
        report = self.run(Orders(dry=True))
        assert report.problem is None, report.problem
        assert report.plan is not None
        return report.plan

    def snapshot(self) -> tuple[object, ...]:
        """Everything that people can see, without what is chance: numbers, ids, revisions, times."""
        repository = self.repository
        issues = sorted(
            (
                issue.title,
                issue.state,
                issue.reason or "",
                _plain(issue.body),
                issue.milestone_title or "",
                tuple(sorted(issue.labels)),
                tuple(issue.comments),
            )
            for issue in repository.issues()
        )
        milestones = sorted(
            (each.title, each.state, str(each.due), _plain(each.description))
            for each in repository.milestones()
        )
        log = [message for message in repository.log() if "Syncer-Run" in message]
        return (
            tuple(issues),
            tuple(milestones),
            tuple(sorted(repository.labels)),
            repository.file("TODO.md"),
            len(log),
        )


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target) if source.is_dir() else shutil.copy2(source, target)


def _plain(body: str) -> str:
    """A body without what differs from one import to another."""
    body = re.sub(r"\b(id|owner|at)=\S+", r"\1", body)
    body = re.sub(r"/[0-9a-f]{40}/", "/REVISION/", body)
    body = re.sub(r"127\.0\.0\.1:\d+", "HOST", body)
    body = re.sub(r"\?plain=1#L\d+", "", body)
    return re.sub(r"acme/[a-z0-9-]+", "acme/REPO", body)
