"""The git database: refs, blobs, trees, commits."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC

from syncer.sandbox import history
from syncer.sandbox.exchange import Answer
from syncer.sandbox.git import DIRECTORY, EMPTY_TREE, FILE, Leaf, Signature
from syncer.sandbox.github import problems, pushing, times
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.fields import Fields
from syncer.sandbox.github.pages import paged
from syncer.sandbox.github.render import commits as render
from syncer.sandbox.github.render.repositories import ref as render_ref
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()

READ = "contents=read"
WRITE = "contents=write"
MODES = ("100644", "100755", "040000", "160000", "120000")
_BAD_NAME = re.compile(r"\.\.|[\x00-\x20~^:?*\[\\\x7f]|^/|/$|//|\.lock$|@\{|\.$")


@routes.get("/repos/{owner}/{repo}/git/ref/{ref:path}", needs=READ)
def get_ref(call: GitHubCall) -> Answer:
    """One ref; 404 unless it is named in full."""
    repository = _filled(call)
    name = call.values["ref"]
    sha = _ref(call, repository, name)
    if sha is None:
        raise problems.not_found()
    return Answer(200, render_ref(call.view, repository, name, sha))


@routes.get("/repos/{owner}/{repo}/git/matching-refs/{ref:path}", needs=READ)
def list_matching_refs(call: GitHubCall) -> Answer:
    """The refs that begin with a text."""
    return _matching(call, _filled(call), call.values["ref"])


@routes.get("/repos/{owner}/{repo}/git/refs", needs=READ)
def list_refs(call: GitHubCall) -> Answer:
    """All refs; the address is older than the documentation, and some libraries still use it."""
    return _matching(call, _filled(call), "")


@routes.get("/repos/{owner}/{repo}/git/refs/{ref:path}", needs=READ)
def get_or_list_refs(call: GitHubCall) -> Answer:
    """The old address: a full name finds one ref, the beginning of names a list, and neither a 404."""
    repository, name = _filled(call), call.values["ref"]
    sha = _ref(call, repository, name)
    if sha is not None:
        return Answer(200, render_ref(call.view, repository, name, sha))
    answer = _matching(call, repository, name)
    if not answer.body:
        raise problems.not_found()
    return answer


def _matching(call: GitHubCall, repository: Repository, start: str) -> Answer:
    names = [f"heads/{name}" for name in repository.branches.heads]
    names += [f"tags/{name}" for name in repository.tags]
    found = [(name, _ref(call, repository, name) or "") for name in sorted(names) if name.startswith(start)]
    return paged(call, found, lambda pair: render_ref(call.view, repository, *pair), repository=repository)


@routes.post("/repos/{owner}/{repo}/git/refs", needs=WRITE)
def create_ref(call: GitHubCall) -> Answer:
    """A new branch or tag at an existing commit."""
    repository = call.repository(Role.WRITE)
    name, sha = call.body.required("ref"), call.body.required("sha")
    if not re.fullmatch(r"refs/(heads|tags)/.+", name) or _BAD_NAME.search(name):
        raise problems.unprocessable("Reference name isn't a valid refname")
    if sha not in repository.store.commits:
        raise problems.unprocessable("Object does not exist")
    short = name.removeprefix("refs/")
    if _ref(call, repository, short) is not None:
        raise problems.unprocessable("Reference already exists")
    if short.startswith("tags/"):
        repository.tags[short.removeprefix("tags/")] = sha
    else:
        branch = short.removeprefix("heads/")
        texts = pushing.rule_objections(repository, call.asker.role(repository), branch, sha)
        if texts:
            raise problems.rule_violation(texts, status=422)
        repository.move_branch(call.user, branch, sha)
    rendered = render_ref(call.view, repository, short, sha)
    return Answer(201, rendered, {"location": rendered["url"]})


@routes.patch("/repos/{owner}/{repo}/git/refs/{ref:path}", needs=WRITE)
def update_ref(call: GitHubCall) -> Answer:
    """Move a ref; without ``force`` only forward."""
    repository = call.repository(Role.WRITE)
    name, sha = call.values["ref"], call.body.required("sha")
    old = _ref(call, repository, name)
    if old is None:
        raise problems.unprocessable("Reference does not exist")
    if sha not in repository.store.commits:
        raise problems.unprocessable("Object does not exist")
    if name.startswith("tags/"):
        repository.tags[name.removeprefix("tags/")] = sha
        return Answer(200, render_ref(call.view, repository, name, sha))
    if not call.body.flag("force") and not history.is_ancestor(repository.store, old, sha):
        raise problems.unprocessable("Update is not a fast forward")
    branch, role = name.removeprefix("heads/"), call.asker.role(repository)
    verified = repository.store.commits[sha].verified
    texts = pushing.rule_objections(repository, role, branch, sha, verified=verified)
    if texts:
        raise problems.rule_violation(texts, status=422)
    objection = pushing.classic_objection(repository, role, branch)
    if objection:
        raise problems.unprocessable(objection)
    repository.move_branch(call.user, branch, sha)
    return Answer(200, render_ref(call.view, repository, name, sha))


@routes.delete("/repos/{owner}/{repo}/git/refs/{ref:path}", needs=WRITE)
def delete_ref(call: GitHubCall) -> Answer:
    """Remove a ref."""
    repository = call.repository(Role.WRITE)
    name = call.values["ref"]
    if _ref(call, repository, name) is None:
        raise problems.unprocessable("Reference does not exist")
    if name.startswith("tags/"):
        del repository.tags[name.removeprefix("tags/")]
        return Answer(204)
    branch = name.removeprefix("heads/")
    texts = pushing.rule_objections(repository, call.asker.role(repository), branch, None)
    if texts:
        raise problems.rule_violation(texts, status=422)
    if branch == repository.default_branch:
        raise problems.unprocessable("Cannot delete the default branch")
    repository.move_branch(call.user, branch, None)
    return Answer(204)


@routes.get("/repos/{owner}/{repo}/git/blobs/{file_sha}", needs=READ)
def get_blob(call: GitHubCall) -> Answer:
    """A blob: base64 in JSON, or its bytes with the raw media type."""
    repository = call.repository()
    sha = call.values["file_sha"]
    if sha not in repository.store.blobs:
        raise problems.not_found()
    if "raw" in call.incoming.headers.get("accept", ""):
        return Answer(
            200, repository.store.blobs[sha], content_type="application/vnd.github.raw; charset=utf-8"
        )
    return Answer(200, render.blob(call.view, repository, sha))


@routes.post("/repos/{owner}/{repo}/git/blobs", needs=WRITE)
def create_blob(call: GitHubCall) -> Answer:
    """Store bytes; no branch moves."""
    repository = call.repository(Role.WRITE)
    text = call.body.required("content")
    data = decoded(text) if call.body.text("encoding", "utf-8") == "base64" else text.encode()
    sha = repository.store.add_blob(data)
    url = f"{call.view.repo(repository)}/git/blobs/{sha}"
    return Answer(201, {"url": url, "sha": sha}, {"location": url})


@routes.get("/repos/{owner}/{repo}/git/trees/{tree_sha:path}", needs=READ)
def get_tree(call: GitHubCall) -> Answer:
    """A tree by its id, a commit's id or a branch; ``recursive`` with any value descends."""
    repository = _filled(call)
    sha = call.values["tree_sha"]
    if sha not in repository.store.trees:
        commit = repository.resolve(sha)
        if commit is None:
            raise problems.not_found()
        sha = commit.tree
    recursive = "recursive" in call.incoming.query
    return Answer(200, render.tree(call.view, repository, sha, recursive=recursive))


