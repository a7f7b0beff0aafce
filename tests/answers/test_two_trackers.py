"""One roadmap, two trackers: one binding for all issues of a line, whatever happens while they are made."""

from __future__ import annotations

from syncer.errors import UnknownFate
from syncer.forges.memory.world import Failure
from syncer.model.fields import TaskState
from tests.answers.test_decisions import MANUAL, PARSE, PLAN
from tests.team import Team

BOTH = ("acme/rune", "acme/mirror")


def _one_binding_each(team: Team) -> None:
    assert len(team.state.bindings) == 3
    assert {frozenset(each.refs) for each in team.state.bindings.values()} == {
        frozenset(team.tracker_id(name) for name in BOTH)
    }
    assert [len(team.issues(name)) for name in BOTH] == [3, 3]


def test_a_first_sync_binds_each_line_once() -> None:
    team = Team(PLAN, trackers=BOTH)

    assert team.settled().holds == ()

    _one_binding_each(team)


def test_closing_on_one_ticks_the_box_and_closes_on_the_other() -> None:
    team = Team(PLAN, trackers=BOTH)
    team.sync()
    team.put(PARSE, TaskState.DONE, "acme/mirror")

    assert team.settled().holds == ()

    assert f"- [x] {PARSE}\n" in team.text
    assert team.issue(PARSE, "acme/rune").state is TaskState.DONE


def test_a_lost_answer_on_one_makes_no_second_binding() -> None:
    team = Team(PLAN, trackers=BOTH)
    lost = Failure("create_issue", lambda: UnknownFate("the answer never arrived"), after=True)
    team.repository("acme/rune").failures.append(lost)
    team.run()

    assert team.settled().holds == ()

    _one_binding_each(team)


def test_a_lost_ledger_is_rebuilt_with_one_binding_each() -> None:
    team = Team(PLAN, trackers=BOTH)
    team.sync()
    team.lose_ledger()

    assert team.settled().holds == ()

    _one_binding_each(team)
    team.edit(f"- [ ] {MANUAL}", f"- [x] {MANUAL}")
    team.settled()
    assert {team.issue(MANUAL, name).state for name in BOTH} == {TaskState.DONE}
