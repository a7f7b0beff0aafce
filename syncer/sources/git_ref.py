"""A ref of a git remote as the place of a ledger's one commit.

The git command speaks to every host alike. A commit without a parent takes the place of the former one;
the server compares what the ref holds with what we expect, and swaps, under its own lock (git-scm.com,
"git-push", ``--force-with-lease``; "gitprotocol-pack", reference update). What is replaced is unreachable,
and put away by the host's housekeeping.

Hosts differ in which refs they take. Where ours is refused before it exists, a branch takes its place;
where a host takes no commit without its predecessor, the new one gets it as its parent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from syncer.errors import ConfigError, Garbled, ReadOnly, StaleHead, SyncerError, Unavailable
from syncer.ledger.git.place import Kept
from syncer.sources.git_command import Git, Said

_READ: Final = "refs/read/state"
_MADE: Final = "refs/made/state"
_TRIES: Final = 3
_WHERE: Final = "state.url"

_REFUSED: Final = re.compile(r"^!\t[^\t]*\t(?P<why>.*)$", re.MULTILINE)
_CONTENDED: Final = re.compile(
    r"stale info|fetch first|lock|failed to update ref|old value|already exists|but expected", re.IGNORECASE
)
"""Somebody else's push was in the way. Anything else that a server says is a rule of its."""


