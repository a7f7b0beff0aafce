"""Milestones of projects and of groups."""

from __future__ import annotations

from typing import Any

from syncer.sandbox.exchange import Answer
from syncer.sandbox.gitlab import drafts, problems
from syncer.sandbox.gitlab.call import GitLabCall
from syncer.sandbox.gitlab.founding import add_group_milestone
from syncer.sandbox.gitlab.pages import paged
from syncer.sandbox.gitlab.render import issues as render
from syncer.sandbox.gitlab.times import milliseconds
from syncer.sandbox.issues import Milestone
from syncer.sandbox.people import Group, Role
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitLabCall] = Routes()

TITLE_LIMIT = 255


@routes.get("/projects/{id}/milestones")
def list_milestones(call: GitLabCall) -> Answer:
    """The milestones of a project, and of its groups if asked."""
    project = call.project()
    fields = call.fields
    above = fields.flag("include_ancestors") or fields.flag("include_parent_milestones")
    found = project.visible_milestones() if above else list(project.milestones.values())
    return _list(call, found, project)


@routes.post("/projects/{id}/milestones", creates="milestone")
def create_milestone(call: GitLabCall) -> Answer:
    """A new milestone; its title must be free in the project and in the groups above."""
    project = call.project(Role.TRIAGE)
    values = _values(call, project.visible_milestones(), None)
    made = project.add_milestone(
        call.user, values["title"], values["description"], due=values["due"], start=values["start"]
    )
    return Answer(201, render.milestone(call.view, made, project))


@routes.get("/projects/{id}/milestones/{milestone_id}")
def get_milestone(call: GitLabCall) -> Answer:
    """One milestone of a project, by its global id."""
    project = call.project()
    return Answer(200, render.milestone(call.view, _milestone(call, project), project))


@routes.put("/projects/{id}/milestones/{milestone_id}")
def update_milestone(call: GitLabCall) -> Answer:
    """Change a milestone."""
    project = call.project(Role.TRIAGE)
    found = _milestone(call, project)
    _update(call, project, found, project.visible_milestones())
    return Answer(200, render.milestone(call.view, found, project))


@routes.delete("/projects/{id}/milestones/{milestone_id}")
def delete_milestone(call: GitLabCall) -> Answer:
    """Delete a milestone; its issues stay."""
    project = call.project(Role.TRIAGE)
    project.remove_milestone(call.user, _milestone(call, project))
    return Answer(204)


@routes.get("/projects/{id}/milestones/{milestone_id}/issues")
def list_milestone_issues(call: GitLabCall) -> Answer:
    """The issues of a milestone."""
    project = call.project()
    milestone = _milestone(call, project)
    found = [
        entry
        for entry in project.issues.values()
        if entry.milestone is milestone and not entry.deleted and call.readable(entry)
    ]
    return paged(call, found[::-1], lambda entry: render.issue(call.view, entry))


@routes.get("/groups/{id}/milestones")
def list_group_milestones(call: GitLabCall) -> Answer:
    """The milestones of a group."""
    group = call.group()
    return _list(call, call.forge.group_milestones.get(group.id, []), None)


@routes.post("/groups/{id}/milestones", creates="milestone")
def create_group_milestone(call: GitLabCall) -> Answer:
    """A new milestone of a group; no project below may have one of that title."""
    group = _manageable(call)
    values = _values(call, _around(call, group), None)
    made = add_group_milestone(
        call.forge,
        group,
        call.user,
        values["title"],
        values["description"],
        due=values["due"],
        start=values["start"],
    )
    return Answer(201, render.milestone(call.view, made, None))


@routes.get("/groups/{id}/milestones/{milestone_id}")
def get_group_milestone(call: GitLabCall) -> Answer:
    """One milestone of a group."""
    return Answer(200, render.milestone(call.view, _group_milestone(call, call.group()), None))


