"""People, repositories, issues, milestones, labels and pull requests as GraphQL nodes.

A node is a mapping whose values are either ready or functions that the executor calls with the field's
arguments, so that only what was asked for is computed.
"""

from __future__ import annotations

from typing import Any

from syncer.sandbox import merging
from syncer.sandbox.github import times
from syncer.sandbox.github.graphql import git_nodes, repository_nodes, timeline
from syncer.sandbox.github.graphql.connections import connection
from syncer.sandbox.github.graphql.session import Json, Session
from syncer.sandbox.github.render.issues import issue_node
from syncer.sandbox.github.render.people import association
from syncer.sandbox.github.times import shown, shown_or_none
from syncer.sandbox.identifiers import node_id
from syncer.sandbox.issues import BodyEdit, Comment, Issue, Label, Milestone
from syncer.sandbox.people import Group, Role, User
from syncer.sandbox.repository import Repository


def actor(session: Session, value: User | Group) -> Json:
    """A user, a bot or an organization."""
    if isinstance(value, Group):
        kind, login, prefix = "Organization", value.path, "O"
    else:
        kind, prefix = ("Bot", "BOT") if value.kind == "Bot" else ("User", "U")
        login = value.login.removesuffix("[bot]")
    return {
        "__typename": kind,
        "id": node_id(prefix, value.id),
        "databaseId": value.id,
        "login": login,
        "name": value.name if isinstance(value, User) else value.path,
        "email": "",
        "avatarUrl": f"{session.view.base}/avatars/u/{value.id}?v=4",
        "resourcePath": f"/{login}",
        "url": f"{session.view.base}/{login}",
    }


def viewer(session: Session) -> Json:
    """Whoever asks; bots too are shown as users here."""
    user = session.user
    return {**actor(session, user), "__typename": "User", "login": user.login, "email": user.email}


def repository(session: Session, value: Repository) -> Json:
    """A repository."""
    return repository_nodes.repository(session, value)


def label(session: Session, home: Repository, value: Label) -> Json:
    """A label."""
    return {
        "__typename": "Label",
        "id": node_id("LA", value.id),
        "name": value.name,
        "color": value.color,
        "description": value.description or None,
        "createdAt": shown(value.created_at),
        "isDefault": value.default,
        "repository": lambda _info: repository(session, home),
        "url": f"{session.view.web(home)}/labels/{value.name}",
    }


def milestone(session: Session, home: Repository, value: Milestone) -> Json:
    """A milestone."""

    def issues(_info: Any, **arguments: Any) -> Json:
        states = arguments.get("states") or ["OPEN", "CLOSED"]
        found = [
            entry
            for entry in home.issues.values()
            if entry.milestone is value and entry.pull is None and not entry.gone and _state(entry) in states
        ]
        return connection(session, found, lambda entry: issue(session, entry), arguments)

    def progress(_info: Any) -> float:
        open_issues, closed_issues = session.view.milestone_counts(home, value)
        total = open_issues + closed_issues
        return closed_issues * 100 / total if total else 0.0

    return {
        "__typename": "Milestone",
        "id": node_id("MI", value.id),
        "number": value.number,
        "title": value.title,
        "description": value.description,
        "closed": value.closed,
        "closedAt": shown_or_none(value.closed_at),
        "createdAt": shown(value.created_at),
        "updatedAt": shown(value.updated_at),
        "dueOn": times.due_on(value.due),
        "state": "CLOSED" if value.closed else "OPEN",
        "creator": actor(session, value.creator),
        "issues": issues,
        "progressPercentage": progress,
        "repository": lambda _info: repository(session, home),
        "url": f"{session.view.web(home)}/milestone/{value.number}",
    }


def comment(session: Session, on: Issue, value: Comment) -> Json:
    """A comment."""
    return {
        "__typename": "IssueComment",
        "id": node_id("IC", value.id),
        "databaseId": value.id,
        "author": actor(session, value.author),
        "body": value.body,
        "createdAt": shown(value.created_at),
        "updatedAt": shown(value.updated_at),
        "url": f"{session.view.issue_web(on)}#issuecomment-{value.id}",
    }


