"""Whom an event concerns: the projects that have the repository as a source or as a tracker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from syncer.receiver.events import Event


@dataclass(frozen=True, slots=True)
class Interest:
    """A project's interest in a repository.

    Args:
        branch: that the roadmaps are on; "" for the repository's default one.
        source: whether the roadmaps are there.
        tracker: whether its issues follow them.
    """

    project: str
    forge: str
    repository: str
    branch: str = ""
    source: bool = False
    tracker: bool = False


class Addressees:
    """Looks projects up by repository. Names of repositories ignore case, as both forges do."""

    def __init__(self, interests: Iterable[Interest]) -> None:
        self._found: dict[tuple[str, str], list[Interest]] = {}
        for each in interests:
            self._found.setdefault((each.forge, each.repository.casefold()), []).append(each)

    def of(self, forge: str, event: Event) -> tuple[tuple[str, ...], str]:
        """The projects that an event concerns, and why there are none where there are none."""
        known = self._found.get((forge, event.repository.casefold()), [])
        if not known:
            return (), "no project has this repository"
        if event.issue:
            found = [each.project for each in known if each.tracker]
            return tuple(dict.fromkeys(found)), "" if found else "no project has its issues there"
        if event.name != "push":
            return tuple(dict.fromkeys(each.project for each in known)), ""
        hit = [
            each.project
            for each in known
            if each.source and event.branch == (each.branch or event.default_branch or event.branch)
        ]
        return tuple(dict.fromkeys(hit)), "" if hit else "no project has its roadmaps on this branch"
