"""How the admin API shows the things of the model."""

from __future__ import annotations

from typing import Any

from syncer.sandbox.handles import IssueHandle, MilestoneHandle
from syncer.sandbox.repository_handle import RepositoryHandle

Json = dict[str, Any]


def issue(value: IssueHandle) -> Json:
    """An issue or a pull request."""
    return {
        "number": value.number,
        "id": value.id,
        "title": value.title,
        "body": value.body,
        "state": value.state,
        "reason": value.reason,
        "labels": sorted(value.labels),
        "assignees": sorted(value.assignees),
        "milestone": value.milestone_title,
        "author": value.author,
        "updated_at": value.updated_at.isoformat(),
        "comments": value.comments,
        "children": value.children,
        "merged": value.merged,
        "gone": value.gone,
    }


def milestone(value: MilestoneHandle) -> Json:
    """A value."""
    return {
        "number": value.number,
        "id": value.id,
        "title": value.title,
        "description": value.description,
        "state": value.state,
        "due": value.due.isoformat() if value.due else None,
    }


def repository(value: RepositoryHandle) -> Json:
    """A repository with what is in it."""
    model = value.model
    head = model.head()
    paths = sorted(model.store.leaves(model.store.commits[head].tree)) if head else []
    return {
        "path": value.full_name,
        "id": value.id,
        "default_branch": model.default_branch,
        "branches": value.branches(),
        "files": paths,
        "labels": sorted(value.labels),
        "issues": [issue(entry) for entry in value.issues()],
        "pulls": [issue(entry) for entry in value.pulls()],
        "milestones": [milestone(entry) for entry in value.milestones()],
    }
