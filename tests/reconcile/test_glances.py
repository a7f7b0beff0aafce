"""Runs that look at a few issues only: they do nothing that a look at everything would not have done."""

from __future__ import annotations

import dataclasses

import pytest

from syncer.errors import Rejected
from syncer.forges.memory.world import Failure
from syncer.model.fields import Field, TaskState
from syncer.service.cycle import Orders
from syncer.service.observe import Look
from tests.team import Team

TEXT = "# Plan\n\n## MVP\n\n- [ ] Weld the frame\n- [ ] Fit the valves\n- [ ] Paint it\n"


@pytest.fixture
def team() -> Team:
    made = Team(TEXT)
    made.sync()
    made.sync()
    return made


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[frozenset[int]]:
    """What each look was at; nothing for everything."""
    from syncer.service import cycle

    seen: list[frozenset[int]] = []
    remember = cycle.Cycle._remember

    def note(self: cycle.Cycle, project: object, book: object, found: Look, report: object) -> None:
        seen.append(found.issues)
        remember(self, project, book, found, report)  # type: ignore[arg-type]

    monkeypatch.setattr(cycle.Cycle, "_remember", note)
    return seen


def at(team: Team, *titles: str) -> Orders:
    """An event about these issues."""
    return Orders(issues=frozenset(team.number(title) for title in titles))


def test_an_event_brings_its_issue_and_no_other(team: Team, looks: list[frozenset[int]]) -> None:
    team.put("Weld the frame", TaskState.DONE)
    team.put("Paint it", TaskState.DONE)

    team.sync(at(team, "Weld the frame"))

    assert "- [x] Weld the frame\n- [ ] Fit the valves\n- [ ] Paint it\n" in team.text
    assert looks == [{team.number("Weld the frame")}]
    team.sync()
    assert "- [x] Paint it" in team.text


def test_how_far_the_tracker_was_read_does_not_move(team: Team) -> None:
    before = team.state.trackers[team.tracker_id()].cursor
    team.put("Paint it", TaskState.DONE)
    team.put("Weld the frame", TaskState.DONE)

    team.sync(at(team, "Weld the frame"))

    assert team.state.trackers[team.tracker_id()].cursor == before


def test_an_event_that_changes_nothing_reads_its_issue_only(team: Team, looks: list[frozenset[int]]) -> None:
    team.sync(at(team, "Weld the frame"))

    assert looks == [{team.number("Weld the frame")}]


def test_a_change_of_the_tracker_is_never_made_from_memory(team: Team, looks: list[frozenset[int]]) -> None:
    """A line was ticked, closing its issue failed; since then a person unticked it, unseen by us."""
    team.edit("- [ ] Weld", "- [x] Weld")
    team.repo.failures.append(Failure("update_issue", lambda: Rejected("not now")))
    team.run()
    assert team.issue("Weld the frame").state is TaskState.OPEN
    team.edit("- [x] Weld", "- [ ] Weld")
    looks.clear()

    team.sync(at(team, "Weld the frame"))

    assert team.issue("Weld the frame").state is TaskState.OPEN
    assert looks[-1] == frozenset()


def test_what_no_commit_proves_is_not_settled_from_memory(team: Team, looks: list[frozenset[int]]) -> None:
    """Closed as not planned leaves the box as it is, so nothing would be written."""
    team.put("Weld the frame", TaskState.DROPPED)

    team.sync(at(team, "Weld the frame"))

    assert looks == [{team.number("Weld the frame")}, frozenset()]
    base = team.binding("Weld the frame").base[team.tracker_id()][Field.STATE]
    assert (base.roadmap, base.tracker) == (TaskState.OPEN, TaskState.DROPPED)


def test_edits_that_follow_from_other_issues_wait_for_a_look_at_them(
    team: Team, looks: list[frozenset[int]]
) -> None:
    """What is remembered of them may have been overtaken."""
    team.set_base("Paint it", Field.STATE, TaskState.DONE, TaskState.DONE)
    team.put("Weld the frame", TaskState.DONE)

    team.sync(at(team, "Weld the frame"))

    assert looks[:2] == [{team.number("Weld the frame")}, frozenset()]


def test_a_new_issue_of_somebody_changes_nothing(team: Team, looks: list[frozenset[int]]) -> None:
    number = team.repository().open("Fit the valves", "As said in the meeting.")
    before = team.text

    team.sync(Orders(issues=frozenset({number})))

    assert team.text == before
    assert looks[0] == {number}


def test_an_issue_that_is_gone_leads_to_a_look_at_everything(team: Team, looks: list[frozenset[int]]) -> None:
    number = team.number("Weld the frame")
    team.repository().delete(number)

    team.sync(Orders(issues=frozenset({number})))

    assert looks == [frozenset()]


def test_a_branch_that_has_moved_leads_to_a_look_at_everything(
    team: Team, looks: list[frozenset[int]]
) -> None:
    team.put("Weld the frame", TaskState.DONE)
    team.edit("Paint it", "Paint it red")

    team.sync(at(team, "Weld the frame"))

    assert "- [x] Weld the frame" in team.text
    assert "Paint it red" in team.text
    assert looks == [{team.number("Weld the frame")}, frozenset()]


def test_nothing_is_remembered_before_the_first_run(looks: list[frozenset[int]]) -> None:
    team = Team(TEXT)

    team.sync(Orders(issues=frozenset({1})))

    assert len(team.issues()) == 3
    assert looks[0] == frozenset()


def test_two_trackers_are_both_looked_at(looks: list[frozenset[int]]) -> None:
    team = Team(TEXT, trackers=("acme/rune", "acme/mirror"))
    team.sync()
    looks.clear()

    team.sync(Orders(issues=frozenset({1})))

    assert looks == [frozenset()]


def test_an_order_for_a_complete_listing_is_not_narrowed(team: Team, looks: list[frozenset[int]]) -> None:
    team.sync(dataclasses.replace(at(team, "Weld the frame"), full=True))

    assert looks == [frozenset()]
