"""Markers changed or taken away, one issue or milestone after the other.

Each is read right before it is written. What was done shows on the forge itself, so after an
interruption the same call goes on with what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from syncer.errors import (
    Gone,
    Interrupted,
    Missing,
    Moved,
    RateLimited,
    SyncerError,
    Unauthorized,
    UnknownFate,
)
from syncer.model.identity import TrackerId, Uid
from syncer.model.plan import Outcome
from syncer.model.tracker import IssueChange, MilestoneChange
from syncer.ports import Tracker
from syncer.service.book import Book

Rewrite = Callable[[str], str | None]
"""A body as it shall read; ``None``, or the body itself, where nothing is to be changed."""


@dataclass(frozen=True, slots=True)
class Target:
    """An issue or a milestone that carries a marker.

    Args:
        number: of the issue, or the milestone's key.
        milestone: whether it is a milestone.
        label: to be taken away from an issue; empty for none.
    """

    tracker: TrackerId
    number: int
    title: str
    uid: Uid | None
    milestone: bool = False
    label: str = ""

    def __str__(self) -> str:
        kind = "milestone " if self.milestone else "#"
        return f'{self.tracker} {kind}{self.number} "{self.title}"'


@dataclass(frozen=True, slots=True)
class Touched:
    """What became of one target."""

    target: Target
    outcome: Outcome
    detail: str = ""


def rewrite_all(
    trackers: Iterable[Tracker], book: Book, targets: Iterable[Target], rewrite: Rewrite, what: str
) -> list[Touched]:
    """Rewrite the bodies of issues and the descriptions of milestones.

    Args:
        trackers: the project's.
        book: for the journal.
        targets: in this order.
        rewrite: what becomes of a body.
        what: for the journal, as a short, stable word.

    Returns:
        What became of each; it ends early where every further request would fail too.
    """
    by_id = {tracker.id: tracker for tracker in trackers}
    touched: list[Touched] = []
    for target in targets:
        try:
            change = _milestone if target.milestone else _issue
            outcome = change(by_id[target.tracker], target, rewrite)
            touched.append(Touched(target, outcome))
        except (Missing, Gone, Moved):
            touched.append(Touched(target, Outcome.ALREADY, "it is gone"))
        except UnknownFate as error:
            touched.append(Touched(target, Outcome.UNKNOWN, str(error)))
        except (Unauthorized, RateLimited, Interrupted) as error:
            touched.append(Touched(target, Outcome.FAILED, str(error)))
            break
        except SyncerError as error:
            touched.append(Touched(target, Outcome.FAILED, str(error)))
        last = touched[-1]
        book.note(what, str(target), last.detail or "its marker", uid=target.uid, outcome=last.outcome.value)
        book.flush()
    return touched


def _issue(tracker: Tracker, target: Target, rewrite: Rewrite) -> Outcome:
    before = tracker.issue(target.number)
    body = rewrite(before.body)
    wanted = body if body is not None and body != before.body else None
    held = frozenset(each for each in before.labels if each.casefold() == target.label.casefold())
    if wanted is None and not held:
        return Outcome.ALREADY
    tracker.update_issue(target.number, IssueChange(body=wanted, remove_labels=held))
    return Outcome.DONE


def _milestone(tracker: Tracker, target: Target, rewrite: Rewrite) -> Outcome:
    before = tracker.milestone(target.number)
    text = rewrite(before.description)
    if text is None or text == before.description:
        return Outcome.ALREADY
    tracker.update_milestone(target.number, MilestoneChange(description=text))
    return Outcome.DONE
