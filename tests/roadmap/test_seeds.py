"""The five real roadmaps that syncer was made for yield exactly what people expect of them.

They are kept beside the project, not in it; where they are absent these tests are skipped, and the
project's own roadmaps of the same shapes (``test_demo.py``) prove the rest.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest

from syncer.model.document import Document, ItemKind
from syncer.model.fields import Status
from syncer.roadmap.mojibake import fold_mojibake
from tests.roadmap import seeds
from tests.roadmap.reading import codes, depth, item_on, left_out, titles

pytestmark = seeds.needs_seeds


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return seeds.read_seeds()


def _state(word: str | None) -> str:
    """The expectations' words for a state, as the model spells them."""
    return {"complete": "done", "in-progress": "in_progress", "planned": "open"}.get(word or "", word or "")


# -- boxes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", seeds.KEYS)
def test_boxes_are_found_with_their_lines_and_marks(documents: dict[str, Document], key: str) -> None:
    """Every box of the file is an item, on the line and with the mark that a person sees."""
    boxes = seeds.expected(key)["checkboxes"]
    items = [item for item in documents[key].items if item.box is not None]
    found = Counter(f"[{item.box.mark}]" for item in items if item.box is not None)

    assert boxes["glyphs"] == dict(found)
    assert boxes["lines_checked"] == [
        item.line for item in items if item.box and item.box.mark in seeds.CHECKED
    ]
    assert boxes["lines_unchecked"] == [item.line for item in items if item.box and item.box.mark == " "]


@pytest.mark.parametrize("key", seeds.KEYS)
def test_boxes_nest_and_make_groups(documents: dict[str, Document], key: str) -> None:
    """Boxes below boxes are counted by how deep they stand, and their parents are groups."""
    boxes = seeds.expected(key)["checkboxes"]
    document = documents[key]
    found: dict[str, dict[str, int]] = {}
    for item in document.items:
        if item.box is not None:
            state = "checked" if item.box.mark in seeds.CHECKED else "unchecked"
            row = found.setdefault(str(depth(document, item)), {"checked": 0, "unchecked": 0})
            row[state] += 1
    parents = {item.parent for item in document.items if item.parent is not None}

    assert boxes["by_checkbox_depth"] == found
    assert boxes["groups"]["lines"] == sorted(document.items[parent].line for parent in parents)


@pytest.mark.parametrize("key", ["000", "001"])
def test_kinds(documents: dict[str, Document], key: str) -> None:
    """Boxes under criteria are criteria; the others are tasks, or groups where boxes stand below them."""
    kinds = seeds.expected(key)["kinds"]
    items = documents[key].items
    work = [item for item in items if item.kind in (ItemKind.TASK, ItemKind.GROUP)]

    assert kinds["task"] == len(work)
    assert kinds["criterion_lines"] == [item.line for item in items if item.kind is ItemKind.CRITERION]
    if "task_open" in kinds:
        assert kinds["task_open"] == sum(1 for item in work if item.status is Status.OPEN)
        assert kinds["task_checked"] == sum(1 for item in work if item.status is Status.DONE)


def test_open_items_break_down_as_expected(documents: dict[str, Document]) -> None:
    """The open items of the nested roadmap are groups, leaves, outermost ones and criteria as counted."""
    expected = seeds.expected("001")["open_breakdown"]
    items = [item for item in documents["001"].items if item.status is Status.OPEN]
    parents = {item.parent for item in documents["001"].items}
    top = [item for item in items if item.parent is None]

    assert expected["open_total"] == len(items)
    assert expected["open_groups"] == sum(1 for item in items if item.index in parents)
    assert expected["open_leaves"] == sum(1 for item in items if item.index not in parents)
    assert expected["open_top_level"] == len(top)
    assert expected["open_without_criteria"] == sum(
        1 for item in items if item.kind is not ItemKind.CRITERION
    )
    assert expected["open_top_level_without_children"] == [
        item.line for item in top if item.index not in parents
    ]


