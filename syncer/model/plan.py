"""A plan: the ordered changes that would bring all sides into agreement, and what waits for a person.

The plan is the only description of what applying it does. A dry run prints it; nothing else exists
that could say something different.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from syncer.model.edits import Edit, SetLink
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Anchor, Decision, Pin, Settlement, StageAnchor


@dataclass(frozen=True, slots=True)
class Subject:
    """What an action or a hold is about, for people.

    Args:
        section: the reference's segments, stage first.
        title: of the item, the stage or the issue.
        number: of the issue or milestone, if there is one.
    """

    path: str
    line: int
    section: tuple[str, ...]
    title: str
    uid: Uid | None = None
    tracker: TrackerId | None = None
    number: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class ItemKey:
    """An item of the observed documents."""

    path: str
    index: int


@dataclass(frozen=True, slots=True)
class StageKey:
    """A stage of the observed documents."""

    path: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One change.

    Args:
        subject: what it is about.
        reason: why it is wanted, as a clause.
        settles: what to remember once it succeeded.
        overrules: a value that a person set and that gives way, because somebody decided so or a policy
            says so; it is kept in the journal before it is overwritten.
    """

    subject: Subject
    reason: str
    settles: tuple[Settlement, ...] = ()
    overrules: str = ""


# -- on a tracker ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsureLabel(Action):
    """Create a label that managed issues carry."""

    tracker: TrackerId
    name: str
    colour: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateMilestone(Action):
    """Create a milestone for a stage.

    Args:
        name: what the stage is called, told apart from stages of other files that are called the same.
        title: the same, as long as the tracker takes it.
    """

    tracker: TrackerId
    stage: StageKey
    uid: Uid | None
    anchor: StageAnchor
    name: str
    title: str
    due: date | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateIteration(Action):
    """Create a milestone for one iteration of a repeat loop. It is bound to nothing.

    Args:
        uid: for its marker; always the same for the same iteration.
        text: the managed block's content.
    """

    tracker: TrackerId
    uid: Uid
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UseMilestone(Action):
    """Bind a stage to a milestone that exists: one of its name, or one that carries our marker."""

    tracker: TrackerId
    stage: StageKey
    uid: Uid
    anchor: StageAnchor
    key: int
    by_marker: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMilestone(Action):
    """Change one field of a bound milestone.

    Args:
        before: what the tracker shows now; anything else when applying means somebody was faster.
        after: what it shall show.
    """

    tracker: TrackerId
    uid: Uid
    key: int
    field: Field
    before: str | date | TaskState | None
    after: str | date | TaskState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateIssue(Action):
    """Create an issue for an item.

    Args:
        uid: of the item's binding where it has one already (bound on another tracker).
        text: the managed block's content without reference and marker.
        lines: of the checklist in it, as they are settled.
        child: it will stand below another issue.
        started: the label that says that the item is in progress, where it is.
    """

    tracker: TrackerId
    item: ItemKey
    uid: Uid | None
    anchor: Anchor
    title: str
    text: str
    stage: StageKey | None
    labels: frozenset[str]
    lines: frozenset[str] | None = None
    child: bool = False
    started: frozenset[str] = frozenset()
    assignees: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class BindIssue(Action):
    """Bind an item to an issue that exists: linked on its line, or carrying our marker."""

    tracker: TrackerId
    item: ItemKey
    uid: Uid
    anchor: Anchor
    number: int
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeIssue(Action):
    """Change one field of a bound issue.

    Args:
        field: ``TITLE``, ``STAGE``, ``LABELS``, ``STARTED``, ``ASSIGNEES`` or ``BODY``.
        before: what the tracker shows now.
        after: what it shall show; for ``STAGE`` the stage, for ``BODY`` the block's content.
        item: the line; ``None`` for one that is gone.
    """

    tracker: TrackerId
    uid: Uid
    number: int
    field: Field
    before: str | int | frozenset[str] | None
    after: str | int | frozenset[str] | StageKey | None
    item: ItemKey | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetParent(Action):
    """Put an issue below another one, or take it out.

    Args:
        item: the line.
        uid: of its binding; ``None`` where this very plan creates its issue.
        number: of its issue; ``None`` likewise.
        before: the number of the issue above it now, 0 for none.
        after: the item whose issue it is to stand below; ``None`` for none.
        after_title: of that item.
        order: among all that are put somewhere on this tracker.
    """

    tracker: TrackerId
    item: ItemKey
    uid: Uid | None
    number: int | None
    before: int
    after: ItemKey | None
    after_title: str = ""
    order: int = 0

    @property
    def field(self) -> Field:
        return Field.PARENT


