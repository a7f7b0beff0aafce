"""What a tracker holds: issues, milestones, labels, and what can be asked of it.

A tracker's own words stop at its adapter; these types say what both forges can mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from syncer.model.fields import TaskState
from syncer.model.identity import IssueRef, TrackerId

ELSEWHERE: Final = -1
"""The number of a parent that is not among the tracker's own issues."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue as the forge showed it.

    Args:
        body: exactly as the forge holds it; ``""`` where it has none.
        state: closed as not planned, as a duplicate, or (GitLab) closed with the dropped label,
            moved or marked duplicate, is ``DROPPED``.
        milestone: the milestone's :attr:`Milestone.key`.
        labels: all of them, by name.
        updated_at: the forge's clock, aware, UTC, whole seconds on GitHub.
        internal_id: the id that some requests want instead of the number.
        parent: the number of the issue above it; 0 where there is none, :data:`ELSEWHERE` where it is not
            one of this tracker's, ``None`` where this answer does not tell.
        kind: the forge's word for what it is, where a parent may only have children of one kind.
    """

    ref: IssueRef
    title: str
    body: str
    state: TaskState
    milestone: int | None
    labels: frozenset[str]
    assignees: frozenset[str]
    author: str
    url: str
    created_at: datetime
    updated_at: datetime
    internal_id: int = 0
    locked: bool = False
    confidential: bool = False
    parent: int | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Milestone:
    """One milestone.

    Args:
        key: what issues refer to it by: the number on GitHub, the global id on GitLab.
        shown: how people name it (``3`` or ``%3``).
        due: a calendar date, whatever instant the forge stores.
        writable: false for what we may use but not change (a GitLab group's milestone).
    """

    key: int
    shown: str
    title: str
    description: str
    closed: bool
    due: date | None
    url: str
    updated_at: datetime
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Label:
    """A label to be created where it does not exist yet.

    Args:
        colour: six hexadecimal digits, without ``#``.
    """

    name: str
    colour: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class IssueDraft:
    """What a new issue is created with, in one request.

    Args:
        child: it is to stand below another one, which some forges want to know from the beginning.
    """

    title: str
    body: str
    milestone: int | None
    labels: frozenset[str]
    assignees: frozenset[str] = frozenset()
    confidential: bool = False
    child: bool = False


@dataclass(frozen=True, slots=True)
class ParentChange:
    """An issue that is to stand below another one.

    Args:
        before: the number of the issue above it now; 0 where there is none.
        parent: the number of the one above it afterwards; 0 to take it out.
    """

    number: int
    before: int
    parent: int


@dataclass(frozen=True, slots=True)
class ParentAnswer:
    """What became of one :class:`ParentChange`.

    Args:
        parent: what the forge shows now.
        problem: why it is not what was asked for, as the forge says it.
    """

    number: int
    parent: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class IssueChange:
    """What is to be changed about an issue; ``None`` leaves a value alone.

    Args:
        milestone: a key, or 0 to take the milestone away.
    """

    title: str | None = None
    body: str | None = None
    state: TaskState | None = None
    milestone: int | None = None
    add_labels: frozenset[str] = frozenset()
    remove_labels: frozenset[str] = frozenset()
    add_assignees: frozenset[str] = frozenset()
    remove_assignees: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MilestoneDraft:
    """What a new milestone is created with, in one request."""

    title: str
    description: str
    due: date | None


@dataclass(frozen=True, slots=True)
class MilestoneChange:
    """What is to be changed about a milestone; ``None`` leaves a value alone.

    Args:
        clear_due: take the due date away.
    """

    title: str | None = None
    description: str | None = None
    due: date | None = None
    clear_due: bool = False
    closed: bool | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this tracker can do and how much fits, so that values are cut before they are compared.

    Args:
        close_reasons: whether "not planned" is a state of its own; else ``dropped_label`` says it.
        sub_issues: most children of one parent; 0 where there are none.
        levels: how many issues can stand one below the other, the topmost counted.
        child_kind: what :attr:`Issue.kind` of a child has to be, and of its parent must not; ``""`` for any.
        tells_parents: whether every answer about an issue names its parent.
        creates_together: how many issues may be created in one request.
    """

    title_limit: int
    body_limit: int
    label_limit: int
    milestone_title_limit: int
    close_reasons: bool
    dropped_label: str = "dropped"
    sub_issues: int = 0
    edit_history: bool = False
    levels: int = 0
    child_kind: str = ""
    tells_parents: bool = True
    creates_together: int = 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where reading a tracker stopped, so that the next reading costs little.

    Args:
        watermark: the server's own time of the newest change that was applied durably.
        floor: from when on changes are asked for. It lies before the watermark and moves rarely, so
            that the question stays the same, and with it the answer's validator.
        etags: validators by full URL, valid for the credential in ``credential`` only.
        credential: a fingerprint of the credential, never the credential.
        complete: whether everything up to the watermark has been seen once.
    """

    watermark: datetime | None = None
    etags: Mapping[str, str] = field(default_factory=dict)
    credential: str = ""
    complete: bool = False
    floor: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrackerReading:
    """The answer to one look at a tracker.

    Args:
        issues: those that changed since the cursor; all of them if ``full``.
        milestones: all of them, or ``None`` where the forge says that none changed.
        full: whether ``issues`` is everything there is.
        cursor: to be kept once what was read has been acted upon durably.
    """

    tracker: TrackerId
    issues: tuple[Issue, ...]
    milestones: tuple[Milestone, ...] | None
    full: bool
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class StateEvent:
    """One entry of the forge's own event log about an issue's state."""

    at: datetime
    actor: str
    state: TaskState


@dataclass(frozen=True, slots=True)
class TitleEvent:
    """One entry of the forge's own event log about an issue's title."""

    at: datetime
    actor: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class BodyEvent:
    """One entry of the forge's edit history of an issue's body.

    Args:
        after: the whole body as this edit left it; ``None`` where the forge only says that there was an edit.
    """

    at: datetime
    actor: str
    after: str | None


@dataclass(frozen=True, slots=True)
class LabelEvent:
    """One entry of the forge's own event log about an issue's labels."""

    at: datetime
    actor: str
    label: str
    added: bool


@dataclass(frozen=True, slots=True)
class TrackerProfile:
    """What is known about a tracker's repository after one request.

    Args:
        canonical: its name as the forge spells it now, which may differ from the configured one.
        host: the forge's host, as in an owner.
        repository_id: numeric and permanent.
        viewer: the login that our credential acts as, if the forge said so.
        open_issues: how many issues were open a moment ago, on GitHub pull requests included; never
            remembered.
        parents: whether issues can have parents here; ``None`` before that was asked.
    """

    canonical: str
    host: str
    repository_id: int
    default_branch: str
    private: bool
    archived: bool
    issues_enabled: bool
    web_url: str
    can_push: bool | None = None
    can_triage: bool | None = None
    open_issues: int | None = field(default=None, compare=False)
    parents: bool | None = field(default=None, compare=False)
