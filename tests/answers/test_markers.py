"""Markers that people copied, edited or cut, and markers of others: recognised, held, explained."""

from __future__ import annotations

import pytest

from tests.answers.desk import MANUAL, PARSE, Desk


def test_a_marker_that_was_copied_into_another_issue_is_only_reported(lab: Desk) -> None:
    original = lab.issue(PARSE)
    lab.repo.open_issue("A copy of mine", original.body)

    lab.sync()

    assert lab.holds() == ["marker-copied"]
    assert lab.planned() == []
    (lab.directory / "syncer.db").unlink()
    lab.sync()
    assert lab.holds() == ["marker-copied"]
    assert "is a copy of the one in" in lab.syncer("status").out
    assert lab.syncer("why", f"#{original.number}", "--json").json["state"] == "live"


def test_a_copy_in_an_older_issue_is_still_a_copy_after_a_loss(hub: Desk) -> None:
    old = hub.repo.open_issue("An old thought", "")
    hub.edit(f"- [ ] {MANUAL}\n", f"- [ ] {MANUAL}\n- [ ] Translate the manual into three languages\n")
    hub.sync()
    late = hub.issue("Translate the manual into three languages")
    old.edit_body(late.body)
    (hub.directory / "syncer.db").unlink()

    hub.sync()

    assert hub.holds() == ["marker-copied"]
    assert hub.syncer("why", "TODO.md:7", "--json").json["sides"][0]["number"] == late.number
    assert old.title == "An old thought"


@pytest.mark.parametrize(
    ("office", "old", "new", "code", "words"),
    [
        ("github", "owner=", "owner=somebody.else/", "foreign-marker", "somebody.else/"),
        ("gitlab", "v=1", "v=7", "newer-marker", "newer version of syncer"),
        ("github", "id=", "id=0000", "changed-marker", "it names another item"),
    ],
    indirect=["office"],
)
def test_a_bound_issue_whose_marker_speaks_of_somebody_else_is_left_alone(
    office: Desk, old: str, new: str, code: str, words: str
) -> None:
    issue = office.issue(PARSE)
    body = issue.body
    issue.edit_body(body.replace(old, new))
    office.edit(f"- [ ] {PARSE}", f"- [x] {PARSE}")

    run = office.sync()

    assert office.holds() == [code]
    assert words in run.out
    assert office.issue(PARSE).state == "open"
    assert office.planned() == []
    issue.edit_body(body)
    office.sync()
    assert office.issue(PARSE).state == "closed"


def test_a_newer_marker_keeps_its_line_from_getting_a_second_issue_after_a_loss(lab: Desk) -> None:
    issue = lab.issue(PARSE)
    issue.edit_body(issue.body.replace("v=1", "v=7", 1))
    (lab.directory / "syncer.db").unlink()

    lab.sync()

    assert "newer-marker" in lab.holds()
    assert len(lab.repo.issues()) == 3
    assert lab.planned() == []


def test_a_marker_that_was_cut_off_is_recognised_after_a_loss(hub: Desk) -> None:
    issue = hub.issue(PARSE)
    issue.edit_body(issue.body.split("\n")[0] + "\nmy text")
    (hub.directory / "syncer.db").unlink()

    hub.sync()

    assert hub.holds() == ["block-damaged"]
    assert len(hub.repo.issues()) == 3
    assert hub.issue(PARSE).body.endswith("my text")
