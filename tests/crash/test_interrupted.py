"""Runs that are cut short at any point, and then resumed: the end is the same as without.

0 duplicates, 0 lost, 0 foreign bytes changed, and nothing left to do. In the quick profile each way of
cutting short is tried at every tenth boundary, in the thorough one at all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from syncer.sandbox import Fault, Sandbox
from tests.crash.rig import KINDS, Killed, Outage, Rig, Wire, wire
from tests.crash.stories import STORIES, Story, roadmap
from tests.traffic import RECORD_TO

Cut = Callable[[Rig, Wire, int], None]


def _killed_before(rig: Rig, watched: Wire, at: int) -> None:
    _killed(rig, watched, at, after=False)


def _killed_after(rig: Rig, watched: Wire, at: int) -> None:
    _killed(rig, watched, at, after=True)


def _killed(rig: Rig, watched: Wire, at: int, *, after: bool) -> None:
    watched.arm(at, after=after)
    try:
        with pytest.raises(Killed):
            rig.run()
    finally:
        watched.disarm()


def _fault(do: str) -> Cut:
    def cut(rig: Rig, _watched: Wire, at: int) -> None:
        rig.sandbox.faults.add(Fault(do, forge=rig.kind, nth=at))
        try:
            rig.run()
        finally:
            rig.sandbox.faults.clear()

    return cut


def _database_stops(rig: Rig, watched: Wire, at: int) -> None:
    watched.disarm()
    rig.counted(outage=Outage(behind=at), watched=watched)


CUTS: dict[str, Cut] = {
    "killed before a request": _killed_before,
    "killed behind its effect": _killed_after,
    "an answer lost": _fault("lose_answer"),
    "a 502 behind the effect": _fault("bad_gateway_after"),
    "a connection reset": _fault("reset"),
    "the database stopped": _database_stops,
}


@dataclass
class Yard:
    """Where rigs are set up, one repository each."""

    sandbox: Sandbox
    directory: Path
    kind: str
    made: int = 0

    def rig(self, story: Story, size: int) -> Rig:
        self.made += 1
        rig = Rig(self.sandbox, self.kind, self.directory, f"r{self.made}", {"TODO.md": roadmap(size)})
        story.prepare(rig, size)
        return rig


@pytest.fixture(params=KINDS)
def yard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Yard]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        yield Yard(sandbox, tmp_path, request.param)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    with wire(monkeypatch) as made:
        yield made


@cache
def _uninterrupted(kind: str, story: Story, size: int) -> tuple[tuple[object, ...], int, int]:
    """The end of a run that nothing disturbs, how many requests it takes, and how many ledger calls."""
    import tempfile

    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as directory:
        rig = Yard(sandbox, Path(directory), kind).rig(story, size)
        sandbox.reset_counts()
        report, calls = rig.counted()
        assert report.problem is None
        assert not report.failures
        requests = sandbox.count(kind).total
        assert rig.plan().actions == ()
        return rig.snapshot(), requests, calls


def _resumed(rig: Rig, expected: tuple[object, ...], what: str) -> None:
    rig.settle()
    actions = [(type(each).__name__, each.subject.title) for each in rig.plan().actions]
    assert actions == [], f"{what}: left to do"
    for part, (shown, wanted) in enumerate(zip(rig.snapshot(), expected, strict=True)):
        assert shown == wanted, f"{what}: part {part} of the end differs"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
@pytest.mark.parametrize("how", CUTS)
def test_a_run_that_is_cut_short_at_any_tenth_request_ends_as_if_it_had_not_been(
    how: str, story: Story, yard: Yard, watched: Wire, record_property: Callable[[str, object], None]
) -> None:
    expected, requests, _calls = _uninterrupted(yard.kind, story, 12)
    first = 1 + 3 * list(CUTS).index(how) % 10
    boundaries = range(first, requests + 1, 10)
    for at in boundaries:
        rig = yard.rig(story, 12)
        CUTS[how](rig, watched, at)
        _resumed(rig, expected, f"{how} at request {at} of {requests}")
    record_property("boundaries", len(boundaries))


@pytest.mark.thorough
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
@pytest.mark.parametrize("how", CUTS)
def test_a_large_run_that_is_cut_short_at_any_request_ends_as_if_it_had_not_been(
    how: str, story: Story, yard: Yard, watched: Wire, record_property: Callable[[str, object], None]
) -> None:
    expected, requests, _calls = _uninterrupted(yard.kind, story, 200)
    rig = yard.rig(story, 200)
    beginning = rig.remember()
    for at in range(1, requests + 1):
        rig.return_to(beginning)
        CUTS[how](rig, watched, at)
        _resumed(rig, expected, f"{how} at request {at} of {requests}")
    record_property("boundaries", requests)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
@pytest.mark.parametrize(
    "step", [pytest.param(30, id="every thirtieth"), pytest.param(1, id="every", marks=pytest.mark.thorough)]
)
def test_a_database_that_stops_at_any_statement_loses_nothing(
    step: int, story: Story, yard: Yard, record_property: Callable[[str, object], None]
) -> None:
    """Also where the statement was carried out and its answer never came."""
    expected, _requests, calls = _uninterrupted(yard.kind, story, 12)
    boundaries = range(1 + step // 2, calls + 1, step)
    for at in boundaries:
        for answered in (False, True):
            rig = yard.rig(story, 12)
            rig.counted(outage=Outage(call=at, answered=answered))
            _resumed(rig, expected, f"the database stops at call {at} of {calls}")
    record_property("boundaries", 2 * len(boundaries))
