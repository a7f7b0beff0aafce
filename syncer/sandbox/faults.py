"""Faults that can be switched on: what goes wrong, for which requests, when, and how often.

A fault chooses requests by forge, method, path, kind and GraphQL operation; of those it leaves out the
first ``nth - 1`` and then strikes ``times`` times (0: for ever). What it does:

    ======================  =====================================================================
    do                      what the client sees
    ======================  =====================================================================
    reset                   the connection dies before anything happened
    lose_answer             it happened; the connection dies before a byte of the answer
    truncate                it happened; the answer stops in the middle of its body
    bad_gateway_before      502, nothing happened
    bad_gateway_after       502, it happened
    unavailable             503 with ``Retry-After``, nothing happened (``seconds``)
    delay_before            it happens after ``seconds``
    delay_after             it happened; the answer takes ``seconds``
    html                    200 and an HTML page instead of an answer, nothing happened
    stale_list              a list as it was ``seconds`` ago
    empty_list              a list without entries
    partial_list            a list with only the first half of its entries
    primary_limit           the primary rate limit is used up (for GraphQL: in a 200)
    secondary_limit         a secondary limit, with ``Retry-After: seconds``
    secondary_limit_bare    a secondary limit without any hint how long
    too_many_requests       429 (GitLab: plain text "Retry later") with ``Retry-After: seconds``
    unauthorized            401
    forbidden               403
    not_found               404
    redirect                302 to ``location``
    accepted                202 with an empty body, nothing happened
    respond                 ``status`` with ``text`` as ``content_type``: a proxy, a spam filter, a page
                            about maintenance; nothing happened
    before                  calls ``call`` before it happens; if that returns False, nothing happens
                            and the connection dies
    after                   calls ``call`` after it happened and before the answer leaves
    ======================  =====================================================================

``before`` and ``after`` take a Python callable with the :class:`Seen` request. They are how a test kills
the client at an exact request boundary: kill it in ``before`` and return False, and the request was never
made; kill it in ``after``, and it was made and never answered. They cannot be set from another process.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from syncer.sandbox.recording import Kind

DEEDS = frozenset(
    {
        "reset",
        "lose_answer",
        "truncate",
        "bad_gateway_before",
        "bad_gateway_after",
        "unavailable",
        "delay_before",
        "delay_after",
        "html",
        "stale_list",
        "empty_list",
        "partial_list",
        "primary_limit",
        "secondary_limit",
        "secondary_limit_bare",
        "too_many_requests",
        "unauthorized",
        "forbidden",
        "not_found",
        "redirect",
        "accepted",
        "respond",
        "before",
        "after",
    }
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as a fault sees it, before it is carried out."""

    forge: str
    method: str
    path: str
    kind: Kind
    operations: tuple[str, ...]
    login: str
    pid: int | None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Args:
        do: what happens, see the module.
        path: a regular expression searched in the path (with its query string).
        kind: ``read``, ``write``, ``creation``, ``query`` or ``mutation``; ``any_write`` for all but reads
            and queries.
        operation: a GraphQL field such as ``createCommitOnBranch``.
        nth: which matching request is the first to be struck.
        times: how many are struck; 0 for all.
        seconds: how long, for what takes or announces time.
        location: where a redirect leads.
        status: what ``respond`` answers, with ``text`` in ``content_type``.
        call: what ``before`` and ``after`` call.
    """

    do: str
    forge: str = ""
    method: str = ""
    path: str = ""
    kind: str = ""
    operation: str = ""
    nth: int = 1
    times: int = 1
    seconds: float = 60.0
    location: str = "http://other.sandbox.test/"
    status: int = 503
    text: str = ""
    content_type: str = "text/html"
    call: Callable[[Seen], object] | None = None

    def __post_init__(self) -> None:
        if self.do not in DEEDS:
            raise ValueError(f"no fault does {self.do!r}; there are {', '.join(sorted(DEEDS))}")
        if self.do in ("before", "after") and self.call is None:
            raise ValueError(f"a fault that does {self.do!r} needs something to call")
        re.compile(self.path)

    def matches(self, seen: Seen) -> bool:
        """Whether this fault is about a request at all."""
        if self.forge and self.forge != seen.forge:
            return False
        if self.method and self.method.upper() != seen.method:
            return False
        if self.path and not re.search(self.path, seen.path):
            return False
        if self.operation and self.operation not in seen.operations:
            return False
        if self.kind == "any_write":
            return seen.kind not in (Kind.READ, Kind.QUERY)
        return not self.kind or self.kind == seen.kind.value


class Faults:
    """The faults that are switched on at present."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 1
        self._active: dict[int, tuple[Fault, int]] = {}

    def add(self, fault: Fault) -> int:
        """Switch a fault on; the answer is a number to remove it by."""
        with self._lock:
            key, self._next = self._next, self._next + 1
            self._active[key] = (fault, 0)
        return key

    def remove(self, key: int) -> None:
        """Switch one fault off; nothing happens if it is off already."""
        with self._lock:
            self._active.pop(key, None)

    def clear(self) -> None:
        """Switch everything off."""
        with self._lock:
            self._active.clear()

    def listing(self) -> list[dict[str, Any]]:
        """The faults as JSON-ready values, each with its number and how many requests matched so far."""
        with self._lock:
            active = dict(self._active)
        return [
            {
                "id": key,
                "do": fault.do,
                "forge": fault.forge,
                "method": fault.method,
                "path": fault.path,
                "kind": fault.kind,
                "operation": fault.operation,
                "nth": fault.nth,
                "times": fault.times,
                "seconds": fault.seconds,
                "matched": matched,
            }
            for key, (fault, matched) in active.items()
        ]

    def striking(self, seen: Seen) -> list[Fault]:
        """The faults that strike this request; each match is counted."""
        struck: list[Fault] = []
        with self._lock:
            for key, (fault, matched) in list(self._active.items()):
                if not fault.matches(seen):
                    continue
                matched += 1  # noqa: PLW2901 - the count goes back into the table below
                self._active[key] = (fault, matched)
                if matched >= fault.nth and (fault.times == 0 or matched < fault.nth + fault.times):
                    struck.append(fault)
                if fault.times and matched >= fault.nth + fault.times - 1:
                    del self._active[key]
        return struck
