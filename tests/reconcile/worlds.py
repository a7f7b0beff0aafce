"""Worlds for those tables of ``docs/semantics.md`` that are not about one value on each side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from syncer.model.edits import InsertTask
from syncer.model.fields import Field, TaskState
from syncer.model.plan import (
    BindIssue,
    Bury,
    ChangeIssue,
    ChangeMilestone,
    CreateIssue,
    CreateMilestone,
    EditRoadmap,
    EnsureLabel,
    Plan,
    Revive,
    SetIssueState,
    Settle,
    TellPerson,
    UseMilestone,
)
from syncer.reconcile.policy import Policy, Removed
from tests.team import PLAIN, Team

LINE = "- [ ] Write the parser\n"
PLAN = f"# Plan\n\n## Phase 1: Alpha\n\n{LINE}- [ ] Keep the light on\n"


# -- a milestone's state ---------------------------------------------------------------------------------

STATES = {"open": TaskState.OPEN, "finished": TaskState.DONE}


def milestone_state(was: tuple[str, str] | None, stage: str, milestone: str) -> Team:
    """A stage of one item, settled so, that is complete or not, and its milestone open or closed."""
    team = Team(f"# Plan\n\n## Phase 1: Alpha\n\n{LINE}")
    team.settled()
    (key,) = (each.key for each in team.milestones())
    if stage == "finished":
        team.edit("- [ ]", "- [x]")
        team.put("Write the parser", TaskState.DONE)
        team.set_base("Write the parser", Field.STATE, TaskState.DONE, TaskState.DONE)
    if milestone == "finished":
        team.repository().change_milestone(key, closed=True)
    halves = (STATES[was[0]], STATES[was[1]]) if was is not None else (None, None)
    team.set_stage_base(Field.STATE, *halves)
    return team


def said_of_milestone(plan: Plan) -> str:
    """What the plan does about the milestone's state."""
    words = set()
    for action in plan.actions:
        match action:
            case ChangeMilestone(field=Field.STATE, after=TaskState.OPEN):
                words.add("reopen")
            case ChangeMilestone(field=Field.STATE):
                words.add("close")
            case Settle(settles=settles) if any(each.stage and each.field is Field.STATE for each in settles):
                words.add("settle")
    if any(hold.code == "milestone-stands" for hold in plan.holds):
        words.add("report")
    return ", ".join(sorted(words)) or "nothing"


# -- labels ----------------------------------------------------------------------------------------------


def labels(was: str, wanted: str, now: str) -> Team:
    """One issue and the label ``roadmap``: settled (``none`` for no base), called for, carried."""
    team = Team(PLAN)
    team.settled()
    ours = frozenset({"roadmap"})
    number = team.number("Write the parser")
    halves = (None, None) if was == "none" else (ours if was == "yes" else frozenset(),) * 2
    team.set_base("Write the parser", Field.LABELS, *halves)
    team.repository().change(number, labels=frozenset({"people's"}) | (ours if now == "yes" else frozenset()))
    team.policy = replace(PLAIN, label="roadmap" if wanted == "yes" else "")
    return team


def said_of_labels(plan: Plan) -> str:
    for action in plan.actions:
        if isinstance(action, ChangeIssue) and action.field is Field.LABELS and action.number == 1:
            assert isinstance(action.after, frozenset)
            return "add" if action.after else "take away"
    return "nothing"


# -- a stage for an item ---------------------------------------------------------------------------------

HEADINGS = {"A": "Phase 1: Alpha", "B": "Phase 2: Beta", "C": "Phase 3: Gamma", "D": "Phase 4: Delta"}


def place(was: str, roadmap: str, tracker: str) -> Team:
    """Four stages and one item among them; letters say in which it was settled and in which it is."""
    team = Team(_stages("A"))
    team.settled()
    keys = {each.title: each.key for each in team.milestones()}
    uids = {binding.anchor.line: uid for uid, binding in team.state.stages.items()}
    assert len(keys) == len(uids) == len(HEADINGS)
    by_letter = dict(zip(HEADINGS, (uids[line] for line in sorted(uids)), strict=True))
    halves = (str(by_letter[was[0]]), keys[HEADINGS[was[1]]]) if was else (None, None)
    team.set_base("Write the parser", Field.STAGE, *halves)
    if roadmap != "A":
        team.write(_stages(roadmap))
    team.repository().change(team.number("Write the parser"), milestone=keys[HEADINGS[tracker]])
    return team


