"""Connections: a list cut by ``first`` and ``after`` or ``last`` and ``before``, with opaque cursors."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from syncer.sandbox.github.graphql.session import Failure, Json, Session
from syncer.sandbox.github.pages import place_after, place_of

T = TypeVar("T")

MARK = "cursor:v2:"


def connection(
    session: Session,
    entries: Sequence[T],
    render: Callable[[T], Any],
    arguments: dict[str, Any],
    place: Callable[[T], str] | None = None,
) -> Json:
    """A page of a list.

    ``place`` says where an entry stands in the list's order; without it, the index tells.
    """
    kept = session.circumstances.withheld(list(entries))
    places = [place(entry) for entry in kept] if place is not None else [f"{i:09d}" for i in range(len(kept))]
    start, end = 0, len(kept)
    if arguments.get("after"):
        start = place_after(places, decode(arguments["after"]))
    if arguments.get("before"):
        end = max(start, place_of(places, decode(arguments["before"])))
    if arguments.get("first") is not None:
        end = min(end, start + arguments["first"])
    elif arguments.get("last") is not None:
        start = max(start, end - arguments["last"])
    return {
        "nodes": [render(entry) for entry in kept[start:end]],
        "totalCount": len(kept),
        "pageInfo": {
            "hasNextPage": end < len(kept),
            "hasPreviousPage": start > 0,
            "startCursor": encode(places[start]) if start < end else None,
            "endCursor": encode(places[end - 1]) if start < end else None,
        },
    }


def encode(place: str) -> str:
    """A cursor for a place in a list."""
    return base64.b64encode(f"{MARK}{place}".encode()).decode()


def decode(cursor: str) -> str:
    """The place that a cursor stands for."""
    try:
        text = base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        text = ""
    if not text.startswith(MARK):
        raise Failure("INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor.")
    return text.removeprefix(MARK)
