"""What every tracker promises about parents and children. A subclass gives it a world."""

from __future__ import annotations

import pytest

from syncer.errors import ReadOnly, UnknownFate
from syncer.model.fields import TaskState
from syncer.model.tracker import Cursor, Issue, IssueChange, IssueDraft, ParentChange
from syncer.ports import TOGETHER, Tracker

from .worlds import World

BODY = "<!-- syncer:begin v=1 owner=here id=abc -->\nBody\n<!-- syncer:end id=abc -->"


class FamiliesContract:
    """Issues below other issues, whatever forge they are on."""

    @pytest.fixture
    def tracker(self, world: World) -> Tracker:
        return world.tracker()

    @staticmethod
    def _made(tracker: Tracker, title: str, *, child: bool = False) -> Issue:
        return tracker.create_issue(IssueDraft(title, BODY, None, frozenset(), child=child))

    def test_the_forge_says_that_it_knows_parents_in_one_request(
        self, world: World, tracker: Tracker
    ) -> None:
        """Nothing has to be there for it."""
        world.requests()

        assert tracker.knows_parents()
        assert (1, 0) == world.requests()
        assert tracker.capabilities.levels >= 2
        assert tracker.capabilities.sub_issues >= 100

    def test_many_are_put_below_others_in_one_request(self, world: World, tracker: Tracker) -> None:
        """As many as are sent together at most; one more request reads them all right before."""
        first, second = (self._made(tracker, title).ref.number for title in ("A", "B"))
        children = [self._made(tracker, f"Step {n}", child=True).ref.number for n in range(TOGETHER)]
        world.requests()
        before = tracker.parents_of([first, second, *children])
        changes = [ParentChange(each, 0, first if each % 2 else second) for each in children]
        answers = tracker.set_parents(changes)

        assert dict.fromkeys([first, second, *children], 0) == before
        assert (2, 1) == world.requests()
        assert [(each.number, each.parent, "") for each in changes] == [
            (each.number, each.parent, each.problem) for each in answers
        ]
        assert {each.number: each.parent for each in changes} == tracker.parents_of(children)

    def test_a_child_is_moved_and_taken_out_again(self, tracker: Tracker) -> None:
        """It has one parent at a time."""
        first, second = (self._made(tracker, title).ref.number for title in ("A", "B"))
        child = self._made(tracker, "Step", child=True).ref.number
        tracker.parents_of([first, second, child])
        shown = []
        for before, after in ((0, first), (first, second), (second, 0)):
            (answer,) = tracker.set_parents([ParentChange(child, before, after)])
            shown.append((answer.parent, answer.problem))

        assert [(first, ""), (second, ""), (0, "")] == shown
        assert {child: 0} == tracker.parents_of([child])

    def test_what_is_refused_for_one_does_not_concern_the_others(
        self, world: World, tracker: Tracker
    ) -> None:
        """A parent cannot stand below its own child."""
        above = self._made(tracker, "A").ref.number
        below, other = (self._made(tracker, title, child=True).ref.number for title in ("B", "C"))
        tracker.parents_of([above, below, other])
        tracker.set_parents([ParentChange(below, 0, above)])
        world.requests()
        refused, taken = tracker.set_parents([ParentChange(above, 0, below), ParentChange(other, 0, above)])

        assert (1, 1) == world.requests()
        assert (above, 0) == (refused.number, refused.parent)
        assert refused.problem
        assert (other, above, "") == (taken.number, taken.parent, taken.problem)

    def test_where_all_are_refused_each_says_why(self, tracker: Tracker) -> None:
        """It is an answer, not an error."""
        above = self._made(tracker, "A").ref.number
        below = self._made(tracker, "B", child=True).ref.number
        tracker.parents_of([above, below])
        tracker.set_parents([ParentChange(below, 0, above)])
        (refused,) = tracker.set_parents([ParentChange(above, 0, below)])

        assert (0, True) == (refused.parent, bool(refused.problem))

    def test_an_issue_that_is_not_there_is_left_out(self, tracker: Tracker) -> None:
        """The others are told all the same."""
        number = self._made(tracker, "A").ref.number

        assert {number: 0} == tracker.parents_of([number, 4711])
        assert {} == tracker.parents_of([4711])

    def test_a_list_tells_parents_or_says_that_it_does_not(self, world: World, tracker: Tracker) -> None:
        """Nobody takes silence for "none"."""
        above = self._made(tracker, "A").ref.number
        below = self._made(tracker, "B", child=True).ref.number
        tracker.parents_of([above, below])
        tracker.set_parents([ParentChange(below, 0, above)])
        world.later(60)
        told = {issue.ref.number: issue.parent for issue in tracker.read(Cursor()).issues}
        direct = tracker.issue(below).parent

        if tracker.capabilities.tells_parents:
            assert ({above: 0, below: above}, above) == (told, direct)
        else:
            assert ({above: None, below: None}, None) == (told, direct)

    def test_a_lost_answer_is_of_unknown_fate_and_the_effect_can_be_seen(
        self, world: World, tracker: Tracker
    ) -> None:
        """Nothing is repeated below our own code."""
        above = self._made(tracker, "A").ref.number
        below = self._made(tracker, "B", child=True).ref.number
        tracker.parents_of([above, below])
        world.lose_next_answer("set_parents")
        world.requests()
        with pytest.raises(UnknownFate):
            tracker.set_parents([ParentChange(below, 0, above)])

        assert 1 == world.requests()[1]
        assert {below: above} == tracker.parents_of([below])

    def test_a_read_only_tracker_reads_parents_and_sets_none(self, world: World, tracker: Tracker) -> None:
        """A dry run may look."""
        above = self._made(tracker, "A").ref.number
        below = self._made(tracker, "B", child=True).ref.number
        harmless = world.tracker(read_only=True)

        assert harmless.knows_parents()
        assert {above: 0, below: 0} == harmless.parents_of([above, below])
        with pytest.raises(ReadOnly):
            harmless.set_parents([ParentChange(below, 0, above)])

    def test_a_child_is_changed_like_any_other_issue(self, world: World, tracker: Tracker) -> None:
        """Listed, retitled, labelled, put into a milestone, closed and opened again."""
        above = self._made(tracker, "A").ref.number
        below = self._made(tracker, "B", child=True).ref.number
        tracker.parents_of([above, below])
        tracker.set_parents([ParentChange(below, 0, above)])
        self._changed(world, tracker, below)

    @staticmethod
    def _changed(world: World, tracker: Tracker, number: int) -> None:
        key = world.milestone("M1")
        changed = tracker.update_issue(
            number,
            IssueChange(title="T", body=f"{BODY}\nNew", milestone=key, add_labels=frozenset({"roadmap"})),
        )
        assert ("T", f"{BODY}\nNew", key) == (changed.title, changed.body, changed.milestone)
        assert frozenset({"roadmap"}) == changed.labels
        assert frozenset({number}) == tracker.open_issues_in(key)
        for state in (TaskState.DONE, TaskState.OPEN, TaskState.DROPPED):
            world.later(60)
            assert state is tracker.update_issue(number, IssueChange(state=state)).state
        assert [TaskState.DONE, TaskState.OPEN, TaskState.DROPPED] == [
            event.state for event in tracker.state_events(number)
        ][-3:]
        assert number in {issue.ref.number for issue in tracker.read(Cursor()).issues}