def _stages(letter: str) -> str:
    parts = ["# Plan\n"]
    for each, heading in HEADINGS.items():
        parts.append(f"## {heading}\n\n- [ ] Stay in {each}\n" + (LINE if each == letter else ""))
    return "\n".join(parts)


def said_of_place(plan: Plan) -> str:
    for action in plan.actions:
        if isinstance(action, ChangeIssue) and action.field is Field.STAGE:
            return "to the tracker"
    for hold in plan.holds:
        if hold.field is Field.STAGE:
            return "report" if hold.code == "milestone-moved" else "hold"
    for action in plan.actions:
        if isinstance(action, Settle) and any(each.field is Field.STAGE for each in action.settles):
            return "settle"
    return "nothing"


# -- presence, and blocks --------------------------------------------------------------------------------

_CASES: dict[str, Callable[[], Team]] = {}


def case(name: str) -> Callable[[Callable[[], Team]], Callable[[], Team]]:
    """Register the world of one row."""

    def register(make: Callable[[], Team]) -> Callable[[], Team]:
        assert name not in _CASES, name
        _CASES[name] = make
        return make

    return register


def world(name: str) -> Team:
    """The world of a row, by the row's first cell.

    Raises:
        KeyError: no such world was written.
    """
    return _CASES[name]()


def names() -> set[str]:
    return set(_CASES)


def _settled(policy: Policy = PLAIN) -> Team:
    team = Team(PLAN, policy=policy)
    team.settled()
    team.clock.pass_time(3600)
    return team


@case("a new open line")
def _() -> Team:
    team = _settled()
    team.edit("- [ ] Keep", "- [ ] Count the tokens\n- [ ] Keep")
    return team


@case("a new line that is done")
def _() -> Team:
    team = _settled()
    team.edit("- [ ] Keep", "- [x] Count the tokens\n- [ ] Keep")
    return team


@case("a new open line, and the tracker was not read completely")
def _() -> Team:
    team = _settled()
    team.edit("- [ ] Keep", "- [ ] Count the tokens\n- [ ] Keep")
    team.repository().lag = 10**9
    return team


@case("an issue that a person opened")
def _() -> Team:
    team = _settled()
    team.repository().open("The parser is slow")
    return team


def _asking(title: str, place: str, *, by: str = "alice") -> Team:
    """Somebody opens an issue that names a place in the roadmap."""
    team = Team(PLAN)
    team.repository().strangers = {"mallory"}
    team.settled()
    team.repository().open(title, f"Please.\n\n{place}\n", by=by)
    team.clock.pass_time()
    return team


@case("an issue of a person names a section")
def _() -> Team:
    return _asking("Count the tokens", "TODO.md :: Phase 1")


@case("an issue of a person names a section, and an equal line there has no issue")
def _() -> Team:
    team = _asking("Count the tokens", "TODO.md :: Phase 1")
    team.edit("- [ ] Keep", "- [ ] Count the tokens\n- [ ] Keep")
    return team


@case("an issue of a person names a section, and an equal line there has another issue")
def _() -> Team:
    return _asking("Write the parser", "TODO.md :: Phase 1")


@case("an issue of a person names no place that there is")
def _() -> Team:
    return _asking("Count the tokens", "TODO.md :: Phase 9")


@case("an issue of a stranger names a section")
def _() -> Team:
    return _asking("Count the tokens", "TODO.md :: Phase 1", by="mallory")


@case("an issue of ours, open, that no line explains")
def _() -> Team:
    team = _settled()
    team.lose_ledger()
    team.edit(LINE, "")
    return team


