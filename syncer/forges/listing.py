"""Reading a long list that changes while it is read, cheaply when nothing changed.

Two ways through a repository's issues:

* **what changed**: newest change first, from a floor that lies before the watermark. Any change
  moves its issue to the top of the first page, so that one "304 not modified" vouches for the whole
  list however long it is (an oldest-first page could not: a change would move the issue off its
  end). The floor only spares bytes. It moves rarely, so that the address is the same from one run
  to the next even where the first of them found changes, and its ETag stays good. Further pages are
  followed only as far as the watermark. What changes meanwhile moves to the front and pushes the
  rest back: entries come twice, none is passed over, and the one that moved is newer than the new
  watermark, which is what the first page showed.
* **everything**: in order of creation, following the forge's own links. GitHub refuses page
  numbers beyond 10,000 entries (google/go-github#3565), its links go on.

A listing is never proof of absence: list and item are answered by different replicas
(max-sixty/tend#345), and pages shift when something is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from syncer.model.tracker import Issue

OVERLAP: Final = timedelta(minutes=10)
"""How far before the watermark is looked again, as far as it fits the first page.

Replicas were seen to lag by about eight minutes (judell/bram#254), and whether "since" includes its
own second is disputed (gears-rust#4704).
"""


FLOOR_AGE: Final = timedelta(hours=12)
"""How far the watermark may leave the floor behind. A move costs one answer without "not modified"."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a list of issues.

    Args:
        issue: ``None`` for what is listed among issues and is none, such as a pull request.
    """

    number: int
    updated_at: datetime
    issue: Issue | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    Args:
        url: the address it was read from.
        next: the address of the next page, or "".
        at: the forge's own time when it answered.
        unchanged: the forge says it is what the ETag sent along stands for; it has no entries then.
    """

    url: str
    entries: tuple[Listed, ...]
    next: str = ""
    etag: str = ""
    at: datetime | None = None
    unchanged: bool = False


class Pages(Protocol):
    """How one forge is asked for pages of its issues."""

    def newest(self, since: datetime | None, etags: dict[str, str]) -> Page:
        """Latest change first, only if it is not what one of the ETags, by address, stands for."""

    def everything(self) -> Page:
        """All there is, in order of creation."""

    def follow(self, url: str) -> Page:
        """The page at an address that the forge gave."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one look at a list found.

    Args:
        watermark: changes before this moment of the forge's clock have been seen.
        floor: from when on changes are asked for next time.
        etags: what to send along when asking again, by address.
    """

    entries: tuple[Listed, ...]
    watermark: datetime | None
    etags: dict[str, str]
    floor: datetime | None = None

    @property
    def issues(self) -> tuple[Issue, ...]:
        """The issues among the entries, by number."""
        return tuple(entry.issue for entry in self.entries if entry.issue is not None)


def everything(pages: Pages) -> Sweep:
    """All entries.

    The watermark is not later than the beginning: an issue that was read first may have changed
    while the last page was read, and such a change must be found by the next look.
    """
    page = pages.everything()
    began = page.at
    entries = list(page.entries)
    first = _latest(entries)
    while page.next:
        page = pages.follow(page.next)
        entries.extend(page.entries)
    latest = _latest(entries)
    start = began or latest
    floor = None if start is None else start.replace(microsecond=0) - OVERLAP
    if latest is None:
        return Sweep((), None, {}, floor)
    if began is None:
        return Sweep(_by_number(entries), min(latest, first or latest), {}, floor)
    return Sweep(_by_number(entries), _mark(min(latest, began), began), {}, floor)


def changes(pages: Pages, watermark: datetime | None, floor: datetime | None, etags: dict[str, str]) -> Sweep:
    """The entries that changed since the watermark, and some that changed before it.

    Args:
        pages: how to ask.
        watermark: up to where all changes are known.
        floor: from when on to ask, at least the overlap before the watermark.
        etags: what to send along, by address.
    """
    page = pages.newest(floor, etags)
    if page.unchanged:
        return Sweep((), watermark, {page.url: etags[page.url]}, floor)
    entries, latest = list(page.entries), _latest(page.entries)
    first = page
    while page.next and page.entries and (watermark is None or page.entries[-1].updated_at >= watermark):
        page = pages.follow(page.next)
        entries.extend(page.entries)
    if latest is not None and (watermark is None or latest >= watermark):
        watermark = _mark(latest, first.at)
    etags = {first.url: first.etag} if _vouches(first, latest) else {}
    return Sweep(_by_number(entries), watermark, etags, _moved(floor, watermark))


def _moved(floor: datetime | None, watermark: datetime | None) -> datetime | None:
    """The floor for the next look: the same one, until it is far behind."""
    if floor is None or watermark is None or watermark - floor < FLOOR_AGE:
        return floor
    return watermark.replace(microsecond=0) - OVERLAP


def _mark(latest: datetime, asked: datetime | None) -> datetime:
    """Up to where all changes are known: to the end of the latest one's second, once that is over.

    Until then another change may come in the same second, and whatever has the time of the mark is
    read again. Where a long import ended within one second that would be many pages, at each look.
    The mark stays within its second, so that the address of the next look stays the same.
    """
    return latest.replace(microsecond=999_999) if _is_over(latest, asked) else latest


def _vouches(page: Page, latest: datetime | None) -> bool:
    """Whether the ETag of a first page is good for the whole list.

    A page that is full of one second's changes is not, as long as that second lasts: a further
    change in it need not come first among its equals.
    """
    if not page.etag:
        return False
    if not page.next or latest is None or page.entries[-1].updated_at < latest:
        return True
    return _is_over(latest, page.at)


def _latest(entries: Iterable[Listed]) -> datetime | None:
    return max((entry.updated_at for entry in entries), default=None)


def _by_number(entries: Iterable[Listed]) -> tuple[Listed, ...]:
    """Each number once, in its latest version, sorted."""
    latest: dict[int, Listed] = {}
    for entry in entries:
        known = latest.get(entry.number)
        if known is None or known.updated_at <= entry.updated_at:
            latest[entry.number] = entry
    return tuple(latest[number] for number in sorted(latest))


def _is_over(moment: datetime, at: datetime | None) -> bool:
    """Whether the second of a moment was over on the forge's clock when it answered."""
    return at is not None and at.replace(microsecond=0) > moment
