"""Which gate is which binding: by its place, else by the criteria it holds."""

from __future__ import annotations

from syncer.model.fields import Field
from syncer.model.identity import Uid
from syncer.model.ledger import Binding, BindingState
from syncer.model.plan import ItemKey
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.gates.lines import criteria, states_of
from syncer.reconcile.matching import Match, anchor_of


def match_gates(draft: PlanDraft) -> None:
    """Pair the bindings of gates with the gates of the observed roadmaps."""
    free = {
        ItemKey(path, gate.index): anchor_of(document, gate)
        for path, document in sorted(draft.observation.documents.items())
        for gate in document.gates
    }
    bindings = {
        uid: binding
        for uid, binding in draft.ledger.bindings.items()
        if binding.anchor.gate and binding.state is not BindingState.ENDED
    }
    places = {(a.path, a.section, a.title, a.ordinal): key for key, a in free.items()}
    for uid, binding in sorted(bindings.items()):
        anchor = binding.anchor
        key = places.get((anchor.path, anchor.section, anchor.title, anchor.ordinal))
        if key in free and key is not None:
            _pair(draft, uid, key)
            del free[key]
    for uid, binding in sorted(bindings.items()):
        if uid in draft.pairs:
            continue
        ranked = sorted(((_shared(draft, binding, key), key.path, key.index) for key in free), reverse=True)
        if ranked and ranked[0][0] >= 0.5 and (len(ranked) == 1 or ranked[0][0] > ranked[1][0]):
            key = ItemKey(ranked[0][1], ranked[0][2])
            _pair(draft, uid, key, "the same criteria stand elsewhere")
            del free[key]


def _pair(draft: PlanDraft, uid: Uid, key: ItemKey, how: str = "") -> None:
    draft.pairs[uid] = Match(key, how)
    draft.uid_of[key] = uid


def _shared(draft: PlanDraft, binding: Binding, key: ItemKey) -> float:
    """Which share of the lines that were settled a gate holds."""
    known = {
        text
        for fields in binding.base.values()
        if Field.CRITERIA in fields
        for text in states_of(fields[Field.CRITERIA].roadmap)
    }
    now = set(criteria(draft.document(key.path), draft.item(key)))
    return len(known & now) / len(known) if known else 0.0
