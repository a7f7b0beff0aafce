"""Expected values are proven right before each write, and what slipped in between is put back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncer.errors import Rejected
from syncer.forges.memory.world import Failure
from syncer.model.fields import Field, TaskState
from syncer.model.ledger import JournalEntry, RunOutcome
from syncer.model.plan import Severity
from syncer.reconcile.policy import Criteria, Limits, Policy
from tests.hostile.interference import Event
from tests.hostile.world import HostileTeam
from tests.team import Team


def _synced() -> HostileTeam:
    team = HostileTeam()
    team.hostile_run([])
    team.clock.pass_time()
    return team


def _conflicts(team: HostileTeam) -> list[Field]:
    plan = team.quiet_plan()
    assert plan.actions == ()
    return [hold.field for hold in plan.holds if hold.severity is Severity.CONFLICT]


def test_an_issue_that_is_dropped_right_before_we_reopen_it_stays_dropped() -> None:
    team = _synced()
    team.set_box(0, "x")
    team.hostile_run([])
    assert team.repo.issue(1).state is TaskState.DONE
    team.set_box(0, " ")
    drop: Callable[[], None] = lambda: team.put_issue(0, TaskState.DROPPED)  # noqa: E731

    team.hostile_run([Event(1, False, "edit", drop, method="issue")])

    assert team.repo.issue(1).state is TaskState.DROPPED
    assert _conflicts(team) == [Field.STATE]


def test_a_title_that_is_set_right_before_we_retitle_stays() -> None:
    team = _synced()
    team.reword(0, "")
    retitle: Callable[[], None] = lambda: team.retitle(0, "Rivet the frame")  # noqa: E731

    team.hostile_run([Event(1, False, "edit", retitle, method="issue")])

    assert team.repo.issue(1).title == "Rivet the frame"
    assert team.tasks[0].title == "Weld the frame of the rover again"
    assert _conflicts(team) == [Field.TITLE]


@pytest.mark.parametrize("dies", [False, True], ids=["the run goes on", "the run dies"])
def test_a_title_that_is_set_between_our_reading_and_our_writing_is_put_back(dies: bool) -> None:
    """Also where the process ends before it could notice: the next one looks at the forge's log."""
    team = _synced()
    team.reword(0, "")
    retitle: Callable[[], None] = lambda: team.retitle(0, "Rivet the frame")  # noqa: E731
    events = [Event(1, False, "edit", retitle, method="update_issue")]
    if dies:
        events.append(Event(1, True, "kill", method="update_issue"))

    team.hostile_run(events)
    team.hostile_run([])

    assert team.repo.issue(1).title == "Rivet the frame"
    assert team.tasks[0].title == "Weld the frame of the rover again"
    assert _conflicts(team) == [Field.TITLE]
    assert any(entry.kind == "restored" for entry in team.ledger.journal("rune"))


@pytest.mark.parametrize("dies", [False, True], ids=["the run goes on", "the run dies"])
def test_a_body_that_is_written_between_our_reading_and_our_writing_is_given_back(dies: bool) -> None:
    team = _synced()
    _describe(team)
    events = [Event(1, False, "edit", lambda: team.write_outside(0), method="update_issue")]
    if dies:
        events.append(Event(1, True, "kill", method="update_issue"))

    team.hostile_run(events)
    team.hostile_run([])

    body = team.repo.issue(1).body
    assert body.startswith("Seen by Bob.\n\n")
    assert body.endswith("\n\nAnd below.")
    assert "Of steel." in body
    assert [entry.kind for entry in _journal(team)].count("restored") == 1
    assert team.quiet_plan().actions == ()


def test_a_body_that_is_written_while_another_is_given_back_is_given_back_as_well() -> None:
    team = _synced()
    _describe(team)
    carol: Callable[[], None] = lambda: _append(team, "Carol agrees.")  # noqa: E731

    team.hostile_run(
        [
            Event(1, False, "edit", lambda: team.write_outside(0), method="update_issue"),
            Event(2, False, "edit", carol, method="update_issue"),
        ]
    )

    assert team.repo.issue(1).body.endswith("Carol agrees.")
    assert any("And below." in entry.text for entry in _journal(team) if entry.kind == "restored")
    assert team.quiet_plan().actions == ()


