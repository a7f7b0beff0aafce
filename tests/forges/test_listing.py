"""Walking a list that changes under one's feet: a model of a forge's list, without HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.forges.listing import OVERLAP, Listed, Page, Sweep, changes, everything

START = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
SIZE = 5


@dataclass
class List:
    """A forge's list of issues: whole seconds, pages by number, ETags by content."""

    now: datetime = START
    updated: dict[int, datetime] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    inclusive: bool = True
    meanwhile: list[tuple[int, int]] = field(default_factory=list)

    def touch(self, number: int, seconds: float = 0) -> None:
        self.now += timedelta(seconds=seconds)
        self.updated[number] = self.now.replace(microsecond=0)

    def newest(self, since: datetime | None, etags: dict[str, str]) -> Page:
        return self._page("desc", since, 1, etags)

    def everything(self) -> Page:
        return self._page("created", None, 1, {})

    def follow(self, url: str) -> Page:
        order, since, page = url.split("|")
        return self._page(order, datetime.fromisoformat(since) if since else None, int(page), {})

    def _page(self, order: str, since: datetime | None, page: int, etags: dict[str, str]) -> Page:
        since = since.replace(microsecond=0) if since else None
        url = f"{order}|{since.isoformat() if since else ''}|{page}"
        self.requests.append(url)
        seen = [
            (number, at)
            for number, at in self.updated.items()
            if since is None or at > since or (self.inclusive and at == since)
        ]
        if order == "created":
            seen.sort()
        else:
            seen.sort(key=lambda entry: (entry[1], entry[0]), reverse=order == "desc")
        part = seen[(page - 1) * SIZE : page * SIZE]
        further = (
            f"{order}|{since.isoformat() if since else ''}|{page + 1}" if len(seen) > page * SIZE else ""
        )
        etag = str(hash(tuple(part)))
        answer = Page(
            url, tuple(Listed(number, at, None) for number, at in part), next=further, etag=etag, at=self.now
        )
        for number, seconds in self.meanwhile[:1]:  # somebody else is at work between two requests
            self.touch(number, seconds)
        self.meanwhile = self.meanwhile[1:]
        return Page(url, (), etag=etag, unchanged=True) if etags.get(url) == etag else answer


def numbers(sweep: Sweep) -> list[int]:
    return [entry.number for entry in sweep.entries]


@pytest.mark.parametrize("pace", [0.0, 0.1, 0.3, 60.0])
def test_an_idle_look_costs_one_conditional_request_however_long_the_list(pace: float) -> None:
    """The address stays the same while nothing changes, so that its ETag answers for the whole list."""
    world = List()
    for number in range(1, 1001):
        world.touch(number, pace)
    sweep = everything(world)
    world.now += timedelta(seconds=1)
    sweep = changes(world, sweep.watermark, sweep.floor, sweep.etags)
    world.requests.clear()
    for _ in range(3):
        world.now += timedelta(hours=5)
        sweep = changes(world, sweep.watermark, sweep.floor, sweep.etags)
        assert [] == numbers(sweep)

    assert 3 == len(world.requests)
    assert 1 == len(set(world.requests))


def test_a_change_behind_the_first_page_is_found() -> None:
    """An unchanged first page of the newest proves that nothing changed anywhere, and only then."""
    world = List()
    for number in range(1, 101):
        world.touch(number)
    sweep = everything(world)
    sweep = changes(world, sweep.watermark, sweep.floor, sweep.etags)
    world.touch(3, 1)
    sweep = changes(world, sweep.watermark, sweep.floor, sweep.etags)

    assert 3 in numbers(sweep)


def test_few_changes_cost_one_request_after_a_bulk_import() -> None:
    """A thousand issues made within the overlap are not read again because of one change."""
    world = List()
    for number in range(1, 1001):
        world.touch(number, 0.3)
    sweep = everything(world)
    world.requests.clear()
    world.touch(7, 1)
    sweep = changes(world, sweep.watermark, sweep.floor, sweep.etags)

    assert 7 in numbers(sweep)
    assert 1 == len(world.requests)


def test_many_changes_cost_as_many_requests_as_pages() -> None:
    """k changes cost k divided by the page's size, rounded up."""
    world = List()
    for number in range(1, 201):
        world.touch(number, 60)
    sweep = everything(world)
    for number in range(1, 52):
        world.touch(number, 2)
    world.requests.clear()
    sweep = changes(world, sweep.watermark, sweep.floor, sweep.etags)

    assert set(range(1, 52)) <= set(numbers(sweep))
    assert 11 == len(world.requests)


@pytest.mark.parametrize("inclusive", [True, False])
def test_a_whole_page_within_one_second_is_passed(inclusive: bool) -> None:
    """Whatever the forge means by "since"."""
    world = List(inclusive=inclusive)
    world.touch(1000)
    sweep = everything(world)
    for number in range(1, 41):
        world.touch(number, 1 if number in (1, 39) else 0)
    sweep = changes(world, sweep.watermark, sweep.floor, sweep.etags)

    assert set(range(1, 41)) <= set(numbers(sweep))


def test_a_late_replica_is_caught_by_the_overlap() -> None:
    """A change that a lagging replica hid is found the next time, if it is a few minutes old."""
    world = List()
    world.touch(1)
    world.touch(2, 60)
    sweep = everything(world)
    world.updated[3] = world.now - timedelta(minutes=5)
    sweep = changes(world, sweep.watermark, sweep.floor, sweep.etags)

    assert 3 in numbers(sweep)
    assert timedelta(minutes=10) == OVERLAP


def test_a_full_sweep_does_not_promise_what_it_could_not_see() -> None:
    """An issue that changes after its page was read is older than the watermark says, and found next."""
    world = List(meanwhile=[(1, 700), (25, 700)])
    for number in range(1, 26):
        world.touch(number)
    sweep = everything(world)
    sweep = changes(world, sweep.watermark, sweep.floor, sweep.etags)

    assert 1 in numbers(sweep)


def test_an_empty_list_is_complete_without_a_watermark() -> None:
    """The first issue ever is found."""
    world = List()
    sweep = everything(world)
    assert sweep.watermark is None
    sweep = changes(world, sweep.watermark, sweep.floor, sweep.etags)
    sweep = changes(world, sweep.watermark, sweep.floor, sweep.etags)
    world.touch(1)
    sweep = changes(world, sweep.watermark, sweep.floor, sweep.etags)

    assert [1] == numbers(sweep)


@settings(max_examples=300, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.lists(st.tuples(st.integers(1, 30), st.sampled_from([0, 0, 1, 5, 300, 2000])), max_size=30),
            st.lists(st.tuples(st.integers(1, 30), st.sampled_from([0, 1, 900])), max_size=6),
        ),
        max_size=6,
    ),
    inclusive=st.booleans(),
)
def test_no_change_is_ever_missed(
    steps: list[tuple[list[tuple[int, int]], list[tuple[int, int]]]], inclusive: bool
) -> None:
    """Whatever changes before, between and during looks: what is known in the end is what there is."""
    world, known = List(inclusive=inclusive), dict[int, datetime]()
    sweep: Sweep | None = None
    for before, during in [*steps, ([], []), ([], [])]:
        for number, seconds in before:
            world.touch(number, seconds)
        world.meanwhile = list(during)
        sweep = (
            everything(world) if sweep is None else changes(world, sweep.watermark, sweep.floor, sweep.etags)
        )
        world.meanwhile = []
        known |= {entry.number: entry.updated_at for entry in sweep.entries}

    assert world.updated == known
