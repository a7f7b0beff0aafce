"""Issues: listing, creating, reading, changing, locking."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter

from syncer.sandbox.exchange import Answer
from syncer.sandbox.github import drafts, problems
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.pages import cursored
from syncer.sandbox.github.render import issues as render
from syncer.sandbox.github.times import seconds
from syncer.sandbox.issues import Issue
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()

REASONS = ("completed", "not_planned", "duplicate", "reopened")
LOCK_REASONS = ("off-topic", "too heated", "resolved", "spam")


@routes.get("/repos/{owner}/{repo}/issues", needs="issues=read")
def list_issues(call: GitHubCall) -> Answer:
    """Issues and pull requests, open ones by default, newest first."""
    repository = call.repository()
    sort = call.choice("sort", "created", ("created", "updated", "comments"))
    falling = call.choice("direction", "desc", ("asc", "desc")) == "desc"
    wanted = _filter(call, repository)

    def place(entry: Issue) -> str:
        if sort == "comments":
            value = entry.comment_count
        else:
            value = int((entry.created_at if sort == "created" else entry.updated_at).timestamp())
        return f"{value:012d}/{entry.number:09d}"

    placed = [(place(entry), entry) for entry in seen_issues(call, repository) if wanted(entry)]
    placed.sort(key=itemgetter(0), reverse=falling)
    return cursored(call, placed, lambda entry: render.issue(call.view, entry), repository=repository)


def seen_issues(call: GitHubCall, repository: Repository) -> list[Issue]:
    """The issues as the replica that is asked shows them."""
    if call.list_moment is None and not call.forge.lag.new:
        return repository.everything()
    seen = (entry.as_of(call.list_moment) for entry in repository.everything())
    return [
        entry for entry in seen if entry is not None and not call.forge.lag.hides(entry.created_at, call.now)
    ]


def _filter(call: GitHubCall, repository: Repository) -> Callable[[Issue], bool]:
    state = call.choice("state", "open", ("open", "closed", "all"))
    since = call.since()
    after = seconds(since) if since is not None else None
    labels = {name.strip().lower() for name in call.text("labels").split(",") if name.strip()}
    creator, assignee = call.text("creator").lower(), call.text("assignee").lower()
    in_milestone = _milestone_filter(call.text("milestone"), repository)

    def wanted(entry: Issue) -> bool:
        if state != "all" and entry.closed != (state == "closed"):
            return False
        if after is not None and seconds(entry.updated_at) <= after:
            return False
        if labels and not labels <= {label.name.lower() for label in entry.labels}:
            return False
        if creator and entry.author.login.lower() != creator:
            return False
        if assignee and not _assigned(entry, assignee):
            return False
        return in_milestone(entry)

    return wanted


def _assigned(entry: Issue, wanted: str) -> bool:
    if wanted in ("none", "*"):
        return bool(entry.assignees) == (wanted == "*")
    return wanted in {user.login.lower() for user in entry.assignees}


def _milestone_filter(wanted: str, repository: Repository) -> Callable[[Issue], bool]:
    if not wanted:
        return lambda entry: True  # noqa: ARG005 - every issue passes
    if wanted in ("none", "*"):
        return lambda entry: (entry.milestone is not None) == (wanted == "*")
    if not wanted.isdecimal() or int(wanted) not in repository.milestones:
        raise problems.validation_failed(problems.field_error("Issue", "milestone", "invalid", value=wanted))
    milestone = repository.milestones[int(wanted)]
    return lambda entry: entry.milestone is milestone


@routes.post("/repos/{owner}/{repo}/issues", creates="issue", needs="issues=write")
def create_issue(call: GitHubCall) -> Answer:
    """A new issue; it cannot be born closed."""
    repository = call.repository()
    _need_issues(repository)
    body = call.body
    title = drafts.check_title(body.required("title"))
    text = drafts.check_body(body.text("body") if body.values.get("body") is not None else None)
    role = call.asker.role(repository)
    chosen = role >= Role.TRIAGE
    made = repository.open_issue(
        call.user,
        title,
        text,
        milestone=drafts.milestone(repository, body) if chosen else None,
        labels=drafts.labels(repository, call.user, role, body.entries("labels")) if chosen else (),
        assignees=drafts.assignees(repository, body) if chosen else (),
    )
    return Answer(201, render.issue(call.view, made, single=True), {"location": call.view.issue(made)})


@routes.get("/repos/{owner}/{repo}/issues/{issue_number}", needs="issues=read; pull_requests=read")
def get_issue(call: GitHubCall) -> Answer:
    """One issue."""
    repository = call.repository()
    found = call.issue(repository)
    modified = found.updated_at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    return Answer(200, render.issue(call.view, found, single=True), {"last-modified": modified})


@routes.patch("/repos/{owner}/{repo}/issues/{issue_number}", needs="issues=write; pull_requests=write")
def update_issue(call: GitHubCall) -> Answer:
    """Change an issue: everything in one request, all or nothing."""
    repository = call.repository()
    found = call.issue(repository)
    role = call.asker.role(repository)
    if role < Role.TRIAGE and found.author is not call.user:
        raise problems.forbidden()
    _apply(call, repository, found, role)
    return Answer(200, render.issue(call.view, found, single=True))


def _apply(call: GitHubCall, repository: Repository, found: Issue, role: Role) -> None:
    body, actor = call.body, call.user
    if ("title" in body or "body" in body) and role < Role.WRITE and found.author is not actor:
        raise problems.forbidden()
    title = drafts.check_title(body.text("title")) if body.values.get("title") is not None else None
    text = drafts.check_body(body.text("body")) if "body" in body else None
    state = body.one_of("state", ("open", "closed"))
    reason = body.one_of("state_reason", REASONS)
    duplicate = body.number("duplicate_issue_id")
    chosen = role >= Role.TRIAGE
    milestone = drafts.milestone(repository, body) if chosen else None
    labels = drafts.labels(repository, actor, role, body.entries("labels")) if chosen else ()
    assignees = drafts.assignees(repository, body)
    if title is not None:
        found.retitle(actor, title)
    if "body" in body:
        found.rewrite(actor, text)
    if chosen and "milestone" in body:
        found.set_milestone(actor, milestone)
    if chosen and "labels" in body:
        found.set_labels(actor, labels)
    if chosen and ("assignees" in body or "assignee" in body):
        found.set_assignees(actor, assignees)
    if state == "closed" and not found.closed:
        _close(repository, found, call, reason, duplicate)
    elif state == "open" and found.closed:
        if found.pull is not None and found.pull.merged_at is not None:
            raise problems.custom("Issue", "state", "state cannot be changed. The pull request was merged.")
        found.reopen(actor)


def _close(
    repository: Repository, found: Issue, call: GitHubCall, reason: str, duplicate: int | None
) -> None:
    if found.pull is not None:
        found.close(call.user, None)
        return
    if reason == "reopened":
        raise problems.custom("Issue", "state_reason", "state_reason is not allowed for a closed issue")
    canonical = None
    if reason == "duplicate":
        call.need("state_duplicate")
        canonical = next((entry for entry in repository.issues.values() if entry.id == duplicate), None)
        if duplicate is not None and canonical is None:
            raise problems.custom("Issue", "duplicate_issue_id", "duplicate_issue_id could not be found")
        if canonical is not None:
            found.log("marked_as_duplicate", call.user, other=canonical)
    found.close(call.user, reason or "completed", duplicate_of=canonical)


@routes.put("/repos/{owner}/{repo}/issues/{issue_number}/lock", needs="issues=write; pull_requests=write")
def lock_issue(call: GitHubCall) -> Answer:
    """Lock the conversation."""
    repository = call.repository(Role.TRIAGE, hide=False)
    reason = call.body.one_of("lock_reason", LOCK_REASONS)
    call.issue(repository).lock(call.user, reason or None)
    return Answer(204)


@routes.delete("/repos/{owner}/{repo}/issues/{issue_number}/lock", needs="issues=write; pull_requests=write")
def unlock_issue(call: GitHubCall) -> Answer:
    """Unlock the conversation."""
    repository = call.repository(Role.TRIAGE, hide=False)
    call.issue(repository).unlock(call.user)
    return Answer(204)


def _need_issues(repository: Repository) -> None:
    if not repository.issues_enabled:
        raise problems.gone("Issues are disabled for this repo")
