"""The ledger of one project during one run: what was loaded, and every change to it, written through."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext

from syncer.errors import SyncerError
from syncer.model.fields import Field
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import (
    Anchor,
    Base,
    Binding,
    BindingState,
    Intent,
    JournalEntry,
    LedgerChange,
    LedgerState,
    SeenIssue,
    Settled,
    Settlement,
    StageAnchor,
    StageBinding,
    TrackerState,
    Value,
)
from syncer.model.tracker import Cursor, Issue, Milestone
from syncer.ports import Clock, Ledger
from syncer.reconcile.asking import OURS, asked_places
from syncer.reconcile.block import read_block
from syncer.reconcile.shows import half_shown, milestone_shows


def seen(issue: Issue) -> SeenIssue:
    """An issue with its body reduced to what is ours in it."""
    reading = read_block(issue.body)
    return SeenIssue(
        number=issue.ref.number,
        title=issue.title,
        state=issue.state,
        milestone=issue.milestone,
        labels=issue.labels,
        url=issue.url,
        author=issue.author,
        created_at=issue.created_at,
        updated_at=issue.updated_at,
        marker=reading.marker,
        block=reading.state,
        digest=reading.digest,
        reference=reading.reference,
        origin=reading.origin,
        untouched=reading.untouched,
        checks=reading.checks,
        assignees=issue.assignees,
        parent=issue.parent,
        kind=issue.kind,
        asks=None if issue.confidential or OURS in issue.body else asked_places(issue.body),
    )


def with_parent_of(issue: SeenIssue, before: SeenIssue | None) -> SeenIssue:
    """An issue with the parent that was told before, where this answer does not tell it."""
    if issue.parent is not None or before is None:
        return issue
    return dataclasses.replace(issue, parent=before.parent)


class Book:
    """What is remembered about a project, kept in step with the ledger.

    Every method that changes something is durable when it returns. A journal entry is written
    together with the next change, or by :meth:`flush`.
    """

    def __init__(self, ledger: Ledger, project: str, run: str, clock: Clock, *, dry: bool = False) -> None:
        self._ledger = ledger
        self._project = project
        self._clock = clock
        self._dry = dry
        self.run = run
        state = ledger.load(project)
        self._state = state
        self.bindings: dict[Uid, Binding] = dict(state.bindings)
        self.stages: dict[Uid, StageBinding] = dict(state.stages)
        self.intents: dict[int, Intent] = {intent.id: intent for intent in state.intents}
        self.issues: dict[TrackerId, dict[int, SeenIssue]] = {
            tracker: dict(known.issues) for tracker, known in state.trackers.items()
        }
        self.milestones: dict[TrackerId, dict[int, Milestone]] = {
            tracker: dict(known.milestones) for tracker, known in state.trackers.items()
        }
        self._entries: list[JournalEntry] = []
        self._generation = state.generation

    # -- looking -------------------------------------------------------------------------------------

    @property
    def state(self) -> LedgerState:
        """Everything that is remembered now."""
        trackers = {
            tracker: TrackerState(
                known.cursor,
                known.profile,
                self.issues.get(tracker, {}),
                self.milestones.get(tracker, {}),
            )
            for tracker, known in self._state.trackers.items()
        }
        return dataclasses.replace(
            self._state,
            generation=self._generation,
            bindings=dict(self.bindings),
            stages=dict(self.stages),
            trackers=trackers,
            intents=tuple(self.intents.values()),
        )

    def cursor(self, tracker: TrackerId) -> Cursor:
        known = self._state.trackers.get(tracker)
        return known.cursor if known is not None else Cursor()

    def highest(self, tracker: TrackerId) -> int:
        """The highest issue number known on a tracker."""
        return max(self.issues.get(tracker, {}), default=0)

    def binding_of(self, tracker: TrackerId, number: int) -> Binding | None:
        """The binding that an issue belongs to."""
        return next((each for each in self.bindings.values() if each.refs.get(tracker) == number), None)

    # -- the journal ---------------------------------------------------------------------------------

    def note(self, kind: str, place: str, text: str, *, uid: Uid | None = None, outcome: str = "") -> None:
        """Write something into the journal, with the next change."""
        self._entries.append(JournalEntry(self._clock.now(), self.run, kind, place, text, uid, outcome))

    def flush(self) -> None:
        """Write what is waiting for the journal."""
        if self._entries:
            self.save(LedgerChange())

    # -- remembering ---------------------------------------------------------------------------------

    def save(self, change: LedgerChange) -> None:
        """Remember a change, durably first: what the database did not take is not known here either."""
        change = dataclasses.replace(
            change, journal=(*change.journal, *self._entries), issues=self._with_parents(change.issues)
        )
        if not self._dry:
            self._ledger.save(self._project, change)
        self._entries = []
        for binding in change.bindings:
            self.bindings[binding.uid] = binding
        for uid in change.dropped:
            self.bindings.pop(uid, None)
        for stage in change.stages:
            self.stages[stage.uid] = stage
        for uid in change.dropped_stages:
            self.stages.pop(uid, None)
        for tracker, issues in change.issues.items():
            self.issues.setdefault(tracker, {}).update({issue.number: issue for issue in issues})
        for tracker, number in change.gone_issues:
            self.issues.get(tracker, {}).pop(number, None)
        for tracker, milestones in change.milestones.items():
            self.milestones[tracker] = {milestone.key: milestone for milestone in milestones}
        for number in change.closed_intents:
            self.intents.pop(number, None)
        self._remember_facts(change)
        self._generation += 1

    def _with_parents(
        self, issues: Mapping[TrackerId, tuple[SeenIssue, ...]]
    ) -> dict[TrackerId, tuple[SeenIssue, ...]]:
        """Issues with the parents that were told before, where this answer does not tell them."""
        return {
            tracker: tuple(
                dataclasses.replace(
                    issue,
                    parent=known[issue.number].parent if issue.parent is None else issue.parent,
                    heard=issue.heard or known[issue.number].heard,
                )
                if issue.number in known
                else issue
                for issue in seen_now
            )
            for tracker, seen_now in issues.items()
            for known in [self.issues.get(tracker, {})]
        }

    def _remember_facts(self, change: LedgerChange) -> None:
        state = self._state
        trackers = dict(state.trackers)
        for tracker in {*change.cursors, *change.profiles, *change.issues, *change.milestones}:
            known = trackers.get(tracker, TrackerState(Cursor(), None, {}, {}))
            trackers[tracker] = dataclasses.replace(
                known,
                cursor=change.cursors.get(tracker, known.cursor),
                profile=change.profiles.get(tracker, known.profile),
            )
        files = {**state.files, **{each.path: each for each in change.files}}
        self._state = dataclasses.replace(
            state,
            owner=change.owner or state.owner,
            source_profile=change.source_profile or state.source_profile,
            source=change.source or state.source,
            files={path: each for path, each in files.items() if path not in change.dropped_files},
            trackers=trackers,
            approved=state.approved if change.approved is None else change.approved,
            forgotten=state.forgotten if change.forgotten is None else change.forgotten,
            carrier=change.carrier or state.carrier,
            decisions=state.decisions if change.decisions is None else change.decisions,
            pins=state.pins if change.pins is None else change.pins,
            detached=state.detached if change.detached is None else change.detached,
        )

    def intend(self, intent: Intent) -> Intent:
        """Remember an effect before it is sent."""
        if self._dry:
            return intent
        recorded = self._ledger.intend(self._project, intent)
        self.intents[recorded.id] = recorded
        return recorded

    @property
    def foresight(self) -> int:
        """How many creates are to be announced together."""
        return 1 if self._dry else self._ledger.foresight

    def sending(self, intent: Intent) -> Intent:
        """What was announced with others is sent now: from here on it may have taken effect."""
        now = dataclasses.replace(intent, recorded_at=self._clock.now())
        self._ledger.sending(self._project, now)
        self.intents[now.id] = now
        return now

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Remember the effects that are announced meanwhile all at once, before the first is sent."""
        before = dict(self.intents)
        try:
            with nullcontext() if self._dry else self._ledger.gathering(self._project):
                yield
        except SyncerError:
            self.intents = before
            raise

    def close_intent(self, intent: Intent) -> None:
        """An effect certainly did not happen."""
        self.save(LedgerChange(closed_intents=(intent.id,)))

    def observe_issue(self, issue: Issue) -> SeenIssue:
        """Remember what a direct look showed."""
        found = seen(issue)
        self.save(LedgerChange(issues={issue.ref.tracker: (found,)}))
        return found

    def observe_milestone(self, tracker: TrackerId, milestone: Milestone) -> LedgerChange:
        """The change that remembers one milestone beside the others."""
        known = {**self.milestones.get(tracker, {}), milestone.key: milestone}
        return LedgerChange(milestones={tracker: tuple(known[key] for key in sorted(known))})

    def settled(
        self,
        settlements: Iterable[Settlement],
        words: Mapping[Uid, tuple[str | None, ...]] | None = None,
        *,
        doubtful: Iterable[Settlement] = (),
    ) -> LedgerChange:
        """The change that makes settlements the new base.

        Args:
            settlements: what is true now.
            words: status texts that were replaced, by binding.
            doubtful: stages' fields that lose their base, because nobody can tell who changed them.
        """
        bindings: dict[Uid, Binding] = {}
        stages: dict[Uid, StageBinding] = {}
        for each in settlements:
            if each.stage and (each.uid in stages or each.uid in self.stages):
                stage = stages.get(each.uid) or self.stages[each.uid]
                stages[each.uid] = dataclasses.replace(stage, base=_with(stage.base, each))
            elif not each.stage and (each.uid in bindings or each.uid in self.bindings):
                binding = bindings.get(each.uid) or self.bindings[each.uid]
                bindings[each.uid] = dataclasses.replace(binding, base=_with(binding.base, each))
        for each in doubtful:
            if each.uid in stages or each.uid in self.stages:
                stage = stages.get(each.uid) or self.stages[each.uid]
                stages[each.uid] = dataclasses.replace(stage, base=_without(stage.base, each))
        for uid, texts in (words or {}).items():
            if uid in bindings:
                bindings[uid] = dataclasses.replace(bindings[uid], words=texts)
            elif uid in stages or uid in self.stages:
                # A derived status has nothing to settle, and words all the same.
                stages[uid] = dataclasses.replace(stages.get(uid) or self.stages[uid], words=texts)
        return LedgerChange(bindings=tuple(bindings.values()), stages=tuple(stages.values()))

    def shown(self, settlements: Iterable[Settlement]) -> list[Settlement]:
        """Those settlements whose tracker is known to show its half.

        A commit settles what it carried with all trackers; one whose own change failed is left out.
        """
        return [each for each in settlements if self._shows(each) == each.settled.tracker]

    def _shows(self, each: Settlement) -> Value:
        if each.stage:
            stage = self.stages.get(each.uid)
            key = stage.milestones.get(each.tracker) if stage is not None else None
            milestone = self.milestones.get(each.tracker, {}).get(key) if key is not None else None
            return milestone_shows(milestone, each.field) if milestone is not None else None
        binding = self.bindings.get(each.uid)
        number = binding.refs.get(each.tracker) if binding is not None else None
        issue = self.issues.get(each.tracker, {}).get(number) if number is not None else None
        return half_shown(issue, each.field, each.settled) if issue is not None else None

    def bound(self, binding: Binding, settlements: Iterable[Settlement]) -> LedgerChange:
        """The change that remembers a binding together with its base."""
        base = binding.base
        for each in settlements:
            base = _with(base, each)
        return LedgerChange(bindings=(dataclasses.replace(binding, base=base),))

    def bound_stage(self, binding: StageBinding, settlements: Iterable[Settlement]) -> LedgerChange:
        """The change that remembers a stage's binding together with its base."""
        base = binding.base
        for each in settlements:
            base = _with(base, each)
        return LedgerChange(stages=(dataclasses.replace(binding, base=base),))

    def relocated(
        self,
        anchors: Mapping[Uid, Anchor],
        stages: Mapping[Uid, StageAnchor],
        upon: LedgerChange | None = None,
    ) -> LedgerChange:
        """The change that remembers where everything stands now.

        Args:
            anchors: of items, by binding.
            stages: of stages, by binding.
            upon: a change of the same bindings, to become durable with this one.
        """
        upon = upon or LedgerChange()
        changed = {binding.uid: binding for binding in upon.bindings}
        for uid, anchor in anchors.items():
            binding = changed.get(uid) or self.bindings.get(uid)
            if binding is not None and binding.anchor != anchor:
                changed[uid] = dataclasses.replace(binding, anchor=anchor)
        changed_stages = {stage.uid: stage for stage in upon.stages}
        for uid, place in stages.items():
            stage = changed_stages.get(uid) or self.stages.get(uid)
            if stage is not None and stage.anchor != place:
                changed_stages[uid] = dataclasses.replace(stage, anchor=place)
        return dataclasses.replace(
            upon, bindings=tuple(changed.values()), stages=tuple(changed_stages.values())
        )

    def finished(self, uid: Uid) -> bool:
        """Whether every issue of a binding is closed, or gone."""
        seen_issues = (self.issues.get(t, {}).get(number) for t, number in self.bindings[uid].refs.items())
        return all(issue is None or issue.state.finished for issue in seen_issues)

    def with_state(self, uid: Uid, state: BindingState, anchor: Anchor | None = None) -> LedgerChange:
        """The change that buries or revives a binding."""
        binding = self.bindings[uid]
        return LedgerChange(
            bindings=(dataclasses.replace(binding, state=state, anchor=anchor or binding.anchor),)
        )


