"""Every request that reached the sandbox, counted by kind, and on request written to a file.

============  ==========================================================================
kind          what it is
============  ==========================================================================
read          GET or HEAD that was answered with something other than 304
not_modified  GET that was answered with 304
write         POST, PUT, PATCH or DELETE that creates no content
creation      a request that creates an issue, comment, milestone, pull request or commit
query         a GraphQL request without mutations
mutation      a GraphQL request with mutations
============  ==========================================================================
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any


class Kind(Enum):
    """What sort of request it was."""

    READ = "read"
    NOT_MODIFIED = "not_modified"
    WRITE = "write"
    CREATION = "creation"
    QUERY = "query"
    MUTATION = "mutation"


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Args:
        index: its place in the order of arrival, counted from 1.
        target: path and query string as sent.
        template: the route's path with names instead of values; empty if no route fits.
        status: of the answer; 0 while it is under way, or if the client never got an answer.
        operations: root fields of a GraphQL document.
        login: whose credential it carried, empty without one.
        pid: the client's process id, if it sent ``X-Client-Pid``.
        created: how many objects it created.
        faults: what was made to go wrong.
    """

    index: int
    at: datetime
    forge: str
    method: str
    target: str
    template: str
    kind: Kind
    status: int = 0
    operations: tuple[str, ...] = ()
    login: str = ""
    pid: int | None = None
    created: int = 0
    sent: bytes = b""
    size: int = 0
    faults: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def json(self) -> Any:
        """The body that the client sent, decoded; ``None`` without one."""
        return json.loads(self.sent) if self.sent else None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many requests of each kind, and how many objects they created."""

    reads: int = 0
    not_modified: int = 0
    writes: int = 0
    creations: int = 0
    queries: int = 0
    mutations: int = 0
    created: int = 0

    @property
    def total(self) -> int:
        return self.reads + self.not_modified + self.changes + self.queries

    @property
    def changes(self) -> int:
        """All requests that can change something."""
        return self.writes + self.creations + self.mutations


KEPT = 200_000


class Recorder:
    """Keeps the log of the last requests (:data:`KEPT` of them)."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._requests: dict[int, Request] = {}
        self._arrived = 0
        self._first = 0
        self._file = path.open("a", encoding="utf-8") if path is not None else None

    def begin(self, request: Request) -> Request:
        """Enter a request that arrived."""
        with self._lock:
            self._arrived += 1
            numbered = replace(request, index=self._arrived)
            self._requests[numbered.index] = numbered
            self._requests.pop(self._arrived - KEPT, None)
        return numbered

    def end(self, request: Request) -> None:
        """Enter what became of it."""
        with self._lock:
            if request.index in self._requests:
                self._requests[request.index] = request

    def requests(self) -> list[Request]:
        """The requests since the last reset, in the order of arrival."""
        with self._lock:
            return [entry for index, entry in self._requests.items() if index > self._first]

    def reset(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._first = self._arrived

    def counts(self, forge: str = "") -> Counts:
        """How many requests of each kind since the last reset."""
        found = [entry for entry in self.requests() if not forge or entry.forge == forge]
        kinds = Counter(entry.kind for entry in found)
        return Counts(
            reads=kinds[Kind.READ],
            not_modified=kinds[Kind.NOT_MODIFIED],
            writes=kinds[Kind.WRITE],
            creations=kinds[Kind.CREATION],
            queries=kinds[Kind.QUERY],
            mutations=kinds[Kind.MUTATION],
            created=sum(entry.created for entry in found),
        )

    def write(self, entry: dict[str, Any]) -> None:
        """Append an exchange to the file, if there is one."""
        if self._file is not None:
            with self._lock:
                self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
                self._file.flush()

    @property
    def writing(self) -> bool:
        return self._file is not None

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
