"""Files and commits of a GitLab project.

A commit here has no "only if the head is still this one". What there is instead, and its holes:

* ``last_commit_id`` of each file refuses the commit if another one touched that file since. An id
  that the repository does not hold is ignored (gitlab-org/gitlab#438657), so it protects nothing
  after history was rewritten; and it is compared before the commit is made, not with it
  (``Files::MultiService#validate``), so that a push to the same file can slip in between.
* The answer names the commit's parent.

So: the head must be the one that the edits were made for, seen a short while ago or read now, which
also proves that the ids are known; then the commit is sent with the ids; then the parent in the
answer is looked at. If it is the expected one, nothing slipped in. If not, our files are compared as
that parent holds them: if they are what the edits were made for, another commit touched other files,
and all is well. If they are not, ours has replaced a change that nobody here had seen, pushed within
the fraction of a second that the request took; the change is in the history, and it is said aloud.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from syncer.errors import Garbled, Missing, Rejected, StaleHead, SyncerError, UnknownFate
from syncer.forges import globs
from syncer.forges.blobs import blob_id
from syncer.forges.gitlab import wire
from syncer.forges.gitlab.client import GitlabClient
from syncer.forges.gitlab.known_commits import KnownCommits
from syncer.forges.gitlab.repository import address
from syncer.forges.governor import COMMIT
from syncer.forges.reply import Reply, taken
from syncer.forges.repository import Repository
from syncer.forges.shape import optional_text, part, record, records, text
from syncer.model.source import CommitDraft, Committed, Entry, EntryKind, Head, LogEntry
from syncer.model.tracker import TrackerProfile

_HISTORY_PAGES: Final = 3
"""How many hundreds of commits are looked through for one of ours."""

_STALE: Final = (
    "changed since you started editing",
    "file with this name",  # "… doesn't exist", "… already exists"
    "refresh and try again",
    "does not point to expected object",
    "when you are on a branch",  # it was removed, as a merge does with the branch that it merges
)
"""What GitLab says when the branch is not what the edits were made for any more."""


class GitlabDocuments:
    """Implements :class:`syncer.ports.Documents`."""

    def __init__(
        self, client: GitlabClient, repository: Repository, known: KnownCommits | None = None
    ) -> None:
        self._client = client
        self._repository = repository
        self._known = known if known is not None else KnownCommits()

    def profile(self) -> TrackerProfile:
        return self._repository.profile()

    def moved(self) -> TrackerProfile | None:
        return self._repository.moved()

    def head(self, branch: str, known: Head | None) -> Head:
        etag = known.etag if known is not None and known.branch == branch else ""
        try:
            reply = self._get(f"/repository/branches/{quote(branch, safe='')}", etag=etag)
        except Missing as missing:
            raise self._repository.missing(_no_branch(branch, missing)) from None
        if reply.unchanged and known is not None:
            self._known.saw_head(branch, known.revision)
            return known
        revision = text(part(record(reply.content, "branch"), "commit"), "id")
        self._known.saw_head(branch, revision)
        return Head(branch=branch, revision=revision, etag=reply.etag)

    def entries(self, revision: str, patterns: Sequence[str]) -> tuple[Entry, ...]:
        """One request for each hundred entries of the directories that the patterns lie in."""
        return self._select(revision, [globs.parse(pattern) for pattern in patterns])

    def read(self, revision: str, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        contents: dict[str, bytes] = {}
        for entry in entries:
            if entry.kind is not EntryKind.FILE:
                continue
            data = self._file(revision, entry.path)
            if blob_id(data, entry.blob) != entry.blob:
                raise Garbled(
                    "the forge sent other bytes than the ones it listed",
                    where=f"{self._repository.name}/{entry.path}",
                    next_step="try again later",
                )
            contents[entry.path] = data
        return contents

    def commit(self, draft: CommitDraft) -> Committed:
        protected = all(self._known.last_commit(*each) for each in draft.expected.items())
        seen = protected and self._known.was_head(draft.branch, draft.parent)
        if not seen and self.head(draft.branch, None).revision != draft.parent:
            raise _stale(draft)
        actions = [self._action(draft, path, data) for path, data in sorted(draft.files.items())]
        body = {"branch": draft.branch, "commit_message": draft.message, "actions": actions}
        url = self._client.url(f"{address(self._repository.name)}/repository/commits")
        try:
            reply = self._repository.writing(lambda: self._client.send("POST", url, body, COMMIT))
        except Rejected as refusal:
            # Whatever was refused, the next attempt looks again instead of relying on what was known.
            self._known.doubt(draft.branch, draft.expected.items())
            raise _refused(draft, refusal) from None
        except UnknownFate:
            self._known.doubt(draft.branch, draft.expected.items())
            raise
        with taken(self._repository.name):
            return self._committed(draft, record(reply.content, "commit"))

    def is_ancestor(self, older: str, newer: str) -> bool:
        if older == newer:
            return True
        query = f"?refs%5B%5D={quote(older, safe='')}&refs%5B%5D={quote(newer, safe='')}"
        try:
            base = self._get(f"/repository/merge_base{query}").content
        except Missing:
            return False
        except Rejected:  # 400 for a revision that the repository does not hold
            return False
        return optional_text(record(base, "commit"), "id") == older

    def history(self, older: str, newer: str) -> tuple[LogEntry, ...] | None:
        found: list[LogEntry] = []
        page = self._get("/repository/commits", query={"ref_name": newer, "per_page": 100})
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
        return f"{web}/-/blob/{quote(revision, safe='')}/{quote(path, safe='/')}?plain=1#L{line}"

    # --- beneath -------------------------------------------------------------------------------

    def _get(self, path: str, *, etag: str = "", query: Mapping[str, str | int] | None = None) -> Reply:
        return self._repository.reading(
            lambda name: self._client.get(self._client.url(address(name) + path, **(query or {})), etag=etag)
        )

    def _select(self, revision: str, wanted: Sequence[globs.Pattern]) -> tuple[Entry, ...]:
        found = [
            wire.entry(entry)
            for directory, deep in globs.directories(wanted).items()
            for entry in self._directory(revision, directory, deep)
        ]
        return globs.select(found, wanted)

    def _directory(self, revision: str, directory: str, deep: bool) -> list[Mapping[str, Any]]:
        """The entries of a directory; none if there is no such directory."""
        query: dict[str, str | int] = {"ref": revision, "pagination": "keyset", "per_page": 100}
        if directory:
            query["path"] = directory
        if deep:
            query["recursive"] = "true"
        try:
            page = self._get("/repository/tree", query=query)
        except Missing:
            if not directory:
                raise
            return []
        found = records(page.content, "tree")
        if page.next:
            found.extend(self._client.pages(page.next))
        return found

    def _file(self, revision: str, path: str) -> bytes:
        """A file's bytes. The commit that touched it last is in the headers, and is remembered."""

        def ask(name: str) -> tuple[bytes, Mapping[str, str]]:
            place = f"{address(name)}/repository/files/{quote(path, safe='')}/raw"
            return self._client.raw(self._client.url(place, ref=revision))

        data, headers = self._repository.reading(ask)
        last = headers.get("x-gitlab-last-commit-id", "")
        if last:
            self._known.touched(path, blob_id(data, revision), last)
        return data

    def _action(self, draft: CommitDraft, path: str, data: bytes) -> dict[str, Any]:
        action = {"file_path": path, "content": base64.b64encode(data).decode(), "encoding": "base64"}
        expected = draft.expected.get(path)
        if expected is None:
            return {"action": "create", **action}
        last = self._known.last_commit(path, expected)
        if not last:
            try:
                seen = blob_id(self._file(draft.parent, path), expected)
            except Missing:
                raise _stale(draft) from None
            if seen != expected:
                raise _stale(draft)
            last = self._known.last_commit(path, expected)
        return {"action": "update", **action, **({"last_commit_id": last} if last else {})}

    def _committed(self, draft: CommitDraft, commit: Mapping[str, Any]) -> Committed:
        parents = commit.get("parent_ids")
        parent = str(parents[0]) if isinstance(parents, list) and parents else ""
        revision = text(commit, "id")
        if parent != draft.parent:
            self._known.doubt(draft.branch, draft.expected.items())
            self._look_beneath(draft, revision, parent)
        blobs = {path: blob_id(data, draft.parent) for path, data in draft.files.items()}
        self._known.saw_head(draft.branch, revision)
        for path, blob in blobs.items():
            self._known.touched(path, blob, revision)
        return Committed(revision=revision, parent=parent, blobs=blobs, url=optional_text(commit, "web_url"))

    def _look_beneath(self, draft: CommitDraft, revision: str, parent: str) -> None:
        """Make sure that a commit on an unexpected parent replaced nothing that was not meant."""
        try:
            entries = self._select(parent, [globs.literal(path) for path in sorted(draft.files)])
        except SyncerError as error:
            raise UnknownFate(
                f"commit {revision} stands on {parent or 'an unknown commit'}, which cannot be read: {error}",
                where=draft.branch,
                next_step="look at the branch; syncer reads it again",
            ) from None
        held = {entry.path: entry.blob for entry in entries}
        replaced = sorted(path for path in draft.files if held.get(path) != draft.expected.get(path))
        if replaced:
            raise UnknownFate(
                f"commit {revision} replaced a change that was pushed meanwhile: {', '.join(replaced)}",
                where=draft.branch,
                next_step=f"compare with {parent}, which holds the change; syncer reads the branch again",
            )


def _refused(draft: CommitDraft, refusal: Rejected) -> SyncerError:
    if any(words in refusal.details for words in _STALE):
        return _stale(draft)
    return refusal


def _no_branch(branch: str, error: Missing) -> Missing:
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
