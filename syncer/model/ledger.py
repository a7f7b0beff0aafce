"""What syncer remembers: who is bound to whom, and what both sides showed when they last agreed.

The ledger is a cache. Whoever loses it loses no work: identity travels in the markers, and a field
without a base is compared, never carried.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from syncer.model.fields import Field, TaskState
from syncer.model.identity import Marker, Owner, TrackerId, Uid
from syncer.model.proposal import ProposalState
from syncer.model.tracker import Cursor, Milestone, TrackerProfile

Value = TaskState | str | int | date | frozenset[str] | None
"""What one side shows for one field, in canonical form."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The base of one field for one tracker: what the roadmap and the tracker showed when it was settled.

    The halves may differ for good, as with an open box beside an issue closed as not planned. A side
    has *changed* when it differs from its own half, never when it differs from another side.
    """

    roadmap: Value
    tracker: Value


Base = Mapping[TrackerId, Mapping[Field, Settled]]
"""What was settled with each tracker, per field. What is missing has no base.

A pair for every tracker, not one half for the roadmap: where a change has reached one tracker and not
yet another, each of them knows for itself what it has seen of the roadmap.
"""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where an item was when it was last seen, and what it said.

    Args:
        section: the reference's segments.
        title: without the id.
        ordinal: which of the equal titles in that section.
        parent: the title of the enclosing item, if any.
        line: for messages only; never part of an identity.
    """

    path: str
    section: tuple[str, ...]
    title: str
    ordinal: int
    id: str | None = None
    parent: str | None = None
    line: int = 0
    gate: bool = False

    @property
    def digest(self) -> str:
        """The same for the same place and text. Travels in the marker, to rebuild a lost ledger."""
        parts = "\x1f".join([self.path, *self.section, self.id or "", self.title, str(self.ordinal)])
        return hashlib.sha256(parts.encode()).hexdigest()[:12]


class BindingState(Enum):
    """Whether a binding is in use."""

    LIVE = "live"
    BURIED = "buried"
    """Line gone and issue closed: kept so that a line that returns finds its issue."""
    ENDED = "ended"
    """Ended by a person (`syncer forget`); never bound again by itself."""


@dataclass(frozen=True, slots=True)
class Binding:
    """An item and its issues.

    Args:
        refs: the issue's number on each tracker.
        base: what was settled with each tracker.
        words: status texts that were replaced by our own edits, by line of the place, so that
            reopening restores the word it had.
    """

    uid: Uid
    anchor: Anchor
    refs: Mapping[TrackerId, int]
    base: Base
    state: BindingState = BindingState.LIVE
    words: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class StageAnchor:
    """Where a stage was when it was last seen, and what it was called."""

    path: str
    name: str
    kind_word: str | None = None
    number: str | None = None
    id: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class StageBinding:
    """A stage and its milestones, by key."""

    uid: Uid
    anchor: StageAnchor
    milestones: Mapping[TrackerId, int]
    base: Base
    words: tuple[str | None, ...] = ()


class BlockState(Enum):
    """What became of the managed block in an issue's body."""

    NONE = "none"
    WHOLE = "whole"
    DAMAGED = "damaged"
    """Begun and not ended, ended twice, or otherwise not as we write it."""
    FOREIGN = "foreign"
    """Somebody else's, by its owner."""
    NEWER = "newer"
    """Written by a newer version of syncer; never written to."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was found out about an issue that asks for a line of its own.

    Args:
        at: when the issue had last been changed then, by the forge's clock.
        refused: why it gets no line; empty where somebody with the right to say so asked for it.
        told: a comment of ours says that its place is not clear.
    """

    at: datetime
    refused: str = ""
    told: bool = False


@dataclass(frozen=True, slots=True)
class SeenIssue:
    """An issue as far as it matters for a plan, with its body reduced to what is ours in it.

    Args:
        marker: from the body, if it holds exactly one.
        block: what became of the managed block.
        digest: of the managed block's content, commit and line of its link left out.
        reference: the reference that the block shows.
        origin: digest of the anchor that the block was last written for.
        untouched: whether the block's content is as we last wrote it, ticks in its boxes aside.
        checks: the boxes in the block: their texts, and whether they are ticked.
        assignees: by login.
        parent: as :attr:`~syncer.model.tracker.Issue.parent`, last told; no answer has to tell it.
        kind: as :attr:`~syncer.model.tracker.Issue.kind`.
        asks: the places that its text asks for, each on a line of its own; empty without one, ``None``
            where it must not be asked, or was never looked for.
        heard: what was found out about that; no answer of the forge tells it.
    """

    number: int
    title: str
    state: TaskState
    milestone: int | None
    labels: frozenset[str]
    url: str
    author: str
    created_at: datetime
    updated_at: datetime
    marker: Marker | None = None
    block: BlockState = BlockState.NONE
    digest: str | None = None
    reference: str | None = None
    origin: str | None = None
    untouched: bool = False
    checks: tuple[tuple[str, bool], ...] = ()
    assignees: frozenset[str] = frozenset()
    parent: int | None = None
    kind: str = field(default="", compare=False)
    asks: str | None = None
    heard: Heard | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Settlement:
    """The new base of one field of a binding with one tracker, to be remembered once it is true.

    Args:
        stage: whether the binding is a stage's.
    """

    uid: Uid
    tracker: TrackerId
    field: Field
    settled: Settled
    stage: bool = False