@routes.post("/repos/{owner}/{repo}/git/trees", needs=WRITE)
def create_tree(call: GitHubCall) -> Answer:
    """A tree from entries, on top of another one if ``base_tree`` is given."""
    repository = call.repository(Role.WRITE)
    store = repository.store
    base = call.body.text("base_tree") or EMPTY_TREE
    if base in store.commits:
        base = store.commits[base].tree
    if base not in store.trees:
        raise problems.unprocessable("base_tree is not a valid tree oid")
    changes: dict[str, Leaf | None] = {}
    for entry in call.body.entries("tree"):
        fields = Fields(entry if isinstance(entry, dict) else {})
        path, mode = fields.required("path"), fields.text("mode", FILE)
        if mode not in MODES:
            raise problems.unprocessable("tree.mode must be one of " + ", ".join(MODES))
        if "content" in fields:
            changes[path] = Leaf(mode, store.add_blob(fields.text("content").encode()))
        elif "sha" in fields and fields.values["sha"] is None:
            changes[path] = None
        else:
            sha = fields.required("sha")
            if sha not in store.blobs and sha not in store.trees and mode != "160000":
                raise problems.unprocessable(f"tree.sha {sha} is not a valid {fields.text('type', 'blob')}")
            changes[path] = Leaf(DIRECTORY if sha in store.trees else mode, sha)
    sha = store.rewrite(base, changes)
    rendered = render.tree(call.view, repository, sha, recursive=False)
    return Answer(201, rendered, {"location": rendered["url"]})


