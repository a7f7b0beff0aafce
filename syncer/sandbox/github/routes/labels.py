"""Labels of a repository."""

from __future__ import annotations

import re

from syncer.sandbox.exchange import Answer
from syncer.sandbox.github import drafts, problems
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.pages import paged
from syncer.sandbox.github.render import issues as render
from syncer.sandbox.issues import Label
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()

READ = "issues=read; pull_requests=read"
WRITE = "issues=write; pull_requests=write"


@routes.get("/repos/{owner}/{repo}/labels", needs=READ)
def list_labels(call: GitHubCall) -> Answer:
    """All labels, by name."""
    repository = call.repository()
    seen = [label for label in repository.labels.values() if label.as_of(call.list_moment) is not None]
    seen.sort(key=lambda label: label.name.lower())
    return paged(call, seen, lambda label: render.label(call.view, repository, label), repository=repository)


@routes.post("/repos/{owner}/{repo}/labels", needs=WRITE)
def create_label(call: GitHubCall) -> Answer:
    """A new label; its name is taken in any case of letters."""
    repository = call.repository(Role.WRITE)
    body = call.body
    name = _check_name(body.required("name"))
    if repository.find_label(name) is not None:
        raise problems.validation_failed(problems.field_error("Label", "name", "already_exists"))
    color = _check_color(body.text("color", drafts.NEW_LABEL_COLOR))
    made = repository.add_label(call.user, name, color, _check_description(body.text("description")))
    rendered = render.label(call.view, repository, made)
    return Answer(201, rendered, {"location": rendered["url"]})


@routes.get("/repos/{owner}/{repo}/labels/{name}", needs=READ)
def get_label(call: GitHubCall) -> Answer:
    """One label."""
    repository = call.repository()
    return Answer(200, render.label(call.view, repository, _label(call, repository)))


@routes.patch("/repos/{owner}/{repo}/labels/{name}", needs=WRITE)
def update_label(call: GitHubCall) -> Answer:
    """Change a label; its issues are not touched."""
    repository = call.repository(Role.WRITE)
    label = _label(call, repository)
    body, before = call.body, {}
    name = _check_name(body.text("new_name")) if body.text("new_name") else label.name
    other = repository.find_label(name)
    if other is not None and other is not label:
        raise problems.validation_failed(problems.field_error("Label", "name", "already_exists"))
    color = _check_color(body.text("color")) if "color" in body else label.color
    described = _check_description(body.text("description")) if "description" in body else label.description
    for field, value in (("name", name), ("color", color), ("description", described)):
        if getattr(label, field) != value:
            before[field] = getattr(label, field)
            setattr(label, field, value)
    label.note_version(call.now)
    if before:
        repository.announce("label", "edited", call.user, label=label, before=before)
    return Answer(200, render.label(call.view, repository, label))


@routes.delete("/repos/{owner}/{repo}/labels/{name}", needs=WRITE)
def delete_label(call: GitHubCall) -> Answer:
    """Delete a label."""
    repository = call.repository(Role.WRITE)
    repository.remove_label(call.user, _label(call, repository))
    return Answer(204)


def _label(call: GitHubCall, repository: Repository) -> Label:
    found = repository.find_label(call.values["name"])
    if found is None:
        raise problems.not_found()
    return found


def _check_name(name: str) -> str:
    if not name.strip():
        raise problems.validation_failed(problems.field_error("Label", "name", "missing_field"))
    if len(name) > drafts.LABEL_LIMIT:
        raise problems.custom(
            "Label", "name", f"name is too long (maximum is {drafts.LABEL_LIMIT} characters)"
        )
    return name.strip()


def _check_color(color: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{6}", color):
        raise problems.validation_failed(problems.field_error("Label", "color", "invalid"))
    return color.lower()


def _check_description(text: str) -> str:
    limit = drafts.LABEL_DESCRIPTION_LIMIT
    if len(text) > limit:
        raise problems.custom(
            "Label", "description", f"description is too long (maximum is {limit} characters)"
        )
    return text