@routes.put("/groups/{id}/milestones/{milestone_id}")
def update_group_milestone(call: GitLabCall) -> Answer:
    """Change a milestone of a group."""
    group = _manageable(call)
    found = _group_milestone(call, group)
    home = next(entry for entry in call.forge.repositories.values() if found in entry.visible_milestones())
    _update(call, home, found, _around(call, group))
    return Answer(200, render.milestone(call.view, found, None))


def _list(call: GitLabCall, milestones: list[Milestone], project: Repository | None) -> Answer:
    fields = call.fields
    state = fields.one_of("state", ("active", "closed", "all"), "all")
    iids, title, search = set(fields.numbers("iids")), fields.text("title"), fields.text("search").lower()
    after, before = fields.moment("updated_after"), fields.moment("updated_before")
    seen = [entry.as_of(call.list_moment) for entry in milestones]
    found = [
        entry
        for entry in seen
        if entry is not None
        and (state == "all" or entry.closed == (state == "closed"))
        and (not iids or entry.number in iids)
        and (not title or entry.title == title)
        and (not search or search in f"{entry.title} {entry.description or ''}".lower())
        and (after is None or milliseconds(entry.updated_at) >= milliseconds(after))
        and (before is None or milliseconds(entry.updated_at) <= milliseconds(before))
        and not call.forge.lag.hides(entry.created_at, call.now)
    ]
    found.sort(key=lambda entry: entry.id, reverse=True)
    return paged(call, found, lambda entry: render.milestone(call.view, entry, project))


def _values(call: GitLabCall, others: list[Milestone], own: Milestone | None) -> dict[str, Any]:
    fields = call.fields
    title = fields.required("title") if own is None else fields.text("title", own.title)
    if not title.strip():
        raise problems.rejected(title="can't be blank")
    if len(title) > TITLE_LIMIT:
        raise problems.rejected(title=f"is too long (maximum is {TITLE_LIMIT} characters)")
    title = title.strip()
    if any(other.title == title and other is not own for other in others):
        raise problems.rejected(title="already being used for another group or project milestone.")
    due = fields.day("due_date") if own is None or "due_date" in fields else own.due
    start = fields.day("start_date") if own is None or "start_date" in fields else own.start
    if due is not None and start is not None and due < start:
        raise problems.rejected(due_date="must be greater than start date")
    text = fields.text("description") if own is None or "description" in fields else own.description
    return {
        "title": title,
        "description": drafts.check_description(text or "") or None,
        "due": due,
        "start": start,
    }


def _update(call: GitLabCall, home: Repository, found: Milestone, others: list[Milestone]) -> None:
    event = call.fields.one_of("state_event", ("close", "activate"))
    values = _values(call, others, found)
    if event:
        values["closed"] = event == "close"
    home.change_milestone(call.user, found, **values)


def _milestone(call: GitLabCall, project: Repository) -> Milestone:
    key = call.number("milestone_id")
    found = next((entry for entry in project.milestones.values() if entry.id == key), None)
    if found is None or (call.reading and call.forge.lag.hides(found.created_at, call.now)):
        raise problems.not_found("Milestone" if call.reading else "")
    return found


def _group_milestone(call: GitLabCall, group: Group) -> Milestone:
    key = call.number("milestone_id")
    known = call.forge.group_milestones.get(group.id, [])
    found = next((entry for entry in known if entry.id == key), None)
    if found is None:
        raise problems.not_found()
    return found


def _manageable(call: GitLabCall) -> Group:
    group = call.group()
    role = max(group.members.get(call.user.login.lower(), Role.NONE), call.user.base_role)
    if role < Role.TRIAGE:
        raise problems.forbidden()
    return group


def _around(call: GitLabCall, group: Group) -> list[Milestone]:
    found = list(call.forge.group_milestones.get(group.id, []))
    for project in call.forge.repositories.values():
        if f"{project.namespace}/".lower().startswith(f"{group.path}/".lower()):
            found += project.milestones.values()
    return found
