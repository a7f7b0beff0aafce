"""What belongs to an issue: comments, events, timeline, labels and assignees."""

from __future__ import annotations

from syncer.sandbox.exchange import Answer
from syncer.sandbox.github import drafts, problems
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.fields import Fields
from syncer.sandbox.github.pages import paged
from syncer.sandbox.github.render import events
from syncer.sandbox.github.render import issues as render
from syncer.sandbox.github.times import seconds
from syncer.sandbox.issues import Comment, Event, Issue
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()

READ = "issues=read; pull_requests=read"
WRITE = "issues=write; pull_requests=write"


@routes.get("/repos/{owner}/{repo}/issues/comments", needs=READ)
def list_all_comments(call: GitHubCall) -> Answer:
    """The comments of all issues, by age or by last change."""
    repository = call.repository()
    since = call.since()
    found = [
        (entry, said)
        for entry in repository.everything()
        for said in entry.comments
        if since is None or seconds(said.updated_at) >= seconds(since)
    ]
    newest = call.text("sort") == "updated"
    found.sort(key=lambda pair: pair[1].updated_at if newest else pair[1].created_at)
    if call.text("direction") == "desc":
        found.reverse()
    return paged(call, found, lambda pair: render.comment(call.view, *pair), repository=repository)


@routes.get("/repos/{owner}/{repo}/issues/comments/{comment_id}", needs=READ)
def get_comment(call: GitHubCall) -> Answer:
    """One comment."""
    repository = call.repository()
    return Answer(200, render.comment(call.view, *_comment(call, repository)))


@routes.patch("/repos/{owner}/{repo}/issues/comments/{comment_id}", needs=WRITE)
def update_comment(call: GitHubCall) -> Answer:
    """Change a comment."""
    repository = call.repository()
    on, said = _comment(call, repository)
    if said.author is not call.user and call.asker.role(repository) < Role.WRITE:
        raise problems.forbidden()
    said.body = drafts.check_body(call.body.required("body"), "IssueComment") or ""
    said.updated_at = call.now
    on.touch()
    repository.announce("issue_comment", "edited", call.user, issue=on, comment=said)
    return Answer(200, render.comment(call.view, on, said))


@routes.delete("/repos/{owner}/{repo}/issues/comments/{comment_id}", needs=WRITE)
def delete_comment(call: GitHubCall) -> Answer:
    """Delete a comment."""
    repository = call.repository()
    on, said = _comment(call, repository)
    if said.author is not call.user and call.asker.role(repository) < Role.WRITE:
        raise problems.forbidden()
    on.comments.remove(said)
    on.comment_count -= 1
    on.touch()
    repository.announce("issue_comment", "deleted", call.user, issue=on, comment=said)
    return Answer(204)


@routes.get("/repos/{owner}/{repo}/issues/{issue_number}/comments", needs=READ)
def list_comments(call: GitHubCall) -> Answer:
    """The comments of an issue, oldest first."""
    repository = call.repository()
    on = call.issue(repository)
    since = call.since()
    found = [said for said in on.comments if since is None or seconds(said.updated_at) >= seconds(since)]
    return paged(call, found, lambda said: render.comment(call.view, on, said), repository=repository)


@routes.post("/repos/{owner}/{repo}/issues/{issue_number}/comments", creates="comment", needs=WRITE)
def create_comment(call: GitHubCall) -> Answer:
    """Say something about an issue."""
    repository = call.repository()
    on = call.issue(repository)
    if on.locked and call.asker.role(repository) < Role.WRITE:
        raise problems.forbidden("Unable to create comment because issue is locked.")
    body = drafts.check_body(call.body.required("body"), "IssueComment") or ""
    if not body.strip():
        raise problems.validation_failed(problems.field_error("IssueComment", "body", "missing_field"))
    said = on.comment(call.user, body)
    rendered = render.comment(call.view, on, said)
    return Answer(201, rendered, {"location": rendered["url"]})


@routes.get("/repos/{owner}/{repo}/issues/events", needs=READ)
def list_all_events(call: GitHubCall) -> Answer:
    """The events of all issues, newest first."""
    repository = call.repository()
    found: list[tuple[Issue, Event]] = [
        (entry, event) for entry in repository.everything() for event in events.logged(entry)
    ]
    found.sort(key=lambda pair: pair[1].id, reverse=True)

    def shown(pair: tuple[Issue, Event]) -> dict[str, object]:
        return {**events.event(call.view, *pair), "issue": render.issue(call.view, pair[0])}

    return paged(call, found, shown, repository=repository)


