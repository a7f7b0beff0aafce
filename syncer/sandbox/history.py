"""Questions about history: who descends from whom, who touched a path last, what changed, how to merge."""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from syncer.sandbox.git import EMPTY_TREE, Commit, Leaf, ObjectStore


@dataclass(frozen=True, slots=True)
class Change:
    """One path that differs between two trees; ``None`` on the side where it is missing."""

    path: str
    before: Leaf | None
    after: Leaf | None

    @property
    def status(self) -> str:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "modified"


def log(store: ObjectStore, start: str, path: str = "") -> Iterator[Commit]:
    """Commits from ``start`` backwards, newest first; with a path, only those that touched it."""
    first = store.commits[start]
    queue = [(-first.committer.when.timestamp(), -first.order, first.sha)]
    seen = {first.sha}
    while queue:
        commit = store.commits[heapq.heappop(queue)[2]]
        if not path or _touches(store, commit, path):
            yield commit
        for parent in commit.parents:
            if parent not in seen and parent in store.commits:
                seen.add(parent)
                known = store.commits[parent]
                heapq.heappush(queue, (-known.committer.when.timestamp(), -known.order, parent))


def last_touching(store: ObjectStore, start: str, path: str) -> Commit | None:
    """The newest commit in a history that changed a path; ``None`` if the path is not there at all."""
    return next(log(store, start, path), None)


def ancestors(store: ObjectStore, start: str) -> set[str]:
    """A commit and everything it stands on."""
    return {commit.sha for commit in log(store, start)}


def is_ancestor(store: ObjectStore, older: str, newer: str) -> bool:
    """Whether ``newer`` stands on ``older`` (or is it)."""
    return older in ancestors(store, newer)


def merge_base(store: ObjectStore, one: str, other: str) -> str | None:
    """The newest commit that both stand on."""
    common = ancestors(store, one)
    return next((commit.sha for commit in log(store, other) if commit.sha in common), None)


def changes(store: ObjectStore, before: str, after: str) -> list[Change]:
    """The paths that differ between two trees, sorted."""
    old, new = store.leaves(before), store.leaves(after)
    paths = sorted({path for path in old.keys() | new.keys() if old.get(path) != new.get(path)})
    return [Change(path, old.get(path), new.get(path)) for path in paths]


def commit_changes(store: ObjectStore, commit: Commit) -> list[Change]:
    """What a commit changed against its first parent."""
    parent = store.commits.get(commit.parents[0]) if commit.parents else None
    return changes(store, parent.tree if parent else EMPTY_TREE, commit.tree)


def patch(store: ObjectStore, change: Change) -> tuple[str, int, int]:
    """A unified diff without file headers, and how many lines it adds and takes away."""
    old = _lines(store, change.before)
    new = _lines(store, change.after)
    hunks = list(difflib.unified_diff(old, new, n=3, lineterm=""))[2:]
    added = sum(line.startswith("+") for line in hunks)
    removed = sum(line.startswith("-") for line in hunks)
    return "\n".join(line.removesuffix("\n") for line in hunks), added, removed


def merge_trees(store: ObjectStore, base: str, ours: str, theirs: str) -> str | None:
    """The tree that carries both sides' changes; ``None`` on a conflict."""
    mine = store.leaves(ours)
    edits: dict[str, Leaf | None] = {}
    for change in changes(store, base, theirs):
        current = mine.get(change.path)
        if current in (change.before, change.after):
            edits[change.path] = change.after
            continue
        if current is None or change.before is None or change.after is None:
            return None
        merged = merge_lines(
            store.blobs[change.before.sha], store.blobs[current.sha], store.blobs[change.after.sha]
        )
        if merged is None:
            return None
        edits[change.path] = Leaf(current.mode, store.add_blob(merged))
    return store.rewrite(ours, edits)


def merge_lines(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """Merge two edits of one text line by line; ``None`` where they touch or overlap."""
    original = base.splitlines(keepends=True)
    edits = sorted(_edits(original, ours) + _edits(original, theirs), key=lambda edit: (edit[0], edit[1]))
    result: list[bytes] = []
    position = 0
    previous: tuple[int, int, list[bytes]] | None = None
    for edit in edits:
        if edit == previous:
            continue
        start, end, lines = edit
        if previous is not None and start <= previous[1]:
            return None
        result += original[position:start] + lines
        position = max(position, end)
        previous = edit
    return b"".join(result + original[position:])


def _edits(original: list[bytes], text: bytes) -> list[tuple[int, int, list[bytes]]]:
    changed = text.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(a=original, b=changed, autojunk=False)
    return [
        (start, end, changed[low:high])
        for tag, start, end, low, high in matcher.get_opcodes()
        if tag != "equal"
    ]


def _touches(store: ObjectStore, commit: Commit, path: str) -> bool:
    here = store.find(commit.tree, path)
    parents = [store.commits[parent] for parent in commit.parents if parent in store.commits]
    if not parents:
        return here is not None
    before = [store.find(parent.tree, path) for parent in parents]
    return all(_differs(here, entry) for entry in before)


def _differs(one: object, other: object) -> bool:
    return one != other


def _lines(store: ObjectStore, leaf: Leaf | None) -> list[str]:
    if leaf is None or leaf.sha not in store.blobs:
        return []
    return store.blobs[leaf.sha].decode("utf-8", "replace").splitlines(keepends=True)
