"""Pull requests as GitHub shows them."""

from __future__ import annotations

from syncer.sandbox import history, merging
from syncer.sandbox.github.render.issues import issue_node, label, milestone
from syncer.sandbox.github.render.people import account, account_or_none, association
from syncer.sandbox.github.render.repositories import repository
from syncer.sandbox.github.times import shown, shown_or_none
from syncer.sandbox.github.view import Json, View
from syncer.sandbox.issues import Issue


def pull(view: View, value: Issue) -> Json:
    """A pull request as lists contain it."""
    parts, home = merging.parts(value), value.repository
    url, web = f"{view.repo(home)}/pulls/{value.number}", view.issue_web(value)
    head_url = f"{view.repo(home)}/statuses/{parts.head_sha}"
    return {
        "url": url,
        "id": parts.id,
        "node_id": issue_node(value),
        "html_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "issue_url": view.issue(value),
        "number": value.number,
        "state": "closed" if value.closed else "open",
        "locked": value.locked,
        "title": value.title,
        "user": account(view, value.author),
        "body": value.body,
        "created_at": shown(value.created_at),
        "updated_at": shown(value.updated_at),
        "closed_at": shown_or_none(value.closed_at),
        "merged_at": shown_or_none(parts.merged_at),
        "merge_commit_sha": parts.merge_sha,
        "assignee": account(view, value.assignees[0]) if value.assignees else None,
        "assignees": [account(view, user) for user in value.assignees],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": [label(view, home, entry) for entry in value.labels],
        "milestone": None if value.milestone is None else milestone(view, home, value.milestone),
        "draft": parts.draft,
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{view.repo(home)}/pulls/comments{{/number}}",
        "comments_url": f"{view.issue(value)}/comments",
        "statuses_url": head_url,
        "head": _side(view, value, parts.head, parts.head_sha),
        "base": _side(view, value, parts.base, parts.base_sha),
        "_links": {
            "self": {"href": url},
            "html": {"href": web},
            "issue": {"href": view.issue(value)},
            "comments": {"href": f"{view.issue(value)}/comments"},
            "review_comments": {"href": f"{url}/comments"},
            "review_comment": {"href": f"{view.repo(home)}/pulls/comments{{/number}}"},
            "commits": {"href": f"{url}/commits"},
            "statuses": {"href": head_url},
        },
        "author_association": association(home, value.author),
        "auto_merge": _auto_merge(view, value),
        "active_lock_reason": value.lock_reason,
    }


def full_pull(view: View, value: Issue) -> Json:
    """A pull request with what only a direct look shows."""
    parts, store = merging.parts(value), value.repository.store
    found = merging.changes(value)
    counts = [history.patch(store, change)[1:] for change in found]
    return {
        **pull(view, value),
        "merged": parts.merged_at is not None,
        "mergeable": None if value.closed else merging.mergeable(value),
        "rebaseable": None if value.closed else merging.mergeable(value),
        "mergeable_state": _state(value),
        "merged_by": account_or_none(view, parts.merged_by),
        "comments": value.comment_count,
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(merging.commits(value)),
        "additions": sum(added for added, _ in counts),
        "deletions": sum(removed for _, removed in counts),
        "changed_files": len(found),
    }


def _side(view: View, value: Issue, ref: str, sha: str) -> Json:
    home = value.repository
    return {
        "label": f"{home.namespace}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": account(view, home.owner),
        "repo": repository(view, home),
    }


def _auto_merge(view: View, value: Issue) -> Json | None:
    parts = merging.parts(value)
    if parts.auto_merge is None or parts.auto_merge_by is None:
        return None
    return {
        "enabled_by": account(view, parts.auto_merge_by),
        "merge_method": parts.auto_merge,
        "commit_title": value.title,
        "commit_message": value.text,
    }


def _state(value: Issue) -> str:
    if value.closed:
        return "unknown"
    if not merging.mergeable(value):
        return "dirty"
    return "blocked" if merging.blocked(value) else "clean"
