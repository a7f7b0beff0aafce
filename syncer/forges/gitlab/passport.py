"""What GitLab says about a token: "Personal access token API", ``/personal_access_tokens/self``.

Project and group tokens, and personal ones, answer there alike; a token of another kind does not, and
is known by its user only. Here a token reaches as far as its user's role and its scopes, both of which
can be read.
"""

from __future__ import annotations

from datetime import UTC, datetime, time

from syncer.errors import Forbidden, Missing, Unauthorized
from syncer.forges.gitlab.client import GitlabClient
from syncer.forges.gitlab.repository import address
from syncer.forges.passport import Audience, Passport, Rights
from syncer.forges.repository import Repository
from syncer.forges.shape import day, optional_text, record, text


def passport(client: GitlabClient, repository: Repository) -> Passport:
    """Whose token it is. Two requests."""
    if not client.fingerprint:
        client.get(client.url(address(repository.name)))
        return Passport("", "anonymous")
    login = text(record(client.get(client.url("/user")).content, "user"), "username")
    try:
        token = record(client.get(client.url("/personal_access_tokens/self")).content, "token")
    except (Missing, Forbidden, Unauthorized):
        return Passport(login, "token")
    ends = optional_text(token, "expires_at")
    scopes = token.get("scopes")
    return Passport(
        login=login,
        kind="token",
        scopes=frozenset(map(str, scopes)) if isinstance(scopes, list) else None,
        # It ends with the beginning of that day (docs.gitlab.com, "Personal access tokens").
        expires=datetime.combine(day(ends[:10], "expires_at"), time(), UTC) if ends else None,
    )


def rights(client: GitlabClient, repository: Repository) -> Rights:
    """What it may write, by the role of its user. The profile is asked for at most once."""
    del client
    profile = repository.profile()
    return Rights(profile.can_triage, profile.can_push, profile.can_push)


def audience(client: GitlabClient, repository: Repository) -> Audience:
    """The members: GitLab tells nobody how others want to be notified."""
    members = client.pages(client.url(f"{address(repository.name)}/members/all", per_page=100))
    return Audience(sum(1 for _ in members), "those members who watch the project, at most all of them")
