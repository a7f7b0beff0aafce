"""GitHub's JSON and syncer's values. Pure.

Facts used here and where they are from:

* ``state_reason`` is ``completed``, ``not_planned``, ``duplicate`` or ``reopened``, and is ignored
  unless the state changes (docs.github.com, "Update an issue").
* A pull request in a list of issues is told apart by its key ``pull_request`` ("List repository
  issues"); through PyGithub's attribute the question would cost a request each.
* A due date is stored as a day in Pacific time and shown as that day's midnight, 07:00Z or 08:00Z.
  What is sent at 00:00Z is therefore the day before there (microsoft/PowerShellForGitHub#133,
  wordpress-mobile/release-toolkit#419). At noon UTC it is the same day in both, in summer and
  winter, and the date in what comes back is the day that was meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from syncer.forges.listing import Listed
from syncer.forges.shape import (
    day,
    flag,
    login,
    moment,
    number,
    optional_text,
    part,
    records,
    text,
)
from syncer.model.fields import TaskState
from syncer.model.identity import IssueRef, TrackerId
from syncer.model.source import Entry, EntryKind, LogEntry
from syncer.model.tracker import (
    ELSEWHERE,
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

_NOT_DONE = frozenset({"not_planned", "duplicate"})
_KINDS = {
    "100644": EntryKind.FILE,
    "100755": EntryKind.FILE,
    "100664": EntryKind.FILE,
    "120000": EntryKind.SYMLINK,
    "160000": EntryKind.SUBMODULE,
    "040000": EntryKind.DIRECTORY,
}


def profile(data: Mapping[str, Any]) -> TrackerProfile:
    """A repository."""
    rights = part(data, "permissions")
    web_url = text(data, "html_url")
    return TrackerProfile(
        canonical=text(data, "full_name"),
        host=urlsplit(web_url).netloc.lower(),
        repository_id=number(data, "id"),
        default_branch=optional_text(data, "default_branch"),
        private=flag(data, "private"),
        archived=flag(data, "archived"),
        issues_enabled=flag(data, "has_issues", default=True),
        web_url=web_url,
        can_push=flag(rights, "push") if rights else None,
        can_triage=flag(rights, "triage") or flag(rights, "push") if rights else None,
        open_issues=number(data, "open_issues_count") if "open_issues_count" in data else None,
    )


def is_issue(data: Mapping[str, Any]) -> bool:
    """Whether an entry of a list of issues is one, and no pull request."""
    return "pull_request" not in data


def listed(tracker: TrackerId, data: Mapping[str, Any]) -> Listed:
    """An entry of a list of issues."""
    return Listed(
        number=number(data, "number"),
        updated_at=moment(data, "updated_at"),
        issue=issue(tracker, data) if is_issue(data) else None,
    )


def issue(tracker: TrackerId, data: Mapping[str, Any]) -> Issue:
    """An issue."""
    milestone = part(data, "milestone")
    return Issue(
        ref=IssueRef(tracker, number(data, "number")),
        title=text(data, "title"),
        body=optional_text(data, "body"),
        state=state(text(data, "state") == "closed", optional_text(data, "state_reason")),
        milestone=number(milestone, "number") if milestone else None,
        labels=frozenset(text(label, "name") for label in records(data.get("labels", []), "labels")),
        assignees=frozenset(text(user, "login") for user in records(data.get("assignees", []), "assignees")),
        author=login(data, "user"),
        url=text(data, "html_url"),
        created_at=moment(data, "created_at"),
        updated_at=moment(data, "updated_at"),
        internal_id=number(data, "id"),
        locked=flag(data, "locked"),
        parent=_parent(data),
    )


def issue_node(tracker: TrackerId, node: Mapping[str, Any]) -> Issue:
    """A new issue without a parent, as GraphQL shows it, with everything spelled as REST does."""
    milestone, author = part(node, "milestone"), part(node, "author")
    name = optional_text(author, "login") or "ghost"
    # REST marks the accounts of Apps, which GraphQL tells by their type.
    robot = optional_text(author, "__typename") == "Bot" and not name.endswith("[bot]")
    return Issue(
        ref=IssueRef(tracker, number(node, "number")),
        title=text(node, "title"),
        body=optional_text(node, "body"),
        state=state(text(node, "state") == "CLOSED", optional_text(node, "stateReason").lower()),
        milestone=number(milestone, "number") if milestone else None,
        labels=frozenset(text(each, "name") for each in records(part(node, "labels")["nodes"], "labels")),
        assignees=frozenset(
            text(each, "login") for each in records(part(node, "assignees")["nodes"], "assignees")
        ),
        author=f"{name}[bot]" if robot else name,
        url=text(node, "url"),
        created_at=moment(node, "createdAt"),
        updated_at=moment(node, "updatedAt"),
        internal_id=int(str(node.get("fullDatabaseId") or 0)),  # a text: it is larger than GraphQL's numbers
        locked=flag(node, "locked"),
        parent=0,
    )


def _parent(data: Mapping[str, Any]) -> int:
    """The number at the end of the parent's address, if that is in the same repository."""
    above, home = optional_text(data, "parent_issue_url"), optional_text(data, "repository_url")
    if not above:
        return 0
    place, _, last = above.rpartition("/issues/")
    return int(last) if last.isdecimal() and place.casefold() == home.casefold() else ELSEWHERE


def state(closed: bool, reason: str) -> TaskState:
    """What a state and its reason mean."""
    if not closed:
        return TaskState.OPEN
    return TaskState.DROPPED if reason in _NOT_DONE else TaskState.DONE


