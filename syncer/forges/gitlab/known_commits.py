"""What is known of a project's commits without asking again: heads just seen, and what touched a file last.

Kept for the length of a process, beside the connection. Losing it costs requests, never safety: what is
not known is asked for.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final

RECENT: Final = 600.0
"""Seconds for which a head that was seen counts as seen.

A commit's ``last_commit_id`` protects only while the repository holds that commit. After a force-push it
does until it is pruned, which GitLab does thirty minutes later at the earliest (docs.gitlab.com, "Prune
unreachable objects").
"""
_MOST_FILES: Final = 10_000


class KnownCommits:
    """Heads and last commits of one project. Safe to share between threads.

    Args:
        monotonic: seconds that never go back.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._heads: dict[str, tuple[str, float]] = {}
        self._touched: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._lock = threading.Lock()

    def saw_head(self, branch: str, revision: str) -> None:
        """A branch was seen to point at a revision."""
        with self._lock:
            self._heads[branch] = (revision, self._monotonic())

    def was_head(self, branch: str, revision: str) -> bool:
        """Whether a branch was seen to point there a short while ago, and nowhere else since."""
        with self._lock:
            seen, at = self._heads.get(branch, ("", 0.0))
            return seen == revision and self._monotonic() - at < RECENT

    def touched(self, path: str, blob: str, commit: str) -> None:
        """A file with this content was last touched by a commit."""
        with self._lock:
            self._touched[path, blob] = commit
            self._touched.move_to_end((path, blob))
            while len(self._touched) > _MOST_FILES:
                self._touched.popitem(last=False)

    def last_commit(self, path: str, blob: str) -> str:
        """The commit that touched a file with this content last; "" where it is not known."""
        with self._lock:
            return self._touched.get((path, blob), "")

    def doubt(self, branch: str, files: Iterable[tuple[str, str]]) -> None:
        """What was known about a branch and these files turned out to be old."""
        with self._lock:
            self._heads.pop(branch, None)
            for each in files:
                self._touched.pop(each, None)


class KnownProjects:
    """One :class:`KnownCommits` for each project of a connection."""

    def __init__(self) -> None:
        self._known: dict[str, KnownCommits] = {}
        self._lock = threading.Lock()

    def of(self, project: str) -> KnownCommits:
        """Of one project, by its name."""
        with self._lock:
            return self._known.setdefault(project, KnownCommits())
