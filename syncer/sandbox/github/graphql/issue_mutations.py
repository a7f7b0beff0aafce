"""Mutations of issues, their labels, comments and families."""

from __future__ import annotations

from typing import Any

from syncer.sandbox import family
from syncer.sandbox.github import drafts
from syncer.sandbox.github.graphql import lookup, nodes
from syncer.sandbox.github.graphql.connections import encode
from syncer.sandbox.github.graphql.session import Failure, Json, Session, unprocessable
from syncer.sandbox.issues import Issue
from syncer.sandbox.people import Role

Input = dict[str, Any]

_MOST_PINNED = 3


def create_issue(session: Session, values: Input) -> Json:
    """A new issue, with its parent if asked, in one go."""
    home = lookup.repository(session, values["repositoryId"])
    session.need(home, Role.READ, "issues", "CreateIssue")
    if not home.issues_enabled:
        raise unprocessable("Issues are disabled for this repository.")
    title, body = _title(values["title"]), _body(values.get("body"))
    chosen = session.asker.role(home) >= Role.TRIAGE
    labels = tuple(lookup.label(session, home, key) for key in values.get("labelIds") or [])
    milestone = lookup.milestone(home, values["milestoneId"]) if values.get("milestoneId") else None
    users = tuple(lookup.user(session, key) for key in values.get("assigneeIds") or [])
    parent = lookup.issue(session, values["parentIssueId"]) if values.get("parentIssueId") else None
    session.create()
    made = home.open_issue(
        session.user,
        title,
        body,
        labels=labels if chosen else (),
        milestone=milestone if chosen else None,
        assignees=tuple(user for user in users if drafts.assignable(home, user)) if chosen else (),
    )
    if parent is not None:
        _adopt(session, parent, made, replace=False)
    return {"issue": nodes.issue(session, made)}


def update_issue(session: Session, values: Input) -> Json:
    """Change an issue; what is not mentioned stays, null takes the milestone away."""
    found = lookup.issue(session, values["id"])
    home = found.repository
    own = found.author is session.user
    session.need(home, Role.READ if own else Role.TRIAGE, "issues", "UpdateIssue")
    role = session.asker.role(home)
    if ("title" in values or "body" in values) and not own and role < Role.WRITE:
        session.need(home, Role.WRITE, "issues", "UpdateIssue")
    title = _title(values["title"]) if values.get("title") is not None else None
    body = _body(values.get("body"))
    labels = [lookup.label(session, home, key) for key in values.get("labelIds") or []]
    milestone = lookup.milestone(home, values["milestoneId"]) if values.get("milestoneId") else None
    users = [lookup.user(session, key) for key in values.get("assigneeIds") or []]
    if title is not None:
        found.retitle(session.user, title)
    if values.get("body") is not None:
        found.rewrite(session.user, body)
    if role >= Role.TRIAGE:
        if "labelIds" in values:
            found.set_labels(session.user, labels)
        if "milestoneId" in values:
            found.set_milestone(session.user, milestone)
        if "assigneeIds" in values:
            found.set_assignees(session.user, [user for user in users if drafts.assignable(home, user)])
    if values.get("state") == "CLOSED":
        found.close(session.user)
    elif values.get("state") == "OPEN":
        found.reopen(session.user)
    return {"issue": nodes.issue(session, found), "actor": nodes.actor(session, session.user)}


def close_issue(session: Session, values: Input) -> Json:
    """Close an issue, with a reason."""
    found = _changeable(session, values["issueId"], "CloseIssue")
    reason = (values.get("stateReason") or "COMPLETED").lower()
    canonical = lookup.issue(session, values["duplicateIssueId"]) if values.get("duplicateIssueId") else None
    if canonical is not None and not found.closed:
        found.log("marked_as_duplicate", session.user, other=canonical)
    found.close(session.user, reason, duplicate_of=canonical)
    return {"issue": nodes.issue(session, found)}


def reopen_issue(session: Session, values: Input) -> Json:
    """Open an issue again."""
    found = _changeable(session, values["issueId"], "ReopenIssue")
    found.reopen(session.user)
    return {"issue": nodes.issue(session, found)}


def pin_issue(session: Session, values: Input) -> Json:
    """Let an issue stand above the others; there is room for three."""
    found = lookup.issue(session, values["issueId"])
    home = found.repository
    session.need(home, Role.WRITE, "issues", "PinIssue")
    if found.number not in home.pinned and len(home.pinned) >= _MOST_PINNED:
        raise unprocessable("Maximum 3 pinned issues per repository")
    if found.number not in home.pinned:
        home.pinned.append(found.number)
    return {"issue": nodes.issue(session, found)}


