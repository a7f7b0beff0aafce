"""Branches and protected branches."""

from __future__ import annotations

from syncer.sandbox.exchange import Answer
from syncer.sandbox.gitlab import problems
from syncer.sandbox.gitlab.call import GitLabCall
from syncer.sandbox.gitlab.fields import Fields
from syncer.sandbox.gitlab.pages import paged
from syncer.sandbox.gitlab.render import projects as render
from syncer.sandbox.gitlab.routes.commits import check_push
from syncer.sandbox.people import Role
from syncer.sandbox.protection import Protection
from syncer.sandbox.routing import Routes

routes: Routes[GitLabCall] = Routes()


@routes.get("/projects/{id}/repository/branches")
def list_branches(call: GitLabCall) -> Answer:
    """All branches, by name."""
    project = call.project()
    search = call.fields.text("search")
    found = [(name, sha) for name, sha in sorted(project.branches.heads.items()) if search in name]
    return paged(call, found, lambda pair: render.branch(call.view, project, *pair))


@routes.post("/projects/{id}/repository/branches")
def create_branch(call: GitLabCall) -> Answer:
    """A new branch at a ref."""
    project = call.project(Role.WRITE)
    name, ref = call.fields.required("branch"), call.fields.required("ref")
    start = project.resolve(ref)
    if start is None:
        raise problems.bad_request(f"Invalid reference name: {ref}")
    if name in project.branches.heads:
        raise problems.bad_request("Branch already exists")
    check_push(project, call.role(project), name)
    project.move_branch(call.user, name, start.sha)
    return Answer(201, render.branch(call.view, project, name, start.sha))


@routes.get("/projects/{id}/repository/branches/{branch}")
def get_branch(call: GitLabCall) -> Answer:
    """One branch with its newest commit."""
    project = call.project()
    name = call.values["branch"]
    sha = project.branches.as_of(name, call.circumstances.list_moment)
    if sha is None:
        raise problems.not_found("Branch")
    return Answer(200, render.branch(call.view, project, name, sha))


@routes.delete("/projects/{id}/repository/branches/{branch}")
def delete_branch(call: GitLabCall) -> Answer:
    """Remove a branch, unless it is protected."""
    project = call.project(Role.WRITE)
    name = call.values["branch"]
    if name not in project.branches.heads:
        raise problems.not_found("Branch")
    if render.covering(project, name) is not None or name == project.default_branch:
        raise problems.problem(405, "405 Method Not Allowed")
    project.move_branch(call.user, name, None)
    return Answer(204)


@routes.get("/projects/{id}/protected_branches")
def list_protected(call: GitLabCall) -> Answer:
    """All protected branches and patterns."""
    project = call.project(Role.WRITE)
    return paged(call, list(project.protections.values()), render.protected_branch)


@routes.post("/projects/{id}/protected_branches")
def protect(call: GitLabCall) -> Answer:
    """Protect a branch, or all that a pattern matches."""
    project = call.project(Role.MAINTAIN)
    name = call.fields.required("name")
    if name in project.protections:
        raise problems.conflict(f"Protected branch '{name}' already exists")
    rule = Protection(
        call.forge.ids.next("protection"),
        name,
        push=_level(call.fields, "push_access_level"),
        merge=_level(call.fields, "merge_access_level"),
        pull_request_required=False,
        allow_force_push=call.fields.flag("allow_force_push"),
    )
    project.protections[name] = rule
    return Answer(201, render.protected_branch(rule))


@routes.get("/projects/{id}/protected_branches/{name}")
def get_protected(call: GitLabCall) -> Answer:
    """One protected branch or pattern."""
    project = call.project(Role.WRITE)
    rule = project.protections.get(call.values["name"])
    if rule is None:
        raise problems.not_found()
    return Answer(200, render.protected_branch(rule))


@routes.delete("/projects/{id}/protected_branches/{name}")
def unprotect(call: GitLabCall) -> Answer:
    """Take protection away."""
    project = call.project(Role.MAINTAIN)
    if project.protections.pop(call.values["name"], None) is None:
        raise problems.not_found()
    return Answer(204)


def _level(fields: Fields, name: str) -> Role | None:
    value = fields.number(name)
    if value is None:
        return Role.MAINTAIN
    try:
        return Role(value) or None
    except ValueError:
        raise problems.invalid(f"{name} does not have a valid value") from None
