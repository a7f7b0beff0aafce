"""The ledger is lost, old, somebody else's, or under another name: never a second import."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.answers.desk import MANUAL, PARSE, SHIP, Desk

Trouble = Callable[[Desk], None]


def lost(office: Desk) -> None:
    (office.directory / "syncer.db").unlink()


def renamed(office: Desk) -> None:
    office.settings = office.settings.replace("[projects.rune]", "[projects.saga]")
    office.write()


def second_one(office: Desk) -> None:
    elsewhere = office.directory / "elsewhere"
    elsewhere.mkdir()
    office.directory = elsewhere
    office.write()


def old(office: Desk) -> None:
    shutil.copy(office.directory / "backup.db", office.directory / "syncer.db")


def _each(first: str, second: str) -> list[ParameterSet]:
    """Every trouble on every forge; half of that, in turn, in everyday runs."""
    found = []
    for number, trouble in enumerate((lost, renamed, second_one, old)):
        for kind in (first, second):
            quick = kind == (first, second)[number % 2]
            marks = [] if quick else [pytest.mark.thorough]
            found.append(pytest.param(kind, trouble, marks=marks, id=f"{kind}-{trouble.__name__}"))
    return found


def _live_for_a_while(office: Desk) -> None:
    """What happens between a backup and its restoration: work on both sides, and a new line."""
    shutil.copy(office.directory / "syncer.db", office.directory / "backup.db")
    office.edit(f"- [ ] {MANUAL}\n", f"- [x] {MANUAL}\n- [ ] Invite all users of the first version\n")
    office.issue(SHIP).close()
    office.sync()
    office.sync()


@pytest.mark.parametrize(("office", "trouble"), _each("github", "gitlab"), indirect=["office"])
def test_where_both_sides_agree_the_next_plan_is_empty(office: Desk, trouble: Trouble) -> None:
    _live_for_a_while(office)
    office.sandbox.reset_counts()

    trouble(office)
    office.sync()

    assert office.sandbox.count().changes == 0
    assert len(office.repo.issues()) == 4
    assert (office.planned(), office.holds()) == ([], [])


@pytest.mark.parametrize(("office", "trouble"), _each("gitlab", "github"), indirect=["office"])
def test_where_they_differ_it_holds_and_a_person_decides(office: Desk, trouble: Trouble) -> None:
    _live_for_a_while(office)
    text = office.text
    # A person takes a step back on one side; without a memory nobody can say which side is right.
    office.issue(SHIP).reopen()
    office.issue(PARSE).close()
    office.sandbox.reset_counts()

    trouble(office)
    run = office.sync()

    assert office.sandbox.count().changes == 0
    assert office.text == text
    assert office.holds() == ["no-base", "no-base"], run.out
    for title in (SHIP, PARSE):
        number = office.number(title)
        assert office.syncer("resolve", number, "--take", "tracker").code == 0
    office.sync()
    assert f"- [ ] {SHIP}\n" in office.text
    assert f"- [x] {PARSE}\n" in office.text
    assert len(office.repo.issues()) == 4
    assert (office.planned(), office.holds()) == ([], [])


def test_a_copy_of_the_installation_may_work_beside_the_first(hub: Desk, tmp_path: Path) -> None:
    home = hub.directory
    second_one(hub)
    hub.sync()
    hub.issue(PARSE).close()
    hub.sync()
    hub.directory = home

    hub.sync()

    assert len(hub.repo.issues()) == 3
    assert f"- [x] {PARSE}\n" in hub.text
    assert (hub.planned(), hub.holds()) == ([], [])


def test_two_projects_of_one_repository_leave_each_others_issues_alone(lab: Desk) -> None:
    lab.repo.commit(
        {"PLAN.md": f"# Plan\n\n## Beta\n\n- [ ] {PARSE}\n- [ ] Invite all users of it\n".encode()}, by="dave"
    )
    lab.settings += '\n[projects.saga]\nforge = "main"\nrepository = "acme/rune"\nroadmaps = ["PLAN.md"]\n'
    lab.write()
    lab.sync()
    assert [each.title for each in lab.repo.issues()].count(PARSE) == 2
    assert len(lab.repo.issues()) == 5
    lab.sandbox.reset_counts()

    lost(lab)
    lab.sync()

    assert lab.sandbox.count().changes == 0
    projects = lab.syncer("run", "--dry-run", "--json").json["projects"]
    assert [(each["plan"]["actions"], each["plan"]["holds"]) for each in projects] == [([], []), ([], [])]
    ended = lab.syncer("detach", "saga", "--remove", "blocks", "--approve")
    assert ended.code == 0, ended.err
    assert [("syncer:begin" in each.body) for each in lab.repo.issues()] == [True] * 3 + [False] * 2
    assert lab.syncer("run", "--project", "rune").code == 0