def test_a_body_that_was_written_again_after_ours_is_left_and_the_journal_keeps_what_ours_replaced() -> None:
    team = _synced()
    _describe(team)
    carol: Callable[[], None] = lambda: _append(team, "Carol agrees.")  # noqa: E731

    team.hostile_run(
        [
            Event(1, False, "edit", lambda: team.write_outside(0), method="update_issue"),
            Event(1, True, "edit", carol, method="update_issue"),
        ]
    )

    assert team.repo.issue(1).body.endswith("Carol agrees.")
    assert any("And below." in entry.text for entry in _journal(team) if entry.kind == "overwritten")


@pytest.mark.parametrize("dies", [False, True], ids=["the run goes on", "the run dies"])
def test_where_the_forge_keeps_no_bodies_the_journal_says_that_one_was_written_over(dies: bool) -> None:
    team = _synced()
    team.repo.tells_bodies = False
    _describe(team)
    team.clock.pass_time()
    events = [Event(1, False, "edit", lambda: team.write_outside(0), method="update_issue")]
    if dies:
        events.append(Event(1, True, "kill", method="update_issue"))

    team.hostile_run(events)
    team.hostile_run([])

    (entry,) = [entry for entry in _journal(team) if entry.kind == "overwritten"]
    assert entry.place == "#1"
    assert "the forge does not tell the text" in entry.text
    assert team.quiet_plan().actions == ()


def test_a_write_that_replaced_nothing_unseen_is_not_reported() -> None:
    """Neither an edit that was seen, nor one that came after."""
    team = _synced()
    team.repo.tells_bodies = False
    team.write_outside(0)
    team.clock.pass_time()
    _describe(team)

    team.hostile_run([Event(1, True, "edit", lambda: _append(team, "Carol agrees."), method="body_events")])

    assert [entry for entry in _journal(team) if entry.kind == "overwritten"] == []


def _describe(team: HostileTeam) -> None:
    """A line of description, which the block in the issue's body is to show."""
    lines = team.lines
    first = next(at for at, line in enumerate(lines) if line.text.startswith("- ["))
    team.put_lines([*lines[: first + 1], team.new_line("  - Of steel."), *lines[first + 1 :]])


def _journal(team: HostileTeam) -> tuple[JournalEntry, ...]:
    return team.ledger.journal("rune")


def _append(team: HostileTeam, text: str) -> None:
    team.repo.change(1, body=f"{team.repo.issue(1).body}\n\n{text}")


def test_a_push_right_before_our_commit_is_not_overwritten() -> None:
    team = _synced()
    team.put_issue(0, TaskState.DONE)
    tick: Callable[[], None] = lambda: team.set_box(1, "x")  # noqa: E731

    team.hostile_run([Event(1, False, "edit", tick, method="commit")])

    assert [line.state for line in team.tasks[:2]] == [TaskState.DONE, TaskState.DONE]
    assert team.repo.issue(2).state is TaskState.DONE


def test_a_plan_beyond_the_limits_waits() -> None:
    lines = "".join(f"- [ ] Build part {number}\n" for number in range(51))
    team = Team(f"# Plan\n\n{lines}", policy=Policy(criteria=Criteria.IGNORE, limits=Limits()))

    report = team.sync()

    assert report.outcome is RunOutcome.HELD
    assert team.issues() == []


def test_a_plan_that_is_only_shown_changes_nothing() -> None:
    team = Team("# Plan\n\n## Phase 1: Ground\n\n- [ ] Weld the frame\n")

    plan = team.plan()

    assert len(plan.effects) == 3
    assert team.issues() == []
    assert team.milestones() == []
    assert team.state.generation == 0


def test_a_commit_settles_nothing_with_a_tracker_that_was_not_told() -> None:
    """The other tracker still shows the old title, which must not look like a change of somebody's."""
    team = Team("# Plan\n\n- [ ] Weld the frame\n", trackers=("acme/rune", "acme/mirror"))
    team.settled()
    team.repository("acme/rune").retitle(1, "Rivet the frame")
    refuse = Failure("update_issue", lambda: Rejected("not now"))
    team.repository("acme/mirror").failures.append(refuse)
    report = team.run()
    assert len(report.failures) == 1
    assert "- [ ] Rivet the frame" in team.text

    team.settled()

    assert "- [ ] Rivet the frame" in team.text
    for name in ("acme/rune", "acme/mirror"):
        assert [issue.title for issue in team.issues(name)] == ["Rivet the frame"]
