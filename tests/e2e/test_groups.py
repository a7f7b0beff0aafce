"""Groups on both forges over real HTTP: parents and children, checklists, people at work on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import ceil
from pathlib import Path

import pytest

from syncer.model.ledger import RunOutcome
from syncer.reconcile.policy import Criteria, Groups, Policy
from syncer.sandbox import IssueHandle, Kind, Sandbox
from syncer.service.cycle import Orders
from tests.crash.rig import KINDS, Killed, Rig, Wire, wire
from tests.roadmap import seeds
from tests.team import UNLIMITED
from tests.traffic import RECORD_TO

NESTED = Policy(criteria=Criteria.GATE, groups=Groups.SUB_ISSUES, limits=UNLIMITED)
PLAN = b"""\
# Plan

## Phase 1: Alpha

- [ ] Parser
  - [ ] Read headings
  - [ ] Read tables
- [ ] Printer
  - [ ] Print headings
- [ ] Write the manual
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(record_to=RECORD_TO) as made:
        yield made


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    with wire(monkeypatch) as made:
        yield made


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def rig(sandbox: Sandbox, kind: str, directory: Path, text: bytes = PLAN, name: str = "plan") -> Rig:
    return Rig(sandbox, kind, directory, name, {"TODO.md": text}, policy=NESTED)


def synced(place: Rig) -> None:
    """One run, and nothing left to do."""
    report = place.run()
    assert report.problem is None, report.problem
    assert RunOutcome.COMPLETE is report.outcome, [each.detail for each in report.failures]
    assert () == place.plan().actions


def issue(place: Rig, title: str) -> IssueHandle:
    (found,) = (each for each in place.repository.issues() if each.title == title)
    return found


def family(place: Rig) -> dict[str, str]:
    """Every issue, and what it stands below."""
    titles = {each.number: each.title for each in place.repository.issues()}
    return {each.title: titles[each.parent] if each.parent else "" for each in place.repository.issues()}


def text(place: Rig) -> str:
    return place.repository.file("TODO.md").decode()


WHOLE = {
    "Parser": "",
    "Read headings": "Parser",
    "Read tables": "Parser",
    "Printer": "",
    "Print headings": "Printer",
    "Write the manual": "",
}


def test_people_work_with_groups_on_both_sides(sandbox: Sandbox, kind: str, tmp_path: Path) -> None:
    """Moved, promoted, finished and opened again; each run leaves nothing to do."""
    place = rig(sandbox, kind, tmp_path)
    synced(place)
    assert family(place) == WHOLE

    issue(place, "Print headings").close()
    synced(place)
    assert "- [ ] Printer\n  - [x] Print headings" in text(place)
    assert "closed" == issue(place, "Printer").state

    issue(place, "Print headings").reopen()
    moved = (
        text(place)
        .replace("  - [ ] Read tables\n", "")
        .replace("- [ ] Write the manual\n", "- [ ] Write the manual\n  - [ ] Read tables\n")
    )
    place.repository.commit({"TODO.md": moved.encode()})
    report = place.run()
    assert report.problem is None
    if kind == "github":
        assert "Write the manual" == family(place)["Read tables"]
    assert "open" == issue(place, "Printer").state
    place.settle()
    assert () == place.plan().actions


def test_groups_are_switched_on_and_off_again(sandbox: Sandbox, kind: str, tmp_path: Path) -> None:
    """GitHub's issues become sub-issues; on GitLab only tasks can stand below others."""
    place = rig(sandbox, kind, tmp_path)
    place.policy = replace(NESTED, groups=Groups.ISSUES)
    synced(place)
    place.policy = NESTED
    report = place.run()
    assert RunOutcome.COMPLETE is report.outcome, [each.detail for each in report.failures]
    assert () == place.plan().effects
    if kind == "github":
        assert family(place) == WHOLE
    else:
        assert {""} == set(family(place).values())
        assert {"not-a-child"} == {hold.code for hold in place.plan().holds}

    place.repository.commit({"TODO.md": PLAN + b"  - [ ] Draw the figures\n"})
    place.settle()
    assert "Write the manual" == family(place)["Draw the figures"]

    place.policy = replace(NESTED, groups=Groups.ISSUES)
    synced(place)
    assert "Write the manual" == family(place)["Draw the figures"]
    issue(place, "Draw the figures").close()
    synced(place)
    assert "  - [x] Draw the figures" in text(place)


