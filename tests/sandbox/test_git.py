"""Git objects have the ids that git gives them, and history answers as git does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syncer.sandbox import history
from syncer.sandbox.git import EMPTY_TREE, FILE, Commit, Leaf, ObjectStore, Signature

WHEN = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)


def commit_files(
    store: ObjectStore, parents: list[str], files: dict[str, bytes | None], minutes: int = 0
) -> Commit:
    base = store.commits[parents[0]].tree if parents else EMPTY_TREE
    leaves = {
        path: None if data is None else Leaf(FILE, store.add_blob(data)) for path, data in files.items()
    }
    who = Signature("Alice", "alice@example.test", WHEN + timedelta(minutes=minutes))
    return store.add_commit(store.rewrite(base, leaves), parents, who, who, f"change {sorted(files)}")


def test_blob_ids_are_those_of_git() -> None:
    """A blob has the id that ``git hash-object`` prints."""
    assert "ce013625030ba8dba906f756967f9e9ca394464a" == ObjectStore().add_blob(b"hello\n")


def test_tree_and_commit_ids_are_those_of_git() -> None:
    """A tree sorts directories as git does, and a commit hashes to git's id."""
    store = ObjectStore()
    blob = store.add_blob(b"hello\n")
    tree = store.rewrite(EMPTY_TREE, {path: Leaf(FILE, blob) for path in ("a.txt", "a/b.txt", "a0.txt")})
    who = Signature("Alice", "alice@example.test", WHEN)

    assert ["a.txt", "a", "a0.txt"] == [entry.name for entry in store.trees[tree]]
    assert "502cd9042eb6032574ab8095d688ab2c86d887cd" == tree
    assert "556e964256b389129669e2e6443b4593e7b61024" == store.add_commit(tree, [], who, who, "first\n").sha


def test_rewriting_a_tree_removes_directories_that_become_empty() -> None:
    """Deleting the only file of a directory deletes the directory."""
    store = ObjectStore()
    first = commit_files(store, [], {"docs/a.md": b"a", "b.md": b"b"})
    second = commit_files(store, [first.sha], {"docs/a.md": None})

    assert ["b.md"] == [path for path, _ in store.walk(second.tree)]


def test_the_last_commit_of_a_path_is_the_one_that_changed_it() -> None:
    """A commit that touches other paths only is not a file's last commit."""
    store = ObjectStore()
    first = commit_files(store, [], {"a.md": b"1", "b.md": b"1"})
    second = commit_files(store, [first.sha], {"b.md": b"2"}, 1)

    found = history.last_touching(store, second.sha, "a.md")

    assert found is not None
    assert first.sha == found.sha
    assert history.last_touching(store, second.sha, "missing.md") is None


def test_merge_base_and_ancestry_of_two_branches() -> None:
    """Two branches meet where they forked, and neither stands on the other."""
    store = ObjectStore()
    fork = commit_files(store, [], {"a.md": b"1"})
    left = commit_files(store, [fork.sha], {"a.md": b"2"}, 1)
    right = commit_files(store, [fork.sha], {"b.md": b"2"}, 2)

    assert fork.sha == history.merge_base(store, left.sha, right.sha)
    assert history.is_ancestor(store, fork.sha, right.sha)
    assert not history.is_ancestor(store, left.sha, right.sha)


@pytest.mark.parametrize(
    ("ours", "theirs", "merged"),
    [
        (b"1\n2\nX\n", b"0\n2\n3\n", b"0\n2\nX\n"),
        (b"1\n2\n3\n", b"1\n2\n3\n4\n", b"1\n2\n3\n4\n"),
        (b"1\nA\n3\n", b"1\nB\n3\n", None),
        (b"1\nA\n3\n", b"1\nA\n3\n", b"1\nA\n3\n"),
        (b"1\n2\n3\nA\n", b"1\n2\n3\nB\n", None),
    ],
)
def test_merging_lines(ours: bytes, theirs: bytes, merged: bytes | None) -> None:
    """Edits of different lines are joined, edits of the same place conflict."""
    assert merged == history.merge_lines(b"1\n2\n3\n", ours, theirs)
