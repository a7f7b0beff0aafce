"""Changes to issues: read right before, compared, sent once, compared after.

No forge accepts a condition with a write, so the window between reading and writing is kept as short
as a request, and what slipped in is noticed by the forge's own log and put back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from syncer.errors import Gone, Missing, Moved
from syncer.model.fields import Field
from syncer.model.identity import Marker, Owner, TrackerId, Uid
from syncer.model.ledger import (
    BlockState,
    Intent,
    IntentKind,
    LedgerChange,
    SeenIssue,
    Settled,
    Settlement,
    Value,
)
from syncer.model.plan import (
    ChangeIssue,
    Outcome,
    Receipt,
    SetIssueState,
    StageKey,
)
from syncer.model.tracker import Issue, IssueChange
from syncer.ports import Clock, Tracker
from syncer.reconcile.block import VERSION, content_digest, read_block, render_block, replace_block
from syncer.reconcile.canonical import canonical_text
from syncer.reconcile.shows import half_shown
from syncer.service.book import Book, merged, seen
from syncer.service.overwritten import (
    give_back,
    put_back,
    replaced_body,
    replaced_title,
)
from syncer.service.sending import send
from syncer.service.unassigned import not_assigned

MilestoneOf = Callable[[StageKey | None, TrackerId], int | None]
LineUrl = Callable[[str, int], str]


_UNRETURNED = "somebody edited the body in the same moment: `syncer history` keeps what is known of it"


class IssueChanger:
    """Changes bound issues."""

    def __init__(self, book: Book, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    def change(
        self,
        tracker: Tracker,
        actions: list[ChangeIssue],
        owner: Owner,
        milestone_of: MilestoneOf,
        line_url: LineUrl,
    ) -> list[Receipt]:
        """Apply all changes of one issue in one request.

        Args:
            tracker: where it is.
            actions: what is to be changed, one field each.
            owner: who we are, for the marker.
            milestone_of: a stage's milestone on a tracker.
            line_url: where a reference leads to.
        """
        before = self._look(tracker, actions[0].number)
        if before is None:
            return [Receipt(action, Outcome.STALE, "the issue is gone") for action in actions]
        now = seen(before)
        receipts: list[Receipt] = []
        wanted: list[tuple[ChangeIssue, Value]] = []
        for action in actions:
            target = self._target(action, tracker.id, milestone_of)
            shown = _shown(now, action)
            if shown == target:
                receipts.append(self._already(action, target))
            elif shown != _canonical(action.field, action.before):
                receipts.append(Receipt(action, Outcome.STALE, "somebody changed it meanwhile"))
            else:
                wanted.append((action, target))
        if not any(action.field is Field.BODY for action, _target in wanted):
            # Ticks are written with the block that holds them, or not at all.
            ticks = [action for action, _target in wanted if action.field is Field.CRITERIA]
            receipts += [
                Receipt(action, Outcome.STALE, "its block was changed meanwhile") for action in ticks
            ]
            wanted = [each for each in wanted if each[0].field is not Field.CRITERIA]
        if not wanted:
            return receipts
        block = read_block(before.body)
        if block.state is BlockState.WHOLE and any(a.overrules and a.field is Field.BODY for a, _ in wanted):
            # The plan knows the block by its digest only; what people wrote there is kept here.
            text = f"the block said: {block.content}"
            self._book.note("lost-value", f"#{actions[0].number}", text, uid=actions[0].uid)
            self._book.flush()
        change = self._request(before, wanted, owner, line_url)
        settles = tuple(self._settlement(action, target) for action, target in wanted)
        bodies = None if change.body is None else (content_digest(before.body), content_digest(change.body))
        intent = self._book.intend(
            replace(
                self._intent(
                    tracker.id, actions[0].uid, actions[0].number, settles, before, actions[0].reason
                ),
                bodies=bodies,
            )
        )
        answer = send(self._book, intent, lambda: tracker.update_issue(actions[0].number, change))
        theirs = self._restored(tracker, wanted, before)
        overwritten = (
            None if bodies is None else replaced_body(tracker, answer, bodies=bodies, since=before.updated_at)
        )
        mended = None
        if bodies is not None and overwritten is not None:
            mended = give_back(
                self._book, tracker, actions[0].uid, answer, ours=bodies[1], theirs=overwritten
            )
        after = seen(mended if mended is not None else answer)
        truth = tuple(
            Settlement(
                each.uid, each.tracker, each.field, Settled(each.settled.roadmap, _shown(after, action))
            )
            for each, (action, _target) in zip(settles, wanted, strict=True)
            if (theirs is None or action.field is not Field.TITLE)
            and (mended is None or _shown(after, action) == _target)
        )
        found = {} if theirs is not None else {tracker.id: (after,)}
        self._book.save(
            merged(self._book.settled(truth), LedgerChange(issues=found, closed_intents=(intent.id,)))
        )
        for action, target in wanted:
            if theirs is not None and action.field is Field.TITLE:
                detail = "somebody retitled it in the same moment; their title was put back"
                receipts.append(Receipt(action, Outcome.STALE, detail))
            elif mended is not None and action.field in {Field.BODY, Field.CRITERIA}:
                detail = "somebody edited the body in the same moment; their text was put back"
                outcome = Outcome.DONE if _shown(after, action) == target else Outcome.STALE
                receipts.append(Receipt(action, outcome, detail))
            elif overwritten is not None and action.field in {Field.BODY, Field.CRITERIA}:
                receipts.append(Receipt(action, Outcome.DONE, _UNRETURNED))
            elif action.field is Field.ASSIGNEES and (lost := _names(target) - _names(_shown(after, action))):
                receipts.append(Receipt(action, Outcome.DONE, not_assigned(lost)))
            elif _shown(after, action) != target:
                receipts.append(Receipt(action, Outcome.DONE, "the forge keeps it in another form"))
            else:
                receipts.append(Receipt(action, Outcome.DONE))
        return receipts

    def set_state(self, tracker: Tracker, action: SetIssueState) -> Receipt:
        """Close or reopen an issue, if it still is what the plan saw."""
        before = self._look(tracker, action.number)
        if before is None:
            return Receipt(action, Outcome.STALE, "the issue is gone")
        if before.state is action.after:
            self._book.save(self._book.settled(action.settles))
            return Receipt(action, Outcome.ALREADY)
        if before.state is not action.before:
            return Receipt(action, Outcome.STALE, f"it is {before.state.value} now")
        intent = self._book.intend(
            self._intent(tracker.id, action.uid, action.number, action.settles, before, action.reason)
        )
        answer = send(
            self._book, intent, lambda: tracker.update_issue(action.number, IssueChange(state=action.after))
        )
        after = seen(answer)
        truth = [
            Settlement(each.uid, each.tracker, each.field, Settled(each.settled.roadmap, after.state))
            for each in action.settles
        ]
        self._book.save(
            merged(
                self._book.settled(truth),
                LedgerChange(issues={tracker.id: (after,)}, closed_intents=(intent.id,)),
            )
        )
        detail = "" if after.state is action.after else f"the forge shows it as {after.state.value}"
        return Receipt(action, Outcome.DONE, detail)

    # -- beneath ---------------------------------------------------------------------------------------

    def _look(self, tracker: Tracker, number: int) -> Issue | None:
        try:
            issue = tracker.issue(number)
        except (Missing, Gone, Moved):
            self._book.save(LedgerChange(gone_issues=((tracker.id, number),)))
            return None
        known = self._book.issues.get(tracker.id, {}).get(number)
        if known != seen(issue) and (known is None or known.updated_at <= issue.updated_at):
            self._book.observe_issue(issue)
        return issue

    def _already(self, action: ChangeIssue, target: Value) -> Receipt:
        self._book.save(self._book.settled([self._settlement(action, target)]))
        return Receipt(action, Outcome.ALREADY)

    def _target(self, action: ChangeIssue, tracker: TrackerId, milestone_of: MilestoneOf) -> Value:
        after = action.after
        if isinstance(after, StageKey) or action.field is Field.STAGE:
            return milestone_of(after if isinstance(after, StageKey) else None, tracker)
        if action.field is Field.BODY:
            return content_digest(str(after))
        return _canonical(action.field, after)

    def _settlement(self, action: ChangeIssue, target: Value) -> Settlement:
        for each in action.settles:
            return Settlement(each.uid, each.tracker, each.field, Settled(each.settled.roadmap, target))
        return Settlement(
            action.uid, action.tracker, action.field, Settled(self._stage_uid(action, target), target)
        )

    def _stage_uid(self, action: ChangeIssue, milestone: Value) -> Value:
        """The stage that a milestone belongs to: the roadmap's half of the base."""
        if milestone is None:
            return None
        for uid, binding in self._book.stages.items():
            if binding.milestones.get(action.tracker) == milestone:
                return str(uid)
        return None

    def _request(
        self, before: Issue, wanted: list[tuple[ChangeIssue, Value]], owner: Owner, line_url: LineUrl
    ) -> IssueChange:
        title: str | None = None
        body: str | None = None
        milestone: int | None = None
        add: frozenset[str] = frozenset()
        remove: frozenset[str] = frozenset()
        assign: frozenset[str] = frozenset()
        unassign: frozenset[str] = frozenset()
        for action, target in wanted:
            match action.field:
                case Field.TITLE:
                    title = str(action.after)
                case Field.BODY:
                    marker = Marker(VERSION, owner, action.uid)
                    anchor = self._book.bindings[action.uid].anchor
                    url = line_url(action.subject.path, action.subject.line)
                    block = render_block(str(action.after), marker, url=url, origin=anchor.digest)
                    body = replace_block(before.body, block)
                case Field.STAGE:
                    milestone = target if isinstance(target, int) else 0
                case Field.LABELS | Field.STARTED:
                    after, shown = _names(action.after), _names(action.before)
                    add, remove = add | (after - shown), remove | (shown - after)
                case Field.ASSIGNEES:
                    assign, unassign = _names(action.after), _names(action.before)
                    assign, unassign = assign - unassign, unassign - assign
                case _:
                    pass
        return IssueChange(
            title=title,
            body=body,
            milestone=milestone,
            add_labels=add,
            remove_labels=remove,
            add_assignees=assign,
            remove_assignees=unassign,
        )

    def _intent(
        self,
        tracker: TrackerId,
        uid: Uid,
        number: int,
        settles: tuple[Settlement, ...],
        before: Issue,
        summary: str,
    ) -> Intent:
        return Intent(
            id=0,
            run=self._book.run,
            kind=IntentKind.CHANGE_ISSUE,
            tracker=tracker,
            uid=uid,
            target=number,
            settlements=settles,
            recorded_at=self._clock.now(),
            seen_at=before.updated_at,
            summary=summary,
            title=before.title,
        )

    def _restored(
        self, tracker: Tracker, wanted: list[tuple[ChangeIssue, Value]], before: Issue
    ) -> str | None:
        """A title that somebody set between our reading and our writing, after it was put back."""
        for action, _target in wanted:
            if action.field is not Field.TITLE:
                continue
            ours = str(action.after)
            theirs = replaced_title(
                tracker, action.number, ours=ours, expected=before.title, since=before.updated_at
            )
            if theirs is not None:
                put_back(self._book, tracker, action.uid, action.number, ours=ours, theirs=theirs)
                return theirs
        return None


def _shown(issue: SeenIssue, action: ChangeIssue) -> Value:
    """What an issue shows for the field of a change; of sets, the names that the change is about."""
    return half_shown(issue, action.field, Settled(_names(action.before), _names(action.after)))


def _names(value: object) -> frozenset[str]:
    return value if isinstance(value, frozenset) else frozenset()


def _canonical(field: Field, value: object) -> Value:
    if field is Field.TITLE:
        return canonical_text(str(value))
    if value is None or isinstance(value, (str, int, frozenset)):
        return value
    return None
