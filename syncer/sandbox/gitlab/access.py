"""Who asks, and what this credential lets them do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from syncer.sandbox.forge import Forge
from syncer.sandbox.github.access import login_for
from syncer.sandbox.gitlab import problems
from syncer.sandbox.people import Role, Token, User
from syncer.sandbox.repository import Repository

READING = frozenset({"api", "read_api"})
REPOSITORY_READING = READING | {"read_repository", "write_repository"}
USER_READING = READING | {"read_user"}


@dataclass(frozen=True, slots=True)
class Asker:
    """The one who sent a request; ``None`` for nobody."""

    user: User | None = None
    token: Token | None = None

    @property
    def who(self) -> str:
        """A name for counters: one per user, whatever the token."""
        return f"user:{self.user.id}" if self.user is not None else "anonymous"

    def role(self, project: Repository) -> Role:
        """What the asker may do in a project."""
        token = self.token
        if token is not None and token.repositories is not None and project.id not in token.repositories:
            return project.role_of(None)
        return project.role_of(self.user)

    def sees(self, project: Repository) -> bool:
        """Whether a project exists as far as this credential goes."""
        return self.role(project) >= Role.READ

    def check_scope(self, *, reading: bool, path: str) -> None:
        """403 where the credential's scopes do not allow the request."""
        if self.token is None or self.token.scopes is None or "api" in self.token.scopes:
            return
        allowed: frozenset[str] = frozenset()
        if reading:
            allowed = REPOSITORY_READING if "/repository/" in path else READING
            if path.endswith("/user") or "/personal_access_tokens/self" in path:
                allowed = USER_READING | {"read_repository", "write_repository"}
        if not allowed & self.token.scopes:
            raise problems.insufficient_scope("api read_api" if reading else "api")


def credential(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """The token that a request carries, wherever it carries it."""
    direct = headers.get("private-token") or query.get("private_token")
    if direct:
        return direct
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    return query.get("access_token", "")


def identify(forge: Forge, value: str, now: datetime, *, open_door: bool) -> Asker:
    """The asker behind a token. Raises 401 for a token that is no good."""
    if not value:
        return Asker()
    token = forge.people.tokens.get(value)
    if token is None:
        if not open_door:
            raise problems.unauthorized()
        token = _welcome(forge, value, now)
    if token.revoked:
        raise problems.invalid_token("Token was revoked. You have to re-authorize from the user.")
    if not token.alive(now):
        raise problems.invalid_token("Token is expired. You can either do re-authorization or token refresh.")
    token.last_used_at = now
    return Asker(token.user, token)


def _welcome(forge: Forge, value: str, now: datetime) -> Token:
    user = forge.people.user(login_for(value), now)
    user.base_role = Role.ADMIN
    token = Token(forge.ids.next("token"), value, user, "personal", now, scopes=frozenset({"api"}))
    return forge.add_token(token)
