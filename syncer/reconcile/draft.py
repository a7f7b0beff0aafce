"""A plan while it is being made: what is known, what was found out, what was decided so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from syncer.model.document import Document, Item, ItemKind, Stage
from syncer.model.edits import Edit
from syncer.model.fields import Field, Status, TaskState
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Binding, BlockState, LedgerState, SeenIssue, Settled, Settlement, StageBinding
from syncer.model.plan import Action, EditRoadmap, Hold, ItemKey, Severity, StageKey, Subject
from syncer.reconcile.answers import Answers
from syncer.reconcile.matching import Match, Matching
from syncer.reconcile.observation import Observation
from syncer.reconcile.policy import Criteria, Policy

Preview = Callable[[Document, tuple[Edit, ...]], Document]
"""How a roadmap will read once edits are applied to it; those that it refuses change nothing."""


@dataclass(slots=True)
class PlanDraft:
    """The state of planning.

    Args:
        bindings: by id, with those that were recognised by a marker in this very plan.
        pairs: which binding is which line.
        uid_of: the same the other way round.
        stages: the bound stages.
        final: the state that each bound item will have once the plan is applied.
        unsettled: items whose state is held; no stage becomes complete through them.
        waiting_stages: stages whose milestone waits for a person, with the reason.
        future: the roadmaps that the plan edits, as they will read.
        moved: lines that will stand elsewhere: under which headings, and in which stage.
        homes: items that stand below another one on the trackers, with that one.
        lines: items that have no issue but a line in the checklist of another one, with that one.
        members: items whose issue has a checklist, with the indexes of its lines; a gate knows its own.
        decisions: what people decided about what is held.
    """

    observation: Observation
    ledger: LedgerState
    policy: Policy
    bindings: dict[Uid, Binding]
    stage_bindings: dict[Uid, StageBinding]
    matching: Matching = field(default_factory=Matching)
    pairs: dict[Uid, Match] = field(default_factory=dict)
    uid_of: dict[ItemKey, Uid] = field(default_factory=dict)
    stages: dict[StageKey, Uid] = field(default_factory=dict)
    final: dict[ItemKey, TaskState] = field(default_factory=dict)
    unsettled: set[ItemKey] = field(default_factory=set)
    waiting_stages: dict[tuple[StageKey, TrackerId], str] = field(default_factory=dict)
    wanted_milestones: set[tuple[StageKey, TrackerId]] = field(default_factory=set)
    future: dict[str, Document] = field(default_factory=dict)
    moved: dict[ItemKey, tuple[tuple[str, ...], int]] = field(default_factory=dict)
    homes: dict[ItemKey, ItemKey] = field(default_factory=dict)
    lines: dict[ItemKey, ItemKey] = field(default_factory=dict)
    members: dict[ItemKey, tuple[int, ...]] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    settlements: dict[tuple[Uid, bool], list[Settlement]] = field(default_factory=dict)
    decisions: Answers = field(init=False)

    def __post_init__(self) -> None:
        self.decisions = Answers(self.ledger.decisions)

    # -- looking -------------------------------------------------------------------------------------

    def document(self, path: str) -> Document:
        return self.observation.documents[path]

    def item(self, key: ItemKey) -> Item:
        return self._with_members(key, self.observation.documents[key.path].entry(key.index))

    def stage(self, key: StageKey) -> Stage:
        return self.observation.documents[key.path].stages[key.index]

    def foresee(self, preview: Preview) -> None:
        """Work out how the roadmaps will read. What is written on trackers afterwards says what they will."""
        edits: dict[str, list[Edit]] = {}
        for action in self.actions:
            if isinstance(action, EditRoadmap):
                edits.setdefault(action.path, []).append(action.edit)
        for path, wanted in edits.items():
            now, then = self.document(path), preview(self.document(path), tuple(wanted))
            if (len(now.entries), len(now.stages)) == (len(then.entries), len(then.stages)):
                self.future[path] = then

    def future_item(self, key: ItemKey) -> Item:
        """An item as it will read once the plan is applied."""
        item = self._with_members(key, self.future.get(key.path, self.document(key.path)).entry(key.index))
        if key in self.moved:
            section, stage = self.moved[key]
            return replace(item, section=section, stage=stage)
        return item

    def _with_members(self, key: ItemKey, item: Item) -> Item:
        return replace(item, members=self.members[key]) if self.members.get(key) else item

    def has_checklist(self, binding: Binding, tracker: TrackerId) -> bool:
        """Whether an item's issue was given a checklist."""
        return Field.CRITERIA in binding.base.get(tracker, {})

    def future_stage(self, key: StageKey) -> Stage:
        """A stage as it will read once the plan is applied."""
        return self.future.get(key.path, self.document(key.path)).stages[key.index]

    def stage_key(self, key: ItemKey) -> StageKey | None:
        stage = self.item(key).stage
        return StageKey(key.path, stage) if stage is not None else None

    def issue(self, tracker: TrackerId, number: int) -> SeenIssue | None:
        view = self.observation.trackers.get(tracker)
        return view.issues.get(number) if view is not None else None

    def issues(self, binding: Binding) -> dict[TrackerId, SeenIssue]:
        """A binding's issues that can be seen and may be written to."""
        found: dict[TrackerId, SeenIssue] = {}
        for tracker, number in sorted(binding.refs.items()):
            issue = self.issue(tracker, number)
            if issue is not None and not self._is_foreign(binding, issue):
                found[tracker] = issue
        return found

    def _is_foreign(self, binding: Binding, issue: SeenIssue) -> bool:
        if issue.block is BlockState.NEWER:
            return True
        marker = issue.marker
        return marker is not None and (marker.owner, marker.uid) != (self.observation.owner, binding.uid)

    def manages(self, item: Item) -> bool:
        """Whether an item of this kind has an issue of its own."""
        if item.kind is ItemKind.GATE:
            return self.policy.criteria is Criteria.GATE
        return item.kind is not ItemKind.CRITERION or self.policy.criteria is Criteria.ISSUES

    def state_of(self, key: ItemKey) -> TaskState:
        """An item's state once the plan is applied."""
        return self.final.get(key, self.item(key).state)

    def calls_for_issue(self, item: Item) -> bool:
        """Whether an issue is created for an item that has none."""
        return (
            self.manages(item)
            and item.state is TaskState.OPEN
            and item.status is not Status.FUTURE
            and item.withheld is None
        )

    # -- deciding ------------------------------------------------------------------------------------

    def subject(self, key: ItemKey, *, uid: Uid | None = None, tracker: TrackerId | None = None) -> Subject:
        item = self.item(key)
        binding = self.bindings.get(uid) if uid is not None else None
        number = binding.refs.get(tracker) if binding is not None and tracker is not None else None
        issue = self.issue(tracker, number) if tracker is not None and number is not None else None
        return Subject(
            key.path,
            item.line,
            item.section,
            item.full_title,
            uid,
            tracker,
            number,
            issue.url if issue is not None else "",
        )

    def gone_subject(self, binding: Binding, tracker: TrackerId | None = None) -> Subject:
        anchor = binding.anchor
        number = binding.refs.get(tracker) if tracker is not None else next(iter(binding.refs.values()), None)
        title = f"{anchor.id}: {anchor.title}" if anchor.id else anchor.title
        where = tracker or next(iter(binding.refs), None)
        issue = self.issue(where, number) if where is not None and number is not None else None
        return Subject(
            anchor.path,
            anchor.line,
            anchor.section,
            title,
            binding.uid,
            where,
            number,
            issue.url if issue is not None else "",
        )

    def stage_subject(
        self,
        key: StageKey,
        *,
        uid: Uid | None = None,
        tracker: TrackerId | None = None,
        number: int | None = None,
    ) -> Subject:
        stage = self.stage(key)
        return Subject(key.path, stage.line, (stage.name,), stage.title, uid, tracker, number)

    def act(self, action: Action) -> None:
        self.actions.append(action)

    def hold(self, hold: Hold) -> None:
        self.holds.append(self.decisions.remind(hold))

    def decided(self, holds: Sequence[Hold]) -> TrackerId | None:
        """The side that a person took for exactly these holds, empty for the roadmap.

        Nothing is held where there is one; where there is none, the holds are.
        """
        winner = self.decisions.winner(holds)
        if winner is None:
            for hold in holds:
                self.hold(hold)
        return winner

    def ask(
        self,
        subject: Subject,
        what: Field,
        code: str,
        reason: str,
        remedy: str = "",
        *,
        severity: Severity = Severity.QUESTION,
        base: str = "",
        roadmap: str = "",
        tracker: str = "",
        fingerprint: str = "",
    ) -> None:
        self.hold(Hold(subject, what, code, severity, reason, remedy, base, roadmap, tracker, fingerprint))

    def settle(
        self, uid: Uid, tracker: TrackerId, what: Field, settled: Settled, *, stage: bool = False
    ) -> None:
        """Remember what both sides show now, unless that is what is remembered already."""
        bindings = self.stage_bindings if stage else self.bindings
        base = bindings[uid].base.get(tracker, {}).get(what)
        if base != settled:
            settlement = Settlement(uid, tracker, what, settled, stage)
            self.settlements.setdefault((uid, stage), []).append(settlement)


def shown(value: object) -> str:
    """A value for people."""
    if value is None:
        return "none"
    if isinstance(value, TaskState):
        return value.value
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "none"
    return str(value)


def bases_of(
    binding: Binding | StageBinding, trackers: Iterable[TrackerId], what: Field
) -> dict[TrackerId, Settled]:
    """The base of one field with each of some trackers, where there is one."""
    found: dict[TrackerId, Settled] = {}
    for tracker in trackers:
        settled = binding.base.get(tracker, {}).get(what)
        if settled is not None:
            found[tracker] = settled
    return found