class IntentKind(Enum):
    """What an effect does; creates are looked for before they are repeated."""

    CREATE_ISSUE = "create-issue"
    CREATE_MILESTONE = "create-milestone"
    CREATE_LABEL = "create-label"
    CHANGE_ISSUE = "change-issue"
    CHANGE_MILESTONE = "change-milestone"
    SET_PARENTS = "set-parents"
    """Several issues at once; which ones, its settlements say."""
    COMMIT = "commit"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Intent:
    """An effect that was about to be sent. Without a receipt its fate is unknown.

    Args:
        uid: of the binding it belongs to; empty for a commit.
        target: issue number or milestone key of a change; 0 for something new.
        settlements: what it settles if it took effect.
        recorded_at: by our clock.
        anchor: of the item, for creates.
        stage_anchor: of the stage, for milestones.
        highest: the highest number known on the tracker when it was recorded.
        seen_at: when the target had last been changed, by the forge's clock.
        revision: the head that a commit was made for.
        title: what an issue was titled before it is retitled.
        bodies: digests of an issue's body as it was seen and as it is written, if it is.
    """

    id: int
    run: str
    kind: IntentKind
    tracker: TrackerId | None
    uid: Uid
    target: int
    settlements: tuple[Settlement, ...]
    recorded_at: datetime
    anchor: Anchor | None = None
    stage_anchor: StageAnchor | None = None
    highest: int = 0
    seen_at: datetime | None = None
    revision: str = ""
    summary: str = ""
    title: str = ""
    bodies: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about something that is held.

    It binds to exactly the holds that the person saw: where a value has changed since, it does nothing.

    Args:
        winner: the tracker whose value is taken; empty for the roadmap's.
        holds: digests of the holds that it decides, one for each tracker that is in conflict.
        saw: the values that it was made for, for people.
    """

    uid: Uid
    field: Field
    winner: TrackerId
    holds: frozenset[str]
    at: datetime
    saw: str = ""


@dataclass(frozen=True, slots=True)
class Pin:
    """A person's word about which line is which: the line is this binding's, or it is new.

    Args:
        anchor: the line, as it was when the person said so; it says nothing about any other.
        uid: the binding; ``None`` where the line is new.
    """

    anchor: Anchor
    uid: Uid | None


@dataclass(frozen=True, slots=True)
class FileBase:
    """A roadmap as it was when it was last settled."""

    path: str
    blob: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known about the source.

    Args:
        branch: that the rest is about.
        revision: the head whose files are remembered; empty where some of them are not.
        etag: to ask for the head again.
        unreadable: paths at that revision that cannot be read as roadmaps, with the reason.
        paths: the readable roadmaps at that revision. What is remembered of other files is their past.
        patterns: that the roadmaps were looked for with.
        rewritten: history was rewritten, and somebody has yet to decide about boxes that fell back.
    """

    branch: str = ""
    revision: str = ""
    etag: str = ""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    paths: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    rewritten: bool = False