def merged(*changes: LedgerChange) -> LedgerChange:
    """Several changes as one, so that they become durable together."""
    result = LedgerChange()
    for change in changes:
        result = LedgerChange(
            owner=change.owner or result.owner,
            source_profile=change.source_profile or result.source_profile,
            source=change.source or result.source,
            files=(*result.files, *change.files),
            dropped_files=(*result.dropped_files, *change.dropped_files),
            bindings=(*result.bindings, *change.bindings),
            dropped=(*result.dropped, *change.dropped),
            stages=(*result.stages, *change.stages),
            dropped_stages=(*result.dropped_stages, *change.dropped_stages),
            issues={
                tracker: (*result.issues.get(tracker, ()), *change.issues.get(tracker, ()))
                for tracker in {**result.issues, **change.issues}
            },
            gone_issues=(*result.gone_issues, *change.gone_issues),
            milestones={**result.milestones, **change.milestones},
            cursors={**result.cursors, **change.cursors},
            profiles={**result.profiles, **change.profiles},
            closed_intents=(*result.closed_intents, *change.closed_intents),
            journal=(*result.journal, *change.journal),
            standing=change.standing or result.standing,
            approved=change.approved if change.approved is not None else result.approved,
            forgotten=change.forgotten if change.forgotten is not None else result.forgotten,
            carrier=change.carrier or result.carrier,
            decisions=change.decisions if change.decisions is not None else result.decisions,
            pins=change.pins if change.pins is not None else result.pins,
            detached=change.detached if change.detached is not None else result.detached,
        )
    return result


def _with(base: Base, each: Settlement) -> dict[TrackerId, dict[Field, Settled]]:
    fields = {tracker: dict(known) for tracker, known in base.items()}
    fields.setdefault(each.tracker, {})[each.field] = each.settled
    return fields


def _without(base: Base, each: Settlement) -> dict[TrackerId, dict[Field, Settled]]:
    fields = {tracker: dict(known) for tracker, known in base.items()}
    fields.get(each.tracker, {}).pop(each.field, None)
    return fields
