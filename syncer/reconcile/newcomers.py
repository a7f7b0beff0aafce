"""Issues of people that ask for a line: bound to the one that says it already, or written to the roadmap.

An equal line that nobody has bound is taken before any issue is created for it. Whatever is not clear is
held, and whoever wrote an unclear reference is told so once.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncer.model.document import Item, Section
from syncer.model.edits import InsertTask
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, SeenIssue, Settled, Settlement
from syncer.model.plan import BindIssue, EditRoadmap, ItemKey, Severity, Subject, TellPerson
from syncer.model.reference import format_reference
from syncer.reconcile.adopted import adopted_uid
from syncer.reconcile.block import code_span
from syncer.reconcile.canonical import canonical_text, cut
from syncer.reconcile.draft import PlanDraft, Preview
from syncer.reconcile.matching import anchor_of
from syncer.reconcile.observation import Newcomer
from syncer.reconcile.policy import LinkBack

_MOST = 10
"""So many candidates are listed."""

_LONGEST = 200


def plan_newcomers(draft: PlanDraft, preview: Preview) -> None:
    """Bind newcomers to equal lines, write lines for the others, and ask about what is not clear.

    Args:
        draft: after all lines were matched and before anything is created.
        preview: how a roadmap reads after edits.
    """
    taken = {(tracker, n) for each in draft.bindings.values() for tracker, n in each.refs.items()}
    coming: dict[tuple[str, tuple[str, ...], str], int] = {}
    for newcomer in draft.observation.newcomers:
        issue = draft.issue(newcomer.tracker, newcomer.number)
        if issue is None or (newcomer.tracker, newcomer.number) in taken:
            continue
        uid = adopted_uid(draft.observation.owner, newcomer.tracker, newcomer.number)
        if uid in draft.bindings:
            continue
        if newcomer.refused:
            _wait(draft, newcomer, issue)
        elif newcomer.problem or newcomer.section is None:
            _ask(draft, newcomer, issue)
        else:
            _take_in(draft, newcomer, issue, coming, preview)


def _take_in(
    draft: PlanDraft,
    newcomer: Newcomer,
    issue: SeenIssue,
    coming: dict[tuple[str, tuple[str, ...], str], int],
    preview: Preview,
) -> None:
    document = draft.document(newcomer.path)
    section = document.sections[newcomer.section or 0]
    title = canonical_text(issue.title)
    subject = _subject(draft, newcomer, issue)
    equal = [item for item in document.items if _says(item, section, title)]
    if newcomer.item is not None and document.items[newcomer.item] not in equal:
        named = document.items[newcomer.item]
        draft.ask(
            subject,
            Field.PRESENCE,
            "intake-item",
            f"it asks for a place at an item, {named.full_title!r}, and not in a section",
            f"write {code_span(format_reference(newcomer.path, section.segments))} into the issue instead",
        )
        return
    free = [item for item in equal if _is_free(draft, ItemKey(newcomer.path, item.index), newcomer.tracker)]
    if len(equal) == len(free) == 1:
        _bind(draft, newcomer, ItemKey(newcomer.path, free[0].index))
        return
    place = (newcomer.path, section.segments, title)
    if equal or place in coming:
        lines = ", ".join(f"{newcomer.path}:{item.line}" for item in equal) or f"the one of #{coming[place]}"
        draft.ask(
            subject,
            Field.PRESENCE,
            "intake-equal",
            f"the section has a line that says the same: {lines}",
            f"retitle one of them, close this issue, or say that it is its line's: "
            f"`syncer adopt '#{newcomer.number}=FILE:LINE'`",
        )
        return
    coming[place] = newcomer.number
    _write(draft, newcomer, issue, section, subject, preview)


def _says(item: Item, section: Section, title: str) -> bool:
    return item.section == section.segments and canonical_text(item.full_title) == title


def _is_free(draft: PlanDraft, key: ItemKey, tracker: TrackerId) -> bool:
    """Whether an item may be bound on a tracker."""
    if key in draft.matching.unclear_items or not draft.manages(draft.item(key)):
        return False
    uid = draft.uid_of.get(key)
    return uid is None or (
        tracker not in draft.bindings[uid].refs and (uid, tracker) not in draft.observation.pending
    )


def _bind(draft: PlanDraft, newcomer: Newcomer, key: ItemKey) -> None:
    tracker, number = newcomer.tracker, newcomer.number
    anchor = anchor_of(draft.document(key.path), draft.item(key))
    uid = draft.uid_of.get(key) or adopted_uid(draft.observation.owner, tracker, number)
    known = draft.bindings.get(uid)
    refs = {**(known.refs if known is not None else {}), tracker: number}
    draft.bindings[uid] = Binding(uid, anchor, refs, known.base if known is not None else {})
    draft.uid_of[key] = uid
    draft.act(
        BindIssue(
            subject=draft.subject(key, uid=uid, tracker=tracker),
            reason=f"#{number} asks for this place and says the same",
            tracker=tracker,
            item=key,
            uid=uid,
            anchor=anchor,
            number=number,
            how="intake",
        )
    )


def _write(
    draft: PlanDraft,
    newcomer: Newcomer,
    issue: SeenIssue,
    section: Section,
    subject: Subject,
    preview: Preview,
) -> None:
    tracker, number = newcomer.tracker, newcomer.number
    document = draft.document(newcomer.path)
    title = canonical_text(issue.title)
    first = next(iter(draft.observation.trackers), None) == tracker
    linked = draft.policy.link_back is LinkBack.LINK and first
    edit = InsertTask(newcomer.section or 0, title, (f"#{number}", issue.url) if linked else None)
    then = preview(document, (edit,))
    why_not = _misread(draft, section, title, then.items)
    if why_not:
        draft.ask(
            subject,
            Field.PRESENCE,
            "intake-place",
            f"a task there {why_not}",
            "name another section in the issue, or retitle it",
        )
        return
    uid = adopted_uid(draft.observation.owner, tracker, number)
    settles = [
        Settlement(uid, tracker, Field.TITLE, Settled(title, title)),
        Settlement(uid, tracker, Field.STATE, Settled(TaskState.OPEN, TaskState.OPEN)),
    ]
    if linked:
        settles.append(Settlement(uid, tracker, Field.LINK, Settled(number, number)))
    draft.act(
        EditRoadmap(
            subject=Subject(
                subject.path, section.line, section.segments, issue.title, uid, tracker, number, issue.url
            ),
            reason=_because(draft, newcomer, stage=len(then.stages) > len(document.stages)),
            settles=tuple(settles),
            path=newcomer.path,
            edit=edit,
            before="no line",
            after=title,
            by=issue.url,
        )
    )


def _because(draft: PlanDraft, newcomer: Newcomer, *, stage: bool) -> str:
    """Why a line is written, and what follows from it in the same run."""
    others = [tracker for tracker in draft.observation.trackers if tracker != newcomer.tracker]
    said = [f"#{newcomer.number} asks for a place here; it is marked as the line's issue"]
    if others:
        said.append(f"one is created on {' and '.join(others)}")
    if stage:
        said.append("the section becomes a stage, with a milestone")
    return ", ".join(said)


def _misread(draft: PlanDraft, section: Section, title: str, items: Sequence[Item]) -> str:
    """Why a task would not be looked after where it is asked for; empty if it would."""
    found = [item for item in items if _says(item, section, title)]
    if not found:
        # The edit itself is refused, with its own reason; or nothing can be tried before it is merged.
        return ""
    if not draft.manages(found[-1]):
        return "would be a criterion"
    return f"would not be looked after: {found[-1].withheld}" if found[-1].withheld is not None else ""


# -- what is not clear -------------------------------------------------------------------------------------


def _wait(draft: PlanDraft, newcomer: Newcomer, issue: SeenIssue) -> None:
    label = draft.policy.intake_label
    draft.ask(
        _subject(draft, newcomer, issue),
        Field.PRESENCE,
        "intake-waits",
        f"it asks for a line, and gets none: {newcomer.refused}",
        f"somebody who may triage sets the label {label!r}, or removes it and sets it again",
        severity=Severity.REPORT,
        fingerprint=newcomer.place,
    )


def _ask(draft: PlanDraft, newcomer: Newcomer, issue: SeenIssue) -> None:
    subject = _subject(draft, newcomer, issue)
    listed = "; ".join(newcomer.candidates[:_MOST])
    draft.ask(
        subject,
        Field.PRESENCE,
        "intake-unclear",
        f"the place that it asks for is not clear: {newcomer.problem}",
        "write the reference into the issue as the roadmap has it" + (f": {listed}" if listed else ""),
        fingerprint=newcomer.place,
    )
    if not newcomer.told:
        draft.act(
            TellPerson(
                subject=subject,
                reason=f"the place that it asks for is not clear: {newcomer.problem}",
                tracker=newcomer.tracker,
                number=newcomer.number,
                text=_comment(newcomer),
            )
        )


def _comment(newcomer: Newcomer) -> str:
    """What a person is told; everything that is not ours stands in code spans and can trigger nothing."""
    asked = newcomer.place.split("\n")[0]
    lines = [
        f"This issue asks for a place in the roadmap, {code_span(cut(asked, _LONGEST))}, that is not clear."
        if asked
        else "This issue is meant for the roadmap, and does not say for which place in it."
    ]
    if newcomer.candidates:
        lines += ["", "It may be one of these:" if newcomer.ambiguous else "These places are there:", ""]
        lines += [f"- {code_span(cut(each, _LONGEST))}" for each in newcomer.candidates[:_MOST]]
        if len(newcomer.candidates) > _MOST:
            lines.append(f"- and {len(newcomer.candidates) - _MOST} more")
    lines += [
        "",
        "Please put one place on a line of its own into the text of the issue; the next sync takes it in.",
    ]
    return "\n".join(lines)


def _subject(draft: PlanDraft, newcomer: Newcomer, issue: SeenIssue) -> Subject:
    section = None
    if newcomer.section is not None:
        section = draft.document(newcomer.path).sections[newcomer.section]
    return Subject(
        newcomer.path,
        section.line if section is not None else 0,
        section.segments if section is not None else (),
        issue.title,
        None,
        newcomer.tracker,
        newcomer.number,
        issue.url,
    )
