"""The law about groups as ``docs/semantics.md`` spells it out, executed row by row."""

from __future__ import annotations

from itertools import product

import pytest

from syncer.model.fields import TaskState
from syncer.service.cycle import Orders
from tests.reconcile import families
from tests.reconcile.tables import Row, rows
from tests.team import Team

STATES = ("open", "done")


def _settles(team: Team) -> None:
    """A run leaves nothing for the next one."""
    team.sync()
    again = team.sync(Orders(full=True)).plan
    assert again is not None
    assert again.actions == ()


def test_the_tables_are_complete() -> None:
    """No combination is without a row; where an issue stands has the law of its milestone."""
    assert rows("place") == [
        (*row[:3], {"move the issue": "to the tracker"}.get(row[3], row[3])) for row in rows("parent")
    ]
    halves = [*product(STATES, STATES), ("none", "none")]
    assert sorted((*pair, *now) for pair in halves for now in product(STATES, STATES, STATES)) == sorted(
        row[:5] for row in rows("group")
    )


@pytest.mark.parametrize("row", rows("parent"), ids="-".join)
def test_what_an_issue_stands_below(row: Row) -> None:
    was, roadmap, tracker, expected = row
    team = families.parent(was, roadmap, tracker)

    assert expected == families.said_of_parent(team.plan())
    _settles(team)


@pytest.mark.parametrize("row", rows("group"), ids="-".join)
def test_the_state_of_a_parent(row: Row) -> None:
    was, beside, box, below, issue, expected = row
    settled = None if was == "none" else (was, beside)
    team = families.group(settled, box, below, issue)
    child = team.issue("Child").state

    assert expected == families.said_of_group(team.plan())
    _settles(team)
    assert child is team.issue("Child").state
    if "tick" not in expected:
        assert f"- [{'x' if box == 'done' else ' '}] Parent" in team.text
    if expected in ("close", "reopen"):
        assert (TaskState.DONE if expected == "close" else TaskState.OPEN) is team.issue("Parent").state
