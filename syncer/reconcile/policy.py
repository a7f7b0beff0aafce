"""What a team has chosen. The defaults are the behaviour that the documentation describes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from syncer.model.fields import Field
from syncer.reconcile.labelling import Labelling, Members

_NO_LABELS, _NOBODY = Labelling(), Members()


class Criteria(Enum):
    """What becomes of boxes under exit, success or acceptance criteria."""

    GATE = "gate"
    ISSUES = "issues"
    IGNORE = "ignore"


class Groups(Enum):
    """What becomes of a checkbox with checkboxes below it."""

    ISSUES = "issues"
    """An issue each, side by side; their states have nothing to do with one another."""
    SUB_ISSUES = "sub_issues"
    """A parent with sub-issues or child tasks; a checklist where the forge has no room for them."""
    CHECKLIST = "checklist"
    """A parent whose body lists what stands below it, ticked both ways."""


class OnConflict(Enum):
    """Who wins when both sides changed a field differently."""

    HOLD = "hold"
    ROADMAP = "roadmap"
    TRACKER = "tracker"


class Dropped(Enum):
    """What happens to a box when its issue is closed as not planned."""

    KEEP = "keep"
    MARK = "mark"
    STRIKE = "strike"


class Removed(Enum):
    """What happens to an issue whose line is gone."""

    REPORT = "report"
    LABEL = "label"
    CLOSE = "close"


class LinkBack(Enum):
    """Whether an item's line shows the issue that it is bound to."""

    OFF = "off"
    LINK = "link"


class Intake(Enum):
    """Which issues of people get a line of their own."""

    OFF = "off"
    REFERENCE = "reference"
    """Those that name a place in the roadmap; a stranger's only with the label."""
    LABEL = "label"
    """Those that name a place and carry the label."""


class StartedBy(Enum):
    """What says on a tracker that an item is in progress."""

    LABEL = "label"
    ASSIGNEE = "assignee"


class Loops(Enum):
    """What becomes of a stage that is gone through several times."""

    ONE = "one"
    EXPAND = "expand"


class Placement(Enum):
    """Who decides to which stage an item belongs."""

    ROADMAP = "roadmap"
    BOTH = "both"


class StageStatus(Enum):
    """What happens to places that repeat how far a stage with items is."""

    REPORT = "report"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Limits:
    """The guard's limits: a plan with more than this waits for an approval.

    Args:
        creates: issues created.
        changes: closes, reopens, unticks or retitles, each counted alone.
        few: up to so many of those pass whatever their share is.
        share: of the bound items, above which more than ``few`` of them are held.
        ticks: boxes ticked.
        removals: issues closed or labelled because their line is gone.
    """

    creates: int = 50
    changes: int = 25
    few: int = 10
    share: float = 0.3
    ticks: int = 100
    removals: int = 5


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When two texts count as the same item.

    Args:
        reworded: similarity that a reworded line needs at its old place, 0 to 100.
        moved: similarity that a line needs that was moved and reworded at once.
        margin: by how much the best candidate must lead the second best.
        distinct: by how much a line that was moved and reworded must lead all lines that are others.
        resembles: from this similarity on, a new line waits for an unexplained issue.
    """

    reworded: float = 55.0
    moved: float = 78.0
    margin: float = 8.0
    distinct: float = 5.0
    resembles: float = 70.0


@dataclass(frozen=True, slots=True)
class Policy:
    """A project's choices.

    Args:
        label: marks managed issues; ``""`` for none.
        on_conflict: per field; a field that is missing holds.
        mirrors: files that repeat the items of another one, and that one, by path.
        labelling: further labels that stand for what items say about themselves.
        members: who the people are that roadmaps name.
        done_wins: without a base, a side that says done wins over one that says open.
    """

    label: str = "roadmap"
    label_colour: str = "5319e7"
    criteria: Criteria = Criteria.GATE
    groups: Groups = Groups.ISSUES
    dropped: Dropped = Dropped.KEEP
    removed: Removed = Removed.REPORT
    started_by: StartedBy = StartedBy.LABEL
    loops: Loops = Loops.ONE
    placement: Placement = Placement.ROADMAP
    stage_status: StageStatus = StageStatus.REPORT
    link_back: LinkBack = LinkBack.OFF
    intake: Intake = Intake.REFERENCE
    intake_label: str = "intake"
    on_conflict: Mapping[Field, OnConflict] = field(default_factory=dict)
    done_wins: bool = False
    mirrors: Mapping[str, str] = field(default_factory=dict)
    labelling: Labelling = _NO_LABELS
    members: Members = _NOBODY
    limits: Limits = Limits()
    thresholds: Thresholds = Thresholds()

    @property
    def removed_label(self) -> str:
        """Marks issues whose line is gone (``removed = "label"``)."""
        return f"{self.label or 'roadmap'}-removed"

    def conflict(self, what: Field) -> OnConflict:
        return self.on_conflict.get(what, OnConflict.HOLD)
