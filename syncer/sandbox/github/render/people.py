"""Users, organizations and Apps as GitHub shows them."""

from __future__ import annotations

from syncer.sandbox.github.times import shown
from syncer.sandbox.github.view import Json, View
from syncer.sandbox.identifiers import node_id
from syncer.sandbox.people import App, Group, Installation, Role, User
from syncer.sandbox.repository import Repository


def account(view: View, owner: User | Group) -> Json:
    """A user or an organization in the short form that other objects contain."""
    if isinstance(owner, User):
        login, kind, prefix = owner.login, owner.kind, "BOT" if owner.kind == "Bot" else "U"
    else:
        login, kind, prefix = owner.path, "Organization", "O"
    place = login.replace("[", "%5B").replace("]", "%5D")
    url = f"{view.api}/users/{place}"
    return {
        "login": login,
        "id": owner.id,
        "node_id": node_id(prefix, owner.id),
        "avatar_url": f"{view.base}/avatars/u/{owner.id}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{view.base}/{place}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": kind,
        "user_view_type": "public",
        "site_admin": isinstance(owner, User) and owner.site_admin,
    }


def account_or_none(view: View, owner: User | None) -> Json | None:
    """The same, for what nobody has done."""
    return None if owner is None else account(view, owner)


def profile(view: View, user: User) -> Json:
    """A user's public profile."""
    return {
        **account(view, user),
        "name": user.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": shown(user.created_at),
        "updated_at": shown(user.created_at),
    }


def own_profile(view: View, user: User) -> Json:
    """A user's profile as this user sees it."""
    return {
        **profile(view, user),
        "user_view_type": "private",
        "email": user.email,
        "private_gists": 0,
        "total_private_repos": 0,
        "owned_private_repos": 0,
        "disk_usage": 0,
        "collaborators": 0,
        "two_factor_authentication": True,
        "plan": {"name": "free", "space": 976_562_499, "collaborators": 0, "private_repos": 10_000},
    }


def organization(view: View, group: Group) -> Json:
    """An organization."""
    short = account(view, group)
    url = f"{view.api}/orgs/{group.path}"
    return {
        **{name: short[name] for name in ("login", "id", "node_id", "avatar_url", "html_url")},
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "description": "",
        "is_verified": False,
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": shown(group.created_at),
        "updated_at": shown(group.created_at),
        "archived_at": None,
        "type": "Organization",
    }


def permissions(role: Role) -> Json:
    """What a role allows, as repositories and collaborators show it."""
    return {
        "admin": role >= Role.ADMIN,
        "maintain": role >= Role.MAINTAIN,
        "push": role >= Role.WRITE,
        "triage": role >= Role.TRIAGE,
        "pull": role >= Role.READ,
    }


def collaborator(view: View, user: User, role: Role) -> Json:
    """A user with the role in one repository."""
    return {**account(view, user), "permissions": permissions(role), "role_name": role.github_name}


def association(repository: Repository, user: User) -> str:
    """How an author stands to a repository."""
    if user.login.lower() == repository.namespace.lower():
        return "OWNER"
    role = repository.role_of(user)
    if role >= Role.MAINTAIN:
        return "MEMBER"
    return "COLLABORATOR" if role >= Role.TRIAGE else "NONE"


def app(view: View, value: App) -> Json:
    """A GitHub App."""
    return {
        "id": value.id,
        "slug": value.slug,
        "node_id": node_id("A", value.id),
        "client_id": f"Iv23li{value.id}",
        "owner": account(view, value.owner),
        "name": value.name,
        "description": "",
        "external_url": f"{view.base}/apps/{value.slug}",
        "html_url": f"{view.base}/apps/{value.slug}",
        "created_at": shown(value.created_at),
        "updated_at": shown(value.created_at),
        "permissions": {"metadata": "read", **value.permissions},
        "events": list(value.events),
        "installations_count": len(value.installations),
    }


def installation(view: View, value: App, where: Installation, owner: User | Group) -> Json:
    """Where an App is installed."""
    url = f"{view.api}/app/installations/{where.id}"
    return {
        "id": where.id,
        "account": account(view, owner),
        "repository_selection": "all" if where.repositories is None else "selected",
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{view.api}/installation/repositories",
        "html_url": f"{view.base}/settings/installations/{where.id}",
        "app_id": value.id,
        "client_id": f"Iv23li{value.id}",
        "app_slug": value.slug,
        "target_id": owner.id,
        "target_type": "User" if isinstance(owner, User) else "Organization",
        "permissions": {"metadata": "read", **value.permissions},
        "events": list(value.events),
        "created_at": shown(where.created_at),
        "updated_at": shown(where.created_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None,
        "suspended_at": None,
    }
