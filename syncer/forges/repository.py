"""One repository under its present name: noticed when it was renamed, looked up once, used everywhere.

A forge answers requests under an old name with a redirect. It is not followed: PyGithub would drop
the query and repeat a PATCH in another repository. Instead the repository's own address is asked
where it is now, and the request is made again under its canonical name, if it was a read.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Final, TypeVar

from syncer.errors import Forbidden, Missing, Moved, Protected, SyncerError
from syncer.model.tracker import TrackerProfile

T = TypeVar("T")

_ABOUT_ISSUES: Final = re.compile(r"/(issues|labels|milestones)\b")


class Repository:
    """Name and profile of a repository, shared by its tracker and its documents.

    Args:
        name: as configured.
        known: the profile from an earlier run.
        look: asks the forge for the profile under a name; follows one redirect, on the same host.
    """

    def __init__(
        self, name: str, known: TrackerProfile | None, look: Callable[[str], TrackerProfile]
    ) -> None:
        self._configured = name
        self._profile = known
        self._look = look
        self._moved = False
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The canonical name if it is known, else the configured one."""
        profile = self._profile
        return profile.canonical if profile is not None else self._configured

    def remember(self, known: TrackerProfile) -> None:
        """Take a profile from an earlier run, unless this run has asked for one itself."""
        with self._lock:
            if self._profile is None:
                self._profile = known

    def profile(self) -> TrackerProfile:
        """What the repository is; asked for at most once."""
        with self._lock:
            if self._profile is None:
                self._profile = self._look(self._configured)
            return self._profile

    def moved(self) -> TrackerProfile | None:
        """The profile, if the repository turned out to have another name; no request."""
        with self._lock:
            return self._profile if self._moved else None

    def reading(self, ask: Callable[[str], T]) -> T:
        """Ask under the present name, and under the new one if the repository turns out to have moved.

        Raises:
            Moved: not the repository moved, but the thing that was asked for.
        """
        name = self.name
        try:
            return ask(name)
        except Moved:
            if self._find_again(name) == name:
                raise
        except Forbidden as refusal:
            raise self.explained(refusal) from None
        return ask(self.name)

    def writing(self, send: Callable[[], T]) -> T:
        """Send a write, once. What it is refused for is explained where the repository itself is why."""
        try:
            return send()
        except Forbidden as refusal:
            raise self.explained(refusal) from None

    def explained(self, refusal: Forbidden) -> Forbidden:
        """A refusal, with the reason that the forge does not name: GitLab answers all of them alike."""
        if isinstance(refusal, Protected):
            return refusal
        try:
            found = self._look(self.name)
        except SyncerError:
            return refusal
        if found.archived:
            return Forbidden(
                f"{found.canonical} is archived, nothing can be written there: {refusal.what}",
                where=refusal.where,
                next_step="unarchive it, or take it out of the configuration",
            )
        if not found.issues_enabled and _ABOUT_ISSUES.search(refusal.where):
            return Forbidden(
                f"issues are switched off in {found.canonical}: {refusal.what}",
                where=refusal.where,
                next_step="switch them on, or name another tracker",
            )
        return refusal

    def missing(self, otherwise: Missing) -> Missing:
        """Why something is not there: the repository itself, or only what was asked for."""
        try:
            self._look(self.name)
        except Missing as gone:
            return Missing(
                f"there is no repository {self.name!r}, or this token may not see it",
                where=gone.where,
                next_step=gone.next_step,
                status=gone.status,
                details=gone.details,
            )
        except SyncerError:
            return otherwise
        return otherwise

    def _find_again(self, name: str) -> str:
        with self._lock:
            if self.name == name:
                found = self._look(name)
                known = self._profile
                # A name can be given to another repository later; identity is the number.
                if known is None or known.repository_id == found.repository_id:
                    self._profile, self._moved = found, True
            return self.name
