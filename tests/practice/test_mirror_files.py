"""Files that repeat a roadmap and follow it, over real HTTP."""

from __future__ import annotations

from tests.practice.conftest import YardMaker

TEXT = """# Plan

## Alpha

- [ ] Build the ramp
- [ ] Build the fence
- [x] Buy the land

| ID | Task | Status |
|---|---|---|
| A-1 | Paint it | Pending |
"""
COPY = """# Tools plan (copy of TODO.md)\r
\r
## Alpha\r
\r
* [ ] Build the ramp\r
* [ ] Build the fence\r
* [✓] Buy the land\r
\r
| Status | ID | Task |\r
|---|---|---|\r
| ○ Not started | A-1 | Paint it |\r
"""
FILES = {"TODO.md": TEXT, "TOOLS_TODO.md": COPY}
MIRRORS = {"TOOLS_TODO.md": "TODO.md"}


def test_a_mirror_follows_in_the_same_commit_and_gets_no_issues(yard: YardMaker) -> None:
    team = yard(FILES, mirrors=MIRRORS)
    team.settled()
    assert len(team.repository.issues()) == 3
    assert team.codes() == []
    before = len(team.repository.log())
    team.issue("Build the ramp").close()
    team.issue("A-1: Paint it").close()
    team.settled()
    assert len(team.repository.log()) == before + 1
    assert team.text() == TEXT.replace("[ ] Build the ramp", "[x] Build the ramp").replace(
        "Pending", "Complete"
    )
    followed = COPY.replace("[ ] Build the ramp", "[✓] Build the ramp").replace("○ Not started", "✓ Complete")
    assert team.text("TOOLS_TODO.md") == followed

    # And what people do in the original.
    team.edit("[ ] Build the fence", "[x] Build the fence")
    team.edit("[x] Build the ramp", "[ ] Build the ramp")
    team.settled()
    followed = followed.replace("[✓] Build the ramp", "[ ] Build the ramp").replace(
        "[ ] Build the f", "[✓] Build the f"
    )
    assert team.text("TOOLS_TODO.md") == followed
    assert team.issue("Build the ramp").state == "open"


def test_a_line_that_a_person_changed_in_the_mirror_is_reported_and_left_alone(yard: YardMaker) -> None:
    team = yard(FILES, mirrors=MIRRORS)
    team.settled()
    team.edit("[ ] Build the ramp", "[✓] Build the ramp", "TOOLS_TODO.md")
    team.settled()
    assert team.codes() == ["mirror-differs"]
    assert team.issue("Build the ramp").state == "open"
    assert team.text() == TEXT

    # The rest follows, also in the same file.
    team.issue("Build the fence").close()
    team.settled()
    assert "[✓] Build the fence" in team.text("TOOLS_TODO.md")
    assert team.codes() == ["mirror-differs"]

    # Once both agree again, it follows again.
    team.issue("Build the ramp").close()
    team.settled()
    assert team.codes() == []
    team.issue("Build the ramp").reopen()
    team.settled()
    assert "[ ] Build the ramp" in team.text("TOOLS_TODO.md")


def test_files_that_differ_from_the_start_are_only_reported(yard: YardMaker) -> None:
    differing = COPY.replace("[ ] Build the ramp", "[✓] Build the ramp").replace(
        "Build the fence", "Build a wall"
    )
    team = yard({"TODO.md": TEXT, "TOOLS_TODO.md": differing}, mirrors=MIRRORS)
    team.settled()
    assert sorted(team.codes()) == ["mirror-adds", "mirror-differs", "mirror-lacks"]
    assert team.text("TOOLS_TODO.md") == differing
    assert team.text() == TEXT
