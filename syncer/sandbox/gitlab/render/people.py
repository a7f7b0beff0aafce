"""Users, members, groups and tokens as GitLab shows them."""

from __future__ import annotations

from syncer.sandbox.gitlab.times import shown, shown_or_none
from syncer.sandbox.gitlab.view import Json, View
from syncer.sandbox.people import Group, Role, Token, User


def user(view: View, value: User) -> Json:
    """A user in the short form that other objects contain."""
    return {
        "id": value.id,
        "username": value.login,
        "public_email": "",
        "name": value.name,
        "state": "active",
        "locked": False,
        "avatar_url": None,
        "web_url": f"{view.base}/{value.login}",
    }


def user_or_none(view: View, value: User | None) -> Json | None:
    """The same, for what nobody has done."""
    return None if value is None else user(view, value)


def own_profile(view: View, value: User) -> Json:
    """A user as this user sees it."""
    return {
        **user(view, value),
        "created_at": shown(value.created_at),
        "bio": "",
        "location": "",
        "linkedin": "",
        "twitter": "",
        "website_url": "",
        "organization": "",
        "job_title": "",
        "pronouns": None,
        "bot": value.kind == "Bot",
        "work_information": None,
        "local_time": None,
        "last_sign_in_at": None,
        "confirmed_at": shown(value.created_at),
        "last_activity_on": None,
        "email": value.email,
        "theme_id": 3,
        "color_scheme_id": 1,
        "projects_limit": 100_000,
        "current_sign_in_at": None,
        "identities": [],
        "can_create_group": True,
        "can_create_project": True,
        "two_factor_enabled": False,
        "external": False,
        "private_profile": False,
        "commit_email": value.email,
        "is_admin": value.site_admin,
    }


def member(view: View, value: User, role: Role) -> Json:
    """A user with an access level."""
    return {
        **user(view, value),
        "access_level": int(role),
        "created_at": shown(value.created_at),
        "expires_at": None,
        "membership_state": "active",
    }


def group(view: View, value: Group) -> Json:
    """A group."""
    return {
        "id": value.id,
        "web_url": f"{view.base}/groups/{value.path}",
        "name": value.path.rpartition("/")[2],
        "path": value.path.rpartition("/")[2],
        "description": "",
        "visibility": "public",
        "full_name": value.path.replace("/", " / "),
        "full_path": value.path,
        "created_at": shown(value.created_at),
        "parent_id": None,
        "avatar_url": None,
    }


def token(value: Token) -> Json:
    """A personal, project or group access token, without its secret."""
    return {
        "id": value.id,
        "name": f"{value.user.login} token",
        "revoked": value.revoked,
        "created_at": shown(value.created_at),
        "description": None,
        "scopes": sorted(value.scopes or ()),
        "user_id": value.user.id,
        "last_used_at": shown_or_none(value.last_used_at),
        "active": not value.revoked,
        "expires_at": value.expires_at.date().isoformat() if value.expires_at else None,
    }
