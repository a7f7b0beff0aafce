"""What a ledger on a ref costs: ``python -m tests.benchmarks.bench_ref [--long]``.

Whole runs over the in-memory forge with the state on a bare repository of this disk: pushes and seconds of
a first import of 500 items, an idle run, few changes. Then runs of the ledger alone, each of which changes
one item: bytes of the repository before and after the host's housekeeping (``git gc``). With ``--long`` 1,000
of them, else 100. The bar: 1 MB after 1,000.
"""

from __future__ import annotations

import dataclasses
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from syncer.forges.connection import TrackerOptions
from syncer.model.fields import TaskState
from syncer.model.ledger import Intent, IntentKind, JournalEntry, LedgerChange, RunOutcome
from syncer.service.cycle import Cycle, Orders
from syncer.service.project import Project
from tests.ledger.places import BareRepository
from tests.sources.people import git
from tests.team import Quiet, Team

ITEMS = 500
_STAGES = 5


class _Together(Team):
    """A team whose forge creates several issues in one request."""

    @property
    def project(self) -> Project:
        trackers = tuple(
            self.forge.tracker(name, options=TrackerOptions(batch_creates=True)) for name in self.names
        )
        return dataclasses.replace(super().project, trackers=trackers)


def plan() -> str:
    """A roadmap of 500 items."""
    stages = [
        f"## Phase {stage}\n\n"
        + "".join(f"- [ ] Write part {n} of chapter {stage}\n" for n in range(ITEMS // _STAGES))
        for stage in range(1, _STAGES + 1)
    ]
    return "# Plan\n\n" + "\n".join(stages)


def run(team: Team, repository: BareRepository) -> tuple[int, float]:
    """One run, as a process of its own: pushes and seconds."""
    ledger = repository.ledger(team.clock)
    started = time.monotonic()
    report = Cycle(ledger, team.clock, team.ids, Quiet()).run(team.project, Orders(approve=True))
    assert report.problem is None, report.problem
    team.clock.pass_time()
    return ledger.pushes, time.monotonic() - started


def sizes(repository: BareRepository) -> tuple[int, int, int]:
    """Bytes on the disk as they are, after housekeeping, and of what the ref holds unpacked."""
    before = _bytes(repository)
    git(repository.path, "gc", "-q", "--prune=now")
    held = sum(map(len, repository.place("rune").read().files.values()))
    return before, _bytes(repository), held


def some_runs(team: Team, repository: BareRepository, count: int) -> int:
    """Runs that change one item each, with a commit and a journal, by the ledger alone."""
    ledger = repository.ledger(team.clock)
    tracker = team.tracker_id()
    state = ledger.load("rune")
    bindings = list(state.bindings.values())
    for number in range(count):
        binding, name = bindings[number * 7 % len(bindings)], f"run-{number:06d}"
        at = team.clock.now()
        issue = state.trackers[tracker].issues[binding.refs[tracker]]
        seen = dataclasses.replace(
            issue, updated_at=at, state=TaskState.DONE if number % 2 else TaskState.OPEN
        )
        entries = [
            JournalEntry(
                at, name, "set-issue-state", f"TODO.md:{n}", f"{issue.title}: closed", binding.uid, "done"
            )
            for n in range(3)
        ]
        with ledger.lease("rune"):
            ledger.begin_run("rune", name, at)
            intent = Intent(
                0, name, IntentKind.CHANGE_ISSUE, tracker, binding.uid, issue.number, (), at, summary="close"
            )
            recorded = ledger.intend("rune", intent)
            ledger.save(
                "rune",
                LedgerChange(
                    bindings=(dataclasses.replace(binding, words=(name,)),),
                    issues={tracker: (seen,)},
                    closed_intents=(recorded.id,),
                    journal=tuple(entries),
                ),
            )
            ledger.end_run("rune", name, at, RunOutcome.COMPLETE, "1 action planned, 1 done")
        team.clock.pass_time()
    return ledger.pushes


def main(arguments: Sequence[str] = ()) -> None:
    """Measure and print."""
    count = 1000 if "--long" in arguments else 100
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "together").mkdir()
        lines = [
            (
                "first import, several creates in a request",
                *run(_Together(plan()), BareRepository(Path(directory) / "together")),
            )
        ]
        repository, team = BareRepository(Path(directory)), Team(plan())
        lines.append(("first import, one by one", *run(team, repository)))
        before, after, held = sizes(repository)
        lines.append(("idle", *run(team, repository)))
        team.put("Write part 3 of chapter 1", TaskState.DONE)
        lines.append(("one issue closed", *run(team, repository)))
        for part in (5, 6, 7):
            team.edit(f"[ ] Write part {part} of chapter 2", f"[x] Write part {part} of chapter 2")
        lines.append(("three boxes ticked", *run(team, repository)))
        print(f"{ITEMS} items{'':34}pushes  seconds")
        for what, pushes, seconds in lines:
            print(f"{what:44}{pushes:6}{seconds:9.2f}")
        print(f"\nafter the import: {before:,} bytes, {after:,} after housekeeping, {held:,} unpacked")
        pushes = some_runs(team, repository, count)
        before, after, held = sizes(repository)
        print(
            f"after {count:,} runs ({pushes:,} pushes): {before:,} bytes, {after:,} after housekeeping, "
            f"{held:,} unpacked; the bar: 1,000,000 after housekeeping"
        )


def _bytes(repository: BareRepository) -> int:
    return sum(path.stat().st_size for path in (repository.path / "objects").rglob("*") if path.is_file())


if __name__ == "__main__":
    main(sys.argv[1:])
