"""Values that a person has to choose between."""

from __future__ import annotations

from syncer.model.fields import Field
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, Value
from syncer.model.plan import EITHER, Hold, ItemKey, Severity
from syncer.reconcile.draft import PlanDraft, shown
from syncer.reconcile.merge import Merged

_CHOOSE = "choose with `syncer resolve {ref} --take roadmap` or `--take tracker`"


DECIDED = "it was decided with `syncer resolve`"


def decided_so(merged: Merged) -> str:
    """What a reason ends with where a person chose."""
    return f"; {DECIDED}" if merged.decided else ""


def choice(
    draft: PlanDraft,
    binding: Binding,
    key: ItemKey,
    what: Field,
    tracker: TrackerId,
    roadmap: Value,
    there: Value,
) -> Hold:
    """The hold of a field that both sides changed differently, or of which nothing was settled yet."""
    base = binding.base.get(tracker, {}).get(what)
    reason = (
        f"the roadmap says {shown(roadmap)!r}, the issue says {shown(there)!r}"
        if base is not None
        else f"nothing was settled yet, and the roadmap says {shown(roadmap)!r}, the issue {shown(there)!r}"
    )
    return Hold(
        draft.subject(key, uid=binding.uid, tracker=tracker),
        what,
        "conflict" if base is not None else "no-base",
        Severity.CONFLICT,
        reason,
        _CHOOSE.format(ref=f"'#{binding.refs[tracker]}'"),
        base=f"{shown(base.roadmap)} / {shown(base.tracker)}" if base is not None else "",
        roadmap=shown(roadmap),
        tracker=shown(there),
        choices=EITHER,
    )
