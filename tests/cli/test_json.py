"""The JSON outputs have every key that ``docs/json.md`` promises."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.desk import Desk

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "json.md"
ROADMAP = b"""# Plan

## Alpha

- [ ] Draw the map
- [x] Find the ink
- [ ] Group of things
  - [ ] First thing

### Exit criteria

- [ ] Everybody is content

| ID | Requirement | Status |
|----|-------------|--------|
| MAP-01 | Shows the north | Pending |

## Beta

| Milestone | Status | Due |
|-----------|--------|-----|
| Gamma | Planned | 2026-03-06 |
"""


def promised(heading: str) -> list[str]:
    """The keys of a section's table, as paths: ``plan.actions[].line``."""
    (section,) = [
        text for text in MANUAL.read_text(encoding="utf-8").split("\n## ") if text.startswith(heading)
    ]
    found: list[str] = []
    for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE):
        container = ""
        for path in re.findall(r"`([^`]+)`", row):
            if "." in path:
                container = path.rpartition(".")[0] + "."
                found.append(path)
            else:
                found.append(container + path)
    return found


def missing(value: Any, path: str) -> bool:
    """Whether a key is missing anywhere; lists have to hold something, else nothing was seen."""
    first, _, rest = path.partition(".")
    name = first.removesuffix("[]")
    if not isinstance(value, dict) or name not in value:
        return True
    inner = value[name]
    if first != name and not isinstance(inner, list):
        return True
    if not rest:
        return False
    if isinstance(inner, list):
        return not inner or any(missing(each, rest) for each in inner)
    return missing(inner, rest)


def test_parse_says_what_it_promises(desk: Desk) -> None:
    file = desk.directory / "TODO.md"
    file.write_bytes(ROADMAP + b"\n- [ ]glued\n")
    said = desk.syncer("parse", str(file), "--json")

    assert said.code == 0
    paths = promised("`syncer parse FILE --json`")
    assert len(paths) >= 20
    assert [path for path in paths if not path.startswith("problems") and missing(said.json, path)] == []
    assert (said.json["eol"], said.json["bom"], said.json["encoding"]) == ("LF", False, "utf-8")


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A project with something to do in both directions, and with a conflict."""
    repository = desk.project("rune", ROADMAP)
    assert desk.syncer("run").code == 0
    issues = {issue.title: issue for issue in repository.issues()}
    issues["Draw the map"].retitle("Draw the chart")
    issues["First thing"].close()
    data = repository.file("TODO.md").replace(b"Draw the map", b"Draw the plan")
    repository.commit({"TODO.md": data + b"\n## Phase 2\n\n- [ ] Fold the map\n"})
    return desk


def test_run_says_what_it_promises(busy: Desk) -> None:
    said = busy.syncer("run", "--json")

    assert said.code == 0, said.err
    assert said.err == ""
    paths = promised("`syncer run --json`, `syncer apply --json`")
    assert [path for path in paths if missing(said.json, path)] == []
    (project,) = said.json["projects"]
    assert (project["outcome"], said.json["dry_run"]) == ("complete", False)
    assert {receipt["outcome"] for receipt in project["receipts"]} == {"done"}
    assert len(project["commits"]) == 1
    assert {"reads", "writes", "not_modified", "bytes_sent", "bytes_received"} == set(said.json["requests"])


def test_a_plan_says_what_it_promises_on_the_screen_and_in_its_file(busy: Desk) -> None:
    file = busy.directory / "plan.json"
    shown = busy.syncer("run", "--dry-run", "--json").json["projects"][0]["plan"]
    assert busy.syncer("plan", "-o", str(file)).code == 0
    applied = busy.syncer("apply", str(file), "--json")

    paths = [path for path in promised("A plan, also in the file") if not path.startswith("recognised[].")]
    assert len(paths) >= 20
    assert [path for path in paths if missing(shown, path)] == []
    assert {action["kind"] for action in shown["actions"]} == {
        "create-milestone",
        "create-issue",
        "edit-roadmap",
    }
    (hold,) = [hold for hold in shown["holds"] if hold["severity"] == "conflict"]
    assert (hold["roadmap_value"], hold["tracker_value"]) == ("Draw the plan", "Draw the chart")
    assert hold["base"].startswith("Draw the map")
    assert (hold["path"], hold["line"], hold["field"]) == ("TODO.md", 5, "title")

    assert applied.code == 0, applied.err
    assert [
        path for path in promised("`syncer run --json`, `syncer apply --json`") if missing(applied.json, path)
    ] == []
    (plan,) = [project["plan"] for project in applied.json["projects"]]
    assert {action["digest"] for action in plan["actions"]} == {each["digest"] for each in shown["actions"]}


def test_a_failure_is_json_too_and_the_words_for_people_go_elsewhere(desk: Desk) -> None:
    desk.project("rune", b"- [ ] a\n")
    desk.environment["SYNCER_FORGES__MAIN__TOKEN"] = "a-wrong-token"

    said = desk.syncer("run", "--json")

    (project,) = said.json["projects"]
    assert (said.code, project["outcome"], project["plan"]) == (1, "failed", None)
    assert {"what", "where", "next_step"} == set(project["problem"])
    assert said.err.startswith("syncer: rune: ")


def test_status_of_a_project_that_never_ran(desk: Desk) -> None:
    desk.project("rune", b"- [ ] a\n")

    (status,) = desk.syncer("status", "--json").json["projects"]

    assert (status["project"], status["outcome"], status["last_run"]) == ("rune", "never run", None)
    assert "`syncer run --dry-run`" in desk.syncer("status").out
