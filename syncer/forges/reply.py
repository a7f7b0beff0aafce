"""What a client library brought back, decoded: content, ETag, the next page, the server's time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from syncer.errors import Garbled, Interrupted, SyncerError, UnknownFate
from syncer.forges.classify import http_date

_LINK: Final = re.compile(r"<([^<>]*)>((?:\s*;\s*[^,;<>]+)*)")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer to one request.

    Args:
        url: the address that was asked, to the letter.
        content: the parsed JSON; ``None`` where there is none.
        etag: the validator, verbatim, with its quotes and a possible ``W/``.
        next: the address of the next page on the configured host, or "".
        at: the server's time when it answered, if it said so.
        unchanged: the content is what the validator sent with the request stands for.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    content: Any
    etag: str = ""
    next: str = ""
    at: datetime | None = None
    unchanged: bool = False


def decoded(
    url: str, status: int, headers: Mapping[str, str], text: str, *, base: str, where: str, write: bool
) -> Reply:
    """Decode an answer that the transport has found nothing wrong with.

    A next page that is not below ``base``, the configured API root, is mapped to it or refused.

    Raises:
        Garbled: the body is no JSON after all.
        UnknownFate: the same after a write.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    content = None
    if text and status != 304:
        try:
            content = json.loads(text)
        except ValueError:
            raise _unreadable(where, len(text), write) from None
    return Reply(
        url=url,
        status=status,
        headers=lower,
        content=content,
        etag=lower.get("etag", ""),
        next=_next(lower.get("link", ""), base, where),
        at=http_date(lower.get("date", "")),
        unchanged=status == 304,
    )


@contextmanager
def taken(where: str) -> Iterator[None]:
    """What follows a write that the forge has taken: whatever goes wrong now, the write is done.

    Raises:
        UnknownFate: instead of any error that would say "certainly not done".
    """
    try:
        yield
    except (UnknownFate, Interrupted):
        raise
    except SyncerError as error:
        raise UnknownFate(
            f"the forge took the change, and what became of it cannot be read: {error.what}",
            where=error.where or where,
            next_step="syncer looks for the effect before it does anything else",
        ) from None


def same_host(location: str, base: str) -> str:
    """Where a redirect leads, if that is on the configured host; else ""."""
    target = urljoin(base + "/", location)
    ours, theirs = urlsplit(base), urlsplit(target)
    return target if location and (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc) else ""


def _unreadable(where: str, length: int, write: bool) -> Garbled | UnknownFate:
    if not write:
        return Garbled(
            f"the answer is broken JSON of {length} characters", where=where, next_step="try again later"
        )
    return UnknownFate(
        "the forge took the request and its answer is broken JSON",
        where=where,
        next_step="syncer looks for the effect before it does anything else",
    )


def _next(link: str, base: str, where: str) -> str:
    for target, parameters in _LINK.findall(link):
        if re.search(r';\s*rel="?next"?\s*(;|$)', parameters):
            return _on_our_host(target, base, where)
    return ""


def _on_our_host(target: str, base: str, where: str) -> str:
    """A next page's address on the host we were configured with.

    A forge behind a proxy, or with another ``external_url``, names its own idea of its host
    (python-gitlab's ``keep_base_url`` exists for it). The credential goes to the configured host
    only, so the address is moved there, if what follows the host looks like the same API.
    """
    if target.startswith(base + "/"):
        return target
    ours, theirs = urlsplit(base), urlsplit(target)
    root = re.search(r"/api/v\d+/|/(repos|repositories|projects|groups)/", theirs.path)
    if root is None:
        raise Garbled(
            f"the forge's next page is at {theirs.netloc}{theirs.path[:80]}",
            where=where,
            next_step="use the host's own name as the forge's url",
        )
    path = theirs.path[root.start() :]
    version = re.match(r"/api/v\d+", path)
    prefix = ours.path
    if version and prefix.endswith(version[0]):
        prefix = prefix.removesuffix(version[0])
    query = f"?{theirs.query}" if theirs.query else ""
    return f"{ours.scheme}://{ours.netloc}{prefix}{path}{query}"
