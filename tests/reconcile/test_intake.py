"""Issues of people that ask for a line, where ``tests/examples/intake.md`` has no words for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.errors import Forbidden, UnknownFate
from syncer.forges.memory.world import Failure
from syncer.model.fields import TaskState
from syncer.model.identity import Owner
from syncer.model.plan import EditRoadmap, Outcome, TellPerson
from syncer.reconcile.asking import asked_places
from syncer.reconcile.guard import judge
from syncer.reconcile.policy import Intake, Limits
from syncer.roadmap.edit import apply_edits
from syncer.service.book import Book
from syncer.service.cycle import Cycle, Orders
from syncer.service.telling import Teller, comment_mark
from tests.team import PLAIN, Quiet, Team

PLAN = (
    "# Plan\n\n## Alpha\n\n- [ ] Write the parser\n\n## Beta\n\n- [ ] Draw the icons\n- [ ] Draw the fonts\n"
)


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ("TODO.md :: Alpha", "TODO.md :: Alpha"),
        ("Please.\r\n\r\n`TODO.md :: Alpha`\r\n", "TODO.md :: Alpha"),
        ("- docs/PLAN.md::Alpha", "docs/PLAN.md::Alpha"),
        ("**Roadmap:** alpha :: tests", "alpha :: tests"),
        ("Reference: [`TODO.md :: Alpha`](https://forge.example/blob/main/TODO.md)", "TODO.md :: Alpha"),
        ("TODO.md :: A\nTODO.md :: B\nTODO.md :: A", "TODO.md :: A\nTODO.md :: B"),
        ("", ""),
        ("It belongs to TODO.md :: Alpha, I think.", ""),
        ("> TODO.md :: Alpha", ""),
        ("    TODO.md :: Alpha", ""),
        ("```\nTODO.md :: Alpha\n```", ""),
        ("~~~text\nTODO.md :: Alpha", ""),
        ("<!--\nTODO.md :: Alpha\n-->", ""),
        ("std::vector<int> :: x", ""),
        ("TODO.md", ""),
        ("Roadmap: next year", ""),
        ("a :::: b\nTODO.md ::: x", ""),
    ],
)
def test_only_a_reference_on_a_line_of_its_own_asks(body: str, asked: str) -> None:
    assert asked_places(body) == asked


def test_anybody_can_write_anything_and_little_of_it_is_kept() -> None:
    """A huge text is read in a moment, and cut."""
    assert len(asked_places("TODO.md :: A\n" + "".join(f"TODO.md :: {n}\n" for n in range(50_000)))) == 4_000
    assert asked_places("`" * 100_000 + " :: " + "*" * 100_000) == ""
    assert asked_places("<!--" * 50_000 + " :: ") == ""


def test_lines_below_the_new_one_stay_themselves_in_the_same_commit() -> None:
    """What is ticked and retitled beside an insertion is found again where it stands now."""
    team = Team(PLAN, policy=PLAIN)
    team.settled()
    team.repository().open("Count the tokens", "TODO.md :: Alpha")
    team.put("Draw the icons", TaskState.DONE)
    team.repository().retitle(team.number("Draw the fonts"), "Something else entirely")
    team.settled()

    assert team.text == PLAN.replace("parser\n", "parser\n- [ ] Count the tokens\n").replace(
        "[ ] Draw the icons", "[x] Draw the icons"
    ).replace("Draw the fonts", "Something else entirely")
    assert {each.anchor.title for each in team.state.bindings.values()} == {
        "Write the parser",
        "Count the tokens",
        "Draw the icons",
        "Something else entirely",
    }
    assert [issue.title for issue in team.issues()] == [
        "Write the parser",
        "Draw the icons",
        "Something else entirely",
        "Count the tokens",
    ]


def test_every_former_item_is_followed_through_an_insertion() -> None:
    """Indexes of what stands below move on by one."""
    team = Team(PLAN, policy=PLAIN)
    team.settled()
    team.repository().open("Count the tokens", "TODO.md :: Alpha")
    (action,) = team.plan().effects
    assert isinstance(action, EditRoadmap)
    edited = apply_edits(team.document(), [action.edit])

    assert edited.followed.items == {0: 0, 1: 2, 2: 3}
    assert edited.followed.added == (1,)


def test_with_two_trackers_the_other_one_gets_an_issue_in_the_same_run() -> None:
    """The plan says so beforehand."""
    team = Team(PLAN, policy=PLAIN, trackers=("acme/rune", "acme/mirror"))
    team.settled()
    team.repository("acme/mirror").open("Count the tokens", "TODO.md :: Alpha")
    (action,) = team.plan().effects
    assert "one is created on main:acme/rune" in action.reason
    team.settled()

    assert "- [ ] Count the tokens" in team.text
    assert [len(team.issues(name)) for name in team.names] == [4, 4]
    assert len(team.state.bindings) == 4


def test_off_reads_and_says_nothing() -> None:
    team = Team(PLAN, policy=replace(PLAIN, intake=Intake.OFF))
    team.settled()
    team.repository().open("Count the tokens", "TODO.md :: Alpha")

    assert team.settled().holds == ()


def test_the_guard_counts_lines_that_people_ask_for() -> None:
    """A crowd that opens issues waits as a whole."""
    team = Team(PLAN, policy=PLAIN)
    team.settled()
    for number in range(4):
        team.repository().open(f"Count {number}", "TODO.md :: Alpha")
    plan = team.plan()

    assert judge(plan, Limits(creates=4), 3).held is False
    assert judge(plan, Limits(creates=3), 3).reasons == (
        "4 lines would be written for people's issues, more than 3",
    )


def test_a_comment_whose_answer_was_lost_is_not_said_twice() -> None:
    """It is looked for before it is said again."""
    team = Team(PLAN, policy=PLAIN)
    team.settled()
    number = team.repository().open("Count the tokens", "TODO.md :: Gamma")
    team.repository().failures.append(
        Failure("comment", lambda: UnknownFate("no answer", where="memory"), after=True)
    )
    first = team.run()
    assert [
        receipt.outcome.value for receipt in first.receipts if isinstance(receipt.action, TellPerson)
    ] == ["unknown"]
    team.sync()

    assert len(team.repository().said[number]) == 1
    assert team.settled().effects == ()


def test_an_issue_with_a_mark_of_ours_asks_for_nothing() -> None:
    """Whatever else it says: it is somebody's already, or written by a program of ours."""
    team = Team(PLAN, policy=PLAIN)
    team.settled()
    team.repository().open("Count the tokens", "<!-- syncer:other -->\nTODO.md :: Alpha")

    assert team.settled().holds == ()


