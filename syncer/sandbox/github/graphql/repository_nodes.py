"""A repository as a GraphQL node: the lists it holds and how they are filtered and ordered."""

from __future__ import annotations

from datetime import date
from typing import Any

from syncer.sandbox import merging
from syncer.sandbox.github import times
from syncer.sandbox.github.graphql import git_nodes, nodes
from syncer.sandbox.github.graphql.connections import connection
from syncer.sandbox.github.graphql.session import Failure, Json, Session, not_found
from syncer.sandbox.github.times import seconds, shown
from syncer.sandbox.identifiers import node_id
from syncer.sandbox.issues import Issue, Milestone
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository


def repository(session: Session, value: Repository) -> Json:
    """A repository."""
    role = session.asker.role(value)
    head = value.head()
    main = f"refs/heads/{value.default_branch}"
    return {
        "__typename": "Repository",
        "id": node_id("R", value.id),
        "databaseId": value.id,
        "name": value.name,
        "nameWithOwner": value.full_name,
        "owner": nodes.actor(session, value.owner),
        "description": value.description or None,
        "autoMergeAllowed": value.auto_merge_allowed,
        "createdAt": shown(value.created_at),
        "updatedAt": shown(value.updated_at),
        "pushedAt": shown(value.pushed_at),
        "defaultBranchRef": lambda _info: None if head is None else git_nodes.ref(session, value, main, head),
        "hasIssuesEnabled": value.issues_enabled,
        "isArchived": value.archived,
        "isPrivate": value.private,
        "visibility": "PRIVATE" if value.private else "PUBLIC",
        "url": session.view.web(value),
        "viewerCanAdminister": role >= Role.ADMIN,
        "viewerPermission": role.name if role > Role.NONE else None,
        "issue": lambda _info, number: nodes.issue(session, find_issue(session, value, number)),
        "issueOrPullRequest": lambda _info, number: nodes.thread(session, _any(session, value, number)),
        "issues": lambda _info, **arguments: _issues(session, value, arguments),
        "label": lambda _info, name: _label(session, value, name),
        "labels": lambda _info, **arguments: _labels(session, value, arguments),
        "milestone": lambda _info, number: _milestone(session, value, number),
        "milestones": lambda _info, **arguments: _milestones(session, value, arguments),
        "object": lambda _info, **arguments: _object(session, value, arguments),
        "pullRequest": lambda _info, number: nodes.pull(session, find_pull(value, number)),
        "pullRequests": lambda _info, **arguments: _pulls(session, value, arguments),
        "ref": lambda _info, **arguments: _ref(session, value, arguments["qualifiedName"]),
        "refs": lambda _info, **arguments: _refs(session, value, arguments),
    }


def find_issue(session: Session, home: Repository, number: int) -> Issue:
    """An issue by number; pull requests are none, and what moved away is not here."""
    found = home.issues.get(number)
    hidden = found is not None and session.forge.lag.hides(found.created_at, session.now)
    if found is None or found.gone or found.pull is not None or hidden:
        raise not_found(f"Could not resolve to an Issue with the number of {number}.")
    return found


def find_pull(home: Repository, number: int) -> Issue:
    """A pull request by number."""
    found = home.pulls.get(number)
    if found is None or found.gone:
        raise not_found(f"Could not resolve to a PullRequest with the number of {number}.")
    return found


def _any(session: Session, home: Repository, number: int) -> Issue:
    found = home.issues.get(number)
    if found is None or found.gone or session.forge.lag.hides(found.created_at, session.now):
        raise not_found(f"Could not resolve to an issue or pull request with the number of {number}.")
    return found


def _issues(session: Session, home: Repository, arguments: dict[str, Any]) -> Json:
    filters = arguments.get("filterBy") or {}
    states = arguments.get("states") or filters.get("states")
    labels = {name.lower() for name in [*(arguments.get("labels") or []), *(filters.get("labels") or [])]}
    since = _moment(filters.get("since"))
    seen = (
        entry.as_of(session.list_moment)
        for entry in home.issues.values()
        if entry.pull is None
        and not entry.gone
        and not session.forge.lag.hides(entry.created_at, session.now)
    )
    found = [
        entry
        for entry in seen
        if entry is not None
        and (not states or ("CLOSED" if entry.closed else "OPEN") in states)
        and (since is None or seconds(entry.updated_at) >= seconds(since))
        and (not labels or labels & {label.name.lower() for label in entry.labels})
        and _fits(entry, filters)
    ]
    order = arguments.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}

    def place(entry: Issue) -> str:
        if order["field"] == "COMMENTS":
            return f"{entry.comment_count:09d}/{entry.number:09d}"
        moment = entry.updated_at if order["field"] == "UPDATED_AT" else entry.created_at
        return f"{int(moment.timestamp()):012d}/{entry.number:09d}"

    found.sort(key=place, reverse=order["direction"] == "DESC")
    return connection(session, found, lambda entry: nodes.issue(session, entry), arguments, place)


