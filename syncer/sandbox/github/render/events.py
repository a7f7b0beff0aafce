"""The event log and the timeline of an issue as GitHub shows them."""

from __future__ import annotations

from syncer.sandbox.github.render.issues import comment, issue
from syncer.sandbox.github.render.people import account
from syncer.sandbox.github.times import shown
from syncer.sandbox.github.view import Json, View
from syncer.sandbox.identifiers import node_id
from syncer.sandbox.issues import Event, Issue

_LOGGED = {
    "closed",
    "reopened",
    "renamed",
    "labeled",
    "unlabeled",
    "assigned",
    "unassigned",
    "milestoned",
    "demilestoned",
    "locked",
    "unlocked",
    "referenced",
    "merged",
    "pinned",
    "unpinned",
    "transferred",
    "sub_issue_added",
    "sub_issue_removed",
    "parent_issue_added",
    "parent_issue_removed",
    "blocked_by_added",
    "blocked_by_removed",
    "marked_as_duplicate",
}

_NODE_PREFIXES = {
    "closed": "CE",
    "reopened": "REE",
    "renamed": "RTE",
    "labeled": "LE",
    "unlabeled": "UNLE",
    "milestoned": "MIE",
    "demilestoned": "DEME",
    "assigned": "AE",
    "unassigned": "UNAE",
    "locked": "LOE",
    "unlocked": "UNLOE",
}


def event_node(value: Event) -> str:
    """The GraphQL id of an event."""
    return node_id(_NODE_PREFIXES.get(value.kind, "EV"), value.id)


def logged(value: Issue) -> list[Event]:
    """The entries that the events endpoints show, oldest first."""
    return [entry for entry in value.events if entry.kind in _LOGGED]


def event(view: View, on: Issue, value: Event) -> Json:
    """One entry of the log."""
    repository = on.repository
    entry: Json = {
        "id": value.id,
        "node_id": event_node(value),
        "url": f"{view.repo(repository)}/issues/events/{value.id}",
        "actor": account(view, value.actor),
        "event": value.kind,
        "commit_id": value.commit or None,
        "commit_url": f"{view.repo(repository)}/commits/{value.commit}" if value.commit else None,
        "created_at": shown(value.at),
        "performed_via_github_app": None,
    }
    if value.kind == "closed":
        entry["state_reason"] = value.after or None
    elif value.kind == "renamed":
        entry["rename"] = {"from": value.before, "to": value.after}
    elif value.label is not None:
        entry["label"] = {"name": value.label.name, "color": value.label.color}
    elif value.milestone is not None:
        entry["milestone"] = {"title": value.milestone.title}
    elif value.user is not None:
        entry["assignee"] = account(view, value.user)
        entry["assigner"] = account(view, value.actor)
    elif value.kind == "locked":
        entry["lock_reason"] = value.after or None
    return entry


def timeline(view: View, on: Issue) -> list[Json]:
    """Everything that happened to an issue, comments and cross-references among it, oldest first."""
    comments = {str(entry.id): entry for entry in on.comments}
    shown_events: list[Json] = []
    for value in on.events:
        if value.kind == "commented" and value.after in comments:
            said = comments[value.after]
            shown_events.append(
                {"event": "commented", "actor": account(view, said.author), **comment(view, on, said)}
            )
        elif value.kind == "cross-referenced" and value.other is not None:
            shown_events.append(
                {
                    "event": "cross-referenced",
                    "actor": account(view, value.actor),
                    "created_at": shown(value.at),
                    "updated_at": shown(value.at),
                    "source": {"type": "issue", "issue": issue(view, value.other)},
                }
            )
        elif value.kind in _LOGGED:
            shown_events.append(event(view, on, value))
    return shown_events
