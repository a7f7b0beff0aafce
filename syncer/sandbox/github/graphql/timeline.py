"""An issue's timeline as GraphQL nodes."""

from __future__ import annotations

from typing import Any

from syncer.sandbox.github import times
from syncer.sandbox.github.graphql import git_nodes, nodes
from syncer.sandbox.github.graphql.connections import connection
from syncer.sandbox.github.graphql.session import Json, Session
from syncer.sandbox.github.render.events import event_node
from syncer.sandbox.github.times import seconds, shown
from syncer.sandbox.issues import Event, Issue

_TYPES = {
    "assigned": "AssignedEvent",
    "closed": "ClosedEvent",
    "commented": "IssueComment",
    "cross-referenced": "CrossReferencedEvent",
    "demilestoned": "DemilestonedEvent",
    "labeled": "LabeledEvent",
    "locked": "LockedEvent",
    "milestoned": "MilestonedEvent",
    "referenced": "ReferencedEvent",
    "renamed": "RenamedTitleEvent",
    "reopened": "ReopenedEvent",
    "unassigned": "UnassignedEvent",
    "unlabeled": "UnlabeledEvent",
    "unlocked": "UnlockedEvent",
}


def items(session: Session, on: Issue, arguments: dict[str, Any]) -> Json:
    """What happened to an issue, oldest first, of some kinds if asked."""
    wanted = arguments.get("itemTypes")
    since = times.read(arguments["since"]) if arguments.get("since") else None
    found = [
        event
        for event in on.events
        if event.kind in _TYPES
        and (not wanted or _enum(_TYPES[event.kind]) in wanted)
        and (since is None or seconds(event.at) >= seconds(since))
        and (event.kind != "commented" or any(str(said.id) == event.after for said in on.comments))
    ][arguments.get("skip") or 0 :]
    page = connection(session, found, lambda event: _item(session, on, event), arguments)
    return {
        **page,
        "filteredCount": len(found),
        "pageCount": len(page["nodes"]),
        "updatedAt": shown(on.updated_at),
    }


def _enum(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).strip("_").upper()


def _item(session: Session, on: Issue, event: Event) -> Json:
    home = on.repository
    if event.kind == "commented":
        said = next(said for said in on.comments if str(said.id) == event.after)
        return nodes.comment(session, on, said)
    node: Json = {
        "__typename": _TYPES[event.kind],
        "id": event_node(event),
        "actor": nodes.actor(session, event.actor),
        "createdAt": shown(event.at),
    }
    if event.kind == "closed":
        commit = home.store.commits.get(event.commit)
        node["closer"] = None if commit is None else git_nodes.commit(session, home, commit)
        node["stateReason"] = lambda _info, **arguments: _reason(event.after, arguments)
    elif event.kind == "reopened":
        node["stateReason"] = "REOPENED"
    elif event.kind == "renamed":
        node["previousTitle"], node["currentTitle"] = event.before, event.after
    elif event.milestone is not None:
        node["milestoneTitle"] = event.milestone.title
    elif event.label is not None:
        node["label"] = nodes.label(session, home, event.label)
    elif event.user is not None:
        node["assignee"] = nodes.actor(session, event.user)
    elif event.kind == "locked":
        node["lockReason"] = event.after.upper().replace("-", "_").replace(" ", "_") or None
    elif event.kind == "cross-referenced" and event.other is not None:
        node["isCrossRepository"] = event.other.repository is not home
        node["source"] = nodes.thread(session, event.other)
    elif event.kind == "referenced":
        commit = home.store.commits.get(event.commit)
        node["commit"] = None if commit is None else git_nodes.commit(session, home, commit)
    return node


def _reason(reason: str, arguments: dict[str, Any]) -> str | None:
    if reason == "duplicate" and not arguments.get("enableDuplicate"):
        return "NOT_PLANNED"
    return reason.upper() or None
