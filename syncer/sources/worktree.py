"""The files of a checkout as they lie there: read and written in place, committed by somebody else.

For use by a person inside a checkout, or by a pipeline that commits what has changed itself. Untracked
files count, ignored ones do not. A file is only replaced while it is what the edits were made for, as a
whole and in one step; links are never followed.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from syncer.errors import ConfigError, Garbled, Missing, ReadOnly, StaleHead, Unavailable
from syncer.forges import globs
from syncer.forges.blobs import blob_id
from syncer.model.source import CommitDraft, Committed, Entry, EntryKind, Head, LogEntry
from syncer.model.tracker import TrackerProfile
from syncer.sources.git_command import Git

_MARK = "+"
"""Between the commit that is checked out and what tells its changed files from other ones."""


class WorktreeDocuments:
    """Implements :class:`syncer.ports.Documents`.

    Args:
        git: runs in the checkout's root.
        patterns: of the roadmaps, whose contents are part of a revision's name.
        profile: what the repository is; a checkout does not know.
        address: of a line of a file at a commit.
        read_only: nothing is written.
    """

    def __init__(
        self,
        git: Git,
        patterns: Sequence[str],
        profile: Callable[[], TrackerProfile],
        address: Callable[[str, str, int], str],
        *,
        read_only: bool = False,
    ) -> None:
        self._git = git
        self._root = git.directory
        self._patterns = tuple(patterns)
        self._profile = profile
        self._address = address
        self._read_only = read_only

    def profile(self) -> TrackerProfile:
        return self._profile()

    def moved(self) -> TrackerProfile | None:
        """Nothing: a checkout stays where it is."""
        return None

    def head(self, branch: str, known: Head | None) -> Head:
        """The present state; which branch is checked out is whoever's business the checkout is."""
        revision = self._revision()
        if known is not None and (known.branch, known.revision) == (branch, revision):
            return known
        return Head(branch, revision)

    def entries(self, revision: str, patterns: Sequence[str]) -> tuple[Entry, ...]:
        wanted = [globs.parse(pattern) for pattern in patterns]
        if wanted and revision.partition(_MARK)[0] != self._commit():
            raise Missing(
                f"{revision[:12]} is not checked out any more",
                where=str(self._root),
                next_step="run again",
                status=404,
            )
        return self._entries(patterns)

    def read(self, revision: str, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        del revision
        contents: dict[str, bytes] = {}
        for entry in entries:
            if entry.kind is EntryKind.FILE:
                data = self._bytes(entry.path)
                if data is None or blob_id(data, entry.blob) != entry.blob:
                    raise Garbled("it was changed while it was read", where=entry.path, next_step="run again")
                contents[entry.path] = data
        return contents

    def commit(self, draft: CommitDraft) -> Committed:
        """Write the files. What git calls a commit is made by whoever looks after the checkout."""
        if self._read_only:
            raise ReadOnly("a read-only run tried to write", where=str(self._root))
        if self._revision() != draft.parent:
            raise StaleHead("the checkout has changed", where=str(self._root), next_step="plan again")
        for path in sorted(draft.files):
            held = self._bytes(path)
            expected = draft.expected.get(path)
            if (blob_id(held, draft.parent[:40]) if held is not None else None) != expected:
                raise StaleHead(f"{path} has changed", where=str(self._root), next_step="plan again")
        for path, data in sorted(draft.files.items()):
            self._replace(path, data)
        return Committed(
            revision=self._revision(),
            parent=draft.parent,
            blobs={path: blob_id(data, draft.parent[:40]) for path, data in draft.files.items()},
        )

    def is_ancestor(self, older: str, newer: str) -> bool:
        one, other = older.partition(_MARK)[0], newer.partition(_MARK)[0]
        return one == other or self._git.local("merge-base", "--is-ancestor", one, other).code == 0

    def history(self, older: str, newer: str) -> tuple[LogEntry, ...] | None:
        """Nothing of ours is ever in it: what we write here is not committed by us."""
        return () if self.is_ancestor(older, newer) else None

    def line_url(self, path: str, revision: str, line: int) -> str:
        return self._address(path, revision.partition(_MARK)[0], line)

    # --- beneath -------------------------------------------------------------------------------

    def _commit(self) -> str:
        said = self._git.local("rev-parse", "--verify", "HEAD^{commit}")
        if said.code != 0:
            raise ConfigError(
                "is no git checkout with a commit",
                where=str(self._root),
                next_step="name a checkout, or read through the forge",
            )
        return said.text.strip()

    def _revision(self) -> str:
        """The commit, and what the roadmaps hold."""
        listed = "\n".join(f"{entry.path}\0{entry.blob}" for entry in self._entries(self._patterns))
        digest = hashlib.sha256(listed.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        return f"{self._commit()}{_MARK}{digest}"

    def _entries(self, patterns: Sequence[str]) -> tuple[Entry, ...]:
        wanted = [globs.parse(pattern) for pattern in patterns]
        if not wanted:
            return ()
        said = self._git.local("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        if said.code != 0:
            raise Unavailable(f"git cannot list the checkout: {said.err.strip()}", where=str(self._root))
        paths = {path for path in said.text.split("\0") if path}
        paths |= {parent for path in paths for parent in _parents(path)}
        found = globs.select(filter(None, (self._kind(path) for path in paths)), wanted)
        return tuple(self._whole(entry) for entry in found)

    def _kind(self, path: str) -> Entry | None:
        """What lies at a path; ``None`` where nothing does any more."""
        try:
            mode = (self._root / path).lstat().st_mode
        except OSError:
            return None
        if stat.S_ISLNK(mode):
            return Entry(path, EntryKind.SYMLINK, "")
        if stat.S_ISDIR(mode):
            return Entry(path, EntryKind.DIRECTORY, "")
        return Entry(path, EntryKind.FILE, "") if stat.S_ISREG(mode) else None

    def _whole(self, entry: Entry) -> Entry:
        data = self._bytes(entry.path) if entry.kind is EntryKind.FILE else None
        if data is None:
            return entry
        return Entry(entry.path, entry.kind, blob_id(data, "0" * 40), len(data))

    def _bytes(self, path: str) -> bytes | None:
        """A regular file's bytes; ``None`` where there is none, or a link on the way to it."""
        if not globs.is_inside(path) or any((self._root / parent).is_symlink() for parent in _parents(path)):
            return None
        try:
            descriptor = os.open(self._root / path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            return file.read() if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None

    def _replace(self, path: str, data: bytes) -> None:
        target = self._root / path
        if not globs.is_inside(path) or any((self._root / parent).is_symlink() for parent in _parents(path)):
            raise StaleHead(f"{path} is not a file of the checkout", where=str(self._root))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            mode = stat.S_IMODE(target.lstat().st_mode) if target.exists() else 0o644
            descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".syncer-")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).chmod(mode)
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise Unavailable(
                f"cannot be written: {error.strerror}", where=str(target), next_step="check its rights"
            ) from None


def _parents(path: str) -> list[str]:
    """The directories on the way to a path, outermost first."""
    names = path.split("/")[:-1]
    return ["/".join(names[: count + 1]) for count in range(len(names))]
