"""A new project as GitLab hands it out: its default branch is protected from the first day."""

from __future__ import annotations

from datetime import date

from syncer.sandbox.forge import Forge
from syncer.sandbox.issues import Milestone
from syncer.sandbox.people import Group, Role, User
from syncer.sandbox.protection import Protection
from syncer.sandbox.repository import Repository


def found(
    forge: Forge, path: str, creator: User, *, private: bool = False, description: str = ""
) -> Repository:
    """Create a project, with its groups if need be."""
    project = forge.create_repository(path, creator, private=private, description=description)
    protect_default(project)
    return project


def protect_default(project: Repository) -> None:
    """Maintainers may push to the default branch and merge into it; developers may not."""
    project.protections[project.default_branch] = Protection(
        project.forge.ids.next("protection"),
        project.default_branch,
        push=Role.MAINTAIN,
        merge=Role.MAINTAIN,
        pull_request_required=False,
    )


def add_group_milestone(
    forge: Forge,
    group: Group,
    creator: User,
    title: str,
    description: str | None = None,
    *,
    due: date | None = None,
    start: date | None = None,
) -> Milestone:
    """A new milestone of a group."""
    now = forge.clock.now()
    known = forge.group_milestones.setdefault(group.id, [])
    milestone = Milestone(
        forge.ids.next("milestone"),
        len(known) + 1,
        title,
        description,
        creator,
        now,
        now,
        group.path,
        due=due,
        start=start,
        group_id=group.id,
    )
    milestone.note_version(now)
    known.append(milestone)
    return milestone