@dataclass(frozen=True, slots=True)
class TrackerState:
    """What is known about one tracker between runs."""

    cursor: Cursor
    profile: TrackerProfile | None
    issues: Mapping[int, SeenIssue]
    milestones: Mapping[int, Milestone]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why no request could be made, so that it is not tried again and again.

    Args:
        edits: the keys of the edits that it was tried for.
    """

    reason: str
    remedy: str
    at: datetime
    edits: frozenset[str]


@dataclass(frozen=True, slots=True)
class Carrier:
    """What is remembered about how edits reach a branch. It is written before every step.

    Args:
        direct: whether the branch takes our commits; ``None`` before that was asked.
        number: of the rolling request; 0 where there is none.
        opening: its branch is made, and the request is to be opened.
        shown: the request as people write it.
        state: what was last seen of it; ``None`` where there is none.
        branch: the request's branch.
        head: our own last commit on it.
        touched: the head of that branch, where somebody else changed the edited files on it.
        mixed: other people's commits are on that branch as well, so that it is only ever added to.
        blobs: the ids of the edited files on the target, when our branch was last based on it.
        edits: the keys of the edits that the request carries.
        declined: the keys of edits that people refused, with the request in which they did.
        anchors: where an edit moves items to that are found by their text.
        stages: the same for stages.
        etag: to ask for the request again.
    """

    direct: bool | None = None
    number: int = 0
    opening: bool = False
    shown: str = ""
    url: str = ""
    state: ProposalState | None = None
    branch: str = ""
    head: str = ""
    touched: str = ""
    mixed: bool = False
    blobs: Mapping[str, str] = field(default_factory=dict)
    edits: frozenset[str] = frozenset()
    declined: Mapping[str, str] = field(default_factory=dict)
    anchors: Mapping[Uid, Anchor] = field(default_factory=dict)
    stages: Mapping[Uid, StageAnchor] = field(default_factory=dict)
    refused: Refused | None = None
    etag: str = ""


@dataclass(frozen=True, slots=True)
class LedgerState:
    """Everything remembered about one project, as loaded at the start of a run.

    Args:
        generation: counts durable changes; a saved plan names the one it was made for.
        approved: digests of actions that somebody approved while the guard held them.
        forgotten: ids of issues and milestones that carry our marker and are not ours to look after any
            more, because a person said so.
        decisions: about what is held, not yet carried out.
        pins: which line is which, not yet settled.
        detached: a person ended it all; nothing is synced any more.
        restored: this is an older copy of what was remembered here before.
    """

    project: str
    generation: int
    owner: Owner | None
    source_profile: TrackerProfile | None
    source: SourceState
    files: Mapping[str, FileBase]
    bindings: Mapping[Uid, Binding]
    stages: Mapping[Uid, StageBinding]
    trackers: Mapping[TrackerId, TrackerState]
    intents: tuple[Intent, ...] = ()
    approved: frozenset[str] = frozenset()
    forgotten: frozenset[str] = frozenset()
    carrier: Carrier = field(default_factory=Carrier)
    decisions: tuple[Decision, ...] = ()
    pins: tuple[Pin, ...] = ()
    detached: bool = False
    restored: bool = False


def empty_state(project: str) -> LedgerState:
    """What is remembered about a project that was never seen."""
    return LedgerState(project, 0, None, None, SourceState(), {}, {}, {}, {})


class RunOutcome(Enum):
    """How a run ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    HELD = "held"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One thing that was decided, done or answered.

    Args:
        kind: a short, stable word: the action's name, ``hold``, ``seen``, ``lost-value``, …
        place: reference, file and line, or issue, for people.
        text: what happened, for people.
        uid: of the binding it concerns, if any.
    """

    at: datetime
    run: str
    kind: str
    place: str
    text: str
    uid: Uid | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run, as history shows it."""

    run: str
    started_at: datetime
    finished_at: datetime | None
    outcome: RunOutcome | None
    summary: str


@dataclass(frozen=True, slots=True)
class StandingHold:
    """Something that waits, as the last run left it.

    Args:
        digest: names the hold, with the values that were seen; a decision binds to it.
        field: by value, as :class:`~syncer.model.fields.Field` has it.
        base: what was settled, for people; ``roadmap`` and ``there`` what the sides show.
        choices: ``roadmap`` and ``tracker``, as far as taking that side ends it.
    """

    digest: str
    severity: str
    code: str
    field: str
    place: str
    title: str
    reason: str
    remedy: str = ""
    base: str = ""
    roadmap: str = ""
    there: str = ""
    choices: tuple[str, ...] = ()
    uid: Uid | None = None
    tracker: TrackerId | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a project stands after its last run, for people.

    Args:
        holds: of the last run.
        held: why the guard holds a plan; empty if it does not.
        digests: of the actions of the plan that is held.
        problem: why the last run failed, if it did.
    """

    at: datetime
    outcome: RunOutcome
    last_success: datetime | None
    counts: Mapping[str, int]
    holds: tuple[StandingHold, ...] = ()
    held: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerChange:
    """What is to be remembered, in one transaction.

    Args:
        bindings: new or changed.
        issues: newly seen, by tracker.
        gone_issues: no longer there, by tracker and number.
        milestones: all of them, for the trackers named.
        closed_intents: intents whose fate is known now.
        dropped: bindings that never came to be.
    """

    owner: Owner | None = None
    source_profile: TrackerProfile | None = None
    source: SourceState | None = None
    files: tuple[FileBase, ...] = ()
    dropped_files: tuple[str, ...] = ()
    bindings: tuple[Binding, ...] = ()
    dropped: tuple[Uid, ...] = ()
    stages: tuple[StageBinding, ...] = ()
    dropped_stages: tuple[Uid, ...] = ()
    issues: Mapping[TrackerId, tuple[SeenIssue, ...]] = field(default_factory=dict)
    gone_issues: tuple[tuple[TrackerId, int], ...] = ()
    milestones: Mapping[TrackerId, tuple[Milestone, ...]] = field(default_factory=dict)
    cursors: Mapping[TrackerId, Cursor] = field(default_factory=dict)
    profiles: Mapping[TrackerId, TrackerProfile] = field(default_factory=dict)
    closed_intents: tuple[int, ...] = ()
    journal: tuple[JournalEntry, ...] = ()
    standing: Standing | None = None
    approved: frozenset[str] | None = None
    forgotten: frozenset[str] | None = None
    carrier: Carrier | None = None
    decisions: tuple[Decision, ...] | None = None
    pins: tuple[Pin, ...] | None = None
    detached: bool | None = None
