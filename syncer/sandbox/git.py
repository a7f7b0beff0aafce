"""Git objects in memory, with the same ids that git would give them.

One :class:`ObjectStore` holds the blobs, trees and commits of one repository. Objects are addressed by
the SHA-1 of their canonical bytes, so that a blob id computed by anybody else is the id found here.
History questions (ancestors, the last commit that touched a path) are answered by walking; walking is in
:mod:`syncer.sandbox.history`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

FILE = "100644"
EXECUTABLE = "100755"
SYMLINK = "120000"
SUBMODULE = "160000"
DIRECTORY = "040000"

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who, and when (whole seconds), in a commit."""

    name: str
    email: str
    when: datetime

    def encode(self) -> str:
        offset = self.when.utcoffset()
        minutes = 0 if offset is None else int(offset.total_seconds() // 60)
        sign = "-" if minutes < 0 else "+"
        zone = f"{sign}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
        return f"{self.name} <{self.email}> {int(self.when.timestamp())} {zone}"


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One line of a tree: a file, symbolic link, submodule or directory."""

    mode: str
    name: str
    sha: str

    @property
    def type(self) -> str:
        """The word git uses: ``blob``, ``tree`` or ``commit``."""
        return {DIRECTORY: "tree", SUBMODULE: "commit"}.get(self.mode, "blob")


@dataclass(frozen=True, slots=True)
class Leaf:
    """What is to stand at a path: a mode and the id of an object."""

    mode: str
    sha: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit.

    Args:
        verified: whether the forge signed it, which real git keeps in a header of its own.
        order: when it came into this store, to tell commits of one second apart.
    """

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str
    verified: bool
    order: int

    @property
    def headline(self) -> str:
        return self.message.partition("\n")[0]


def object_id(kind: str, data: bytes) -> str:
    """The id git gives to an object of this kind with these bytes."""
    header = f"{kind} {len(data)}\0".encode()
    return hashlib.sha1(header + data, usedforsecurity=False).hexdigest()


class ObjectStore:
    """The object database of one repository."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.trees: dict[str, tuple[TreeEntry, ...]] = {EMPTY_TREE: ()}
        self.commits: dict[str, Commit] = {}

    def add_blob(self, data: bytes) -> str:
        """Store bytes; the answer is their id."""
        sha = object_id("blob", data)
        self.blobs[sha] = data
        return sha

    def add_tree(self, entries: Sequence[TreeEntry]) -> str:
        """Store one directory level; the answer is its id."""
        ordered = sorted(entries, key=lambda entry: entry.name + ("/" if entry.mode == DIRECTORY else ""))
        data = b"".join(
            f"{entry.mode.lstrip('0')} {entry.name}".encode() + b"\0" + bytes.fromhex(entry.sha)
            for entry in ordered
        )
        sha = object_id("tree", data)
        self.trees[sha] = tuple(ordered)
        return sha

    def add_commit(
        self,
        tree: str,
        parents: Sequence[str],
        author: Signature,
        committer: Signature,
        message: str,
        *,
        verified: bool = False,
    ) -> Commit:
        """Store a commit."""
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {author.encode()}", f"committer {committer.encode()}", "", message]
        sha = object_id("commit", "\n".join(lines).encode())
        known = self.commits.get(sha)
        if known is None:
            known = Commit(sha, tree, tuple(parents), author, committer, message, verified, len(self.commits))
            self.commits[sha] = known
        return known

    def find(self, root: str, path: str) -> TreeEntry | None:
        """What stands at a path below a tree; the tree itself for the empty path."""
        entry: TreeEntry | None = TreeEntry(DIRECTORY, "", root)
        for part in [part for part in path.split("/") if part]:
            if entry is None or entry.mode != DIRECTORY:
                return None
            entry = next((child for child in self.trees.get(entry.sha, ()) if child.name == part), None)
        return entry

    def walk(self, root: str, prefix: str = "") -> Iterator[tuple[str, TreeEntry]]:
        """Every entry below a tree with its path, directories before their contents, in git's order."""
        for entry in self.trees[root]:
            path = prefix + entry.name
            yield path, entry
            if entry.mode == DIRECTORY:
                yield from self.walk(entry.sha, path + "/")

    def leaves(self, root: str) -> dict[str, Leaf]:
        """Everything but directories below a tree, by path."""
        return {
            path: Leaf(entry.mode, entry.sha) for path, entry in self.walk(root) if entry.mode != DIRECTORY
        }

    def rewrite(self, root: str, changes: Mapping[str, Leaf | None]) -> str:
        """A tree like ``root`` with other things at some paths; ``None`` takes a path away."""
        here: dict[str, Leaf | None] = {}
        below: dict[str, dict[str, Leaf | None]] = {}
        for path, leaf in changes.items():
            head, _, rest = path.strip("/").partition("/")
            if rest:
                below.setdefault(head, {})[rest] = leaf
            else:
                here[head] = leaf
        entries = {entry.name: entry for entry in self.trees[root]}
        for name, leaf in here.items():
            if leaf is None:
                entries.pop(name, None)
            else:
                entries[name] = TreeEntry(leaf.mode, name, leaf.sha)
        for name, nested in below.items():
            entry = entries.get(name)
            start = entry.sha if entry is not None and entry.mode == DIRECTORY else EMPTY_TREE
            sha = self.rewrite(start, nested)
            if sha == EMPTY_TREE:
                entries.pop(name, None)
            else:
                entries[name] = TreeEntry(DIRECTORY, name, sha)
        return self.add_tree(list(entries.values()))
