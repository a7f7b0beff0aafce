"""Pages: numbers for most lists, numbers and cursors for issues, always with a ``Link`` header.

A page number that leads beyond 10,000 entries of a repository's issues is refused (beyond 1,000 without
a credential); the links then carry cursors. Clients have to follow them, not to build their own.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from syncer.sandbox.exchange import Answer
from syncer.sandbox.github import problems
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.repository import Repository

T = TypeVar("T")

DEFAULT = 30
MOST = 100
DEEPEST = 10_000
DEEPEST_ANONYMOUS = 1_000
CURSOR = "cursor:v2:"


def paged(
    call: GitHubCall,
    entries: Sequence[T],
    render: Callable[[T], Any],
    *,
    repository: Repository | None = None,
) -> Answer:
    """A list cut by ``page`` and ``per_page``."""
    size, page = _size(call), _page(call)
    last = max(1, -(-len(entries) // size))
    shown = call.circumstances.withheld(list(entries[(page - 1) * size : page * size]))
    links: list[tuple[str, dict[str, str]]] = []
    if page > 1:
        links.append(("prev", {"page": str(min(page - 1, last))}))
    if page < last:
        links += [("next", {"page": str(page + 1)}), ("last", {"page": str(last)})]
    if page > 1:
        links.append(("first", {"page": "1"}))
    return Answer(200, [render(entry) for entry in shown], _headers(call, repository, links), listing=True)


def cursored(
    call: GitHubCall,
    placed: Sequence[tuple[str, T]],
    render: Callable[[T], Any],
    *,
    repository: Repository,
) -> Answer:
    """A list of issues: page numbers up to a depth, ``after`` and ``before`` cursors to any depth.

    Each entry comes with its place in the order, which is the same in every request.
    """
    size, page = _size(call), _page(call)
    after, before = call.text("after"), call.text("before")
    if not after and not before:
        deepest = DEEPEST if call.asker.user is not None else DEEPEST_ANONYMOUS
        if page * size > deepest or (page * size == deepest and page > 1):
            raise problems.unprocessable(
                "Pagination with the page parameter is not supported for large datasets, "
                "please use cursor based pagination (after/before)"
            )
    places = [place for place, _ in placed]
    start = (page - 1) * size
    if after:
        start = place_after(places, _decode(after))
    elif before:
        start = max(0, place_of(places, _decode(before)) - size)
    shown = [entry for _, entry in placed[start : start + size]]
    links: list[tuple[str, dict[str, str]]] = []
    if shown and start + size < len(placed):
        links.append(("next", {"after": _encode(places[start + len(shown) - 1]), "page": str(page + 1)}))
    if shown and start > 0:
        links.append(("prev", {"before": _encode(places[start]), "page": str(max(page - 1, 1))}))
    rendered = [render(entry) for entry in call.circumstances.withheld(shown)]
    return Answer(200, rendered, _headers(call, repository, links), listing=True)


def _size(call: GitHubCall) -> int:
    text = call.text("per_page")
    value = int(text) if text.isdecimal() else DEFAULT
    return min(value, MOST) if value > 0 else DEFAULT


def _page(call: GitHubCall) -> int:
    text = call.text("page")
    return max(1, int(text)) if text.isdecimal() else 1


def _headers(
    call: GitHubCall, repository: Repository | None, links: list[tuple[str, dict[str, str]]]
) -> dict[str, str]:
    if not links:
        return {}
    raw = call.incoming.raw_path.removeprefix(call.view.prefix)
    if repository is not None:
        skipped = 4 if raw.startswith("/repos/") else 3
        address = "/".join([call.view.by_id(repository), *raw.split("/")[skipped:]])
    else:
        address = call.view.api + raw
    kept = [(name, value) for name, value in call.incoming.pairs if name not in ("page", "after", "before")]
    parts = [f'<{address}?{urlencode([*kept, *changes.items()])}>; rel="{rel}"' for rel, changes in links]
    return {"link": ", ".join(parts)}


def _encode(place: str) -> str:
    return base64.urlsafe_b64encode(f"{CURSOR}{place}".encode()).decode()


def _decode(cursor: str) -> str:
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, UnicodeError, ValueError):
        text = ""
    if not text.startswith(CURSOR):
        raise problems.unprocessable("The cursor is not valid.")
    return text.removeprefix(CURSOR)


def place_after(places: list[str], place: str) -> int:
    """The first index whose place comes after ``place`` in the list's own direction."""
    if place in places:
        return places.index(place) + 1
    falling = len(places) > 1 and places[0] > places[-1]
    return sum(1 for other in places if (other > place if falling else other < place))


def place_of(places: list[str], place: str) -> int:
    """The index of a place, or of what came after it if it is gone."""
    if place in places:
        return places.index(place)
    return place_after(places, place)
