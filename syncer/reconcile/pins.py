"""Lines about which a person said what they are."""

from __future__ import annotations

import dataclasses

from syncer.model.identity import Uid
from syncer.model.ledger import Anchor
from syncer.model.plan import ItemKey
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.matching import anchor_of


def pinned_lines(draft: PlanDraft) -> dict[ItemKey, Uid]:
    """The lines that a person named for a binding, as far as they still read as they did."""
    return {
        key: pin.uid
        for pin in draft.ledger.pins
        if pin.uid is not None and (key := _line(draft, pin.anchor)) is not None
    }


def take_new_lines(draft: PlanDraft) -> None:
    """Lines that a person called new wait for nothing any more."""
    for pin in draft.ledger.pins:
        if pin.uid is None and (key := _line(draft, pin.anchor)) is not None:
            draft.matching.unclear_items.pop(key, None)


def _line(draft: PlanDraft, anchor: Anchor) -> ItemKey | None:
    document = draft.observation.documents.get(anchor.path)
    if document is None:
        return None
    wanted = dataclasses.replace(anchor, line=0)
    return next(
        (
            ItemKey(document.path, item.index)
            for item in document.items
            if dataclasses.replace(anchor_of(document, item), line=0) == wanted
        ),
        None,
    )
