"""Merge requests as GitLab shows them."""

from __future__ import annotations

from syncer.sandbox import merging
from syncer.sandbox.gitlab.render.issues import milestone
from syncer.sandbox.gitlab.render.people import user, user_or_none
from syncer.sandbox.gitlab.times import shown, shown_or_none
from syncer.sandbox.gitlab.view import Json, View
from syncer.sandbox.issues import Issue
from syncer.sandbox.people import Role


def state(value: Issue) -> str:
    """``opened``, ``closed`` or ``merged``."""
    if merging.parts(value).merged_at is not None:
        return "merged"
    return "closed" if value.closed else "opened"


def merge_request(view: View, value: Issue) -> Json:
    """A merge request."""
    parts, project = merging.parts(value), value.repository
    waiting = parts.auto_merge is not None and parts.merged_at is None
    conflicts = not value.closed and not merging.mergeable(value)
    blocked = "" if value.closed else merging.blocked(value)
    detailed = "conflict" if conflicts else "ci_must_pass" if blocked else "mergeable"
    return {
        "id": parts.id,
        "iid": value.number,
        "project_id": project.id,
        "title": value.title,
        "description": value.body,
        "state": state(value),
        "created_at": shown(value.created_at),
        "updated_at": shown(value.updated_at),
        "merged_by": user_or_none(view, parts.merged_by),
        "merge_user": user_or_none(view, parts.merged_by or parts.auto_merge_by),
        "merged_at": shown_or_none(parts.merged_at),
        "closed_by": None if parts.merged_at else user_or_none(view, value.closed_by),
        "closed_at": None if parts.merged_at else shown_or_none(value.closed_at),
        "target_branch": parts.base,
        "source_branch": parts.head,
        "user_notes_count": value.comment_count,
        "upvotes": 0,
        "downvotes": 0,
        "author": user(view, value.author),
        "assignees": [user(view, one) for one in value.assignees],
        "assignee": user(view, value.assignees[0]) if value.assignees else None,
        "reviewers": [],
        "source_project_id": project.id,
        "target_project_id": project.id,
        "labels": sorted(label.name for label in value.labels),
        "draft": parts.draft,
        "imported": False,
        "imported_from": "none",
        "work_in_progress": parts.draft,
        "milestone": None if value.milestone is None else milestone(view, value.milestone, project),
        "merge_when_pipeline_succeeds": waiting,
        "merge_status": "cannot_be_merged" if conflicts else "can_be_merged",
        "detailed_merge_status": "not_open" if value.closed else detailed,
        "merge_after": None,
        "sha": parts.head_sha,
        "merge_commit_sha": None if parts.squash_sha else parts.merge_sha,
        "squash_commit_sha": parts.squash_sha,
        "discussion_locked": True if value.locked else None,
        "should_remove_source_branch": parts.remove_source_branch or None,
        "force_remove_source_branch": parts.remove_source_branch,
        "prepared_at": shown(value.created_at),
        "reference": f"!{value.number}",
        "references": {
            "short": f"!{value.number}",
            "relative": f"!{value.number}",
            "full": f"{project.full_name}!{value.number}",
        },
        "web_url": view.issue_web(value),
        "time_stats": {
            "time_estimate": 0,
            "total_time_spent": 0,
            "human_time_estimate": None,
            "human_total_time_spent": None,
        },
        "squash": parts.squash,
        "squash_on_merge": parts.squash,
        "task_completion_status": {"count": 0, "completed_count": 0},
        "has_conflicts": conflicts,
        "blocking_discussions_resolved": True,
    }


def full_merge_request(view: View, value: Issue) -> Json:
    """A merge request with what lists leave out."""
    parts = merging.parts(value)
    return {
        **merge_request(view, value),
        "subscribed": view.user is value.author,
        "changes_count": str(len(merging.changes(value))),
        "latest_build_started_at": None,
        "latest_build_finished_at": None,
        "first_deployed_to_production_at": None,
        "pipeline": None,
        "head_pipeline": None,
        "diff_refs": {"base_sha": parts.base_sha, "head_sha": parts.head_sha, "start_sha": parts.base_sha},
        "merge_error": None,
        "first_contribution": False,
        "user": {"can_merge": view.role(value.repository) >= Role.WRITE},
    }
