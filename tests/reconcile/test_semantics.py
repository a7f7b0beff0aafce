"""The law as ``docs/semantics.md`` spells it out, executed row by row.

Each row is a world of its own: its plan says what the row says, and after applying it nothing is left to do.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from syncer.model.fields import Field, TaskState
from syncer.model.plan import Plan
from syncer.reconcile.policy import Criteria, Dropped, Policy
from syncer.service.cycle import Orders
from tests.reconcile import worlds
from tests.reconcile.law import (
    carried,
    said,
    team_with,
    team_with_dates,
    team_with_names,
    team_with_titles,
    with_policy,
)
from tests.reconcile.tables import Row, rows
from tests.team import UNLIMITED, Team

WINNERS = ("hold", "roadmap", "tracker")
SCALARS: dict[Field, Callable[[str, str, str, Policy], Team]] = {
    Field.TITLE: team_with_titles,
    Field.NAME: team_with_names,
    Field.DUE: team_with_dates,
}


def _patterns(length: int, letters: str = "ABCD") -> set[str]:
    """Every way in which so many values can be equal or differ, by letters in order of appearance."""
    found = {""}
    for _ in range(length):
        found = {each + letter for each in found for letter in letters[: len(set(each)) + 1]}
    return found


def test_the_tables_are_complete() -> None:
    """No combination is without a row, and none has two."""
    states = [state.value for state in TaskState]
    pairs = [*product(states, states), ("none", "none")]
    state_rows = [row[:4] for row in rows("state")]
    assert sorted(state_rows) == sorted((*pair, r, t) for pair in pairs for r in states for t in states)
    scalar = {(p[:2], p[2], p[3]) for p in _patterns(4)} | {("none", p[0], p[1]) for p in _patterns(2)}
    for law in ("scalar", "place"):
        found = [row[:3] for row in rows(law)]
        assert len(found) == len(set(found))
        assert set(found) == scalar
    finished = ("open", "finished")
    halves = [*product(finished, finished), ("none", "none")]
    assert sorted(row[:4] for row in rows("milestone")) == sorted(
        (*pair, a, b) for pair in halves for a in finished for b in finished
    )
    assert sorted(row[:3] for row in rows("labels")) == sorted(
        product(("yes", "no", "none"), ("yes", "no"), ("yes", "no"))
    )
    assert sorted(row[0] for row in rows("presence")) == sorted(worlds.names())


def _name(row: Row) -> str:
    return "-".join(row)


def _settles(team: Team) -> None:
    """A run leaves nothing for the next one, which writes nothing either."""
    first = team.sync(Orders(full=True)).plan
    assert first is not None
    text, issues = team.read_all(), team.issues()
    again = team.sync(Orders(full=True)).plan
    assert again is not None
    assert again.actions == ()
    assert (team.read_all(), team.issues()) == (text, issues)


@pytest.mark.parametrize("winner", WINNERS)
@pytest.mark.parametrize("row", rows("state"), ids=_name)
def test_state(row: Row, winner: str) -> None:
    was, beside, roadmap, tracker, *expected = row
    settled = None if was == "none" else (TaskState(was), TaskState(beside))
    policy = with_policy(Field.STATE, winner)
    team = team_with(settled, TaskState(roadmap), TaskState(tracker), policy)

    assert said(team.plan()) == expected[WINNERS.index(winner)]
    _settles(team)


@pytest.mark.parametrize("row", rows("state"), ids=_name)
def test_state_where_dropped_is_marked(row: Row) -> None:
    """``dropped = "mark"`` turns a settled difference beside an open box into an edit, and nothing else."""
    was, beside, roadmap, tracker, hold, *_ = row
    settled = None if was == "none" else (TaskState(was), TaskState(beside))
    policy = Policy(criteria=Criteria.IGNORE, limits=UNLIMITED, dropped=Dropped.MARK)
    team = team_with(settled, TaskState(roadmap), TaskState(tracker), policy)
    dropped_now = (roadmap, tracker) == ("open", "dropped") and beside != "dropped"
    marks = dropped_now and was == "open"

    assert said(team.plan()) == ("mark dropped" if marks else hold)
    _settles(team)


@pytest.mark.parametrize("row", [row for row in rows("state") if row[0] == "none"], ids=_name)
def test_state_where_done_wins(row: Row) -> None:
    """``done_wins`` carries done beside open without a base, and changes nothing else."""
    *_, roadmap, tracker, hold, _roadmap_wins, _tracker_wins = row
    policy = Policy(criteria=Criteria.IGNORE, limits=UNLIMITED, done_wins=True)
    team = team_with(None, TaskState(roadmap), TaskState(tracker), policy)
    expected = {("done", "open"): "close", ("open", "done"): "tick"}.get((roadmap, tracker), hold)

    assert said(team.plan()) == expected
    _settles(team)


@pytest.mark.parametrize("winner", WINNERS)
@pytest.mark.parametrize("field", SCALARS, ids=lambda field: str(field.value))
@pytest.mark.parametrize("row", rows("scalar"), ids=_name)
def test_scalars(row: Row, field: Field, winner: str) -> None:
    was, roadmap, tracker, *expected = row
    settled = "" if was == "none" else was
    team = SCALARS[field](settled, roadmap, tracker, with_policy(field, winner))

    assert carried(team.plan(), field) == expected[WINNERS.index(winner)]
    _settles(team)


def _row_of(make: Callable[..., Team], says: Callable[[Plan], str], arguments: Row, expected: str) -> None:
    team = make(*arguments)
    assert says(team.plan()) == expected
    _settles(team)


@pytest.mark.parametrize("row", rows("place"), ids=_name)
def test_the_stage_of_an_item(row: Row) -> None:
    was, roadmap, tracker, expected = row
    arguments = ("" if was == "none" else was, roadmap, tracker)
    _row_of(worlds.place, worlds.said_of_place, arguments, expected)


@pytest.mark.parametrize("row", rows("labels"), ids=_name)
def test_labels(row: Row) -> None:
    *arguments, expected = row
    _row_of(worlds.labels, worlds.said_of_labels, tuple(arguments), expected)


@pytest.mark.parametrize("row", rows("milestone"), ids=_name)
def test_the_state_of_a_milestone(row: Row) -> None:
    was, beside, stage, milestone, expected = row
    settled = None if was == "none" else (was, beside)
    team = worlds.milestone_state(settled, stage, milestone)
    assert worlds.said_of_milestone(team.plan()) == expected
    _settles(team)


@pytest.mark.parametrize("row", rows("presence"), ids=lambda row: row[0])
def test_presence(row: Row) -> None:
    name, expected = row
    team = worlds.world(name)
    report = team.run(Orders(full=True))
    assert report.problem is None
    assert report.plan is not None
    assert worlds.summary(report.plan) == expected
    _settles(team)


def test_dropped_is_struck_through_and_comes_back() -> None:
    """``dropped = "strike"`` strikes the line of an issue that is closed as not planned."""
    policy = Policy(criteria=Criteria.IGNORE, limits=UNLIMITED, dropped=Dropped.STRIKE)
    team = Team("# Plan\n\n- [ ] Write the parser\n- [ ] Write the manual\n", policy=policy)
    team.settled()
    team.put("Write the manual", TaskState.DROPPED)
    team.settled()
    assert team.text == "# Plan\n\n- [ ] Write the parser\n- [ ] ~~Write the manual~~\n"

    team.put("Write the manual", TaskState.OPEN)
    team.settled()
    assert team.text == "# Plan\n\n- [ ] Write the parser\n- [ ] Write the manual\n"

    team.edit("Write the parser", "~~Write the parser~~")
    team.settled()
    assert team.issue("Write the parser").state is TaskState.DROPPED


def test_a_row_and_its_mirrors_are_written_in_the_same_edit() -> None:
    team = worlds.world("the issue of a mirrored row is closed")
    team.settled()
    assert team.text == worlds.MIRRORED.replace("Pending", "Complete")


def test_a_mirror_that_differs_from_its_row_is_reported_and_left_alone() -> None:
    team = worlds.world("a mirror is completed, its row is left")
    before = team.text
    team.settled()
    assert team.text == before
    assert [problem.code for problem in team.document().problems] == ["mirror-drift"]
