"""Which issue stands below which: from the roadmap to the tracker, and never over a person's own arrangement.

The law is that of milestones (:mod:`syncer.reconcile.items.places`). Who moves a sub-issue on the forge is
told that the roadmap decides, and is not overruled before somebody says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from syncer.model.fields import Field
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import BindingState, SeenIssue, Settled, Settlement, Value
from syncer.model.plan import EITHER, CreateIssue, Hold, ItemKey, SetParent, Severity
from syncer.model.tracker import ELSEWHERE
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.groups.homes import NESTED
from syncer.reconcile.groups.order import put_in_order
from syncer.reconcile.items.conflicts import DECIDED
from syncer.reconcile.merge import ROADMAP
from syncer.reconcile.policy import Groups


@dataclass(frozen=True, slots=True)
class Above:
    """What an item stands below in the roadmap, as a tracker can say it.

    Args:
        home: the item; ``None`` where it stands alone.
        value: its binding, as it is settled.
        number: of its issue; ``None`` where it stands alone, or where this very plan creates it.
    """

    home: ItemKey | None = None
    value: Value = None
    number: int | None = None


def plan_parents(draft: PlanDraft) -> None:
    """Put every issue below its parent's, those too that this plan creates."""
    if draft.policy.groups is not Groups.SUB_ISSUES:
        return
    coming = {(action.tracker, action.item) for action in draft.actions if isinstance(action, CreateIssue)}
    for tracker, view in draft.observation.trackers.items():
        if not view.capabilities.sub_issues:
            continue
        for _tracker, key in sorted(
            (each for each in coming if each[0] == tracker), key=lambda each: (each[1].path, each[1].index)
        ):
            above = _above(draft, key, tracker, coming)
            if above is not None and above.home is not None:
                _put(draft, key, tracker, None, above, 0, "the line stands below another one")
        for uid, match in draft.pairs.items():
            binding = draft.bindings[uid]
            issue = draft.issues(binding).get(tracker)
            if issue is None or draft.item(match.item).kind not in NESTED or (tracker, match.item) in coming:
                continue
            above = _above(draft, match.item, tracker, coming)
            if above is not None:
                _merge(draft, uid, match.item, tracker, issue, above)
        put_in_order(draft, tracker)


def _above(
    draft: PlanDraft, key: ItemKey, tracker: TrackerId, coming: set[tuple[TrackerId, ItemKey]]
) -> Above | None:
    """What an item stands below; ``None`` where that has no issue on this tracker yet."""
    home = draft.homes.get(key)
    if home is None:
        return Above()
    if (tracker, home) in coming:
        return Above(home, f"{home.path}#{home.index}", None)
    uid = draft.uid_of.get(home)
    binding = draft.bindings.get(uid) if uid is not None else None
    if binding is None or binding.state is BindingState.ENDED:
        return None
    issue = draft.issues(binding).get(tracker)
    return Above(home, str(uid), issue.number) if issue is not None else None


def _merge(
    draft: PlanDraft, uid: Uid, key: ItemKey, tracker: TrackerId, issue: SeenIssue, above: Above
) -> None:
    base = draft.bindings[uid].base.get(tracker, {}).get(Field.PARENT)
    now = _shown(issue, base)
    if above.home is not None and above.number == now:
        draft.settle(uid, tracker, Field.PARENT, Settled(above.value, now))
        return
    if above.home is None and (base is None or now == 0):
        # Who arranges an issue of a line that stands alone has nothing to say to the roadmap.
        if base is not None:
            draft.settle(uid, tracker, Field.PARENT, Settled(None, now))
        return
    roadmap_moved = base is None or above.value != base.roadmap
    tracker_moved = now != (base.tracker if base is not None else 0)
    if not roadmap_moved and not tracker_moved:
        return
    overrules = ""
    if tracker_moved:
        hold = _moved(draft, uid, key, tracker, now, above, roadmap_moved=roadmap_moved)
        winner = draft.decided([hold])
        if winner is None:
            return
        if winner != ROADMAP:
            draft.settle(uid, tracker, Field.PARENT, Settled(above.value, now))
            return
        overrules = _named(now)
    if not _fits(draft, uid, key, tracker, issue, above):
        return
    reason = (
        DECIDED
        if overrules
        else "the line stands alone now"
        if above.home is None
        else "the line stands below another one now"
        if base is not None and base.roadmap is not None
        else "the line stands below another one"
    )
    _put(draft, key, tracker, uid, above, now, reason, overrules=overrules)


