"""What somebody wants an issue to be: values checked and resolved, rights applied, silently or not.

Without triage rights labels, assignees and milestone are dropped without a word, as GitHub does. With
write rights, label names that do not exist yet become labels.
"""

from __future__ import annotations

from typing import Any

from syncer.sandbox.github import problems
from syncer.sandbox.github.fields import Fields
from syncer.sandbox.issues import Label, Milestone
from syncer.sandbox.people import Role, User
from syncer.sandbox.repository import Repository

TITLE_LIMIT = 256
BODY_LIMIT = 65_536
LABEL_LIMIT = 50
LABEL_DESCRIPTION_LIMIT = 100
MILESTONE_TITLE_LIMIT = 255
MOST_ASSIGNEES = 10
MOST_LABELS = 100
NEW_LABEL_COLOR = "ededed"


def check_title(title: str, resource: str = "Issue") -> str:
    """A title that fits; its blanks at both ends go."""
    if not title.strip():
        raise problems.validation_failed(problems.field_error(resource, "title", "missing_field"))
    if len(title) > TITLE_LIMIT:
        message = f"title is too long (maximum is {TITLE_LIMIT} characters)"
        raise problems.custom(resource, "title", message)
    return title.strip()


def check_body(body: str | None, resource: str = "Issue") -> str | None:
    """A body that fits; line ends are kept as they come."""
    if body is not None and len(body) > BODY_LIMIT:
        raise problems.custom(resource, "body", f"body is too long (maximum is {BODY_LIMIT} characters)")
    return body


def labels(repository: Repository, actor: User, role: Role, names: list[Any]) -> tuple[Label, ...]:
    """Labels by name; unknown ones are created for whoever may push, and dropped for others."""
    given = [entry.get("name") if isinstance(entry, dict) else entry for entry in names]
    wanted = [str(name) for name in given]
    for name in given:
        if not isinstance(name, str) or not name.strip():
            raise problems.validation_failed(problems.field_error("Label", "name", "missing_field"))
        if len(name) > LABEL_LIMIT and role >= Role.WRITE and repository.find_label(name) is None:
            raise problems.validation_failed(problems.field_error("Label", "name", "invalid", value=name))
    if len(wanted) > MOST_LABELS:
        raise problems.custom("Issue", "labels", f"labels are limited to {MOST_LABELS}")
    found: list[Label] = []
    for name in wanted:
        label = repository.find_label(name)
        if label is None and role >= Role.WRITE:
            label = repository.add_label(actor, name, NEW_LABEL_COLOR)
        if label is not None:
            found.append(label)
    return tuple(dict.fromkeys(found))


def assignees(repository: Repository, body: Fields) -> tuple[User, ...]:
    """Users by login; whoever cannot be assigned is left out silently."""
    logins = body.entries("assignees")
    if not logins and body.text("assignee"):
        logins = [body.text("assignee")]
    users = [repository.forge.people.find(login) for login in logins if isinstance(login, str)]
    able = [user for user in users if user is not None and assignable(repository, user)]
    return tuple(dict.fromkeys(able))[:MOST_ASSIGNEES]


def assignable(repository: Repository, user: User) -> bool:
    """Whether issues can be assigned to somebody."""
    return repository.role_of(user) >= (Role.READ if repository.private else Role.TRIAGE)


def milestone(repository: Repository, body: Fields) -> Milestone | None:
    """A milestone by number; its title is no good."""
    value = body.values.get("milestone")
    if value is None:
        return None
    text = str(value)
    found = repository.milestones.get(int(text)) if text.isdecimal() else None
    if found is None:
        raise problems.validation_failed(problems.field_error("Issue", "milestone", "invalid", value=value))
    return found
