"""Users, groups, roles and credentials, the same for both kinds of forge.

GitHub and GitLab name their roles differently; the ranks are alike:

    ========  =========  ==========
    rank      GitHub     GitLab
    ========  =========  ==========
    READ      read       Guest
    TRIAGE    triage     Reporter
    WRITE     write      Developer
    MAINTAIN  maintain   Maintainer
    ADMIN     admin      Owner
    ========  =========  ==========
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from syncer.sandbox.identifiers import Ids


class Role(IntEnum):
    """What somebody may do in one repository; the numbers are GitLab's access levels."""

    NONE = 0
    READ = 10
    TRIAGE = 20
    WRITE = 30
    MAINTAIN = 40
    ADMIN = 50

    @property
    def github_name(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> Role:
        """A role by either forge's word for it."""
        word = name.lower()
        return cls[_GITLAB_WORDS.get(word, word).upper()]


_GITLAB_WORDS = {
    "guest": "read",
    "reporter": "triage",
    "developer": "write",
    "maintainer": "maintain",
    "owner": "admin",
}


@dataclass(slots=True, eq=False)
class User:
    """Somebody with a login, a bot included.

    Args:
        kind: ``User`` or ``Bot``.
        base_role: what this user may do where a repository says nothing else.
        site_admin: whether everything is allowed.
    """

    id: int
    login: str
    name: str
    email: str
    created_at: datetime
    kind: str = "User"
    base_role: Role = Role.NONE
    site_admin: bool = False


@dataclass(slots=True, eq=False)
class Group:
    """What repositories can belong to besides a user: an organization, or a GitLab group."""

    id: int
    path: str
    created_at: datetime
    members: dict[str, Role] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Token:
    """A credential.

    Args:
        kind: ``classic``, ``fine-grained`` or ``installation`` on GitHub; ``personal``, ``project`` or
            ``group`` on GitLab.
        scopes: what a classic or a GitLab token may do; ``None`` where permissions rule.
        permissions: what a fine-grained or installation token may do, by area: ``read`` or ``write``.
        repositories: ids of the repositories it reaches; ``None`` for all.
        expires_at: when it stops working.
    """

    id: int
    value: str
    user: User
    kind: str
    created_at: datetime
    scopes: frozenset[str] | None = None
    permissions: Mapping[str, str] | None = None
    repositories: frozenset[int] | None = None
    expires_at: datetime | None = None
    revoked: bool = False
    app_id: int | None = None
    last_used_at: datetime | None = None

    def alive(self, now: datetime) -> bool:
        return not self.revoked and (self.expires_at is None or now < self.expires_at)


@dataclass(slots=True, eq=False)
class Installation:
    """A GitHub App on one account, with all of its repositories or some."""

    id: int
    account: str
    repositories: frozenset[int] | None
    created_at: datetime


@dataclass(slots=True, eq=False)
class App:
    """A GitHub App: what it may do, its key, where it is installed.

    Args:
        stateless_tokens: hand out long tokens of the newer form instead of short ones.
    """

    id: int
    slug: str
    name: str
    owner: User
    bot: User
    private_key: str
    public_key: str
    permissions: Mapping[str, str]
    events: tuple[str, ...]
    created_at: datetime
    stateless_tokens: bool = False
    installations: dict[int, Installation] = field(default_factory=dict)


class People:
    """Everybody a forge knows, and every credential it gave out."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.users: dict[str, User] = {}
        self.groups: dict[str, Group] = {}
        self.tokens: dict[str, Token] = {}
        self.apps: dict[int, App] = {}

    def find(self, login: str) -> User | None:
        """A user by login, in any case."""
        return self.users.get(login.lower())

    def by_id(self, key: int) -> User | None:
        return next((user for user in self.users.values() if user.id == key), None)

    def user(self, login: str, now: datetime, *, name: str = "", email: str = "", kind: str = "User") -> User:
        """A user by login, made if there is none yet."""
        known = self.find(login)
        if known is None:
            shown = name or login.replace("-", " ").replace("[bot]", "").title()
            address = email or f"{login.replace('[bot]', '')}@users.noreply.sandbox.test"
            known = User(self._ids.next("user"), login, shown, address, now, kind)
            self.users[login.lower()] = known
        return known

    def group(self, path: str, now: datetime) -> Group:
        """A group by its full path, made with its parents if there is none yet."""
        known = self.groups.get(path.lower())
        if known is None:
            parent, _, _ = path.rpartition("/")
            if parent:
                self.group(parent, now)
            known = Group(self._ids.next("group"), path, now)
            self.groups[path.lower()] = known
        return known
