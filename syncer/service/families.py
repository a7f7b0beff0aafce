"""Parents and children on the trackers: learned once, read where lists do not tell them, set many at once.

Putting an issue below another one twice is putting it there once, so a request without an answer is planned
again from what the forge shows. What is compared right before is read for all of them in one query; an issue
that was made in the same run needs no look.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping

from syncer.model.document import Document, ItemKind
from syncer.model.fields import Field
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Intent, IntentKind, LedgerChange, SeenIssue, Settled, Settlement
from syncer.model.plan import ItemKey, Outcome, Receipt, SetParent
from syncer.model.tracker import Capabilities, ParentChange, TrackerProfile
from syncer.ports import TOGETHER, Clock, Tracker
from syncer.reconcile.policy import Groups
from syncer.service.book import Book, merged
from syncer.service.project import Project
from syncer.service.sending import send

UidOf = Callable[[ItemKey], Uid | None]


# -- looking ---------------------------------------------------------------------------------------------


def learned(
    project: Project,
    tracker: Tracker,
    profile: TrackerProfile,
    documents: Mapping[str, Document],
    *,
    full: bool,
) -> TrackerProfile:
    """A tracker's profile with whether it knows parents; asked once, where a roadmap has a group.

    A host that did not know them is asked again at a complete look: it may be newer since.
    """
    if project.policy.groups is not Groups.SUB_ISSUES or profile.parents or not _have_groups(documents):
        return profile
    if profile.parents is False and not full:
        return profile
    return dataclasses.replace(profile, parents=tracker.knows_parents())


def able(capabilities: Capabilities, profile: TrackerProfile | None) -> Capabilities:
    """What a tracker can do, as far as that was asked."""
    if profile is not None and profile.parents:
        return capabilities
    return dataclasses.replace(capabilities, sub_issues=0, levels=0)


def with_parents(
    project: Project,
    book: Book,
    tracker: Tracker,
    profile: TrackerProfile | None,
    change: LedgerChange,
    *,
    full: bool = False,
) -> LedgerChange:
    """What was just seen, with the parents that the forge's lists do not tell.

    Only issues that stand below another one are asked about: where they were put is nobody's business else.

    Args:
        project: what is looked at.
        book: what is remembered.
        tracker: that was read.
        profile: of the tracker.
        change: what the reading brought.
        full: ask about all of them, not only about those that changed.
    """
    if project.policy.groups is not Groups.SUB_ISSUES or tracker.capabilities.tells_parents:
        return change
    if profile is None or not profile.parents:
        return change
    known = book.issues.get(tracker.id, {})
    fresh = {issue.number: issue for issue in change.issues.get(tracker.id, ())}
    children = _children(book, tracker.id)
    asked = children & (set(known) if full else set(fresh))
    asked -= {number for where, number in change.gone_issues if where == tracker.id}
    if not asked:
        return change
    for number, parent in tracker.parents_of(asked).items():
        issue = fresh.get(number, known.get(number))
        if issue is not None and (number in fresh or issue.parent != parent):
            fresh[number] = dataclasses.replace(issue, parent=parent)
    return dataclasses.replace(change, issues={**change.issues, tracker.id: tuple(fresh.values())})


def _have_groups(documents: Mapping[str, Document]) -> bool:
    return any(item.kind is ItemKind.GROUP for document in documents.values() for item in document.items)


def _children(book: Book, tracker: TrackerId) -> set[int]:
    """The numbers of issues that were put below another one."""
    found: set[int] = set()
    for binding in book.bindings.values():
        base = binding.base.get(tracker, {}).get(Field.PARENT)
        if base is not None and base.roadmap is not None and tracker in binding.refs:
            found.add(binding.refs[tracker])
    return found


# -- setting ---------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True)
class _Wish:
    """One issue and where it belongs, with the numbers that are known only now."""

    action: SetParent
    uid: Uid
    number: int
    parent: int
    settlement: Settlement


class FamilyMaker:
    """Puts issues below others.

    Args:
        book: the ledger during this run.
        clock: for intents.
        uid_of: an item's binding, also one that was made a moment ago.
    """

    def __init__(self, book: Book, clock: Clock, uid_of: UidOf) -> None:
        self._book = book
        self._clock = clock
        self._uid_of = uid_of

    def set(self, tracker: Tracker, actions: Iterable[SetParent]) -> list[Receipt]:
        """Apply as many as there are, in as few requests as they take."""
        receipts: list[Receipt] = []
        wishes: list[_Wish] = []
        for action in actions:
            wish = self._wish(action)
            if wish is None:
                receipts.append(Receipt(action, Outcome.SKIPPED, "its issue, or its parent's, is not there"))
            else:
                wishes.append(wish)
        # What was made a moment ago stands alone.
        shown: dict[int, int] = {wish.number: 0 for wish in wishes if wish.action.number is None}
        if asked := {wish.number for wish in wishes} - set(shown):
            shown.update(tracker.parents_of(asked))
        due: list[_Wish] = []
        for wish in wishes:
            receipt = self._before(tracker.id, wish, shown)
            if receipt is None:
                due.append(wish)
            else:
                receipts.append(receipt)
        for start in range(0, len(due), TOGETHER):
            receipts += self._send(tracker, due[start : start + TOGETHER], shown)
        return receipts

    def _wish(self, action: SetParent) -> _Wish | None:
        number = self._number(action.item, action.tracker, action.uid)
        uid = action.uid or self._uid_of(action.item)
        if number is None or uid is None:
            return None
        parent, above = 0, None
        if action.after is not None:
            above = self._uid_of(action.after)
            found = self._number(action.after, action.tracker, above)
            if found is None:
                return None
            parent = found
        settled = Settled(str(above) if above is not None else None, parent)
        return _Wish(action, uid, number, parent, Settlement(uid, action.tracker, Field.PARENT, settled))

    def _number(self, item: ItemKey, tracker: TrackerId, uid: Uid | None) -> int | None:
        uid = uid or self._uid_of(item)
        binding = self._book.bindings.get(uid) if uid is not None else None
        return binding.refs.get(tracker) if binding is not None else None

    def _before(self, tracker: TrackerId, wish: _Wish, shown: Mapping[int, int]) -> Receipt | None:
        """Why nothing is sent; ``None`` if something is."""
        now = shown.get(wish.number)
        if now is None:
            return Receipt(wish.action, Outcome.STALE, "the forge does not show it yet, or not any more")
        if now == wish.parent:
            self._book.save(
                merged(self._book.settled([wish.settlement]), self._observed(tracker, {wish.number: now}))
            )
            return Receipt(wish.action, Outcome.ALREADY)
        if now != wish.action.before:
            self._book.save(self._observed(tracker, {wish.number: now}))
            return Receipt(wish.action, Outcome.STALE, "somebody put it elsewhere meanwhile")
        return None

    def _send(self, tracker: Tracker, wishes: list[_Wish], shown: Mapping[int, int]) -> list[Receipt]:
        changes = [ParentChange(wish.number, shown[wish.number], wish.parent) for wish in wishes]
        count = len(wishes)
        intent = self._book.intend(
            Intent(
                id=0,
                run=self._book.run,
                kind=IntentKind.SET_PARENTS,
                tracker=tracker.id,
                uid=Uid(""),
                target=0,
                settlements=tuple(wish.settlement for wish in wishes),
                recorded_at=self._clock.now(),
                summary=f"{count} issue{'' if count == 1 else 's'} put below another one, or taken out",
            )
        )
        answers = {
            answer.number: answer for answer in send(self._book, intent, lambda: tracker.set_parents(changes))
        }
        true_now = [wish.settlement for wish in wishes if answers[wish.number].parent == wish.parent]
        parents = {number: answer.parent for number, answer in answers.items()}
        self._book.save(
            merged(
                self._book.settled(true_now),
                self._observed(tracker.id, parents),
                LedgerChange(closed_intents=(intent.id,)),
            )
        )
        return [
            Receipt(wish.action, Outcome.DONE, number=wish.number)
            if answers[wish.number].parent == wish.parent
            else Receipt(wish.action, Outcome.FAILED, f"the forge refused it: {answers[wish.number].problem}")
            for wish in wishes
        ]

    def _observed(self, tracker: TrackerId, parents: Mapping[int, int]) -> LedgerChange:
        return observed_parents(self._book, tracker, parents)


def observed_parents(book: Book, tracker: TrackerId, parents: Mapping[int, int]) -> LedgerChange:
    """The change that remembers where some issues stand."""
    known = book.issues.get(tracker, {})
    seen: tuple[SeenIssue, ...] = tuple(
        dataclasses.replace(known[number], parent=parent)
        for number, parent in sorted(parents.items())
        if number in known
    )
    return LedgerChange(issues={tracker: seen}) if seen else LedgerChange()


def recover_parents(book: Book, intent: Intent, tracker: Tracker) -> None:
    """A request without an answer: what the forge shows is settled, the rest is planned again."""
    numbers = {
        each.uid: binding.refs[tracker.id]
        for each in intent.settlements
        if (binding := book.bindings.get(each.uid)) is not None and tracker.id in binding.refs
    }
    shown = tracker.parents_of(set(numbers.values())) if numbers else {}
    true_now = [
        each
        for each in intent.settlements
        if each.uid in numbers and shown.get(numbers[each.uid]) == each.settled.tracker
    ]
    book.note(
        "recovered",
        str(tracker.id),
        f"{intent.summary}: {len(true_now)} of them had taken effect",
        uid=None,
    )
    book.save(
        merged(
            book.settled(true_now),
            observed_parents(book, tracker.id, shown),
            LedgerChange(closed_intents=(intent.id,)),
        )
    )
