"""Values that a person has to choose between."""

from __future__ import annotations

from syncer.model.fields import Field
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, Value
from syncer.model.plan import ItemKey, Severity
from syncer.reconcile.draft import PlanDraft, shown

_CHOOSE = "choose with `syncer resolve {ref} --take roadmap` or `--take tracker`"


def ask_to_choose(
    draft: PlanDraft,
    binding: Binding,
    key: ItemKey,
    what: Field,
    tracker: TrackerId,
    roadmap: Value,
    there: Value,
) -> None:
    """Hold a field of an item because both sides changed it differently, or nothing was settled yet."""
    base = binding.base.get(tracker, {}).get(what)
    reason = (
        f"the roadmap says {shown(roadmap)!r}, the issue says {shown(there)!r}"
        if base is not None
        else f"nothing was settled yet, and the roadmap says {shown(roadmap)!r}, the issue {shown(there)!r}"
    )
    draft.ask(
        draft.subject(key, uid=binding.uid, tracker=tracker),
        what,
        "conflict" if base is not None else "no-base",
        reason,
        _CHOOSE.format(ref=f"#{binding.refs[tracker]}"),
        severity=Severity.CONFLICT,
        base=f"{shown(base.roadmap)} / {shown(base.tracker)}" if base is not None else "",
        roadmap=shown(roadmap),
        tracker=shown(there),
    )