def add_comment(session: Session, values: Input) -> Json:
    """Say something about an issue or a pull request."""
    found = lookup.thread(session, values["subjectId"])
    session.need(found.repository, Role.READ, "issues", "AddComment")
    body = _body(values["body"]) or ""
    if not body.strip():
        raise unprocessable("Body cannot be blank")
    session.create()
    said = found.comment(session.user, body)
    edge = {"cursor": encode(str(said.id)), "node": nodes.comment(session, found, said)}
    return {"commentEdge": edge, "subject": nodes.thread(session, found)}


def add_labels(session: Session, values: Input) -> Json:
    """Put labels on an issue or a pull request."""
    found = _labelable(session, values["labelableId"], "AddLabelsToLabelable")
    new = [lookup.label(session, found.repository, key) for key in values["labelIds"]]
    found.set_labels(session.user, [*found.labels, *new])
    return {"labelable": nodes.thread(session, found)}


def remove_labels(session: Session, values: Input) -> Json:
    """Take labels off an issue or a pull request."""
    found = _labelable(session, values["labelableId"], "RemoveLabelsFromLabelable")
    gone = [lookup.label(session, found.repository, key) for key in values["labelIds"]]
    found.set_labels(session.user, [label for label in found.labels if label not in gone])
    return {"labelable": nodes.thread(session, found)}


def add_sub_issue(session: Session, values: Input) -> Json:
    """Put an issue below another, given by id or by address."""
    parent = _managed(session, values["issueId"], "AddSubIssue")
    if values.get("subIssueId"):
        child = lookup.issue(session, values["subIssueId"])
    else:
        child = _by_url(session, values.get("subIssueUrl") or "")
    _adopt(session, parent, child, replace=bool(values.get("replaceParent")))
    return {"issue": nodes.issue(session, parent), "subIssue": nodes.issue(session, child)}


def remove_sub_issue(session: Session, values: Input) -> Json:
    """Take an issue out from below another."""
    parent = _managed(session, values["issueId"], "RemoveSubIssue")
    child = lookup.issue(session, values["subIssueId"])
    if child not in parent.children:
        raise unprocessable("The provided sub-issue is not a sub-issue of this issue")
    family.release(parent, child, session.user)
    return {"issue": nodes.issue(session, parent), "subIssue": nodes.issue(session, child)}


def reprioritize_sub_issue(session: Session, values: Input) -> Json:
    """Move a sub-issue behind or before one of its siblings."""
    parent = _managed(session, values["issueId"], "ReprioritizeSubIssue")
    child = lookup.issue(session, values["subIssueId"])
    after = lookup.issue(session, values["afterId"]) if values.get("afterId") else None
    before = lookup.issue(session, values["beforeId"]) if values.get("beforeId") else None
    try:
        family.reorder(parent, child, after=after, before=before)
    except family.Impossible as reason:
        raise unprocessable(str(reason)) from None
    return {"issue": nodes.issue(session, parent)}


def _adopt(session: Session, parent: Issue, child: Issue, *, replace: bool) -> None:
    try:
        family.adopt(parent, child, session.user, replace=replace)
    except family.Impossible as reason:
        raise unprocessable(str(reason)) from None


def _changeable(session: Session, key: str, doing: str) -> Issue:
    found = lookup.issue(session, key)
    least = Role.READ if found.author is session.user else Role.TRIAGE
    session.need(found.repository, least, "issues", doing)
    return found


def _managed(session: Session, key: str, doing: str) -> Issue:
    found = lookup.issue(session, key)
    session.need(found.repository, Role.TRIAGE, "issues", doing)
    return found


def _labelable(session: Session, key: str, doing: str) -> Issue:
    found = lookup.thread(session, key)
    session.need(found.repository, Role.TRIAGE, "issues", doing)
    return found


def _by_url(session: Session, url: str) -> Issue:
    for home in session.forge.repositories.values():
        for entry in home.issues.values():
            if session.view.issue_web(entry) == url and session.asker.sees(home) and not entry.gone:
                return entry
    raise Failure("NOT_FOUND", f"Could not resolve to a resource with the URL of '{url}'")


def _title(title: str) -> str:
    if not title.strip():
        raise unprocessable("Title can't be blank")
    if len(title) > drafts.TITLE_LIMIT:
        raise unprocessable(f"Title is too long (maximum is {drafts.TITLE_LIMIT} characters)")
    return title.strip()


def _body(body: str | None) -> str | None:
    if body is not None and len(body) > drafts.BODY_LIMIT:
        raise unprocessable(f"Body is too long (maximum is {drafts.BODY_LIMIT} characters)")
    return body
