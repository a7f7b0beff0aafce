"""What people do to a roadmap, and which issue each line has afterwards: the same one, or a question."""

from __future__ import annotations

import pytest

from syncer.model.fields import TaskState
from tests.team import Team

PLAN = """# Plan

## Phase 1: Alpha

- [ ] Write the parser for all dialects
- [ ] Measure how long the import takes
- [ ] Add tests

## Phase 2: Beta

- [ ] Publish the manual in three languages
- [ ] Add tests
"""

PARSER = "- [ ] Write the parser for all dialects\n"
MEASURE = "- [ ] Measure how long the import takes\n"
MANUAL = "- [ ] Publish the manual in three languages\n"
PRINTED = "- [ ] Publish the printed manual in three languages\n"
TESTS = "- [ ] Add tests\n"
BETA = "## Phase 2: Beta\n\n"


@pytest.fixture
def team() -> Team:
    team = Team(PLAN)
    team.settled()
    return team


def _numbers(team: Team) -> dict[str, int]:
    """Which issue each line has, by the line's place and text."""
    document = team.document()
    found = {}
    for key, uid in team.plan().items:
        item = document.entry(key.index)
        (number,) = team.state.bindings[uid].refs.values()
        found[f"{item.section[0]}: {item.title}"] = number
    return found


def _codes(team: Team) -> list[str]:
    return sorted({hold.code for hold in team.holds})


def test_a_line_moved_to_another_stage_keeps_its_issue_and_takes_it_along(team: Team) -> None:
    number = team.number("Write the parser for all dialects")
    text = PLAN.replace(PARSER, "")
    team.write(text.replace(BETA, BETA + PARSER))
    team.settled()
    assert _numbers(team)["Phase 2: Beta: Write the parser for all dialects"] == number
    assert team.repository().issue(number).milestone == team.milestone("Phase 2: Beta").key
    assert len(team.issues()) == 5


def test_a_reworded_line_keeps_its_issue_and_retitles_it(team: Team) -> None:
    number = team.number("Measure how long the import takes")
    team.edit("Measure how long the import takes", "Measure how long the first import takes")
    team.settled()
    assert team.repository().issue(number).title == "Measure how long the first import takes"
    assert len(team.issues()) == 5


def test_a_line_moved_and_reworded_at_once_keeps_its_issue(team: Team) -> None:
    number = team.number("Publish the manual in three languages")
    text = PLAN.replace(MANUAL, "")
    team.write(text.replace(MEASURE, PRINTED + MEASURE))
    team.settled()
    assert team.repository().issue(number).title == "Publish the printed manual in three languages"
    assert len(team.issues()) == 5


def test_a_moved_and_reworded_line_shows_its_score_in_the_plan(team: Team) -> None:
    text = PLAN.replace(MANUAL, "")
    team.write(text.replace(MEASURE, PRINTED + MEASURE))
    scores = [getattr(action, "score", 100.0) for action in team.plan().actions]
    assert any(70 < score < 100 for score in scores)


def test_a_reordered_list_changes_nothing(team: Team) -> None:
    before = _numbers(team)
    team.write(PLAN.replace(PARSER + MEASURE + TESTS, TESTS + MEASURE + PARSER))
    team.settled()
    assert _numbers(team) == before
    assert len(team.issues()) == 5


def test_a_renamed_stage_is_one_renamed_milestone(team: Team) -> None:
    key = team.milestone("Phase 1: Alpha").key
    before = sorted(_numbers(team).values())
    team.edit("## Phase 1: Alpha", "## Phase 1: Groundwork")
    team.settled()
    assert team.milestone("Phase 1: Groundwork").key == key
    assert len(team.milestones()) == 2
    assert sorted(_numbers(team).values()) == before


def test_renumbered_stages_keep_their_milestones(team: Team) -> None:
    alpha, beta = team.milestone("Phase 1: Alpha").key, team.milestone("Phase 2: Beta").key
    text = PLAN.replace("Phase 2: Beta", "Phase 3: Beta").replace("Phase 1: Alpha", "Phase 2: Alpha")
    sketch = "# Plan\n\n## Phase 1: Sketch\n\n- [ ] Draw the screens on paper\n"
    team.write(text.replace("# Plan\n", sketch, 1))
    team.settled()
    assert team.milestone("Phase 2: Alpha").key == alpha
    assert team.milestone("Phase 3: Beta").key == beta
    assert len(team.milestones()) == 3
    assert len(team.issues()) == 6


def test_equal_titles_in_two_stages_stay_apart(team: Team) -> None:
    before = _numbers(team)
    first, second = before["Phase 1: Alpha: Add tests"], before["Phase 2: Beta: Add tests"]
    team.repository().close(second)
    team.settled()
    assert team.text == PLAN.removesuffix("- [ ] Add tests\n") + "- [x] Add tests\n"
    assert team.repository().issue(first).state is TaskState.OPEN


