"""Links to issues that the plan itself creates: their numbers take their places before the commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from syncer.model.edits import SetLink
from syncer.model.fields import Field
from syncer.model.identity import Uid
from syncer.model.ledger import Settled, Settlement
from syncer.model.plan import EditRoadmap, ItemKey
from syncer.service.book import Book


class LinksToCome:
    """Knows what became of the issues that links were waiting for.

    Args:
        book: the ledger during this run.
        items: what was bound in this run.
    """

    def __init__(self, book: Book, items: Mapping[ItemKey, Uid]) -> None:
        self._book = book
        self._items = items

    def known(self, action: EditRoadmap) -> EditRoadmap | None:
        """An edit as it can be written now; ``None`` where the issue to link to was not created."""
        tracker, edit = action.awaits, action.edit
        if tracker is None or not isinstance(edit, SetLink):
            return action
        uid = self._items.get(ItemKey(action.path, edit.item))
        binding = self._book.bindings.get(uid) if uid is not None else None
        number = binding.refs.get(tracker) if binding is not None else None
        issue = self._book.issues.get(tracker, {}).get(number) if number is not None else None
        if uid is None or number is None or issue is None:
            return None
        return replace(
            action,
            subject=replace(action.subject, uid=uid, number=number, url=issue.url),
            edit=replace(edit, label=f"#{number}", url=issue.url),
            after=f"#{number}",
            settles=(Settlement(uid, tracker, Field.LINK, Settled(number, number)),),
            awaits=None,
        )
