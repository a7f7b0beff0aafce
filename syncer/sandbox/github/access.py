"""Who asks, and what this credential lets them do."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncer.sandbox.forge import Forge
from syncer.sandbox.github import problems
from syncer.sandbox.people import App, Role, Token, User
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Needs

LEVELS = {"read": 1, "write": 2, "admin": 3}
APP_TIME_LIMIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Asker:
    """The one who sent a request.

    Args:
        user: whom the credential belongs to; ``None`` for nobody, and for an App itself.
        app: set when the credential is an App's JSON web token.
    """

    user: User | None = None
    token: Token | None = None
    app: App | None = None

    @property
    def who(self) -> str:
        """A name for counters: one per user or installation, shared by all of its tokens."""
        if self.app is not None:
            return f"app:{self.app.id}"
        return f"user:{self.user.id}" if self.user is not None else "anonymous"

    def role(self, repository: Repository) -> Role:
        """What the user may do in a repository, before the credential narrows it."""
        return repository.role_of(self.user)

    def sees(self, repository: Repository) -> bool:
        """Whether the repository exists as far as this credential goes."""
        token = self.token
        if not repository.private:
            return True
        if token is None or self.role(repository) < Role.READ:
            return False
        if token.repositories is not None and repository.id not in token.repositories:
            return False
        return token.scopes is None or "repo" in token.scopes

    def lacks(self, repository: Repository, needs: Needs) -> bool:
        """Whether the credential (not the user's role) is too narrow for an operation."""
        token = self.token
        if token is None or not needs:
            return False
        writes = all(level != "read" for _, level in needs)
        if token.scopes is not None:
            if not writes:
                return False
            enough = "repo" in token.scopes or (not repository.private and "public_repo" in token.scopes)
            hooks = any(area == "repository_hooks" for area, _ in needs) and "write:repo_hook" in token.scopes
            return not (enough or hooks)
        if token.repositories is not None and repository.id not in token.repositories:
            return writes or repository.private
        if not writes and not repository.private:
            return False
        granted = {"metadata": "read", **(token.permissions or {})}
        return not any(LEVELS.get(granted.get(area, ""), 0) >= LEVELS[level] for area, level in needs)


def identify(forge: Forge, authorization: str, now: datetime, *, open_door: bool) -> Asker:
    """The asker behind an ``Authorization`` header. Raises 401 for a credential that is no good."""
    if not authorization:
        return Asker()
    scheme, _, value = authorization.partition(" ")
    value = value.strip()
    if scheme.lower() == "basic":
        value = _basic(value)
    elif scheme.lower() not in ("bearer", "token") or not value:
        raise problems.bad_credentials()
    token = forge.people.tokens.get(value)
    if token is not None:
        if not token.alive(now):
            raise problems.bad_credentials()
        token.last_used_at = now
        return Asker(token.user, token)
    if value.count(".") == 2 and scheme.lower() == "bearer" and not value.startswith("ghs_"):
        return Asker(app=_app(forge, value, now))
    if open_door:
        token = welcome(forge, value, now)
        return Asker(token.user, token)
    raise problems.bad_credentials()


def welcome(forge: Forge, value: str, now: datetime) -> Token:
    """Take an unknown token for a new user with all rights, whose login derives from the token."""
    login = login_for(value)
    user = forge.people.user(login, now)
    user.base_role = Role.ADMIN
    return forge.add_token(
        Token(
            forge.ids.next("token"),
            value,
            user,
            "classic",
            now,
            scopes=frozenset({"repo", "admin:org", "user"}),
        )
    )


def login_for(token: str) -> str:
    """A login made from a token: its letters and digits without the usual prefixes, shortened."""
    for prefix in ("github_pat_", "ghp_", "gho_", "ghs_", "glpat-"):
        token = token.removeprefix(prefix)
    kept = "".join(letter if letter.isalnum() else "-" for letter in token).strip("-").lower()
    return kept[:20].strip("-") or "visitor"


def _basic(value: str) -> str:
    try:
        _, _, password = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return password


def _app(forge: Forge, value: str, now: datetime) -> App:
    import jwt

    undecodable = problems.problem(401, "A JSON web token could not be decoded")
    try:
        claims = jwt.decode(value, options={"verify_signature": False})
        app = forge.people.apps[int(claims["iss"])]
        claims = jwt.decode(
            value,
            app.public_key,
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False, "verify_sub": False, "verify_iss": False},
        )
        expires, issued = float(claims["exp"]), float(claims["iat"])
    except (jwt.PyJWTError, KeyError, TypeError, ValueError):
        raise undecodable from None
    if expires <= now.timestamp():
        raise problems.problem(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which "
            "the assertion expires",
        )
    if expires > now.timestamp() + APP_TIME_LIMIT.total_seconds() + 1:
        raise problems.problem(401, "'Expiration time' claim ('exp') is too far in the future")
    if issued > now.timestamp() + 60:
        raise problems.problem(
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was "
            "issued",
        )
    return app