def test_a_line_copied_below_itself_leaves_the_issue_with_one_of_them(team: Team) -> None:
    number = team.number("Measure how long the import takes")
    team.edit(
        "- [ ] Measure how long the import takes\n",
        "- [ ] Measure how long the import takes\n- [ ] Measure how long the import takes\n",
    )
    team.settled()
    owners = [uid for uid, binding in team.state.bindings.items() if number in binding.refs.values()]
    assert len(owners) == 1
    assert len(team.issues()) <= 6


def test_a_line_copied_to_another_stage_gets_an_issue_of_its_own(team: Team) -> None:
    number = team.number("Measure how long the import takes")
    team.edit("- [ ] Publish", "- [ ] Measure how long the import takes\n- [ ] Publish")
    team.settled()
    numbers = _numbers(team)
    assert numbers["Phase 1: Alpha: Measure how long the import takes"] == number
    assert numbers["Phase 2: Beta: Measure how long the import takes"] == 6


def test_a_line_split_in_two_is_a_question_or_stays_with_the_nearer_one(team: Team) -> None:
    number = team.number("Write the parser for all dialects")
    team.edit(
        PARSER,
        "- [ ] Write the parser for GitHub dialects\n- [ ] Write the parser for GitLab dialects\n",
    )
    team.settled()
    assert "unclear" in _codes(team)
    assert team.repository().issue(number).title == "Write the parser for all dialects"
    assert len(team.issues()) == 5


def test_two_lines_merged_into_one_lose_no_issue(team: Team) -> None:
    merged = "- [ ] Measure how long the import takes and add tests\n"
    team.edit(MEASURE + TESTS + "\n" + BETA, merged + "\n" + BETA)
    team.settled()
    assert len(team.issues()) == 5
    assert all(issue.state is TaskState.OPEN for issue in team.issues())
    assert _codes(team)


def test_a_renamed_file_is_no_second_import(team: Team) -> None:
    before = sorted(_numbers(team).values())
    team.repo.push({"TODO.md": None, "docs/ROADMAP.md": PLAN.encode()})
    team.settled()
    assert len(team.issues()) == 5
    assert all("docs/ROADMAP.md" in issue.body for issue in team.issues())
    assert sorted(n for b in team.state.bindings.values() for n in b.refs.values()) == before


def test_a_line_moved_to_another_file_keeps_its_issue() -> None:
    team = Team({"TODO.md": PLAN, "LATER.md": "# Later\n\n- [ ] Translate the website\n"})
    team.settled()
    number = team.number("Measure how long the import takes")
    team.repo.push(
        {
            "TODO.md": PLAN.replace("- [ ] Measure how long the import takes\n", "").encode(),
            "LATER.md": b"# Later\n\n- [ ] Translate the website\n- [ ] Measure how long the import takes\n",
        }
    )
    team.settled()
    assert "LATER.md" in team.repository().issue(number).body
    assert len(team.issues()) == 6


def test_a_moved_table_row_keeps_its_issue() -> None:
    table = (
        "# Requirements\n\n| ID | Requirement | Status |\n|---|---|---|\n"
        "| AUD-01 | Record every login | Pending |\n| AUD-02 | Keep records for a year | Pending |\n"
        "| UI-01 | Show the records | Pending |\n"
    )
    team = Team(table)
    team.settled()
    number = next(issue.ref.number for issue in team.issues() if "AUD-02" in issue.title)
    row = "| AUD-02 | Keep records for a year | Pending |\n"
    team.write(table.replace(row, "") + row.replace("a year", "two years"))
    team.settled()
    assert team.repository().issue(number).title == "AUD-02: Keep records for two years"
    assert len(team.issues()) == 3


def test_ids_that_change_places_with_their_texts_are_followed_by_id() -> None:
    table = (
        "# Requirements\n\n| ID | Requirement | Status |\n|---|---|---|\n"
        "| AUD-01 | Record every login | Pending |\n| AUD-02 | Keep records for a year | Pending |\n"
    )
    team = Team(table)
    team.settled()
    swapped = table.replace("Record every login", "§").replace(
        "Keep records for a year", "Record every login"
    )
    team.write(swapped.replace("§", "Keep records for a year"))
    team.settled()
    titles = sorted(issue.title for issue in team.issues())
    assert titles == ["AUD-01: Keep records for a year", "AUD-02: Record every login"]


def test_a_milestone_stays_open_while_it_holds_the_open_issue_of_a_line_that_is_gone() -> None:
    team = Team("# Plan\n\n## Phase 1: Alpha\n\n- [ ] Write the parser\n- [ ] Sing a song\n")
    team.settled()
    team.write("# Plan\n\n## Phase 1: Alpha\n\n- [x] Write the parser\n")
    team.settled()
    assert not team.milestone("Phase 1: Alpha").closed
    assert "milestone-in-use" in _codes(team)
