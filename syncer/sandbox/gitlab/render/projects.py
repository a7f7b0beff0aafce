"""Projects, branches, protected branches as GitLab shows them."""

from __future__ import annotations

from syncer.sandbox.gitlab.render.commits import commit
from syncer.sandbox.gitlab.render.people import user
from syncer.sandbox.gitlab.times import shown
from syncer.sandbox.gitlab.view import Json, View
from syncer.sandbox.people import Role, User
from syncer.sandbox.protection import Protection
from syncer.sandbox.repository import Repository

_LEVEL_NAMES = {
    Role.NONE: "No one",
    Role.WRITE: "Developers + Maintainers",
    Role.MAINTAIN: "Maintainers",
    Role.ADMIN: "Owners",
}


def project(view: View, value: Repository) -> Json:
    """A project."""
    host = view.base.partition("://")[2]
    web, url = view.web(value), view.project(value)
    enabled = "enabled" if value.issues_enabled else "disabled"
    open_issues = sum(not issue.closed for issue in value.issues.values() if not issue.gone)
    return {
        "id": value.id,
        "description": value.description or None,
        "name": value.name,
        "name_with_namespace": f"{value.namespace.replace('/', ' / ')} / {value.name}",
        "path": value.name,
        "path_with_namespace": value.full_name,
        "created_at": shown(value.created_at),
        "default_branch": value.default_branch if value.branches.heads else None,
        "tag_list": [],
        "topics": [],
        "ssh_url_to_repo": f"git@{host}:{value.full_name}.git",
        "http_url_to_repo": f"{web}.git",
        "web_url": web,
        "readme_url": None,
        "forks_count": 0,
        "avatar_url": None,
        "star_count": 0,
        "last_activity_at": shown(value.pushed_at),
        "visibility": "private" if value.private else "public",
        "namespace": namespace(view, value),
        "_links": {
            "self": url,
            "issues": f"{url}/issues",
            "merge_requests": f"{url}/merge_requests",
            "repo_branches": f"{url}/repository/branches",
            "labels": f"{url}/labels",
            "events": f"{url}/events",
            "members": f"{url}/members",
        },
        "packages_enabled": True,
        "empty_repo": not value.branches.heads,
        "archived": value.archived,
        "owner": user(view, value.creator),
        "resolve_outdated_diff_discussions": False,
        "issues_enabled": value.issues_enabled,
        "merge_requests_enabled": True,
        "wiki_enabled": True,
        "jobs_enabled": True,
        "snippets_enabled": True,
        "can_create_merge_request_in": view.role(value) >= Role.READ,
        "issues_access_level": enabled,
        "repository_access_level": "enabled",
        "merge_requests_access_level": "enabled",
        "forking_access_level": "enabled",
        "wiki_access_level": "enabled",
        "builds_access_level": "enabled",
        "snippets_access_level": "enabled",
        "shared_runners_enabled": True,
        "lfs_enabled": True,
        "creator_id": value.creator.id,
        "import_status": "none",
        "open_issues_count": open_issues,
        "updated_at": shown(value.updated_at),
        "ci_config_path": None,
        "public_jobs": True,
        "shared_with_groups": [],
        "only_allow_merge_if_pipeline_succeeds": False,
        "only_allow_merge_if_all_discussions_are_resolved": False,
        "remove_source_branch_after_merge": value.delete_branch_on_merge,
        "request_access_enabled": True,
        "merge_method": "merge",
        "squash_option": "default_off",
        "autoclose_referenced_issues": True,
        "permissions": permissions(view, value),
    }


def namespace(view: View, value: Repository) -> Json:
    """What a project belongs to."""
    owner = value.owner
    personal = isinstance(owner, User)
    parent = value.namespace.rpartition("/")[0]
    above = value.forge.people.groups.get(parent.lower()) if parent else None
    place = value.namespace if personal else f"groups/{value.namespace}"
    return {
        "id": owner.id,
        "name": value.namespace.rpartition("/")[2],
        "path": value.namespace.rpartition("/")[2],
        "kind": "user" if personal else "group",
        "full_path": value.namespace,
        "parent_id": above.id if above is not None else None,
        "avatar_url": None,
        "web_url": f"{view.base}/{place}",
    }


def permissions(view: View, value: Repository) -> Json:
    """The asker's access levels, through the project and through its groups."""
    if view.user is None:
        return {"project_access": None, "group_access": None}
    role = value.role_of(view.user)
    own = value.members.get(view.user.login.lower())
    level = {"access_level": int(role), "notification_level": 3}
    member = role > (Role.NONE if value.private else Role.READ) or own is not None
    if not member:
        return {"project_access": None, "group_access": None}
    if own is not None:
        return {"project_access": level, "group_access": None}
    return {"project_access": None, "group_access": level}


def branch(view: View, value: Repository, name: str, sha: str) -> Json:
    """A branch."""
    rule = covering(value, name)
    role = view.role(value)
    return {
        "name": name,
        "commit": commit(view, value, value.store.commits[sha]),
        "merged": False,
        "protected": rule is not None,
        "developers_can_push": rule is not None and rule.lets_push(Role.WRITE),
        "developers_can_merge": rule is not None and rule.merge is not None and rule.merge <= Role.WRITE,
        "can_push": may_push(value, role, name),
        "default": name == value.default_branch,
        "web_url": f"{view.web(value)}/-/tree/{name}",
    }


def covering(value: Repository, name: str) -> Protection | None:
    """The rule that protects a branch, if one does; an exact name wins over a pattern."""
    exact = value.protections.get(name)
    if exact is not None:
        return exact
    return next((rule for rule in value.protections.values() if rule.covers(name)), None)


def may_push(value: Repository, role: Role, name: str) -> bool:
    """Whether a role may push to a branch."""
    if role < Role.WRITE:
        return False
    rule = covering(value, name)
    return rule is None or rule.lets_push(role)


def protected_branch(rule: Protection) -> Json:
    """A protected branch."""
    return {
        "id": rule.id,
        "name": rule.pattern,
        "push_access_levels": [_level(rule.id * 10, rule.push)],
        "merge_access_levels": [_level(rule.id * 10 + 1, rule.merge)],
        "allow_force_push": rule.allow_force_push,
        "unprotect_access_levels": [],
        "code_owner_approval_required": False,
        "inherited": False,
    }


def _level(key: int, role: Role | None) -> Json:
    level = Role.NONE if role is None else role
    return {
        "id": key,
        "access_level": int(level),
        "access_level_description": _LEVEL_NAMES.get(level, level.name.title()),
        "deploy_key_id": None,
        "user_id": None,
        "group_id": None,
    }
