"""Projects, issues and work items as nodes of GitLab's GraphQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from syncer.sandbox.github.graphql.connections import decode, encode
from syncer.sandbox.github.pages import place_after
from syncer.sandbox.gitlab.graphql.session import Json, Session, gid, read_gid, unavailable
from syncer.sandbox.gitlab.times import milliseconds, read, shown, shown_or_none
from syncer.sandbox.issues import Issue, Label, Milestone
from syncer.sandbox.people import User
from syncer.sandbox.repository import Repository

T = TypeVar("T")

PAGE = 100
TYPES = {
    "issue": (1, "Issue"),
    "incident": (2, "Incident"),
    "test_case": (3, "Test Case"),
    "task": (5, "Task"),
}


def connection(
    session: Session, entries: Sequence[T], render: Callable[[T], Json], arguments: dict[str, Any]
) -> Json:
    """A page of at most a hundred entries."""
    kept = session.circumstances.withheld(list(entries))
    places = [f"{index:09d}" for index in range(len(kept))]
    start = place_after(places, decode(arguments["after"])) if arguments.get("after") else 0
    end = min(len(kept), start + min(arguments.get("first") or PAGE, PAGE))
    return {
        "count": len(kept),
        "nodes": [render(entry) for entry in kept[start:end]],
        "pageInfo": {
            "hasNextPage": end < len(kept),
            "hasPreviousPage": start > 0,
            "startCursor": encode(places[start]) if start < end else None,
            "endCursor": encode(places[end - 1]) if start < end else None,
        },
    }


def user(session: Session, value: User) -> Json:
    """A user."""
    return {
        "id": gid("User", value.id),
        "name": value.name,
        "username": value.login,
        "webUrl": f"{session.view.base}/{value.login}",
    }


def project(session: Session, value: Repository) -> Json:
    """A project."""
    return {
        "id": gid("Project", value.id),
        "fullPath": value.full_name,
        "name": value.name,
        "archived": value.archived,
        "webUrl": session.view.web(value),
        "issue": lambda _info, iid=None: _one(session, value, iid, issue),
        "issues": lambda _info, **arguments: _issues(session, value, arguments, issue),
        "workItems": lambda _info, **arguments: _issues(session, value, arguments, work_item),
        "workItemTypes": lambda _info, **arguments: types(session, arguments),
    }


def namespace(session: Session, value: Repository) -> Json:
    """A project in its part as a namespace."""
    return {
        "id": gid("Namespaces::ProjectNamespace", value.id),
        "fullPath": value.full_name,
        "name": value.name,
        "workItem": lambda _info, iid=None: _one(session, value, iid, work_item),
        "workItems": lambda _info, **arguments: _issues(session, value, arguments, work_item),
        "workItemTypes": lambda _info, **arguments: types(session, arguments),
    }


def types(session: Session, arguments: dict[str, Any]) -> Json:
    """The kinds of work items."""
    wanted = (arguments.get("name") or "").upper().replace(" ", "_")
    found = [kind for kind in TYPES if wanted in ("", kind.upper())]
    return connection(session, found, _type, arguments)


def type_of(key: str) -> str:
    """The kind that a type's global id stands for."""
    number = read_gid(key)
    found = next((kind for kind, (known, _) in TYPES.items() if known == number), None)
    if found is None:
        raise unavailable()
    return found


def issue(session: Session, value: Issue) -> Json:
    """An issue."""
    return {
        "author": user(session, value.author),
        "closedAt": shown_or_none(value.closed_at),
        "confidential": value.confidential,
        "createdAt": shown(value.created_at),
        "description": value.body,
        "id": gid("Issue", value.id),
        "iid": str(value.number),
        "labels": lambda _info, **arguments: connection(session, value.labels, _label, arguments),
        "milestone": None if value.milestone is None else _milestone(value.milestone),
        "state": "closed" if value.closed else "opened",
        "title": value.title,
        "updatedAt": shown(value.updated_at),
        "webUrl": session.view.issue_web(value),
    }


def work_item(session: Session, value: Issue) -> Json:
    """A work item: an issue, a task."""

    def children(_info: Any, **arguments: Any) -> Json:
        seen = [child for child in value.children if session.may_see(child)]
        return connection(session, seen, lambda child: work_item(session, child), arguments)

    widgets: list[Json] = [
        {"__typename": "WorkItemWidgetDescription", "type": "DESCRIPTION", "description": value.body},
        {
            "__typename": "WorkItemWidgetHierarchy",
            "type": "HIERARCHY",
            "parent": lambda _info: None if value.parent is None else work_item(session, value.parent),
            "hasParent": value.parent is not None,
            "hasChildren": bool(value.children),
            "children": children,
        },
        {
            "__typename": "WorkItemWidgetLabels",
            "type": "LABELS",
            "labels": lambda _info, **arguments: connection(session, value.labels, _label, arguments),
        },
        {
            "__typename": "WorkItemWidgetMilestone",
            "type": "MILESTONE",
            "milestone": None if value.milestone is None else _milestone(value.milestone),
        },
        {
            "__typename": "WorkItemWidgetAssignees",
            "type": "ASSIGNEES",
            "assignees": lambda _info, **arguments: connection(
                session, value.assignees, lambda one: user(session, one), arguments
            ),
        },
    ]
    short, full = f"#{value.number}", f"{value.repository.full_name}#{value.number}"
    return {
        **issue(session, value),
        "id": gid("WorkItem", value.id),
        "project": lambda _info: project(session, value.repository),
        "reference": lambda _info, **arguments: full if arguments.get("full") else short,
        "state": "CLOSED" if value.closed else "OPEN",
        "widgets": widgets,
        "workItemType": _type(value.type),
    }


def _one(
    session: Session, home: Repository, iid: str | None, render: Callable[[Session, Issue], Json]
) -> Json | None:
    found = home.issues.get(int(iid)) if iid is not None and iid.isdecimal() else None
    if found is None or found.deleted or not session.may_see(found):
        return None
    return render(session, found)


def _issues(
    session: Session, home: Repository, arguments: dict[str, Any], render: Callable[[Session, Issue], Json]
) -> Json:
    iids, state = arguments.get("iids"), arguments.get("state") or "all"
    after = read(arguments["updatedAfter"]) if arguments.get("updatedAfter") else None
    seen = (entry.as_of(session.list_moment) for entry in home.issues.values() if not entry.deleted)
    found = [
        entry
        for entry in seen
        if entry is not None
        and session.may_see(entry)
        and (not iids or str(entry.number) in iids)
        and (state == "all" or entry.closed == (state == "closed"))
        and (after is None or milliseconds(entry.updated_at) >= milliseconds(after))
    ]
    return connection(session, found[::-1], lambda entry: render(session, entry), arguments)


def _type(kind: str) -> Json:
    key, name = TYPES.get(kind, TYPES["issue"])
    return {"id": gid("WorkItems::Type", key), "name": name, "iconName": f"issue-type-{kind}"}


def _label(value: Label) -> Json:
    return {"id": gid("ProjectLabel", value.id), "title": value.name, "color": value.color}


def _milestone(value: Milestone) -> Json:
    return {
        "id": gid("Milestone", value.id),
        "iid": str(value.number),
        "title": value.title,
        "dueDate": value.due.isoformat() if value.due else None,
    }
