"""Files of any git remote, over HTTPS or SSH, through the git command.

A bare repository of our own holds what was fetched. A commit is made in it, and pushed with a lease: the
remote takes it only if the branch still points at the commit that the edits were made for.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from syncer.errors import Garbled, Missing, Protected, ReadOnly, StaleHead, Unavailable, UnknownFate
from syncer.forges import globs
from syncer.forges.blobs import blob_id
from syncer.model.source import CommitDraft, Committed, Entry, EntryKind, Head, LogEntry
from syncer.model.tracker import TrackerProfile
from syncer.sources.git_command import Git, Said

_KINDS: Final = {
    "100644": EntryKind.FILE,
    "100755": EntryKind.FILE,
    "120000": EntryKind.SYMLINK,
    "160000": EntryKind.SUBMODULE,
    "040000": EntryKind.DIRECTORY,
}
_REFUSED: Final = re.compile(r"^!\t[^\t]*\t(?P<why>.*)$", re.MULTILINE)
_STALE: Final = re.compile(r"stale info|non-fast-forward|fetch first|lock ref|update ref", re.IGNORECASE)
_NEVER_SENT: Final = re.compile(
    r"could not resolve|connection refused|authentication failed|permission denied|not found"
    r"|does not appear to be a git repository|could not read|unable to access|certificate|host key",
    re.IGNORECASE,
)


class GitDocuments:
    """Implements :class:`syncer.ports.Documents`.

    Args:
        git: runs in our own bare repository, which is made on first use.
        profile: what the repository is; git itself does not know.
        address: of a line of a file at a revision.
        author: of commits, ``Name <address>``.
        read_only: commits are refused.
    """

    def __init__(
        self,
        git: Git,
        profile: Callable[[], TrackerProfile],
        address: Callable[[str, str, int], str],
        *,
        author: str = "syncer <syncer@localhost>",
        read_only: bool = False,
    ) -> None:
        self._git = git
        self._profile = profile
        self._address = address
        self._author = author
        self._read_only = read_only
        self._branches: set[str] = set()

    def profile(self) -> TrackerProfile:
        return self._profile()

    def moved(self) -> TrackerProfile | None:
        """Nothing: a remote is asked under the address that was given for it."""
        return None

    def head(self, branch: str, known: Head | None) -> Head:
        self._branches.add(branch)
        self._prepare()
        said = self._git.over_network("ls-remote", "--exit-code", self._url, f"refs/heads/{branch}")
        if said.code == 2:
            raise Missing(
                f"there is no branch {branch!r}",
                where=self._git.shown,
                next_step="check the project's branch",
                status=404,
            )
        if said.code != 0:
            raise self._git.refusal(said)
        revision = said.text.split("\t")[0]
        if known is not None and (known.branch, known.revision) == (branch, revision):
            return known
        return Head(branch, revision)

    def entries(self, revision: str, patterns: Sequence[str]) -> tuple[Entry, ...]:
        wanted = [globs.parse(pattern) for pattern in patterns]
        if not wanted:
            return ()
        self._fetch(revision)
        said = self._ask("ls-tree", "-r", "-t", "-z", "-l", "--full-tree", revision)
        return globs.select((_entry(line) for line in said.text.split("\0") if line), wanted)

    def read(self, revision: str, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        files = [entry for entry in entries if entry.kind is EntryKind.FILE]
        if not files:
            return {}
        self._fetch(revision)
        asked = "".join(f"{entry.blob}\n" for entry in files).encode()
        answer = self._ask("cat-file", "--batch", stdin=asked).out
        contents: dict[str, bytes] = {}
        at = 0
        for entry in files:
            line, _, _ = answer[at:].partition(b"\n")
            parts = line.split()
            if len(parts) != 3 or parts[1] != b"blob":
                raise Garbled("git does not hold a file that it listed", where=entry.path)
            start = at + len(line) + 1
            contents[entry.path] = answer[start : start + int(parts[2])]
            at = start + int(parts[2]) + 1
        return contents

    def commit(self, draft: CommitDraft) -> Committed:
        if self._read_only:
            raise ReadOnly("a read-only run tried to write", where=self._git.shown)
        self._fetch(draft.parent)
        revision = self._make(draft)
        ref = f"refs/heads/{draft.branch}"
        said = self._git.over_network(
            "push",
            "--porcelain",
            "--no-verify",
            f"--force-with-lease={ref}:{draft.parent}",
            self._url,
            f"{revision}:{ref}",
            write=True,
        )
        if said.code != 0:
            raise self._push_failed(draft, said)
        return Committed(
            revision=revision,
            parent=draft.parent,
            blobs={path: blob_id(data, draft.parent) for path, data in draft.files.items()},
        )

    def is_ancestor(self, older: str, newer: str) -> bool:
        if older == newer:
            return True
        if not (self._has(older) or self._fetched(older)) or not (self._has(newer) or self._fetched(newer)):
            return False
        return self._git.local("merge-base", "--is-ancestor", older, newer).code == 0

    def history(self, older: str, newer: str) -> tuple[LogEntry, ...] | None:
        if not self.is_ancestor(older, newer):
            return None
        said = self._ask("log", "-z", "--format=%H%n%P%n%B", "--topo-order", "--reverse", f"{older}..{newer}")
        return tuple(_logged(text) for text in said.text.split("\0") if text)

    def line_url(self, path: str, revision: str, line: int) -> str:
        return self._address(path, revision, line)

    # --- beneath -------------------------------------------------------------------------------

    @property
    def _url(self) -> str:
        return self._git.remote.url

    def _prepare(self) -> None:
        """Our own repository; making it again changes nothing."""
        directory = self._git.directory
        if (directory / "HEAD").is_file():
            return
        directory.mkdir(parents=True, exist_ok=True)
        said = self._git.local("init", "-q", "--bare")
        if said.code != 0:
            raise Unavailable(f"a repository cannot be made: {said.err.strip()}", where=str(directory))

    def _has(self, revision: str) -> bool:
        self._prepare()
        return self._git.local("cat-file", "-e", f"{revision}^{{commit}}").code == 0

    def _fetched(self, revision: str) -> bool:
        """Whether a revision is there after a fetch of the branches that we look at."""
        names = sorted(self._branches) or ["*"]
        refs = [f"+refs/heads/{name}:refs/syncer/{name}" for name in names]
        said = self._git.over_network("fetch", "-q", "--no-tags", "--no-write-fetch-head", self._url, *refs)
        if said.code != 0:
            raise self._git.refusal(said)
        return self._has(revision)

    def _fetch(self, revision: str) -> None:
        if not (self._has(revision) or self._fetched(revision)):
            raise Missing(
                f"there is no revision {revision[:12]}",
                where=self._git.shown,
                next_step="read the branch again",
                status=404,
            )

    def _ask(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Said:
        """A local command that must succeed."""
        said = self._git.local(*arguments, stdin=stdin, env=env)
        if said.code != 0:
            raise Garbled(
                f"git {arguments[0]} failed: {said.err.strip()[:200]}", where=str(self._git.directory)
            )
        return said

    def _make(self, draft: CommitDraft) -> str:
        """The commit, in our own repository only."""
        modes = self._modes(draft.parent, sorted(draft.files))
        with tempfile.TemporaryDirectory() as scratch:
            index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
            self._ask("read-tree", draft.parent, env=index)
            lines = []
            for path, data in sorted(draft.files.items()):
                blob = self._ask("hash-object", "-w", "--no-filters", "--stdin", stdin=data).text.strip()
                lines.append(f"{modes.get(path, '100644')} {blob}\t{path}\0")
            self._ask("update-index", "-z", "--index-info", stdin="".join(lines).encode(), env=index)
            tree = self._ask("write-tree", env=index).text.strip()
        name, _, rest = self._author.partition("<")
        who = {"NAME": name.strip() or "syncer", "EMAIL": rest.rstrip("> ") or "syncer@localhost"}
        people = {
            f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()
        }
        return self._ask(
            "commit-tree", tree, "-p", draft.parent, stdin=draft.message.encode(), env=people
        ).text.strip()

    def _modes(self, revision: str, paths: Sequence[str]) -> dict[str, str]:
        """The file modes, so that an executable stays one."""
        literally = {"GIT_LITERAL_PATHSPECS": "1"}
        said = self._ask("ls-tree", "-z", "--full-tree", revision, "--", *paths, env=literally)
        lines = [line.partition("\t") for line in said.text.split("\0") if line]
        return {path: head.split(" ")[0] for head, _, path in lines}

    def _push_failed(self, draft: CommitDraft, said: Said) -> Exception:
        refused = _REFUSED.search(said.text)
        words = self._git.scrubbed(said.err)
        if refused is not None and _STALE.search(refused["why"]):
            return StaleHead(
                f"the branch {draft.branch!r} has moved", where=draft.parent, next_step="plan again"
            )
        if refused is not None:
            return Protected(
                f"the branch takes no push: {refused['why']}; {words}",
                where=f"{self._git.shown} {draft.branch}",
                next_step="let this key push to the branch, or read through the forge's API, which can "
                "use a pull or merge request",
            )
        if _NEVER_SENT.search(said.err):
            return self._git.refusal(said)
        return UnknownFate(
            f"nobody knows whether the push arrived: {words}",
            where=f"{self._git.shown} {draft.branch}",
            next_step="syncer reads the branch again before it does anything else",
        )


def _entry(line: str) -> Entry:
    head, _, path = line.partition("\t")
    mode, _, blob, size = head.split()
    kind = _KINDS.get(mode, EntryKind.DIRECTORY)
    return Entry(path, kind, blob, int(size) if size.isdigit() else None)


def _logged(text: str) -> LogEntry:
    revision, parents, message = text.split("\n", 2)
    return LogEntry(revision, message, tuple(parents.split()))
