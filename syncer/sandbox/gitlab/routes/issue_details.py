"""What belongs to an issue: notes, events, links; and the notes of merge requests."""

from __future__ import annotations

from syncer.sandbox.exchange import Answer
from syncer.sandbox.gitlab import drafts, problems, quick_actions
from syncer.sandbox.gitlab.call import GitLabCall
from syncer.sandbox.gitlab.pages import paged
from syncer.sandbox.gitlab.render import issues as render
from syncer.sandbox.issues import Comment, Event, Issue
from syncer.sandbox.people import Role
from syncer.sandbox.routing import Routes

routes: Routes[GitLabCall] = Routes()

LINK_TYPES = ("relates_to", "blocks", "is_blocked_by")
_OTHER_WAY = {"blocks": "is_blocked_by", "is_blocked_by": "blocks", "relates_to": "relates_to"}


@routes.get("/projects/{id}/issues/{issue_iid}/notes")
def list_notes(call: GitLabCall) -> Answer:
    """The notes of an issue, GitLab's own among them, newest first."""
    return _list(call, call.issue(call.project()))


@routes.post("/projects/{id}/issues/{issue_iid}/notes", creates="note")
def create_note(call: GitLabCall) -> Answer:
    """Say something about an issue; a note of nothing but quick actions leaves no note."""
    return _create(call, call.issue(call.project()))


@routes.get("/projects/{id}/issues/{issue_iid}/notes/{note_id}")
def get_note(call: GitLabCall) -> Answer:
    """One note."""
    on = call.issue(call.project())
    return Answer(200, render.note(call.view, on, _note(call, on)))


@routes.put("/projects/{id}/issues/{issue_iid}/notes/{note_id}")
def update_note(call: GitLabCall) -> Answer:
    """Change a note."""
    project = call.project()
    on = call.issue(project)
    said = _note(call, on)
    if said.author is not call.user and call.role(project) < Role.MAINTAIN:
        raise problems.forbidden()
    said.body = drafts.check_description(call.fields.required("body"))
    said.updated_at = call.now
    on.touch()
    return Answer(200, render.note(call.view, on, said))


@routes.delete("/projects/{id}/issues/{issue_iid}/notes/{note_id}")
def delete_note(call: GitLabCall) -> Answer:
    """Delete a note."""
    project = call.project()
    on = call.issue(project)
    said = _note(call, on)
    if said.author is not call.user and call.role(project) < Role.MAINTAIN:
        raise problems.forbidden()
    on.comments.remove(said)
    on.comment_count -= 0 if said.system else 1
    on.touch()
    return Answer(204)


@routes.get("/projects/{id}/merge_requests/{merge_request_iid}/notes")
def list_merge_request_notes(call: GitLabCall) -> Answer:
    """The notes of a merge request."""
    return _list(call, call.merge_request(call.project()))


@routes.post("/projects/{id}/merge_requests/{merge_request_iid}/notes", creates="note")
def create_merge_request_note(call: GitLabCall) -> Answer:
    """Say something about a merge request."""
    return _create(call, call.merge_request(call.project()))


@routes.get("/projects/{id}/issues/{issue_iid}/resource_state_events")
def list_state_events(call: GitLabCall) -> Answer:
    """Closings and reopenings, oldest first."""
    on = call.issue(call.project())
    found = _events(on, "closed", "reopened")
    return paged(call, found, lambda event: render.state_event(call.view, on, event))


@routes.get("/projects/{id}/issues/{issue_iid}/resource_label_events")
def list_label_events(call: GitLabCall) -> Answer:
    """Labels put on and taken off, oldest first."""
    on = call.issue(call.project())
    found = _events(on, "labeled", "unlabeled")
    return paged(call, found, lambda event: render.label_event(call.view, on, event))


@routes.get("/projects/{id}/issues/{issue_iid}/resource_milestone_events")
def list_milestone_events(call: GitLabCall) -> Answer:
    """Milestones set and taken away, oldest first."""
    on = call.issue(call.project())
    found = _events(on, "milestoned", "demilestoned")
    return paged(call, found, lambda event: render.milestone_event(call.view, on, event))


