"""Who may write to a GitLab project."""

from __future__ import annotations

from typing import Final

from syncer.errors import Forbidden, Missing
from syncer.forges.gitlab.client import GitlabClient
from syncer.forges.gitlab.repository import address
from syncer.forges.repository import Repository
from syncer.forges.shape import number, record, records

_DEVELOPER: Final = 30


class GitlabAuthority:
    """Implements :class:`syncer.service.status_issue.authority.Authority`."""

    def __init__(self, client: GitlabClient, repository: Repository) -> None:
        self._client = client
        self._repository = repository

    def may_write(self, login: str) -> bool:
        """Two requests: members are asked for by number (docs.gitlab.com, "Project members API").

        A developer is the first who may push (docs.gitlab.com, "Roles and permissions").
        """
        found = records(self._client.get(self._client.url("/users", username=login)).content, "users")
        if not found:
            return False
        path = f"{address(self._repository.name)}/members/all/{number(found[0], 'id')}"
        try:
            member = record(self._client.get(self._client.url(path)).content, "member")
        except (Missing, Forbidden):
            return False
        return member.get("state", "active") == "active" and number(member, "access_level") >= _DEVELOPER

    def pin(self, number: int) -> bool:
        """GitLab's API knows no pinned issues."""
        del number
        return False
