"""The same in memory, where every single boundary fits into a few seconds: forge and ledger calls alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncer.model.fields import TaskState
from syncer.service.cycle import Orders
from tests.hostile.ending import end_of
from tests.hostile.interference import Event
from tests.hostile.world import PATH, HostileTeam


def _first(_team: HostileTeam) -> None:
    """Nothing was there before."""


def _mixed(team: HostileTeam) -> None:
    """Both sides were changed since the last sync."""
    team.write(team.text + "- [ ] Teach the parser\n- [ ] Invite the neighbours\n- [ ] Ask Bob\n", PATH)
    team.hostile_run([])
    team.put("Ask Bob", TaskState.DONE)
    team.hostile_run([])
    team.clock.pass_time()
    team.put("Ask Bob", TaskState.OPEN)
    team.put("Fit the valves", TaskState.DONE)
    team.put("Paint the nose cone", TaskState.DROPPED)
    team.repo.retitle(team.number("Check the seals"), "Quite another thing")
    team.edit("- [ ] Weld", "- [x] Weld")
    team.edit("Teach the parser", "Teach the parser about tables")
    team.edit("- [ ] Write the log book\n", "")
    team.edit("* [ ] Check the seals\n", "* [ ] Check the seals\n* [ ] Write the log book\n* [ ] New here\n")
    team.edit("Phase 1: Ground", "Phase 1: Base")
    team.repo.change_milestone(2, title="Phase 2: Ascent")


STORIES: dict[str, Callable[[HostileTeam], None]] = {"a first sync": _first, "mixed changes": _mixed}
CUTS = {
    "killed before": ("kill", False),
    "killed behind": ("kill", True),
    "failed before": ("fail", False),
    "failed behind": ("fail", True),
}


class _Plain(HostileTeam):
    """A team whose file may get lines by other ways than people's."""

    def _follow_commits(self) -> None:
        """Whose line is whose does not matter here."""


def test_a_database_that_fails_for_a_moment_after_the_commit_leaves_no_old_file_behind() -> None:
    """The run had it in memory that the new file was remembered, and remembered only its revision."""
    undisturbed = _Plain()
    _mixed(undisturbed)
    undisturbed.hostile_run([])
    saves = undisturbed.interference.by_name["save"]
    expected = end_of(undisturbed)
    for at in range(saves - 4, saves + 1):
        for after in (False, True):
            team = _Plain()
            _mixed(team)
            team.hostile_run([Event(at, after, "fail", method="save")])
            assert end_of(team) == expected


@pytest.mark.parametrize(
    "step", [pytest.param(4, id="every fourth"), pytest.param(1, id="every", marks=pytest.mark.thorough)]
)
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("how", CUTS)
def test_a_run_that_is_cut_short_at_any_call_ends_as_if_it_had_not_been(
    how: str, story: str, step: int, record_property: Callable[[str, object], None]
) -> None:
    undisturbed = _Plain()
    STORIES[story](undisturbed)
    undisturbed.hostile_run([], Orders(approve=True))
    calls = undisturbed.interference.calls
    expected = end_of(undisturbed)
    assert calls > 30
    what, after = CUTS[how]
    boundaries = range(1 + list(CUTS).index(how) % step, calls + 1, step)
    for at in boundaries:
        team = _Plain()
        STORIES[story](team)
        team.hostile_run([Event(at, after, what)])
        assert end_of(team) == expected, f"{how} call {at} of {calls}"
    record_property("boundaries", len(boundaries))
