"""From a configuration alone, over real HTTP: API and git of one host, one token, and nothing kept here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from syncer.clock import RandomIds
from syncer.errors import LeaseTaken, SyncerError
from syncer.forges.answer import Answer
from syncer.forges.transport import Transport
from syncer.ledger.git import lease
from syncer.ledger.git import ledger as ledger_module
from syncer.ledger.git.ledger import GitLedger
from syncer.model.ledger import LedgerChange
from syncer.sandbox import RepositoryHandle, Sandbox
from syncer.service.cycle import Cycle, Orders
from syncer.service.report import RunReport
from syncer.settings import Settings, settings_from
from syncer.sources.git_command import Git, Said
from syncer.wiring import workshop
from tests.contract.sandbox_world import Clockwork
from tests.e2e.process import call
from tests.hostile.interference import Killed
from tests.ledger.host import Host
from tests.sources.people import git
from tests.team import Quiet
from tests.traffic import RECORD_TO

T = TypeVar("T")
KINDS = ("github", "gitlab")
REF = "git:refs/syncer/{project}"
TITLES = ["build the engine", "paint the hull", "fit the valves", "write the log book"]
PLAN = ("# Plan\n\n## Alpha\n\n" + "".join(f"- [ ] {title}\n" for title in TITLES)).encode()


@dataclass
class Place:
    """A host with one repository, and runs that share nothing but it."""

    sandbox: Sandbox
    host: Host
    kind: str
    directory: Path
    repository: RepositoryHandle
    bare: Path
    clock: Clockwork = field(default_factory=Clockwork)
    runs: int = 0

    @property
    def settings(self) -> Settings:
        return settings_from(
            {
                "state": {"url": REF},
                "forges": {"main": {"kind": self.kind, "url": self.host.url, "token": self.host.token}},
                "projects": {
                    "rune": {
                        "forge": "main",
                        "repository": "acme/rune",
                        "roadmaps": ["TODO.md"],
                        "create_grace": 0,
                    }
                },
            },
            "a test",
        )

    def run(self, orders: Orders | None = None) -> tuple[RunReport, int]:
        """One run in an empty directory, and how often it pushed its state."""
        self.runs += 1
        here = self.directory / f"run-{self.runs}"
        here.mkdir()
        with workshop(self.settings, here, self.clock, read_only=bool(orders and orders.dry)) as shop:
            assert isinstance(shop.ledger, GitLedger)
            cycle = Cycle(shop.ledger, self.clock, RandomIds(), Quiet())
            try:
                report = cycle.run(shop.project("rune"), orders)
            except SyncerError as error:
                raise AssertionError(str(error)) from error
            pushes = shop.ledger.pushes
        assert list(here.iterdir()) == []
        return report, pushes

    def settled(self) -> tuple[object, ...]:
        """Run until nothing is left, and tell what people see then."""
        for _ in range(3):
            report, _ = self.run()
            assert report.problem is None, report.problem
            if report.plan is not None and not report.plan.effects:
                break
        plan = self.run(Orders(dry=True))[0].plan
        assert plan is not None
        assert plan.actions == ()
        issues = Counter((each.title, each.state, each.milestone_title) for each in self.repository.issues())
        return (
            sorted(issues.items(), key=str),
            len(self.repository.milestones()),
            self.repository.file("TODO.md"),
        )


def _place(kind: str, directory: Path) -> Iterator[Place]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        side = sandbox.github if kind == "github" else sandbox.gitlab
        host = Host(sandbox.url, directory / "repositories", side.token("syncer-bot", role="maintain"))
        repository = side.repository("acme/rune", files={"TODO.md": PLAN})
        try:
            yield Place(sandbox, host, kind, directory, repository, host.repository("acme/rune"))
        finally:
            host.close()


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    yield from _place(request.param, tmp_path)


@pytest.mark.parametrize(
    "place", ["github", pytest.param("gitlab", marks=pytest.mark.thorough)], indirect=True
)
def test_a_pipeline_needs_nothing_but_its_token(place: Place) -> None:
    """First import, an idle run, a change on either side; the ref holds one commit all the time."""
    first, pushes = place.run()
    assert first.problem is None
    assert pushes <= len(TITLES) + 3
    assert place.run()[1] == 0
    place.repository.issue(1).close(by="alice")
    place.sandbox.clock.advance(2)
    second, pushes = place.run()

    assert second.problem is None
    assert pushes <= 3
    assert place.repository.file("TODO.md").startswith(b"# Plan\n\n## Alpha\n\n- [x] build the engine\n- [ ]")
    assert git(place.bare, "for-each-ref", "--format=%(refname)") == "refs/syncer/rune"
    assert git(place.bare, "rev-list", "--count", "refs/syncer/rune") == "1"
    assert place.host.users == {{"github": "x-access-token", "gitlab": "oauth2"}[place.kind]}


@pytest.mark.parametrize(
    "place", ["github", pytest.param("gitlab", marks=pytest.mark.thorough)], indirect=True
)
def test_the_command_line_in_an_empty_directory(place: Place, tmp_path: Path) -> None:
    """As the Action calls it: run, status, doctor, check; a daemon is refused."""
    here = tmp_path / "job"
    here.mkdir()
    (here / "syncer.toml").write_text(
        '[state]\nurl = "git:refs/syncer/{project}"\n'
        f'[forges.main]\nkind = "{place.kind}"\nurl = "{place.host.url}"\n'
        '[projects.rune]\nforge = "main"\nrepository = "acme/rune"\nroadmaps = ["TODO.md"]\n'
    )
    environment = {"PATH": "/usr/bin:/bin", "SYNCER_FORGES__MAIN__TOKEN": place.host.token, "NO_COLOR": "1"}

    def syncer(*arguments: str) -> tuple[int, str, str]:
        return call(arguments, here, environment, 120)

    code, out, _ = syncer("doctor")
    assert code == 0, out
    assert "refs/syncer/rune" in out
    assert git(place.bare, "for-each-ref") == ""
    assert syncer("run")[0] == 0
    assert syncer("check")[0] == 0
    code, out, _ = syncer("history")
    assert (code, out.count("complete")) == (0, 1)
    code, _, err = syncer("serve")
    assert (code, "a daemon keeps its state in a database" in err) == (1, True), err
    assert syncer("db", "upgrade")[0] == 0
    place.host.token = "another"
    code, out, _ = syncer("doctor")
    assert code == 2
    assert "not let in" in out
    assert [path.name for path in here.iterdir()] == ["syncer.toml"]


def test_an_app_pushes_with_the_token_of_its_installation(tmp_path: Path) -> None:
    """It is minted, and renewed, by the forge; git is given the one of the moment."""
    with Sandbox(record_to=RECORD_TO) as sandbox:
        rights = {"issues": "write", "contents": "write"}
        app = sandbox.github.app("syncer", permissions=rights, accounts=["acme"])
        sandbox.github.repository("acme/rune", files={"TODO.md": PLAN})
        host = Host(sandbox.url, tmp_path, "not known yet")
        host.repository("acme/rune")
        forge = {"kind": "github", "url": host.url, "app": {"id": app.id, "private_key": app.private_key}}
        project = {"forge": "main", "repository": "acme/rune", "roadmaps": ["TODO.md"]}
        data = {"state": {"url": REF}, "forges": {"main": forge}, "projects": {"rune": project}}
        try:
            with workshop(settings_from(data, "a test"), tmp_path, Clockwork()) as shop:
                host.token = shop.forge("main").secret("acme/rune").reveal()
                cycle = Cycle(shop.ledger, Clockwork(), RandomIds(), Quiet())
                report = cycle.run(shop.project("rune"))
        finally:
            host.close()

    assert report.problem is None, report.problem
    assert host.token
    assert host.users == {"x-access-token"}


class Wire:
    """Counts what goes over the network, API and git, and ends the process at one of these calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int, *, after: bool) -> None:
        self.count, self._at, self._after = 0, at, after
        send, over_network = Transport._send, Git.over_network

        def sending(transport: Transport, question: Answer, *arguments: Any) -> Answer:
            return self._pass(lambda: send(transport, question, *arguments))

        def speaking(runner: Git, *arguments: str, write: bool = False) -> Said:
            return self._pass(lambda: over_network(runner, *arguments, write=write))

        monkeypatch.setattr(Transport, "_send", sending)
        monkeypatch.setattr(Git, "over_network", speaking)

    def _pass(self, do: Callable[[], T]) -> T:
        self.count += 1
        if self.count != self._at:
            return do()
        if self._after:
            do()
        raise Killed


