"""Sub-issues and dependencies; an older enterprise host has neither and answers 404."""

from __future__ import annotations

from syncer.sandbox import family
from syncer.sandbox.exchange import Answer
from syncer.sandbox.github import problems
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.pages import paged
from syncer.sandbox.github.render import issues as render
from syncer.sandbox.issues import Issue
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()

READ = "issues=read"
WRITE = "issues=write"
MOST_BLOCKERS = 50


@routes.get("/repos/{owner}/{repo}/issues/{issue_number}/sub_issues", needs=READ)
def list_sub_issues(call: GitHubCall) -> Answer:
    """The sub-issues of an issue, in their order."""
    repository, parent = _target(call)
    return paged(call, parent.children, lambda child: render.issue(call.view, child), repository=repository)


@routes.post("/repos/{owner}/{repo}/issues/{issue_number}/sub_issues", needs=WRITE)
def add_sub_issue(call: GitHubCall) -> Answer:
    """Put an issue (by id, not by number) below another."""
    _, parent = _target(call, Role.TRIAGE)
    child = _by_id(call, "sub_issue_id")
    try:
        family.adopt(parent, child, call.user, replace=call.body.flag("replace_parent"))
    except family.Impossible as reason:
        raise problems.unprocessable(str(reason)) from None
    return Answer(201, render.issue(call.view, parent, single=True), {"location": call.view.issue(parent)})


@routes.delete("/repos/{owner}/{repo}/issues/{issue_number}/sub_issue", needs=WRITE)
def remove_sub_issue(call: GitHubCall) -> Answer:
    """Take an issue out from below another."""
    _, parent = _target(call, Role.TRIAGE)
    child = _by_id(call, "sub_issue_id")
    if child not in parent.children:
        raise problems.problem(400, "The provided sub-issue is not a sub-issue of this issue")
    family.release(parent, child, call.user)
    return Answer(200, render.issue(call.view, parent, single=True))


@routes.patch("/repos/{owner}/{repo}/issues/{issue_number}/sub_issues/priority", needs=WRITE)
def reprioritize_sub_issue(call: GitHubCall) -> Answer:
    """Move a sub-issue behind or before one of its siblings."""
    _, parent = _target(call, Role.TRIAGE)
    child = _by_id(call, "sub_issue_id")
    after = _by_id(call, "after_id") if "after_id" in call.body else None
    before = _by_id(call, "before_id") if "before_id" in call.body else None
    try:
        family.reorder(parent, child, after=after, before=before)
    except family.Impossible as reason:
        raise problems.unprocessable(str(reason)) from None
    return Answer(200, render.issue(call.view, parent, single=True))


@routes.get("/repos/{owner}/{repo}/issues/{issue_number}/parent", needs=READ)
def get_parent(call: GitHubCall) -> Answer:
    """The issue above; 404 where there is none."""
    _, child = _target(call)
    if child.parent is None:
        raise problems.not_found()
    return Answer(200, render.issue(call.view, child.parent, single=True))


@routes.get("/repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by", needs=READ)
def list_blocked_by(call: GitHubCall) -> Answer:
    """What has to be done first."""
    repository, on = _target(call, feature="dependencies")
    return paged(call, on.blocked_by, lambda other: render.issue(call.view, other), repository=repository)


@routes.post("/repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by", needs=WRITE)
def add_blocked_by(call: GitHubCall) -> Answer:
    """Say that another issue (by id) has to be done first."""
    _, on = _target(call, Role.TRIAGE, feature="dependencies")
    other = _by_id(call, "issue_id")
    if other is on or other in on.blocked_by or len(on.blocked_by) >= MOST_BLOCKERS:
        raise problems.unprocessable("Validation failed: this dependency cannot be added")
    on.blocked_by = (*on.blocked_by, other)
    other.blocks = (*other.blocks, on)
    on.log("blocked_by_added", call.user, other=other)
    on.touch()
    on.repository.announce("issue_dependencies", "blocked_by_added", call.user, issue=on)
    return Answer(201, render.issue(call.view, other, single=True), {"location": call.view.issue(other)})


@routes.delete("/repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by/{issue_id}", needs=WRITE)
def remove_blocked_by(call: GitHubCall) -> Answer:
    """Say that another issue need not be done first."""
    _, on = _target(call, Role.TRIAGE, feature="dependencies")
    key = call.number("issue_id")
    other = next((entry for entry in on.blocked_by if entry.id == key), None)
    if other is None:
        raise problems.not_found()
    on.blocked_by = tuple(entry for entry in on.blocked_by if entry is not other)
    other.blocks = tuple(entry for entry in other.blocks if entry is not on)
    on.log("blocked_by_removed", call.user, other=other)
    on.touch()
    return Answer(200, render.issue(call.view, other, single=True))


@routes.get("/repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocking", needs=READ)
def list_blocking(call: GitHubCall) -> Answer:
    """What waits for this issue."""
    repository, on = _target(call, feature="dependencies")
    return paged(call, on.blocks, lambda other: render.issue(call.view, other), repository=repository)


def _target(
    call: GitHubCall, least: Role = Role.READ, *, feature: str = "sub_issues"
) -> tuple[Repository, Issue]:
    call.need(feature)
    repository = call.repository(least, hide=False)
    found = call.issue(repository)
    if found.pull is not None:
        raise problems.not_found()
    return repository, found


def _by_id(call: GitHubCall, name: str) -> Issue:
    key = call.body.number(name)
    if key is None:
        raise problems.invalid_request(f'"{name}" wasn\'t supplied.')
    for repository in call.forge.repositories.values():
        for entry in repository.issues.values():
            if entry.id == key and not entry.gone and entry.pull is None and call.asker.sees(repository):
                return entry
    raise problems.not_found()
