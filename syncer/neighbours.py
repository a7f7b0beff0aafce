"""Projects that share an owner and a tracker, and which files are theirs."""

from __future__ import annotations

from collections.abc import Callable

from syncer.forges.globs import parse
from syncer.model.source import Entry, EntryKind
from syncer.settings import Settings, trackers_of


def claimed_elsewhere(settings: Settings, name: str) -> Callable[[str], bool]:
    """Whether a path is the roadmap of another project with the same source and a common tracker.

    Such projects have the same owner, so the markers of their issues look alike; the files tell them
    apart.

    Args:
        settings: with all projects.
        name: of the project that asks.
    """
    mine = settings.projects[name]
    trackers = {(each.forge, each.repository) for each in trackers_of(mine)}
    patterns = [
        parse(text)
        for other, project in settings.projects.items()
        if other != name
        and (project.forge, project.repository, project.owner) == (mine.forge, mine.repository, mine.owner)
        and trackers & {(each.forge, each.repository) for each in trackers_of(project)}
        for text in project.roadmaps
    ]

    def claimed(path: str) -> bool:
        return any(pattern.matches(Entry(path, EntryKind.FILE, "")) for pattern in patterns)

    return claimed