class GitRef:
    """One ref of one remote. Implements :class:`syncer.ledger.git.place.Place`.

    Args:
        git: runs in a bare repository of our own, which is made on first use. Its clock never stops: a
            run that is asked to end still remembers what it did.
        ref: the full name.
        branch: the full name of the branch that takes its place where the host refuses the ref; empty
            for none.
        author: of the commits, ``Name <address>``.
        read_only: nothing is pushed.
    """

    def __init__(
        self,
        git: Git,
        ref: str,
        branch: str = "",
        *,
        author: str = "syncer <syncer@localhost>",
        read_only: bool = False,
    ) -> None:
        self._git = git
        self._ref = ref
        self._branch = branch
        self._author = author
        self._read_only = read_only
        self._chosen = ref
        self._kept = Kept()
        self._tried: set[str] = set()
        self._chained = False

    @property
    def shown(self) -> str:
        return f"{self._chosen} of {self._git.shown}"

    def read(self) -> Kept:
        self._prepare()
        found = self._look()
        self._chosen = next(iter(found), self._ref)
        if not found:
            self._kept = Kept()
        elif found[self._chosen] != self._kept.revision:
            self._kept = self._fetched()
        return self._kept

    def replace(self, expected: str, files: Mapping[str, bytes], message: str, at: datetime) -> Kept:
        if self._read_only:
            raise ReadOnly("a read-only run tried to write", where=self.shown)
        self._prepare()
        try:
            self._kept = self._replaced(expected, files, message, at)
        except _RefusedByRules as refusal:
            self._kept = self._otherwise(refusal, expected, files, message, at)
        return self._kept

    def probe(self, expected: str) -> None:
        self._prepare()
        commit = self._commit({"probe": b""}, "never pushed", datetime.fromtimestamp(0, UTC), "")
        said = self._push(commit, expected, "--dry-run")
        refused = _REFUSED.search(said.text)
        if refused is not None:
            raise self._refused(refused["why"])
        if said.code != 0:
            raise self._trouble(said)

    # -- pushing -------------------------------------------------------------------------------------

    def _replaced(self, expected: str, files: Mapping[str, bytes], message: str, at: datetime) -> Kept:
        """Push, and find out what came of it until that is known.

        The same commit may be pushed again: the server takes it at most once.
        """
        commit = self._commit(files, message, at, expected if self._chained else "")
        self._tried.add(commit)
        for _ in range(_TRIES):
            said = self._push(commit, expected)
            if said.code == 0 and expected:
                return Kept(commit, dict(files))
            refused = _REFUSED.search(said.text)
            if refused is not None and not _CONTENDED.search(refused["why"]):
                raise _RefusedByRules(f"{refused['why']}: {self._git.scrubbed(said.err)}")
            # A new ref is looked at as well: nobody may have made the other one in the same moment.
            now = self._look().get(self._chosen, "")
            if now == commit:
                return Kept(commit, dict(files))
            if now != expected and now not in self._tried:
                raise StaleHead("somebody else has replaced the state", where=self.shown)
            # Where it is an earlier commit of ours, whose answer never came, this one contains it.
            expected = now
        raise self._trouble(said)

    def _otherwise(
        self, refusal: _RefusedByRules, expected: str, files: Mapping[str, bytes], message: str, at: datetime
    ) -> Kept:
        """Another way, once the host refused the one that we tried."""
        if not expected and self._branch and self._chosen != self._branch:
            self._chosen = self._branch
        elif expected and not self._chained:
            self._chained = True
        else:
            raise self._refused(refusal.why)
        try:
            return self._replaced(expected, files, message, at)
        except _RefusedByRules as second:
            self._chained = False
            raise self._refused(f"{refusal.why}; and then: {second.why}") from None

    def _push(self, commit: str, expected: str, *options: str) -> Said:
        return self._git.over_network(
            "push",
            "--porcelain",
            "--no-verify",
            *options,
            f"--force-with-lease={self._chosen}:{expected}",
            self._git.remote.url,
            f"{commit}:{self._chosen}",
            write=not options,
        )

    # -- looking -------------------------------------------------------------------------------------

    def _look(self) -> dict[str, str]:
        """What the remote has of the ref and its branch: one at most."""
        names = [name for name in (self._ref, self._branch) if name]
        said = self._git.over_network("ls-remote", self._git.remote.url, *names)
        if said.code != 0:
            raise self._trouble(said)
        lines = [line.split("\t") for line in said.text.splitlines() if "\t" in line]
        found = {name: revision for revision, name in lines if name in names}  # tails match as well
        if len(found) > 1:
            raise ConfigError(
                f"the state is in two places: {' and '.join(found)} of {self._git.shown}",
                where=_WHERE,
                next_step="delete one of them; what it remembered comes back from the issues themselves",
            )
        return found

    def _fetched(self) -> Kept:
        refspec = f"+{self._chosen}:{_READ}"
        options = ("-q", "--no-tags", "--no-write-fetch-head", "--depth=1")
        said = self._git.over_network("fetch", *options, self._git.remote.url, refspec)
        if said.code != 0:
            raise self._trouble(said)
        revision = self._ask("rev-parse", _READ).text.strip()
        listed = [line.partition("\t") for line in self._ask("ls-tree", "-r", "-z", _READ).text.split("\0")]
        blobs = {path: head.split(" ")[2] for head, _, path in listed if path}
        answer = self._ask(
            "cat-file", "--batch", stdin="".join(f"{b}\n" for b in blobs.values()).encode()
        ).out
        files: dict[str, bytes] = {}
        at = 0
        for path in blobs:
            line, _, _ = answer[at:].partition(b"\n")
            start, size = at + len(line) + 1, int(line.split()[2])
            files[path] = answer[start : start + size]
            at = start + size + 1
        return Kept(revision, files)

    # -- our own repository --------------------------------------------------------------------------

    def _prepare(self) -> None:
        directory = self._git.directory
        if not (directory / "HEAD").is_file():
            directory.mkdir(parents=True, exist_ok=True)
            self._ask("init", "-q", "--bare")

    def _commit(self, files: Mapping[str, bytes], message: str, at: datetime, parent: str) -> str:
        """A commit in our own repository. What did not change since the last one is not written again."""
        lines = [b"commit " + _MADE.encode(), b"mark :1"]
        lines.append(f"committer {self._author} {int(at.timestamp())} +0000".encode())
        lines += [_data(message.encode())]
        if parent:
            lines += [b"from " + parent.encode()]
        known: Mapping[str, bytes] = {}
        if self._kept.revision:
            known = self._kept.files
            tree = self._ask("rev-parse", f"{self._kept.revision}^{{tree}}").text.strip()
            lines += [f'M 040000 {tree} ""'.encode()]
        lines += [b"D " + path.encode() for path in known if path not in files]
        for path, content in files.items():
            if known.get(path) != content:
                lines += [b"M 100644 inline " + path.encode(), _data(content)]
        lines += [b"", b"get-mark :1", b""]
        said = self._ask("fast-import", "--quiet", "--force", stdin=b"\n".join(lines))
        return said.text.strip()

    def _ask(self, *arguments: str, stdin: bytes = b"") -> Said:
        """A local command that must succeed."""
        said = self._git.local(*arguments, stdin=stdin)
        if said.code != 0:
            where = str(self._git.directory)
            raise Garbled(f"git {arguments[0]} failed: {self._git.scrubbed(said.err)}", where=where)
        return said

    # -- errors --------------------------------------------------------------------------------------

    def _trouble(self, said: Said) -> SyncerError:
        """A remote that cannot be reached, or does not let us in."""
        error = self._git.refusal(said)
        error.what = f"{self._git.shown}: {error.what}"
        error.where = _WHERE
        if isinstance(error, Unavailable):
            error.next_step = "syncer stops here; nothing that was done is lost, run it again"
        return error

    def _refused(self, why: str) -> ConfigError:
        names = " and ".join(name for name in (self._ref, self._branch) if name)
        return ConfigError(
            f"{self._git.shown} takes no push to {names}: {why}",
            where=_WHERE,
            next_step="let this token push there, name another ref, or keep the state in a database",
        )


class _RefusedByRules(Exception):
    """The server's rules stand against this push."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _data(content: bytes) -> bytes:
    return b"data %d\n%s" % (len(content), content)
