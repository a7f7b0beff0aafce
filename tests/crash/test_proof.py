"""When a create without an answer may be sent again: after proof that it made nothing, or after waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from syncer.errors import Gone, Missing, Moved, OtherThing, SyncerError, UnknownFate
from syncer.forges.memory.world import Failure
from syncer.ledger.memory import MemoryLedger
from syncer.model.fields import TaskState
from syncer.model.identity import IssueRef, Marker, Owner, TrackerId, Uid
from syncer.model.ledger import Intent, IntentKind
from syncer.model.tracker import Issue
from syncer.reconcile.block import VERSION, render_block
from syncer.service.book import Book
from syncer.service.project import Waiting
from syncer.service.recover import proven_lost
from tests.team import FakeClock, Team

TRACKER = TrackerId("main:acme/rune")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SENT = Intent(7, "run", IntentKind.CREATE_ISSUE, TRACKER, Uid("lost"), 0, (), NOW, highest=3)
OTHER = Issue(
    ref=IssueRef(TRACKER, 4),
    title="Somebody's own",
    body="",
    state=TaskState.OPEN,
    milestone=None,
    labels=frozenset(),
    assignees=frozenset(),
    author="alice",
    url="",
    created_at=NOW,
    updated_at=NOW,
    internal_id=4,
)
LOST = replace(OTHER, body=render_block("Roadmap: `TODO.md`", Marker(VERSION, Owner("me"), Uid("lost"))))


class Numbers:
    """A tracker of which only the numbers matter.

    Args:
        answers: what a direct look at a number brings.
        listed: what a list of what was created lately shows.
    """

    def __init__(self, answers: Mapping[int, Issue | SyncerError], listed: tuple[Issue, ...] = ()) -> None:
        self.id = TRACKER
        self._answers = answers
        self._listed = listed

    def issue(self, number: int) -> Issue:
        answer = self._answers[number]
        if isinstance(answer, SyncerError):
            raise answer
        return answer

    def created_since(self, moment: datetime) -> tuple[Issue, ...]:
        assert moment < NOW
        return self._listed


@pytest.mark.parametrize(
    ("tracker", "own", "proven"),
    [
        pytest.param(Numbers({}), 4, True, id="ours came right behind"),
        pytest.param(Numbers({4: OTHER}), 5, True, id="somebody's issue lies between"),
        pytest.param(Numbers({4: OtherThing("a pull request")}), 5, True, id="a pull request"),
        pytest.param(Numbers({4: Gone("deleted"), 5: Moved("there")}), 6, True, id="what is gone"),
        pytest.param(Numbers({4: LOST}), 5, False, id="the lost issue"),
        pytest.param(Numbers({4: Missing("?")}), 5, True, id="nothing, and no list shows it either"),
        pytest.param(Numbers({4: Missing("?")}, (LOST,)), 5, False, id="nothing yet, but a list shows it"),
    ],
)
def test_numbers_prove_what_became_of_a_create(tracker: Numbers, own: int, proven: bool) -> None:
    book = Book(MemoryLedger(), "rune", "run", FakeClock())

    assert proven_lost(book, SENT, tracker, own) is proven  # type: ignore[arg-type]


def test_a_create_without_an_answer_is_sent_again_only_after_the_grace_period() -> None:
    team = Team("# Plan\n\n- [ ] Weld the frame\n", waiting=Waiting(grace=600, settling=10))
    team.repo.failures.append(Failure("create_issue", lambda: UnknownFate("the connection was reset")))
    team.run()
    for _ in range(2):
        report = team.run()
        assert report.waiting_until is not None
        assert [hold.code for hold in team.holds] == ["unknown-fate"]
        assert team.issues() == []

    team.clock.sleep(600)
    team.settled()

    assert [issue.title for issue in team.issues()] == ["Weld the frame"]


def test_a_later_create_proves_at_once_that_the_lost_one_made_nothing() -> None:
    team = Team("# Plan\n\n- [ ] Weld the frame\n- [ ] Fit the valves\n", waiting=Waiting(600, 10))
    team.repo.failures.append(Failure("create_issue", lambda: UnknownFate("the connection was reset")))

    team.settled()

    assert sorted(issue.title for issue in team.issues()) == ["Fit the valves", "Weld the frame"]
