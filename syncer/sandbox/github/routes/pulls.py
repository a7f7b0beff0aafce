"""Pull requests."""

from __future__ import annotations

from syncer.sandbox import history, merging
from syncer.sandbox.exchange import Answer
from syncer.sandbox.github import drafts, problems
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.pages import paged
from syncer.sandbox.github.render import commits as render_commits
from syncer.sandbox.github.render import pulls as render
from syncer.sandbox.issues import Issue
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()

READ = "pull_requests=read"
WRITE = "pull_requests=write"


@routes.get("/repos/{owner}/{repo}/pulls", needs=READ)
def list_pulls(call: GitHubCall) -> Answer:
    """Pull requests, open ones by default, newest first."""
    repository = call.repository()
    state = call.choice("state", "open", ("open", "closed", "all"))
    head, base = call.text("head"), call.text("base")
    seen = [entry.as_of(call.list_moment) for entry in repository.pulls.values() if not entry.gone]
    found = [
        entry
        for entry in seen
        if entry is not None
        and (state == "all" or entry.closed == (state == "closed"))
        and (not base or merging.parts(entry).base == base)
        and (not head or f"{repository.namespace}:{merging.parts(entry).head}".lower() == head.lower())
        and not call.forge.lag.hides(entry.created_at, call.now)
    ]
    sort = call.text("sort", "created")
    default = "desc" if sort == "created" else "asc"
    found.sort(
        key=lambda entry: (entry.updated_at if sort == "updated" else entry.created_at, entry.number),
        reverse=call.choice("direction", default, ("asc", "desc")) == "desc",
    )
    return paged(call, found, lambda entry: render.pull(call.view, entry), repository=repository)


@routes.post("/repos/{owner}/{repo}/pulls", creates="pull", needs=WRITE)
def create_pull(call: GitHubCall) -> Answer:
    """A new pull request between two branches of this repository."""
    repository = call.repository(Role.READ)
    body = call.body
    title = drafts.check_title(body.required("title"), "PullRequest")
    text = drafts.check_body(body.text("body") or None, "PullRequest")
    head, base = body.required("head").rpartition(":")[2], body.required("base")
    check_new(repository, head, base)
    made = merging.open_pull(
        repository, call.user, title=title, head=head, base=base, body=text, draft=body.flag("draft")
    )
    rendered = render.full_pull(call.view, made)
    return Answer(201, rendered, {"location": rendered["url"]})


def check_new(repository: Repository, head: str, base: str) -> None:
    """422 for a pull request that makes no sense, or that is open already."""
    heads = repository.branches.heads
    for field, name in (("head", head), ("base", base)):
        if name not in heads:
            raise problems.validation_failed(problems.field_error("PullRequest", field, "invalid"))
    if history.is_ancestor(repository.store, heads[head], heads[base]):
        entry = {
            "resource": "PullRequest",
            "code": "custom",
            "message": f"No commits between {base} and {head}",
        }
        raise problems.validation_failed(entry)
    for other in repository.pulls.values():
        parts = merging.parts(other)
        if not other.closed and (parts.head, parts.base) == (head, base):
            message = f"A pull request already exists for {repository.namespace}:{head}."
            raise problems.validation_failed(
                {"resource": "PullRequest", "code": "custom", "message": message}
            )


@routes.get("/repos/{owner}/{repo}/pulls/{pull_number}", needs=READ)
def get_pull(call: GitHubCall) -> Answer:
    """One pull request."""
    repository = call.repository()
    return Answer(200, render.full_pull(call.view, call.pull(repository)))


@routes.patch("/repos/{owner}/{repo}/pulls/{pull_number}", needs=WRITE)
def update_pull(call: GitHubCall) -> Answer:
    """Change title, body, state or base."""
    repository = call.repository()
    found = call.pull(repository)
    if call.asker.role(repository) < Role.WRITE and found.author is not call.user:
        raise problems.forbidden()
    body = call.body
    state = body.one_of("state", ("open", "closed"))
    if body.values.get("title") is not None:
        found.retitle(call.user, drafts.check_title(body.text("title"), "PullRequest"))
    if "body" in body:
        found.rewrite(call.user, drafts.check_body(body.text("body") or None, "PullRequest"))
    if body.text("base"):
        if body.text("base") not in repository.branches.heads:
            raise problems.validation_failed(problems.field_error("PullRequest", "base", "invalid"))
        merging.parts(found).base = body.text("base")
        found.touch()
    if state == "closed":
        found.close(call.user, None)
    elif state == "open":
        reopen(repository, found, call)
    return Answer(200, render.full_pull(call.view, found))


def reopen(repository: Repository, found: Issue, call: GitHubCall) -> None:
    """Open a closed pull request again, if its branch is still there."""
    parts = merging.parts(found)
    if parts.merged_at is not None or (found.closed and parts.head not in repository.branches.heads):
        message = "state cannot be changed. The pull request cannot be reopened."
        raise problems.validation_failed({"resource": "PullRequest", "code": "custom", "message": message})
    found.reopen(call.user)


@routes.get("/repos/{owner}/{repo}/pulls/{pull_number}/commits", needs=READ)
def list_pull_commits(call: GitHubCall) -> Answer:
    """The commits of a pull request, oldest first."""
    repository = call.repository()
    found = merging.commits(call.pull(repository))
    return paged(
        call, found, lambda entry: render_commits.commit(call.view, repository, entry), repository=repository
    )


@routes.get("/repos/{owner}/{repo}/pulls/{pull_number}/files", needs=READ)
def list_pull_files(call: GitHubCall) -> Answer:
    """The files that a pull request changes."""
    repository = call.repository()
    found = call.pull(repository)
    ref = merging.parts(found).head_sha
    return paged(
        call,
        merging.changes(found),
        lambda change: render_commits.diff_entry(call.view, repository, ref, change),
        repository=repository,
    )


@routes.get("/repos/{owner}/{repo}/pulls/{pull_number}/merge", needs="contents=read")
def is_merged(call: GitHubCall) -> Answer:
    """204 if merged, 404 if not."""
    repository = call.repository()
    if merging.parts(call.pull(repository)).merged_at is None:
        raise problems.not_found()
    return Answer(204)


@routes.put("/repos/{owner}/{repo}/pulls/{pull_number}/merge", creates="commit", needs="contents=write")
def merge_pull(call: GitHubCall) -> Answer:
    """Merge: 405 where that is not possible, 409 where the head is another one by now."""
    repository = call.repository(Role.WRITE)
    found, body = call.pull(repository), call.body
    method = body.one_of("merge_method", ("merge", "squash", "rebase")) or "merge"
    if body.text("sha") and body.text("sha") != merging.parts(found).head_sha:
        raise problems.conflict("Head branch was modified. Review and try the merge again.")
    reason = merging.blocked(found)
    if reason:
        raise problems.problem(405, reason)
    try:
        commit = merging.merge(
            found,
            call.user,
            method=method,
            title=body.text("commit_title"),
            message=body.text("commit_message"),
        )
    except merging.Unmergeable as conflict:
        raise problems.problem(405, str(conflict)) from None
    return Answer(200, {"sha": commit.sha, "merged": True, "message": "Pull Request successfully merged"})
