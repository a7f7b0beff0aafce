"""What every tracker promises. A subclass gives it a world; see ``test_memory.py``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from syncer.errors import Gone, Missing, ReadOnly, Rejected, UnknownFate
from syncer.model.fields import TaskState
from syncer.model.tracker import (
    Cursor,
    IssueChange,
    IssueDraft,
    Label,
    MilestoneChange,
    MilestoneDraft,
    TrackerReading,
)
from syncer.ports import Tracker

from .worlds import BOT, REPOSITORY, World


def draft(
    title: str = "Write docs", body: str = "Body", milestone: int | None = None, *labels: str
) -> IssueDraft:
    return IssueDraft(title, body, milestone, frozenset(labels))


def numbers(reading: TrackerReading) -> set[int]:
    return {issue.ref.number for issue in reading.issues}


class TrackerContract:
    """One repository's issues and milestones, whatever forge they are on."""

    body_history = True
    """Whether the forge keeps the versions of a body."""

    @pytest.fixture
    def tracker(self, world: World) -> Tracker:
        return world.tracker()

    # --- what it is ----------------------------------------------------------------------------

    def test_the_profile_costs_one_request_once(self, world: World, tracker: Tracker) -> None:
        """Name, permanent number, default branch; asking again costs nothing."""
        world.requests()
        profile = tracker.profile()

        assert profile == tracker.profile()
        assert (1, 0) == world.requests()
        assert (REPOSITORY, "main", True, False) == (
            profile.canonical,
            profile.default_branch,
            profile.issues_enabled,
            profile.archived,
        )
        assert profile.repository_id > 0
        assert profile.can_triage is not False

    def test_it_is_named_by_forge_and_repository(self, tracker: Tracker) -> None:
        """Unless told otherwise."""
        assert f"main:{REPOSITORY}" == tracker.id

    # --- reading -------------------------------------------------------------------------------

    def test_a_first_reading_is_everything(self, world: World, tracker: Tracker) -> None:
        """Open and closed issues, open and closed milestones."""
        first, second = world.open("first"), world.open("second")
        world.close(second)
        key = world.milestone("M1", due=date(2026, 3, 6))
        tracker.update_milestone(key, MilestoneChange(closed=True))
        reading = tracker.read(Cursor())

        assert reading.full
        assert reading.cursor.complete
        assert {first: TaskState.OPEN, second: TaskState.DONE} == {
            issue.ref.number: issue.state for issue in reading.issues
        }
        assert [("M1", True, date(2026, 3, 6))] == [
            (milestone.title, milestone.closed, milestone.due) for milestone in reading.milestones or ()
        ]

    def test_an_idle_reading_costs_two_requests_at_most_and_finds_nothing(
        self, world: World, tracker: Tracker
    ) -> None:
        """However often; from the second time on the forge need not send anything."""
        world.open("first")
        first = tracker.read(Cursor())
        cursor = first.cursor
        for _ in range(3):
            world.later(60)
            world.requests()
            reading = tracker.read(cursor)
            assert world.requests()[0] <= 2
            assert not reading.full
            assert set(reading.issues) <= set(first.issues)
            cursor = reading.cursor

        assert first.cursor.watermark is not None
        assert cursor.watermark is not None
        assert cursor.watermark - first.cursor.watermark < timedelta(seconds=1)

    def test_a_change_is_in_the_next_reading(self, world: World, tracker: Tracker) -> None:
        """New, closed and retitled issues are found by a fresh process that kept the cursor."""
        first, second, third = (world.open(f"issue {number}") for number in range(3))
        cursor = tracker.read(Cursor()).cursor
        world.later(3600)
        world.close(first, dropped=True)
        world.retitle(second, "another title")
        fourth = world.open("new")
        reading = world.tracker().read(cursor)
        seen = {issue.ref.number: issue for issue in reading.issues}

        assert {first, second, fourth} <= seen.keys() <= {first, second, third, fourth}
        assert TaskState.DROPPED is seen[first].state
        assert "another title" == seen[second].title
        assert "alice" == seen[fourth].author

    def test_our_own_changes_are_in_the_next_reading(self, tracker: Tracker) -> None:
        """A change seen twice does no harm; one never seen would."""
        cursor = tracker.read(Cursor()).cursor
        made = tracker.create_issue(draft())
        reading = tracker.read(cursor)

        assert made in reading.issues
        assert made.updated_at <= (reading.cursor.watermark or made.updated_at)

    def test_a_full_reading_is_everything_again(self, world: World, tracker: Tracker) -> None:
        """Whatever the cursor says."""
        world.open("first")
        cursor = tracker.read(Cursor()).cursor
        reading = tracker.read(cursor, full=True)

        assert reading.full
        assert {1} == numbers(reading)
        assert reading.milestones is not None

    def test_the_first_issue_ever_is_found(self, world: World, tracker: Tracker) -> None:
        """An empty tracker has no newest change to start from."""
        cursor = tracker.read(tracker.read(Cursor()).cursor).cursor
        world.open("first")

        assert {1} == numbers(tracker.read(cursor))

    def test_many_issues_are_read_completely(self, world: World, tracker: Tracker) -> None:
        """More than two pages, at first and as changes."""
        for number in range(1, 231):
            world.open(f"issue {number}")
        first = tracker.read(Cursor())
        assert set(range(1, 231)) == numbers(first)
        world.later(3600)
        for number in range(1, 226):
            world.close(number)
        second = tracker.read(first.cursor)

        assert set(range(1, 226)) <= numbers(second)
        assert all(issue.state is TaskState.DONE for issue in second.issues if issue.ref.number < 226)

    def test_a_late_list_is_caught_up_with(self, world: World, tracker: Tracker) -> None:
        """What a lagging replica hid is found once it has caught up."""
        world.open("first")
        world.later(300)
        cursor = tracker.read(Cursor()).cursor
        world.lag(60)
        world.open("second")
        cursor = tracker.read(cursor).cursor
        world.later(120)

        assert 2 in numbers(tracker.read(cursor))

    def test_an_issue_is_read_by_number(self, world: World, tracker: Tracker) -> None:
        """As it is now, whatever the lists say."""
        number = world.open("first")
        world.lag(60)
        world.retitle(number, "renamed")

        assert "renamed" == tracker.issue(number).title

    def test_an_issue_that_is_not_there(self, world: World, tracker: Tracker) -> None:
        """Never made, or deleted: said so, not made up."""
        number = world.open("first")
        world.delete(number)
        for absent in (number, 4711):
            with pytest.raises((Missing, Gone)):
                tracker.issue(absent)

    def test_recently_created_issues(self, world: World, tracker: Tracker) -> None:
        """Newest first; older ones are left out."""
        world.open("old")
        world.later(3600)
        second, third = world.open("second"), world.open("third")
        since = tracker.issue(second).created_at

        assert {second, third} == {issue.ref.number for issue in tracker.created_since(since)}
        assert third == tracker.created_since(since)[0].ref.number
        assert () == tracker.created_since(since + timedelta(hours=1))

    # --- creating ------------------------------------------------------------------------------

    def test_an_issue_is_created_in_one_write(self, world: World, tracker: Tracker) -> None:
        """With milestone and labels; the answer is what a direct read then shows."""
        key = world.milestone("M1")
        world.requests()
        made = tracker.create_issue(draft("Write docs", "Line one\n\nLine two\n", key, "roadmap", "beta"))

        assert (1, 1) == world.requests()
        assert tracker.issue(made.ref.number) == made
        assert ("Write docs", "Line one\n\nLine two\n", TaskState.OPEN, key, BOT) == (
            made.title,
            made.body,
            made.state,
            made.milestone,
            made.author,
        )
        assert frozenset({"roadmap", "beta"}) == made.labels
        assert made.internal_id > 0

    @pytest.mark.parametrize(
        "text", ["", "ünïcödé ✅ 名前", "a\\b `c` <b>d</b> & \"e\" 'f'", "trailing  \n\n  x"]
    )
    def test_texts_survive(self, text: str, tracker: Tracker) -> None:
        """Any body comes back as it was sent, and any title that is one line."""
        made = tracker.create_issue(draft(f"T {text}".split("\n")[0].strip(), text))

        assert text == made.body
        assert f"T {text}".split("\n")[0].strip() == tracker.issue(made.ref.number).title

    def test_limits_are_what_the_capabilities_say(self, world: World, tracker: Tracker) -> None:
        """As long as promised fits; one character more is refused, and nothing is made."""
        limits = tracker.capabilities
        made = tracker.create_issue(draft("t" * limits.title_limit))
        assert limits.title_limit == len(made.title)
        with pytest.raises(Rejected):
            tracker.create_issue(draft("t" * (limits.title_limit + 1)))
        if limits.body_limit < 100_000:
            with pytest.raises(Rejected):
                tracker.create_issue(draft("title", "b" * (limits.body_limit + 1)))

        assert {1} == numbers(tracker.read(Cursor()))

    # --- changing ------------------------------------------------------------------------------

    def test_one_value_changes_and_the_others_stay(self, world: World, tracker: Tracker) -> None:
        """In one write each; the answer is what the forge then holds."""
        key = world.milestone("M1")
        made = tracker.create_issue(draft("Write docs", "Body", key, "roadmap"))
        world.requests()
        changed = tracker.update_issue(made.ref.number, IssueChange(title="Write more docs"))

        assert 1 == world.requests()[1]
        assert ("Write more docs", "Body", key, frozenset({"roadmap"})) == (
            changed.title,
            changed.body,
            changed.milestone,
            changed.labels,
        )
        assert changed == tracker.issue(made.ref.number)
        assert "" == tracker.update_issue(made.ref.number, IssueChange(body="")).body

    def test_an_empty_change_writes_nothing(self, world: World, tracker: Tracker) -> None:
        """The answer is what the forge holds."""
        number, key = world.open("first"), world.milestone("M1")
        world.requests()

        assert "first" == tracker.update_issue(number, IssueChange()).title
        assert "M1" == tracker.update_milestone(key, MilestoneChange()).title
        assert 0 == world.requests()[1]

    @pytest.mark.parametrize("state", [TaskState.DONE, TaskState.DROPPED])
    def test_an_issue_is_closed_and_opened_again(
        self, state: TaskState, world: World, tracker: Tracker
    ) -> None:
        """Done and dropped are told apart, and reopening leaves no trace of either."""
        number = tracker.create_issue(draft("Write docs", "", None, "roadmap")).ref.number
        world.later(60)
        assert state is tracker.update_issue(number, IssueChange(state=state)).state
        assert state is tracker.issue(number).state
        world.later(60)
        reopened = tracker.update_issue(number, IssueChange(state=TaskState.OPEN))

        assert TaskState.OPEN is reopened.state
        assert frozenset({"roadmap"}) == reopened.labels

    def test_a_dropped_issue_is_done_after_all(self, world: World, tracker: Tracker) -> None:
        """By way of open, which every forge can go."""
        number = tracker.create_issue(draft()).ref.number
        for state in (TaskState.DROPPED, TaskState.OPEN, TaskState.DONE):
            world.later(60)
            assert state is tracker.update_issue(number, IssueChange(state=state)).state

    def test_closing_what_is_closed_is_no_error(self, world: World, tracker: Tracker) -> None:
        """Somebody was faster; the answer shows what holds."""
        number = world.open("first")
        world.close(number)

        assert TaskState.DONE is tracker.update_issue(number, IssueChange(state=TaskState.DONE)).state

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            (IssueChange(add_labels=frozenset({"ours", "new"})), {"person's", "ours", "new"}),
            (IssueChange(remove_labels=frozenset({"ours"})), {"person's"}),
            (IssueChange(remove_labels=frozenset({"absent"})), {"person's", "ours"}),
            (
                IssueChange(add_labels=frozenset({"new"}), remove_labels=frozenset({"ours"})),
                {"person's", "new"},
            ),
            (IssueChange(title="T", add_labels=frozenset({"new"})), {"person's", "ours", "new"}),
            (IssueChange(remove_labels=frozenset({"ours", "absent"})), {"person's"}),
            (IssueChange(title="T"), {"person's", "ours"}),
        ],
    )
    def test_people_s_labels_are_kept(
        self, change: IssueChange, expected: set[str], world: World, tracker: Tracker
    ) -> None:
        """Whatever is added, taken away or changed beside; always one write."""
        number = tracker.create_issue(draft("Write docs", "", None, "ours")).ref.number
        world.label(number, "person's")
        world.requests()
        changed = tracker.update_issue(number, change)

        assert 1 == world.requests()[1]
        assert expected == changed.labels

    def test_an_issue_moves_between_milestones(self, world: World, tracker: Tracker) -> None:
        """Into one, into another, out of all."""
        first, second = world.milestone("M1"), world.milestone("M2")
        number = world.open("first")
        seen = [
            tracker.update_issue(number, IssueChange(milestone=key)).milestone for key in (first, second, 0)
        ]

        assert [first, second, None] == seen

    # --- milestones ----------------------------------------------------------------------------

    @pytest.mark.parametrize(
        "due",
        [None, date(2026, 3, 6), date(2026, 3, 27), date(2026, 7, 1), date(2026, 11, 1), date(2028, 2, 29)],
    )
    def test_a_due_date_is_a_calendar_date(self, due: date | None, tracker: Tracker) -> None:
        """In summer and winter, and on the days when clocks change."""
        made = tracker.create_milestone(MilestoneDraft("M1", "Goal", due))

        assert due == made.due
        assert made == tracker.milestone(made.key)
        assert [made] == list(tracker.read(Cursor()).milestones or ())

    def test_a_milestone_is_changed(self, tracker: Tracker) -> None:
        """Name, description, date, state, each alone."""
        key = tracker.create_milestone(MilestoneDraft("M1", "Goal", date(2026, 3, 6))).key
        changes = [
            MilestoneChange(title="M1 renamed"),
            MilestoneChange(description="Another goal"),
            MilestoneChange(due=date(2026, 8, 1)),
            MilestoneChange(closed=True),
            MilestoneChange(closed=False),
            MilestoneChange(clear_due=True),
        ]
        seen = [tracker.update_milestone(key, change) for change in changes]

        assert "M1 renamed" == seen[0].title
        assert ("M1 renamed", "Another goal", date(2026, 3, 6)) == (
            seen[1].title,
            seen[1].description,
            seen[1].due,
        )
        assert date(2026, 8, 1) == seen[2].due
        assert [True, False] == [seen[3].closed, seen[4].closed]
        assert (None, "M1 renamed", "Another goal") == (seen[5].due, seen[5].title, seen[5].description)
        assert seen[5] == tracker.milestone(key)

    def test_a_milestone_s_title_is_taken_once(self, world: World, tracker: Tracker) -> None:
        """Also by a closed one; the refusal changes nothing."""
        key = world.milestone("M1")
        tracker.update_milestone(key, MilestoneChange(closed=True))
        with pytest.raises(Rejected):
            tracker.create_milestone(MilestoneDraft("M1", "", None))

        assert 1 == len(tracker.read(Cursor()).milestones or ())

    def test_a_milestone_that_is_not_there(self, tracker: Tracker) -> None:
        """Said so."""
        with pytest.raises(Missing):
            tracker.milestone(4711)

    def test_the_open_issues_of_a_milestone(self, world: World, tracker: Tracker) -> None:
        """Those of people as well; closed ones and other milestones' are left out."""
        first, second = world.milestone("M1"), world.milestone("M2")
        inside = world.open("inside", milestone=first)
        closed = world.open("closed", milestone=first)
        world.close(closed)
        world.open("elsewhere", milestone=second)
        world.open("nowhere")

        assert frozenset({inside}) == tracker.open_issues_in(first)

    def test_milestones_that_changed_are_seen_again(self, world: World, tracker: Tracker) -> None:
        """``None`` stands for unchanged, and only for that."""
        world.milestone("M1")
        cursor = tracker.read(Cursor()).cursor
        world.later(60)
        key = world.milestone("M2")
        milestones = tracker.read(cursor).milestones

        assert milestones is not None
        assert key in {milestone.key for milestone in milestones}

    # --- labels --------------------------------------------------------------------------------

    def test_a_label_is_made_once(self, world: World, tracker: Tracker) -> None:
        """A label that exists is left as it is."""
        world.label(world.open("first"), "theirs")
        made = [
            tracker.ensure_label(Label(name, "ededed", "ours")) for name in ("roadmap", "roadmap", "theirs")
        ]

        assert [True, False, False] == made
        assert not world.tracker().ensure_label(Label("roadmap", "000000"))

    # --- the forge's log -----------------------------------------------------------------------

    def test_the_log_of_states(self, world: World, tracker: Tracker) -> None:
        """Who closed and reopened, in which order, and as what."""
        number = world.open("first")
        assert () == tracker.state_events(number)
        world.later(60)
        world.close(number, by="bob", dropped=True)
        world.later(60)
        tracker.update_issue(number, IssueChange(state=TaskState.OPEN))
        world.later(60)
        world.close(number, by="carol")
        events = tracker.state_events(number)

        assert [("bob", TaskState.DROPPED), (BOT, TaskState.OPEN), ("carol", TaskState.DONE)] == [
            (event.actor, event.state) for event in events
        ]
        assert events[0].at < events[1].at < events[2].at

    def test_the_log_of_titles(self, world: World, tracker: Tracker) -> None:
        """Both texts of each change, whatever characters they are made of."""
        number = world.open("Write the docs")
        world.later(60)
        world.retitle(number, "Write the *new* docs", by="bob")
        world.later(60)
        tracker.update_issue(number, IssueChange(title="Done"))

        assert [
            ("bob", "Write the docs", "Write the *new* docs"),
            (BOT, "Write the *new* docs", "Done"),
        ] == [(event.actor, event.before, event.after) for event in tracker.title_events(number)]

    def test_the_history_of_a_body_shows_what_a_write_replaced(self, world: World) -> None:
        """Whole bodies, oldest first, or only who wrote when where the forge keeps no versions."""
        number = world.open("Write the docs")
        tracker = world.tracker()
        world.later(60)
        world.write(number, "first\n\nby a person", by="bob")
        world.later(60)
        tracker.update_issue(number, IssueChange(body="second, by us"))

        first, second = tracker.body_events(number)[-2:]
        texts = ["first\n\nby a person", "second, by us"] if self.body_history else [None, None]
        assert [first.after, second.after] == texts
        assert first.at < second.at

    # --- people --------------------------------------------------------------------------------

    def test_the_log_says_who_set_a_label(self, world: World, tracker: Tracker) -> None:
        """And who took one away, oldest first."""
        number = world.open("first")
        world.label(number, "intake")
        tracker.update_issue(number, IssueChange(remove_labels=frozenset({"intake"})))
        people = {event.actor for event in tracker.label_events(number)}

        assert [("intake", True), ("intake", False)] == [
            (event.label, event.added) for event in tracker.label_events(number)
        ]
        assert len(people) == 2
        assert BOT in people

    def test_rights_are_those_of_the_repository(self, world: World, tracker: Tracker) -> None:
        """Members may triage, strangers may not."""
        world.outsider("mallory")
        world.open("second", by="mallory")

        assert [True, False] == [tracker.may_triage(login) for login in (BOT, "mallory")]

    def test_nobody_has_no_rights(self, tracker: Tracker) -> None:
        """Who left the forge is shown without a name."""
        assert tracker.may_triage("") is False

    def test_a_comment_is_said_once_and_read_back(self, world: World, tracker: Tracker) -> None:
        """One request; the text comes back as it was written, hidden marks included."""
        number = world.open("first")
        world.requests()
        tracker.comment(number, "<!-- mark -->\nOne `a :: b`")
        assert (1, 1) == world.requests()
        tracker.comment(number, "two")

        assert ("<!-- mark -->\nOne `a :: b`", "two") == tracker.comments(number)

    def test_a_comment_is_refused_to_a_dry_run(self, world: World) -> None:
        number = world.open("first")
        with pytest.raises(ReadOnly):
            world.tracker(read_only=True).comment(number, "one")

    def test_there_are_no_comments_below_what_is_not_there(self, tracker: Tracker) -> None:
        with pytest.raises(Missing):
            tracker.comments(99)

    # --- mishaps -------------------------------------------------------------------------------

    def test_a_read_only_tracker_writes_nothing(self, world: World) -> None:
        """Every writing method is refused before anything is sent; reading works."""
        number, key = world.open("first"), world.milestone("M1")
        tracker = world.tracker(read_only=True)
        tracker.read(Cursor())
        calls: list[Callable[[], object]] = [
            lambda: tracker.create_issue(draft()),
            lambda: tracker.update_issue(number, IssueChange(title="T")),
            lambda: tracker.update_issue(number, IssueChange(add_labels=frozenset({"a"}))),
            lambda: tracker.create_milestone(MilestoneDraft("M2", "", None)),
            lambda: tracker.update_milestone(key, MilestoneChange(closed=True)),
            lambda: tracker.ensure_label(Label("a", "ededed")),
        ]
        world.requests()
        for call in calls:
            with pytest.raises(ReadOnly):
                call()

        assert 0 == world.requests()[1]
        assert "first" == tracker.issue(number).title

    def test_a_lost_answer_is_of_unknown_fate_and_nothing_is_repeated(
        self, world: World, tracker: Tracker
    ) -> None:
        """The issue exists once, and is found among the recent ones."""
        before = tracker.create_issue(draft("before"))
        world.lose_next_answer("create_issue")
        world.requests()
        with pytest.raises(UnknownFate):
            tracker.create_issue(draft("lost"))

        assert 1 == world.requests()[1]
        assert ["lost", "before"] == [issue.title for issue in tracker.created_since(before.created_at)]

    def test_a_broken_write_is_of_unknown_fate_and_nothing_is_repeated(
        self, world: World, tracker: Tracker
    ) -> None:
        """A server error says nothing about what was done."""
        number = world.open("first")
        world.break_next("update_issue")
        with pytest.raises(UnknownFate):
            tracker.update_issue(number, IssueChange(title="T"))

        assert "first" == tracker.issue(number).title
        assert "T" == tracker.update_issue(number, IssueChange(title="T")).title
