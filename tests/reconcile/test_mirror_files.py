"""Files that repeat a roadmap, as ``docs/semantics.md`` has them."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from syncer.model.plan import EditRoadmap
from tests.reconcile.tables import Row, rows
from tests.team import PLAIN, Team

POLICY = replace(PLAIN, mirrors={"COPY.md": "TODO.md"})
MARK = {"open": " ", "done": "x"}
TEXT = "# Plan\n\n- [{}] Write the parser\n- [ ] Test it\n"


def test_the_table_is_complete() -> None:
    assert sorted(row[:3] for row in rows("mirror-files")) == sorted(
        product(("open", "done", "none"), ("open", "done"), ("open", "done"))
    )


@pytest.mark.parametrize("row", rows("mirror-files"), ids="-".join)
def test_mirror_files(row: Row) -> None:
    agreed, original, mirror, expected = row
    first = {"TODO.md": TEXT.format(MARK[original]), "COPY.md": TEXT.format(MARK[mirror])}
    if agreed != "none":
        first = dict.fromkeys(first, TEXT.format(MARK[agreed]))
    team = Team(first, policy=POLICY)
    if agreed != "none":
        team.settled()
        for path, state in (("TODO.md", original), ("COPY.md", mirror)):
            if state != agreed:
                team.edit(f"[{MARK[agreed]}] Write", f"[{MARK[state]}] Write", path)
    plan = team.plan()
    followed = any(isinstance(each, EditRoadmap) and each.path == "COPY.md" for each in plan.actions)
    reported = any(hold.code == "mirror-differs" for hold in plan.holds)
    assert ("follow" if followed else "report" if reported else "nothing") == expected
    team.settled()
    assert team.read() == TEXT.format(MARK[original])
    assert team.read("COPY.md") == TEXT.format(MARK[original if followed else mirror])


def test_a_roadmap_that_becomes_a_mirror_keeps_its_issues_and_closes_none() -> None:
    team = Team({"TODO.md": TEXT.format(" "), "COPY.md": TEXT.format(" ")})
    team.settled()
    assert len(team.issues()) == 4
    team.policy = POLICY
    assert [hold.code for hold in team.settled().holds] == ["file-lost"]
    assert all(not issue.state.finished for issue in team.issues())
