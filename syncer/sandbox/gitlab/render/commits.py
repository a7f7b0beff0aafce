"""Commits, trees, files and comparisons as GitLab shows them."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from syncer.sandbox import history
from syncer.sandbox.git import EMPTY_TREE, Commit, TreeEntry
from syncer.sandbox.gitlab.times import in_commit
from syncer.sandbox.gitlab.view import Json, View
from syncer.sandbox.repository import Repository


def commit(view: View, project: Repository, value: Commit) -> Json:
    """A commit as lists contain it."""
    return {
        "id": value.sha,
        "short_id": value.sha[:8],
        "created_at": in_commit(value.committer.when),
        "parent_ids": list(value.parents),
        "title": value.headline[:255],
        "message": value.message,
        "author_name": value.author.name,
        "author_email": value.author.email,
        "authored_date": in_commit(value.author.when),
        "committer_name": value.committer.name,
        "committer_email": value.committer.email,
        "committed_date": in_commit(value.committer.when),
        "trailers": {},
        "extended_trailers": {},
        "web_url": f"{view.web(project)}/-/commit/{value.sha}",
    }


def full_commit(view: View, project: Repository, value: Commit) -> Json:
    """A commit with how much it changed."""
    counts = [
        history.patch(project.store, change)[1:] for change in history.commit_changes(project.store, value)
    ]
    additions, deletions = sum(added for added, _ in counts), sum(removed for _, removed in counts)
    return {
        **commit(view, project, value),
        "stats": {"additions": additions, "deletions": deletions, "total": additions + deletions},
        "status": None,
        "project_id": project.id,
        "last_pipeline": None,
    }


def diff(project: Repository, change: history.Change) -> Json:
    """One changed file."""
    text, _, _ = history.patch(project.store, change)
    return {
        "diff": text + "\n" if text else "",
        "new_path": change.path,
        "old_path": change.path,
        "a_mode": change.before.mode if change.before else "0",
        "b_mode": change.after.mode if change.after else "0",
        "new_file": change.before is None,
        "renamed_file": False,
        "deleted_file": change.after is None,
        "generated_file": False,
        "collapsed": False,
        "too_large": False,
    }


def comparison(view: View, project: Repository, base: Commit, head: Commit, *, straight: bool) -> Json:
    """What lies between two commits; from their merge base unless ``straight``."""
    store = project.store
    known = history.ancestors(store, base.sha)
    new = [entry for entry in history.log(store, head.sha) if entry.sha not in known][::-1]
    fork = base.sha if straight else history.merge_base(store, base.sha, head.sha)
    before = store.commits[fork].tree if fork else EMPTY_TREE
    return {
        "commit": commit(view, project, new[-1]) if new else None,
        "commits": [commit(view, project, entry) for entry in new],
        "diffs": [diff(project, change) for change in history.changes(store, before, head.tree)],
        "compare_timeout": False,
        "compare_same_ref": base.sha == head.sha,
        "web_url": f"{view.web(project)}/-/compare/{base.sha}...{head.sha}",
    }


def tree_entry(path: str, entry: TreeEntry) -> Json:
    """One line of a tree."""
    return {
        "id": entry.sha,
        "name": entry.name,
        "type": entry.type,
        "path": path,
        "mode": entry.mode,
    }


def file(project: Repository, ref: str, head: Commit, path: str, entry: TreeEntry) -> Json:
    """A file: ``commit_id`` is the ref's head, ``last_commit_id`` the file's own last commit."""
    data = project.store.blobs[entry.sha]
    last = history.last_touching(project.store, head.sha, path)
    return {
        "file_name": entry.name,
        "file_path": path,
        "size": len(data),
        "encoding": "base64",
        "content_sha256": hashlib.sha256(data).hexdigest(),
        "ref": ref,
        "blob_id": entry.sha,
        "commit_id": head.sha,
        "last_commit_id": last.sha if last is not None else head.sha,
        "execute_filemode": entry.mode == "100755",
        "content": base64.b64encode(data).decode(),
    }


def file_headers(shown: dict[str, Any]) -> dict[str, str]:
    """The same as headers, for HEAD requests and raw files."""
    names = {
        "file_name": "File-Name",
        "file_path": "File-Path",
        "size": "Size",
        "encoding": "Encoding",
        "content_sha256": "Content-Sha256",
        "ref": "Ref",
        "blob_id": "Blob-Id",
        "commit_id": "Commit-Id",
        "last_commit_id": "Last-Commit-Id",
    }
    headers = {f"x-gitlab-{name}": str(shown[key]) for key, name in names.items()}
    return {**headers, "x-gitlab-execute-filemode": "true" if shown["execute_filemode"] else "false"}
