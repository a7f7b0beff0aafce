"""The link from an item's line to its issue (``link_back = "link"``), and what people do about it.

Written once, when the line has none; it is an identity from then on, and none of the item's text. Somebody
who takes it away has said so for good. Only the project's first tracker is linked to: a line shows one link.
"""

from __future__ import annotations

from syncer.model.edits import SetLink, link_to_come
from syncer.model.fields import Field
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, SeenIssue, Settled, Settlement
from syncer.model.plan import CreateIssue, EditRoadmap, ItemKey
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.links import address
from syncer.reconcile.policy import LinkBack

_REASON = 'its line shows its issue (`link_back = "link"`)'


def plan_link_back(draft: PlanDraft) -> None:
    """Link the lines of bound items to their issues, those of issues to come included."""
    if draft.policy.link_back is LinkBack.OFF:
        return
    tracker = next(iter(draft.observation.trackers), None)
    if tracker is None:
        return
    fresh = {
        action.item
        for action in draft.actions
        if isinstance(action, CreateIssue) and action.tracker == tracker
    }
    for key in sorted(fresh, key=lambda each: (each.path, each.index)):
        item = draft.item(key)
        if draft.document(key.path).has_line(item) and _is_free(draft, key, tracker):
            _write(draft, key, tracker, link_to_come(key.index), awaits=True)
    for uid, match in draft.pairs.items():
        binding, key = draft.bindings[uid], match.item
        issue = draft.issues(binding).get(tracker)
        document = draft.document(key.path)
        linkable = key not in fresh and document.has_line(draft.item(key))
        if issue is not None and linkable and key not in draft.matching.unclear_items:
            _follow(draft, binding, key, tracker, issue)


def _is_free(draft: PlanDraft, key: ItemKey, tracker: TrackerId) -> bool:
    """Whether a line shows no link, or the one to an issue of its own that is gone."""
    item, uid = draft.item(key), draft.uid_of.get(key)
    if item.link is None:
        return True
    base = draft.bindings[uid].base.get(tracker, {}).get(Field.LINK) if uid is not None else None
    return base is not None and base.roadmap is not None and item.link.endswith(f"/{base.roadmap}")


def _follow(draft: PlanDraft, binding: Binding, key: ItemKey, tracker: TrackerId, issue: SeenIssue) -> None:
    item, number = draft.item(key), issue.number
    base = binding.base.get(tracker, {}).get(Field.LINK)
    if item.link is not None and address(item.link) == address(issue.url):
        draft.settle(binding.uid, tracker, Field.LINK, Settled(number, number))
    elif item.link is None and base is not None:
        # Somebody took it away: so it stays.
        draft.settle(binding.uid, tracker, Field.LINK, Settled(None, number))
    elif item.link is None or _shows_former(item.link, issue, base):
        _write(draft, key, tracker, SetLink(item.index, f"#{number}", issue.url), number=number)


def _shows_former(link: str, issue: SeenIssue, base: Settled | None) -> bool:
    """Whether a line still shows the link that we wrote to an issue that has another number now."""
    if base is None or base.roadmap is None or base.roadmap == issue.number:
        return False
    return address(link) == address(issue.url.removesuffix(f"/{issue.number}") + f"/{base.roadmap}")


def _write(
    draft: PlanDraft,
    key: ItemKey,
    tracker: TrackerId,
    edit: SetLink,
    *,
    number: int | None = None,
    awaits: bool = False,
) -> None:
    uid = draft.uid_of.get(key)
    settled = Settled(number, number)
    draft.act(
        EditRoadmap(
            subject=draft.subject(key, uid=uid, tracker=tracker),
            reason=_REASON,
            settles=() if uid is None or awaits else (Settlement(uid, tracker, Field.LINK, settled),),
            path=key.path,
            edit=edit,
            before=draft.item(key).link or "no link",
            after="its new issue" if awaits else f"#{number}",
            awaits=tracker if awaits else None,
        )
    )
