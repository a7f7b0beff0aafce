"""Overview rows, headings and boxes that follow their stage, over real HTTP."""

from __future__ import annotations

from tests.examples.reading import examples
from tests.practice.conftest import YardMaker


def test_the_last_issue_of_a_stage_moves_everything_that_repeats_it_in_one_commit(yard: YardMaker) -> None:
    example = examples("overviews.md")[0].blocks
    team = yard(example["roadmap"], stage_status="write")
    team.settled()
    before = len(team.repository.log())
    team.issue("Build the wings").close()
    team.settled()
    assert team.text() == example["roadmap, after"]
    assert len(team.repository.log()) == before + 1

    team.issue("Build the wings").reopen()
    team.settled()
    assert "Flight | In Progress |" in team.text()
    assert "## 🚧 Phase 2: Flight" in team.text()
    assert "- [ ] **Phase 2: Flight**" in team.text()
