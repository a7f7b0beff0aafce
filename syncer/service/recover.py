"""Effects whose fate is unknown: looked for, decided by what the forge shows, never repeated blindly.

A create is found by its marker. If it is not found, it is repeated only once it is certain that it
took no effect: numbers are given out in order, so when an issue of ours got a number later, and every
number in between is accounted for, the lost request created nothing; or when it was looked for
throughout the grace period, because listings lag. A change is compared with what the issue shows now,
and where that leaves a doubt the forge's event log decides.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncer.errors import Gone, Missing, Moved, OtherThing
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Anchor, Intent, IntentKind, LedgerChange, SeenIssue, Settlement, Value
from syncer.model.tracker import Issue
from syncer.ports import Documents, Tracker
from syncer.reconcile.block import read_block
from syncer.reconcile.canonical import canonical_text
from syncer.reconcile.shows import half_shown, milestone_shows
from syncer.service.arrivals import bind_landed
from syncer.service.book import Book, merged, seen
from syncer.service.create import binding_with, stage_with
from syncer.service.families import recover_parents
from syncer.service.message import run_of
from syncer.service.overwritten import give_back, put_back, replaced_body, replaced_title
from syncer.service.project import Project, Waiting
from syncer.service.telling import recover_comment

_MARGIN = timedelta(minutes=10)
"""By how much the forge's clock may be behind ours."""


@dataclass(slots=True)
class Pending:
    """Creates that cannot be repeated yet.

    Args:
        until: when the grace period of each is over.
    """

    intents: dict[Uid, Intent] = field(default_factory=dict)
    until: dict[Uid, datetime] = field(default_factory=dict)


def recover(project: Project, book: Book, head: str, now: datetime) -> Pending:
    """Settle the fate of everything that was sent and never answered, as far as it can be told.

    Args:
        project: what the run works on.
        book: with what was just seen on the trackers.
        head: the revision that was just read.
        now: by our clock.
    """
    trackers = {tracker.id: tracker for tracker in project.trackers}
    pending = Pending()
    for intent in sorted(book.intents.values(), key=lambda each: each.id):
        tracker = trackers.get(intent.tracker) if intent.tracker is not None else None
        match intent.kind:
            case IntentKind.CREATE_ISSUE if tracker is not None:
                _created_issue(book, intent, tracker, project.waiting, now, pending)
            case IntentKind.CREATE_MILESTONE if tracker is not None:
                _created_milestone(book, intent)
            case IntentKind.CHANGE_ISSUE if tracker is not None:
                _changed_issue(book, intent, tracker)
            case IntentKind.CHANGE_MILESTONE if tracker is not None:
                _changed_milestone(book, intent, tracker)
            case IntentKind.SET_PARENTS if tracker is not None:
                recover_parents(book, intent, tracker)
            case IntentKind.COMMENT if tracker is not None and book.state.owner is not None:
                recover_comment(book, intent, tracker, book.state.owner, project.waiting, now)
            case IntentKind.COMMIT:
                _committed(book, intent, project.documents, head)
            case _:
                # Nothing is known that such a request could have changed, so planning again decides.
                book.note(
                    "recovered", intent.summary, "sent without an answer; planned again", uid=intent.uid
                )
                book.close_intent(intent)
    return pending


# -- creates ---------------------------------------------------------------------------------------------


def _created_issue(
    book: Book, intent: Intent, tracker: Tracker, waiting: Waiting, now: datetime, pending: Pending
) -> None:
    found = _by_marker(book.issues.get(tracker.id, {}).values(), intent.uid)
    if found is None:
        found = _look_for(book, intent, tracker)
    if found is not None:
        adopt(book, intent, tracker.id, found)
        return
    until = intent.recorded_at + timedelta(seconds=waiting.grace)
    if now >= until:
        book.note(
            "recovered", intent.summary, "looked for throughout the grace period; not created", uid=intent.uid
        )
        book.close_intent(intent)
        return
    pending.intents[intent.uid] = intent
    pending.until[intent.uid] = until


def adopt(book: Book, intent: Intent, tracker: TrackerId, found: SeenIssue) -> None:
    """Take a created issue for what it is: bound, with what was sent as its base."""
    anchor = intent.anchor
    if anchor is None:
        book.close_intent(intent)
        return
    known = book.bindings.get(intent.uid)
    binding = binding_with(
        known, intent.uid, known.anchor if known is not None else anchor, tracker, found.number
    )
    book.note("recovered", f"#{found.number}", f"{intent.summary}: found by its marker", uid=intent.uid)
    book.save(
        merged(
            book.bound(binding, intent.settlements),
            LedgerChange(issues={tracker: (found,)}, closed_intents=(intent.id,)),
        )
    )


def _by_marker(issues: Iterable[SeenIssue], uid: Uid) -> SeenIssue | None:
    matching = [issue for issue in issues if issue.marker is not None and issue.marker.uid == uid]
    return min(matching, key=lambda issue: (issue.created_at, issue.number), default=None)


