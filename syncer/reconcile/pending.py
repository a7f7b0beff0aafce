"""Edits that reach the roadmap by a pull or merge request: pending until the target branch holds them.

The roadmap is what the target branch holds, so every plan comes to the same edits again until they are
merged. Here they are told apart: what the open request carries already is shown and not planned again,
what people declined is held, what is new goes into the request, and what the request carries and nobody
wants any more is taken out of it. Nothing of it is settled before the target shows it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from syncer.model.edits import Edit, InsertTask, RenameStage, Retitle, SetDue, SetLink
from syncer.model.fields import Field
from syncer.model.ledger import Decision
from syncer.model.plan import Action, Choice, EditRoadmap, Hold, Plan, ReviseProposal, Severity, Subject


@dataclass(frozen=True, slots=True)
class Carried:
    """What is known about the rolling request when a plan is made.

    Args:
        number: of the open request, 0 if none is open.
        shown: that request as people write it.
        edits: the keys of the edits that it carries.
        declined: the keys of edits that people refused, with the request in which they did.
        closed_to_us: why nothing is added to the open request, as the end of a sentence; "" if something is.
        conflicting: the forge cannot merge it any more.
        stuck: the keys of edits for which no request can be made now.
        why_stuck: the reason, and what would mend it.
    """

    number: int = 0
    shown: str = ""
    url: str = ""
    edits: frozenset[str] = frozenset()
    declined: Mapping[str, str] = field(default_factory=dict)
    closed_to_us: str = ""
    conflicting: bool = False
    stuck: frozenset[str] = frozenset()
    why_stuck: tuple[str, str] = ("", "")


def edit_key(action: EditRoadmap) -> str:
    """What shall be where: the same from run to run, wherever the line has moved and whoever planned it."""
    subject = action.subject
    if isinstance(action.edit, SetLink):
        # Before and after its issue has a number.
        return _key(["SetLink", action.path, list(subject.section), subject.title])
    whose: list[object] = [subject.uid] if subject.uid is not None else [list(subject.section), subject.title]
    return _key([type(action.edit).__name__, action.path, *whose, action.after])


def _key(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:16]


def without_declined(plan: Plan, carried: Carried, decisions: Iterable[Decision]) -> Plan:
    """The plan with a hold for every edit that people declined and nobody has decided on since.

    Args:
        plan: as it was made from the target branch.
        carried: what is known about the request.
        decisions: what people decided; taking the tracker's value lifts a refusal.
    """
    if not carried.declined:
        return plan
    lifted = {digest for each in decisions if each.winner for digest in each.holds}
    actions: list[Action] = []
    holds = list(plan.holds)
    for action in plan.actions:
        where = carried.declined.get(edit_key(action)) if isinstance(action, EditRoadmap) else None
        if where is None or not isinstance(action, EditRoadmap):
            actions.append(action)
            continue
        hold = _declined(action, where)
        if hold.digest in lifted:
            actions.append(action)
        else:
            holds.append(hold)
    return dataclasses.replace(plan, actions=tuple(actions), holds=tuple(holds))


def without_pending(plan: Plan, carried: Carried) -> Plan:
    """The plan without what the open request carries already, and with what has to be done about it.

    Args:
        plan: whose edits were tried out on the target branch.
        carried: what is known about the request.
    """
    wanted = {edit_key(action) for action in plan.actions if isinstance(action, EditRoadmap)}
    actions: list[Action] = []
    holds = list(plan.holds)
    for action in plan.actions:
        hold = _waits(action, carried) if isinstance(action, EditRoadmap) else None
        if hold is None:
            actions.append(action)
        else:
            holds.append(hold)
    revision = _revision(carried, wanted)
    if revision is not None:
        actions.append(revision)
    return dataclasses.replace(plan, actions=tuple(actions), holds=tuple(holds))


def still_declined(plan: Plan, declined: Mapping[str, str]) -> dict[str, str]:
    """Those refusals whose edit is still wanted; where it is not, the next time is a new question.

    Args:
        plan: as it was made from the target branch, with the edits that people declined.
        declined: keys of edits, with the request in which each was declined.
    """
    wanted = {edit_key(action) for action in plan.actions if isinstance(action, EditRoadmap)}
    return {key: where for key, where in declined.items() if key in wanted}


def field_of(edit: Edit) -> Field:
    """The field that an edit writes."""
    if isinstance(edit, (Retitle, InsertTask)):
        return Field.TITLE
    if isinstance(edit, RenameStage):
        return Field.NAME
    if isinstance(edit, SetLink):
        return Field.LINK
    return Field.DUE if isinstance(edit, SetDue) else Field.STATE


def _waits(action: EditRoadmap, carried: Carried) -> Hold | None:
    """Why an edit is not planned now; ``None`` if it is."""
    if edit_key(action) in carried.edits and carried.number:
        return _hold(
            action,
            "pending",
            f"{action.reason}; the edit is in {carried.shown}, which waits to be merged",
            f"merge {carried.shown} ({carried.url}), or close it to decline",
        )
    if carried.number and carried.closed_to_us:
        return _hold(
            action,
            "pending",
            f"{action.reason}; {carried.shown} {carried.closed_to_us}, so nothing is added to it",
            f"merge or close {carried.shown} ({carried.url}); this edit follows in the next request",
        )
    if edit_key(action) in carried.stuck:
        reason, remedy = carried.why_stuck
        return _hold(action, "no-way-back", f"{action.reason}; {reason}", remedy, Severity.QUESTION)
    return None


def _revision(carried: Carried, wanted: Collection[str]) -> ReviseProposal | None:
    """What has to be done about an open request although no edit is new."""
    gone = carried.edits - set(wanted)
    if not carried.number or carried.closed_to_us or not (gone or carried.conflicting):
        return None
    left = len(carried.edits) - len(gone)
    if gone:
        reason = f"{len(gone)} of its edits {'is' if len(gone) == 1 else 'are'} not wanted any more"
    else:
        reason = "it cannot be merged any more, because the branch has changed beside its edits"
    return ReviseProposal(
        subject=Subject("", 0, (), carried.shown, number=carried.number, url=carried.url),
        reason=reason,
        number=carried.number,
        withdrawn=frozenset(gone),
        closes=not left and not set(wanted) - carried.edits,
    )


def _declined(action: EditRoadmap, where: str) -> Hold:
    return _hold(
        action,
        "declined",
        f"{action.reason}; the edit was declined in {where}",
        f"reopen {where}, or take the tracker's value with `syncer resolve`; to keep the line as it is, "
        "undo the change on the tracker",
        Severity.QUESTION,
    )


def _hold(
    action: EditRoadmap, code: str, reason: str, remedy: str, severity: Severity = Severity.WAIT
) -> Hold:
    return Hold(
        subject=action.subject,
        field=field_of(action.edit),
        code=code,
        severity=severity,
        reason=reason,
        remedy=remedy,
        roadmap=action.before,
        tracker=action.after,
        choices=(Choice.TRACKER,) if code == "declined" else (),
    )
