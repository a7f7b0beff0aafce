"""Milestones of a repository."""

from __future__ import annotations

from datetime import date, datetime

from syncer.sandbox.exchange import Answer
from syncer.sandbox.github import drafts, problems, times
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.pages import paged
from syncer.sandbox.github.render import issues as render
from syncer.sandbox.issues import Milestone
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()

READ = "issues=read; pull_requests=read"
WRITE = "issues=write; pull_requests=write"
FAR_AWAY = date.max


@routes.get("/repos/{owner}/{repo}/milestones", needs=READ)
def list_milestones(call: GitHubCall) -> Answer:
    """Milestones, open ones by default, the next due date first; there is no ``since``."""
    repository = call.repository()
    state = call.choice("state", "open", ("open", "closed", "all"))
    falling = call.choice("direction", "asc", ("asc", "desc")) == "desc"
    seen = [entry.as_of(call.list_moment) for entry in repository.milestones.values()]
    found = [
        entry
        for entry in seen
        if entry is not None
        and (state == "all" or entry.closed == (state == "closed"))
        and not call.forge.lag.hides(entry.created_at, call.now)
    ]

    def place(entry: Milestone) -> tuple[date | float, int]:
        if call.text("sort") == "completeness":
            open_issues, closed_issues = call.view.milestone_counts(repository, entry)
            total = open_issues + closed_issues
            return (closed_issues / total if total else 0.0, entry.number)
        return (entry.due or FAR_AWAY, entry.number)

    found.sort(key=place, reverse=falling)
    return paged(
        call, found, lambda entry: render.milestone(call.view, repository, entry), repository=repository
    )


@routes.post("/repos/{owner}/{repo}/milestones", creates="milestone", needs=WRITE)
def create_milestone(call: GitHubCall) -> Answer:
    """A new milestone; a closed one of that very title is in the way too."""
    repository = call.repository(Role.WRITE)
    body = call.body
    title = _check_title(repository, body.required("title"), None)
    state = body.one_of("state", ("open", "closed"))
    made = repository.add_milestone(
        call.user, title, body.text("description") or None, due=_due(body.values.get("due_on"))
    )
    if state == "closed":
        repository.change_milestone(call.user, made, closed=True)
    rendered = render.milestone(call.view, repository, made)
    return Answer(201, rendered, {"location": rendered["url"]})


@routes.get("/repos/{owner}/{repo}/milestones/{milestone_number}", needs=READ)
def get_milestone(call: GitHubCall) -> Answer:
    """One milestone."""
    repository = call.repository()
    found = _milestone(call, repository)
    if call.forge.lag.hides(found.created_at, call.now):
        raise problems.not_found()
    return Answer(200, render.milestone(call.view, repository, found))


@routes.patch("/repos/{owner}/{repo}/milestones/{milestone_number}", needs=WRITE)
def update_milestone(call: GitHubCall) -> Answer:
    """Change a milestone."""
    repository = call.repository(Role.WRITE)
    found, body = _milestone(call, repository), call.body
    values: dict[str, object] = {}
    if body.values.get("title") is not None:
        values["title"] = _check_title(repository, body.text("title"), found)
    if "description" in body:
        values["description"] = body.text("description") or None
    if "due_on" in body:
        values["due"] = _due(body.values["due_on"])
    state = body.one_of("state", ("open", "closed"))
    if state:
        values["closed"] = state == "closed"
    repository.change_milestone(call.user, found, **values)
    return Answer(200, render.milestone(call.view, repository, found))


@routes.delete("/repos/{owner}/{repo}/milestones/{milestone_number}", needs=WRITE)
def delete_milestone(call: GitHubCall) -> Answer:
    """Delete a milestone; its issues stay."""
    repository = call.repository(Role.WRITE)
    repository.remove_milestone(call.user, _milestone(call, repository))
    return Answer(204)


@routes.get("/repos/{owner}/{repo}/milestones/{milestone_number}/labels", needs=READ)
def list_milestone_labels(call: GitHubCall) -> Answer:
    """The labels of a milestone's issues."""
    repository = call.repository()
    found = _milestone(call, repository)
    labels = [
        label for entry in repository.everything() if entry.milestone is found for label in entry.labels
    ]
    return paged(
        call,
        list(dict.fromkeys(labels)),
        lambda label: render.label(call.view, repository, label),
        repository=repository,
    )


def _milestone(call: GitHubCall, repository: Repository) -> Milestone:
    found = repository.milestones.get(call.number("milestone_number"))
    if found is None:
        raise problems.not_found()
    return found


def _check_title(repository: Repository, title: str, own: Milestone | None) -> str:
    if not title.strip():
        raise problems.validation_failed(problems.field_error("Milestone", "title", "missing_field"))
    if len(title) > drafts.MILESTONE_TITLE_LIMIT:
        limit = drafts.MILESTONE_TITLE_LIMIT
        raise problems.custom("Milestone", "title", f"title is too long (maximum is {limit} characters)")
    if any(other.title == title and other is not own for other in repository.milestones.values()):
        raise problems.validation_failed(problems.field_error("Milestone", "title", "already_exists"))
    return title


def _due(value: object) -> date | None:
    if value is None or value == "":
        return None
    try:
        moment: datetime = times.read(str(value))
    except ValueError:
        raise problems.validation_failed(
            problems.field_error("Milestone", "due_on", "invalid", value=value)
        ) from None
    return times.pacific_day(moment)