@case("an issue of ours, closed, that no line explains")
def _() -> Team:
    team = _settled()
    team.put("Write the parser", TaskState.DONE)
    team.lose_ledger()
    team.edit(LINE, "")
    return team


@case("an issue of ours that no line explains, and a new line that resembles it")
def _() -> Team:
    team = _settled()
    team.lose_ledger()
    team.edit("Write the parser", "Write the new parser")
    return team


@case("an issue of ours that a line explains, after the ledger was lost")
def _() -> Team:
    team = _settled()
    team.lose_ledger()
    return team


@case("a line that links to an issue of a person")
def _() -> Team:
    team = _settled()
    number = team.repository().open("Count the tokens")
    url = team.repository().issue(number).url
    team.edit("- [ ] Keep", f"- [ ] Count the tokens ([#{number}]({url}))\n- [ ] Keep")
    return team


@case("two lines that link to the same issue")
def _() -> Team:
    team = _settled()
    number = team.repository().open("Count the tokens")
    link = f"([#{number}]({team.repository().issue(number).url}))"
    team.edit("- [ ] Keep", f"- [ ] Count the tokens {link}\n- [ ] Count the words {link}\n- [ ] Keep")
    return team


@case("the line is gone, the issue is as it was")
def _() -> Team:
    team = _settled()
    team.edit(LINE, "")
    return team


@case('the line is gone, the issue is as it was; `removed = "close"`')
def _() -> Team:
    team = _settled(replace(PLAIN, removed=Removed.CLOSE))
    team.edit(LINE, "")
    return team


@case('the line is gone, the issue is as it was; `removed = "label"`')
def _() -> Team:
    team = _settled(replace(PLAIN, removed=Removed.LABEL))
    team.edit(LINE, "")
    return team


@case("the line is gone, the issue was edited")
def _() -> Team:
    team = _settled()
    team.edit(LINE, "")
    team.repository().retitle(team.number("Write the parser"), "Write the fast parser")
    return team


@case("the line is gone, the issue is closed")
def _() -> Team:
    team = _settled()
    team.edit(LINE, "")
    team.put("Write the parser", TaskState.DONE)
    return team


@case("a buried line is back")
def _() -> Team:
    team = _settled()
    team.edit(LINE, "")
    team.put("Write the parser", TaskState.DONE)
    team.settled()
    team.write(PLAN)
    return team


@case("the line is there, the issue was deleted")
def _() -> Team:
    team = _settled()
    team.repository().delete(team.number("Write the parser"))
    return team


@case("the line is gone, the issue was deleted")
def _() -> Team:
    team = _settled()
    team.edit(LINE, "")
    team.repository().delete(team.number("Write the parser"))
    return team


@case("the whole file is gone")
def _() -> Team:
    team = _settled()
    team.remove("TODO.md")
    return team


@case("the file is there and holds no items")
def _() -> Team:
    team = Team(PLAN + "- [ ] Publish it\n")
    team.settled()
    team.write("# Plan\n\nTo be written.\n")
    return team


@case("the file cannot be read")
def _() -> Team:
    team = _settled()
    team.repo.push({"TODO.md": PLAN.encode("utf-16")})
    return team


@case("the file was renamed")
def _() -> Team:
    team = _settled()
    team.repo.push({"TODO.md": None, "docs/PLAN.md": PLAN.encode()})
    return team


@case("the tracker shows an empty list")
def _() -> Team:
    team = _settled()
    team.repository().lag = 10**9
    return team


@case("an open milestone of the stage's name is there")
def _() -> Team:
    team = Team(PLAN)
    team.repository().add_milestone("Phase 1: Alpha")
    return team


@case("a closed milestone of the stage's name is there")
def _() -> Team:
    team = Team(PLAN)
    key = team.repository().add_milestone("Phase 1: Alpha")
    team.repository().change_milestone(key, closed=True)
    return team


@case("the milestone was deleted")
def _() -> Team:
    team = _settled()
    (milestone,) = team.milestones()
    del team.repository().milestones[milestone.key]
    for issue in team.issues():
        team.repository().change(issue.ref.number, milestone=None)
    return team