def test_a_lost_ledger_takes_nothing_in_twice() -> None:
    """The marker says what was taken in."""
    team = Team(PLAN, policy=PLAIN)
    team.repository().open("Count the tokens", "TODO.md :: Alpha")
    team.settled()
    text = team.text
    team.lose_ledger()
    team.sync(Orders(full=True))

    assert (team.text, len(team.issues())) == (text, 4)
    assert team.settled().holds == ()


def test_criteria_take_no_tasks() -> None:
    """A line below exit criteria would be no task, so that its issue would not be looked after."""
    text = PLAN + "\n### Exit criteria\n\n- [ ] All green\n"
    team = Team(text, policy=PLAIN)
    team.settled()
    team.repository().open("Count the tokens", "TODO.md :: Beta :: Exit criteria")

    assert [hold.code for hold in team.holds] == ["intake-place"]


def test_a_locked_issue_is_told_nothing_and_tried_once() -> None:
    """The hold says what the comment would have said."""
    team = Team(PLAN, policy=PLAIN)
    team.settled()
    team.repository().open("Count the tokens", "TODO.md :: Gamma")
    team.repository().failures.append(Failure("comment", lambda: Forbidden("it is locked", where="memory")))
    assert [receipt.outcome.value for receipt in team.run().failures] == ["failed"]

    assert [hold.code for hold in team.settled().holds] == ["intake-unclear"]
    assert team.repository().said == {}


def test_nobody_is_told_that_a_file_is_wrong_which_cannot_be_read_now() -> None:
    """It waits, and costs no request."""
    other = "# Next\n\n- [ ] Sleep\n"
    team = Team({"TODO.md": PLAN, "docs/NEXT.md": other}, policy=PLAIN)
    team.settled()
    team.repo.push({"docs/NEXT.md": other.encode("utf-16")})
    team.repository().open("Count the tokens", "NEXT.md :: Alpha")
    team.repository().open("Count the words", "TODO.md :: Alpha")
    team.sync()

    assert "- [ ] Count the words" in team.text
    assert [hold.code for hold in team.settled().holds] == ["intake-waits", "file-lost"]


def test_another_projects_roadmap_is_none_of_ours() -> None:
    """Its own project takes the issue in."""
    team = Team(PLAN, policy=PLAIN)
    team.settled()
    team.repository().open("Count the tokens", "OTHER.md :: Alpha")
    project = replace(team.project, patterns=("TODO.md",), elsewhere=lambda path: path == "OTHER.md")
    cycle = Cycle(team.ledger, team.clock, team.ids, Quiet())
    report = cycle.run(project, Orders(dry=True))

    assert report.plan is not None
    assert (report.plan.effects, report.plan.holds) == ((), ())


def test_a_comment_that_somebody_like_us_has_just_said_is_not_repeated() -> None:
    """It is looked for again right before it is said."""
    team = Team(PLAN, policy=PLAIN)
    team.settled()
    number = team.repository().open("Count the tokens", "TODO.md :: Gamma")
    (action,) = team.plan().effects
    assert isinstance(action, TellPerson)
    owner = Owner("memory/1")
    team.repository().say(number, comment_mark(owner, action.tracker, number))
    book = Book(team.ledger, "rune", "run", team.clock)
    receipt = Teller(book, owner, team.clock).tell(team.project.trackers[0], action)

    assert receipt.outcome is Outcome.ALREADY
    assert len(team.repository().said[number]) == 1
