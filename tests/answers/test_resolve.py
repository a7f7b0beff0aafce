"""Conflicts as a person meets them: held with both values, decided, carried out, the loser kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.answers.desk import MANUAL, PARSE, SHIP, Desk

QUICKLY = "Parse nested checklists of every roadmap file quickly"
TABLES = "Parse nested checklists and tables of every roadmap file"
ALL = "Parse all nested checklists of every roadmap file"
HANDBOOK = "Write the handbook for new maintainers and users"
SHORT = "Write the short manual for new maintainers and users"


def _disagree(office: Desk) -> str:
    """Both faces of one item are retitled differently."""
    number = office.number(PARSE)
    office.issue(PARSE).retitle(TABLES)
    office.edit(PARSE, QUICKLY)
    return number


def test_a_conflict_is_shown_with_base_and_both_values_in_plan_status_and_journal(office: Desk) -> None:
    number = _disagree(office)

    run = office.sync()

    for shown in (run, office.syncer("status"), office.syncer("why", number)):
        assert f"settled: {PARSE} / {PARSE}" in shown.out
        assert f"roadmap: {QUICKLY}" in shown.out
        assert f"tracker: {TABLES}" in shown.out
    (hold,) = office.syncer("status", "--json").json["projects"][0]["holds"]
    assert (hold["code"], hold["field"], hold["number"]) == ("conflict", "title", int(number[1:]))
    assert QUICKLY in office.text
    assert office.issue(TABLES).state == "open"


@pytest.mark.parametrize(
    ("office", "side", "winner", "loser"),
    [("github", "roadmap", QUICKLY, TABLES), ("gitlab", "tracker", TABLES, QUICKLY)],
    indirect=["office"],
)
def test_the_side_that_is_taken_stands_on_both_and_the_other_is_kept_in_the_journal(
    office: Desk, side: str, winner: str, loser: str
) -> None:
    number = _disagree(office)
    office.sync()

    decided = office.syncer("resolve", number, "--take", side)
    assert decided.code == 0, decided.err
    assert winner in decided.out
    office.sync()

    assert f"- [ ] {winner}\n" in office.text
    assert f"#{office.issue(winner).number}" == number
    journal = office.syncer("why", number, "--json").json["journal"]
    (lost,) = (entry for entry in journal if entry["kind"] == "lost-value")
    assert repr(loser) in lost["text"]
    assert "decision" in [entry["kind"] for entry in journal]
    assert office.planned() == []
    assert office.holds() == []


def test_a_decision_does_nothing_once_a_value_has_changed(hub: Desk) -> None:
    number = _disagree(hub)
    hub.sync()
    hub.syncer("resolve", number, "--take", "roadmap")
    hub.issue(TABLES).retitle(ALL)

    run = hub.sync()

    assert "was made for other values" in run.out
    assert hub.issue(ALL).number == int(number[1:])
    assert QUICKLY in hub.text
    assert hub.syncer("resolve", number, "--take", "roadmap", "--run").code == 0
    assert hub.issue(QUICKLY).number == int(number[1:])
    assert hub.planned() == []


def test_a_conflict_that_no_run_has_seen_is_looked_up_and_decided_at_once(lab: Desk) -> None:
    _disagree(lab)

    result = lab.syncer("resolve", QUICKLY, "--take", "tracker", "--run")

    assert result.code == 2, "the roadmap of the last run does not have this line"
    result = lab.syncer("resolve", f"TODO.md :: Alpha :: {PARSE}", "--take", "tracker", "--run")
    assert result.code == 0, result.err
    assert f"- [ ] {TABLES}\n" in lab.text


def test_everything_can_be_decided_in_one_go_or_field_by_field(hub: Desk) -> None:
    first, second = hub.number(PARSE), hub.number(MANUAL)
    _disagree(hub)
    hub.issue(MANUAL).retitle(HANDBOOK)
    hub.edit(MANUAL, SHORT)
    hub.sync()

    listed = hub.syncer("resolve")
    assert f"{first} " in listed.out
    assert f"{second} " in listed.out
    assert hub.syncer("resolve", "--all", "--field", "state", "--take", "roadmap").code == 1
    hub.edit(f"- [ ] {SHIP}\n", "")
    hub.sync()
    result = hub.syncer("resolve", "--all", "--take", "roadmap", "--run")

    assert result.code == 0, result.err
    assert f"- [ ] {QUICKLY}\n- [ ] {SHORT}\n" in hub.text
    assert [each.title for each in hub.repo.issues()] == [QUICKLY, SHORT, SHIP]
    assert hub.issue(SHIP).state == "open", "what is no conflict is decided by name"
    assert "--take roadmap" in hub.syncer("resolve").out
    assert hub.syncer("resolve", "--all", "--field", "presence", "--take", "roadmap", "--run").code == 0
    assert hub.issue(SHIP).state == "closed"
    assert hub.syncer("resolve").out == "Nothing waits for a decision.\n"


def test_an_edited_block_is_written_anew_or_left_as_a_person_wants(hub: Desk) -> None:
    issue = hub.issue(PARSE)
    body = issue.body
    issue.edit_body("My notes.\n\n" + body.replace("Roadmap:", "Roadmap (mine):") + "\n\nMore notes.")
    hub.sync()
    assert hub.holds() == ["block-edited"]

    assert hub.syncer("resolve", f"#{issue.number}", "--take", "roadmap", "--run").code == 0

    restored = hub.issue(PARSE).body
    assert restored.startswith("My notes.\n\n<!-- syncer:begin")
    assert restored.endswith("-->\n\nMore notes.")
    assert "Roadmap (mine)" not in restored
    (lost,) = (
        entry
        for entry in hub.syncer("why", f"#{issue.number}", "--json").json["journal"]
        if entry["kind"] == "lost-value" and "the block said" in entry["text"]
    )
    assert "Roadmap (mine)" in lost["text"]
    assert (hub.planned(), hub.holds()) == ([], [])

    issue.edit_body("Only my notes.")
    hub.sync()
    assert hub.holds() == ["block-removed"]
    assert hub.syncer("resolve", f"#{issue.number}", "--take", "tracker", "--run").code == 0
    assert hub.issue(PARSE).body == "Only my notes."
    assert (hub.planned(), hub.holds()) == ([], [])


def test_a_truncated_block_is_recognised_and_can_be_restored(lab: Desk) -> None:
    issue = lab.issue(PARSE)
    issue.edit_body(issue.body.split("<!-- syncer:end")[0] + "and a person's thought")
    run = lab.sync()

    assert "the markers of the managed block are damaged" in run.out
    assert lab.planned() == []
    assert lab.syncer("resolve", f"#{issue.number}", "--take", "roadmap", "--run").code == 0
    body = lab.issue(PARSE).body
    assert body.count("syncer:begin") == body.count("syncer:end") == 1
    assert "and a person's thought" in body
    assert (lab.planned(), lab.holds()) == ([], [])


def test_an_issue_that_was_deleted_comes_back_only_on_request(office: Desk) -> None:
    issue = office.issue(PARSE)
    number = f"#{issue.number}"
    issue.delete()
    office.sync("--full")
    assert office.holds() == ["issue-gone"]
    assert office.planned() == []
    refused = office.syncer("resolve", number, "--take", "tracker")
    assert refused.code == 1
    assert "syncer forget" in refused.err

    assert office.syncer("resolve", number, "--take", "roadmap", "--run").code == 0

    assert office.number(PARSE) != number
    assert (office.planned(), office.holds()) == ([], [])


def test_a_policy_keeps_the_losing_value_in_the_journal_too(lab: Desk) -> None:
    lab.settings = lab.settings.replace("create_grace", 'on_conflict.title = "tracker"\ncreate_grace')
    lab.write()
    number = _disagree(lab)

    lab.sync()

    assert f"- [ ] {TABLES}\n" in lab.text
    journal = lab.syncer("why", number, "--json").json["journal"]
    assert [repr(QUICKLY) in e["text"] for e in journal if e["kind"] == "lost-value"] == [True]


def test_a_real_process_says_the_same(hub: Desk, tmp_path: Path) -> None:
    number = _disagree(hub)
    from tests.e2e.world import World

    result = World.syncer(hub, "resolve", number, "--take", "tracker", "--run")

    assert result.code == 0, result.err
    assert f"- [ ] {TABLES}\n" in hub.text