@pytest.mark.parametrize("key", ["000", "001", "003"])
def test_sections_hold_the_expected_items(documents: dict[str, Document], key: str) -> None:
    """Every section is found by its heading's line, holding as many ticked and open boxes as expected."""
    document = documents[key]
    found: dict[int, list[int]] = {}
    for section in document.sections:
        if section.level > 6:
            continue
        row = found.setdefault(section.line, [0, 0])
        for item in document.items:
            if section.own.start <= item.block.start < section.span.end and item.box is not None:
                row[0 if item.box.mark in seeds.CHECKED else 1] += 1

    for expected in seeds.expected(key)["sections"]:
        assert (expected["heading_line"], expected["checked"], expected["unchecked"]) == (
            expected["heading_line"],
            *found[expected["heading_line"]],
        )


# -- stages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["000", "001", "003"])
def test_stages(documents: dict[str, Document], key: str) -> None:
    """Stage headings are found with name, row, counts and derived state."""
    stages = documents[key].stages
    expected = seeds.expected(key)["stages"]

    assert [each["heading_line"] for each in expected] == [stage.heading_line for stage in stages]
    assert [each["name"] for each in expected] == [stage.name for stage in stages]
    assert [(each["checked"], each["unchecked"]) for each in expected] == [
        (stage.done, stage.open) for stage in stages
    ]
    assert [_state(each["derived_status"]) for each in expected] == [stage.status.value for stage in stages]
    assert [each["due"] for each in expected] == [stage.due for stage in stages]
    assert [each.get("table_row_line") for each in expected] == [stage.row_line for stage in stages]
    assert [each.get("duration") or each.get("timing") for each in expected] == [
        stage.timing for stage in stages
    ]


def test_phases_of_the_requirements_file(documents: dict[str, Document]) -> None:
    """Overview rows and phase headings are the same six stages, with their rows, ids and criteria."""
    document = documents["004"]
    for expected, stage in zip(seeds.expected("004")["stages"], document.stages, strict=True):
        items = [item for item in document.items if item.stage == stage.index]
        assert (expected["overview_row_line"], expected["heading_line"]) == (
            stage.row_line,
            stage.heading_line,
        )
        assert f"Phase {expected['phase']}: {expected['name']}" == stage.name
        assert (expected["overview_status"], _state(expected["normalised"])) == (
            stage.declared,
            stage.status.value,
        )
        assert expected["ids"] == [item.id for item in items]
        assert expected["success_criteria"] == len(stage.criteria)
        assert stage.goal


def test_milestone_table(documents: dict[str, Document]) -> None:
    """The three rows of the milestone table are stages with id, version, status and calendar date."""
    rows = seeds.expected("002")["milestones"]["rows"]
    stages = documents["002"].stages

    assert [(row["line"], row["id"], row["name"]) for row in rows] == [
        (stage.line, stage.id, stage.name) for stage in stages
    ]
    assert [(row["target"], row["due"]) for row in rows] == [
        (stage.version, stage.due and stage.due.isoformat()) for stage in stages
    ]
    assert [(row["status"], _state(row["normalised"])) for row in rows] == [
        (stage.declared, stage.status.value) for stage in stages
    ]
    assert () == documents["002"].items


@pytest.mark.parametrize("key", seeds.KEYS)
def test_milestones_are_counted_once(documents: dict[str, Document], key: str) -> None:
    """Row, heading and overview checkbox of a stage make one milestone, with a due date or without."""
    expected = seeds.expected(key)["milestones"]
    stages = documents[key].stages

    assert expected["count"] == len(stages)
    assert expected["with_due_date"] == sum(1 for stage in stages if stage.due is not None)


def test_goals_and_criteria_without_boxes(documents: dict[str, Document]) -> None:
    """A phase's goal and its success criteria are taken from the lines that state them."""
    lines = seeds.data("003").decode().split("\n")
    for expected, stage in zip(seeds.expected("003")["stages"], documents["003"].stages, strict=True):
        assert lines[expected["goal_line"] - 1] == f"**Goal**: {stage.goal}"
        line = expected["success_criteria_line"]
        assert (() if line is None else (lines[line - 1].removeprefix("**Success Criteria**: "),)) == (
            stage.criteria
        )
        assert expected["current"] == stage.current


