"""Repositories: reading, creating, changing, listing, handing over."""

from __future__ import annotations

import re

from syncer.sandbox.exchange import Answer
from syncer.sandbox.github import founding, problems
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.pages import paged
from syncer.sandbox.github.render import repositories as render
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


@routes.get("/user/repos", needs="metadata=read")
def list_own(call: GitHubCall) -> Answer:
    """The repositories that the asker has a role in."""
    user = call.user
    found = [
        entry
        for entry in call.forge.repositories.values()
        if call.asker.sees(entry) and entry.role_of(user) > (Role.NONE if entry.private else Role.READ)
    ]
    return paged(call, sorted(found, key=_name), lambda entry: render.repository(call.view, entry))


@routes.get("/orgs/{org}/repos", needs="metadata=read")
def list_of_organization(call: GitHubCall) -> Answer:
    """The repositories of an organization."""
    org = call.values["org"].lower()
    if org not in call.forge.people.groups:
        raise problems.not_found()
    return _of(call, org)


@routes.get("/users/{username}/repos", needs="metadata=read")
def list_of_user(call: GitHubCall) -> Answer:
    """The repositories of a user."""
    if call.forge.people.find(call.values["username"]) is None:
        raise problems.not_found()
    return _of(call, call.values["username"].lower())


@routes.post("/user/repos", needs="administration=write")
def create_own(call: GitHubCall) -> Answer:
    """A new repository of the asker."""
    return _create(call, call.user.login)


@routes.post("/orgs/{org}/repos", needs="administration=write")
def create_in_organization(call: GitHubCall) -> Answer:
    """A new repository of an organization; the sandbox founds the organization if need be."""
    return _create(call, call.values["org"])


@routes.get("/repos/{owner}/{repo}", needs="metadata=read")
def get_repository(call: GitHubCall) -> Answer:
    """One repository."""
    repository = call.repository()
    modified = repository.updated_at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    return Answer(200, render.full_repository(call.view, repository), {"last-modified": modified})


@routes.patch("/repos/{owner}/{repo}", needs="administration=write")
def update_repository(call: GitHubCall) -> Answer:
    """Rename, archive, switch issues off, change the default branch."""
    path = f"{call.values['owner']}/{call.values['repo']}"
    known = call.forge.find(path)
    body = call.body
    if known is not None and known.archived and body.values.get("archived") is False:
        if call.asker.role(known) < Role.ADMIN:
            raise problems.not_found()
        known.archived = False
    repository = call.repository(Role.ADMIN)
    if body.text("default_branch"):
        if body.text("default_branch") not in repository.branches.heads:
            raise problems.custom("Repository", "default_branch", "The branch does not exist.")
        repository.default_branch = body.text("default_branch")
    repository.description = body.text("description", repository.description)
    repository.issues_enabled = body.flag("has_issues", repository.issues_enabled)
    repository.private = body.flag("private", repository.private)
    repository.auto_merge_allowed = body.flag("allow_auto_merge", repository.auto_merge_allowed)
    repository.delete_branch_on_merge = body.flag("delete_branch_on_merge", repository.delete_branch_on_merge)
    repository.archived = body.flag("archived", repository.archived)
    repository.updated_at = call.now
    name = body.text("name")
    if name and name != repository.name:
        _check_free(call, repository.namespace, name)
        call.forge.rename_repository(repository, f"{repository.namespace}/{name}", call.user)
    return Answer(200, render.full_repository(call.view, repository))


@routes.delete("/repos/{owner}/{repo}", needs="administration=write")
def delete_repository(call: GitHubCall) -> Answer:
    """Remove a repository for good."""
    repository = call.repository(Role.ADMIN, hide=False)
    call.forge.delete_repository(repository, call.user)
    return Answer(204)


@routes.post("/repos/{owner}/{repo}/transfer", needs="administration=write")
def transfer_repository(call: GitHubCall) -> Answer:
    """Hand a repository over to another owner."""
    repository = call.repository(Role.ADMIN)
    name = call.body.text("new_name") or repository.name
    call.forge.rename_repository(repository, f"{call.body.required('new_owner')}/{name}", call.user)
    return Answer(202, render.repository(call.view, repository))


def _of(call: GitHubCall, namespace: str) -> Answer:
    found = [
        entry
        for entry in call.forge.repositories.values()
        if entry.namespace.lower() == namespace and call.asker.sees(entry)
    ]
    return paged(call, sorted(found, key=_name), lambda entry: render.repository(call.view, entry))


def _name(entry: Repository) -> str:
    return entry.full_name.lower()


def _create(call: GitHubCall, namespace: str) -> Answer:
    user, body = call.user, call.body
    name = body.required("name")
    if not _NAME.fullmatch(name):
        raise problems.custom(
            "Repository", "name", "name can only contain ASCII letters, digits, ., -, and _."
        )
    _check_free(call, namespace, name)
    private = body.flag("private") or body.text("visibility") == "private"
    made = founding.found(
        call.forge, f"{namespace}/{name}", user, private=private, description=body.text("description")
    )
    made.issues_enabled = body.flag("has_issues", True)
    if body.flag("auto_init"):
        made.commit_files(user, made.default_branch, {"README.md": f"# {name}\n".encode()}, "Initial commit")
    rendered = render.full_repository(call.view, made)
    return Answer(201, rendered, {"location": rendered["url"]})


def _check_free(call: GitHubCall, namespace: str, name: str) -> None:
    other = call.forge.find(f"{namespace}/{name}")
    if other is not None and other.full_name.lower() == f"{namespace}/{name}".lower():
        message = "name already exists on this account"
        raise problems.validation_failed(
            problems.field_error("Repository", "name", "custom", message=message)
        )
