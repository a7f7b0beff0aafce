"""Issues, comments, labels and milestones as GitHub shows them."""

from __future__ import annotations

from urllib.parse import quote

from syncer.sandbox.github.render.people import account, account_or_none, association
from syncer.sandbox.github.times import due_on, shown, shown_or_none
from syncer.sandbox.github.view import Json, View
from syncer.sandbox.identifiers import node_id
from syncer.sandbox.issues import Comment, Issue, Label, Milestone
from syncer.sandbox.repository import Repository

_REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def label(view: View, repository: Repository, value: Label) -> Json:
    """A label."""
    return {
        "id": value.id,
        "node_id": node_id("LA", value.id),
        "url": f"{view.repo(repository)}/labels/{quote(value.name)}",
        "name": value.name,
        "color": value.color,
        "default": value.default,
        "description": value.description or None,
    }


def milestone(view: View, repository: Repository, value: Milestone) -> Json:
    """A milestone; ``due_on`` is midnight of a Pacific day."""
    url = f"{view.repo(repository)}/milestones/{value.number}"
    open_issues, closed_issues = view.milestone_counts(repository, value)
    return {
        "url": url,
        "html_url": f"{view.web(repository)}/milestone/{value.number}",
        "labels_url": f"{url}/labels",
        "id": value.id,
        "node_id": node_id("MI", value.id),
        "number": value.number,
        "title": value.title,
        "description": value.description,
        "creator": account(view, value.creator),
        "open_issues": open_issues,
        "closed_issues": closed_issues,
        "state": "closed" if value.closed else "open",
        "created_at": shown(value.created_at),
        "updated_at": shown(value.updated_at),
        "due_on": due_on(value.due),
        "closed_at": shown_or_none(value.closed_at),
    }


def issue(view: View, value: Issue, *, single: bool = False) -> Json:
    """An issue, or a pull request in an issue's clothes; ``single`` adds what lists leave out."""
    repository, url = value.repository, view.issue(value)
    entry: Json = {
        "url": url,
        "repository_url": view.repo(repository),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": view.issue_web(value),
        "id": value.id,
        "node_id": issue_node(value),
        "number": value.number,
        "title": value.title,
        "user": account(view, value.author),
        "labels": [label(view, repository, entry) for entry in value.labels],
        "state": "closed" if value.closed else "open",
        "locked": value.locked,
        "assignee": account(view, value.assignees[0]) if value.assignees else None,
        "assignees": [account(view, user) for user in value.assignees],
        "milestone": None if value.milestone is None else milestone(view, repository, value.milestone),
        "comments": value.comment_count,
        "created_at": shown(value.created_at),
        "updated_at": shown(value.updated_at),
        "closed_at": shown_or_none(value.closed_at),
        "author_association": association(repository, value.author),
        "active_lock_reason": value.lock_reason,
        "body": value.body,
        "reactions": _reactions(url),
        "timeline_url": f"{url}/timeline",
        "performed_via_github_app": None,
        "state_reason": value.reason if value.pull is None else None,
    }
    if value.pull is None:
        entry["type"] = None
        if repository.forge.has("sub_issues"):
            done = sum(child.closed for child in value.children)
            total = len(value.children)
            entry["sub_issues_summary"] = {
                "total": total,
                "completed": done,
                "percent_completed": done * 100 // total if total else 0,
            }
            if value.parent is not None:
                entry["parent_issue_url"] = view.issue(value.parent)
        if repository.forge.has("dependencies"):
            entry["issue_dependencies_summary"] = _dependencies(value)
    else:
        pull_url = f"{view.repo(repository)}/pulls/{value.number}"
        entry["draft"] = value.pull.draft
        entry["pull_request"] = {
            "url": pull_url,
            "html_url": view.issue_web(value),
            "diff_url": f"{view.issue_web(value)}.diff",
            "patch_url": f"{view.issue_web(value)}.patch",
            "merged_at": shown_or_none(value.pull.merged_at),
        }
    if single:
        entry["closed_by"] = account_or_none(view, value.closed_by)
    return entry


def issue_node(value: Issue) -> str:
    """The GraphQL id of an issue or of a pull request."""
    return node_id("I", value.id) if value.pull is None else node_id("PR", value.pull.id)


def comment(view: View, on: Issue, value: Comment) -> Json:
    """A comment."""
    url = f"{view.repo(on.repository)}/issues/comments/{value.id}"
    return {
        "url": url,
        "html_url": f"{view.issue_web(on)}#issuecomment-{value.id}",
        "issue_url": view.issue(on),
        "id": value.id,
        "node_id": node_id("IC", value.id),
        "user": account(view, value.author),
        "created_at": shown(value.created_at),
        "updated_at": shown(value.updated_at),
        "body": value.body,
        "author_association": association(on.repository, value.author),
        "reactions": _reactions(url),
        "performed_via_github_app": None,
    }


def _dependencies(value: Issue) -> Json:
    return {
        "blocked_by": sum(not other.closed for other in value.blocked_by),
        "total_blocked_by": len(value.blocked_by),
        "blocking": sum(not other.closed for other in value.blocks),
        "total_blocking": len(value.blocks),
    }


def _reactions(url: str) -> Json:
    return {"url": f"{url}/reactions", "total_count": 0, **dict.fromkeys(_REACTIONS, 0)}
