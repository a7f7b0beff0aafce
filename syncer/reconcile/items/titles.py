"""The text of bound items: a retitled issue edits the item's text, a reworded item retitles its issue."""

from __future__ import annotations

from dataclasses import replace

from syncer.model.document import Item
from syncer.model.edits import Retitle
from syncer.model.fields import Field
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, SeenIssue, Settled, Settlement, Value
from syncer.model.plan import ChangeIssue, Choice, EditRoadmap, Hold, ItemKey, Severity
from syncer.model.tracker import Capabilities
from syncer.reconcile.canonical import canonical_text, cut, is_cut
from syncer.reconcile.draft import PlanDraft, bases_of
from syncer.reconcile.inert import inert_title
from syncer.reconcile.items.conflicts import DECIDED, choice, decided_so
from syncer.reconcile.merge import ROADMAP, Merged, Side, chosen, merge


def issue_title(item: Item, capabilities: Capabilities) -> str:
    """The title that an item's issue shall carry."""
    return inert_title(cut(item.full_title, capabilities.title_limit))


def plan_title(draft: PlanDraft, binding: Binding, key: ItemKey, issues: dict[TrackerId, SeenIssue]) -> None:
    """Merge one item's title with all of its issues."""
    item = draft.item(key)
    full = canonical_text(item.full_title)
    titles: dict[TrackerId, Value] = {t: canonical_text(issue.title) for t, issue in issues.items()}

    def agree(left: Side, mine: Value, right: Side, theirs: Value) -> bool:
        return _as_shown(draft, left, mine, right) == _as_shown(draft, right, theirs, left)

    bases = bases_of(binding, issues, Field.TITLE)
    merged = merge(bases, full, titles, agree, draft.policy.conflict(Field.TITLE))
    if merged.held:
        holds = [choice(draft, binding, key, Field.TITLE, t, full, titles[t]) for t in merged.held]
        winner = draft.decided(holds)
        if winner is not None:
            merged = chosen(bases, full, titles, agree, winner)
    if ROADMAP in merged.targets:
        refused = _refused(draft, binding, key, str(titles[merged.source]), merged)
        if refused is not None:
            # Only the roadmap's text can be taken: it goes back to the issue.
            taken = draft.decided([refused]) == ROADMAP
            merged = chosen(bases, full, titles, agree, ROADMAP) if taken else replace(merged, targets=())
    for tracker in merged.settle:
        draft.settle(binding.uid, tracker, Field.TITLE, Settled(full, titles[tracker]))
    value = full if merged.source == ROADMAP else str(titles[merged.source])
    for side in merged.targets:
        if side == ROADMAP:
            _edit_title(draft, binding, key, value, merged, titles)
            continue
        wanted = inert_title(cut(value, draft.observation.trackers[side].capabilities.title_limit))
        settled = Settled(full, _stored(draft, side, value))
        draft.act(
            ChangeIssue(
                subject=draft.subject(key, uid=binding.uid, tracker=side),
                reason=DECIDED
                if merged.decided
                else "its text was changed in the roadmap"
                if merged.source == ROADMAP
                else f"it was retitled on {merged.source}",
                settles=(Settlement(binding.uid, side, Field.TITLE, settled),),
                overrules=issues[side].title if side in merged.overruled else "",
                tracker=side,
                uid=binding.uid,
                number=binding.refs[side],
                field=Field.TITLE,
                before=issues[side].title,
                after=wanted,
                item=key,
            )
        )


def _stored(draft: PlanDraft, tracker: TrackerId, value: str) -> str:
    """A title as a tracker will show it."""
    limit = draft.observation.trackers[tracker].capabilities.title_limit
    return canonical_text(inert_title(cut(value, limit)))


def _as_shown(draft: PlanDraft, side: Side, value: Value, other: Side) -> str:
    """A title as the other side would store it."""
    text = str(value)
    if side == ROADMAP and other != ROADMAP:
        return canonical_text(cut(text, draft.observation.trackers[other].capabilities.title_limit))
    return text


def _refused(draft: PlanDraft, binding: Binding, key: ItemKey, value: str, merged: Merged) -> Hold | None:
    """Why an issue's title cannot become the item's text."""
    item = draft.item(key)
    back = f"`syncer resolve '#{binding.refs[merged.source]}' --take roadmap` gives the issue its title back"
    if is_cut(item.full_title, draft.observation.trackers[merged.source].capabilities.title_limit):
        code = "cut-title"
        reason = "the issue shows only the beginning of this text, so its new title cannot replace the whole"
        remedy = f"change the text in the roadmap; {back}"
    elif item.id is not None and not value.startswith(f"{item.id}: "):
        code = "id-changed"
        reason = f"the new title does not begin with '{item.id}: ', by which the roadmap knows this item"
        remedy = f"put the id back in front of the title; {back}"
    else:
        return None
    return Hold(
        draft.subject(key, uid=binding.uid, tracker=merged.source),
        Field.TITLE,
        code,
        Severity.QUESTION,
        reason,
        remedy,
        roadmap=item.full_title,
        tracker=value,
        choices=(Choice.ROADMAP,),
    )


def _edit_title(
    draft: PlanDraft,
    binding: Binding,
    key: ItemKey,
    value: str,
    merged: Merged,
    titles: dict[TrackerId, Value],
) -> None:
    item = draft.item(key)
    subject = draft.subject(key, uid=binding.uid, tracker=merged.source)
    title = value.removeprefix(f"{item.id}: ") if item.id is not None else value
    settles = tuple(
        Settlement(
            binding.uid,
            tracker,
            Field.TITLE,
            Settled(value, _stored(draft, tracker, value) if tracker in merged.targets else shown_title),
        )
        for tracker, shown_title in titles.items()
    )
    source = draft.issue(merged.source, binding.refs[merged.source])
    draft.act(
        EditRoadmap(
            subject=subject,
            reason=f"issue #{binding.refs[merged.source]} was retitled{decided_so(merged)}",
            settles=settles,
            overrules=item.full_title if ROADMAP in merged.overruled else "",
            path=key.path,
            edit=Retitle(item.index, title),
            before=item.full_title,
            after=value,
            by=source.url if source is not None else "",
        )
    )
