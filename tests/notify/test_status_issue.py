"""One issue that says what needs a person, over real HTTP: a tick decides, once, for those who may write."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.cli.progress import Silent
from syncer.cli.runs import run_projects
from syncer.model.plan import Plan
from syncer.sandbox import Sandbox
from syncer.sandbox.handles import IssueHandle
from syncer.service.cycle import Orders
from tests.daemon.served import TODO
from tests.e2e.world import KINDS, World
from tests.traffic import RECORD_TO

EMPTY = Plan("", (), (), "", 0)
HELD = "status_issue = true\n[projects.rune.guard]\ncreates = 1\n"


QUICKLY = pytest.mark.parametrize(
    "world", ["github", pytest.param("gitlab", marks=pytest.mark.thorough)], indirect=True
)


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        made = World(sandbox, request.param, tmp_path)
        monkeypatch.setenv("SYNCER_FORGES__MAIN__TOKEN", made.environment["SYNCER_FORGES__MAIN__TOKEN"])
        made.add("rune", {"TODO.md": TODO}, extra=HELD)
        for login, role in (("wendy", "write"), ("trudy", "triage")):
            made.side.user(login, role=role)
        yield made


def status_issues(world: World) -> list[IssueHandle]:
    return [each for each in world.repositories["rune"].issues() if "syncer:status " in each.body]


def tick(issue: IssueHandle, label: str, by: str) -> None:
    """Tick the box that begins so."""
    assert f"- [ ] {label}" in issue.body
    issue.edit_body(issue.body.replace(f"- [ ] {label}", f"- [x] {label}"), by=by)


def run(world: World, *, dry: bool = False, refused: bool = False) -> int:
    """``syncer run``, within this process."""
    (made,) = run_projects(
        world.directory / "syncer.toml", [], Orders(dry=dry), Silent(), threading.Event()
    ).runs
    assert refused or made.report.problem is None, made.report.problem
    assert not any("attention" in hold.subject.title for hold in (made.report.plan or EMPTY).holds)
    return int(made.exit)


def items(world: World) -> list[str]:
    return [each.title for each in world.repositories["rune"].issues() if "syncer:begin" in each.body]


def conflict(world: World) -> None:
    """Both sides reword the first item, each in its own way."""
    rune = world.repositories["rune"]
    rune.commit({"TODO.md": TODO.replace(b"Write it", b"Write it down")})
    (issue,) = [each for each in rune.issues() if each.title == "Write it"]
    issue.retitle("Write it well", by="wendy")


def approved(world: World) -> IssueHandle:
    """A project in agreement, whose status issue has been closed."""
    run(world)
    (status,) = status_issues(world)
    tick(status, "Approve", "wendy")
    assert run(world) == 0
    return status


def test_a_held_plan_is_approved_by_a_tick_and_the_issue_closes_itself(world: World) -> None:
    assert run(world) == 4
    (status,) = status_issues(world)
    assert "Write it: create an issue" in status.body
    before = status.updated_at
    assert run(world) == 4  # nothing is new, so nothing is written
    assert (status.updated_at, len(status_issues(world))) == (before, 1)

    tick(status, "Approve", "wendy")
    assert run(world) == 0
    assert items(world) == ["Write it", "Try it"]
    assert (status.state, "Nothing needs anybody" in status.body) == ("closed", True)
    before = status.updated_at
    assert run(world) == 0
    assert (status.updated_at, status.state) == (before, "closed")


@QUICKLY
def test_it_is_no_item_and_no_stranger_even_after_the_ledger_was_lost(world: World) -> None:
    run(world)
    (world.directory / "syncer.db").unlink()
    assert run(world) == 4
    (status,) = status_issues(world)  # found again by its marker
    assert run(world, dry=True) == 0
    tick(status, "Approve", "wendy")
    assert run(world) == 0
    assert len(status_issues(world)) == 1


def test_a_conflict_reopens_it_and_is_decided_by_a_tick(world: World) -> None:
    status = approved(world)
    conflict(world)
    run(world)
    assert status.state != "closed"
    assert len(status_issues(world)) == 1
    tick(status, "Take the tracker’s side: Write it well", "wendy")
    run(world)

    assert b"- [ ] Write it well" in world.repositories["rune"].file("TODO.md")
    assert status.state == "closed"


def test_a_tick_by_somebody_who_may_not_write_is_refused_and_said(world: World) -> None:
    run(world)
    (status,) = status_issues(world)
    tick(status, "Approve", "trudy")
    assert run(world) == 4
    assert items(world) == []
    assert "trudy has no write rights" in status.body
    assert "[x]" not in status.body

    tick(status, "Approve", "wendy")
    assert run(world) == 0
    assert items(world) == ["Write it", "Try it"]


@QUICKLY
def test_ticking_both_sides_decides_nothing(world: World) -> None:
    status = approved(world)
    conflict(world)
    run(world)
    tick(status, "Take the tracker’s side", "wendy")
    tick(status, "Take the roadmap’s side", "wendy")
    run(world)

    assert "both sides were ticked" in status.body
    assert b"Write it down" in world.repositories["rune"].file("TODO.md")


@QUICKLY
def test_what_people_write_around_the_text_stays(world: World) -> None:
    run(world)
    (status,) = status_issues(world)
    status.edit_body(f"Hello!\n\n{status.body}\n\nBye.", by="wendy")
    tick(status, "Approve", "wendy")
    assert run(world) == 0

    assert status.body.startswith("Hello!")
    assert status.body.rstrip().endswith("Bye.")
    assert "Nothing needs anybody" in status.body


@QUICKLY
def test_an_issue_that_a_person_closed_stays_closed_until_something_is_new(world: World) -> None:
    status = approved(world)
    conflict(world)
    run(world)
    status.close(by="wendy")
    run(world)
    assert status.state == "closed"

    rune = world.repositories["rune"]
    (other,) = [each for each in rune.issues() if each.title == "Try it"]
    rune.commit({"TODO.md": rune.file("TODO.md").replace(b"Try it", b"Try it out")})
    other.retitle("Try it all", by="wendy")
    run(world)
    assert status.state != "closed"


def test_it_is_pinned_where_the_forge_can(world: World) -> None:
    run(world)
    (status,) = status_issues(world)
    pinned = world.side.model.find("acme/rune").pinned

    assert pinned == ([status.number] if world.kind == "github" else [])


@QUICKLY
def test_without_the_option_there_is_no_issue(world: World) -> None:
    world.settings = world.settings.replace("status_issue = true", "")
    world.write()
    assert run(world) == 4
    assert world.repositories["rune"].issues() == []


@QUICKLY
def test_a_project_that_is_detached_leaves_it_closed(world: World) -> None:
    run(world)
    (status,) = status_issues(world)
    assert world.syncer("detach", "rune", "--approve").code == 0
    assert run(world, refused=True) == 1
    assert (status.state, "was detached" in status.body) == ("closed", True)
    before = status.updated_at
    assert run(world, refused=True) == 1
    assert (status.updated_at, len(status_issues(world))) == (before, 1)
