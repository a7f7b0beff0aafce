"""Where pending edits will put things, so that they are found again once they are merged.

Days may lie between an edit and its merge, and nobody could find a line again by a text that we replaced
by quite another. So it is remembered with the request where its edits move items and stages, and the
first look that finds them there, and nowhere else, takes them for what they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from syncer.model.document import Document
from syncer.model.edits import RenameStage, Retitle
from syncer.model.identity import Uid
from syncer.model.ledger import Anchor, Binding, LedgerChange, LedgerState, StageAnchor
from syncer.model.plan import EditRoadmap
from syncer.reconcile.match_stages import anchor_of_stage
from syncer.reconcile.matching import anchor_of
from syncer.service.arrivals import arriving
from syncer.service.book import Book
from syncer.service.rehearse import Rehearsal


def expecting(state: LedgerState, documents: Mapping[str, Document]) -> LedgerState:
    """The ledger with items and stages where a merged request of ours has put them.

    Nobody could find a line again by a text that we replaced by quite another.
    """
    carrier = state.carrier
    bindings = dict(state.bindings)
    for uid, anchor in carrier.anchors.items():
        binding = bindings.get(uid)
        if binding is not None and _is_now(documents.get(anchor.path), binding, anchor):
            bindings[uid] = replace(binding, anchor=anchor)
    stages = dict(state.stages)
    for uid, place in carrier.stages.items():
        known = stages.get(uid)
        document = documents.get(place.path)
        if known is not None and document is not None:
            names = {stage.name for stage in document.stages}
            if place.name in names and known.anchor.name not in names:
                stages[uid] = replace(known, anchor=place)
    return replace(state, bindings=bindings, stages=stages)


def _is_now(document: Document | None, binding: Binding, anchor: Anchor) -> bool:
    """Whether an item stands where an edit of ours was to put it, and not where it was."""
    if document is None:
        return False
    places = {(item.section, item.title, item.ordinal) for item in document.items}
    before = binding.anchor
    return (anchor.section, anchor.title, anchor.ordinal) in places and (
        before.section,
        before.title,
        before.ordinal,
    ) not in places


def places_after(
    edits: list[EditRoadmap], whole: Rehearsal
) -> tuple[dict[Uid, Anchor], dict[Uid, StageAnchor]]:
    """Where the edits move what is found by its text."""
    anchors: dict[Uid, Anchor] = arriving(whole)
    stages: dict[Uid, StageAnchor] = {}
    for action in edits:
        uid, edit = action.subject.uid, action.edit
        if uid is None or action.path not in whole.files:
            continue
        edited = whole.files[action.path]
        document = edited.document
        if isinstance(edit, Retitle):
            anchors[uid] = anchor_of(document, document.items[edited.entry_now(edit.item)])
        elif isinstance(edit, RenameStage):
            index = edited.stage_now(edit.stage)
            if index is not None:
                stages[uid] = anchor_of_stage(document, document.stages[index])
    return anchors, stages


def words_of(book: Book, whole: Rehearsal) -> LedgerChange:
    """The change that remembers which status texts our edits replace."""
    return LedgerChange(
        bindings=tuple(
            replace(book.bindings[uid], words=texts)
            for uid, texts in whole.words.items()
            if uid in book.bindings
        ),
        stages=tuple(
            replace(book.stages[uid], words=texts) for uid, texts in whole.words.items() if uid in book.stages
        ),
    )
