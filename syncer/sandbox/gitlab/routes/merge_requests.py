"""Merge requests."""

from __future__ import annotations

from syncer.sandbox import history, merging
from syncer.sandbox.exchange import Answer
from syncer.sandbox.gitlab import drafts, problems, quick_actions
from syncer.sandbox.gitlab.call import GitLabCall
from syncer.sandbox.gitlab.pages import paged
from syncer.sandbox.gitlab.render import commits as render_commits
from syncer.sandbox.gitlab.render import merge_requests as render
from syncer.sandbox.gitlab.render.projects import covering
from syncer.sandbox.gitlab.times import milliseconds
from syncer.sandbox.issues import Issue
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitLabCall] = Routes()

STATES = ("opened", "closed", "locked", "merged", "all")


@routes.get("/projects/{id}/merge_requests")
def list_merge_requests(call: GitLabCall) -> Answer:
    """Merge requests, of any state by default, newest first."""
    project = call.project()
    fields = call.fields
    state = fields.one_of("state", STATES, "all")
    source, target = fields.text("source_branch"), fields.text("target_branch")
    iids, after = set(fields.numbers("iids")), fields.moment("updated_after")
    found = [
        entry
        for entry in project.pulls.values()
        if not entry.deleted
        and state in ("all", render.state(entry))
        and (not source or merging.parts(entry).head == source)
        and (not target or merging.parts(entry).base == target)
        and (not iids or entry.number in iids)
        and (after is None or milliseconds(entry.updated_at) >= milliseconds(after))
        and not call.forge.lag.hides(entry.created_at, call.now)
    ]
    by_change = fields.text("order_by") == "updated_at"
    found.sort(
        key=lambda entry: (entry.updated_at if by_change else entry.created_at, entry.number),
        reverse=fields.one_of("sort", ("asc", "desc"), "desc") == "desc",
    )
    return paged(call, found, lambda entry: render.merge_request(call.view, entry))


@routes.post("/projects/{id}/merge_requests", creates="merge_request")
def create_merge_request(call: GitLabCall) -> Answer:
    """A new merge request between two branches."""
    project = call.project(Role.WRITE)
    fields = call.fields
    source, target = fields.required("source_branch"), fields.required("target_branch")
    title = drafts.check_title(fields.required("title"))
    heads = project.branches.heads
    for name, branch in (("source_branch", source), ("target_branch", target)):
        if branch not in heads:
            raise problems.problem(
                400, {"validate_branches": [f"{name.replace('_', ' ').capitalize()} does not exist"]}
            )
    if source == target:
        raise problems.problem(
            400, {"branch_conflict": ["You can't use same project/branch for source and target"]}
        )
    for other in project.pulls.values():
        parts = merging.parts(other)
        if not other.closed and (parts.head, parts.base) == (source, target):
            text = f"Another open merge request already exists for this source branch: !{other.number}"
            raise problems.conflict([text])
    extracted = quick_actions.extract(drafts.check_description(fields.text("description")))
    made = merging.open_pull(
        project,
        call.user,
        title=title,
        head=source,
        base=target,
        body=extracted.text or None,
        draft=title.lower().startswith("draft:"),
    )
    parts = merging.parts(made)
    parts.remove_source_branch, parts.squash = fields.flag("remove_source_branch"), fields.flag("squash")
    made.set_labels(call.user, drafts.labels(project, call.user, fields.words("labels")))
    quick_actions.perform(made, call.user, call.role(project), extracted.commands)
    return Answer(201, render.full_merge_request(call.view, made))


@routes.get("/projects/{id}/merge_requests/{merge_request_iid}")
def get_merge_request(call: GitLabCall) -> Answer:
    """One merge request."""
    return Answer(200, render.full_merge_request(call.view, call.merge_request(call.project())))


@routes.put("/projects/{id}/merge_requests/{merge_request_iid}")
def update_merge_request(call: GitLabCall) -> Answer:
    """Change a merge request."""
    project = call.project()
    found, fields = call.merge_request(project), call.fields
    if call.role(project) < Role.WRITE and found.author is not call.user:
        raise problems.forbidden()
    event = fields.one_of("state_event", ("close", "reopen"))
    if "title" in fields:
        found.retitle(call.user, drafts.check_title(fields.text("title")))
    if "description" in fields:
        found.rewrite(call.user, drafts.check_description(fields.text("description")))
    if fields.text("target_branch") in project.branches.heads:
        merging.parts(found).base = fields.text("target_branch")
        found.touch()
    found.set_labels(call.user, drafts.relabelled(project, call.user, found, fields))
    if event == "close":
        found.close(call.user, None)
    elif event == "reopen" and merging.parts(found).merged_at is None:
        found.reopen(call.user)
    return Answer(200, render.full_merge_request(call.view, found))


@routes.put("/projects/{id}/merge_requests/{merge_request_iid}/merge", creates="commit")
def merge_merge_request(call: GitLabCall) -> Answer:
    """Merge, or (``auto_merge``) merge once the checks have passed."""
    project = call.project()
    found, fields = call.merge_request(project), call.fields
    parts = merging.parts(found)
    if not _may_merge(call, project, found):
        raise problems.unauthorized()
    if fields.text("sha") and fields.text("sha") != parts.head_sha:
        raise problems.conflict(f"SHA does not match HEAD of source branch: {parts.head_sha}")
    parts.squash = fields.flag("squash", parts.squash)
    parts.remove_source_branch = fields.flag("should_remove_source_branch", parts.remove_source_branch)
    method = "squash" if parts.squash else "merge"
    automatic = fields.flag("auto_merge") or fields.flag("merge_when_pipeline_succeeds")
    open_and_clean = not found.closed and not parts.draft and merging.mergeable(found)
    if automatic and open_and_clean and merging.blocked(found):
        merging.enable_auto_merge(found, call.user, method)
        return Answer(200, render.full_merge_request(call.view, found))
    if not open_and_clean or merging.blocked(found):
        raise problems.problem(405, "405 Method Not Allowed")
    message = fields.text("squash_commit_message" if parts.squash else "merge_commit_message")
    merging.merge(found, call.user, method=method, title=message)
    return Answer(200, render.full_merge_request(call.view, found))


@routes.post("/projects/{id}/merge_requests/{merge_request_iid}/cancel_merge_when_pipeline_succeeds")
def cancel_auto_merge(call: GitLabCall) -> Answer:
    """Do not merge on its own after all."""
    project = call.project(Role.WRITE)
    found = call.merge_request(project)
    merging.parts(found).auto_merge = None
    found.touch()
    return Answer(201, render.full_merge_request(call.view, found))


@routes.get("/projects/{id}/merge_requests/{merge_request_iid}/commits")
def list_merge_request_commits(call: GitLabCall) -> Answer:
    """The commits of a merge request, newest first."""
    project = call.project()
    found = merging.commits(call.merge_request(project))[::-1]
    return paged(call, found, lambda entry: render_commits.commit(call.view, project, entry))


@routes.get("/projects/{id}/merge_requests/{merge_request_iid}/diffs")
def list_merge_request_diffs(call: GitLabCall) -> Answer:
    """The files that a merge request changes."""
    project = call.project()
    found: list[history.Change] = merging.changes(call.merge_request(project))
    return paged(call, found, lambda change: render_commits.diff(project, change))


def _may_merge(call: GitLabCall, project: Repository, found: Issue) -> bool:
    role = call.role(project)
    rule = covering(project, merging.parts(found).base)
    if rule is None:
        return role >= Role.WRITE
    return rule.merge is not None and role >= rule.merge