def _shown(issue: SeenIssue, base: Settled | None) -> int:
    """The number of the issue above; where no answer told it, what was last settled."""
    if issue.parent is not None:
        return issue.parent
    return base.tracker if base is not None and isinstance(base.tracker, int) else 0


def _moved(
    draft: PlanDraft,
    uid: Uid,
    key: ItemKey,
    tracker: TrackerId,
    now: int,
    above: Above,
    *,
    roadmap_moved: bool,
) -> Hold:
    return Hold(
        draft.subject(key, uid=uid, tracker=tracker),
        Field.PARENT,
        "conflict" if roadmap_moved else "parent-moved",
        Severity.CONFLICT if roadmap_moved else Severity.REPORT,
        "the line and its issue were put below different ones"
        if roadmap_moved
        else "the issue was put below another one; the roadmap decides where an item belongs",
        "move the line, or move the issue back; `syncer resolve` does that with `--take roadmap`, "
        "and leaves both where they are with `--take tracker`",
        roadmap=draft.item(above.home).full_title if above.home is not None else "none",
        tracker=_named(now),
        choices=EITHER,
    )


def _named(number: int) -> str:
    if number == ELSEWHERE:
        return "an issue of another repository"
    return f"#{number}" if number else "none"


def _fits(
    draft: PlanDraft, uid: Uid, key: ItemKey, tracker: TrackerId, issue: SeenIssue, above: Above
) -> bool:
    """Whether the forge will take it; said where it will not."""
    if above.home is None:
        return True
    view = draft.observation.trackers[tracker]
    kind = view.capabilities.child_kind
    parent = view.issues.get(above.number) if above.number is not None else None
    if kind and issue.kind != kind:
        code, reason, remedy = (
            "not-a-child",
            f"it is a {issue.kind or 'plain issue'}, and only a {kind} can stand below another issue here",
            f"change its type to {kind} on the forge, or leave it as it is",
        )
    elif kind and parent is not None and parent.kind == kind:
        code, reason, remedy = (
            "not-a-parent",
            f"#{parent.number} is a {kind}, and nothing can stand below a {kind} here",
            f"change the type of #{parent.number} on the forge, or leave it as it is",
        )
    else:
        return True
    draft.ask(
        draft.subject(key, uid=uid, tracker=tracker),
        Field.PARENT,
        code,
        reason,
        remedy,
        severity=Severity.REPORT,
    )
    return False


def _put(
    draft: PlanDraft,
    key: ItemKey,
    tracker: TrackerId,
    uid: Uid | None,
    above: Above,
    before: int,
    reason: str,
    *,
    overrules: str = "",
) -> None:
    binding = draft.bindings[uid] if uid is not None else None
    settles: tuple[Settlement, ...] = ()
    if uid is not None and (above.home is None or above.number is not None):
        settled = Settled(above.value, above.number or 0)
        settles = (Settlement(uid, tracker, Field.PARENT, settled),)
    draft.act(
        SetParent(
            subject=draft.subject(key, uid=uid, tracker=tracker),
            reason=reason,
            settles=settles,
            overrules=overrules,
            tracker=tracker,
            item=key,
            uid=uid,
            number=binding.refs[tracker] if binding is not None else None,
            before=before,
            after=above.home,
            after_title=draft.item(above.home).full_title if above.home is not None else "",
        )
    )
