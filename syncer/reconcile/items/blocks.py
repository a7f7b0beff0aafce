"""The managed block in the body of an issue: what the roadmap says about its item."""

from __future__ import annotations

from syncer.model.document import Item
from syncer.model.fields import Field
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, BlockState, SeenIssue, Settled, Settlement
from syncer.model.plan import EITHER, ChangeIssue, Hold, ItemKey, Severity
from syncer.model.reference import format_reference
from syncer.model.tracker import Capabilities
from syncer.reconcile.block import content_digest, item_content
from syncer.reconcile.canonical import cut, is_cut
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.inert import inert_text
from syncer.reconcile.items.conflicts import DECIDED
from syncer.reconcile.merge import ROADMAP


def block_text(path: str, item: Item, capabilities: Capabilities) -> str:
    """The content of an item's managed block: reference, full title where it was cut, description."""
    parts = []
    if is_cut(item.full_title, capabilities.title_limit):
        parts.append(inert_text(item.full_title))
    if item.description:
        parts.append(inert_text(item.description))
    content = item_content(format_reference(path, item.section), "\n\n".join(parts))
    room = capabilities.body_limit - 2_000
    return content if len(content) <= room else cut(content, room)


def plan_block(
    draft: PlanDraft, binding: Binding, key: ItemKey, tracker: TrackerId, issue: SeenIssue
) -> None:
    """Roadmap to tracker, inside the managed block only. What a person edits in there is a conflict."""
    content = block_text(key.path, draft.future_item(key), draft.observation.trackers[tracker].capabilities)
    wanted = content_digest(content)
    base = binding.base.get(tracker, {}).get(Field.BODY)
    subject = draft.subject(key, uid=binding.uid, tracker=tracker)
    if issue.block is BlockState.WHOLE and issue.digest == wanted:
        draft.settle(binding.uid, tracker, Field.BODY, Settled(wanted, issue.digest))
        return
    if base is None and issue.untouched:
        # Our memory is lost, and the block still says what we wrote.
        base = Settled(None, issue.digest)
    adopted = base is None and issue.block is BlockState.NONE
    overrules = ""
    if not adopted and (base is None or issue.digest != base.tracker):
        code, what = {
            BlockState.NONE: ("block-removed", "the managed block was removed from the issue"),
            BlockState.DAMAGED: ("block-damaged", "the markers of the managed block are damaged"),
        }.get(issue.block, ("block-edited", "the managed block of the issue was edited"))
        number = binding.refs[tracker]
        hold = Hold(
            subject,
            Field.BODY,
            code,
            Severity.REPORT if base is not None and wanted == base.roadmap else Severity.CONFLICT,
            f"{what}; it is not written to",
            f"write outside the markers; `syncer resolve '#{number}' --take roadmap` writes the block anew, "
            "`--take tracker` lets it be",
            choices=EITHER,
            fingerprint=f"{base.tracker if base is not None else ''} {wanted} {issue.digest}",
        )
        winner = draft.decided([hold])
        if winner is None:
            return
        if winner != ROADMAP:
            draft.settle(binding.uid, tracker, Field.BODY, Settled(wanted, issue.digest))
            return
        overrules = what
    elif base is not None and wanted == base.roadmap:
        return
    draft.act(
        ChangeIssue(
            subject=subject,
            overrules=overrules,
            reason=DECIDED
            if overrules
            else "the issue was bound and carries no managed block yet"
            if adopted
            else "what the roadmap says about it was changed",
            settles=(Settlement(binding.uid, tracker, Field.BODY, Settled(wanted, wanted)),),
            tracker=tracker,
            uid=binding.uid,
            number=binding.refs[tracker],
            field=Field.BODY,
            before=issue.digest,
            after=content,
            item=key,
        )
    )
