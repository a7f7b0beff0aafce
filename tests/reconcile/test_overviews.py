"""Places that repeat how far a stage is, as ``docs/semantics.md`` has them."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from syncer.model.edits import SetStageStatus
from syncer.model.plan import EditRoadmap
from syncer.reconcile.policy import StageStatus
from tests.reconcile.tables import Row, rows
from tests.team import PLAIN, Team

WRITE = replace(PLAIN, stage_status=StageStatus.WRITE)
BOXES = {"none done": "  ", "some done": "x ", "all done": "xx"}
WORDS = ("Planned", "In Progress", "Complete")


def _roadmap(items: str, says: str) -> str:
    first, second = list(BOXES[items])
    table = "\n".join(
        f"| {name} | {word} |"
        for name, word in [("M1: Ground", says), *zip(("M2", "M3", "M4"), WORDS, strict=True)]
    )
    return (
        f"# Plan\n\n| Milestone | Status |\n|---|---|\n{table}\n\n"
        f"## M1: Ground\n\n- [{first}] Build the ramp\n- [{second}] Build the fence\n"
    )


def test_the_table_is_complete() -> None:
    found = [row[:2] for row in rows("overviews")]
    assert len(found) == len(set(found))
    assert set(product(BOXES, WORDS)) <= set(found)


@pytest.mark.parametrize("row", rows("overviews"), ids="-".join)
def test_overviews(row: Row) -> None:
    items, says, expected = row
    text = _roadmap(items, says)
    team = Team(text, policy=WRITE)
    plan = team.settled()
    written = expected if expected in WORDS else says
    assert team.text == text.replace(f"M1: Ground | {says} |", f"M1: Ground | {written} |")
    assert [hold.code for hold in plan.holds] == (["stage-status"] if expected == "report" else [])


@pytest.mark.parametrize("row", rows("overviews"), ids="-".join)
def test_nothing_is_written_by_default(row: Row) -> None:
    text = _roadmap(row[0], row[1])
    team = Team(text)
    team.settled()
    assert team.text == text


def test_what_a_person_claimed_is_in_the_journal_before_it_gives_way() -> None:
    team = Team(_roadmap("some done", "Complete"), policy=WRITE)
    (edit,) = (each for each in team.plan().actions if isinstance(each, EditRoadmap))
    assert isinstance(edit.edit, SetStageStatus)
    assert edit.overrules == "Complete"
    team.sync()
    assert any(entry.kind == "lost-value" for entry in team.ledger.journal("rune"))
