"""What happens in the middle of a run: somebody edits, the process dies, the forge lies or fails."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from syncer.errors import RateLimited, SyncerError, Unavailable, UnknownFate
from syncer.model.tracker import TrackerReading

WRITES = frozenset(
    {
        "create_issue",
        "update_issue",
        "create_milestone",
        "update_milestone",
        "ensure_label",
        "commit",
    }
)


class Killed(BaseException):
    """The process ends here."""


@dataclass(frozen=True)
class Event:
    """Something that happens at one call of the run.

    Args:
        at: which call, counted from 1 over all ports, or over those of ``method``.
        after: behind the call's effect instead of before it.
        what: ``edit``, ``kill``, ``fail``, ``limit``, ``partial`` or ``empty``.
        edit: what a person does, for ``edit``.
        method: only calls of this name count.
    """

    at: int
    after: bool
    what: str
    edit: Callable[[], None] | None = None
    method: str = ""


@dataclass
class Interference:
    """The events of one run, and how many calls it has made."""

    events: list[Event] = field(default_factory=list)
    calls: int = 0
    by_name: Counter[str] = field(default_factory=Counter)

    def begin(self, events: list[Event]) -> None:
        self.events, self.calls = events, 0
        self.by_name.clear()

    def around(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """A method that things happen around."""

        def call(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            self.by_name[name] += 1
            counts = {"": self.calls, name: self.by_name[name]}
            mine = [event for event in self.events if counts.get(event.method) == event.at]
            for event in mine:
                if not event.after:
                    self._happen(event, name)
            result = method(*arguments, **named)
            for event in mine:
                if event.what in ("partial", "empty") and isinstance(result, TrackerReading):
                    result = _lie(result, event.what)
                elif event.after:
                    self._happen(event, name)
            return result

        return call

    def _happen(self, event: Event, name: str) -> None:
        if event.what == "edit" and event.edit is not None:
            event.edit()
        elif event.what == "kill":
            raise Killed
        elif event.what == "fail":
            raise _failure(name, after=event.after)
        elif event.what == "limit" and not event.after:
            raise RateLimited("slow down")


def _failure(name: str, *, after: bool) -> SyncerError:
    if name in ("save", "intend", "load"):
        return Unavailable("the state database failed", where="state.url")
    if name in WRITES:
        return UnknownFate("the answer never arrived" if after else "the connection was reset")
    return Unavailable("the forge cannot be reached")


def _lie(reading: TrackerReading, what: str) -> TrackerReading:
    """A list that shows less than there is; its cursor says nothing of that."""
    kept = reading.issues[: len(reading.issues) // 2] if what == "partial" else ()
    latest = max((issue.updated_at for issue in kept), default=None)
    return dataclasses.replace(
        reading, issues=kept, cursor=dataclasses.replace(reading.cursor, watermark=latest)
    )


class Watched:
    """A port whose calls are counted and interfered with."""

    def __init__(self, port: Any, interference: Interference) -> None:
        self._port = port
        self._interference = interference

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name in ("lease", "line_url", "standing", "begin_run", "end_run") or not callable(found):
            return found
        return self._interference.around(name, found)