def test_every_stage_of_the_delivery_plan_has_its_goal(documents: dict[str, Document]) -> None:
    """A plain "Goal:" line under a stage's heading is its goal."""
    lines = seeds.data("000").decode().split("\n")

    assert [stage.goal for stage in documents["000"].stages] == [
        lines[stage.heading_line].removeprefix("Goal: ")
        for stage in documents["000"].stages
        if stage.heading_line is not None
    ]


# -- requirements ------------------------------------------------------------------------------------------


def test_requirement_rows_future_rows_and_mirrors(documents: dict[str, Document]) -> None:
    """One item per id: 22 with a status and a mirror each, nine for later, none that is out of scope."""
    expected = seeds.expected("004")["requirement_rows"]
    items = documents["004"].items
    active = [item for item in items if item.status is not Status.FUTURE]

    assert expected["active"] == len(active)
    assert expected["status"] == dict(Counter(item.status_text for item in active))
    assert expected["future_without_status"] == len(items) - len(active)
    assert expected["traceability_mirror"] == sum(len(item.mirrors) for item in active)
    assert {ItemKind.REQUIREMENT} == {item.kind for item in items}
    assert all(item.stage is None for item in items if item.status is Status.FUTURE)
    assert (214, "plain-table") in left_out(documents["004"])


# -- text ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["000", "003"])
def test_double_encoded_text_is_folded_for_reading(documents: dict[str, Document], key: str) -> None:
    """What was decoded as windows-1252 reads as it was meant, on exactly the lines that are damaged."""
    lines = seeds.data(key).decode().split("\n")
    damaged = [number for number, line in enumerate(lines, 1) if fold_mojibake(line) != line]

    assert seeds.expected(key)["encoding_anomalies"]["lines"] == damaged
    assert documents[key].mojibake
    assert not any(re.search("[âðÃ]", title) for title in titles(documents[key].items))


def test_folds(documents: dict[str, Document]) -> None:
    """Each damaged sequence folds to the character that was meant."""
    titles_by_line = {item.line: item.title for item in documents["000"].items}

    assert (
        "Publish baseline benchmarks against pure Rust reference (>3× file ops, <1\u202fms selection latency)"
        == (titles_by_line[36])
    )
    assert titles_by_line[90].startswith("Integrate Rune into Glyph’s tool")
    assert "Glyph ↔ Rune flows" in titles_by_line[94]


def test_files_without_damage_are_not_folded(documents: dict[str, Document]) -> None:
    """Emoji that are encoded once are left as they are."""
    assert [False, False, False] == [documents[key].mojibake for key in ("001", "002", "004")]


def test_equal_texts_stay_distinct(documents: dict[str, Document]) -> None:
    """The 31 lines that share 15 texts are 31 items, and none of them in one section."""
    expected = seeds.expected("001")["duplicates"]
    by_title: dict[str, list[int]] = {}
    for item in documents["001"].items:
        by_title.setdefault(item.title.replace("`", ""), []).append(item.line)
    repeated = {title: lines for title, lines in by_title.items() if len(lines) > 1}

    assert {each["text"]: each["lines"] for each in expected["list"]} == repeated
    assert {0} == {item.ordinal for item in documents["001"].items}


def test_suffixes_are_no_part_of_titles(documents: dict[str, Document]) -> None:
    """A status behind a title is cut off it, a note behind the status stays, other words stay too."""
    items = documents["001"].items
    expected = seeds.expected("001")["suffix"]

    assert expected["complete"] == sum(1 for item in items if item.status_text == "✅ COMPLETE")
    assert expected["other"][0]["text"] in item_on(documents["001"], expected["other"][0]["line"]).title
    assert ["(enhanced metadata)", "(automation ready)"] == [
        item_on(documents["001"], line).title[-len(note) :]
        for line, note in zip(
            expected["not_at_end"], ("(enhanced metadata)", "(automation ready)"), strict=True
        )
    ]


# -- decisions on ambiguous places ---------------------------------------------------------------------------


def test_conflicts_are_reported_and_the_boxes_win(documents: dict[str, Document]) -> None:
    """A stage that is declared complete over open boxes stays open, and its file says so."""
    assert [(11, "status-conflict"), (20, "status-conflict")] == codes(documents["000"].problems)
    assert [(10, "glued-checkbox"), (352, "status-conflict")] == codes(documents["001"].problems)
    assert [[], [], []] == [codes(documents[key].problems) for key in ("002", "003", "004")]


