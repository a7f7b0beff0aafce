"""Sending one effect that was announced: the one place where a request is bound to its intent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from syncer.errors import SyncerError, UnknownFate
from syncer.model.ledger import Intent
from syncer.service.book import Book

_T = TypeVar("_T")


def send(book: Book, intent: Intent, request: Callable[[], _T]) -> _T:
    """Send what an intent announces. The intent stays open only where its fate is unknown."""
    try:
        return request()
    except UnknownFate:
        raise
    except SyncerError as error:
        if error.where != "state.url":
            book.close_intent(intent)
        raise
