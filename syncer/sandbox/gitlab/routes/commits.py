"""Commits: one request for any number of files, and the lock that has a hole.

``last_commit_id`` of an action is the last commit of that file as the client knows it. An id that this
repository does not hold, or under which the file did not exist, protects nothing: the commit goes
through.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from syncer.sandbox import history
from syncer.sandbox.exchange import Answer
from syncer.sandbox.git import DIRECTORY, EXECUTABLE, FILE, Commit, Leaf
from syncer.sandbox.gitlab import problems
from syncer.sandbox.gitlab.call import GitLabCall
from syncer.sandbox.gitlab.fields import Fields
from syncer.sandbox.gitlab.pages import paged
from syncer.sandbox.gitlab.render import commits as render
from syncer.sandbox.gitlab.render.projects import may_push
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitLabCall] = Routes()

ACTIONS = ("create", "update", "delete", "move", "chmod")


@routes.get("/projects/{id}/repository/commits")
def list_commits(call: GitLabCall) -> Answer:
    """Commits from a ref backwards, of one path if asked."""
    project = call.project()
    fields = call.fields
    start = project.resolve(fields.text("ref_name") or project.default_branch)
    if start is None:
        raise problems.not_found("Tree")
    since, until = fields.moment("since"), fields.moment("until")
    found = [
        entry
        for entry in history.log(project.store, start.sha, fields.text("path").strip("/"))
        if (since is None or entry.committer.when >= since)
        and (until is None or entry.committer.when <= until)
    ]
    page = paged(call, found, lambda entry: render.commit(call.view, project, entry))
    for name in ("x-total", "x-total-pages"):
        page.headers.pop(name, None)
    return page


@routes.post("/projects/{id}/repository/commits", creates="commit")
def create_commit(call: GitLabCall) -> Answer:
    """One commit with all actions, on a branch or on a new one."""
    project = call.project()
    fields, role = call.fields, call.role(project)
    branch, message = fields.required("branch"), fields.required("commit_message")
    actions = fields.values.get("actions")
    if not isinstance(actions, list) or not all(isinstance(action, dict) for action in actions):
        raise problems.invalid("actions is missing" if actions is None else "actions is invalid")
    check_push(project, role, branch)
    start = _start(project, fields, branch)
    files = _files(project, start, [Fields(action) for action in actions])
    commit = project.commit_files(
        call.user, branch, files, message, start=start.sha if start is not None else None
    )
    return Answer(201, render.full_commit(call.view, project, commit))


@routes.get("/projects/{id}/repository/commits/{sha:path}/diff")
def get_diff(call: GitLabCall) -> Answer:
    """What a commit changed."""
    project = call.project()
    found = history.commit_changes(project.store, _commit(call, project))
    return paged(call, found, lambda change: render.diff(project, change))


@routes.get("/projects/{id}/repository/commits/{sha:path}")
def get_commit(call: GitLabCall) -> Answer:
    """One commit by id, branch or tag."""
    project = call.project()
    return Answer(200, render.full_commit(call.view, project, _commit(call, project)))


@routes.get("/projects/{id}/repository/compare")
def compare(call: GitLabCall) -> Answer:
    """What lies between two commits."""
    project = call.project()
    fields = call.fields
    base, head = project.resolve(fields.required("from")), project.resolve(fields.required("to"))
    if base is None or head is None:
        raise problems.not_found("Ref")
    return Answer(200, render.comparison(call.view, project, base, head, straight=fields.flag("straight")))


@routes.get("/projects/{id}/repository/merge_base")
def merge_base(call: GitLabCall) -> Answer:
    """The newest commit that all refs stand on."""
    project = call.project()
    refs = call.incoming.values("refs")
    if len(refs) < 2:
        raise problems.bad_request("Provide at least 2 refs")
    found = [project.resolve(ref) for ref in refs]
    missing = [ref for ref, commit in zip(refs, found, strict=True) if commit is None]
    if missing:
        raise problems.bad_request(f"Could not find ref: {', '.join(missing)}")
    commits = [commit for commit in found if commit is not None]
    base: str | None = commits[0].sha
    for commit in commits[1:]:
        base = history.merge_base(project.store, base, commit.sha) if base else None
    if base is None:
        raise problems.not_found("Merge Base")
    return Answer(200, render.commit(call.view, project, project.store.commits[base]))


def check_push(project: Repository, role: Role, branch: str) -> None:
    """403 for whoever may not push to a branch."""
    if not may_push(project, role, branch):
        raise problems.forbidden("You are not allowed to push into this branch")


def has_changed(project: Repository, head: Commit, path: str, known: str) -> bool:
    """Whether a file's last commit differs between a branch and what the client knew; with the hole."""
    current = history.last_touching(project.store, head.sha, path)
    if not known or current is None:
        return False
    base = project.resolve(known)
    last = history.last_touching(project.store, base.sha, path) if base is not None else None
    return last is not None and last.sha != current.sha


