"""Labels of projects."""

from __future__ import annotations

import re

from syncer.sandbox.exchange import Answer
from syncer.sandbox.gitlab import drafts, problems
from syncer.sandbox.gitlab.call import GitLabCall
from syncer.sandbox.gitlab.pages import paged
from syncer.sandbox.gitlab.render import issues as render
from syncer.sandbox.issues import Label
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitLabCall] = Routes()


@routes.get("/projects/{id}/labels")
def list_labels(call: GitLabCall) -> Answer:
    """All labels, by name."""
    project = call.project()
    search, counts = call.fields.text("search").lower(), call.fields.flag("with_counts")
    found = [label for label in project.labels.values() if search in label.name.lower()]
    found.sort(key=lambda label: label.name.lower())
    return paged(call, found, lambda label: render.label(project, label, counts=counts))


@routes.post("/projects/{id}/labels")
def create_label(call: GitLabCall) -> Answer:
    """A new label; names tell upper from lower case and have no commas."""
    project = call.project(Role.TRIAGE)
    fields = call.fields
    name = _check_name(fields.required("name"))
    color = _check_color(fields.required("color"))
    if project.find_label(name) is not None:
        raise problems.conflict("Label already exists")
    made = project.add_label(call.user, name, color, fields.text("description"))
    return Answer(201, render.label(project, made, counts=True))


@routes.get("/projects/{id}/labels/{name}")
def get_label(call: GitLabCall) -> Answer:
    """One label, by id or by name."""
    project = call.project()
    return Answer(200, render.label(project, _label(call, project), counts=True))


@routes.put("/projects/{id}/labels/{name}")
def update_label(call: GitLabCall) -> Answer:
    """Change a label; its issues are not touched."""
    project = call.project(Role.TRIAGE)
    label, fields = _label(call, project), call.fields
    if fields.text("new_name"):
        name = _check_name(fields.text("new_name"))
        other = project.find_label(name)
        if other is not None and other is not label:
            raise problems.rejected(title="has already been taken")
        label.name = name
    if fields.text("color"):
        label.color = _check_color(fields.text("color"))
    if "description" in fields:
        label.description = fields.text("description")
    return Answer(200, render.label(project, label, counts=True))


@routes.delete("/projects/{id}/labels/{name}")
def delete_label(call: GitLabCall) -> Answer:
    """Delete a label."""
    project = call.project(Role.TRIAGE)
    project.remove_label(call.user, _label(call, project))
    return Answer(204)


def _label(call: GitLabCall, project: Repository) -> Label:
    key = call.values["name"]
    found = project.find_label(key)
    if found is None and key.isdecimal():
        found = project.labels.get(int(key))
    if found is None:
        raise problems.not_found("Label")
    return found


def _check_name(name: str) -> str:
    if not name.strip():
        raise problems.rejected(title="can't be blank")
    if "," in name:
        raise problems.rejected(title="is invalid")
    if len(name) > drafts.LABEL_LIMIT:
        raise problems.rejected(title=f"is too long (maximum is {drafts.LABEL_LIMIT} characters)")
    return name.strip()


def _check_color(color: str) -> str:
    if re.fullmatch(r"#[0-9a-fA-F]{6}|#[0-9a-fA-F]{3}", color):
        return color.upper()
    if re.fullmatch(r"[a-z]+", color):
        return drafts.NEW_LABEL_COLOR
    raise problems.rejected(color="must be a valid color code")