def _look_for(book: Book, intent: Intent, tracker: Tracker) -> SeenIssue | None:
    """Look among what was created lately, and at the numbers that come next."""
    fresh = tracker.created_since(intent.recorded_at - _MARGIN)
    _remember(book, tracker, fresh)
    return _by_marker((seen(issue) for issue in fresh), intent.uid) or _by_number(book, intent, tracker)


def _by_number(book: Book, intent: Intent, tracker: Tracker) -> SeenIssue | None:
    known = book.issues.get(tracker.id, {})
    number = max(intent.highest, 0) + 1
    while number in known:
        number += 1
    issue = _read(tracker, number)
    if issue is None:
        return None
    _remember(book, tracker, (issue,))
    found = seen(issue)
    return found if found.marker is not None and found.marker.uid == intent.uid else None


def _remember(book: Book, tracker: Tracker, issues: Iterable[Issue]) -> None:
    known = book.issues.get(tracker.id, {})
    fresh = tuple(
        found
        for issue in issues
        if (found := seen(issue)) != known.get(found.number)
        and (found.number not in known or known[found.number].updated_at < found.updated_at)
    )
    if fresh:
        book.save(LedgerChange(issues={tracker.id: fresh}))


def _read(tracker: Tracker, number: int) -> Issue | None:
    try:
        return tracker.issue(number)
    except (Missing, Gone, Moved):
        return None


def proven_lost(book: Book, intent: Intent, tracker: Tracker, own: int) -> bool:
    """Whether numbers prove that a create took no effect before one of our later creates.

    A forge numbers issues in the order in which it creates them. If none of the numbers between the
    highest one known before and the one that our later create was given is the lost issue's, the lost
    request had created nothing by then. A number that nothing answers to is only believed to be nobody's
    if a list of what was created since does not show the lost issue either.

    Args:
        book: what is known.
        intent: the create without an answer.
        tracker: where it was sent.
        own: the number that a later create of ours was given.
    """
    unseen = False
    for number in range(intent.highest + 1, own):
        if number in book.issues.get(tracker.id, {}):
            continue
        try:
            issue = tracker.issue(number)
        except (OtherThing, Gone, Moved):
            # A pull request, or something that is known to have been deleted or transferred.
            continue
        except Missing:
            # Never given out, deleted, hidden from us, or a replica that lags: a second source decides.
            unseen = True
            continue
        _remember(book, tracker, (issue,))
    if unseen:
        _remember(book, tracker, tracker.created_since(intent.recorded_at - _MARGIN))
    return _by_marker(book.issues.get(tracker.id, {}).values(), intent.uid) is None


def _created_milestone(book: Book, intent: Intent) -> None:
    """Titles are unique, so a second create could only be refused: planning finds it by its marker."""
    tracker = intent.tracker
    if tracker is None:
        return
    for milestone in book.milestones.get(tracker, {}).values():
        marker = read_block(milestone.description).marker
        if marker is not None and marker.uid == intent.uid and intent.stage_anchor is not None:
            known = book.stages.get(intent.uid)
            anchor = known.anchor if known is not None else intent.stage_anchor
            binding = stage_with(book, intent.uid, anchor, tracker, milestone.key)
            book.note("recovered", milestone.title, f"{intent.summary}: found by its marker", uid=intent.uid)
            book.save(
                merged(
                    book.bound_stage(binding, intent.settlements), LedgerChange(closed_intents=(intent.id,))
                )
            )
            return
    book.close_intent(intent)


# -- changes ---------------------------------------------------------------------------------------------


def _changed_issue(book: Book, intent: Intent, tracker: Tracker) -> None:
    issue = _read(tracker, intent.target)
    if issue is None:
        book.close_intent(intent)
        return
    if intent.bodies is not None and intent.seen_at is not None:
        overwritten = replaced_body(tracker, issue, bodies=intent.bodies, since=intent.seen_at)
        if overwritten is not None:
            mended = give_back(book, tracker, intent.uid, issue, ours=intent.bodies[1], theirs=overwritten)
            issue = mended or issue
    now = seen(issue)
    known = book.issues.get(tracker.id, {}).get(now.number)
    if known is not None and known.updated_at > now.updated_at:
        # This look lags behind an earlier one.
        now = known
    theirs = _replaced(tracker, intent)
    true_now: list[Settlement] = []
    for settlement in intent.settlements:
        if settlement.field is Field.TITLE and theirs is not None:
            # Ours went over a title that we had not seen, so nothing is settled by it.
            continue
        if half_shown(now, settlement.field, settlement.settled) == settlement.settled.tracker or (
            settlement.field is Field.LABELS and _carries(now, settlement)
        ):
            true_now.append(settlement)
        elif settlement.field is Field.STATE and _was_in_state(tracker, intent, settlement):
            # It took effect, and then somebody changed it again: that is their change, not a doubt.
            true_now.append(settlement)
        elif settlement.field is Field.TITLE and _was_titled(tracker, intent, settlement):
            true_now.append(settlement)
    if theirs is not None and _retitled_to(intent) == canonical_text(now.title):
        ours = issue.title
        put_back(book, tracker, intent.uid, intent.target, ours=ours, theirs=theirs)
        now = book.issues[tracker.id][intent.target]
    book.note(
        "recovered",
        f"#{intent.target}",
        f"{intent.summary}: "
        + ("it had taken effect" if true_now else "it had taken no effect and is planned again"),
        uid=intent.uid,
    )
    book.save(
        merged(
            book.settled(true_now),
            LedgerChange(issues={tracker.id: (now,)}, closed_intents=(intent.id,)),
        )
    )


