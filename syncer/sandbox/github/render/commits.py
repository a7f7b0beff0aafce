"""Commits, trees, blobs, files and comparisons as GitHub shows them."""

from __future__ import annotations

import base64
from urllib.parse import quote

from syncer.sandbox import history
from syncer.sandbox.git import DIRECTORY, EMPTY_TREE, SUBMODULE, SYMLINK, Commit, Signature, TreeEntry
from syncer.sandbox.github.render.people import account_or_none
from syncer.sandbox.github.times import shown
from syncer.sandbox.github.view import Json, View
from syncer.sandbox.identifiers import node_id
from syncer.sandbox.people import User
from syncer.sandbox.repository import Repository

LINE = 60
INLINE_LIMIT = 1_000_000
SHOWN_FILES = 300


def _signature(value: Signature) -> Json:
    return {"name": value.name, "email": value.email, "date": shown(value.when)}


def verification(value: Commit) -> Json:
    """Whether the forge vouches for a commit."""
    if not value.verified:
        return {
            "verified": False,
            "reason": "unsigned",
            "signature": None,
            "payload": None,
            "verified_at": None,
        }
    return {
        "verified": True,
        "reason": "valid",
        "signature": "-----BEGIN PGP SIGNATURE-----\n\nsandbox\n-----END PGP SIGNATURE-----\n",
        "payload": f"tree {value.tree}\n",
        "verified_at": shown(value.committer.when),
    }


def git_commit(view: View, repository: Repository, value: Commit) -> Json:
    """A commit as the git database shows it."""
    url = f"{view.repo(repository)}/git"
    return {
        "sha": value.sha,
        "node_id": node_id("C", f"{repository.id}:{value.sha}"),
        "url": f"{url}/commits/{value.sha}",
        "html_url": f"{view.web(repository)}/commit/{value.sha}",
        "author": _signature(value.author),
        "committer": _signature(value.committer),
        "tree": {"sha": value.tree, "url": f"{url}/trees/{value.tree}"},
        "message": value.message,
        "parents": [
            {
                "sha": parent,
                "url": f"{url}/commits/{parent}",
                "html_url": f"{view.web(repository)}/commit/{parent}",
            }
            for parent in value.parents
        ],
        "verification": verification(value),
    }


def commit(view: View, repository: Repository, value: Commit) -> Json:
    """A commit as lists contain it."""
    url = f"{view.repo(repository)}/commits/{value.sha}"
    tree_url = f"{view.repo(repository)}/git/trees/{value.tree}"
    return {
        "sha": value.sha,
        "node_id": node_id("C", f"{repository.id}:{value.sha}"),
        "commit": {
            "author": _signature(value.author),
            "committer": _signature(value.committer),
            "message": value.message,
            "tree": {"sha": value.tree, "url": tree_url},
            "url": f"{view.repo(repository)}/git/commits/{value.sha}",
            "comment_count": 0,
            "verification": verification(value),
        },
        "url": url,
        "html_url": f"{view.web(repository)}/commit/{value.sha}",
        "comments_url": f"{url}/comments",
        "author": account_or_none(view, _user(repository, value.author)),
        "committer": account_or_none(view, _user(repository, value.committer)),
        "parents": [
            {
                "sha": parent,
                "url": f"{view.repo(repository)}/commits/{parent}",
                "html_url": f"{view.web(repository)}/commit/{parent}",
            }
            for parent in value.parents
        ],
    }


def full_commit(view: View, repository: Repository, value: Commit) -> Json:
    """A commit with what it changed."""
    found = history.commit_changes(repository.store, value)
    files = [diff_entry(view, repository, value.sha, change) for change in found[:SHOWN_FILES]]
    additions = sum(entry["additions"] for entry in files)
    deletions = sum(entry["deletions"] for entry in files)
    stats = {"total": additions + deletions, "additions": additions, "deletions": deletions}
    return {**commit(view, repository, value), "stats": stats, "files": files}


def diff_entry(view: View, repository: Repository, ref: str, change: history.Change) -> Json:
    """One changed file."""
    text, additions, deletions = history.patch(repository.store, change)
    leaf = change.after or change.before
    place = quote(change.path)
    entry: Json = {
        "sha": leaf.sha if leaf is not None else None,
        "filename": change.path,
        "status": change.status,
        "additions": additions,
        "deletions": deletions,
        "changes": additions + deletions,
        "blob_url": f"{view.web(repository)}/blob/{ref}/{place}",
        "raw_url": f"{view.web(repository)}/raw/{ref}/{place}",
        "contents_url": f"{view.repo(repository)}/contents/{place}?ref={ref}",
    }
    return {**entry, "patch": text} if text else entry


