"""Projects: reading, creating, changing, listing, moving."""

from __future__ import annotations

import re

from syncer.sandbox.exchange import Answer
from syncer.sandbox.gitlab import founding, problems
from syncer.sandbox.gitlab.call import GitLabCall
from syncer.sandbox.gitlab.pages import paged
from syncer.sandbox.gitlab.render import projects as render
from syncer.sandbox.people import Role
from syncer.sandbox.routing import Routes

routes: Routes[GitLabCall] = Routes()

_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


@routes.get("/projects")
def list_projects(call: GitLabCall) -> Answer:
    """The projects that the asker may see, newest first."""
    fields = call.fields
    search, member = fields.text("search").lower(), fields.flag("membership")
    found = [
        entry
        for entry in call.forge.repositories.values()
        if call.asker.sees(entry)
        and search in entry.full_name.lower()
        and (not member or call.role(entry) > (Role.NONE if entry.private else Role.READ))
    ]
    return paged(call, found[::-1], lambda entry: render.project(call.view, entry))


@routes.post("/projects")
def create_project(call: GitLabCall) -> Answer:
    """A new project.

    ``namespace_id`` is a number or a full path, and ``path`` may carry the groups before it; the sandbox
    founds groups that do not exist.
    """
    fields, user = call.fields, call.user
    path = fields.text("path") or fields.text("name").strip().lower().replace(" ", "-")
    if not path:
        raise problems.invalid("name, path are missing, at least one parameter must be provided")
    space = fields.text("namespace_id")
    if space.isdecimal():
        group = next((entry for entry in call.forge.people.groups.values() if entry.id == int(space)), None)
        owner = call.forge.people.by_id(int(space))
        if group is None and owner is None:
            raise problems.rejected(namespace="is not valid")
        space = group.path if group is not None else owner.login if owner is not None else ""
    full = f"{space}/{path}" if space else path if "/" in path else f"{user.login}/{path}"
    if not _PATH.fullmatch(full):
        raise problems.rejected(path="can contain only letters, digits, '_', '-' and '.'.")
    if call.forge.find(full) is not None:
        raise problems.rejected(name="has already been taken", path="has already been taken")
    private = fields.text("visibility", "private") != "public"
    made = founding.found(call.forge, full, user, private=private, description=fields.text("description"))
    if fields.text("default_branch"):
        made.protections.clear()
        made.default_branch = fields.text("default_branch")
        founding.protect_default(made)
    made.issues_enabled = fields.text("issues_access_level", "enabled") != "disabled"
    if fields.flag("initialize_with_readme"):
        text = f"# {made.name}\n".encode()
        made.commit_files(user, made.default_branch, {"README.md": text}, "Initial commit")
    return Answer(201, render.project(call.view, made))


@routes.get("/projects/{id}")
def get_project(call: GitLabCall) -> Answer:
    """One project."""
    return Answer(200, render.project(call.view, call.project()))


@routes.put("/projects/{id}")
def update_project(call: GitLabCall) -> Answer:
    """Rename, change visibility, switch issues off, change the default branch."""
    project = call.project(Role.MAINTAIN)
    fields = call.fields
    if fields.text("default_branch"):
        if fields.text("default_branch") not in project.branches.heads:
            raise problems.rejected(base="Could not set the default branch. Do you have a branch named so?")
        project.default_branch = fields.text("default_branch")
    project.description = fields.text("description", project.description)
    if fields.text("visibility"):
        project.private = fields.text("visibility") != "public"
    if fields.text("issues_access_level"):
        project.issues_enabled = fields.text("issues_access_level") != "disabled"
    if "issues_enabled" in fields:
        project.issues_enabled = fields.flag("issues_enabled")
    if "remove_source_branch_after_merge" in fields:
        project.delete_branch_on_merge = fields.flag("remove_source_branch_after_merge")
    path = fields.text("path")
    if path and path != project.name:
        call.forge.rename_repository(project, f"{project.namespace}/{path}", call.user)
    project.updated_at = call.now
    return Answer(200, render.project(call.view, project))


@routes.delete("/projects/{id}")
def delete_project(call: GitLabCall) -> Answer:
    """Remove a project for good."""
    project = call.project(Role.ADMIN)
    call.forge.delete_repository(project, call.user)
    return Answer(202, {"message": "202 Accepted"})


@routes.post("/projects/{id}/archive")
def archive(call: GitLabCall) -> Answer:
    """Make a project read-only."""
    project = call.project(Role.ADMIN)
    project.archived = True
    return Answer(201, render.project(call.view, project))


@routes.post("/projects/{id}/unarchive")
def unarchive(call: GitLabCall) -> Answer:
    """Make a project writable again."""
    key = call.values["id"]
    known = call.forge.repositories.get(int(key)) if key.isdecimal() else call.forge.find(key)
    if known is None or call.role(known) < Role.ADMIN:
        raise problems.not_found("Project")
    known.archived = False
    return Answer(201, render.project(call.view, known))


@routes.put("/projects/{id}/transfer")
def transfer(call: GitLabCall) -> Answer:
    """Move a project to another namespace."""
    project = call.project(Role.ADMIN)
    space = call.fields.required("namespace")
    if space.isdecimal():
        group = next((entry for entry in call.forge.people.groups.values() if entry.id == int(space)), None)
        if group is None:
            raise problems.not_found("Namespace")
        space = group.path
    call.forge.rename_repository(project, f"{space}/{project.name}", call.user)
    return Answer(200, render.project(call.view, project))
