"""What disappears is held until a person ends it; nothing is closed or deleted for it."""

from __future__ import annotations

from pathlib import Path

from tests.answers.desk import MANUAL, PARSE, SHIP, Desk, desk


def test_a_removed_line_is_reported_until_its_issue_is_forgotten(lab: Desk) -> None:
    issue = lab.issue(SHIP)
    lab.edit(f"- [ ] {SHIP}\n", "")
    assert lab.holds() == ["line-removed"]

    result = lab.syncer("forget", f"#{issue.number}")

    assert result.code == 0, result.err
    assert "stay as they are" in result.out
    assert (lab.planned(), lab.holds()) == ([], [])
    assert lab.issue(SHIP).state == "open"
    assert "ended by a person" in lab.syncer("why", f"#{issue.number}").out
    assert lab.syncer("forget", f"#{issue.number}").code == 1


def test_a_forgotten_line_gets_no_new_issue_and_is_synced_no_more(hub: Desk) -> None:
    number = hub.number(PARSE)
    assert hub.syncer("forget", "TODO.md:5").code == 0
    hub.issue(PARSE).close()

    hub.sync()

    assert f"- [ ] {PARSE}\n" in hub.text
    assert [each.title for each in hub.repo.issues()].count(PARSE) == 1
    assert hub.syncer("adopt", f"{number}=TODO.md:5", "--approve").code == 0
    assert "no-base" in hub.holds()
    assert hub.syncer("resolve", number, "--take", "tracker", "--run").code == 0
    assert f"- [x] {PARSE}\n" in hub.text


def test_a_file_that_is_gone_holds_until_it_is_forgotten(lab: Desk) -> None:
    lab.repo.commit({"TODO.md": None, "README.md": b"# Hello\n"}, by="dave")
    held = lab.syncer("run")
    assert "file-lost" in lab.holds()
    assert "`syncer forget TODO.md`" in held.out
    lab.sandbox.reset_counts()

    assert lab.syncer("forget", "TODO.md").code == 0

    assert lab.holds() == []
    assert lab.sandbox.count().changes == 0
    assert [each.state for each in lab.repo.issues()] == ["open"] * 3
    lab.repo.commit({"TODO.md": f"# Plan\n\n## Alpha\n\n- [ ] {PARSE}\n".encode()}, by="dave")
    lab.sync()
    assert len(lab.repo.issues()) == 3


def test_an_issue_that_no_line_explains_after_a_loss_is_ended_by_its_number(hub: Desk) -> None:
    number = hub.number(SHIP)
    hub.edit(SHIP, "Ship the first public version to all registries")
    (hub.directory / "syncer.db").unlink()
    hub.sync()
    assert sorted(hub.holds()) == ["unclear", "unexplained"]
    assert len(hub.repo.issues()) == 3

    assert hub.syncer("forget", number).code == 0

    hub.sync()
    assert len(hub.repo.issues()) == 4
    assert (hub.planned(), hub.holds()) == ([], [])


def test_such_an_issue_can_be_bound_to_the_line_instead(hub: Desk) -> None:
    number = hub.number(SHIP)
    hub.edit(SHIP, "Ship the first public version to all registries")
    (hub.directory / "syncer.db").unlink()
    hub.sync()

    assert hub.syncer("adopt", f"{number}=TODO.md:7", "--approve").code == 0

    assert hub.syncer("resolve", number, "--take", "roadmap", "--run").code == 0
    assert hub.number("Ship the first public version to all registries") == number
    assert (len(hub.repo.issues()), hub.planned(), hub.holds()) == (3, [], [])


def test_equal_lines_that_nobody_can_tell_apart_are_told_apart_by_a_person(tmp_path: Path) -> None:
    text = f"# Plan\n\n## Alpha\n\n- [ ] {MANUAL}\n- [ ] {MANUAL}\n".encode()
    with desk("github", tmp_path, text) as made:
        made.sync()
        made.repo.commit({"TODO.md": text.replace(f"- [ ] {MANUAL}\n".encode(), b"", 1)}, by="dave")
        assert made.syncer("run").code == 0
        assert set(made.holds()) == {"unclear"}
        assert made.planned() == []

        assert made.syncer("adopt", "#2=TODO.md:5", "--approve").code == 0

        assert made.syncer("run").code == 0
        assert made.holds() == ["line-removed"]
        assert made.planned() == []
        assert made.syncer("why", "TODO.md:5", "--json").json["sides"][0]["number"] == 2


def test_a_line_that_only_resembles_such_an_issue_can_be_called_new(hub: Desk) -> None:
    hub.edit(SHIP, "Ship the first public version to all registries")
    (hub.directory / "syncer.db").unlink()
    hub.sync()
    assert len(hub.repo.issues()) == 3

    assert hub.syncer("adopt", "--new", "TODO.md:7", "--approve").code == 0

    hub.sync()
    assert hub.number("Ship the first public version to all registries") == "#4"
    assert (hub.planned(), hub.holds()) == ([], ["unexplained"])


def test_a_milestone_that_was_deleted_is_made_again_once_its_stage_is_forgotten(lab: Desk) -> None:
    lab.repo.milestones()[0].delete()
    held = lab.syncer("run", "--full", "--json").json["projects"][0]["plan"]["holds"]
    assert [hold["code"] for hold in held] == ["milestone-gone"]
    assert lab.planned() == []

    assert lab.syncer("forget", held[0]["uid"][:8]).code == 0

    lab.sync()
    assert [each.milestone_title for each in lab.repo.issues()] == ["Alpha"] * 3
    assert (lab.planned(), lab.holds()) == ([], [])
