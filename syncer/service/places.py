"""Where everything stands: lines, stages and whole files as they were last seen.

They are remembered together, because each line's anchor is looked up in its file's remembered version.
What is remembered says nothing about what was settled; it only lets the next run find everything again.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from syncer.model.document import Document
from syncer.model.identity import Uid
from syncer.model.ledger import Anchor, FileBase, LedgerChange, StageAnchor
from syncer.model.plan import ItemKey, Plan, StageKey
from syncer.reconcile.match_stages import anchor_of_stage
from syncer.reconcile.matching import anchor_of
from syncer.roadmap.edit import Edited
from syncer.service.book import Book, merged


def places(
    book: Book,
    plan: Plan,
    documents: Mapping[str, Document],
    blobs: Mapping[str, str],
    items: Mapping[ItemKey, Uid],
    stages: Mapping[StageKey, Uid],
    *,
    edited: Mapping[str, Edited] = MappingProxyType({}),
    upon: LedgerChange | None = None,
) -> LedgerChange:
    """The change that remembers where everything stands in some files.

    A file in which something could not be told apart keeps its old version, to be compared with again.
    Only lines that say something else now are remembered with their new text: under the old one they would
    be mistaken for any line that says that next.

    Args:
        book: what is remembered.
        plan: that found everything; its keys hold for ``documents``, or for what they were before ``edited``.
        documents: the files, as they are now.
        blobs: the ids of their contents.
        items: what is new since the plan was made.
        stages: all stages that are bound.
        edited: those of the files that were edited since the plan was made.
        upon: another change of the same bindings, to be remembered in the same moment.
    """
    anchors: dict[Uid, Anchor] = {}
    for key, uid in [*plan.items, *items.items()]:
        if key.path not in documents:
            continue
        document, known, edit = documents[key.path], book.bindings.get(uid), edited.get(key.path)
        anchor = anchor_of(document, document.entry(edit.entry_now(key.index) if edit else key.index))
        reworded = known is not None and known.anchor.title != anchor.title
        if key.path not in plan.unsettled or reworded:
            anchors[uid] = anchor
    stage_anchors: dict[Uid, StageAnchor] = {}
    for stage, uid in stages.items():
        if stage.path in documents:
            document, edit = documents[stage.path], edited.get(stage.path)
            index = edit.stage_now(stage.index) if edit else stage.index
            if index is not None:
                stage_anchors[uid] = anchor_of_stage(document, document.stages[index])
    files = book.state.files
    bases = tuple(
        FileBase(path, blobs[path], document.data)
        for path, document in documents.items()
        if path not in plan.unsettled and (path not in files or files[path].blob != blobs[path])
    )
    return merged(book.relocated(anchors, stage_anchors, upon), LedgerChange(files=bases))
