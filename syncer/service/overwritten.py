"""Titles and bodies that somebody wrote in the moment in which we wrote another, and how they get them back.

No forge accepts a condition with a write. Its log of retitlings, and GitHub's history of a body, say
afterwards what a write replaced.
"""

from __future__ import annotations

from datetime import datetime

from syncer.model.identity import Uid
from syncer.model.tracker import Issue, IssueChange
from syncer.ports import Tracker
from syncer.reconcile.block import read_block, replace_block
from syncer.reconcile.canonical import canonical_block, canonical_text
from syncer.service.book import Book


def replaced_title(tracker: Tracker, number: int, *, ours: str, expected: str, since: datetime) -> str | None:
    """The title that our write replaced, if it was not the one that we had seen.

    Args:
        tracker: where the issue is.
        number: of the issue.
        ours: the title that we set.
        expected: the title that we had seen before.
        since: when the issue had last been changed when we saw it, by the forge's clock.
    """
    wanted = canonical_text(ours)
    writes = [
        event
        for event in tracker.title_events(number)
        if event.at >= since.replace(microsecond=0) and canonical_text(event.after) == wanted
    ]
    if not writes or canonical_text(writes[-1].before) == canonical_text(expected):
        return None
    return writes[-1].before


def put_back(book: Book, tracker: Tracker, uid: Uid, number: int, *, ours: str, theirs: str) -> None:
    """Restore a title that we replaced without having seen it; the next plan finds a conflict.

    The journal has it first, so that it is not lost even if it cannot be restored.
    """
    book.note(
        "restored",
        f"#{number}",
        f"somebody retitled the issue to {theirs!r} in the moment we wrote {ours!r}; put back",
        uid=uid,
    )
    book.flush()
    book.observe_issue(tracker.update_issue(number, IssueChange(title=theirs)))


def replaced_body(tracker: Tracker, number: int, *, ours: str, expected: str) -> str | None:
    """The body that our write replaced, if it was not the one that we had seen.

    Args:
        tracker: where the issue is; one that keeps no history answers ``None``.
        number: of the issue.
        ours: the body that we wrote.
        expected: the body that we had seen before.
    """
    events = tracker.body_events(number)
    history = [canonical_block(event.after) for event in events]
    wanted, known = canonical_block(ours), canonical_block(expected)
    if wanted not in history:
        return None
    at = len(history) - 1 - history[::-1].index(wanted)
    if at == 0 or history[at - 1] in (known, wanted):
        return None
    return events[at - 1].after


def give_back(book: Book, tracker: Tracker, uid: Uid, number: int, *, block: str, theirs: str) -> Issue:
    """Restore what people wrote into a body, with our block in it unless they wrote into that, too.

    The journal has it first, so that it is not lost even if it cannot be restored.
    """
    book.note(
        "restored",
        f"#{number}",
        f"somebody edited the issue's body in the moment we wrote its block; put back: {theirs}",
        uid=uid,
    )
    book.flush()
    body = replace_block(theirs, block) if read_block(theirs).untouched else theirs
    answer = tracker.update_issue(number, IssueChange(body=body))
    book.observe_issue(answer)
    return answer