def _first(_place: Place) -> None:
    """Nothing was there before."""


def _both_sides(place: Place) -> None:
    """Something to close, and something to commit."""
    place.run()
    place.repository.issue(1).close(by="alice")
    place.repository.commit({"TODO.md": PLAN.replace(b"[ ] paint", b"[x] paint")})
    place.sandbox.clock.advance(2)


STORIES = {"a first import": _first, "changes on both sides": _both_sides}
BEFORE, AFTER = False, True
QUICK = [("gitlab", "changes on both sides", AFTER, 11)]
LONG = [(kind, story, after, 1) for kind in KINDS for story in STORIES for after in (BEFORE, AFTER)]


@pytest.mark.parametrize(
    ("kind", "story", "after", "step"),
    [*QUICK, *(pytest.param(*each, marks=pytest.mark.thorough) for each in LONG)],
)
def test_a_run_that_is_killed_at_any_request_is_completed_by_the_next(
    kind: str, story: str, *, after: bool, step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it was one of the forge's or of git's; the lease of the killed one has ended meanwhile."""
    monkeypatch.setattr(ledger_module, "LASTS", timedelta())
    monkeypatch.setattr(lease, "SKEW", timedelta())
    at, expected, total = 0, None, 1
    while at <= total:
        for place in _place(kind, tmp_path / str(at)):
            STORIES[story](place)
            with monkeypatch.context() as patch, suppress(Killed):
                wire = Wire(patch, at, after=after)
                place.run()
            total = wire.count if at == 0 else total
            found = place.settled()
            expected = expected or found
            assert found == expected, f"request {at} of {total}"
        at += step
    assert total > 12


@pytest.mark.parametrize(
    "place", ["github", pytest.param("gitlab", marks=pytest.mark.thorough)], indirect=True
)
def test_a_killed_run_keeps_the_next_one_out_for_a_while(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a message that says until when; a person's command has to wait as well."""
    with monkeypatch.context() as patch, suppress(Killed):
        Wire(patch, 14, after=True)
        place.run()
    report, _ = place.run()

    assert isinstance(report.problem, LeaseTaken)
    assert "its lease ends at" in str(report.problem)
    with (
        workshop(place.settings, place.directory, place.clock) as shop,
        pytest.raises(LeaseTaken),
    ):
        shop.ledger.save("rune", LedgerChange(approved=frozenset("a")))
