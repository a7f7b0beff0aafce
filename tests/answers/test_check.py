"""``syncer check``, ``why`` and ``history``: what a pipeline and a curious person are told."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.answers.desk import MANUAL, PARSE, SHIP, Desk, desk


def test_check_finds_drift_in_both_directions_and_changes_nothing(office: Desk) -> None:
    assert office.syncer("check").code == 0
    assert office.syncer("check").out == "rune: in agreement\n"
    office.issue(PARSE).close()
    office.edit(f"- [ ] {MANUAL}", f"- [x] {MANUAL}")
    before = hashlib.sha256((office.directory / "syncer.db").read_bytes()).hexdigest()
    office.sandbox.reset_counts()

    human, machine = office.syncer("check"), office.syncer("check", "--json")

    assert human.code == machine.code == 10
    assert "roadmap -> tracker" in human.out
    assert "tracker -> roadmap" in human.out
    (project,) = machine.json["projects"]
    assert machine.json["drift"] is project["drift"] is True
    assert [each["title"] for each in project["to_trackers"]] == [MANUAL]
    assert [each["title"] for each in project["to_roadmaps"]] == [PARSE]
    assert office.sandbox.count().changes == 0
    assert hashlib.sha256((office.directory / "syncer.db").read_bytes()).hexdigest() == before
    office.sync()
    assert office.syncer("check").code == 0


def test_check_counts_what_waits_for_a_person(hub: Desk) -> None:
    number = hub.number(PARSE)
    hub.issue(PARSE).retitle("Parse nested checklists and tables of every roadmap file")
    hub.edit(PARSE, "Parse nested checklists of every roadmap file quickly")
    hub.sync()

    result = hub.syncer("check", "--json")

    assert result.code == 10
    (hold,) = result.json["projects"][0]["holds"]
    assert (hold["code"], f"#{hold['number']}") == ("conflict", number)


def test_check_needs_no_database_and_makes_none(hub: Desk) -> None:
    (hub.directory / "syncer.db").unlink()

    assert hub.syncer("check").code == 0
    assert not (hub.directory / "syncer.db").exists()
    hub.issue(SHIP).close()
    result = hub.syncer("check")
    assert result.code == 10
    assert "nothing was settled yet" in result.out
    assert not (hub.directory / "syncer.db").exists()


def test_what_is_only_reported_is_drift_where_that_is_wanted(lab: Desk) -> None:
    lab.edit(f"- [ ] {SHIP}\n", "")
    lab.sync()

    assert lab.syncer("check").code == 0
    assert "reported" in lab.syncer("check").out
    assert lab.syncer("check", "--strict").code == 10


def test_a_pipeline_without_a_readable_roadmap_is_told(tmp_path: Path) -> None:
    with desk("gitlab", tmp_path) as made:
        made.repo.commit({"TODO.md": b"# Plan\n\n- [ ] \xff\xfe broken\n"}, by="dave")
        result = made.syncer("check")
    assert result.code == 10
    assert "TODO.md" in result.out


def test_why_tells_the_story_of_an_item_from_its_first_day(lab: Desk) -> None:
    number = lab.number(PARSE)
    lab.issue(PARSE).close()
    lab.sync()

    story = lab.syncer("why", number, "--json").json
    for name in (number, f"TODO.md :: Alpha :: {PARSE}", "TODO.md:5", story["sides"][0]["url"]):
        told = lab.syncer("why", name)
        assert told.code == 0, told.err
        assert "create-issue [done]" in told.out
        assert "edit-roadmap [done]" in told.out
        assert "state in TODO.md: open -> done" in told.out
        assert f"issue {number} was closed as completed" in told.out
        assert "It waits for nothing." in told.out
    assert [entry["kind"] for entry in story["journal"]] == ["create-issue", "edit-roadmap"]
    assert story["sides"][0]["settled"]["state"] == {"roadmap": "done", "tracker": "done"}
    assert lab.syncer("why", story["uid"][:6]).out == told.out


def test_history_lists_the_runs_and_shows_one(hub: Desk) -> None:
    hub.issue(PARSE).close()
    hub.sync()

    runs = hub.syncer("history", "--json").json
    assert [each["outcome"] for each in runs] == ["complete", "complete"]
    shown = hub.syncer("history", runs[0]["run"][:20])
    assert shown.code == 0, shown.err
    assert "1 action planned, 1 done" in shown.out
    assert PARSE in shown.out
    journal = hub.syncer("history", runs[1]["run"], "--json").json["journal"]
    assert sum(1 for entry in journal if entry["kind"] == "create-issue") == 3
    assert hub.syncer("history", "2026").code in (0, 2)
    assert hub.syncer("history", "nonsense").code == 2
    assert f"{runs[0]['run']}  rune  complete" in hub.syncer("history").out


def test_a_name_that_means_several_things_lists_them(hub: Desk) -> None:
    hub.edit(
        "## Alpha\n",
        "## Alpha\n\n- [ ] Collect the remarks of all users\n- [ ] Collect the remarks of all teams\n",
    )
    hub.sync()

    result = hub.syncer("why", "TODO.md :: Alpha :: Collect the remarks")

    assert result.code == 2
    assert "Collect the remarks of all users" in result.err
    assert "Collect the remarks of all teams" in result.err


def test_check_works_with_a_token_that_can_only_read(office: Desk) -> None:
    office.issue(PARSE).close()
    office._token = office.side.token(
        "auditor",
        role="read" if office.kind == "github" else "reporter",
        **({} if office.kind == "github" else {"scopes": ["read_api"]}),
    )

    result = office.syncer("check")

    assert result.code == 10, result.err
    assert PARSE in result.out