def _carries(issue: SeenIssue, settlement: Settlement) -> bool:
    wanted = settlement.settled.tracker
    return isinstance(wanted, frozenset) and wanted <= issue.labels


def _retitled_to(intent: Intent) -> Value:
    """The title that a change was to set, if it was to set one."""
    titles = [each.settled.tracker for each in intent.settlements if each.field is Field.TITLE]
    return titles[0] if titles else None


def _replaced(tracker: Tracker, intent: Intent) -> str | None:
    """A title of somebody else's that a retitling of ours went over."""
    wanted = _retitled_to(intent)
    if wanted is None or intent.seen_at is None or not intent.title:
        return None
    return replaced_title(
        tracker, intent.target, ours=str(wanted), expected=intent.title, since=intent.seen_at
    )


def _was_in_state(tracker: Tracker, intent: Intent, settlement: Settlement) -> bool:
    """Whether the log says that the issue was in the wanted state since, and was taken out of it again.

    The forge's clock has whole seconds. An event in the second in which the issue was seen may lie
    before; one that undid ours has to be later than that.
    """
    wanted = settlement.settled.tracker
    if intent.seen_at is None or not isinstance(wanted, TaskState):
        return False
    second = intent.seen_at.replace(microsecond=0)
    events = [event for event in tracker.state_events(intent.target) if event.at >= second]
    return (
        bool(events)
        and events[-1].at > intent.seen_at
        and any(event.state.finished == wanted.finished for event in events)
    )


def _was_titled(tracker: Tracker, intent: Intent, settlement: Settlement) -> bool:
    if intent.seen_at is None:
        return False
    second = intent.seen_at.replace(microsecond=0)
    events = [event for event in tracker.title_events(intent.target) if event.at >= second]
    return (
        bool(events)
        and events[-1].at > intent.seen_at
        and any(canonical_text(event.after) == settlement.settled.tracker for event in events)
    )


def _changed_milestone(book: Book, intent: Intent, tracker: Tracker) -> None:
    """There is no log of milestones: what was touched since, and does not show our value, is in doubt.

    What is in doubt loses its base. Where both sides differ then, a person decides.
    """
    try:
        milestone = tracker.milestone(intent.target)
    except Missing:
        book.close_intent(intent)
        return
    true_now = [
        each for each in intent.settlements if milestone_shows(milestone, each.field) == each.settled.tracker
    ]
    untouched = intent.seen_at is not None and milestone.updated_at == intent.seen_at
    doubtful = [] if untouched else [each for each in intent.settlements if each not in true_now]
    book.note(
        "recovered",
        milestone.title,
        f"{intent.summary}: "
        + (
            "it had taken effect"
            if not doubtful and true_now
            else "it had taken no effect and is planned again"
            if not doubtful
            else "somebody changed the milestone since; where both sides differ, nothing is carried"
        ),
        uid=intent.uid,
    )
    book.save(
        merged(
            book.settled(true_now, doubtful=doubtful),
            book.observe_milestone(tracker.id, milestone),
            LedgerChange(closed_intents=(intent.id,)),
        )
    )


# -- commits ---------------------------------------------------------------------------------------------


def _committed(book: Book, intent: Intent, documents: Documents, head: str) -> None:
    """A commit without an answer is looked for in the history, by the run that its message names."""
    landed = False
    if head != intent.revision:
        history = documents.history(intent.revision, head) or ()
        landed = any(run_of(entry.message) == intent.run for entry in history)
    book.note("recovered", intent.summary, "the commit had landed" if landed else "the commit had not landed")
    if landed:
        bind_landed(book, {each.uid for each in intent.settlements if not each.stage})
    settled = _followed(book, intent) if landed else LedgerChange()
    book.save(merged(settled, LedgerChange(closed_intents=(intent.id,))))


def _followed(book: Book, intent: Intent) -> LedgerChange:
    """What a commit of ours settled, and the new texts of the lines that it reworded.

    Nobody could find a line again whose text was replaced by quite another.
    """
    anchors: dict[Uid, Anchor] = {}
    for each in intent.settlements:
        binding = book.bindings.get(each.uid)
        if each.field is Field.TITLE and not each.stage and binding is not None:
            text = str(each.settled.roadmap)
            if binding.anchor.id is not None:
                text = text.removeprefix(f"{binding.anchor.id}: ")
            if canonical_text(binding.anchor.title) != text:
                anchors[each.uid] = dataclasses.replace(binding.anchor, title=text, ordinal=0)
    return book.relocated(anchors, {}, book.settled(book.shown(intent.settlements)))
