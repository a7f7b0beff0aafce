"""What somebody wants an issue to be: values checked and resolved, rights applied silently.

Without the rights of a reporter, labels, milestone and assignees are dropped without a word. A milestone
that this project cannot use is dropped too, whoever asks.
"""

from __future__ import annotations

from syncer.sandbox.gitlab import problems
from syncer.sandbox.gitlab.fields import Fields
from syncer.sandbox.issues import Issue, Label, Milestone
from syncer.sandbox.people import User
from syncer.sandbox.repository import Repository

TITLE_LIMIT = 255
DESCRIPTION_LIMIT = 1_048_576
LABEL_LIMIT = 255
NEW_LABEL_COLOR = "#428BCA"


def check_title(title: str) -> str:
    """A title that fits, without blanks at its ends."""
    if not title.strip():
        raise problems.rejected(title="can't be blank")
    if len(title) > TITLE_LIMIT:
        raise problems.rejected(title=f"is too long (maximum is {TITLE_LIMIT} characters)")
    return title.strip()


def check_description(text: str) -> str:
    """A description that fits."""
    if len(text) > DESCRIPTION_LIMIT:
        raise problems.rejected(description=f"is too long (maximum is {DESCRIPTION_LIMIT} characters)")
    return text


def labels(project: Repository, actor: User, names: list[str]) -> tuple[Label, ...]:
    """Labels by name; unknown ones are created."""
    for name in names:
        if len(name) > LABEL_LIMIT:
            raise problems.rejected(title=f"is too long (maximum is {LABEL_LIMIT} characters)")
    found = [project.find_label(name) or project.add_label(actor, name, NEW_LABEL_COLOR) for name in names]
    return tuple(dict.fromkeys(found))


def exclusive(project: Repository, before: tuple[Label, ...], wanted: tuple[Label, ...]) -> tuple[Label, ...]:
    """Scoped labels of one scope exclude each other on paid plans; the last one stays.

    With a full list sent to the API an old label of the scope may survive where the new one did not come
    last, as it does on the real forge.
    """
    if not project.forge.settings.premium:
        return wanted
    order = [label for label in before if label in wanted] + [
        label for label in wanted if label not in before
    ]
    kept: dict[str, Label] = {}
    plain: list[Label] = []
    for label in order:
        scope, colons, _ = label.name.rpartition("::")
        if colons:
            kept[scope] = label
        else:
            plain.append(label)
    survivors = {*kept.values(), *plain}
    return tuple(label for label in wanted if label in survivors)


def milestone(project: Repository, fields: Fields) -> Milestone | None:
    """A milestone by its global id; one that is not to be used here counts as none."""
    key = fields.number("milestone_id")
    return next((entry for entry in project.visible_milestones() if entry.id == key), None)


def assignees(project: Repository, fields: Fields) -> tuple[User, ...]:
    """Users by id; whoever does not exist is left out, and on the free plan only one stays."""
    keys = fields.numbers("assignee_ids")
    single = fields.number("assignee_id")
    if not keys and single:
        keys = [single]
    people = project.forge.people
    users = [user for user in (people.by_id(key) for key in keys) if user is not None]
    most = 200 if project.forge.settings.premium else 1
    return tuple(dict.fromkeys(users))[:most]


def relabelled(project: Repository, actor: User, issue: Issue, fields: Fields) -> tuple[Label, ...]:
    """The labels that an update leaves: all replaced, or some added and some removed."""
    wanted = issue.labels
    if "labels" in fields:
        wanted = labels(project, actor, fields.words("labels"))
    added = labels(project, actor, fields.words("add_labels"))
    removed = set(fields.words("remove_labels"))
    wanted = tuple(dict.fromkeys([*wanted, *added]))
    wanted = tuple(label for label in wanted if label.name not in removed)
    return exclusive(project, issue.labels, wanted)
