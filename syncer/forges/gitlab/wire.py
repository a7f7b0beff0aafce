"""GitLab's JSON and syncer's values. Pure.

Facts used here and where they are from:

* There is no reason for closing. What was not done is closed with a label, or was moved
  (``moved_to_id``) or marked as a duplicate (``_links.closed_as_duplicate_of``; docs.gitlab.com,
  "Issues API").
* ``add_labels`` and ``remove_labels`` leave other people's labels alone, ``labels`` replaces them;
  all three are names separated by commas, so that a name with a comma cannot be said.
* Issues refer to milestones by their global id; a milestone of a group has no ``project_id``.
* Due dates are calendar dates.
* A change of title is a note: "changed title from **…** to **…**", with ``{-…-}`` and ``{+…+}``
  around what changed (``SystemNotes::IssuablesService#change_title``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from syncer.errors import Rejected
from syncer.forges.connection import TrackerOptions
from syncer.forges.listing import Listed
from syncer.forges.shape import day, flag, login, moment, number, optional_text, part, records, text
from syncer.model.fields import TaskState
from syncer.model.identity import IssueRef, TrackerId
from syncer.model.source import Entry, EntryKind, LogEntry
from syncer.model.tracker import (
    BodyEvent,
    Issue,
    IssueChange,
    IssueDraft,
    Label,
    LabelEvent,
    Milestone,
    MilestoneChange,
    MilestoneDraft,
    StateEvent,
    TitleEvent,
    TrackerProfile,
)

_PLANNER: Final = 15
_REPORTER: Final = 20
_DEVELOPER: Final = 30
_TITLE_NOTE: Final = re.compile(r"\Achanged title from \*\*(.*)\*\* to \*\*(.*)\*\*\Z", re.DOTALL)
_DESCRIPTION_NOTE: Final = "changed the description"
_CHECKLIST_NOTE: Final = "marked the checklist item "
_KINDS: Final = {
    "100644": EntryKind.FILE,
    "100755": EntryKind.FILE,
    "100664": EntryKind.FILE,
    "120000": EntryKind.SYMLINK,
    "160000": EntryKind.SUBMODULE,
    "040000": EntryKind.DIRECTORY,
}
_MARKED: Final = "<!-- syncer:begin "
_TOGETHER: Final = timedelta(seconds=2)
"""A label set by the request that closes an issue is logged within this time of the closing."""


def profile(data: Mapping[str, Any]) -> TrackerProfile:
    """A project."""
    rights = part(data, "permissions")
    levels = [number(access, "access_level") for access in rights.values() if access]
    level = max(levels) if levels else None
    web_url = text(data, "web_url")
    return TrackerProfile(
        canonical=text(data, "path_with_namespace"),
        host=urlsplit(web_url).netloc.lower(),
        repository_id=number(data, "id"),
        default_branch=optional_text(data, "default_branch"),
        private=optional_text(data, "visibility") != "public",
        archived=flag(data, "archived"),
        issues_enabled=flag(data, "issues_enabled", default=True)
        and data.get("issues_access_level") != "disabled",
        web_url=web_url,
        can_push=None if level is None else level >= _DEVELOPER,
        can_triage=None if level is None else level >= _REPORTER,
        open_issues=number(data, "open_issues_count") if "open_issues_count" in data else None,
    )


def is_issue(data: Mapping[str, Any], options: TrackerOptions) -> bool:
    """Whether an entry of a list of issues counts as one: no incident, test case or unwanted task.

    A task that carries a marker counts in any case: it was made as somebody's child item, and is not gone
    because nobody asks for tasks any more.
    """
    kind = optional_text(data, "issue_type") or "issue"
    ours = _MARKED in optional_text(data, "description")
    return kind == "issue" or (kind == "task" and (options.tasks or ours))


def listed(tracker: TrackerId, data: Mapping[str, Any], options: TrackerOptions) -> Listed:
    """An entry of a list of issues."""
    return Listed(
        number=number(data, "iid"),
        updated_at=moment(data, "updated_at"),
        issue=issue(tracker, data, options) if is_issue(data, options) else None,
    )


def issue(tracker: TrackerId, data: Mapping[str, Any], options: TrackerOptions) -> Issue:
    """An issue."""
    milestone = part(data, "milestone")
    labels = frozenset(_label_name(label) for label in data.get("labels") or ())
    assignees = records(data.get("assignees", []), "assignees")
    return Issue(
        ref=IssueRef(tracker, number(data, "iid")),
        title=text(data, "title"),
        body=optional_text(data, "description"),
        state=_state(data, labels, options),
        milestone=number(milestone, "id") if milestone else None,
        labels=labels,
        assignees=frozenset(text(user, "username") for user in assignees),
        author=login(data, "author"),
        url=text(data, "web_url"),
        created_at=moment(data, "created_at"),
        updated_at=moment(data, "updated_at"),
        internal_id=number(data, "id"),
        locked=flag(data, "discussion_locked"),
        confidential=flag(data, "confidential"),
        kind=optional_text(data, "issue_type"),
    )


def _state(data: Mapping[str, Any], labels: frozenset[str], options: TrackerOptions) -> TaskState:
    if text(data, "state") != "closed":
        return TaskState.OPEN
    if options.dropped_label in labels or data.get("moved_to_id") is not None:
        return TaskState.DROPPED
    duplicate = part(data, "_links").get("closed_as_duplicate_of")
    return TaskState.DONE if duplicate is None else TaskState.DROPPED


def _label_name(label: object) -> str:
    """A label as a name, or as an object where its details were asked for."""
    return label if isinstance(label, str) else text(records([label], "labels")[0], "name")


def milestone(data: Mapping[str, Any]) -> Milestone:
    """A milestone of the project, or of a group above it."""
    due = optional_text(data, "due_date")
    return Milestone(
        key=number(data, "id"),
        shown=f"%{number(data, 'iid')}",
        title=text(data, "title"),
        description=optional_text(data, "description"),
        closed=text(data, "state") == "closed",
        due=day(due, "due_date") if due else None,
        url=optional_text(data, "web_url"),
        updated_at=moment(data, "updated_at"),
        writable=data.get("project_id") is not None,
    )


def state_events(
    states: Iterable[Mapping[str, Any]], labels: Iterable[Mapping[str, Any]], dropped: str
) -> tuple[StateEvent, ...]:
    """An issue's log of its state, told apart by its log of labels."""
    set_at = sorted(
        (moment(event, "created_at"), text(event, "action") == "add")
        for event in labels
        if optional_text(part(event, "label"), "name") == dropped
    )

    def was_dropped(at: datetime) -> bool:
        before = [present for when, present in set_at if when <= at + _TOGETHER]
        return bool(before) and before[-1]

    found = []
    for event in states:
        kind, at = text(event, "state"), moment(event, "created_at")
        if kind == "closed":
            state = TaskState.DROPPED if was_dropped(at) else TaskState.DONE
        elif kind in ("reopened", "opened"):
            state = TaskState.OPEN
        else:
            continue
        found.append(StateEvent(at=at, actor=login(event, "user"), state=state))
    return tuple(sorted(found, key=lambda event: event.at))