@routes.get("/repos/{owner}/{repo}/issues/{issue_number}/events", needs=READ)
def list_events(call: GitHubCall) -> Answer:
    """The events of one issue, oldest first."""
    repository = call.repository()
    on = call.issue(repository)
    return paged(
        call, events.logged(on), lambda event: events.event(call.view, on, event), repository=repository
    )


@routes.get("/repos/{owner}/{repo}/issues/{issue_number}/timeline", needs=READ)
def list_timeline(call: GitHubCall) -> Answer:
    """Everything that happened to an issue."""
    repository = call.repository()
    entries = events.timeline(call.view, call.issue(repository))
    return paged(call, entries, lambda entry: entry, repository=repository)


@routes.get("/repos/{owner}/{repo}/issues/{issue_number}/labels", needs=READ)
def list_issue_labels(call: GitHubCall) -> Answer:
    """The labels of an issue."""
    repository = call.repository()
    on = call.issue(repository)
    return paged(
        call, on.labels, lambda label: render.label(call.view, repository, label), repository=repository
    )


@routes.post("/repos/{owner}/{repo}/issues/{issue_number}/labels", needs=WRITE)
def add_issue_labels(call: GitHubCall) -> Answer:
    """Add labels to an issue."""
    repository = call.repository(Role.TRIAGE, hide=False)
    on = call.issue(repository)
    new = drafts.labels(repository, call.user, call.asker.role(repository), _names(call))
    on.set_labels(call.user, [*on.labels, *new])
    return Answer(200, [render.label(call.view, repository, label) for label in on.labels])


@routes.put("/repos/{owner}/{repo}/issues/{issue_number}/labels", needs=WRITE)
def set_issue_labels(call: GitHubCall) -> Answer:
    """Replace the labels of an issue."""
    repository = call.repository(Role.TRIAGE, hide=False)
    on = call.issue(repository)
    on.set_labels(call.user, drafts.labels(repository, call.user, call.asker.role(repository), _names(call)))
    return Answer(200, [render.label(call.view, repository, label) for label in on.labels])


@routes.delete("/repos/{owner}/{repo}/issues/{issue_number}/labels", needs=WRITE)
def clear_issue_labels(call: GitHubCall) -> Answer:
    """Take all labels off an issue."""
    repository = call.repository(Role.TRIAGE, hide=False)
    call.issue(repository).set_labels(call.user, [])
    return Answer(204)


@routes.delete("/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}", needs=WRITE)
def remove_issue_label(call: GitHubCall) -> Answer:
    """Take one label off an issue; 404 if it is not on it."""
    repository = call.repository(Role.TRIAGE, hide=False)
    on = call.issue(repository)
    label = repository.find_label(call.values["name"])
    if label is None or label not in on.labels:
        raise problems.problem(404, "Label does not exist")
    on.set_labels(call.user, [other for other in on.labels if other is not label])
    return Answer(200, [render.label(call.view, repository, other) for other in on.labels])


@routes.post("/repos/{owner}/{repo}/issues/{issue_number}/assignees", needs=WRITE)
def add_assignees(call: GitHubCall) -> Answer:
    """Assign users; those who cannot be assigned are left out silently."""
    repository = call.repository(Role.TRIAGE, hide=False)
    on = call.issue(repository)
    on.set_assignees(
        call.user, [*on.assignees, *drafts.assignees(repository, call.body)][: drafts.MOST_ASSIGNEES]
    )
    return Answer(201, render.issue(call.view, on, single=True))


@routes.delete("/repos/{owner}/{repo}/issues/{issue_number}/assignees", needs=WRITE)
def remove_assignees(call: GitHubCall) -> Answer:
    """Take assignees off."""
    repository = call.repository(Role.TRIAGE, hide=False)
    on = call.issue(repository)
    logins = {str(login).lower() for login in call.body.entries("assignees")}
    on.set_assignees(call.user, [user for user in on.assignees if user.login.lower() not in logins])
    return Answer(200, render.issue(call.view, on, single=True))


def _comment(call: GitHubCall, repository: Repository) -> tuple[Issue, Comment]:
    key = call.number("comment_id")
    for entry in repository.everything():
        for said in entry.comments:
            if said.id == key:
                return entry, said
    raise problems.not_found()


def _names(call: GitHubCall) -> list[object]:
    if call.incoming.body.lstrip()[:1] == b"[":
        return Fields.read(b'{"labels":' + call.incoming.body + b"}").entries("labels")
    return call.body.entries("labels")
