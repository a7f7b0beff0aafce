"""Creating, changing and deleting work items."""

from __future__ import annotations

from typing import Any

from syncer.sandbox import family
from syncer.sandbox.exchange import Refusal
from syncer.sandbox.gitlab import drafts, quick_actions
from syncer.sandbox.gitlab.graphql import nodes
from syncer.sandbox.gitlab.graphql.session import Json, Session, read_gid, unavailable
from syncer.sandbox.issues import Issue, Label, Milestone
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository

Input = dict[str, Any]

MOST_CHILDREN = 5_000
LEVELS = 2


def create(session: Session, values: Input) -> Json:
    """A new work item, below a parent if asked. Complaints come back as ``errors``."""
    project = session.project(values.get("namespacePath") or values.get("projectPath") or "")
    if project.archived or session.asker.user is None:
        raise unavailable()
    kind = nodes.type_of(values["workItemTypeId"])
    chosen = session.asker.role(project) >= Role.TRIAGE
    widget = values.get("hierarchyWidget") or {}
    parent = session.work_item(widget["parentId"], Role.TRIAGE) if widget.get("parentId") else None
    try:
        title = drafts.check_title(values["title"])
        text = drafts.check_description((values.get("descriptionWidget") or {}).get("description", ""))
    except Refusal as refused:
        return {"workItem": None, "errors": _complaints(refused)}
    if parent is not None and not _fits(parent, kind):
        return {"workItem": None, "errors": [_misfit(parent, kind)]}
    extracted = quick_actions.extract(text)
    made = project.open_issue(
        session.user,
        title,
        extracted.text or None,
        labels=_labels(project, (values.get("labelsWidget") or {}).get("labelIds")) if chosen else (),
        milestone=_milestone(project, values.get("milestoneWidget")) if chosen else None,
        confidential=bool(values.get("confidential")),
        kind=kind,
    )
    session.created += 1
    quick_actions.perform(made, session.user, session.asker.role(project), extracted.commands)
    errors = _adopt(session, parent, made) if parent is not None else []
    return {"workItem": nodes.work_item(session, made), "errors": errors}


def update(session: Session, values: Input) -> Json:
    """Change a work item."""
    found = session.work_item(values["id"], Role.TRIAGE)
    project, actor = found.repository, session.user
    chosen = session.asker.role(project) >= Role.TRIAGE
    errors: list[str] = []
    try:
        if values.get("title") is not None:
            found.retitle(actor, drafts.check_title(values["title"]))
        if values.get("descriptionWidget") is not None:
            found.rewrite(actor, drafts.check_description(values["descriptionWidget"]["description"]))
    except Refusal as refused:
        return {"workItem": nodes.work_item(session, found), "errors": _complaints(refused)}
    labels = values.get("labelsWidget") or {}
    if chosen and labels:
        gone = set(_labels(project, labels.get("removeLabelIds")))
        kept = [label for label in found.labels if label not in gone]
        found.set_labels(actor, [*kept, *_labels(project, labels.get("addLabelIds"))])
    if chosen and "milestoneWidget" in values:
        found.set_milestone(actor, _milestone(project, values["milestoneWidget"]))
    if values.get("confidential") is not None:
        found.set_confidential(actor, values["confidential"])
    widget = values.get("hierarchyWidget") or {}
    if "parentId" in widget:
        if widget["parentId"] is not None:
            errors += _adopt(session, session.work_item(widget["parentId"], Role.TRIAGE), found)
        elif found.parent is not None:
            family.release(found.parent, found, actor)
    for key in widget.get("childrenIds") or []:
        errors += _adopt(session, found, session.work_item(key, Role.TRIAGE))
    if values.get("stateEvent") == "CLOSE":
        found.close(actor, None)
    elif values.get("stateEvent") == "REOPEN":
        found.reopen(actor)
    return {"workItem": nodes.work_item(session, found), "errors": errors}


def delete(session: Session, values: Input) -> Json:
    """Delete a work item; for owners only."""
    found = session.work_item(values["id"])
    if session.asker.role(found.repository) < Role.ADMIN:
        raise unavailable()
    found.deleted = True
    if found.parent is not None:
        family.release(found.parent, found, session.user)
    found.touch()
    return {"project": nodes.project(session, found.repository), "errors": []}


def _fits(parent: Issue, kind: str) -> bool:
    return kind == "task" and parent.type in ("issue", "incident")


def _misfit(parent: Issue, kind: str) -> str:
    return f"#{parent.number} cannot be added: it's not allowed to add this type of parent item ({kind})"


def _adopt(session: Session, parent: Issue, child: Issue) -> list[str]:
    if not _fits(parent, child.type):
        return [_misfit(parent, child.type)]
    try:
        family.adopt(parent, child, session.user, replace=True, most=MOST_CHILDREN, levels=LEVELS)
    except family.Impossible as reason:
        return [str(reason)]
    return []


def _labels(project: Repository, keys: list[str] | None) -> tuple[Label, ...]:
    found = [project.labels.get(read_gid(key)) for key in keys or []]
    return tuple(label for label in found if label is not None)


def _milestone(project: Repository, widget: Input | None) -> Milestone | None:
    key = (widget or {}).get("milestoneId")
    if key is None:
        return None
    number = read_gid(key)
    return next((entry for entry in project.visible_milestones() if entry.id == number), None)


def _complaints(refused: Refusal) -> list[str]:
    message = refused.answer.body["message"]
    return [f"{name.capitalize()} {text}" for name, texts in message.items() for text in texts]
