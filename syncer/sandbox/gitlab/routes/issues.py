"""Issues: listing, creating, reading, changing, moving, deleting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from syncer.sandbox.exchange import Answer
from syncer.sandbox.gitlab import drafts, problems, quick_actions
from syncer.sandbox.gitlab.call import GitLabCall
from syncer.sandbox.gitlab.pages import keyset, paged
from syncer.sandbox.gitlab.render import issues as render
from syncer.sandbox.gitlab.times import milliseconds
from syncer.sandbox.issues import Issue
from syncer.sandbox.people import Role
from syncer.sandbox.routing import Routes
from syncer.sandbox.transfer import move_issue

routes: Routes[GitLabCall] = Routes()

KEYSET_ORDERS = ("created_at", "updated_at", "title", "id", "weight", "due_date", "relative_position")
CHANGEABLE = (
    "title",
    "description",
    "assignee_ids",
    "assignee_id",
    "milestone_id",
    "discussion_locked",
    "labels",
    "add_labels",
    "remove_labels",
    "created_at",
    "updated_at",
    "due_date",
    "confidential",
    "state_event",
    "weight",
    "issue_type",
)


@routes.get("/projects/{id}/issues")
def list_issues(call: GitLabCall) -> Answer:
    """Issues, open and closed by default, newest first; merge requests are none."""
    project = call.project()
    if not project.issues_enabled:
        raise problems.forbidden()
    fields = call.fields
    order = fields.text("order_by", "created_at")
    falling = fields.one_of("sort", ("asc", "desc"), "desc") == "desc"
    wanted = _filter(call)
    seen = (entry.as_of(call.list_moment) for entry in project.issues.values() if not entry.deleted)
    found = [
        entry
        for entry in seen
        if entry is not None
        and not call.forge.lag.hides(entry.created_at, call.now)
        and call.readable(entry)
        and wanted(entry)
    ]

    def place(entry: Issue) -> str:
        return f"{_order_value(entry, order)}/{entry.id:012d}"

    found.sort(key=place, reverse=falling)
    details = fields.flag("with_labels_details")
    if fields.text("pagination") == "keyset" and order in KEYSET_ORDERS:
        return keyset(call, found, place, lambda entry: render.issue(call.view, entry, details=details))
    return paged(call, found, lambda entry: render.issue(call.view, entry, details=details), capped="Issue")


def _order_value(entry: Issue, order: str) -> str:
    if order == "updated_at":
        return f"{int(entry.updated_at.timestamp() * 1000):015d}"
    if order == "title":
        return entry.title
    if order == "id":
        return ""
    if order == "weight":
        return f"{entry.weight or 0:06d}"
    if order == "due_date":
        return (entry.due or date.max).isoformat()
    return f"{int(entry.created_at.timestamp() * 1000):015d}"


def _filter(call: GitLabCall) -> Callable[[Issue], bool]:
    fields = call.fields
    state = fields.one_of("state", ("opened", "closed", "all"), "all")
    iids = set(fields.numbers("iids"))
    labels = fields.words("labels")
    milestone = fields.text("milestone") or fields.text("milestone_id")
    author, assignee = fields.text("author_username"), fields.text("assignee_username")
    author_id, kind = fields.number("author_id"), fields.text("issue_type")
    search, confidential = fields.text("search").lower(), fields.text("confidential")
    places = fields.text("in", "title,description").split(",")
    bounds = [
        (name.partition("_")[0], name.endswith("after"), milliseconds(moment))
        for name in ("created_after", "created_before", "updated_after", "updated_before")
        if (moment := fields.moment(name)) is not None
    ]

    def wanted(entry: Issue) -> bool:
        if state != "all" and entry.closed != (state == "closed"):
            return False
        if iids and entry.number not in iids:
            return False
        if not _has_labels(entry, labels) or not _in_milestone(entry, milestone):
            return False
        if author and entry.author.login.lower() != author.lower():
            return False
        if author_id is not None and entry.author.id != author_id:
            return False
        if assignee and assignee.lower() not in {user.login.lower() for user in entry.assignees}:
            return False
        if kind and entry.type != kind:
            return False
        if confidential and entry.confidential != fields.flag("confidential"):
            return False
        if search and not any(search in _searched(entry, place) for place in places):
            return False
        for name, after, bound in bounds:
            moment = milliseconds(entry.updated_at if name == "updated" else entry.created_at)
            if (moment < bound) if after else (moment > bound):
                return False
        return True

    return wanted


def _has_labels(entry: Issue, labels: list[str]) -> bool:
    own = {label.name for label in entry.labels}
    if labels in (["None"], ["none"]):
        return not own
    if labels in (["Any"], ["any"]):
        return bool(own)
    return own.issuperset(labels)


def _in_milestone(entry: Issue, wanted: str) -> bool:
    if wanted.lower() == "none":
        return entry.milestone is None
    if wanted.lower() == "any":
        return entry.milestone is not None
    return not wanted or (entry.milestone is not None and entry.milestone.title == wanted)


def _searched(entry: Issue, place: str) -> str:
    return (entry.title if place.strip() == "title" else entry.text).lower()


@routes.post("/projects/{id}/issues", creates="issue")
def create_issue(call: GitLabCall) -> Answer:
    """A new issue. Quick actions in its description are carried out; it cannot be born closed otherwise."""
    project = call.project()
    fields, actor, role = call.fields, call.user, call.role(project)
    if not project.issues_enabled:
        raise problems.forbidden()
    title = drafts.check_title(fields.required("title"))
    extracted = quick_actions.extract(drafts.check_description(fields.text("description")))
    number = fields.number("iid") if role >= Role.ADMIN else None
    if number is not None and number in project.issues:
        raise problems.conflict("Duplicated issue")
    chosen = role >= Role.TRIAGE
    labels = drafts.labels(project, actor, fields.words("labels")) if chosen else ()
    made = project.open_issue(
        actor,
        title,
        extracted.text or (None if "description" not in fields else ""),
        labels=drafts.exclusive(project, (), labels),
        assignees=drafts.assignees(project, fields) if chosen else (),
        milestone=drafts.milestone(project, fields) if chosen else None,
        confidential=fields.flag("confidential"),
        number=number,
        kind=fields.one_of("issue_type", ("issue", "incident", "test_case", "task"), "issue"),
    )
    made.due = fields.day("due_date")
    made.weight = fields.number("weight") if project.forge.settings.premium else None
    created = fields.moment("created_at")
    if created is not None and role >= Role.ADMIN:
        made.created_at = created
    quick_actions.perform(made, actor, role, extracted.commands)
    made.note_version(call.now)
    return Answer(201, render.issue(call.view, made, single=True))


@routes.get("/projects/{id}/issues/{issue_iid}")
def get_issue(call: GitLabCall) -> Answer:
    """One issue; a moved one is still here, closed."""
    project = call.project()
    return Answer(200, render.issue(call.view, call.issue(project), single=True))


@routes.put("/projects/{id}/issues/{issue_iid}")
def update_issue(call: GitLabCall) -> Answer:
    """Change an issue."""
    project = call.project()
    found = call.issue(project)
    fields, actor, role = call.fields, call.user, call.role(project)
    if not any(name in fields for name in CHANGEABLE):
        raise problems.invalid(
            f"{', '.join(CHANGEABLE)} are missing, at least one parameter must be provided"
        )
    chosen = role >= Role.TRIAGE
    if not chosen and found.author is not actor and actor not in found.assignees:
        raise problems.forbidden()
    event = fields.one_of("state_event", ("close", "reopen"))
    title = drafts.check_title(fields.text("title")) if "title" in fields else found.title
    described = "description" in fields
    extracted = quick_actions.extract(drafts.check_description(fields.text("description")))
    milestone = drafts.milestone(project, fields)
    labels = drafts.relabelled(project, actor, found, fields) if chosen else found.labels
    found.retitle(actor, title)
    if described:
        found.rewrite(actor, extracted.text)
    if chosen:
        if "milestone_id" in fields:
            found.set_milestone(actor, milestone)
        found.set_labels(actor, labels)
        if "assignee_ids" in fields or "assignee_id" in fields:
            found.set_assignees(actor, drafts.assignees(project, fields))
        if "confidential" in fields:
            found.set_confidential(actor, fields.flag("confidential"))
        if "due_date" in fields and fields.day("due_date") != found.due:
            found.due = fields.day("due_date")
            found.touch()
        if "discussion_locked" in fields:
            (found.lock if fields.flag("discussion_locked") else found.unlock)(actor)
        if "weight" in fields and project.forge.settings.premium and fields.number("weight") != found.weight:
            found.weight = fields.number("weight")
            found.touch()
    quick_actions.perform(found, actor, role, extracted.commands)
    if event == "close":
        found.close(actor, None)
    elif event == "reopen":
        found.reopen(actor)
    return Answer(200, render.issue(call.view, found, single=True))


@routes.delete("/projects/{id}/issues/{issue_iid}")
def delete_issue(call: GitLabCall) -> Answer:
    """Delete an issue for good; for owners only."""
    project = call.project()
    found = call.issue(project)
    if call.role(project) < Role.ADMIN:
        raise problems.forbidden()
    found.deleted = True
    found.touch()
    project.announce("issues", "deleted", call.user, issue=found)
    return Answer(204)


@routes.post("/projects/{id}/issues/{issue_iid}/move")
def move(call: GitLabCall) -> Answer:
    """Move an issue to another project: it is closed here and copied there."""
    project = call.project(Role.TRIAGE)
    found = call.issue(project)
    key = call.fields.number("to_project_id")
    target = call.forge.repositories.get(key) if key is not None else None
    if target is None or not call.asker.sees(target):
        raise problems.not_found("Project")
    if call.role(target) < Role.TRIAGE or target is project or found.moved_to is not None:
        raise problems.bad_request("Cannot move issue due to insufficient permissions!")
    return Answer(201, render.issue(call.view, move_issue(found, target, call.user), single=True))
