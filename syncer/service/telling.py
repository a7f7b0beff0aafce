"""Comments of ours: each is said once, whatever becomes of the request that carries it.

A comment carries a hidden mark. It is looked for right before it is said, and a request without an answer is
looked for again over the grace period before another one is made.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from syncer.errors import Forbidden, Gone, Missing, Moved
from syncer.model.identity import Owner, TrackerId, Uid
from syncer.model.ledger import Heard, Intent, IntentKind, LedgerChange
from syncer.model.plan import Outcome, Receipt, TellPerson
from syncer.ports import Clock, Tracker
from syncer.service.book import Book
from syncer.service.project import Waiting
from syncer.service.sending import send


def comment_mark(owner: Owner, tracker: TrackerId, number: int) -> str:
    """The hidden mark of the one comment that an issue can get from us."""
    text = f"{owner}\x1f{tracker}\x1f{number}\x1fplace"
    return f"<!-- syncer:comment id={hashlib.sha256(text.encode()).hexdigest()[:16]} -->"


def was_told(tracker: Tracker, owner: Owner, number: int) -> bool:
    """Whether our comment stands below an issue. One request for every hundred comments."""
    mark = comment_mark(owner, tracker.id, number)
    return any(mark in text for text in tracker.comments(number))


class Teller:
    """Says things below issues.

    Args:
        book: the ledger during this run.
        owner: who we are, for the mark.
        clock: for intents.
    """

    def __init__(self, book: Book, owner: Owner, clock: Clock) -> None:
        self._book = book
        self._owner = owner
        self._clock = clock

    def tell(self, tracker: Tracker, action: TellPerson) -> Receipt:
        """Say it, unless it stands there already."""
        number = action.number
        if any(_is_about(intent, tracker.id, number) for intent in self._book.intents.values()):
            return Receipt(action, Outcome.UNKNOWN, "it was sent without an answer, and is looked for")
        if was_told(tracker, self._owner, number):
            remember_told(self._book, tracker.id, number)
            return Receipt(action, Outcome.ALREADY)
        text = f"{comment_mark(self._owner, tracker.id, number)}\n{action.text}"
        intent = self._book.intend(
            Intent(
                id=0,
                run=self._book.run,
                kind=IntentKind.COMMENT,
                tracker=tracker.id,
                uid=Uid(""),
                target=number,
                settlements=(),
                recorded_at=self._clock.now(),
                summary=f"comment below #{number}",
            )
        )
        try:
            send(self._book, intent, lambda: tracker.comment(number, text))
        except Forbidden as error:
            # A locked issue takes no comments. What is held says the same, and it is not tried for ever.
            remember_told(self._book, tracker.id, number, intent)
            return Receipt(action, Outcome.FAILED, error.what)
        remember_told(self._book, tracker.id, number, intent)
        return Receipt(action, Outcome.DONE)


def recover_comment(
    book: Book, intent: Intent, tracker: Tracker, owner: Owner, waiting: Waiting, now: datetime
) -> None:
    """Find out what became of a comment without an answer; until that is certain, none is made.

    Args:
        book: what is remembered.
        intent: of the comment.
        tracker: where it was sent.
        owner: who we are.
        waiting: how long it is looked for.
        now: by our clock.
    """
    try:
        told = was_told(tracker, owner, intent.target)
    except (Missing, Gone, Moved):
        book.close_intent(intent)
        return
    if told:
        book.note("recovered", f"#{intent.target}", f"{intent.summary}: it stands there")
        remember_told(book, tracker.id, intent.target, intent)
    elif now >= intent.recorded_at + timedelta(seconds=waiting.grace):
        book.note("recovered", f"#{intent.target}", f"{intent.summary}: it does not stand there")
        book.close_intent(intent)


def remember_told(book: Book, tracker: TrackerId, number: int, intent: Intent | None = None) -> None:
    """Remember that our comment stands below an issue."""
    issue = book.issues.get(tracker, {}).get(number)
    closed = (intent.id,) if intent is not None else ()
    if issue is None:
        book.save(LedgerChange(closed_intents=closed))
        return
    heard = replace(issue.heard or Heard(issue.updated_at), told=True)
    book.save(LedgerChange(issues={tracker: (replace(issue, heard=heard),)}, closed_intents=closed))


def _is_about(intent: Intent, tracker: TrackerId, number: int) -> bool:
    return (intent.kind, intent.tracker, intent.target) == (IntentKind.COMMENT, tracker, number)
