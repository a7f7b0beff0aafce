"""An item's story: what it is, what was seen, decided and done, and what it waits for."""

from __future__ import annotations

from dataclasses import dataclass

from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId
from syncer.model.ledger import (
    Decision,
    Intent,
    JournalEntry,
    LedgerState,
    SeenIssue,
    Settled,
    Standing,
    StandingHold,
)
from syncer.model.tracker import Milestone
from syncer.ports import Ledger
from syncer.service.naming import Named


@dataclass(frozen=True, slots=True)
class Side:
    """One issue or milestone, as it was last seen.

    Args:
        settled: what both sides showed when each field was last settled.
    """

    tracker: TrackerId
    number: int
    title: str
    state: str
    url: str
    settled: tuple[tuple[Field, Settled], ...]


@dataclass(frozen=True, slots=True)
class Story:
    """What is known about one thing.

    Args:
        state: of the binding: ``live``, ``buried``, ``ended``, ``stage``, or ``unbound``.
        entries: from the journal, oldest first.
        holds: what it waits for.
        decisions: made, and not yet carried out.
        unanswered: requests about it whose fate is unknown.
    """

    named: Named
    state: str
    sides: tuple[Side, ...]
    entries: tuple[JournalEntry, ...]
    holds: tuple[StandingHold, ...]
    decisions: tuple[Decision, ...]
    unanswered: tuple[Intent, ...]


def tell(named: Named, state: LedgerState, ledger: Ledger) -> Story:
    """The story of something that a person named.

    Args:
        named: what.
        state: its project's.
        ledger: for the journal.
    """
    standing = ledger.standing(named.project)
    holds = standing.holds if standing is not None else ()
    uid = named.uid
    return Story(
        named,
        _state(named),
        tuple(_sides(named, state)),
        ledger.journal(named.project, uid=uid) if uid is not None else (),
        tuple(hold for hold in holds if _concerns(hold, named)),
        tuple(each for each in state.decisions if each.uid == uid and _waits(each, standing)),
        tuple(each for each in state.intents if uid is not None and each.uid == uid),
    )


def _waits(decision: Decision, standing: Standing | None) -> bool:
    """Whether a decision is yet to be carried out, as far as the last run tells."""
    if standing is None or decision.at > standing.at:
        return True
    return any(hold.digest in decision.holds for hold in standing.holds)


def _state(named: Named) -> str:
    if named.stage is not None:
        return "stage"
    return named.binding.state.value if named.binding is not None else "unbound"


def _concerns(hold: StandingHold, named: Named) -> bool:
    if named.uid is not None and hold.uid == named.uid:
        return True
    if named.number is not None and (hold.tracker, hold.number) == (named.tracker, named.number):
        return True
    anchor = named.anchor
    return anchor is not None and hold.uid is None and hold.place == f"{anchor.path}:{anchor.line}"


def _sides(named: Named, state: LedgerState) -> list[Side]:
    if named.stage is not None:
        base = named.stage.base
        return [
            _milestone(tracker, state.trackers[tracker].milestones[key], tuple(base.get(tracker, {}).items()))
            for tracker, key in sorted(named.stage.milestones.items())
            if tracker in state.trackers and key in state.trackers[tracker].milestones
        ]
    if named.binding is not None:
        refs, bases = named.binding.refs, named.binding.base
    elif named.tracker is not None and named.number is not None:
        refs, bases = {named.tracker: named.number}, {}
    else:
        return []
    found = []
    for tracker, number in sorted(refs.items()):
        known = state.trackers.get(tracker)
        issue = known.issues.get(number) if known is not None else None
        found.append(_issue(tracker, number, issue, tuple(bases.get(tracker, {}).items())))
    return found


def _issue(
    tracker: TrackerId, number: int, issue: SeenIssue | None, settled: tuple[tuple[Field, Settled], ...]
) -> Side:
    if issue is None:
        return Side(tracker, number, "", "gone", "", settled)
    return Side(tracker, number, issue.title, issue.state.value, issue.url, settled)


def _milestone(tracker: TrackerId, milestone: Milestone, settled: tuple[tuple[Field, Settled], ...]) -> Side:
    state = TaskState.DONE if milestone.closed else TaskState.OPEN
    return Side(tracker, milestone.key, milestone.title, state.value, milestone.url, settled)