def test_glued_checkbox_is_no_item(documents: dict[str, Document]) -> None:
    """The box in the middle of a statement is reported with its column, and its children are top-level."""
    (problem,) = [each for each in documents["001"].problems if each.line == 10]

    assert "column 64" in problem.message
    assert [None] * 4 == [item_on(documents["001"], line).parent for line in range(11, 15)]


def test_statements_and_prose_are_left_out(documents: dict[str, Document]) -> None:
    """Bullets that only state something are reported by list, never read as items."""
    statements = [line for line, code in left_out(documents["001"]) if code == "statements"]

    assert [25, 31, 37, 44, 59] == statements
    assert [(184, "plain-list")] == left_out(documents["000"])
    assert [(4, "plain-list"), (20, "plain-list"), (35, "plain-list")] == left_out(documents["002"])


def test_repeat_loop_is_read_once(documents: dict[str, Document]) -> None:
    """The release candidate cycle is one stage of nine boxes, known by its range."""
    (stage,) = [stage for stage in documents["000"].stages if stage.heading_line == 140]

    assert ("rc", "1-6", 9) == (stage.kind_word, stage.number, stage.open)


def test_declared_text_is_kept_and_qualified(documents: dict[str, Document]) -> None:
    """ "Complete (pending …)" is kept as text, and is no text to overwrite."""
    cell = documents["000"].stages[0].cell

    assert cell is not None
    assert "✅ Complete (pending benchmarking + CI hardening)" == cell.text
    assert cell.qualified


def test_current_milestone_block_mirrors_its_row(documents: dict[str, Document]) -> None:
    """The status bullet of the block that names M2 repeats the row of M2."""
    assert [[], [6], []] == [[mirror.line for mirror in stage.mirrors] for stage in documents["002"].stages]


def test_version_behind_an_arrow(documents: dict[str, Document]) -> None:
    """ "→ v0.7.0" is the phase's version, and no second stage."""
    assert {"PHASE 9: PRODUCTION LAUNCH": "v0.7.0"} == {
        stage.name: stage.version for stage in documents["001"].stages if stage.version
    }


def test_post_phase_is_a_stage_of_its_own(documents: dict[str, Document]) -> None:
    """ "POST-PHASE 9" shares its number with "PHASE 9" and is another stage."""
    assert [("phase", "9"), ("post-phase", "9")] == [
        (stage.kind_word, stage.number) for stage in documents["001"].stages if stage.number == "9"
    ]


def test_plain_bullets_below_a_box_are_its_description(documents: dict[str, Document]) -> None:
    """Nine tasks have a description made of 35 bullets; four have none."""
    described = [item for item in documents["003"].items if item.description]

    assert seeds.expected("003")["tasks_with_description"] == len(described)
    assert seeds.expected("003")["checkboxes"]["plain_subbullets"] == sum(
        len(item.description.split("\n")) for item in described
    )


def test_words_for_a_status_come_from_the_file(documents: dict[str, Document]) -> None:
    """Where a column has no word for "done" yet, the counterpart of its own word is offered."""
    requirement = documents["004"].items[0].cell
    phase = documents["004"].stages[0].cell
    alpha = documents["000"].stages[1].cell

    assert requirement is not None
    assert phase is not None
    assert alpha is not None
    assert ("Pending", "Complete") == (requirement.wording.open, requirement.wording.done)
    assert ("○ Not started", "✓ Complete") == (phase.wording.open, phase.wording.done)
    assert "✅ Completed" == fold_mojibake(alpha.wording.done or "")


@pytest.mark.parametrize("key", seeds.KEYS)
def test_bytes_are_kept(documents: dict[str, Document], key: str) -> None:
    """The document holds the file's bytes, and says how its lines end."""
    expected = seeds.expected(key)

    assert (seeds.data(key), expected["eol"], expected["bom"]) == (
        documents[key].data,
        documents[key].eol,
        documents[key].bom,
    )