@case("what stands below the line was changed")
def _() -> Team:
    team = _settled()
    team.edit(LINE, LINE + "  It reads everything.\n")
    return team


@case("a person wrote around the block")
def _() -> Team:
    team = _settled()
    _body(team, lambda body: f"Before.\n\n{body}\n\nAfter.")
    return team


@case("a person wrote inside the block")
def _() -> Team:
    team = _settled()
    _body(team, lambda body: body.replace("<!-- syncer:end", "Mine.\n<!-- syncer:end"))
    return team


@case("a person wrote inside the block, and the roadmap changed too")
def _() -> Team:
    team = _settled()
    _body(team, lambda body: body.replace("<!-- syncer:end", "Mine.\n<!-- syncer:end"))
    team.edit(LINE, LINE + "  It reads everything.\n")
    return team


@case("the block was removed from the body")
def _() -> Team:
    team = _settled()
    _body(team, lambda _body: "Mine.")
    return team


@case("the block's end was cut off")
def _() -> Team:
    team = _settled()
    _body(team, lambda body: body.split("<!-- syncer:end")[0])
    return team


@case("the ledger was lost, and the roadmap changed since")
def _() -> Team:
    team = _settled()
    team.lose_ledger()
    team.edit(LINE, LINE + "  It reads everything.\n")
    return team


@case("the ledger was lost, and a person wrote inside the block")
def _() -> Team:
    team = _settled()
    team.lose_ledger()
    _body(team, lambda body: body.replace("<!-- syncer:end", "Mine.\n<!-- syncer:end"))
    return team


MIRRORED = """# Requirements

| ID | Requirement | Status |
|---|---|---|
| AUD-01 | Record every login | Pending |

## Traceability

| Requirement | Phase | Status |
|---|---|---|
| AUD-01 | 1 | Pending |
"""
ORIGINAL, MIRROR = "| AUD-01 | Record every login | Pending |", "| AUD-01 | 1 | Pending |"


def _mirrored() -> Team:
    team = Team(MIRRORED)
    team.settled()
    return team


@case("the issue of a mirrored row is closed")
def _() -> Team:
    team = _mirrored()
    team.put("AUD-01: Record every login", TaskState.DONE)
    return team


@case("a row is completed, its mirror is left")
def _() -> Team:
    team = _mirrored()
    team.edit(ORIGINAL, ORIGINAL.replace("Pending", "Complete"))
    return team


@case("a mirror is completed, its row is left")
def _() -> Team:
    team = _mirrored()
    team.edit(MIRROR, MIRROR.replace("Pending", "Complete"))
    return team


def _body(team: Team, change: Callable[[str], str]) -> None:
    issue = team.issue("Write the parser")
    team.repository().change(issue.ref.number, body=change(issue.body))


def summary(plan: Plan) -> str:
    """A plan in a few words: what is done, and what is held, by code."""
    words: list[str] = []
    for action in plan.actions:
        match action:
            case CreateIssue():
                words.append("create the issue")
            case CreateMilestone():
                words.append("create the milestone")
            case UseMilestone():
                words.append("use the milestone")
            case BindIssue():
                words.append("bind the issue")
            case Bury():
                words.append("bury")
            case Revive():
                words.append("revive")
            case SetIssueState(after=TaskState.DROPPED):
                words.append("close as not planned")
            case SetIssueState(after=TaskState.DONE):
                words.append("close")
            case EditRoadmap(edit=InsertTask(), after=after):
                words.append(f"roadmap: new line {after}")
            case TellPerson():
                words.append("comment")
            case EditRoadmap(after=after):
                words.append(f"roadmap: {after}")
            case EnsureLabel(name=name):
                words.append(f"create the label `{name}`")
            case ChangeIssue(field=Field.LABELS):
                words.append("label the issue")
            case ChangeIssue(field=Field.BODY):
                words.append("write the block")
            case _:
                pass
    words += [f"hold `{hold.code}`" for hold in plan.holds]
    return ", ".join(dict.fromkeys(words)) or "nothing"