def label_event(data: Mapping[str, Any]) -> LabelEvent:
    """An entry of an issue's log of labels; a label that was deleted since has no name."""
    name = optional_text(part(data, "label"), "name")
    return LabelEvent(moment(data, "created_at"), login(data, "user"), name, text(data, "action") == "add")


def may_triage(member: Mapping[str, Any]) -> bool:
    """Whether a member may label and close other people's issues."""
    return number(member, "access_level") >= _PLANNER and optional_text(member, "state") in ("", "active")


def title_event(note: Mapping[str, Any]) -> TitleEvent | None:
    """A note, if the forge wrote it about a change of title."""
    found = _TITLE_NOTE.match(text(note, "body")) if flag(note, "system") else None
    if found is None:
        return None
    return TitleEvent(
        at=moment(note, "created_at"),
        actor=login(note, "author"),
        before=re.sub(r"\{-|-\}", "", found[1]),
        after=re.sub(r"\{\+|\+\}", "", found[2]),
    )


def body_event(note: Mapping[str, Any]) -> BodyEvent | None:
    """A note, if the forge wrote it about a change of the description, whose texts it does not tell.

    Where only a box was ticked, GitLab says so instead (``IssuablesService#change_task_status``).
    """
    said = text(note, "body")
    if not flag(note, "system") or not (said == _DESCRIPTION_NOTE or said.startswith(_CHECKLIST_NOTE)):
        return None
    return BodyEvent(at=moment(note, "created_at"), actor=login(note, "author"), after=None)


