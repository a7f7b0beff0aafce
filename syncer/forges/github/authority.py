"""Who may write to a GitHub repository, and which issues stand out in it."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from syncer.errors import Forbidden, ForgeError, Missing
from syncer.forges.github.client import GithubClient
from syncer.forges.github.repository import address
from syncer.forges.governor import WRITE
from syncer.forges.repository import Repository
from syncer.forges.shape import part, record, text

_WRITERS: Final = ("admin", "write")
_NODE: Final = """
query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { issue(number: $number) { id } }
}
"""
_PIN: Final = "mutation($input: PinIssueInput!) { pinIssue(input: $input) { clientMutationId } }"


class GithubAuthority:
    """Implements :class:`syncer.service.status_issue.authority.Authority`."""

    def __init__(self, client: GithubClient, repository: Repository) -> None:
        self._client = client
        self._repository = repository

    def may_write(self, login: str) -> bool:
        """One request, which itself needs push rights.

        ``permission`` knows the roles read, write and admin only; maintain counts as write and triage as
        read (docs.github.com, "Get repository permissions for a user").
        """
        self._repository.profile()  # under its present name: a redirect would have to be followed
        url = self._client.url(
            f"{address(self._repository.name)}/collaborators/{quote(login, safe='')}/permission"
        )
        try:
            answer = record(self._client.get(url).content, "permission")
        except (Missing, Forbidden):
            return False
        return text(answer, "permission") in _WRITERS

    def pin(self, number: int) -> bool:
        """Two requests (docs.github.com, GraphQL mutation ``pinIssue``); three may be pinned at once."""
        owner, _, name = self._repository.name.partition("/")
        try:
            found = self._client.query(_NODE, {"owner": owner, "name": name, "number": number})
            node = text(part(part(found, "repository"), "issue"), "id")
            self._client.mutate(_PIN, {"input": {"issueId": node}}, WRITE)
        except (ForgeError, Forbidden):
            return False
        return True
