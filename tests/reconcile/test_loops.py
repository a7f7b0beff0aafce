"""Iterations of a repeat loop are milestones that nothing is bound to."""

from __future__ import annotations

from dataclasses import replace

from syncer.reconcile.policy import Loops
from tests.team import PLAIN, Team

NAME = "Phase 2: Release candidates (RC1 – RC3)"
TEXT = (
    "# Plan\n\n## Phase 1: Alpha\n\n- [ ] Build it\n\n"
    f"## {NAME}\n\nRepeat the loop.\n\n- [ ] Freeze\n- [ ] Triage\n"
)


def test_an_iteration_is_not_taken_for_its_stage_after_the_ledger_was_lost() -> None:
    team = Team(TEXT, policy=replace(PLAIN, loops=Loops.EXPAND))
    team.settled()
    second = team.milestone("RC2").key
    for title in ("Freeze", "Triage"):
        team.repository().change(team.number(title), milestone=second)
    team.repository().change_milestone(team.milestone(NAME).key, title="Hardening")
    team.settled()
    team.edit("Triage", "Triage all findings")
    team.lose_ledger()
    team.sync()
    bound = {key for binding in team.state.stages.values() for key in binding.milestones.values()}
    assert second not in bound
    assert team.milestone("RC2").key == second
