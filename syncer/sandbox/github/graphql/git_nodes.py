"""Refs, commits, trees and blobs as GraphQL nodes."""

from __future__ import annotations

from typing import Any

from syncer.sandbox import history
from syncer.sandbox.git import DIRECTORY, SUBMODULE, Commit, Signature, TreeEntry
from syncer.sandbox.github.graphql import nodes
from syncer.sandbox.github.graphql.connections import connection
from syncer.sandbox.github.graphql.session import Json, Session
from syncer.sandbox.github.times import shown
from syncer.sandbox.identifiers import node_id
from syncer.sandbox.repository import Repository

TEXT_LIMIT = 512_000


def ref(session: Session, repository: Repository, name: str, sha: str) -> Json:
    """A branch or a tag by its full name."""
    prefix, short = ("refs/heads/", name.removeprefix("refs/heads/"))
    if name.startswith("refs/tags/"):
        prefix, short = "refs/tags/", name.removeprefix("refs/tags/")
    return {
        "__typename": "Ref",
        "id": node_id("REF", f"{repository.id}:{name}"),
        "name": short,
        "prefix": prefix,
        "repository": lambda _info: nodes.repository(session, repository),
        "target": lambda _info: git_object(session, repository, sha),
    }


def git_object(session: Session, repository: Repository, sha: str) -> Json | None:
    """Whatever has an id."""
    store = repository.store
    if sha in store.commits:
        return commit(session, repository, store.commits[sha])
    if sha in store.blobs:
        return blob(session, repository, sha)
    return tree(session, repository, sha) if sha in store.trees else None


def expression(session: Session, repository: Repository, text: str) -> Json | None:
    """What ``branch``, ``branch:path`` or an id stands for."""
    name, colon, path = text.partition(":")
    moment = session.circumstances.list_moment
    sha = repository.branches.as_of(name.removeprefix("refs/heads/"), moment)
    found = repository.store.commits.get(sha) if sha else repository.resolve(name)
    if found is None:
        return git_object(session, repository, name) if not colon else None
    if not colon:
        return commit(session, repository, found)
    entry = repository.store.find(found.tree, path)
    return None if entry is None else git_object(session, repository, entry.sha)


def blob(session: Session, repository: Repository, sha: str) -> Json:
    """A file's content; bytes that are no UTF-8 come out as replacement characters."""
    data = repository.store.blobs[sha]
    binary = b"\0" in data[:8000]
    return {
        **_object(session, repository, "Blob", "B", sha),
        "byteSize": len(data),
        "isBinary": binary,
        "isTruncated": not binary and len(data) > TEXT_LIMIT,
        "text": None if binary else data[:TEXT_LIMIT].decode("utf-8", "replace"),
    }


def tree(session: Session, repository: Repository, sha: str, prefix: str = "") -> Json:
    """A directory."""
    entries = repository.store.trees[sha]
    return {
        **_object(session, repository, "Tree", "T", sha),
        "entries": lambda _info: [
            tree_entry(session, repository, entry, prefix + entry.name) for entry in entries
        ],
    }


def tree_entry(session: Session, repository: Repository, entry: TreeEntry, path: str) -> Json:
    """One line of a directory."""

    def target(_info: Any) -> Json | None:
        if entry.mode == SUBMODULE:
            return None
        if entry.mode == DIRECTORY:
            return tree(session, repository, entry.sha, f"{path}/")
        return blob(session, repository, entry.sha)

    return {
        "mode": int(entry.mode, 8),
        "name": entry.name,
        "path": path,
        "oid": entry.sha,
        "size": len(repository.store.blobs.get(entry.sha, b"")),
        "type": entry.type,
        "object": target,
    }


def commit(session: Session, repository: Repository, value: Commit) -> Json:
    """A commit."""
    store = repository.store
    _, _, body = value.message.partition("\n")

    def log(_info: Any, **arguments: Any) -> Json:
        found = list(history.log(store, value.sha, (arguments.get("path") or "").strip("/")))
        return connection(session, found, lambda entry: commit(session, repository, entry), arguments)

    def parents(_info: Any, **arguments: Any) -> Json:
        found = [store.commits[parent] for parent in value.parents]
        return connection(session, found, lambda entry: commit(session, repository, entry), arguments)

    def file(_info: Any, path: str) -> Json | None:
        entry = store.find(value.tree, path)
        return None if entry is None else tree_entry(session, repository, entry, path)

    signature = {
        "__typename": "GpgSignature",
        "email": "noreply@github.com",
        "isValid": True,
        "state": "VALID",
        "wasSignedByGitHub": True,
    }
    return {
        **_object(session, repository, "Commit", "C", value.sha),
        "author": _actor(session, value.author),
        "authoredDate": shown(value.author.when),
        "changedFilesIfAvailable": lambda _info: len(history.commit_changes(store, value)),
        "committedDate": shown(value.committer.when),
        "committer": _actor(session, value.committer),
        "file": file,
        "history": log,
        "message": value.message,
        "messageBody": body.strip("\n"),
        "messageHeadline": value.headline,
        "parents": parents,
        "signature": signature if value.verified else None,
        "tree": lambda _info: tree(session, repository, value.tree),
        "url": f"{session.view.web(repository)}/commit/{value.sha}",
    }


def _object(session: Session, repository: Repository, kind: str, prefix: str, sha: str) -> Json:
    return {
        "__typename": kind,
        "id": node_id(prefix, f"{repository.id}:{sha}"),
        "oid": sha,
        "abbreviatedOid": sha[:7],
        "commitUrl": f"{session.view.web(repository)}/commit/{sha}",
        "repository": lambda _info: nodes.repository(session, repository),
    }


def _actor(session: Session, value: Signature) -> Json:
    users = session.forge.people.users.values()
    user = next((user for user in users if user.email == value.email and user.kind == "User"), None)
    return {
        "avatarUrl": f"{session.view.base}/avatars/0",
        "date": shown(value.when),
        "email": value.email,
        "name": value.name,
        "user": None if user is None else nodes.actor(session, user),
    }