@dataclass(frozen=True, slots=True, kw_only=True)
class SetIssueState(Action):
    """Close or reopen a bound issue.

    Args:
        removed: it is closed because its line is gone.
    """

    tracker: TrackerId
    uid: Uid
    number: int
    before: TaskState
    after: TaskState
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TellPerson(Action):
    """Say below an issue, once, that the place it asks for is not clear.

    Args:
        text: in Markdown, without the hidden mark by which it is known again.
    """

    tracker: TrackerId
    number: int
    text: str


# -- in the roadmap ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRoadmap(Action):
    """Change one place of a roadmap. All of a plan's edits go into one commit.

    Args:
        before: what the place shows now, as text.
        after: what it will show.
        awaits: the tracker on which this very plan creates the item's issue, where the edit is the link
            to it: its number is not known before.
    """

    path: str
    edit: Edit
    before: str
    after: str
    by: str = ""
    awaits: TrackerId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseProposal(Action):
    """Change our open pull or merge request although no edit is new.

    Args:
        withdrawn: the keys of edits that are taken out of it.
        closes: nothing is left in it, so it is closed.
    """

    number: int
    withdrawn: frozenset[str]
    closes: bool


# -- in the ledger only ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle(Action):
    """Both sides agree, or differ for good: remember it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocate(Action):
    """An item was found again at another place or with another text: remember where.

    Args:
        how: ``moved``, ``reworded``, ``renamed section``, …; empty if only its line changed.
        score: of an inexact match, 0 to 100.
    """

    uid: Uid
    anchor: Anchor
    how: str = ""
    score: float = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RelocateStage(Action):
    """A stage was found again under another name or at another place: remember where."""

    uid: Uid
    anchor: StageAnchor
    how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bury(Action):
    """Line gone, issue closed: keep a tombstone, so that a line that returns finds its issue."""

    uid: Uid


@dataclass(frozen=True, slots=True, kw_only=True)
class Revive(Action):
    """A buried line returned: bind it to its issue again."""

    uid: Uid
    anchor: Anchor


TrackerAction = (
    EnsureLabel
    | CreateMilestone
    | CreateIteration
    | UseMilestone
    | ChangeMilestone
    | CreateIssue
    | BindIssue
    | ChangeIssue
    | SetParent
    | SetIssueState
    | TellPerson
)
LedgerAction = Settle | Relocate | RelocateStage | Bury | Revive | UseMilestone | BindIssue


class Severity(Enum):
    """How much a hold asks of a person."""

    CONFLICT = "conflict"
    """Both sides changed; a person has to choose."""
    QUESTION = "question"
    """Two readings are possible, or something is missing; a person has to say which."""
    REPORT = "report"
    """Nothing has to be done; it is said because it may surprise."""
    WAIT = "wait"
    """It resolves itself with time, or with another hold."""


class Choice(Enum):
    """Whose side can be taken."""

    ROADMAP = "roadmap"
    TRACKER = "tracker"


EITHER = (Choice.ROADMAP, Choice.TRACKER)


@dataclass(frozen=True, slots=True)
class Hold:
    """Something that is not done, and why.

    Args:
        code: a short, stable word for the reason.
        reason: one sentence.
        remedy: what a person can do, as a clause; empty if nothing is needed.
        base: what was settled, for people.
        roadmap: what the roadmap shows now.
        tracker: what the tracker shows now.
        fingerprint: tells this hold from another one about other values, where people are not shown them.
        choices: whose side a person can take to end it; nothing where that would decide nothing.
    """

    subject: Subject
    field: Field
    code: str
    severity: Severity
    reason: str
    remedy: str = ""
    base: str = ""
    roadmap: str = ""
    tracker: str = ""
    fingerprint: str = ""
    choices: tuple[Choice, ...] = ()

    @property
    def digest(self) -> str:
        """The same hold has the same digest from run to run, wherever its line has moved."""
        subject = self.subject
        parts: list[object] = [subject.uid] if subject.uid is not None else [subject.path, subject.title]
        parts += [self.field.value, self.code, self.base, self.roadmap, self.tracker, self.fingerprint]
        parts += [subject.number, subject.tracker]
        return _digest(parts)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run would do.

    Args:
        actions: in the order in which they are applied.
        revision: the source's head it was made for.
        generation: the ledger's generation it was made for.
        stages: the bindings of stages that have one already.
        items: the bindings of items that have one already.
        unsettled: paths in which somebody has to say which line is which; what stood around those
            lines is still needed, so their base does not advance.
        decisions: those of the ledger that are not carried out and still of use.
        carried_out: those that this plan carries out.
        pins: those of the ledger that are still of use.
    """

    project: str
    actions: tuple[Action, ...]
    holds: tuple[Hold, ...]
    revision: str
    generation: int
    stages: tuple[tuple[StageKey, Uid], ...] = ()
    items: tuple[tuple[ItemKey, Uid], ...] = ()
    unsettled: frozenset[str] = frozenset()
    decisions: tuple[Decision, ...] = ()
    carried_out: tuple[Decision, ...] = ()
    pins: tuple[Pin, ...] = ()

    @property
    def effects(self) -> tuple[Action, ...]:
        """The actions that change something outside the ledger."""
        return tuple(action for action in self.actions if is_effect(action))

    @property
    def digest(self) -> str:
        """Equal plans have equal digests."""
        return _digest(sorted(digests(self.actions)))


