"""One edit of a person at every single call of a run: it is carried, or held and said, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from syncer.model.fields import TaskState
from tests.hostile.interference import Event
from tests.hostile.oracle import Oracle, Tally
from tests.hostile.world import HostileTeam

EDITS: dict[str, Callable[[HostileTeam], None]] = {
    "ticks a box": lambda team: team.set_box(1, "x"),
    "unticks a box": lambda team: team.set_box(0, " "),
    "closes an issue": lambda team: team.put_issue(1, TaskState.DONE),
    "drops an issue": lambda team: team.put_issue(2, TaskState.DROPPED),
    "reopens an issue": lambda team: team.put_issue(3, TaskState.OPEN),
    "retitles the issue of a reworded line": lambda team: team.retitle(4, "Keep the log"),
    "retitles an issue": lambda team: team.retitle(1, "Fit all the valves"),
    "rewords a line": lambda team: team.reword(2, ""),
    "moves a line": lambda team: team.move(2, 2),
    "adds a line": lambda team: team.add_line(1, "Ask Bob"),
    "renames a heading": lambda team: team.rename_heading(0, "Base"),
}


def _changed() -> tuple[HostileTeam, Oracle]:
    """Both sides were changed; the next run has something to do on each."""
    team = HostileTeam()
    oracle = Oracle(team, Tally())
    oracle.settle()
    team.put_issue(3, TaskState.DONE)
    oracle.settle()
    team.set_box(0, "x")
    team.put_issue(2, TaskState.DONE)
    team.reword(4, "")
    team.add_line(0, "Order more kerosene")
    return team, oracle


@pytest.mark.parametrize(
    "step", [pytest.param(7, id="every seventh"), pytest.param(1, id="every", marks=pytest.mark.thorough)]
)
@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_at_any_call_of_a_run_is_not_lost(
    edit: str, step: int, record_property: Callable[[str, object], None]
) -> None:
    team, _oracle = _changed()
    team.hostile_run([])
    calls = team.interference.calls
    checked = 0
    boundaries = range(1 + list(EDITS).index(edit) % step, calls + 1, step)
    for at in boundaries:
        for after in (False, True):
            team, oracle = _changed()
            person = EDITS[edit]
            team.hostile_run([Event(at, after, "edit", partial(person, team))])
            oracle.settle()
            checked += oracle.tally.carried
    assert checked
    record_property("boundaries", 2 * len(boundaries))