@routes.get("/repos/{owner}/{repo}/git/commits/{commit_sha}", needs=READ)
def get_commit(call: GitHubCall) -> Answer:
    """A commit of the git database."""
    repository = call.repository()
    commit = repository.store.commits.get(call.values["commit_sha"])
    if commit is None:
        raise problems.not_found()
    return Answer(200, render.git_commit(call.view, repository, commit))


@routes.post("/repos/{owner}/{repo}/git/commits", creates="commit", needs=WRITE)
def create_commit(call: GitHubCall) -> Answer:
    """A commit object. It is signed only for bots, and only without an author of their own choice."""
    repository = call.repository(Role.WRITE)
    body, store = call.body, repository.store
    message, tree = body.required("message"), body.required("tree")
    if tree not in store.trees:
        raise problems.unprocessable("Tree SHA does not exist")
    parents = [str(parent) for parent in body.entries("parents")]
    if any(parent not in store.commits for parent in parents):
        raise problems.unprocessable("Parent SHA does not exist or is not a commit object")
    author = _signature(call, repository, body.nested("author"))
    committer = _signature(call, repository, body.nested("committer")) if "committer" in body else author
    own = "author" in body or "committer" in body or "signature" in body
    verified = call.user.kind == "Bot" and not own
    commit = store.add_commit(tree, parents, author, committer, message, verified=verified)
    rendered = render.git_commit(call.view, repository, commit)
    return Answer(201, rendered, {"location": rendered["url"]})


def decoded(text: str) -> bytes:
    """The bytes behind base64; blanks and line ends in it do not matter."""
    try:
        return base64.b64decode(re.sub(r"\s", "", text), validate=True)
    except (binascii.Error, ValueError):
        raise problems.unprocessable("content is not valid Base64") from None


def _ref(call: GitHubCall, repository: Repository, name: str) -> str | None:
    kind, _, rest = name.partition("/")
    if kind == "tags":
        return repository.tags.get(rest)
    if kind != "heads":
        return None
    moment = call.circumstances.list_moment if call.reading else None
    return repository.branches.as_of(rest, moment)


def _filled(call: GitHubCall) -> Repository:
    repository = call.repository()
    if not repository.branches.heads:
        raise problems.conflict("Git Repository is empty.")
    return repository


def _signature(call: GitHubCall, repository: Repository, fields: Fields) -> Signature:
    default = repository.signature(call.user)
    if not fields.values:
        return default
    try:
        when = times.read(fields.text("date")) if fields.text("date") else default.when
    except ValueError:
        raise problems.unprocessable("date is not a valid timestamp") from None
    return Signature(
        fields.text("name", default.name), fields.text("email", default.email), when.astimezone(UTC)
    )
