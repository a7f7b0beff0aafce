"""The guard: a plan that would do suspiciously much waits for a person.

Each kind of change is counted on its own. A first sync is no exception: the most common accident of
such tools is a first import far larger than meant.
"""

from __future__ import annotations

from collections.abc import Iterable

from syncer.model.edits import InsertTask, Retitle, SetState
from syncer.model.fields import Field, TaskState
from syncer.model.plan import (
    Action,
    ChangeIssue,
    CreateIssue,
    EditRoadmap,
    Plan,
    SetIssueState,
    Verdict,
    action_digest,
)
from syncer.reconcile.policy import Limits


def judge(plan: Plan, limits: Limits, bound: int, approved: frozenset[str] = frozenset()) -> Verdict:
    """Say whether a plan may be applied without an approval.

    Args:
        plan: what would be done.
        limits: the team's limits.
        bound: how many items are bound now.
        approved: digests of actions that somebody approved; they do not count.
    """
    actions = [action for action in plan.actions if action_digest(action) not in approved]
    reasons: list[str] = []
    creates = _count(actions, CreateIssue)
    if creates > limits.creates:
        reasons.append(f"{creates} issues would be created, more than {limits.creates}")
    lines = sum(1 for each in actions if isinstance(each, EditRoadmap) and isinstance(each.edit, InsertTask))
    if lines > limits.creates:
        reasons.append(f"{lines} lines would be written for people's issues, more than {limits.creates}")
    for what, count in (
        ("issues would be closed", _states(actions, finished=True)),
        ("issues would be reopened", _states(actions, finished=False)),
        ("boxes would be unticked", _edits(actions, ticks=False)),
        ("items would be retitled", _retitles(actions)),
    ):
        if count > limits.changes:
            reasons.append(f"{count} {what}, more than {limits.changes}")
        elif count > limits.few and bound and count > limits.share * bound:
            share = round(100 * count / bound)
            most = round(100 * limits.share)
            reasons.append(f"{count} {what}: {share} % of the {bound} bound items, more than {most} %")
    ticks = _edits(actions, ticks=True)
    if ticks > limits.ticks:
        reasons.append(f"{ticks} boxes would be ticked, more than {limits.ticks}")
    removals = sum(
        1
        for action in actions
        if (isinstance(action, SetIssueState) and action.removed)
        or (isinstance(action, ChangeIssue) and action.item is None)
    )
    if removals > limits.removals:
        reasons.append(
            f"{removals} issues would be closed or labelled because their lines are gone, "
            f"more than {limits.removals}"
        )
    return Verdict(tuple(reasons))


def _count(actions: Iterable[Action], kind: type[Action]) -> int:
    return sum(1 for action in actions if isinstance(action, kind))


def _states(actions: Iterable[Action], *, finished: bool) -> int:
    return sum(
        1
        for action in actions
        if isinstance(action, SetIssueState) and action.after.finished is finished and not action.removed
    )


def _edits(actions: Iterable[Action], *, ticks: bool) -> int:
    return sum(
        1
        for action in actions
        if isinstance(action, EditRoadmap)
        and isinstance(action.edit, SetState)
        and (action.edit.state is not TaskState.OPEN) is ticks
    )


def _retitles(actions: Iterable[Action]) -> int:
    return sum(
        1
        for action in actions
        if (isinstance(action, ChangeIssue) and action.field is Field.TITLE)
        or (isinstance(action, EditRoadmap) and isinstance(action.edit, Retitle))
    )
