"""Changes to milestones: read right before, compared, sent once, compared after."""

from __future__ import annotations

from datetime import date

from syncer.errors import Missing
from syncer.model.fields import Field, TaskState
from syncer.model.identity import Marker, Owner, TrackerId
from syncer.model.ledger import Intent, IntentKind, LedgerChange, Settled, Settlement, Value
from syncer.model.plan import ChangeMilestone, Outcome, Receipt
from syncer.model.tracker import Milestone, MilestoneChange
from syncer.ports import Clock, Tracker
from syncer.reconcile.block import VERSION, content_digest, render_block, replace_block
from syncer.reconcile.canonical import canonical_text
from syncer.reconcile.shows import milestone_shows
from syncer.service.book import Book, merged
from syncer.service.change import LineUrl
from syncer.service.sending import send


class MilestoneChanger:
    """Changes bound milestones."""

    def __init__(self, book: Book, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    def change(
        self, tracker: Tracker, actions: list[ChangeMilestone], owner: Owner, line_url: LineUrl
    ) -> list[Receipt]:
        """Apply all changes of one milestone in one request.

        Args:
            tracker: where it is.
            actions: what is to be changed, one field each.
            owner: who we are, for the marker.
            line_url: where a reference leads to.
        """
        if self._in_doubt(tracker.id, actions[0].key):
            reason = "an earlier change of it has no answer yet"
            return [Receipt(action, Outcome.SKIPPED, reason) for action in actions]
        try:
            before = tracker.milestone(actions[0].key)
        except Missing:
            return [Receipt(action, Outcome.STALE, "the milestone is gone") for action in actions]
        receipts: list[Receipt] = []
        wanted: list[ChangeMilestone] = []
        for action in actions:
            shown = milestone_shows(before, action.field)
            if shown == _target(action):
                self._book.save(self._book.settled(action.settles))
                receipts.append(Receipt(action, Outcome.ALREADY))
            elif shown != _before(action):
                receipts.append(Receipt(action, Outcome.STALE, "somebody changed it meanwhile"))
            else:
                wanted.append(action)
        if not wanted:
            return receipts
        settles = tuple(each for action in wanted for each in action.settles)
        intent = self._book.intend(
            Intent(
                id=0,
                run=self._book.run,
                kind=IntentKind.CHANGE_MILESTONE,
                tracker=tracker.id,
                uid=actions[0].uid,
                target=actions[0].key,
                settlements=settles,
                recorded_at=self._clock.now(),
                seen_at=before.updated_at,
                summary=actions[0].reason,
            )
        )
        change = _request(before, wanted, owner, line_url)
        after = send(self._book, intent, lambda: tracker.update_milestone(actions[0].key, change))
        truth = [
            Settlement(
                each.uid,
                each.tracker,
                each.field,
                Settled(each.settled.roadmap, milestone_shows(after, each.field)),
                stage=True,
            )
            for each in settles
        ]
        self._book.save(
            merged(
                self._book.settled(truth),
                self._book.observe_milestone(tracker.id, after),
                LedgerChange(closed_intents=(intent.id,)),
            )
        )
        return receipts + [Receipt(action, Outcome.DONE) for action in wanted]

    def _in_doubt(self, tracker: TrackerId, key: int) -> bool:
        """Whether a change without an answer would be hidden by another one.

        Milestones have no log: their time of change tells whether somebody touched them, once.
        """
        return any(
            intent.kind is IntentKind.CHANGE_MILESTONE and (intent.tracker, intent.target) == (tracker, key)
            for intent in self._book.intents.values()
        )


def _target(action: ChangeMilestone) -> Value:
    if action.field is Field.DESCRIPTION:
        return content_digest(str(action.after))
    if action.field is Field.NAME:
        return canonical_text(str(action.after))
    return action.after


def _before(action: ChangeMilestone) -> Value:
    if action.field is Field.NAME:
        return canonical_text(str(action.before))
    return action.before


def _request(
    before: Milestone, actions: list[ChangeMilestone], owner: Owner, line_url: LineUrl
) -> MilestoneChange:
    title: str | None = None
    description: str | None = None
    due: date | None = None
    clear_due = False
    closed: bool | None = None
    for action in actions:
        match action.field:
            case Field.NAME:
                title = str(action.after)
            case Field.DUE:
                due = action.after if isinstance(action.after, date) else None
                clear_due = due is None
            case Field.STATE:
                closed = action.after is TaskState.DONE
            case Field.DESCRIPTION:
                marker = Marker(VERSION, owner, action.uid)
                url = line_url(action.subject.path, action.subject.line)
                block = render_block(str(action.after), marker, url=url, kind="stage")
                description = replace_block(before.description, block)
            case _:
                pass
    return MilestoneChange(title, description, due, clear_due, closed)
