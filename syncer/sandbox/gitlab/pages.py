"""Pages: by number with totals, or by keyset cursor.

Beyond 10,000 entries the totals and the link to the last page are left out; beyond an offset of 50,000
entries page numbers are refused. Keyset pages have neither totals nor numbers.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from syncer.sandbox.exchange import Answer
from syncer.sandbox.github.pages import place_after
from syncer.sandbox.gitlab import problems
from syncer.sandbox.gitlab.call import GitLabCall

T = TypeVar("T")

DEFAULT = 20
MOST = 100
COUNTED = 10_000


def paged(call: GitLabCall, entries: Sequence[T], render: Callable[[T], Any], *, capped: str = "") -> Answer:
    """A list cut by ``page`` and ``per_page``; ``capped`` names entries whose offset is limited."""
    size = size_of(call)
    page = max(call.fields.number("page") or 1, 1)
    limit = call.forge.settings.offset_cap
    if capped and (page - 1) * size >= limit:
        text = (
            f"Offset pagination has a maximum allowed offset of {limit} for requests that return objects of "
            f"type {capped}. Remaining records can be retrieved using keyset pagination."
        )
        refused = problems.problem(405, text)
        refused.answer.body = {"error": text}
        raise refused
    total = len(entries)
    last = max(1, -(-total // size))
    shown = call.circumstances.withheld(list(entries[(page - 1) * size : page * size]))
    counted = total <= COUNTED
    headers = {
        "x-page": str(page),
        "x-per-page": str(size),
        "x-next-page": str(page + 1) if page < last else "",
        "x-prev-page": str(page - 1) if page > 1 else "",
    }
    if counted:
        headers.update({"x-total": str(total), "x-total-pages": str(last)})
    links = [("prev", page - 1)] if page > 1 else []
    if page < last:
        links.append(("next", page + 1))
    links.append(("first", 1))
    if counted:
        links.append(("last", last))
    headers["link"] = ", ".join(
        _link(call, rel, {"page": str(to), "per_page": str(size)}) for rel, to in links
    )
    return Answer(200, [render(entry) for entry in shown], headers, listing=True)


def keyset(
    call: GitLabCall, entries: Sequence[T], place: Callable[[T], str], render: Callable[[T], Any]
) -> Answer:
    """A list cut by a cursor; the only way on is the link to the next page."""
    size = size_of(call)
    start = 0
    cursor = call.fields.text("cursor")
    places = [place(entry) for entry in entries]
    if cursor:
        start = place_after(places, _decode(cursor))
    shown = list(entries[start : start + size])
    headers: dict[str, str] = {}
    if shown and start + size < len(entries):
        onward = _encode(places[start + len(shown) - 1])
        headers["link"] = _link(call, "next", {"cursor": onward, "per_page": str(size)})
    rendered = [render(entry) for entry in call.circumstances.withheld(shown)]
    return Answer(200, rendered, headers, listing=True)


def size_of(call: GitLabCall) -> int:
    """How many entries a page holds."""
    value = call.fields.number("per_page")
    if value is None:
        return DEFAULT
    if value < 1:
        raise problems.invalid("per_page does not have a valid value")
    return min(value, MOST)


def _link(call: GitLabCall, rel: str, changes: dict[str, str]) -> str:
    kept = [
        (name, value)
        for name, value in call.incoming.pairs
        if name not in changes and name != "private_token"
    ]
    return (
        f'<{call.incoming.base}{call.incoming.raw_path}?{urlencode([*kept, *changes.items()])}>; rel="{rel}"'
    )


def _encode(place: str) -> str:
    return base64.urlsafe_b64encode(json.dumps({"place": place, "_kd": "n"}).encode()).decode()


def _decode(cursor: str) -> str:
    try:
        return str(json.loads(base64.urlsafe_b64decode(cursor.encode()))["place"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise problems.invalid("cursor is invalid") from None
