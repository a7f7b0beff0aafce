"""What a decision does for every kind of hold: in memory, the same heart, no wire."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncer.errors import UserError
from syncer.model.fields import Field, TaskState
from syncer.model.ledger import StandingHold
from syncer.reconcile.policy import Criteria, Policy
from syncer.service.resolving import answerable, decide, remember
from tests.team import UNLIMITED, Team

PLAN = """# Plan

## Alpha

- [ ] Parse nested checklists of every roadmap file
- [ ] Write the manual for new maintainers and users

## Beta

- [ ] Ship the first public version to the registry
"""
PARSE = "Parse nested checklists of every roadmap file"
MANUAL = "Write the manual for new maintainers and users"
SHIP = "Ship the first public version to the registry"


@pytest.fixture
def team() -> Team:
    made = Team(PLAN)
    made.sync()
    return made


def waiting(team: Team) -> list[StandingHold]:
    standing = team.ledger.standing("rune")
    assert standing is not None
    return [hold for hold in standing.holds if answerable(hold)]


def take(team: Team, side: str, tracker: str = "") -> None:
    """A person decides everything that waits."""
    now = team.clock.now()
    resolutions = decide(waiting(team), side, tracker, now)
    assert resolutions
    team.ledger.save("rune", remember(team.state, resolutions, "by-hand", now))


def both_sides(team: Team) -> tuple[str, TaskState, str]:
    """The box, the state and the title of the first item."""
    item = team.document().items[0]
    issue = team.issues()[0]
    return item.state.value, issue.state, issue.title


def conflicting_states(team: Team) -> None:
    team.edit(f"- [ ] {PARSE}", f"- [x] {PARSE}")
    team.put(PARSE, TaskState.DROPPED)


def reverse_states(team: Team) -> None:
    team.edit(f"- [ ] {PARSE}", f"- [-] {PARSE}")
    team.put(PARSE, TaskState.DONE)


@pytest.mark.parametrize(
    ("prepare", "side", "expected"),
    [
        # A closed issue's reason cannot change without reopening it, and a ticked box is never unticked
        # for an issue that was dropped: taking a side settles the difference.
        (conflicting_states, "roadmap", ("done", TaskState.DROPPED)),
        (conflicting_states, "tracker", ("done", TaskState.DROPPED)),
        (reverse_states, "roadmap", ("dropped", TaskState.DONE)),
        (reverse_states, "tracker", ("done", TaskState.DONE)),
    ],
)
def test_a_state_in_conflict_is_settled_as_a_person_says(
    team: Team, prepare: Callable[[Team], None], side: str, expected: tuple[str, TaskState]
) -> None:
    prepare(team)
    team.sync()
    (hold,) = waiting(team)
    assert (hold.code, hold.field, hold.base) == ("conflict", "state", "open / open")

    take(team, side)

    plan = team.settled()
    assert both_sides(team)[:2] == expected
    assert plan.holds == ()


@pytest.mark.parametrize(("side", "state"), [("roadmap", TaskState.OPEN), ("tracker", TaskState.DONE)])
def test_without_a_memory_the_side_that_is_taken_stands(team: Team, side: str, state: TaskState) -> None:
    team.put(PARSE, TaskState.DONE)
    team.lose_ledger()
    team.sync()
    assert [hold.code for hold in waiting(team)] == ["no-base"]

    take(team, side)

    assert team.settled().holds == ()
    assert both_sides(team)[:2] == (state.value, state)


def test_a_decision_is_for_once(team: Team) -> None:
    team.edit(PARSE, f"{PARSE} quickly")
    team.repo.retitle(1, f"{PARSE} slowly")
    team.sync()
    take(team, "roadmap")
    team.settled()
    assert not team.state.decisions
    # The very same quarrel, from the same start.
    team.edit(f"{PARSE} quickly", PARSE)
    team.sync()
    team.edit(PARSE, f"{PARSE} quickly")
    team.repo.retitle(1, f"{PARSE} slowly")

    team.sync()

    assert [hold.code for hold in waiting(team)] == ["conflict"]
    assert f"- [ ] {PARSE} quickly\n" in team.text
    assert team.issues()[0].title == f"{PARSE} slowly"


def test_a_decision_waits_while_its_file_cannot_be_read(team: Team) -> None:
    team.edit(PARSE, f"{PARSE} quickly")
    team.repo.retitle(1, f"{PARSE} slowly")
    team.sync()
    take(team, "tracker")
    good = team.text
    team.repo.push({"TODO.md": b"\xff\xfe not utf-8"})
    team.sync()
    assert len(team.state.decisions) == 1

    team.write(good)
    team.settled()

    assert f"- [ ] {PARSE} slowly\n" in team.text
    assert not team.state.decisions


def test_of_several_trackers_one_is_taken_by_name() -> None:
    team = Team(PLAN, trackers=("acme/rune", "acme/mirror"))
    team.sync()
    team.repository("acme/rune").retitle(1, f"{PARSE} one way")
    team.repository("acme/mirror").retitle(1, f"{PARSE} another way")
    team.sync()
    assert len(waiting(team)) == 2
    with pytest.raises(UserError, match="several trackers"):
        take(team, "tracker")

    take(team, "tracker", "acme/mirror")

    assert team.settled().holds == ()
    assert f"- [ ] {PARSE} another way\n" in team.text
    assert {team.issues(name)[0].title for name in team.names} == {f"{PARSE} another way"}
    lost = [entry.text for entry in team.ledger.journal("rune") if entry.kind == "lost-value"]
    assert any(f"{PARSE} one way" in text for text in lost)


def test_of_several_trackers_the_roadmap_is_taken_for_all() -> None:
    team = Team(PLAN, trackers=("acme/rune", "acme/mirror"))
    team.sync()
    team.repository("acme/rune").retitle(1, f"{PARSE} one way")
    team.repository("acme/mirror").retitle(1, f"{PARSE} another way")
    team.sync()

    take(team, "roadmap")

    assert team.settled().holds == ()
    assert {team.issues(name)[0].title for name in team.names} == {PARSE}


@pytest.mark.parametrize(("side", "where"), [("roadmap", "Alpha"), ("tracker", "Beta")])
def test_an_issue_that_was_moved_goes_back_or_stays(team: Team, side: str, where: str) -> None:
    beta = team.milestone("Beta").key
    team.repo.change(1, milestone=beta)
    team.sync()
    assert [hold.code for hold in waiting(team)] == ["milestone-moved"]

    take(team, side)

    assert team.settled().holds == ()
    assert team.issues()[0].milestone == team.milestone(where).key


@pytest.mark.parametrize(
    ("side", "name"), [("roadmap", "Phase 1: Groundwork"), ("tracker", "Phase 1: First steps")]
)
def test_a_stage_that_was_renamed_on_both_sides_gets_the_name_that_is_taken(side: str, name: str) -> None:
    team = Team(PLAN.replace("## Alpha", "## Phase 1: Foundations"))
    team.sync()
    team.edit("## Phase 1: Foundations\n", "## Phase 1: Groundwork\n")
    milestone = team.milestone("Phase 1: Foundations")
    team.repo.change_milestone(milestone.key, title="Phase 1: First steps")
    team.sync()
    (hold,) = waiting(team)
    assert (hold.code, hold.field) == ("conflict", "name")

    take(team, side)

    assert team.settled().holds == ()
    assert f"## {name}\n" in team.text
    assert team.milestone(name)


def test_a_title_that_lost_its_id_can_only_be_given_back() -> None:
    team = Team(
        "# Plan\n\n## Alpha\n\n| ID | Requirement | Status |\n|---|---|---|\n"
        "| AUD-01 | Audit all writes | Pending |\n"
    )
    team.sync()
    team.repo.retitle(1, "Audit most writes")
    team.sync()
    assert [hold.code for hold in waiting(team)] == ["id-changed"]
    with pytest.raises(UserError, match="tracker's side cannot be taken"):
        take(team, "tracker")

    take(team, "roadmap")

    assert team.settled().holds == ()
    assert team.issues()[0].title == "AUD-01: Audit all writes"


@pytest.mark.parametrize(("side", "state"), [("roadmap", TaskState.OPEN), ("tracker", TaskState.DONE)])
def test_a_box_that_fell_back_with_the_history_is_decided(team: Team, side: str, state: TaskState) -> None:
    old = team.text
    team.put(PARSE, TaskState.DONE)
    team.sync()
    team.repo.push({"TODO.md": old.encode()}, force=True)
    team.sync()
    assert [hold.code for hold in waiting(team)] == ["history-rewritten"]
    team.sync()
    assert [hold.code for hold in waiting(team)] == ["history-rewritten"], "until somebody decides"
    assert both_sides(team)[:2] == ("open", TaskState.DONE)

    take(team, side)

    team.sync()
    assert both_sides(team)[:2] == (state.value, state)


def test_the_other_fields_of_an_item_go_on_while_one_is_held(team: Team) -> None:
    team.edit(PARSE, f"{PARSE} quickly")
    team.repo.retitle(1, f"{PARSE} slowly")
    team.put(f"{PARSE} slowly", TaskState.DONE)

    team.sync()

    assert f"- [x] {PARSE} quickly\n" in team.text
    assert [hold.field for hold in waiting(team)] == [Field.TITLE.value]


GATED = PLAN.replace(
    "## Beta",
    "### Exit criteria\n\n- [ ] All tests pass on every machine\n- [ ] The manual is complete\n\n## Beta",
)


@pytest.mark.parametrize(("side", "mark"), [("roadmap", " "), ("tracker", "x")])
def test_a_criterion_without_a_memory_is_decided_line_by_line(side: str, mark: str) -> None:
    team = Team(GATED, policy=Policy(criteria=Criteria.GATE, limits=UNLIMITED))
    team.sync()
    (gate,) = (issue for issue in team.issues() if "All tests pass" in issue.body)
    team.repo.change(gate.ref.number, body=gate.body.replace("- [ ] All tests", "- [x] All tests"))
    team.lose_ledger()
    team.sync()
    assert [(hold.code, hold.field) for hold in waiting(team)] == [("no-base", "criteria")]

    take(team, side)

    assert team.settled().holds == ()
    assert f"- [{mark}] All tests pass" in team.text
    assert f"- [{mark}] All tests pass" in team.repo.issue(gate.ref.number).body
    assert "- [ ] The manual is complete" in team.text


@pytest.mark.parametrize("side", ["roadmap", "tracker"])
def test_the_block_of_a_milestone_is_written_anew_or_left(side: str) -> None:
    team = Team(PLAN.replace("## Alpha\n", "## Alpha\n\nGoal: everybody can read it.\n"))
    team.sync()
    milestone = team.milestone("Alpha")
    edited = milestone.description.replace("Roadmap:", "Our roadmap:")
    team.repo.change_milestone(milestone.key, description=edited)
    team.sync()
    assert [(hold.code, hold.field) for hold in waiting(team)] == [("block-edited", "description")]

    take(team, side)

    assert team.settled().holds == ()
    text = team.milestone("Alpha").description
    assert ("Our roadmap" in text) is (side == "tracker")
    assert "Goal: everybody can read it." in text


@pytest.mark.parametrize("edited", [False, True])
def test_an_issue_whose_line_is_gone_is_closed_on_request_only(team: Team, edited: bool) -> None:
    team.edit(f"- [ ] {SHIP}\n", "")
    if edited:
        team.repo.retitle(3, f"{SHIP} soon")
    team.sync()
    assert [hold.code for hold in waiting(team)] == [
        "line-removed-issue-edited" if edited else "line-removed"
    ]
    with pytest.raises(UserError, match="tracker's side cannot be taken"):
        take(team, "tracker")

    take(team, "roadmap")
    team.sync()

    assert team.repo.issue(3).state is TaskState.DROPPED
    team.settled()
    assert waiting(team) == []
    team.edit("## Beta\n\n", f"## Beta\n\n- [ ] {SHIP}\n")
    team.sync()
    assert len(team.issues()) == 3, "a line that returns is bound to its issue again"


def test_a_decision_to_close_does_nothing_once_the_issue_was_edited(team: Team) -> None:
    team.edit(f"- [ ] {SHIP}\n", "")
    team.sync()
    take(team, "roadmap")
    team.repo.retitle(3, f"{SHIP} soon")

    team.sync()

    assert team.repo.issue(3).state is TaskState.OPEN
    assert [hold.code for hold in waiting(team)] == ["line-removed-issue-edited"]
