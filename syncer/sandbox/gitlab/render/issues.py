"""Issues, labels, milestones, notes and events as GitLab shows them."""

from __future__ import annotations

import re

from syncer.sandbox.gitlab.render.people import user, user_or_none
from syncer.sandbox.gitlab.times import shown, shown_or_none
from syncer.sandbox.gitlab.view import Json, View
from syncer.sandbox.issues import Comment, Event, Issue, Label, Milestone
from syncer.sandbox.repository import Repository

_TASK = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+\[([ xX~])\]\s", re.MULTILINE)


def label(project: Repository, value: Label, *, counts: bool = False) -> Json:
    """A label."""
    entry: Json = {
        "id": value.id,
        "name": value.name,
        "description": value.description or None,
        "description_html": value.description,
        "text_color": "#FFFFFF",
        "color": value.color,
        "archived": False,
    }
    if counts:
        having = [issue for issue in project.issues.values() if value in issue.labels and not issue.gone]
        entry["open_issues_count"] = sum(not issue.closed for issue in having)
        entry["closed_issues_count"] = sum(issue.closed for issue in having)
        entry["open_merge_requests_count"] = sum(
            value in pull.labels and not pull.closed for pull in project.pulls.values()
        )
    return {
        **entry,
        "subscribed": False,
        "priority": None,
        "is_project_label": True,
    }


def milestone(view: View, value: Milestone, project: Repository | None) -> Json:
    """A milestone: its dates are calendar dates."""
    home: Json = {"group_id": value.group_id}
    if value.group_id is None and project is not None:
        home = {"project_id": project.id}
    today = value.updated_at.date()
    return {
        "id": value.id,
        "iid": value.number,
        **home,
        "title": value.title,
        "description": value.description or "",
        "state": "closed" if value.closed else "active",
        "created_at": shown(value.created_at),
        "updated_at": shown(value.updated_at),
        "due_date": value.due.isoformat() if value.due else None,
        "start_date": value.start.isoformat() if value.start else None,
        "expired": value.due is not None and value.due < today and not value.closed,
        "web_url": view.milestone_web(value),
    }


def issue(view: View, value: Issue, *, details: bool = False, single: bool = False) -> Json:
    """An issue; with ``details`` labels are objects, ``single`` adds what lists leave out."""
    project = value.repository
    url = f"{view.project(project)}/issues/{value.number}"
    boxes = _TASK.findall(value.text)
    done = sum(mark in "xX" for mark in boxes)
    by_name = sorted(value.labels, key=lambda entry: entry.name)
    reference = f"{project.full_name}#{value.number}"
    duplicate = value.duplicate_of
    entry: Json = {
        "id": value.id,
        "iid": value.number,
        "project_id": project.id,
        "title": value.title,
        "description": value.body,
        "state": "closed" if value.closed else "opened",
        "created_at": shown(value.created_at),
        "updated_at": shown(value.updated_at),
        "closed_at": shown_or_none(value.closed_at),
        "closed_by": user_or_none(view, value.closed_by),
        "labels": [label_detail(one) for one in by_name] if details else [one.name for one in by_name],
        "milestone": None if value.milestone is None else milestone(view, value.milestone, project),
        "assignees": [user(view, one) for one in value.assignees],
        "author": user(view, value.author),
        "type": value.type.upper(),
        "assignee": user(view, value.assignees[0]) if value.assignees else None,
        "user_notes_count": value.comment_count,
        "merge_requests_count": 0,
        "upvotes": 0,
        "downvotes": 0,
        "due_date": value.due.isoformat() if value.due else None,
        "confidential": value.confidential,
        "discussion_locked": True if value.locked else None,
        "issue_type": value.type,
        "web_url": view.issue_web(value),
        "time_stats": {
            "time_estimate": 0,
            "total_time_spent": 0,
            "human_time_estimate": None,
            "human_total_time_spent": None,
        },
        "task_completion_status": {"count": len(boxes), "completed_count": done},
        "blocking_issues_count": 0,
        "has_tasks": bool(boxes),
        "task_status": f"{done} of {len(boxes)} checklist items completed",
        "_links": {
            "self": url,
            "notes": f"{url}/notes",
            "award_emoji": f"{url}/award_emoji",
            "project": view.project(project),
            "closed_as_duplicate_of": None
            if duplicate is None
            else f"{view.project(duplicate.repository)}/issues/{duplicate.number}",
        },
        "references": {"short": f"#{value.number}", "relative": f"#{value.number}", "full": reference},
        "severity": "UNKNOWN",
        "moved_to_id": value.moved_to.id if value.moved_to is not None else None,
        "imported": False,
        "imported_from": "none",
        "service_desk_reply_to": None,
    }
    if project.forge.settings.premium:
        entry["weight"] = value.weight
    if single:
        entry["subscribed"] = view.user is value.author
    return entry


def label_detail(value: Label) -> Json:
    """A label as issues contain it when details are asked for."""
    return {
        "id": value.id,
        "name": value.name,
        "color": value.color,
        "description": value.description or None,
        "description_html": value.description,
        "text_color": "#FFFFFF",
        "archived": False,
    }


def note(view: View, on: Issue, value: Comment) -> Json:
    """A note; the ones GitLab writes itself are marked ``system``."""
    return {
        "id": value.id,
        "type": None,
        "body": value.body,
        "author": user(view, value.author),
        "created_at": shown(value.created_at),
        "updated_at": shown(value.updated_at),
        "system": value.system,
        "noteable_id": on.id if on.pull is None else on.pull.id,
        "noteable_type": "Issue" if on.pull is None else "MergeRequest",
        "project_id": on.repository.id,
        "resolvable": False,
        "confidential": False,
        "internal": False,
        "imported": False,
        "imported_from": "none",
        "noteable_iid": on.number,
        "commands_changes": {},
    }


def state_event(view: View, on: Issue, value: Event) -> Json:
    """One closing or reopening."""
    return {
        "id": value.id,
        "user": user(view, value.actor),
        "created_at": shown(value.at),
        "resource_type": "Issue" if on.pull is None else "MergeRequest",
        "resource_id": on.id,
        "source_commit": value.commit or None,
        "source_merge_request_id": None,
        "state": value.kind,
    }


def label_event(view: View, on: Issue, value: Event) -> Json:
    """One label put on or taken off."""
    return {
        "id": value.id,
        "user": user(view, value.actor),
        "created_at": shown(value.at),
        "resource_type": "Issue",
        "resource_id": on.id,
        "label": None if value.label is None else label_detail(value.label),
        "action": "add" if value.kind == "labeled" else "remove",
    }


def milestone_event(view: View, on: Issue, value: Event) -> Json:
    """One milestone set or taken away."""
    return {
        "id": value.id,
        "user": user(view, value.actor),
        "created_at": shown(value.at),
        "resource_type": "Issue",
        "resource_id": on.id,
        "milestone": None if value.milestone is None else milestone(view, value.milestone, on.repository),
        "action": "add" if value.kind == "milestoned" else "remove",
        "state": "closed" if on.closed else "opened",
    }
