"""Pull requests of a GitHub repository, and what rules say about its branches.

Whether a branch takes commits is asked of "Get rules for a branch", which knows rulesets and answers
for branches that do not exist yet. The classic protection API says "not protected" of a branch that
only a ruleset guards (vndee/llm-sandbox#182), and needs administration rights. Neither knows who may
pass the rules by, so a commit that was refused is the last word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from syncer.errors import Missing
from syncer.forges.github.client import GithubClient
from syncer.forges.github.documents import GithubDocuments
from syncer.forges.github.repository import address
from syncer.forges.governor import ISSUE_CREATION, WRITE
from syncer.forges.reply import Reply, taken
from syncer.forges.repository import Repository
from syncer.forges.shape import flag, number, optional_text, part, record, records, text
from syncer.model.proposal import Proposal, ProposalDraft, ProposalState
from syncer.model.source import CommitDraft, Committed

_ONLY_BY_REQUEST: Final = frozenset({"pull_request", "merge_queue", "required_status_checks", "update"})
"""Rules that a commit which comes out of the blue cannot satisfy (docs.github.com, "Available rules")."""

_AUTO_MERGE: Final = (
    "mutation AutoMerge($id: ID!) "
    "{ enablePullRequestAutoMerge(input: {pullRequestId: $id}) { pullRequest { number } } }"
)


class GithubProposals:
    """Implements :class:`syncer.ports.Proposals`."""

    def __init__(self, client: GithubClient, repository: Repository) -> None:
        self._client = client
        self._repository = repository
        self._documents = GithubDocuments(client, repository)

    def needs_request(self, branch: str) -> bool:
        try:
            rules = self._get(f"/rules/branches/{quote(branch, safe='/')}", query={"per_page": 100})
        except Missing:  # an older GitHub Enterprise Server has no rulesets
            return False
        return any(text(rule, "type") in _ONLY_BY_REQUEST for rule in records(rules.content, "rules"))

    def create_branch(self, branch: str, revision: str) -> None:
        body = {"ref": f"refs/heads/{branch}", "sha": revision}
        self._client.send("POST", self._url("/git/refs"), body, WRITE)

    def restart(self, draft: CommitDraft, onto: str) -> Committed | None:
        return self._documents.join(draft, onto)

    def find(self, branch: str, target: str) -> Proposal | None:
        def ask(name: str) -> Reply:
            return self._client.get(
                self._client.url(
                    f"{address(name)}/pulls",
                    state="all",
                    head=f"{name.partition('/')[0]}:{branch}",
                    base=target,
                    sort="created",
                    direction="desc",
                    per_page=1,
                )
            )

        found = records(self._repository.reading(ask).content, "pull requests")
        return _proposal(found[0]) if found else None

    def look(self, number: int, etag: str = "") -> Proposal | None:
        reply = self._get(f"/pulls/{number}", etag=etag)
        if reply.unchanged:
            return None
        return _proposal(record(reply.content, "pull request"), reply.etag)

    def open(self, draft: ProposalDraft) -> Proposal:
        body = {"title": draft.title, "body": draft.body, "head": draft.branch, "base": draft.target}
        reply = self._client.send("POST", self._url("/pulls"), body, ISSUE_CREATION)
        with taken(self._repository.name):
            return _proposal(record(reply.content, "pull request"))

    def change(self, number: int, *, title: str, body: str) -> Proposal:
        values = {"title": title, "body": body}
        reply = self._client.send("PATCH", self._url(f"/pulls/{number}"), values, WRITE)
        with taken(self._repository.name):
            return _proposal(record(reply.content, "pull request"))

    def close(self, number: int) -> None:
        self._client.send("PATCH", self._url(f"/pulls/{number}"), {"state": "closed"}, WRITE)

    def merge_when_ready(self, proposal: Proposal) -> None:
        self._client.mutate(_AUTO_MERGE, {"id": proposal.handle}, WRITE)

    # --- beneath -------------------------------------------------------------------------------

    def _get(self, path: str, *, etag: str = "", query: Mapping[str, str | int] | None = None) -> Reply:
        return self._repository.reading(
            lambda name: self._client.get(self._client.url(address(name) + path, **(query or {})), etag=etag)
        )

    def _url(self, path: str) -> str:
        return self._client.url(address(self._repository.name) + path)


def _proposal(data: Mapping[str, Any], etag: str = "") -> Proposal:
    merged = bool(optional_text(data, "merged_at"))
    closed = text(data, "state") == "closed"
    head = part(data, "head")
    mergeable = data.get("mergeable")
    return Proposal(
        number=number(data, "number"),
        shown=f"#{number(data, 'number')}",
        state=ProposalState.MERGED if merged else ProposalState.CLOSED if closed else ProposalState.OPEN,
        branch=text(head, "ref"),
        head=text(head, "sha"),
        url=text(data, "html_url"),
        body=optional_text(data, "body"),
        merged_as=optional_text(data, "merge_commit_sha") if merged else "",
        mergeable=None if mergeable is None else flag(data, "mergeable"),
        handle=optional_text(data, "node_id"),
        etag=etag,
    )
