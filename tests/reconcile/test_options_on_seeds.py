"""Every option at once on the five seeds: no further issue, not a byte changed, nothing left to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.labelling_settings import LabelSettings, labelling_of
from syncer.reconcile.policy import Criteria, Loops, Placement, StageStatus
from tests.roadmap import seeds
from tests.team import PLAIN, Team

pytestmark = seeds.needs_seeds

_LABELS = LabelSettings(
    stage="stage: {}",
    section="area: {}",
    priority="prio {}",
    prefix="{}",
    tag="{}",
    estimate="est {}",
    due="due {}",
    loop="loop {}",
    started="doing",
)
EVERYTHING = replace(
    PLAIN,
    criteria=Criteria.GATE,
    stage_status=StageStatus.WRITE,
    loops=Loops.EXPAND,
    placement=Placement.BOTH,
    labelling=labelling_of(_LABELS),
)


@pytest.mark.parametrize(
    ("key", "issues", "milestones", "codes"),
    [
        ("000", 66, 12, {"stage-status"}),
        ("001", 73, 4, set()),
        ("002", 0, 2, set()),
        ("003", 13, 4, set()),
        ("004", 22, 6, set()),
    ],
)
def test_all_options_together(key: str, issues: int, milestones: int, codes: set[str]) -> None:
    data = seeds.read_seeds()[key].data
    team = Team({"TODO.md": data}, policy=EVERYTHING)
    plan = team.settled()
    assert (len(team.issues()), len(team.milestones())) == (issues, milestones)
    assert {hold.code for hold in plan.holds} == codes
    assert team.repo.file("TODO.md") == data
