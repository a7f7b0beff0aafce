"""Files and commits of the in-memory forge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from syncer.errors import Forbidden, Missing, StaleHead
from syncer.forges import globs
from syncer.forges.blobs import blob_id
from syncer.forges.memory.tracker import profile_of
from syncer.forges.memory.world import Commit, Door, MemoryRepository, creating, reading
from syncer.model.source import CommitDraft, Committed, Entry, EntryKind, Head, LogEntry
from syncer.model.tracker import TrackerProfile


class MemoryDocuments:
    """Implements :class:`syncer.ports.Documents`."""

    def __init__(self, door: Door, repository: str, known: TrackerProfile | None) -> None:
        self._door = door
        self._repository = repository
        self._profile = known

    @property
    def door(self) -> Door:
        return self._door

    @property
    def repository(self) -> MemoryRepository:
        return self._door.find(self._repository)

    def profile(self) -> TrackerProfile:
        if self._profile is None:
            self._profile = self._look()
        return self._profile

    def moved(self) -> TrackerProfile | None:
        return None

    @reading
    def head(self, branch: str, known: Head | None) -> Head:
        if branch not in self.repository.branches:
            raise Missing(f"there is no branch {branch!r}", where=self._repository, status=404)
        revision = self.repository.branches[branch]
        if known is not None and (known.branch, known.revision) == (branch, revision):
            return known
        return Head(branch=branch, revision=revision, etag=f'"{revision}"')

    @reading
    def entries(self, revision: str, patterns: Sequence[str]) -> tuple[Entry, ...]:
        wanted = [globs.parse(pattern) for pattern in patterns]
        files = self._commit(revision).files
        found = [
            Entry(path, kind, blob_id(data, revision), len(data)) for path, (kind, data) in files.items()
        ]
        parents = {"/".join(names[:depth]) for names in map(_names, files) for depth in range(1, len(names))}
        found += [Entry(path, EntryKind.DIRECTORY, "") for path in parents]
        return globs.select(found, wanted)

    @reading
    def read(self, revision: str, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        files = self._commit(revision).files
        return {entry.path: files[entry.path][1] for entry in entries if entry.kind is EntryKind.FILE}

    @creating
    def commit(self, draft: CommitDraft) -> Committed:
        repository = self.repository
        if repository.branches.get(draft.branch) != draft.parent:
            raise StaleHead(
                f"the branch {draft.branch!r} has moved", where=draft.parent, next_step="read it again"
            )
        if draft.branch in repository.protected:
            raise Forbidden(
                f"the branch {draft.branch!r} is protected",
                where=self._repository,
                next_step="let syncer push to this branch, or let it use a pull or merge request",
            )
        revision = repository.push(draft.files, draft.branch, message=draft.message)
        return Committed(
            revision=revision,
            parent=draft.parent,
            blobs={path: blob_id(data, revision) for path, data in draft.files.items()},
            url=f"https://memory.test/{self._repository}/commit/{revision}",
        )

    @reading
    def is_ancestor(self, older: str, newer: str) -> bool:
        commits, here = self.repository.commits, newer
        while here in commits:
            if here == older:
                return True
            here = commits[here].parent
        return False

    @reading
    def history(self, older: str, newer: str) -> tuple[LogEntry, ...] | None:
        commits, here = self.repository.commits, newer
        found: list[LogEntry] = []
        while here in commits:
            if here == older:
                return tuple(reversed(found))
            commit = commits[here]
            found.append(LogEntry(here, commit.message, (commit.parent,) if commit.parent else ()))
            here = commit.parent
        return None

    def line_url(self, path: str, revision: str, line: int) -> str:
        web = self.profile().web_url
        return f"{web}/blob/{quote(revision, safe='')}/{quote(path, safe='/')}?plain=1#L{line}"

    # --- beneath -------------------------------------------------------------------------------

    @reading
    def _look(self) -> TrackerProfile:
        return profile_of(self.repository)

    def _commit(self, revision: str) -> Commit:
        if revision not in self.repository.commits:
            raise Missing(f"there is no revision {revision!r}", where=self._repository, status=404)
        return self.repository.commits[revision]


def _names(path: str) -> list[str]:
    return path.split("/")
