"""Labels, assignees and work in progress: the tables of ``docs/semantics.md``, and what they cannot say."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from syncer.labelling_settings import LabelSettings, labelling_of, members_of
from syncer.model.edits import SetStarted
from syncer.model.fields import Field, TaskState
from syncer.model.plan import Action, ChangeIssue, EditRoadmap, Outcome, Plan, Settle
from syncer.reconcile.policy import Policy, Removed, StartedBy
from syncer.service.cycle import Orders
from tests.reconcile.tables import Row, rows
from tests.team import PLAIN, Team

MEMBERS = members_of({"ada": "ada-l", "Bob Brown": {"main": "bob", "other": "brown"}})
STARTED = "in progress"
ROWS = """# Plan

| ID | Task | Status |
|---|---|---|
| A-1 | Write the parser | {} |
| A-2 | Test it | Pending |
"""


def _policy(**labels: object) -> Policy:
    return replace(PLAIN, labelling=labelling_of(LabelSettings.model_validate(labels)), members=MEMBERS)


def _nothing_left(team: Team) -> None:
    assert team.sync(Orders(full=True)).failures == []
    text, issues = team.read_all(), team.issues()
    again = team.sync(Orders(full=True)).plan
    assert again is not None
    assert again.actions == ()
    assert (team.read_all(), team.issues()) == (text, issues)


# -- the tables ------------------------------------------------------------------------------------------


def test_the_tables_are_complete() -> None:
    halves = [*(a + b for a, b in product("AB", "AB")), "none"]
    assert sorted(row[:3] for row in rows("started")) == sorted(product(halves, "AB", "AB"))
    assert sorted(row[:3] for row in rows("assignees")) == sorted(
        product(("yes", "no", "none"), ("yes", "no"), ("yes", "no"))
    )


@pytest.mark.parametrize("row", rows("assignees"), ids="-".join)
def test_assignees(row: Row) -> None:
    was, named, assigned, expected = row
    team = Team("# Plan\n\n- [ ] Write the parser\n", policy=_policy())
    team.settled()
    ada = frozenset({"ada-l"})
    base = (None, None) if was == "none" else (ada if was == "yes" else frozenset(),) * 2
    team.set_base("Write the parser", Field.ASSIGNEES, *base)
    team.repository().change(1, assignees=frozenset({"carol"}) | (ada if assigned == "yes" else frozenset()))
    if named == "yes":
        team.edit("Write the parser", "Write the parser\n  - Owner: @ada")

    (said,) = [_assigns(each) for each in team.plan().actions if _assigns(each)] or ["nothing"]
    assert said == expected
    _nothing_left(team)
    assert "carol" in team.issues()[0].assignees


def _assigns(action: Action) -> str:
    if isinstance(action, ChangeIssue) and action.field is Field.ASSIGNEES:
        return "add" if action.after else "take away"
    return ""


@pytest.mark.parametrize("row", rows("started"), ids="-".join)
def test_started(row: Row) -> None:
    was, roadmap, tracker, expected = row
    words = {"A": "Pending", "B": "In Progress"}
    team = Team(ROWS.format("Pending"), policy=_policy(started=STARTED))
    team.settled()
    value = {"A": frozenset[str](), "B": frozenset({STARTED})}
    halves = (None, None) if was == "none" else (value[was[0]], value[was[1]])
    team.set_base("Write the parser", Field.STARTED, *halves)
    if roadmap == "B":
        team.edit("parser | Pending", f"parser | {words['B']}")
    team.repository().change(1, labels=frozenset({"roadmap", "mine"}) | value[tracker])

    assert _progress(team.plan()) == expected
    _nothing_left(team)
    if expected.startswith("to the"):
        carried = roadmap if expected == "to the tracker" else tracker
        assert f"parser | {words[carried]} |" in team.text
        assert (STARTED in team.issues()[0].labels) is (carried == "B")


def _progress(plan: Plan) -> str:
    if any(hold.field is Field.STARTED for hold in plan.holds):
        return "hold"
    for action in plan.actions:
        match action:
            case EditRoadmap(edit=SetStarted()):
                return "to the roadmap"
            case ChangeIssue(field=Field.STARTED):
                return "to the tracker"
            case Settle(settles=settles) if any(each.field is Field.STARTED for each in settles):
                return "settle"
    return "nothing"


# -- what they cannot say --------------------------------------------------------------------------------


def test_a_new_issue_has_all_labels_and_assignees_from_the_start() -> None:
    policy = _policy(
        priority={"p1": "urgent"}, tag="{}", prefix="group {}", stage="stage: {}", started=STARTED
    )
    text = (
        "# Plan\n\n## Alpha\n\n| ID | Task | Status | Priority | Owner |\n|---|---|---|---|---|\n"
        "| AUD-1 | Log in | In Progress | P1 | Bob Brown |\n| AUD-2 | Log out | Pending | P2 | Eve |\n"
    )
    team = Team(text, policy=policy)
    team.settled()
    first, second = team.issues()
    assert first.labels == {"roadmap", "urgent", "group AUD", "stage: Alpha", STARTED}
    assert first.assignees == {"bob"}
    assert second.labels == {"roadmap", "group AUD", "stage: Alpha"}
    assert second.assignees == frozenset()


def test_a_label_that_a_person_took_off_stays_off_until_the_line_calls_for_another() -> None:
    team = Team("# Plan\n\n- [ ] Write the parser [P1]\n", policy=_policy(priority="prio {}"))
    team.settled()
    team.repository().change(1, labels=frozenset({"roadmap", "mine"}))
    team.settled()
    assert team.issues()[0].labels == {"roadmap", "mine"}
    team.edit("[P1]", "[P2]")
    team.settled()
    assert team.issues()[0].labels == {"roadmap", "mine", "prio p2"}


def test_whom_the_forge_does_not_assign_is_told_once_and_not_tried_again() -> None:
    team = Team("# Plan\n\n- [ ] Write the parser\n- [ ] Test it @ada\n", policy=_policy())
    team.repository().outsiders |= {"ada-l"}
    report = team.sync()
    told = [each.detail for each in report.receipts if "ada-l" in each.detail]
    assert len(told) == 1
    assert team.sync().receipts == []

    team.edit("Write the parser", "Write the parser @ada")
    report = team.sync()
    assert [(each.outcome, "ada-l" in each.detail) for each in report.receipts if each.detail] == [
        (Outcome.DONE, True)
    ]
    assert team.plan().actions == ()


def test_a_tag_cannot_say_what_syncer_itself_says_with_a_label() -> None:
    """Else ``#dropped`` would be read as a decision on a forge without close reasons."""
    policy = _policy(tag="{}", started="doing")
    team = Team("# Plan\n\n- [ ] Write it #doing #roadmap-removed #real\n", policy=policy)
    team.settled()
    assert team.issues()[0].labels == {"roadmap", "real"}