def is_effect(action: Action) -> bool:
    """Whether an action changes a tracker or a roadmap, as opposed to the ledger.

    Using a milestone that only has the same name is one, because a person has to agree to it.
    """
    if isinstance(action, UseMilestone):
        return not action.by_marker
    return not isinstance(action, (Settle, Relocate, RelocateStage, Bury, Revive, BindIssue))


def digests(actions: tuple[Action, ...]) -> Iterator[str]:
    """One digest per effect: what it does to what, independent of lines, commits and ids to come."""
    for action in actions:
        if is_effect(action):
            yield action_digest(action)


def action_digest(action: Action) -> str:
    """A stable name for an action, so that an approval binds to exactly this change."""
    subject = action.subject
    parts: list[object] = [type(action).__name__, subject.path, list(subject.section), subject.title]
    match action:
        case EnsureLabel():
            parts += [action.tracker, action.name]
        case CreateMilestone():
            parts += [action.tracker, action.title, action.due]
        case CreateIteration():
            parts += [action.tracker, action.title]
        case UseMilestone():
            parts += [action.tracker, action.key]
        case ChangeMilestone():
            parts += [action.tracker, action.key, action.field.value, action.before, action.after]
        case CreateIssue():
            parts += [action.tracker, action.title, action.anchor.ordinal]
        case BindIssue():
            parts += [action.tracker, action.number]
        case ChangeIssue():
            parts += [action.tracker, action.number, action.field.value, action.before, action.after]
        case SetParent():
            parts += [action.tracker, action.item.path, action.before, action.after_title]
        case TellPerson():
            parts += [action.tracker, action.number]
        case SetIssueState():
            parts += [action.tracker, action.number, action.before.value, action.after.value]
        case EditRoadmap(edit=SetLink()):
            # The same before and after its issue has a number.
            parts += [SetLink.__name__]
        case EditRoadmap():
            parts += [type(action.edit).__name__, action.before, action.after, subject.uid]
        case ReviseProposal():
            parts += [action.number, action.withdrawn, action.closes]
        case _:
            parts += [subject.uid]
    return _digest(parts)


def _digest(parts: object) -> str:
    text = json.dumps(parts, default=_plain, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, StageKey):
        return [value.path, value.index]
    if isinstance(value, Enum):
        return value.value
    return str(value)


class Outcome(Enum):
    """What became of an action."""

    DONE = "done"
    ALREADY = "already"
    STALE = "stale"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one action.

    Args:
        detail: what was seen or said; for people and the journal.
        number: of what was created.
    """

    action: Action
    outcome: Outcome
    detail: str = ""
    number: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the guard says about a plan.

    Args:
        reasons: why it is held, with numbers; empty if it is not.
    """

    reasons: tuple[str, ...] = field(default=())

    @property
    def held(self) -> bool:
        return bool(self.reasons)
