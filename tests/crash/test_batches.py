"""Creates in batches, cut short at every request and at every ledger call: none is lost, none is doubled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.errors import RetryError
from syncer.forges import TrackerOptions
from syncer.sandbox import Fault, Sandbox
from tests.crash.rig import Killed, Outage, Rig, Wire, wire
from tests.traffic import RECORD_TO

TEXT = b"# Plan\n\n## MVP\n\n" + b"".join(b"- [ ] Build part %d\n" % number for number in range(13))
TITLES = sorted(f"Build part {number}" for number in range(13))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(record_to=RECORD_TO) as made:
        yield made


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    with wire(monkeypatch) as made:
        yield made


def rig(sandbox: Sandbox, directory: Path, name: str) -> Rig:
    """A repository whose issues are created ten at a time."""
    options = TrackerOptions(batch_creates=True)
    return Rig(sandbox, "github", directory, name, {"TODO.md": TEXT}, options=options)


def once_each(made: Rig) -> None:
    """Everything is there once, and nothing is left to do."""
    made.settle(4)
    assert sorted(issue.title for issue in made.repository.issues()) == TITLES
    assert {issue.milestone_title for issue in made.repository.issues()} == {"MVP"}
    assert made.plan().actions == ()


@pytest.mark.parametrize(
    "after", [pytest.param(False, id="before", marks=pytest.mark.thorough), pytest.param(True, id="behind")]
)
def test_a_process_that_is_killed_at_any_request_is_followed_by_one_that_completes_it(
    sandbox: Sandbox, tmp_path: Path, watched: Wire, after: bool
) -> None:
    first = rig(sandbox, tmp_path, "whole")
    first.run()
    requests = watched.count
    assert requests < 15
    once_each(first)
    for at in range(1, requests + 1):
        made = rig(sandbox, tmp_path, f"r{at}")
        watched.arm(at, after=after)
        with pytest.raises(Killed):
            made.run()
        watched.disarm()
        once_each(made)


@pytest.mark.thorough
@pytest.mark.parametrize("answered", [False, True], ids=["not done", "done"])
def test_a_database_that_stops_at_any_call_loses_nothing(
    sandbox: Sandbox, tmp_path: Path, answered: bool
) -> None:
    first = rig(sandbox, tmp_path, "whole")
    _report, calls = first.counted()
    for call in range(1, calls + 1):
        made = rig(sandbox, tmp_path, f"r{call}")
        made.counted(outage=Outage(call=call, answered=answered))
        once_each(made)


@pytest.mark.parametrize("fault", ["lose_answer", "bad_gateway_after", "bad_gateway_before", "reset"])
def test_a_batch_without_an_answer_is_looked_for_before_anything_is_created_again(
    sandbox: Sandbox, tmp_path: Path, fault: str
) -> None:
    made = rig(sandbox, tmp_path, "lost")
    sandbox.faults.add(Fault(fault, method="POST", path="/graphql", operation="createIssue"))

    report = made.run()

    assert report.problem is None or isinstance(report.problem, RetryError)
    once_each(made)