def _fits(entry: Issue, filters: dict[str, Any]) -> bool:
    creator = filters.get("createdBy")
    if creator and entry.author.login.lower() != creator.lower():
        return False
    assignee = filters.get("assignee")
    if assignee and assignee != "*" and assignee not in {user.login for user in entry.assignees}:
        return False
    number = filters.get("milestoneNumber")
    return not number or (entry.milestone is not None and str(entry.milestone.number) == number)


def _moment(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return times.read(text)
    except ValueError:
        raise Failure("UNPROCESSABLE", f"`{text}` is not a valid DateTime") from None


def _label(session: Session, home: Repository, name: str) -> Json | None:
    found = home.find_label(name)
    return None if found is None else nodes.label(session, home, found)


def _labels(session: Session, home: Repository, arguments: dict[str, Any]) -> Json:
    wanted = (arguments.get("query") or "").lower()
    found = [label for label in home.labels.values() if wanted in label.name.lower()]
    return connection(session, found, lambda label: nodes.label(session, home, label), arguments)


def _milestone(session: Session, home: Repository, number: int) -> Json:
    found = home.milestones.get(number)
    if found is None:
        raise not_found(f"Could not resolve to a Milestone with the number of {number}.")
    return nodes.milestone(session, home, found)


def _milestones(session: Session, home: Repository, arguments: dict[str, Any]) -> Json:
    states = arguments.get("states")
    seen = [entry.as_of(session.list_moment) for entry in home.milestones.values()]
    found = [
        entry
        for entry in seen
        if entry is not None and (not states or ("CLOSED" if entry.closed else "OPEN") in states)
    ]
    order = arguments.get("orderBy") or {"field": "NUMBER", "direction": "ASC"}

    def key(entry: Milestone) -> tuple[str, int]:
        values = {
            "DUE_DATE": (entry.due or date.max).isoformat(),
            "CREATED_AT": shown(entry.created_at),
            "UPDATED_AT": shown(entry.updated_at),
        }
        return (values.get(order["field"], ""), entry.number)

    found.sort(key=key, reverse=order["direction"] == "DESC")
    return connection(session, found, lambda entry: nodes.milestone(session, home, entry), arguments)


def _object(session: Session, home: Repository, arguments: dict[str, Any]) -> Json | None:
    if arguments.get("oid"):
        return git_nodes.git_object(session, home, arguments["oid"])
    return git_nodes.expression(session, home, arguments.get("expression") or "HEAD")


def _pulls(session: Session, home: Repository, arguments: dict[str, Any]) -> Json:
    states = arguments.get("states")
    found: list[Issue] = []
    for entry in home.pulls.values():
        parts = merging.parts(entry)
        state = "MERGED" if parts.merged_at else "CLOSED" if entry.closed else "OPEN"
        if states and state not in states:
            continue
        if arguments.get("headRefName") not in (None, parts.head):
            continue
        if arguments.get("baseRefName") not in (None, parts.base):
            continue
        found.append(entry)
    return connection(session, found, lambda entry: nodes.pull(session, entry), arguments)


def _ref(session: Session, home: Repository, name: str) -> Json | None:
    full = name if name.startswith("refs/") else f"refs/heads/{name}"
    if full.startswith("refs/tags/"):
        sha = home.tags.get(full.removeprefix("refs/tags/"))
    else:
        sha = home.branches.as_of(full.removeprefix("refs/heads/"), session.circumstances.list_moment)
    return None if sha is None else git_nodes.ref(session, home, full, sha)


def _refs(session: Session, home: Repository, arguments: dict[str, Any]) -> Json:
    prefix = arguments["refPrefix"]
    table = home.tags if prefix == "refs/tags/" else home.branches.heads
    found = [
        (f"{prefix}{name}", sha)
        for name, sha in sorted(table.items())
        if (arguments.get("query") or "") in name
    ]
    return connection(session, found, lambda pair: git_nodes.ref(session, home, *pair), arguments)
