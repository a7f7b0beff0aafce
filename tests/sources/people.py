"""A git repository on this disk, and what people do in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from syncer.forges import Exchange
from syncer.model.tracker import TrackerProfile
from syncer.ports import Documents, Tracker
from syncer.sources.git_command import Git, Remote
from syncer.sources.git_documents import GitDocuments
from tests.contract.worlds import FILES, REPOSITORY
from tests.team import FakeClock

WEB = f"https://git.example.org/{REPOSITORY}"
PROFILE = TrackerProfile(REPOSITORY, "git.example.org", 7, "main", False, False, True, WEB)


def address(path: str, revision: str, line: int) -> str:
    return f"{WEB}/blob/{revision}/{quote(path)}?plain=1#L{line}"


def git(directory: Path, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
    """Git as a person runs it, with an identity and none of this machine's settings."""
    who = {f"GIT_{role}_{key}": "alice" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    environment |= env or {}
    done = subprocess.run(
        ["git", *arguments], cwd=directory, env=environment, input=stdin, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


class GitWorld:
    """A bare repository that others push to; the documents' side of :class:`tests.contract.worlds.World`."""

    def __init__(self, directory: Path) -> None:
        self.bare = directory / "remote.git"
        self._directory = directory
        self._seen: list[Exchange] = []
        self.bare.mkdir()
        git(self.bare, "init", "-q", "--bare", "-b", "main")
        self.push(FILES)
        self._made = 0

    # the observer

    def exchanged(self, exchange: Exchange) -> None:
        self._seen.append(exchange)

    def waiting(self, seconds: float, why: str) -> None:
        raise AssertionError(f"nothing limits this, and yet {seconds} s are waited: {why}")

    def requests(self) -> tuple[int, int]:
        seen, self._seen = self._seen, []
        return len(seen), sum(each.write for each in seen)

    # syncer

    def documents(self, *, read_only: bool = False, url: str = "") -> Documents:
        self._made += 1
        remote = Remote(url or f"file://{self.bare}", name="projects.rune.source")
        runner = Git(self._directory / f"ours-{self._made}.git", remote, FakeClock(), observer=self)
        return GitDocuments(runner, lambda: PROFILE, address, read_only=read_only)

    def tracker(self, *, read_only: bool = False) -> Tracker:
        raise NotImplementedError

    # people

    def push(self, files: Mapping[str, bytes | None], *, branch: str = "main") -> str:
        index = {"GIT_INDEX_FILE": str(self._directory / "index")}
        Path(index["GIT_INDEX_FILE"]).unlink(missing_ok=True)
        heads = git(self.bare, "for-each-ref", "--format=%(refname:short)").split()
        parent = branch if branch in heads else "main" if "main" in heads else ""
        if parent:
            git(self.bare, "read-tree", f"refs/heads/{parent}", env=index)
        lines = ""
        for path, data in files.items():
            if data is None:
                lines += f"0 {'0' * 40}\t{path}\0"
            else:
                blob = git(self.bare, "hash-object", "-w", "--stdin", stdin=data)
                lines += f"100644 {blob}\t{path}\0"
        git(self.bare, "update-index", "-z", "--index-info", stdin=lines.encode(), env=index)
        return self._commit(index, branch, parent)

    def link(self, path: str) -> None:
        index = {"GIT_INDEX_FILE": str(self._directory / "index")}
        git(self.bare, "read-tree", "refs/heads/main", env=index)
        blob = git(self.bare, "hash-object", "-w", "--stdin", stdin=b"TODO.md")
        line = f"120000 {blob}\t{path}\0"
        git(self.bare, "update-index", "-z", "--index-info", stdin=line.encode(), env=index)
        self._commit(index, "main", "main")

    def _commit(self, index: dict[str, str], branch: str, parent: str) -> str:
        tree = git(self.bare, "write-tree", env=index)
        above = ["-p", f"refs/heads/{parent}"] if parent else []
        revision = git(self.bare, "commit-tree", tree, *above, "-m", "work")
        git(self.bare, "update-ref", f"refs/heads/{branch}", revision)
        return revision

    def file(self, path: str) -> bytes:
        done = subprocess.run(
            ["git", "cat-file", "blob", f"refs/heads/main:{path}"],
            cwd=self.bare,
            capture_output=True,
            check=True,
        )
        return done.stdout

    def head(self) -> str:
        return git(self.bare, "rev-parse", "refs/heads/main")

    def rewind(self, revision: str) -> None:
        git(self.bare, "update-ref", "refs/heads/main", revision)

    def hook(self, name: str, script: str) -> None:
        path = self.bare / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def protect(self) -> None:
        self.hook("pre-receive", "echo 'GH006: Protected branch update failed' >&2; exit 1")

    def lose_next_answer(self, method: str) -> None:
        """The push arrives, and the server dies before it says so."""
        assert method == "commit"
        self.hook("post-receive", "kill -9 $PPID")
