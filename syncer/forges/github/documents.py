"""Files and commits of a GitHub repository.

Committing is one GraphQL mutation for all files, ``createCommitOnBranch``: it names the head that
it was made for, and GitHub signs the commit. Where a host has no such mutation, or a token may not
use it, the git database endpoints do the same in three requests of which only the last, moving the
branch, can be seen.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from syncer.errors import (
    Forbidden,
    ForgeError,
    Garbled,
    Missing,
    Protected,
    Rejected,
    StaleHead,
    Unavailable,
    UnknownFate,
)
from syncer.forges import globs
from syncer.forges.blobs import blob_id
from syncer.forges.github import wire
from syncer.forges.github.client import GithubClient
from syncer.forges.github.repository import address
from syncer.forges.governor import COMMIT, WRITE
from syncer.forges.reply import Reply, taken
from syncer.forges.repository import Repository
from syncer.forges.shape import flag, optional_text, part, record, records, text
from syncer.model.source import CommitDraft, Committed, Entry, EntryKind, Head, LogEntry
from syncer.model.tracker import TrackerProfile

_COMMIT: Final = (
    "mutation Commit($input: CreateCommitOnBranchInput!) "
    "{ createCommitOnBranch(input: $input) { commit { oid url } } }"
)
_HISTORY_PAGES: Final = 3
"""How many hundreds of commits are looked through for one of ours."""

_NO_SUCH_MUTATION: Final = re.compile(
    r"createCommitOnBranch.*(doesn't exist|isn't a defined)"
    r"|(Cannot query field|Unknown type) .createCommitOnBranch",
    re.IGNORECASE,
)


class GithubDocuments:
    """Implements :class:`syncer.ports.Documents`."""

    def __init__(self, client: GithubClient, repository: Repository) -> None:
        self._client = client
        self._repository = repository
        self._modes: dict[str, str] = {}
        self._without_graphql = False

    def profile(self) -> TrackerProfile:
        return self._repository.profile()

    def moved(self) -> TrackerProfile | None:
        return self._repository.moved()

    def head(self, branch: str, known: Head | None) -> Head:
        etag = known.etag if known is not None and known.branch == branch else ""
        try:
            reply = self._get(f"/git/ref/heads/{quote(branch, safe='/')}", etag=etag)
        except Missing as missing:
            raise self._repository.missing(_no_branch(branch, missing)) from None
        except Rejected as refusal:
            if refusal.status == 409:  # "Git Repository is empty."
                raise _no_branch(branch, refusal) from None
            raise
        if reply.unchanged and known is not None:
            return known
        target = part(record(reply.content, "reference"), "object")
        return Head(branch=branch, revision=text(target, "sha"), etag=reply.etag)

    def entries(self, revision: str, patterns: Sequence[str]) -> tuple[Entry, ...]:
        wanted = [globs.parse(pattern) for pattern in patterns]
        if not wanted:
            return ()
        tree = record(
            self._get(f"/git/trees/{quote(revision, safe='')}", query={"recursive": 1}).content, "tree"
        )
        listed = records(tree.get("tree"), "tree")
        if flag(tree, "truncated"):
            listed = self._walk(revision, wanted)
        found = globs.select((wire.entry(entry) for entry in listed), wanted)
        paths = {entry.path for entry in found}
        self._modes.update(
            {entry["path"]: entry["mode"] for entry in listed if entry["path"] in paths and "mode" in entry}
        )
        return found

    def read(self, revision: str, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        del revision  # a blob's id is its content, whatever revision it was listed at
        return {entry.path: self._blob(entry) for entry in entries if entry.kind is EntryKind.FILE}

    def commit(self, draft: CommitDraft) -> Committed:
        if not self._without_graphql:
            try:
                return self._committed(draft, self._commit_by_mutation(draft))
            except Protected:
                raise  # the rules hold for whatever way is taken
            except Forbidden as refusal:
                # Some tokens may write contents and not use this mutation. Whether that is so, the
                # other way shows; where it is refused as well, the first refusal says more.
                try:
                    made = self._commit_by_database(draft, [draft.parent])
                except Forbidden:
                    raise refusal from None
                self._without_graphql = True
                return self._committed(draft, made)
            except ForgeError as error:
                if not _mutation_is_missing(error):
                    raise
                self._without_graphql = True
        return self._committed(draft, self._commit_by_database(draft, [draft.parent]))

    def join(self, draft: CommitDraft, onto: str) -> Committed:
        """One commit that stands on the branch's head and on another commit, and holds what that holds.

        Nothing of the branch is rewritten: it moves forwards, and only if it still points at
        ``draft.parent``.

        Args:
            draft: its files lie over those of ``onto``.
            onto: a commit of the same repository.
        """
        return self._committed(draft, self._commit_by_database(draft, [draft.parent, onto]))

    def is_ancestor(self, older: str, newer: str) -> bool:
        if older == newer:
            return True
        path = f"/compare/{quote(older, safe='')}...{quote(newer, safe='')}"
        try:
            # The first page carries up to 300 patches, further pages carry commits only
            # (docs.github.com, "Compare two commits").
            comparison = record(self._get(path, query={"per_page": 1, "page": 2}).content, "comparison")
        except Missing:
            return False
        return text(comparison, "status") in ("ahead", "identical")

    def history(self, older: str, newer: str) -> tuple[LogEntry, ...] | None:
        found: list[LogEntry] = []
        page = self._get("/commits", query={"sha": newer, "per_page": 100})
        for number in range(_HISTORY_PAGES):
            for listed in records(page.content, "commits"):
                entry = wire.log_entry(listed)
                if entry.revision == older:
                    return tuple(reversed(found))
                found.append(entry)
            if not page.next or number == _HISTORY_PAGES - 1:
                break
            page = self._client.get(page.next)
        return tuple(reversed(found)) if self.is_ancestor(older, newer) else None

    def line_url(self, path: str, revision: str, line: int) -> str:
        web = self._repository.profile().web_url
        return f"{web}/blob/{quote(revision, safe='')}/{quote(path, safe='/')}?plain=1#L{line}"

    # --- beneath -------------------------------------------------------------------------------

    def _get(self, path: str, *, etag: str = "", query: Mapping[str, str | int] | None = None) -> Reply:
        return self._repository.reading(
            lambda name: self._client.get(self._client.url(address(name) + path, **(query or {})), etag=etag)
        )

    def _url(self, path: str) -> str:
        return self._client.url(address(self._repository.name) + path)

    def _walk(self, revision: str, wanted: Sequence[globs.Pattern]) -> list[Mapping[str, Any]]:
        """The entries of the directories that decide, of a tree too large to be listed whole."""
        found: list[Mapping[str, Any]] = []
        todo = [("", revision)]
        while todo:
            directory, name = todo.pop()
            tree = record(self._get(f"/git/trees/{quote(name, safe='')}").content, "tree")
            if flag(tree, "truncated"):  # a file that is not listed must not be taken for deleted
                raise Garbled(
                    f"the directory {directory or '/'} is too large to be listed",
                    where=self._repository.name,
                    next_step="keep roadmaps in a smaller directory",
                )
            for listed in records(tree.get("tree"), "tree"):
                path = f"{directory}{text(listed, 'path')}"
                found.append({**listed, "path": path})
                if listed.get("type") == "tree" and globs.leads_to(path, wanted):
                    todo.append((f"{path}/", text(listed, "sha")))
        return found

    def _blob(self, entry: Entry) -> bytes:
        blob = record(self._get(f"/git/blobs/{entry.blob}").content, "blob")
        content = text(blob, "content")
        try:
            data = base64.b64decode(content) if text(blob, "encoding") == "base64" else content.encode()
        except binascii.Error:
            data = b""
        if blob_id(data, entry.blob) != entry.blob:
            raise Garbled(
                "the forge sent other bytes than the ones it listed",
                where=f"{self._repository.name}/{entry.path}",
                next_step="try again later",
            )
        return data

    def _commit_by_mutation(self, draft: CommitDraft) -> Mapping[str, Any]:
        headline, _, rest = draft.message.partition("\n")
        data = self._client.mutate(
            _COMMIT,
            {
                "input": {
                    "branch": {
                        "repositoryNameWithOwner": self._repository.name,
                        "branchName": draft.branch,
                    },
                    "message": {"headline": headline, "body": rest.strip("\n")},
                    "expectedHeadOid": draft.parent,
                    "fileChanges": {
                        "additions": [
                            {"path": path, "contents": base64.b64encode(content).decode()}
                            for path, content in sorted(draft.files.items())
                        ]
                    },
                }
            },
            COMMIT,
        )
        with taken(self._repository.name):
            commit = part(part(data, "createCommitOnBranch"), "commit")
            return {"sha": text(commit, "oid"), "html_url": optional_text(commit, "url")}

    def _commit_by_database(self, draft: CommitDraft, parents: Sequence[str]) -> Mapping[str, Any]:
        """Tree, commit, branch. Until the branch moves nothing has happened that anybody could see.

        The tree is that of the last parent.

        The branch is moved forwards only, which refuses every head that our commit does not stand
        on. One case is left: a head that was put back to an older commit. It is looked for right
        before.
        """
        base = record(self._get(f"/git/commits/{parents[-1]}").content, "commit")
        try:
            entries = [self._tree_entry(path, content) for path, content in sorted(draft.files.items())]
            tree = self._make("/git/trees", {"base_tree": text(part(base, "tree"), "sha"), "tree": entries})
            commit = self._make(
                "/git/commits",
                {"message": draft.message, "tree": text(tree, "sha"), "parents": list(parents)},
            )
        except UnknownFate as error:
            raise Unavailable(
                f"the commit could not be prepared: {error.what}",
                where=error.where,
                next_step="nothing was changed; try again later",
            ) from None
        if self.head(draft.branch, None).revision != draft.parent:
            raise _stale(draft)
        url = self._url(f"/git/refs/heads/{quote(draft.branch, safe='/')}")
        try:
            self._client.send("PATCH", url, {"sha": text(commit, "sha"), "force": False}, COMMIT)
        except Rejected as refusal:
            if refusal.status == 422 and "fast forward" in refusal.details.lower().replace("-", " "):
                raise _stale(draft) from None
            raise
        return commit

    def _make(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return record(self._client.send("POST", self._url(path), body, WRITE).content, "git object")

    def _tree_entry(self, path: str, content: bytes) -> dict[str, Any]:
        entry: dict[str, Any] = {"path": path, "mode": self._modes.get(path, "100644"), "type": "blob"}
        try:
            return {**entry, "content": content.decode("utf-8")}
        except UnicodeDecodeError:
            encoded = {"content": base64.b64encode(content).decode(), "encoding": "base64"}
            return {**entry, "sha": text(self._make("/git/blobs", encoded), "sha")}

    def _committed(self, draft: CommitDraft, commit: Mapping[str, Any]) -> Committed:
        return Committed(
            revision=text(commit, "sha"),
            parent=draft.parent,
            blobs={path: blob_id(content, draft.parent) for path, content in draft.files.items()},
            url=optional_text(commit, "html_url"),
        )


def _mutation_is_missing(error: ForgeError) -> bool:
    """Whether the host has no GraphQL, or not this mutation. Then nothing was done."""
    if isinstance(error, Missing):
        return error.status == 404  # 0 where GraphQL itself says that something is not there
    return isinstance(error, Rejected) and _NO_SUCH_MUTATION.search(error.details) is not None


def _no_branch(branch: str, error: ForgeError) -> Missing:
    return Missing(
        f"there is no branch {branch!r}",
        where=error.where,
        next_step="check the project's branch",
        status=error.status,
        details=error.details,
    )


def _stale(draft: CommitDraft) -> StaleHead:
    return StaleHead(
        f"the branch {draft.branch!r} has moved", where=draft.parent, next_step="read it again and plan again"
    )