def issue(session: Session, value: Issue) -> Json:
    """An issue."""
    home = value.repository

    def edits(_info: Any, **arguments: Any) -> Json:
        return connection(session, value.edits[::-1], lambda entry: _edit(session, entry), arguments)

    def reason(_info: Any, **arguments: Any) -> str | None:
        return _reason(value.reason, arguments.get("enableDuplicate", False))

    last = value.edits[-1] if value.edits else None
    done = sum(child.closed for child in value.children)
    total = len(value.children)
    node = _thread(session, value)
    node.update(
        {
            "__typename": "Issue",
            "databaseId": value.id,
            "fullDatabaseId": str(value.id),
            "activeLockReason": (value.lock_reason or "").upper().replace("-", "_").replace(" ", "_") or None,
            "duplicateOf": lambda _info: (
                None if value.duplicate_of is None else issue(session, value.duplicate_of)
            ),
            "editor": None if last is None else actor(session, last.editor),
            "includesCreatedEdit": bool(value.edits),
            "lastEditedAt": None if last is None else shown(last.at),
            "parent": lambda _info: None if value.parent is None else issue(session, value.parent),
            "state": _state(value),
            "stateReason": reason,
            "subIssues": lambda _info, **arguments: connection(
                session, value.children, lambda child: issue(session, child), arguments
            ),
            "subIssuesSummary": {
                "total": total,
                "completed": done,
                "percentCompleted": done * 100 // total if total else 0,
            },
            "timelineItems": lambda _info, **arguments: timeline.items(session, value, arguments),
            "userContentEdits": edits,
            "viewerCanUpdate": value.author is session.asker.user or session.asker.role(home) >= Role.WRITE,
            "viewerDidAuthor": value.author is session.asker.user,
        }
    )
    return node


def pull(session: Session, value: Issue) -> Json:
    """A pull request."""
    parts, home = merging.parts(value), value.repository

    def commits(_info: Any, **arguments: Any) -> Json:
        return connection(
            session,
            merging.commits(value),
            lambda entry: {
                "__typename": "PullRequestCommit",
                "id": node_id("PURC", f"{parts.id}:{entry.sha}"),
                "commit": git_nodes.commit(session, home, entry),
            },
            arguments,
        )

    def mergeable(_info: Any) -> str:
        if value.closed:
            return "UNKNOWN"
        return "MERGEABLE" if merging.mergeable(value) else "CONFLICTING"

    waiting = None
    if parts.auto_merge is not None and parts.auto_merge_by is not None:
        waiting = {
            "enabledAt": shown_or_none(parts.auto_merge_at),
            "enabledBy": actor(session, parts.auto_merge_by),
            "mergeMethod": parts.auto_merge.upper(),
        }
    merged = home.store.commits.get(parts.merge_sha or "")
    node = _thread(session, value)
    node.update(
        {
            "__typename": "PullRequest",
            "databaseId": parts.id,
            "fullDatabaseId": str(parts.id),
            "autoMergeRequest": waiting,
            "baseRefName": parts.base,
            "headRefName": parts.head,
            "headRefOid": parts.head_sha,
            "commits": commits,
            "isDraft": parts.draft,
            "mergeCommit": lambda _info: None if merged is None else git_nodes.commit(session, home, merged),
            "mergeable": mergeable,
            "merged": parts.merged_at is not None,
            "mergedAt": shown_or_none(parts.merged_at),
            "state": "MERGED" if parts.merged_at else _state(value),
        }
    )
    return node


def thread(session: Session, value: Issue) -> Json:
    """An issue or a pull request, whichever it is."""
    return issue(session, value) if value.pull is None else pull(session, value)


def _thread(session: Session, value: Issue) -> Json:
    home = value.repository
    return {
        "id": issue_node(value),
        "number": value.number,
        "title": value.title,
        "body": value.text,
        "author": actor(session, value.author),
        "authorAssociation": association(home, value.author),
        "assignees": lambda _info, **arguments: connection(
            session, value.assignees, lambda user: actor(session, user), arguments
        ),
        "closed": value.closed,
        "closedAt": shown_or_none(value.closed_at),
        "comments": lambda _info, **arguments: connection(
            session, value.comments, lambda said: comment(session, value, said), arguments
        ),
        "createdAt": shown(value.created_at),
        "updatedAt": shown(value.updated_at),
        "labels": lambda _info, **arguments: connection(
            session, value.labels, lambda entry: label(session, home, entry), arguments
        ),
        "locked": value.locked,
        "milestone": None if value.milestone is None else milestone(session, home, value.milestone),
        "repository": lambda _info: repository(session, home),
        "url": session.view.issue_web(value),
    }


def _edit(session: Session, value: BodyEdit) -> Json:
    return {
        "__typename": "UserContentEdit",
        "id": node_id("UCE", value.id),
        "createdAt": shown(value.at),
        "editedAt": shown(value.at),
        "updatedAt": shown(value.at),
        "deletedAt": None,
        "editor": actor(session, value.editor),
        "diff": value.body,
    }


def _state(value: Issue) -> str:
    return "CLOSED" if value.closed else "OPEN"


def _reason(reason: str | None, show_duplicate: bool) -> str | None:
    if reason == "duplicate" and not show_duplicate:
        return "NOT_PLANNED"
    return reason.upper() if reason else None
