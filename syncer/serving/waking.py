"""Telling a daemon, from another process, that a person has just decided something."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from syncer.errors import SyncerError
from syncer.queue.inbox import Reason, Wake
from syncer.settings import Settings


def wake(settings: Settings, base: Path, projects: Sequence[str]) -> bool:
    """Wake projects of the daemon that runs this configuration, if there is one.

    Nothing depends on it: a daemon that cannot be told looks when its schedule says so.

    Args:
        settings: checked.
        base: the directory that relative paths in them refer to.
        projects: that were decided about.

    Returns:
        Whether wake-ups were left where a daemon finds them. Whether one runs is not known.
    """
    wakes = [Wake(project, Reason.REQUEST) for project in projects]
    try:
        if settings.serve.engine == "embedded":
            from syncer.queue.sqlite import leave

            return leave(base / settings.serve.inbox, wakes)
        from syncer.queue.postgres import PostgresQueue

        queue = PostgresQueue(settings.state.url, debounce=0, longest_debounce=0)
        try:
            queue.put(wakes)
        finally:
            queue.close()
    except (SyncerError, ModuleNotFoundError):
        return False
    return True
