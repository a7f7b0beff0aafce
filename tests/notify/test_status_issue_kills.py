"""The status issue survives a kill before and after each of its effects: never a second one, no tick lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from syncer.errors import UnknownFate
from syncer.forges.memory.tracker import MemoryTracker
from syncer.forges.notes import InMemoryNotes
from syncer.model.fields import TaskState
from syncer.model.tracker import Issue
from syncer.reconcile.policy import Limits
from syncer.service.report import RunReport
from syncer.service.status_issue.attendant import Attendant
from tests.team import PLAIN, Team

TODO = "# Todo\n\n## MVP\n\n- [ ] Write it\n- [ ] Try it\n"
GUARDED = replace(PLAIN, limits=Limits(1, 25, 10, 0.3, 100, 5))


class Killed(BaseException):
    """The process ended here."""


class Fuse:
    """Kills before or after one of the effects that are counted."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.at, self.after, self.count = at, after, 0

    def burn(self, effect: Callable[[], Any]) -> Any:
        self.count += 1
        if self.count == self.at and not self.after:
            raise Killed
        answer = effect()
        if self.count == self.at:
            raise Killed
        return answer


class FusedNotes(InMemoryNotes):
    """Notes whose every change is an effect."""

    fuse: Fuse

    def change(self, name: str, step: Any) -> Any:
        return self.fuse.burn(lambda: super(FusedNotes, self).change(name, step))


class FusedTracker:
    """A tracker whose every write is an effect, and which tells who edited what.

    Args:
        deaf: the answer of the create is lost.
    """

    def __init__(self, inner: MemoryTracker, fuse: Fuse, *, deaf: bool = False) -> None:
        self._inner, self._fuse, self._deaf = inner, fuse, deaf

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def create_issue(self, draft: Any) -> Any:
        answer = self._fuse.burn(lambda: self._inner.create_issue(draft))
        if self._deaf:
            raise UnknownFate("the answer was lost")
        return answer

    def body_events(self, number: int) -> Any:
        return tuple(replace(event, actor="alice") for event in self._inner.body_events(number))

    def update_issue(self, number: int, change: Any) -> Any:
        return self._fuse.burn(lambda: self._inner.update_issue(number, change))


class Anybody:
    """Everybody may write here."""

    def may_write(self, login: str) -> bool:
        return bool(login)

    def pin(self, number: int) -> bool:
        return number > 0


class Story:
    """A plan is held, somebody ticks its box, and everything is in agreement: with a kill on the way."""

    def __init__(self, fuse: Fuse, *, deaf: bool = False, pause: float = 700.0) -> None:
        self.pause = pause
        self.team = Team(TODO, policy=GUARDED)
        self.notes = FusedNotes()
        self.notes.fuse = self.fuse = fuse
        self.deaf = deaf
        self.kills = 0

    def run(self) -> RunReport:
        """A run as the daemon makes it, as often as it is killed."""
        while True:
            report = self.team.sync()
            inner = self.team.project.trackers[0]
            tracker: Any = FusedTracker(inner, self.fuse, deaf=self.deaf)  # type: ignore[arg-type]
            attendant = Attendant(
                "rune", tracker, Anybody(), self.team.ledger, self.notes, self.team.clock, grace=600.0
            )
            try:
                if attendant.attend(report):
                    report = self.team.sync()
                    attendant.attend(report)
            except UnknownFate:
                self.deaf = False
            except Killed:
                self.kills += 1
                self.team.clock.pass_time(self.pause)
                continue
            return report

    def tick(self) -> None:
        (status,) = self.status()
        body = status.body.replace("- [ ] Approve", "- [x] Approve")
        self.team.repository().change(status.ref.number, body=body)

    def status(self) -> list[Issue]:
        return [each for each in self.team.issues() if "syncer:status " in each.body]

    def tell(self) -> None:
        self.run()
        self.team.clock.pass_time(700.0)
        self.run()
        self.tick()
        self.run()
        self.run()

    def check(self) -> None:
        (status,) = self.status()
        assert status.state is TaskState.DONE
        assert "Nothing needs anybody" in status.body
        assert "[x]" not in status.body
        titles = sorted(each.title for each in self.team.issues() if "syncer:begin" in each.body)
        assert titles == ["Try it", "Write it"]
        assert self.team.plan().actions == ()


def _effects() -> int:
    story = Story(Fuse(0, after=False))
    story.tell()
    story.check()
    return story.fuse.count


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_any_effect_ends_in_one_issue_and_the_same_state(after: bool) -> None:
    effects = _effects()
    assert effects >= 8
    for at in range(1, effects + 1):
        story = Story(Fuse(at, after=after))
        story.tell()
        assert story.kills == 1, at
        story.check()


def test_a_lost_answer_makes_no_second_issue() -> None:
    story = Story(Fuse(0, after=False), deaf=True)
    story.tell()
    story.check()


def test_a_create_without_an_answer_is_repeated_after_the_grace_period_only() -> None:
    story = Story(Fuse(2, after=False), pause=60.0)  # the second effect is the request itself
    story.run()
    assert story.kills == 1
    assert story.status() == []  # it may still show itself
    story.team.clock.pass_time(600.0)
    story.tell()
    story.check()
