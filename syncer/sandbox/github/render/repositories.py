"""Repositories, branches, rules as GitHub shows them."""

from __future__ import annotations

from typing import Any

from syncer.sandbox.github.render import commits
from syncer.sandbox.github.render.people import account, permissions
from syncer.sandbox.github.times import shown
from syncer.sandbox.github.view import Json, View
from syncer.sandbox.identifiers import node_id
from syncer.sandbox.people import Group
from syncer.sandbox.protection import Protection
from syncer.sandbox.repository import Repository

_TEMPLATED = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def repository(view: View, value: Repository) -> Json:
    """A repository as lists contain it."""
    url, web = view.repo(value), view.web(value)
    host = view.base.partition("://")[2]
    open_issues = sum(not issue.closed for issue in value.everything())
    return {
        "id": value.id,
        "node_id": node_id("R", value.id),
        "name": value.name,
        "full_name": value.full_name,
        "private": value.private,
        "owner": account(view, value.owner),
        "html_url": web,
        "description": value.description or None,
        "fork": False,
        "url": url,
        **{name: url + rest for name, rest in _TEMPLATED.items()},
        "git_url": f"git://{host}/{value.full_name}.git",
        "ssh_url": f"git@{host}:{value.full_name}.git",
        "clone_url": f"{web}.git",
        "svn_url": web,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "size": sum(len(data) for data in value.store.blobs.values()) // 1024,
        "default_branch": value.default_branch,
        "is_template": False,
        "topics": [],
        "has_issues": value.issues_enabled,
        "has_projects": True,
        "has_wiki": True,
        "has_pages": False,
        "has_downloads": True,
        "has_discussions": False,
        "has_pull_requests": True,
        "pull_request_creation_policy": "all",
        "archived": value.archived,
        "disabled": False,
        "visibility": "private" if value.private else "public",
        "pushed_at": shown(value.pushed_at),
        "created_at": shown(value.created_at),
        "updated_at": shown(value.updated_at),
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "license": None,
        "forks": 0,
        "forks_count": 0,
        "stargazers_count": 0,
        "watchers": 0,
        "watchers_count": 0,
        "open_issues": open_issues,
        "open_issues_count": open_issues,
        "permissions": permissions(view.role(value)),
    }


def full_repository(view: View, value: Repository) -> Json:
    """A repository with everything that only a direct look shows."""
    owner = value.owner
    extra: Json = {
        "allow_rebase_merge": True,
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_auto_merge": value.auto_merge_allowed,
        "allow_update_branch": False,
        "delete_branch_on_merge": value.delete_branch_on_merge,
        "use_squash_pr_title_as_default": False,
        "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
        "squash_merge_commit_message": "COMMIT_MESSAGES",
        "merge_commit_title": "MERGE_MESSAGE",
        "merge_commit_message": "PR_TITLE",
        "temp_clone_token": "",
        "custom_properties": {},
        "subscribers_count": 1,
        "network_count": 0,
    }
    if isinstance(owner, Group):
        extra["organization"] = account(view, owner)
    return {**repository(view, value), **extra}


def ref(view: View, value: Repository, name: str, sha: str) -> Json:
    """A git ref such as ``heads/main``."""
    return {
        "ref": f"refs/{name}",
        "node_id": node_id("REF", f"{value.id}:refs/{name}"),
        "url": f"{view.repo(value)}/git/refs/{name}",
        "object": {"sha": sha, "type": "commit", "url": f"{view.repo(value)}/git/commits/{sha}"},
    }


def classic_protection(value: Repository, branch: str) -> Protection | None:
    """The classic protection that covers a branch, if there is one."""
    return next((rule for rule in value.protections.values() if rule.covers(branch)), None)


def short_branch(view: View, value: Repository, name: str, sha: str) -> Json:
    """A branch as lists contain it."""
    return {
        "name": name,
        "commit": {"sha": sha, "url": f"{view.repo(value)}/commits/{sha}"},
        "protected": _protected(value, name),
    }


def branch(view: View, value: Repository, name: str, sha: str) -> Json:
    """A branch with its newest commit."""
    url = f"{view.repo(value)}/branches/{name}"
    rule = classic_protection(value, name)
    return {
        "name": name,
        "commit": commits.commit(view, value, value.store.commits[sha]),
        "_links": {"self": url, "html": view.file_web(value, name, "", "tree").rstrip("/")},
        "protected": _protected(value, name),
        "protection": {
            "enabled": rule is not None,
            "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []},
        },
        "protection_url": f"{url}/protection",
    }


def protection(view: View, value: Repository, name: str, rule: Protection) -> Json:
    """Classic branch protection; rulesets never appear in it."""
    url = f"{view.repo(value)}/branches/{name}/protection"
    shown_rule: Json = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": rule.enforce_admins},
        "required_linear_history": {"enabled": False},
        "allow_force_pushes": {"enabled": rule.allow_force_push},
        "allow_deletions": {"enabled": False},
        "block_creations": {"enabled": False},
        "required_conversation_resolution": {"enabled": False},
        "lock_branch": {"enabled": False},
        "allow_fork_syncing": {"enabled": False},
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": False},
    }
    if rule.pull_request_required:
        shown_rule["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": False,
            "require_code_owner_reviews": False,
            "require_last_push_approval": False,
            "required_approving_review_count": rule.required_approvals,
        }
    return shown_rule


def branch_rules(value: Repository, branch_name: str) -> list[Json]:
    """The rules of all rulesets that hold for a branch, existing or not."""
    return [
        {
            **_rule(rule),
            "ruleset_source_type": "Repository",
            "ruleset_source": value.full_name,
            "ruleset_id": ruleset.id,
        }
        for ruleset in value.rulesets
        if ruleset.covers(branch_name, value.default_branch)
        for rule in ruleset.rules
    ]


def _rule(rule: dict[str, Any]) -> Json:
    if rule["type"] == "pull_request" and "parameters" not in rule:
        return {
            "type": "pull_request",
            "parameters": {
                "required_approving_review_count": 0,
                "dismiss_stale_reviews_on_push": False,
                "require_code_owner_review": False,
                "require_last_push_approval": False,
                "required_review_thread_resolution": False,
            },
        }
    return dict(rule)


def _protected(value: Repository, name: str) -> bool:
    return classic_protection(value, name) is not None or any(
        ruleset.covers(name, value.default_branch) for ruleset in value.rulesets
    )