def entry(data: Mapping[str, Any]) -> Entry:
    """An entry of a tree; what is of no known mode counts as a directory, which is never read."""
    return Entry(
        path=text(data, "path"),
        kind=_KINDS.get(text(data, "mode"), EntryKind.DIRECTORY),
        blob=text(data, "id"),
    )


def log_entry(data: Mapping[str, Any]) -> LogEntry:
    """A commit of a listing."""
    parents = data.get("parent_ids")
    names = tuple(str(parent) for parent in parents) if isinstance(parents, list) else ()
    return LogEntry(text(data, "id"), text(data, "message"), names)


def new_issue(draft: IssueDraft, assignees: Iterable[int]) -> dict[str, Any]:
    """The request that creates an issue."""
    body: dict[str, Any] = {"title": draft.title, "description": draft.body}
    if draft.milestone is not None:
        body["milestone_id"] = draft.milestone
    if draft.labels:
        body["labels"] = joined(draft.labels)
    if draft.assignees:
        body["assignee_ids"] = sorted(assignees)
    if draft.confidential:
        body["confidential"] = True
    if draft.child:
        body["issue_type"] = "task"
    return body


def changed_issue(
    change: IssueChange, options: TrackerOptions, assignees: Iterable[int] | None = None
) -> dict[str, Any]:
    """The request that changes an issue; ``assignees`` are all it is to have, ``None`` leaves them alone."""
    body: dict[str, Any] = {}
    added, removed = set(change.add_labels), set(change.remove_labels)
    if change.title is not None:
        body["title"] = change.title
    if change.body is not None:
        body["description"] = change.body
    if change.state is not None:
        body["state_event"] = "close" if change.state.finished else "reopen"
        dropped = change.state is TaskState.DROPPED
        (added if dropped else removed).add(options.dropped_label)
        (removed if dropped else added).discard(options.dropped_label)
    if change.milestone is not None:
        body["milestone_id"] = change.milestone
    if added:
        body["add_labels"] = joined(added)
    if removed:
        body["remove_labels"] = joined(removed)
    if assignees is not None:
        body["assignee_ids"] = list(assignees)
    return body


def new_milestone(draft: MilestoneDraft) -> dict[str, Any]:
    """The request that creates a milestone."""
    body: dict[str, Any] = {"title": draft.title, "description": draft.description}
    if draft.due is not None:
        body["due_date"] = draft.due.isoformat()
    return body


def changed_milestone(change: MilestoneChange) -> dict[str, Any]:
    """The request that changes a milestone."""
    body: dict[str, Any] = {}
    if change.title is not None:
        body["title"] = change.title
    if change.description is not None:
        body["description"] = change.description
    if change.due is not None:
        body["due_date"] = change.due.isoformat()
    elif change.clear_due:
        body["due_date"] = ""
    if change.closed is not None:
        body["state_event"] = "close" if change.closed else "activate"
    return body


def new_label(label: Label) -> dict[str, Any]:
    """The request that creates a label."""
    return {"name": label.name, "color": f"#{label.colour}", "description": label.description}


def joined(labels: Iterable[str]) -> str:
    """Labels as the API takes them.

    Raises:
        Rejected: one of them has a comma in its name.
    """
    for label in labels:
        if "," in label:
            raise Rejected(
                f"GitLab cannot be told the label {label!r}: its name contains a comma",
                next_step="choose a name without a comma",
            )
    return ",".join(sorted(labels))


def since(at: datetime) -> str:
    """A moment in a query, whole seconds, rounded down; with Z, because a plus would need escaping."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