def test_finished_work_is_no_longer_in_progress() -> None:
    team = Team(ROWS.format("In Progress"), policy=_policy(started=STARTED))
    team.settled()
    assert STARTED in team.issues()[0].labels
    team.put("A-1: Write the parser", TaskState.DONE)
    team.settled()
    assert "parser | Completed |" in team.text
    assert STARTED not in team.issues()[0].labels


def test_a_word_is_written_in_the_columns_own_vocabulary_or_not_at_all() -> None:
    chinese = (
        "# 计划\n\n| 编号 | 任务 | 状态 |\n|---|---|---|\n| T-1 | 解析器 | 待做 |\n| T-2 | 手册 | 进行中 |\n"
    )
    team = Team(chinese, policy=_policy(started=STARTED))
    team.settled()
    number = team.number("T-1: 解析器")
    team.repository().change(number, labels=frozenset({"roadmap", STARTED}))
    team.settled()
    assert "解析器 | 进行中 |" in team.text

    alone = Team(chinese.replace("进行中", "待做"), policy=_policy(started=STARTED))
    alone.settled()
    before = alone.text
    alone.repository().change(1, labels=frozenset({"roadmap", STARTED}))
    assert [hold.code for hold in alone.settled().holds] == ["edit-refused"]
    assert alone.text == before


def test_an_item_that_is_gone_keeps_the_labels_it_had() -> None:
    policy = replace(_policy(priority="prio {}"), removed=Removed.LABEL)
    team = Team("# Plan\n\n- [ ] Write the parser [P1]\n- [ ] Test it\n", policy=policy)
    team.settled()
    team.edit("- [ ] Write the parser [P1]\n", "")
    team.settled()
    assert team.issues()[0].labels == {"roadmap", "prio p1", "roadmap-removed"}


OWNED = """# Plan

| ID | Task | Owner | Status |
|---|---|---|---|
| A-1 | Write the parser | @ada | Pending |
| A-2 | Test it | – | Pending |
"""


def test_an_assigned_issue_is_in_progress_where_the_option_says_so() -> None:
    team = Team(OWNED, policy=replace(_policy(), started_by=StartedBy.ASSIGNEE))
    team.settled()
    assert team.issues()[0].assignees == frozenset()
    team.repository().change(2, assignees=frozenset({"zoe"}))
    team.sync()
    team.settled()
    assert "Test it | – | In Progress |" in team.text
    team.repository().change(2, assignees=frozenset())
    team.sync()
    team.settled()
    assert team.text == OWNED


def test_a_row_in_progress_assigns_its_owner_and_a_finished_one_keeps_them() -> None:
    team = Team(OWNED, policy=replace(_policy(), started_by=StartedBy.ASSIGNEE))
    team.settled()
    team.edit("@ada | Pending", "@ada | In Progress")
    team.edit("– | Pending", "– | In Progress")
    team.sync()
    team.settled()
    assert [issue.assignees for issue in team.issues()] == [{"ada-l"}, frozenset()]
    team.edit("@ada | In Progress", "@ada | Pending")
    team.sync()
    team.settled()
    assert team.issues()[0].assignees == frozenset()

    team.edit("@ada | Pending", "@ada | In Progress")
    team.sync()
    team.sync()
    team.edit("@ada | In Progress", "@ada | Completed")
    team.sync()
    team.settled()
    assert team.issues()[0].assignees == {"ada-l"}
