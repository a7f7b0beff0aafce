"""A person's word about what is held: remembered, and carried out by the next run if nothing has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from syncer.errors import UserError
from syncer.model.fields import Field
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Decision, JournalEntry, LedgerChange, LedgerState, StandingHold
from syncer.reconcile.merge import ROADMAP
from syncer.service.standing import values_of

_OTHERWISE = {
    "cut-title": "the roadmap's text is longer than a title; change it there",
    "id-changed": "the roadmap knows the item by its id; put the id back in front of the title",
    "issue-gone": "the line is never deleted; `syncer forget` ends the binding",
    "line-removed": "write the line again; it is bound to its issue by itself",
    "line-removed-issue-edited": "write the line again; it is bound to its issue by itself",
    "declined": "undo the change on the tracker to keep the line as it is",
}
"""What else can be done where one side cannot be taken."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """One decision, in words.

    Args:
        hold: what it is about.
        decision: as it is remembered.
        effect: what the next run does.
    """

    hold: StandingHold
    decision: Decision
    effect: str


def answerable(hold: StandingHold) -> bool:
    """Whether taking a side answers a hold."""
    return hold.uid is not None and bool(hold.choices)


def decide(
    holds: Iterable[StandingHold],
    take: str,
    tracker: str,
    at: datetime,
) -> list[Resolution]:
    """Decisions about holds.

    Args:
        holds: those that are to be decided, as the person saw them.
        take: ``roadmap`` or ``tracker``.
        tracker: which one, where several are in conflict; empty where that is clear.
        at: when.

    Raises:
        UserError: a hold cannot be decided like that.
    """
    groups: dict[tuple[Uid, str], list[StandingHold]] = {}
    for hold in holds:
        if hold.uid is not None and answerable(hold):
            groups.setdefault((hold.uid, hold.field), []).append(hold)
    return [_decide(uid, group, take, tracker, at) for (uid, _field), group in groups.items()]


def _decide(uid: Uid, group: list[StandingHold], take: str, tracker: str, at: datetime) -> Resolution:
    hold = group[0]
    where = hold.place
    refused = next((each for each in group if take not in each.choices), None)
    if refused is not None:
        raise UserError(
            f"the {take}'s side cannot be taken: {refused.reason}",
            where=where,
            next_step=_OTHERWISE.get(refused.code, refused.remedy),
        )
    winner = ROADMAP
    if take == "tracker":
        named = {each.tracker for each in group if each.tracker is not None}
        chosen = {each for each in named if tracker in ("", each, each.partition(":")[2])}
        if len(chosen) != 1:
            raise UserError(
                "several trackers are in conflict" if chosen else f"{tracker} is no part of this conflict",
                where=where,
                next_step=f"choose one with --tracker: {', '.join(sorted(named))}",
            )
        winner = TrackerId(chosen.pop())
        hold = next(each for each in group if each.tracker == winner)
    saw = "; ".join(values_of(each) for each in group if values_of(each)) or hold.reason
    digests = frozenset(each.digest for each in group)
    decision = Decision(uid, Field(hold.field), winner, digests, at, saw)
    return Resolution(hold, decision, _effect(hold, winner))


def _effect(hold: StandingHold, winner: TrackerId) -> str:
    number = f"#{hold.number}" if hold.field not in ("name", "due") else f"milestone {hold.number}"
    mine, theirs = f"{hold.roadmap!r}", f"{hold.there!r}"
    if hold.code.startswith("line-removed"):
        return f"{number} is closed as not planned"
    if hold.code == "issue-gone":
        return "a new issue is created for the line"
    if hold.code.startswith("block-"):
        return (
            f"the managed block of {number} is written anew"
            if winner == ROADMAP
            else f"{number} stays as it is, until the roadmap says something new about it"
        )
    if hold.field == Field.STAGE.value:
        return (
            f"{number} is moved to {mine}"
            if winner == ROADMAP
            else f"both stay where they are: the line under {mine}, {number} in {theirs}"
        )
    if winner == ROADMAP:
        return f"the roadmap's {mine} is carried to {number}, instead of {theirs}"
    return f"{theirs} of {number} is carried to the roadmap, instead of {mine}"


def remember(state: LedgerState, resolutions: list[Resolution], run: str, at: datetime) -> LedgerChange:
    """What is to be remembered of decisions; an earlier one about the same is replaced.

    Args:
        state: as remembered.
        resolutions: the decisions.
        run: a name for this call, as runs have one.
        at: when.
    """
    fresh = {(each.decision.uid, each.decision.field): each.decision for each in resolutions}
    kept = tuple(each for each in state.decisions if (each.uid, each.field) not in fresh)
    return LedgerChange(
        decisions=(*kept, *fresh.values()),
        journal=tuple(
            JournalEntry(
                at,
                run,
                "decision",
                each.hold.place,
                f"{each.hold.title} ({each.hold.field}): {each.effect} [{each.decision.saw}]",
                each.decision.uid,
            )
            for each in resolutions
        ),
    )
