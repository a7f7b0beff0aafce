"""Projects with nothing to do: looked at for next to nothing, and never a change is missed by that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from syncer.clock import SystemClock
from syncer.model.ledger import LedgerChange, RunOutcome
from syncer.sandbox import Fault, RepositoryHandle, Sandbox
from syncer.service.report import RunReport
from syncer.serving.service import service
from tests.daemon.served import TODO
from tests.e2e.world import KINDS, World
from tests.traffic import RECORD_TO


@dataclass
class Post:
    """A daemon's site, whose syncs a test orders one by one."""

    world: World
    at_rest: Callable[[], bool]
    runs: Callable[[], int]
    touch: Callable[[], None]
    sync: Callable[..., RunReport]

    @property
    def rune(self) -> RepositoryHandle:
        return self.world.repositories["rune"]

    def look(self) -> tuple[RunReport, int]:
        """A scheduled look, and how many requests it took."""
        self.world.sandbox.clock.advance(2)
        self.world.sandbox.reset_counts()
        report = self.sync()
        return report, self.world.sandbox.count(self.world.kind).total

    def quiet(self) -> bool:
        """Whether the next look asks whether anything has changed, and does nothing else."""
        before = self.runs()
        report, requests = self.look()
        assert report.problem is None
        return (requests, self.runs()) == (3, before)


@pytest.fixture(params=KINDS)
def post(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        world = World(sandbox, request.param, tmp_path)
        monkeypatch.setenv("SYNCER_FORGES__MAIN__TOKEN", world.environment["SYNCER_FORGES__MAIN__TOKEN"])
        world.add("rune", {"TODO.md": TODO})
        world.write()
        made = service(tmp_path / "syncer.toml", threading.Event())
        with made.sites.use() as site:
            ledger = site._ledger
            numbers = iter(range(1, 1000))

            def sync(*, full: bool = False, issues: frozenset[int] = frozenset()) -> RunReport:
                return site.sync("rune", run=f"run-{next(numbers):04d}", full=full, issues=issues)

            post = Post(
                world,
                lambda: "rune" in site._rests,
                lambda: len(ledger.runs("rune", 1000)),
                lambda: ledger.save("rune", LedgerChange(approved=frozenset({"a digest"}))),
                sync,
            )
            post.sync()
            post.look()
            post.look()
            assert post.at_rest()
            yield post
        made.daemon.engine.close()
        made.sites.close()


def test_a_look_at_a_project_at_rest_is_three_requests_and_writes_nothing(post: Post) -> None:
    assert post.quiet()
    assert post.quiet()
    if post.world.kind == "github":
        assert {each.status for each in post.world.sandbox.requests} == {304}


def test_a_closed_issue_is_carried_over_and_what_was_read_is_not_read_again(post: Post) -> None:
    post.rune.issue(1).close(by="alice")

    report, requests = post.look()

    assert b"- [x] Write it" in post.rune.file("TODO.md")
    assert report.outcome is RunOutcome.COMPLETE
    rules = 1  # the first write asks for them
    file = 1 if post.world.kind == "gitlab" else 0
    assert requests <= 3 + 1 + rules + file


def test_a_push_is_read(post: Post) -> None:
    post.rune.commit({"TODO.md": TODO.replace(b"- [ ] Try", b"- [x] Try")}, by="alice")

    post.look()

    assert post.rune.issue(2).state == "closed"


def test_a_milestone_that_was_made_is_read(post: Post) -> None:
    before = post.runs()
    post.rune.create_milestone("Someday")

    post.look()

    assert post.runs() == before + 1


def test_what_somebody_else_remembers_ends_the_rest(post: Post) -> None:
    """An approval, a decision, another process."""
    post.touch()

    assert not post.quiet()


def test_after_an_hour_a_project_is_planned_as_a_whole(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    now = SystemClock.now

    def later(self: SystemClock) -> datetime:
        return now(self) + timedelta(hours=1, seconds=1)

    with monkeypatch.context() as patch:
        patch.setattr(SystemClock, "now", later)
        before = post.runs()
        post.look()
        assert post.runs() == before + 1
        assert post.quiet()


def test_an_audit_and_an_event_are_never_answered_by_rest(post: Post) -> None:
    before = post.runs()
    post.sync(full=True)
    post.look()
    post.sync(issues=frozenset({1}))

    assert post.runs() >= before + 2


def test_trouble_is_reported_and_the_rest_is_over(post: Post) -> None:
    post.world.sandbox.faults.add(Fault("unauthorized", times=0))
    report, _requests = post.look()
    assert report.problem is not None
    assert not post.at_rest()

    post.world.sandbox.faults.clear()
    report, _requests = post.look()
    assert report.problem is None


def test_a_held_conflict_is_still_shown_while_nothing_changes(post: Post) -> None:
    post.rune.issue(1).retitle("Write it well", by="alice")
    post.rune.commit({"TODO.md": TODO.replace(b"Write it", b"Write it soon")}, by="alice")
    first, _requests = post.look()
    post.look()
    later, _requests = post.look()

    assert first.plan is not None
    assert later.plan is not None
    assert [each.digest for each in later.plan.holds] == [each.digest for each in first.plan.holds] != []
