"""A ledger that is older than the world it remembers: nothing that it says was settled is believed.

With an old base, a person's latest edit looks like an old state and would be undone. Without one, equal
values are settled and different ones are held, as after the loss of the ledger.
"""

from __future__ import annotations

import dataclasses

from syncer.model.ledger import LedgerChange
from syncer.model.tracker import Cursor
from syncer.service.book import Book


def distrust_restored(book: Book) -> None:
    """Forget what was settled where the ledger was restored from an older copy."""
    if book.state.restored and book.bindings:
        distrust(book, "the state database was restored from an older copy")


def distrust(book: Book, why: str) -> None:
    """Forget what was settled; who is bound to whom stays.

    Args:
        book: the ledger.
        why: for the journal.
    """
    book.note("restored", "", f"{why}: both sides are compared anew, and held where they differ")
    book.save(
        LedgerChange(
            bindings=tuple(dataclasses.replace(each, base={}) for each in book.bindings.values()),
            stages=tuple(dataclasses.replace(each, base={}) for each in book.stages.values()),
            approved=frozenset(),
            # What was created since is on the trackers, and nowhere else: they are listed completely.
            cursors={tracker: Cursor() for tracker in book.state.trackers},
        )
    )
