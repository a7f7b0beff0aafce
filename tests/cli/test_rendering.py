"""What people read: plans at a glance, in the order of the roadmap, with nothing cut off."""

from __future__ import annotations

from syncer.cli.render import duration
from tests.cli.desk import Desk

LONG = "Write down " + "every single thing that " * 9 + "matters"
ROADMAP = f"""# Plan

## Alpha

### Paper

- [ ] Draw the map
- [x] Find the ink

### Press

- [ ] {LONG}

## Beta

| ID | Requirement | Status |
|----|-------------|--------|
| MAP-01 | Shows the north | Pending |
""".encode()


def test_a_plan_is_read_as_the_roadmap_is(desk: Desk) -> None:
    """Every heading once, a stage's milestone above its sections, what and why in each line."""
    desk.project("rune", ROADMAP)

    said = desk.syncer("run", "--dry-run")

    assert said.code == 0
    assert said.out.splitlines() == [
        "rune: acme/rune (TODO.md) -> main:acme/rune",
        '  + label "roadmap"  (managed issues carry it)',
        "TODO.md",
        "  Alpha",
        '    + milestone "Alpha"  (the stage has no milestone)',
        "    Paper",
        '      + issue "Draw the map"  (line 7 is open and has no issue)',
        "    Press",
        f'      + issue "{LONG}"  (line 12 is open and has no issue)',
        "  Beta",
        '    + milestone "Beta"  (the stage has no milestone)',
        '    + issue "MAP-01: Shows the north"  (line 18 is open and has no issue)',
        "",
        "1 label to create, 2 milestones to create, 3 issues to create",
        "6 requests, a few seconds",
        "Nothing was changed: this was a dry run.",
        "",
    ]


def test_changes_in_both_directions_stand_below_their_headings(desk: Desk) -> None:
    repository = desk.project("rune", ROADMAP)
    assert desk.syncer("run").code == 0
    issues = {issue.title: issue for issue in repository.issues()}
    issues["MAP-01: Shows the north"].close()
    issues["Draw the map"].retitle("Draw the chart")
    repository.commit({"TODO.md": ROADMAP.replace(b"- [ ] Write", b"- [x] Write")})

    said = desk.syncer("run")

    assert said.code == 0
    lines = said.out.splitlines()
    closed = issues["MAP-01: Shows the north"].number
    assert lines[1:-5] == [
        "TODO.md",
        "  Alpha",
        "    Paper",
        '      ~ line 7: "Draw the map" -> "Draw the chart"  (issue #1 was retitled)',
        "    Press",
        f'      x close issue #{issues[LONG].number} "{LONG}"  (line 12 of TODO.md was ticked)',
        "  Beta",
        '    x close milestone "Beta"  (the stage became complete)',
        f'    x tick line 18: "MAP-01: Shows the north"  (issue #{closed} was closed as completed)',
        "",
    ]
    assert lines[-2].startswith("Done: ")


def test_nothing_to_do_is_said_in_one_line(desk: Desk) -> None:
    desk.project("rune", ROADMAP)
    assert desk.syncer("run").code == 0

    assert desk.syncer("run").out.splitlines() == [
        "rune: acme/rune (TODO.md) -> main:acme/rune",
        "",
        "Nothing to do: all sides agree.",
        "Done.",
        "",
    ]


def test_a_conflict_shows_all_three_values_and_what_to_do(desk: Desk) -> None:
    repository = desk.project("rune", ROADMAP)
    assert desk.syncer("run").code == 0
    repository.issues()[0].retitle("Draw the chart")
    repository.commit({"TODO.md": ROADMAP.replace(b"Draw the map", b"Draw the plan")})

    said = desk.syncer("run").out

    assert "Held, because a person has to decide or time has to pass:" in said
    assert '  ! TODO.md:7 #1 "Draw the plan" (title)' in said
    for value in ("settled: Draw the map", "roadmap: Draw the plan", "tracker: Draw the chart", "      -> "):
        assert value in said
    assert said.rstrip().endswith("Nothing to do besides what is said above.\nDone.")


def test_time_spans_are_told_as_people_tell_them() -> None:
    assert [duration(seconds) for seconds in (0, 4.9, 42, 89, 120, 3600, 5400, 36000)] == [
        "a few seconds",
        "a few seconds",
        "about 42 seconds under the forge's limits",
        "about 89 seconds under the forge's limits",
        "about 2 min under the forge's limits",
        "about 1 h 00 min under the forge's limits",
        "about 1 h 30 min under the forge's limits",
        "about 10 h 00 min under the forge's limits",
    ]
    assert duration(90000) == "about 1 day, 1 h 00 min under the forge's limits"