def comparison(view: View, repository: Repository, base: Commit, head: Commit, name: str) -> Json:
    """Two commits compared."""
    store = repository.store
    fork = history.merge_base(store, base.sha, head.sha)
    behind, ahead = history.ancestors(store, base.sha), history.ancestors(store, head.sha)
    ahead_by, behind_by = len(ahead - behind), len(behind - ahead)
    status = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}.get(
        (ahead_by > 0, behind_by > 0), "diverged"
    )
    new = [value for value in history.log(store, head.sha) if value.sha not in behind][::-1]
    before = store.commits[fork].tree if fork else EMPTY_TREE
    files = history.changes(store, before, head.tree)
    web = f"{view.web(repository)}/compare"
    return {
        "url": f"{view.repo(repository)}/compare/{quote(name)}",
        "html_url": f"{web}/{quote(name)}",
        "permalink_url": f"{web}/{base.sha[:7]}...{head.sha[:7]}",
        "diff_url": f"{web}/{quote(name)}.diff",
        "patch_url": f"{web}/{quote(name)}.patch",
        "base_commit": commit(view, repository, base),
        "merge_base_commit": commit(view, repository, store.commits[fork] if fork else base),
        "status": status,
        "ahead_by": ahead_by,
        "behind_by": behind_by,
        "total_commits": len(new),
        "commits": [commit(view, repository, value) for value in new[:250]],
        "files": [diff_entry(view, repository, head.sha, change) for change in files[:SHOWN_FILES]],
    }


def tree(view: View, repository: Repository, sha: str, *, recursive: bool) -> Json:
    """A tree, one level or all of it, cut and marked where it is too long."""
    store = repository.store
    url = f"{view.repo(repository)}/git"
    found = store.walk(sha) if recursive else ((entry.name, entry) for entry in store.trees[sha])
    entries: list[Json] = []
    truncated = False
    for path, entry in found:
        if len(entries) >= repository.forge.settings.tree_limit:
            truncated = True
            break
        shown_entry: Json = {"path": path, "mode": entry.mode, "type": entry.type, "sha": entry.sha}
        if entry.type == "blob":
            shown_entry["size"] = len(store.blobs[entry.sha])
        if entry.mode != SUBMODULE:
            shown_entry["url"] = f"{url}/{entry.type}s/{entry.sha}"
        entries.append(shown_entry)
    return {"sha": sha, "url": f"{url}/trees/{sha}", "tree": entries, "truncated": truncated}


def blob(view: View, repository: Repository, sha: str) -> Json:
    """A blob with its content."""
    data = repository.store.blobs[sha]
    return {
        "sha": sha,
        "node_id": node_id("B", f"{repository.id}:{sha}"),
        "size": len(data),
        "url": f"{view.repo(repository)}/git/blobs/{sha}",
        "content": wrapped(data),
        "encoding": "base64",
    }


def wrapped(data: bytes) -> str:
    """Base64 in lines of sixty letters, each ended."""
    text = base64.b64encode(data).decode()
    return "".join(text[start : start + LINE] + "\n" for start in range(0, len(text), LINE))


def content(view: View, repository: Repository, ref: str, path: str, entry: TreeEntry, *, full: bool) -> Json:
    """What the contents API says about a path; with ``full`` the content of a file too."""
    url = f"{view.repo(repository)}/contents/{quote(path)}?ref={quote(ref)}"
    kind = {DIRECTORY: "dir", SYMLINK: "symlink", SUBMODULE: "submodule"}.get(entry.mode, "file")
    data = repository.store.blobs.get(entry.sha, b"")
    git = f"{view.repo(repository)}/git/{'trees' if kind in ('dir', 'submodule') else 'blobs'}/{entry.sha}"
    web = view.file_web(repository, ref, path, "tree" if kind in ("dir", "submodule") else "blob")
    raw = f"{view.base}/raw/{repository.full_name}/{quote(ref)}/{quote(path)}"
    shown_entry: Json = {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.sha,
        "size": len(data),
        "url": url,
        "html_url": web,
        "git_url": git,
        "download_url": raw if kind in ("file", "symlink") else None,
        # a directory's listing has always called submodules files
        "type": "file" if kind == "submodule" and not full else kind,
        "_links": {"self": url, "git": git, "html": web},
    }
    if full and kind == "file":
        small = len(data) <= INLINE_LIMIT
        shown_entry["content"] = wrapped(data) if small else ""
        shown_entry["encoding"] = "base64" if small else "none"
    elif full and kind == "symlink":
        shown_entry["target"] = data.decode("utf-8", "replace")
    elif full and kind == "submodule":
        shown_entry["submodule_git_url"] = f"git://{view.base.partition('://')[2]}/{path}.git"
    return shown_entry


def _user(repository: Repository, value: Signature) -> User | None:
    people = repository.forge.people.users.values()
    return next((user for user in people if user.email == value.email), None)
