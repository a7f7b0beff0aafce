"""A ledger without a disk, for tests and for dry runs beside no database.

Records go through the same codec as everywhere else, so that nothing survives here that would not
survive on a disk.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime

from syncer.errors import LeaseTaken
from syncer.ledger import codec
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import (
    Intent,
    JournalEntry,
    LedgerChange,
    LedgerState,
    RunOutcome,
    RunRecord,
    Standing,
    TrackerState,
    empty_state,
)
from syncer.model.tracker import Cursor


class MemoryLedger:
    """A ledger that ends with the process."""

    def __init__(self) -> None:
        self._states: dict[str, LedgerState] = {}
        self._standings: dict[str, Standing] = {}
        self._runs: dict[tuple[str, str], RunRecord] = {}
        self._journal: list[tuple[str, JournalEntry]] = []
        self._leases: dict[str, threading.Lock] = {}
        self._next_intent = 1

    @contextmanager
    def lease(self, project: str) -> Iterator[None]:
        lock = self._leases.setdefault(project, threading.Lock())
        if not lock.acquire(blocking=False):
            raise LeaseTaken(
                "another syncer works on this project", where=project, next_step="wait until it has finished"
            )
        try:
            yield
        finally:
            lock.release()

    def close(self) -> None:
        """Nothing is open."""

    def load(self, project: str) -> LedgerState:
        return self._states.get(project, empty_state(project))

    def generation(self, project: str) -> int:
        return self.load(project).generation

    def save(self, project: str, change: LedgerChange) -> None:
        self._states[project] = changed(self.load(project), change)
        if change.standing is not None:
            self._standings[project] = change.standing
        self._journal.extend((project, entry) for entry in change.journal)

    def intend(self, project: str, intent: Intent) -> Intent:
        recorded = dataclasses.replace(intent, id=self._next_intent)
        self._next_intent += 1
        state = self.load(project)
        self._states[project] = dataclasses.replace(state, intents=(*state.intents, recorded))
        return recorded

    @property
    def foresight(self) -> int:
        return 1

    def sending(self, project: str, intent: Intent) -> None:
        """What is announced by itself is sent at once."""

    def gathering(self, project: str) -> AbstractContextManager[None]:
        del project  # each is remembered at once
        return nullcontext()

    def begin_run(self, project: str, run: str, at: datetime) -> None:
        self._runs[project, run] = RunRecord(run, at, None, None, "")

    def end_run(self, project: str, run: str, at: datetime, outcome: RunOutcome, summary: str) -> None:
        started = self._runs[project, run].started_at
        self._runs[project, run] = RunRecord(run, started, at, outcome, summary)

    def runs(self, project: str, limit: int) -> tuple[RunRecord, ...]:
        mine = [record for (owner, _run), record in self._runs.items() if owner == project]
        return tuple(sorted(mine, key=lambda record: record.run, reverse=True)[:limit])

    def journal(
        self, project: str, *, run: str | None = None, uid: Uid | None = None
    ) -> tuple[JournalEntry, ...]:
        return tuple(
            entry
            for owner, entry in self._journal
            if owner == project and run in (None, entry.run) and uid in (None, entry.uid)
        )

    def standing(self, project: str) -> Standing | None:
        return self._standings.get(project)


def changed(state: LedgerState, change: LedgerChange) -> LedgerState:
    """What is remembered after a change; standing and journal aside.

    Records go through the codec, so that nothing is kept that would not survive being written.
    """
    files = {**state.files, **{each.path: each for each in change.files}}
    bindings = dict(state.bindings)
    for binding in change.bindings:
        record = codec.load(codec.dump(codec.binding_to_json(binding)))
        bindings[binding.uid] = codec.binding_from_json(binding.uid, record)
    stages = dict(state.stages)
    for stage in change.stages:
        record = codec.load(codec.dump(codec.stage_to_json(stage)))
        stages[stage.uid] = codec.stage_from_json(stage.uid, record)
    return dataclasses.replace(
        state,
        generation=state.generation + 1,
        owner=change.owner or state.owner,
        source_profile=change.source_profile or state.source_profile,
        source=change.source or state.source,
        files={path: each for path, each in files.items() if path not in change.dropped_files},
        bindings={uid: each for uid, each in bindings.items() if uid not in change.dropped},
        stages={uid: each for uid, each in stages.items() if uid not in change.dropped_stages},
        trackers=_trackers(state, change),
        intents=tuple(intent for intent in state.intents if intent.id not in change.closed_intents),
        approved=state.approved if change.approved is None else change.approved,
        forgotten=state.forgotten if change.forgotten is None else change.forgotten,
        carrier=state.carrier
        if change.carrier is None
        else codec.carrier_from_json(codec.load(codec.dump(codec.carrier_to_json(change.carrier)))),
        decisions=state.decisions if change.decisions is None else change.decisions,
        pins=state.pins if change.pins is None else change.pins,
        detached=state.detached if change.detached is None else change.detached,
    )


def _trackers(state: LedgerState, change: LedgerChange) -> dict[TrackerId, TrackerState]:
    found = dict(state.trackers)
    named = {*change.cursors, *change.profiles, *change.issues, *change.milestones}
    for tracker in named | {tracker for tracker, _number in change.gone_issues}:
        known = found.get(tracker, TrackerState(Cursor(), None, {}, {}))
        issues = {**known.issues, **{each.number: each for each in change.issues.get(tracker, ())}}
        for owner, number in change.gone_issues:
            if owner == tracker:
                issues.pop(number, None)
        milestones = known.milestones
        if tracker in change.milestones:
            milestones = {each.key: each for each in change.milestones[tracker]}
        found[tracker] = TrackerState(
            change.cursors.get(tracker, known.cursor),
            change.profiles.get(tracker, known.profile),
            issues,
            milestones,
        )
    return found