def test_a_child_that_a_person_moves_is_not_moved_back(sandbox: Sandbox, kind: str, tmp_path: Path) -> None:
    """It is reported, on GitLab too, whose lists do not tell parents."""
    place = rig(sandbox, kind, tmp_path)
    synced(place)
    place.run()
    sandbox.clock.advance(60)
    issue(place, "Printer").add_child(issue(place, "Read tables"))
    place.run()

    assert "Printer" == family(place)["Read tables"]
    assert ["parent-moved"] == [hold.code for hold in place.plan().holds]
    assert () == place.plan().effects

    # An event brings one look at the issue, and a complete look asks about all of them.
    number = issue(place, "Read headings").number
    sandbox.clock.advance(60)
    issue(place, "Printer").add_child(issue(place, "Read headings"))
    place.run(Orders(issues=frozenset({number})))
    assert ["parent-moved"] * 2 == [hold.code for hold in place.plan().holds]
    issue(place, "Parser").add_child(issue(place, "Read headings"))
    issue(place, "Parser").add_child(issue(place, "Read tables"))
    place.run(Orders(full=True))
    assert [] == list(place.plan().holds)


def test_without_sub_issues_there_are_checklists(sandbox: Sandbox, kind: str, tmp_path: Path) -> None:
    """An older host is asked once, and the parents' bodies say what stands below them."""
    side = sandbox.github if kind == "github" else sandbox.gitlab
    side.settings.missing_features.add("sub_issues" if kind == "github" else "hierarchy")
    place = rig(sandbox, kind, tmp_path)
    synced(place)
    assert ["Parser", "Printer", "Write the manual"] == [each.title for each in place.repository.issues()]
    assert "- [ ] Read headings\n- [ ] Read tables" in issue(place, "Parser").body
    assert ["no-sub-issues"] == [hold.code for hold in place.plan().holds]

    issue(place, "Parser").edit_body(issue(place, "Parser").body.replace("[ ] Read t", "[x] Read t"))
    sandbox.reset_counts()
    synced(place)
    assert "  - [x] Read tables" in text(place)
    asked = [
        each for each in sandbox.requests if each.kind is Kind.QUERY and "issues" in str(each.operations)
    ]
    assert [] == asked


@seeds.needs_seeds
def test_seed_001_has_its_parents_and_children_for_few_requests(
    sandbox: Sandbox, kind: str, tmp_path: Path
) -> None:
    """12 parents with 55 children, 5 without a parent, one gate.

    N + M + L + R + 5 requests, one that asks for sub-issues, and one for each fifty children.
    """
    place = rig(sandbox, kind, tmp_path, seeds.data("001"))
    sandbox.reset_counts()
    report = place.run()
    cost = sandbox.count(kind).total
    assert report.problem is None, report.problem
    assert [] == [each.detail for each in report.failures]
    issues = place.repository.issues()
    children = [each for each in issues if each.parent is not None]
    parents = {each.parent for each in children}
    milestones = len(place.repository.milestones())

    assert (12, 55) == (len(parents), len(children))
    alone = [each for each in issues if each.parent is None and each.number not in parents]
    gates = [each for each in alone if "- [ ] " in each.body]
    assert (5, 1) == (len(alone) - len(gates), len(gates))
    assert cost <= len(issues) + milestones + 1 + 1 + 5 + 1 + ceil(55 / 50)
    assert () == place.plan().actions


def interrupted(sandbox: Sandbox, kind: str, tmp_path: Path, watched: Wire, *, last: int) -> None:
    """Runs killed at their last requests, before each and behind its effect, end like one that was not."""
    watched.disarm()
    synced(rig(sandbox, kind, tmp_path, name="whole"))
    # What `synced` looks at afterwards was counted too.
    requests = watched.count
    tried = 0
    for after in (False, True):
        for at in range(requests, 0, -1):
            place = rig(sandbox, kind, tmp_path, name=f"r{at}{'b' if after else 'a'}")
            watched.arm(at, after=after)
            try:
                place.run()
            except Killed:
                tried += 1
            else:
                continue
            finally:
                watched.disarm()
            place.settle()
            assert family(place) == WHOLE, f"killed {'behind' if after else 'before'} request {at}"
            assert () == place.plan().actions
            if tried % last == 0:
                break
    assert tried >= 2 * min(last, 10)


def test_a_run_killed_while_issues_are_put_below_others_is_resumed_to_the_same_end(
    sandbox: Sandbox, kind: str, tmp_path: Path, watched: Wire
) -> None:
    """No duplicate, nobody in the wrong place, nothing left."""
    interrupted(sandbox, kind, tmp_path, watched, last=3)


@pytest.mark.thorough
def test_a_run_killed_at_any_request_is_resumed_to_the_same_end(
    sandbox: Sandbox, kind: str, tmp_path: Path, watched: Wire
) -> None:
    """From the first look to the last link."""
    interrupted(sandbox, kind, tmp_path, watched, last=1000)
