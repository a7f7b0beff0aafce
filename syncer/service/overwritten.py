"""Titles and bodies that somebody wrote in the moment in which we wrote another, and how they get them back.

No forge accepts a condition with a write. Its log of retitlings, and GitHub's history of a body, say
afterwards what a write replaced. GitLab's free edition says of a body only that there was an edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from syncer.model.identity import Uid
from syncer.model.tracker import BodyEvent, Issue, IssueChange
from syncer.ports import Tracker
from syncer.reconcile.block import content_digest, read_block, replace_block
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


@dataclass(frozen=True, slots=True)
class Overwritten:
    """A body that somebody wrote, and that a write of ours replaced unseen.

    Args:
        by: who wrote it.
        at: when, by the forge's clock.
        text: the whole body, ``None`` where the forge keeps no versions.
        last: whether ours is the latest body; where it is not, what came after it is not ours to replace.
    """

    by: str
    at: datetime
    text: str | None
    last: bool


def replaced_body(
    tracker: Tracker, now: Issue, *, bodies: tuple[str, str], since: datetime
) -> Overwritten | None:
    """The body that our write replaced, if it was not the one that we had seen.

    Args:
        tracker: where the issue is.
        now: the issue as it shows itself after the write.
        bodies: digests of the body that we had seen before, and of the one that we wrote.
        since: when the issue had last been changed when we saw it, by the forge's clock.
    """
    known, ours = bodies
    events = tracker.body_events(now.ref.number)
    if any(event.after is None for event in events):
        if content_digest(now.body) != ours:
            return None
        return _replaced_untold([event for event in events if event.at > since])
    history = [content_digest(event.after or "") for event in events]
    if ours not in history:
        return None
    at = len(history) - 1 - history[::-1].index(ours)
    if at == 0 or history[at - 1] in (known, ours):
        return None
    theirs = events[at - 1]
    return Overwritten(theirs.actor, theirs.at, theirs.after, last=at == len(history) - 1)


def _replaced_untold(edits: Sequence[BodyEvent]) -> Overwritten | None:
    """One edit since is our own; of more, one may have been written over, and only its writer knows it."""
    if len(edits) < 2:
        return None
    return Overwritten(edits[-2].actor, edits[-2].at, None, last=True)


def give_back(
    book: Book, tracker: Tracker, uid: Uid, now: Issue, *, ours: str, theirs: Overwritten
) -> Issue | None:
    """Restore what people wrote into a body, with our block in it unless they wrote into that, too.

    The journal has it first, so that it is not lost even if it cannot be restored: because the forge does
    not tell the text, or because somebody has written again since.

    Args:
        book: where it is noted.
        tracker: where the issue is.
        uid: whose issue it is.
        now: the issue as it shows itself.
        ours: the digest of the body that we wrote.
        theirs: the body that went.

    Returns:
        The issue with their text, ``None`` where it could not be put back.
    """
    subject = f"#{now.ref.number}"
    if theirs.text is None:
        book.note(
            "overwritten",
            subject,
            f"{theirs.by or 'somebody'} edited the issue's body at {theirs.at:%Y-%m-%d %H:%M:%S} UTC, in the "
            "moment syncer wrote its block; the forge does not tell the text, so compare the issue's history",
            uid=uid,
        )
        book.flush()
        return None
    reading = read_block(now.body)
    block = now.body[reading.start : reading.end]
    body = replace_block(theirs.text, block) if read_block(theirs.text).untouched else theirs.text
    if canonical_block(body) == canonical_block(now.body):
        return now
    possible = theirs.last and content_digest(now.body) == ours
    outcome = "put back" if possible else "kept here, as the body was written again since"
    book.note(
        "restored" if possible else "overwritten",
        subject,
        f"somebody edited the issue's body in the moment we wrote its block; {outcome}: {theirs.text}",
        uid=uid,
    )
    book.flush()
    if not possible:
        return None
    answer = tracker.update_issue(now.ref.number, IssueChange(body=body))
    book.observe_issue(answer)
    given = content_digest(body)
    again = replaced_body(tracker, answer, bodies=(ours, given), since=now.updated_at)
    if again is not None:
        # This write had its moment, too.
        return give_back(book, tracker, uid, answer, ours=given, theirs=again) or answer
    return answer