def _commit(call: GitLabCall, project: Repository) -> Commit:
    found = project.resolve(call.values["sha"])
    if found is None:
        raise problems.not_found("Commit")
    return found


def _start(project: Repository, fields: Fields, branch: str) -> Commit | None:
    start_branch, start_sha = fields.text("start_branch"), fields.text("start_sha")
    heads = project.branches.heads
    if start_branch and start_sha:
        raise problems.bad_request("You can't pass both start_branch and start_sha")
    if not heads:
        return None
    if not start_branch and not start_sha:
        if branch not in heads:
            raise problems.bad_request("You can only create or edit files when you are on a branch")
        return project.store.commits[heads[branch]]
    if start_branch and start_branch not in heads:
        raise problems.bad_request("You can only create or edit files when you are on a branch")
    if branch in heads and branch != start_branch and not fields.flag("force"):
        text = f"A branch called '{branch}' already exists. Switch to that branch in order to make changes"
        raise problems.bad_request(text)
    found = project.store.commits.get(start_sha or heads[start_branch])
    if found is None:
        raise problems.bad_request(f"Cannot find start_sha '{start_sha}'")
    return found


def _files(project: Repository, start: Commit | None, actions: list[Fields]) -> dict[str, Any]:
    files: dict[str, bytes | Leaf | None] = {}
    store = project.store
    for action in actions:
        kind = action.one_of("action", ACTIONS)
        if not kind:
            raise problems.invalid("actions[0][action] is missing")
        path = action.required("file_path").strip("/")
        source = action.text("previous_path", path).strip("/") if kind == "move" else path
        entry = store.find(start.tree, source) if start is not None else None
        leaf = Leaf(entry.mode, entry.sha) if entry is not None and entry.mode != DIRECTORY else None
        leaf = _pending(project, files[source]) if source in files else leaf
        if kind == "create":
            if leaf is not None:
                raise problems.bad_request("A file with this name already exists")
            files[path] = content(action)
            continue
        if leaf is None:
            raise problems.bad_request("A file with this name doesn't exist")
        known = action.text("last_commit_id")
        if (
            start is not None
            and kind in ("update", "move", "delete")
            and has_changed(project, start, source, known)
        ):
            raise problems.bad_request(f"The file has changed since you started editing it: {source}")
        if kind == "update":
            files[path] = content(action)
        elif kind == "delete":
            files[path] = None
        elif kind == "chmod":
            files[path] = Leaf(EXECUTABLE if action.flag("execute_filemode") else FILE, leaf.sha)
        else:
            files[source] = None
            files[path] = content(action) if "content" in action else leaf
    return files


def _pending(project: Repository, value: bytes | Leaf | None) -> Leaf | None:
    return Leaf(FILE, project.store.add_blob(value)) if isinstance(value, bytes) else value


def content(fields: Fields) -> bytes:
    """The bytes that an action carries."""
    text = fields.text("content")
    if fields.one_of("encoding", ("text", "base64"), "text") == "text":
        return text.encode()
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        raise problems.bad_request("Content is not valid base64") from None
