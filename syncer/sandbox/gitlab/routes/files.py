"""Files and trees by path."""

from __future__ import annotations

from syncer.sandbox.exchange import Answer
from syncer.sandbox.git import DIRECTORY, Commit, TreeEntry
from syncer.sandbox.gitlab import problems
from syncer.sandbox.gitlab.call import GitLabCall
from syncer.sandbox.gitlab.pages import keyset, paged
from syncer.sandbox.gitlab.render import commits as render
from syncer.sandbox.gitlab.routes.commits import check_push, content, has_changed
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitLabCall] = Routes()


@routes.get("/projects/{id}/repository/tree")
def list_tree(call: GitLabCall) -> Answer:
    """The entries of a directory, or of everything below it."""
    project = call.project()
    fields = call.fields
    ref = fields.text("ref") or project.default_branch
    commit = project.resolve(ref)
    path = fields.text("path").strip("/")
    entry = project.store.find(commit.tree, path) if commit is not None else None
    if entry is None or entry.mode != DIRECTORY:
        raise problems.not_found("invalid revision or path" if commit is not None else "Tree")
    prefix = f"{path}/" if path else ""
    if fields.flag("recursive"):
        found = list(project.store.walk(entry.sha, prefix))
    else:
        found = [(prefix + child.name, child) for child in project.store.trees[entry.sha]]
    found.sort(key=lambda pair: (pair[1].mode != DIRECTORY, pair[0]))
    if fields.text("pagination") == "keyset":
        places = {pair[0]: f"{index:09d}" for index, pair in enumerate(found)}
        return keyset(call, found, lambda pair: places[pair[0]], lambda pair: render.tree_entry(*pair))
    return paged(call, found, lambda pair: render.tree_entry(*pair))


@routes.get("/projects/{id}/repository/blobs/{sha}/raw")
def get_raw_blob(call: GitLabCall) -> Answer:
    """The bytes of a blob."""
    project = call.project()
    data = project.store.blobs.get(call.values["sha"])
    if data is None:
        raise problems.not_found("Blob")
    return Answer(200, data, content_type="application/octet-stream")


@routes.get("/projects/{id}/repository/files/{file_path}/raw")
def get_raw_file(call: GitLabCall) -> Answer:
    """The bytes of a file."""
    project, ref, head, path, entry = _find(call)
    shown = render.file(project, ref, head, path, entry)
    data = project.store.blobs[entry.sha]
    return Answer(200, data, render.file_headers(shown), content_type="text/plain; charset=utf-8")


@routes.get("/projects/{id}/repository/files/{file_path}")
def get_file(call: GitLabCall) -> Answer:
    """A file with its ids; HEAD gives the same in headers."""
    project, ref, head, path, entry = _find(call)
    shown = render.file(project, ref, head, path, entry)
    return Answer(200, shown, render.file_headers(shown))


@routes.post("/projects/{id}/repository/files/{file_path}", creates="commit")
def create_file(call: GitLabCall) -> Answer:
    """A new file, in a commit of its own."""
    project, branch, path, existing = _target(call)
    if existing is not None:
        raise problems.bad_request("A file with this name already exists")
    project.commit_files(
        call.user, branch, {path: content(call.fields)}, call.fields.required("commit_message")
    )
    return Answer(201, {"file_path": path, "branch": branch})


@routes.put("/projects/{id}/repository/files/{file_path}", creates="commit")
def update_file(call: GitLabCall) -> Answer:
    """Change a file, in a commit of its own."""
    project, branch, path, existing = _target(call)
    if existing is None:
        raise problems.bad_request("A file with this name doesn't exist")
    _check(call, project, branch, path, "update")
    project.commit_files(
        call.user, branch, {path: content(call.fields)}, call.fields.required("commit_message")
    )
    return Answer(200, {"file_path": path, "branch": branch})


@routes.delete("/projects/{id}/repository/files/{file_path}", creates="commit")
def delete_file(call: GitLabCall) -> Answer:
    """Delete a file, in a commit of its own."""
    project, branch, path, existing = _target(call)
    if existing is None:
        raise problems.bad_request("A file with this name doesn't exist")
    _check(call, project, branch, path, "delete")
    project.commit_files(call.user, branch, {path: None}, call.fields.required("commit_message"))
    return Answer(204)


def _find(call: GitLabCall) -> tuple[Repository, str, Commit, str, TreeEntry]:
    project = call.project()
    path, ref = call.values["file_path"].strip("/"), call.fields.text("ref") or "HEAD"
    head = project.resolve(ref)
    if head is None:
        raise problems.not_found("Commit")
    entry = project.store.find(head.tree, path)
    if entry is None or entry.sha not in project.store.blobs:
        raise problems.not_found("File")
    return project, ref, head, path, entry


def _target(call: GitLabCall) -> tuple[Repository, str, str, TreeEntry | None]:
    project = call.project()
    branch, path = call.fields.required("branch"), call.values["file_path"].strip("/")
    check_push(project, call.role(project), branch)
    start = call.fields.text("start_branch")
    if start and branch not in project.branches.heads and start in project.branches.heads:
        project.move_branch(call.user, branch, project.branches.heads[start])
    head = project.branches.heads.get(branch)
    if head is None and project.branches.heads:
        raise problems.bad_request("You can only create or edit files when you are on a branch")
    entry = project.store.find(project.store.commits[head].tree, path) if head is not None else None
    return project, branch, path, entry


def _check(call: GitLabCall, project: Repository, branch: str, path: str, doing: str) -> None:
    head = project.store.commits[project.branches.heads[branch]]
    if has_changed(project, head, path, call.fields.text("last_commit_id")):
        text = f"You are attempting to {doing} a file that has changed since you started editing it."
        raise problems.bad_request(text)