@routes.get("/projects/{id}/issues/{issue_iid}/links")
def list_links(call: GitLabCall) -> Answer:
    """The issues that an issue is linked to."""
    on = call.issue(call.project())
    found = [
        {
            **render.issue(call.view, other),
            "issue_link_id": _link_id(on, other),
            "link_type": kind,
            "link_created_at": None,
            "link_updated_at": None,
        }
        for other, kind in on.links
        if call.readable(other)
    ]
    return Answer(200, found, listing=True)


@routes.post("/projects/{id}/issues/{issue_iid}/links")
def create_link(call: GitLabCall) -> Answer:
    """Link two issues; blocking needs a paid plan."""
    project = call.project()
    on = call.issue(project)
    fields = call.fields
    key = fields.required("target_project_id")
    home = call.forge.repositories.get(int(key)) if key.isdecimal() else call.forge.find(key)
    number = fields.number("target_issue_iid")
    other = home.issues.get(number) if home is not None and number is not None else None
    if other is None or not call.readable(other):
        raise problems.not_found("Issue")
    kind = fields.one_of("link_type", LINK_TYPES, "relates_to")
    if kind != "relates_to" and not call.forge.settings.premium:
        raise problems.forbidden("Blocked issues not available for current license")
    if any(entry is other for entry, _ in on.links):
        raise problems.conflict("Issue(s) already assigned")
    on.links = (*on.links, (other, kind))
    other.links = (*other.links, (on, _OTHER_WAY[kind]))
    on.touch()
    other.touch()
    answer = {
        "id": _link_id(on, other),
        "source_issue": render.issue(call.view, on),
        "target_issue": render.issue(call.view, other),
        "link_type": kind,
    }
    return Answer(201, answer)


@routes.delete("/projects/{id}/issues/{issue_iid}/links/{link_id}")
def delete_link(call: GitLabCall) -> Answer:
    """Unlink two issues."""
    on = call.issue(call.project())
    key = call.number("link_id")
    other = next((entry for entry, _ in on.links if _link_id(on, entry) == key), None)
    if other is None:
        raise problems.not_found()
    on.links = tuple(pair for pair in on.links if pair[0] is not other)
    other.links = tuple(pair for pair in other.links if pair[0] is not on)
    return Answer(200, {"link_type": "relates_to"})


def _list(call: GitLabCall, on: Issue) -> Answer:
    by_change = call.fields.one_of("order_by", ("created_at", "updated_at"), "created_at") == "updated_at"
    chosen = call.fields.one_of(
        "activity_filter", ("all_notes", "only_comments", "only_activity"), "all_notes"
    )
    found = [
        said for said in on.comments if chosen == "all_notes" or said.system == (chosen == "only_activity")
    ]
    found.sort(
        key=lambda said: (said.updated_at if by_change else said.created_at, said.id),
        reverse=call.fields.one_of("sort", ("asc", "desc"), "desc") == "desc",
    )
    return paged(call, found, lambda said: render.note(call.view, on, said))


def _create(call: GitLabCall, on: Issue) -> Answer:
    role = call.role(on.repository)
    if on.locked and role < Role.TRIAGE:
        raise problems.not_found()
    text = drafts.check_description(call.fields.required("body"))
    extracted = quick_actions.extract(text)
    done = quick_actions.perform(on, call.user, role, extracted.commands)
    if not extracted.text.strip():
        if not done:
            raise problems.bad_request('Note {:note=>["can\'t be blank"]}')
        summary = [f"Applied {name} command." for name in done]
        return Answer(202, {"commands_changes": dict.fromkeys(done, True), "summary": summary})
    return Answer(201, render.note(call.view, on, on.comment(call.user, extracted.text)))


def _note(call: GitLabCall, on: Issue) -> Comment:
    key = call.number("note_id")
    found = next((said for said in on.comments if said.id == key), None)
    if found is None:
        raise problems.not_found()
    return found


def _events(on: Issue, *kinds: str) -> list[Event]:
    return [event for event in on.events if event.kind in kinds]


def _link_id(one: Issue, other: Issue) -> int:
    low, high = sorted((one.id, other.id))
    return (low % 1_000_000) * 1_000_000 + high % 1_000_000
