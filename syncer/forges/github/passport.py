"""What GitHub says about a token.

A classic token's scopes, and any token's end, stand in the headers of every answer (docs.github.com,
"Scopes for OAuth apps", "Token expiration and revocation"). The permissions of a fine-grained token, and
of an App's, stand nowhere: what they are shows only when something is refused. So something is asked for
that cannot be done by anybody, a change of issue 0, which does not exist; it is refused with 403 where the
permission is missing, and with 404 or 422 where only the thing is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from syncer.errors import Forbidden, ForgeError, Gone, Missing, Rejected
from syncer.forges.github.client import GithubClient
from syncer.forges.github.repository import address
from syncer.forges.passport import Audience, Passport, Rights
from syncer.forges.repository import Repository
from syncer.forges.shape import number, record, text

_IMPOSSIBLE: Final = "0" * 40
_NO_BRANCH: Final = "syncer-doctor-looks-for-a-branch-that-is-not-there"


def passport(client: GithubClient, repository: Repository) -> Passport:
    """Whose token it is. One request."""
    if client.app:
        client.get(client.url(address(repository.name)))
        return Passport(f"App {client.app}", "app")
    if not client.fingerprint:
        client.get(client.url(address(repository.name)))
        return Passport("", "anonymous")
    reply = client.get(client.url("/user"))
    scopes = reply.headers.get("x-oauth-scopes")
    return Passport(
        login=text(record(reply.content, "user"), "login"),
        kind="token",
        scopes=None if scopes is None else frozenset(filter(None, (s.strip() for s in scopes.split(",")))),
        expires=_moment(reply.headers.get("github-authentication-token-expiration", "")),
    )


def rights(client: GithubClient, repository: Repository) -> Rights:
    """What it may write. Three requests, none of which can change anything."""
    root = address(repository.name)
    return Rights(
        issues=_may(client, f"{root}/issues/0", {}),
        contents=_may(client, f"{root}/git/refs/heads/{_NO_BRANCH}", {"sha": _IMPOSSIBLE}),
        requests=_may(client, f"{root}/pulls/0", {}),
    )


def audience(client: GithubClient, repository: Repository) -> Audience:
    """Who watches a repository. GitHub says ``subscribers_count``; ``watchers_count`` are its stars.

    (docs.github.com, "Starring": "watchers ... correspond to the number of stars").
    """
    data = record(client.get(client.url(address(repository.name))).content, "repository")
    return Audience(number(data, "subscribers_count"), "everybody who watches the repository")


def _may(client: GithubClient, path: str, body: Mapping[str, Any]) -> bool | None:
    try:
        client.ask_in_vain("PATCH", client.url(path), body)
    except Forbidden:
        return False
    except (Missing, Rejected, Gone):
        return True
    except ForgeError:
        return None
    return None


def _moment(value: str) -> datetime | None:
    """``2026-12-24 10:00:00 UTC``, or with an offset instead of the name."""
    try:
        parsed = datetime.fromisoformat(value.replace(" UTC", "+00:00")) if value else None
    except ValueError:
        return None
    return parsed.replace(tzinfo=UTC) if parsed is not None and parsed.tzinfo is None else parsed
