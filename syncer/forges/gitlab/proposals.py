"""Merge requests of a GitLab project, and whether a branch takes our commits.

A branch says ``can_push`` for whoever asks (docs.gitlab.com, "Branches API"); the list of protected
branches needs more rights and leaves the reckoning to the reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from syncer.errors import Missing
from syncer.forges.gitlab.client import GitlabClient
from syncer.forges.gitlab.repository import address
from syncer.forges.governor import ISSUE_CREATION, WRITE
from syncer.forges.reply import Reply, taken
from syncer.forges.repository import Repository
from syncer.forges.shape import flag, number, optional_text, record, records, text
from syncer.model.proposal import Proposal, ProposalDraft, ProposalState
from syncer.model.source import CommitDraft, Committed

_STATES: Final = {
    "opened": ProposalState.OPEN,
    "locked": ProposalState.OPEN,  # for the moment in which it is being merged
    "merged": ProposalState.MERGED,
    "closed": ProposalState.CLOSED,
}


class GitlabProposals:
    """Implements :class:`syncer.ports.Proposals`."""

    def __init__(self, client: GitlabClient, repository: Repository) -> None:
        self._client = client
        self._repository = repository

    def needs_request(self, branch: str) -> bool:
        try:
            reply = self._get(f"/repository/branches/{quote(branch, safe='')}")
        except Missing:
            return False
        return not flag(record(reply.content, "branch"), "can_push", default=True)

    def create_branch(self, branch: str, revision: str) -> None:
        body = {"branch": branch, "ref": revision}
        self._client.send("POST", self._url("/repository/branches"), body, WRITE)

    def restart(self, draft: CommitDraft, onto: str) -> Committed | None:
        del draft, onto
        return None  # its API makes no commit with two parents, and moves no branch under a condition

    def find(self, branch: str, target: str) -> Proposal | None:
        query: dict[str, str | int] = {
            "source_branch": branch,
            "target_branch": target,
            "state": "all",
            "order_by": "created_at",
            "sort": "desc",
            "per_page": 1,
        }
        found = records(self._get("/merge_requests", query=query).content, "merge requests")
        return _proposal(found[0]) if found else None

    def look(self, number: int, etag: str = "") -> Proposal | None:
        reply = self._get(f"/merge_requests/{number}", etag=etag)
        if reply.unchanged:
            return None
        return _proposal(record(reply.content, "merge request"), reply.etag)

    def open(self, draft: ProposalDraft) -> Proposal:
        body = {
            "source_branch": draft.branch,
            "target_branch": draft.target,
            "title": draft.title,
            "description": draft.body,
            "remove_source_branch": True,
        }
        reply = self._client.send("POST", self._url("/merge_requests"), body, ISSUE_CREATION)
        with taken(self._repository.name):
            return _proposal(record(reply.content, "merge request"))

    def change(self, number: int, *, title: str, body: str) -> Proposal:
        values = {"title": title, "description": body}
        reply = self._client.send("PUT", self._url(f"/merge_requests/{number}"), values, WRITE)
        with taken(self._repository.name):
            return _proposal(record(reply.content, "merge request"))

    def close(self, number: int) -> None:
        values = {"state_event": "close"}
        self._client.send("PUT", self._url(f"/merge_requests/{number}"), values, WRITE)

    def merge_when_ready(self, proposal: Proposal) -> None:
        # The newer name and the older one: 17.11 renamed it (docs.gitlab.com, "Merge requests API").
        values = {"auto_merge": True, "merge_when_pipeline_succeeds": True, "sha": proposal.head}
        self._client.send("PUT", self._url(f"/merge_requests/{proposal.number}/merge"), values, WRITE)

    # --- beneath -------------------------------------------------------------------------------

    def _get(self, path: str, *, etag: str = "", query: Mapping[str, str | int] | None = None) -> Reply:
        return self._repository.reading(
            lambda name: self._client.get(self._client.url(address(name) + path, **(query or {})), etag=etag)
        )

    def _url(self, path: str) -> str:
        return self._client.url(address(self._repository.name) + path)


def _proposal(data: Mapping[str, Any], etag: str = "") -> Proposal:
    state = _STATES.get(text(data, "state"), ProposalState.CLOSED)
    merged = optional_text(data, "merge_commit_sha") or optional_text(data, "squash_commit_sha")
    return Proposal(
        number=number(data, "iid"),
        shown=f"!{number(data, 'iid')}",
        state=state,
        branch=text(data, "source_branch"),
        head=optional_text(data, "sha"),
        url=text(data, "web_url"),
        body=optional_text(data, "description"),
        # A fast-forward merge makes no commit: the branch's own head is on the target then.
        merged_as=(merged or optional_text(data, "sha")) if state is ProposalState.MERGED else "",
        mergeable=_mergeable(data),
        etag=etag,
    )


def _mergeable(data: Mapping[str, Any]) -> bool | None:
    status = optional_text(data, "detailed_merge_status")
    if status in ("unchecked", "checking", "preparing"):
        return None
    return not flag(data, "has_conflicts")
