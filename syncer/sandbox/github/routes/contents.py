"""Files by path: reading with any kind of entry, writing with the blob's id as precondition."""

from __future__ import annotations

from collections.abc import Sequence

from syncer.sandbox.exchange import Answer
from syncer.sandbox.git import (
    DIRECTORY,
    EMPTY_TREE,
    FILE,
    SUBMODULE,
    SYMLINK,
    Commit,
    Leaf,
    Signature,
    TreeEntry,
)
from syncer.sandbox.github import problems, pushing
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.fields import Fields
from syncer.sandbox.github.render import commits as render
from syncer.sandbox.github.routes.git_objects import decoded
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()

READ = "contents=read"
WRITE = "contents=write"
LISTED = 1_000


@routes.get("/repos/{owner}/{repo}/contents", needs=READ)
def get_root(call: GitHubCall) -> Answer:
    """The entries of the root directory."""
    return _get(call, "")


@routes.get("/repos/{owner}/{repo}/contents/{path:path}", needs=READ)
def get_contents(call: GitHubCall) -> Answer:
    """A file, a directory, a symbolic link or a submodule."""
    return _get(call, call.values["path"].strip("/"))


@routes.put("/repos/{owner}/{repo}/contents/{path:path}", creates="commit", needs=WRITE)
def put_contents(call: GitHubCall) -> Answer:
    """Create a file, or replace the one whose blob id is given."""
    repository = call.repository(Role.WRITE)
    path, body = call.values["path"].strip("/"), call.body
    message, data = body.required("message"), decoded(body.required("content"))
    branch, head = _branch(repository, body)
    existing = repository.store.find(head.tree, path) if head is not None else None
    if existing is not None and existing.mode in (DIRECTORY, SUBMODULE):
        raise problems.unprocessable(f"{path} is not a file")
    _check_sha(path, body, existing)
    mode = existing.mode if existing is not None else FILE
    commit = _commit(call, repository, branch, {path: Leaf(mode, repository.store.add_blob(data))}, message)
    entry = repository.store.find(commit.tree, path)
    assert entry is not None  # noqa: S101 - it was committed just now
    rendered = render.content(call.view, repository, branch, path, entry, full=False)
    answer = {"content": rendered, "commit": render.git_commit(call.view, repository, commit)}
    return Answer(200 if existing is not None else 201, answer)


@routes.delete("/repos/{owner}/{repo}/contents/{path:path}", creates="commit", needs=WRITE)
def delete_contents(call: GitHubCall) -> Answer:
    """Delete the file whose blob id is given."""
    repository = call.repository(Role.WRITE)
    path = call.values["path"].strip("/")
    body = call.body if call.incoming.body else Fields(dict(call.incoming.query))
    message = body.required("message")
    branch, head = _branch(repository, body)
    existing = repository.store.find(head.tree, path) if head is not None else None
    if existing is None or existing.mode == DIRECTORY:
        raise problems.not_found()
    if not body.text("sha"):
        raise problems.invalid_request('"sha" wasn\'t supplied.')
    _check_sha(path, body, existing)
    commit = _commit(call, repository, branch, {path: None}, message)
    return Answer(200, {"content": None, "commit": render.git_commit(call.view, repository, commit)})


def _get(call: GitHubCall, path: str) -> Answer:
    repository = call.repository()
    ref = call.text("ref") or repository.default_branch
    if not repository.branches.heads:
        raise problems.problem(404, "This repository is empty.")
    commit = repository.resolve(ref)
    if commit is None:
        raise problems.problem(404, f"No commit found for the ref {ref}")
    store = repository.store
    entry = store.find(commit.tree, path)
    if entry is None:
        raise problems.not_found()
    accept = call.incoming.headers.get("accept", "")
    if entry.mode == DIRECTORY:
        children = [(f"{path}/{child.name}".lstrip("/"), child) for child in store.trees[entry.sha]][:LISTED]
        listed = [
            render.content(call.view, repository, ref, place, child, full=False) for place, child in children
        ]
        return Answer(200, listed, listing=True)
    if entry.mode == SYMLINK:
        target = store.blobs[entry.sha].decode("utf-8", "replace")
        pointed = store.find(commit.tree, _joined(path, target))
        if pointed is not None and pointed.type == "blob" and pointed.mode != SYMLINK:
            entry = TreeEntry(pointed.mode, entry.name, pointed.sha)
    if "raw" in accept and entry.sha in store.blobs:
        return Answer(200, store.blobs[entry.sha], content_type="application/vnd.github.raw; charset=utf-8")
    return Answer(200, render.content(call.view, repository, ref, path, entry, full=True))


def _joined(path: str, target: str) -> str:
    parts = path.split("/")[:-1]
    for part in target.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _branch(repository: Repository, body: Fields) -> tuple[str, Commit | None]:
    branch = body.text("branch").removeprefix("refs/heads/") or repository.default_branch
    sha = repository.branches.heads.get(branch)
    if sha is None and repository.branches.heads:
        raise problems.problem(404, f"Branch {branch} not found")
    return branch, repository.store.commits[sha] if sha is not None else None


def _check_sha(path: str, body: Fields, existing: TreeEntry | None) -> None:
    sha = body.text("sha")
    if existing is None:
        if sha:
            raise problems.conflict(f"{path} does not match {sha}")
        return
    if not sha:
        raise problems.invalid_request('"sha" wasn\'t supplied.')
    if sha != existing.sha:
        raise problems.conflict(f"{path} does not match {sha}")


def _commit(
    call: GitHubCall, repository: Repository, branch: str, changes: dict[str, Leaf | None], message: str
) -> Commit:
    store, role = repository.store, call.asker.role(repository)
    parent = repository.branches.heads.get(branch)
    own = "author" in call.body or "committer" in call.body
    verified = call.user.kind == "Bot" and not own
    tree = store.rewrite(store.commits[parent].tree if parent else EMPTY_TREE, changes)
    author = _person(call.body.nested("author"), repository.signature(call.user))
    committer = _person(call.body.nested("committer"), repository.signature(call.user))
    commit = store.add_commit(tree, [parent] if parent else [], author, committer, message, verified=verified)
    _refuse(pushing.rule_objections(repository, role, branch, commit.sha, verified=verified))
    objection = pushing.classic_objection(repository, role, branch)
    if objection:
        raise problems.conflict(f"Could not update file: {objection}")
    repository.move_branch(call.user, branch, commit.sha)
    return commit


def _refuse(texts: Sequence[str]) -> None:
    if texts:
        raise problems.rule_violation(texts, status=409)


def _person(fields: Fields, default: Signature) -> Signature:
    return Signature(fields.text("name", default.name), fields.text("email", default.email), default.when)