def milestone(data: Mapping[str, Any]) -> Milestone:
    """A milestone."""
    due = optional_text(data, "due_on")
    return Milestone(
        key=number(data, "number"),
        shown=str(number(data, "number")),
        title=text(data, "title"),
        description=optional_text(data, "description"),
        closed=text(data, "state") == "closed",
        due=day(due[:10], "due_on") if due else None,
        url=text(data, "html_url"),
        updated_at=moment(data, "updated_at"),
    )


def state_event(data: Mapping[str, Any]) -> StateEvent | None:
    """An entry of an issue's log, if it is about its state."""
    kind = text(data, "event")
    if kind not in ("closed", "reopened"):
        return None
    return StateEvent(
        at=moment(data, "created_at"),
        actor=login(data, "actor"),
        state=state(kind == "closed", optional_text(data, "state_reason")),
    )


def title_event(data: Mapping[str, Any]) -> TitleEvent | None:
    """An entry of an issue's log, if it is about its title."""
    if text(data, "event") != "renamed":
        return None
    rename = part(data, "rename")
    return TitleEvent(
        at=moment(data, "created_at"),
        actor=login(data, "actor"),
        before=text(rename, "from"),
        after=text(rename, "to"),
    )


def label_event(data: Mapping[str, Any]) -> LabelEvent | None:
    """An entry of an issue's log, if it is about its labels."""
    kind = text(data, "event")
    if kind not in ("labeled", "unlabeled"):
        return None
    name = text(part(data, "label"), "name")
    return LabelEvent(moment(data, "created_at"), login(data, "actor"), name, kind == "labeled")


def may_triage(data: Mapping[str, Any]) -> bool:
    """Whether a permission lets somebody triage; an organisation's own roles count as what they rest on."""
    roles = {optional_text(data, "role_name"), optional_text(data, "permission")}
    base = part(part(data, "user"), "permissions")
    return bool(roles & {"admin", "maintain", "write", "triage"}) or flag(base, "triage")


def entry(data: Mapping[str, Any]) -> Entry:
    """An entry of a tree; what is of no known mode counts as a directory, which is never read."""
    return Entry(
        path=text(data, "path"),
        kind=_KINDS.get(text(data, "mode"), EntryKind.DIRECTORY),
        blob=optional_text(data, "sha"),
        size=number(data, "size") if "size" in data else None,
    )


def log_entry(data: Mapping[str, Any]) -> LogEntry:
    """A commit of a listing."""
    parents = tuple(text(parent, "sha") for parent in records(data.get("parents"), "parents"))
    return LogEntry(text(data, "sha"), text(part(data, "commit"), "message"), parents)


def new_issue(draft: IssueDraft) -> dict[str, Any]:
    """The request that creates an issue."""
    body: dict[str, Any] = {"title": draft.title, "body": draft.body}
    if draft.milestone is not None:
        body["milestone"] = draft.milestone
    if draft.labels:
        body["labels"] = sorted(draft.labels)
    if draft.assignees:
        body["assignees"] = sorted(draft.assignees)
    return body


def changed_issue(
    change: IssueChange, labels: frozenset[str] | None, assignees: frozenset[str] | None
) -> dict[str, Any]:
    """The request that changes an issue; sets are all that it is to have, ``None`` for no change."""
    body: dict[str, Any] = {}
    if change.title is not None:
        body["title"] = change.title
    if change.body is not None:
        body["body"] = change.body
    if change.state is not None:
        body["state"] = "closed" if change.state.finished else "open"
        if change.state.finished:
            body["state_reason"] = "not_planned" if change.state is TaskState.DROPPED else "completed"
    if change.milestone is not None:
        body["milestone"] = change.milestone or None
    if labels is not None:
        body["labels"] = sorted(labels)
    if assignees is not None:
        body["assignees"] = sorted(assignees)
    return body


def new_milestone(draft: MilestoneDraft) -> dict[str, Any]:
    """The request that creates a milestone."""
    body: dict[str, Any] = {"title": draft.title, "description": draft.description}
    if draft.due is not None:
        body["due_on"] = due_on(draft.due)
    return body


def changed_milestone(change: MilestoneChange) -> dict[str, Any]:
    """The request that changes a milestone."""
    body: dict[str, Any] = {}
    if change.title is not None:
        body["title"] = change.title
    if change.description is not None:
        body["description"] = change.description
    if change.due is not None:
        body["due_on"] = due_on(change.due)
    elif change.clear_due:
        body["due_on"] = None
    if change.closed is not None:
        body["state"] = "closed" if change.closed else "open"
    return body


def new_label(label: Label) -> dict[str, Any]:
    """The request that creates a label."""
    return {"name": label.name, "color": label.colour, "description": label.description}


def due_on(due: date) -> str:
    """The moment that stands for a calendar date."""
    return f"{due.isoformat()}T12:00:00Z"


def since(at: datetime) -> str:
    """A moment in a query, whole seconds, rounded down."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def body_events(data: Mapping[str, Any]) -> tuple[BodyEvent, ...]:
    """The edit history of an issue's body, which comes newest first; edits without a text were deleted."""
    history = part(part(part(data, "repository"), "issue"), "userContentEdits")
    found = [
        BodyEvent(at=moment(node, "editedAt"), actor=login(node, "editor"), after=text(node, "diff"))
        for node in records(history.get("nodes"), "edits")
        if node.get("diff") is not None
    ]
    return tuple(reversed(found))
