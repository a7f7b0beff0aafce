"""Looking whether anything has changed at all, for a project at rest, without loading what is remembered.

A run that found nothing to do leaves behind where it had read up to. The next look asks just that: where
the branch still points there and the trackers say "not modified", there is nothing to plan, and nothing is
written either. Whatever else could matter ends the rest: an effect of unknown fate, an open request, a
change of the ledger by anybody, and an hour, after which a project is planned once more as a whole.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from syncer.model.identity import TrackerId
from syncer.model.ledger import LedgerState, RunOutcome
from syncer.model.plan import Plan
from syncer.model.proposal import ProposalState
from syncer.model.source import Head
from syncer.model.tracker import Cursor, TrackerReading
from syncer.service.project import Project
from syncer.service.report import RunReport

_LONGEST: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What was read before a run, and what it was read from: the run need not ask again.

    Args:
        generation: of the ledger whose cursors were used.
        head: of the source's branch.
        readings: of all trackers.
    """

    generation: int
    head: Head
    readings: Mapping[TrackerId, TrackerReading]


@dataclass(frozen=True, slots=True)
class Rest:
    """A project with nothing to do.

    Args:
        project: ready to be looked at.
        generation: of the ledger when it came to rest.
        head: of the source's branch, as it is remembered.
        cursors: up to where the trackers were read.
        plan: of the last run; it has no effects.
        until: when it is planned anew, whatever the forges say.
    """

    project: Project
    generation: int
    head: Head
    cursors: Mapping[TrackerId, Cursor]
    plan: Plan
    unreadable: Mapping[str, str]
    missing: tuple[str, ...]
    until: datetime

    def look(self) -> Ahead:
        """Ask whether anything has changed.

        Raises:
            SyncerError: a side cannot be read.
        """
        head = self.project.documents.head(self.head.branch, self.head)
        readings = {each.id: each.read(self.cursors[each.id]) for each in self.project.trackers}
        return Ahead(self.generation, head, readings)

    def covers(self, ahead: Ahead) -> bool:
        """Whether a look has brought nothing new."""
        return ahead.head.revision == self.head.revision and not any(
            reading.full or reading.issues or reading.milestones is not None
            for reading in ahead.readings.values()
        )

    def report(self, run: str, now: datetime) -> RunReport:
        """What a run would have come to that finds nothing new."""
        return RunReport(
            self.project.name,
            run,
            False,
            now,
            plan=self.plan,
            unreadable=dict(self.unreadable),
            missing=self.missing,
            rounds=1,
        )


def rest_after(project: Project, state: LedgerState, report: RunReport, now: datetime) -> Rest | None:
    """The rest that a run leaves behind.

    Args:
        project: that was run.
        state: what is remembered now.
        report: of the run.
        now: by our clock.

    Returns:
        ``None`` where something was done, or is still to be done or looked for.
    """
    plan, source = report.plan, state.source
    quiet = report.problem is None and report.outcome is RunOutcome.COMPLETE and report.rounds == 1
    if plan is None or plan.effects or not quiet or report.verdict.held or report.waiting_until is not None:
        return None
    carrier = state.carrier
    asking = carrier.opening or carrier.state is ProposalState.OPEN
    if asking or carrier.refused is not None or carrier.declined:
        return None
    if state.intents or state.restored or state.detached:
        return None
    cursors = {
        tracker.id: known.cursor
        for tracker in project.trackers
        if (known := state.trackers.get(tracker.id)) is not None and known.cursor.complete
    }
    profile = state.source_profile
    if len(cursors) != len(project.trackers) or not source.revision or source.rewritten or profile is None:
        return None
    if source.branch != (project.branch or profile.default_branch) or source.patterns != project.patterns:
        return None
    return Rest(
        project=project,
        generation=state.generation,
        head=Head(source.branch, source.revision, source.etag),
        cursors=cursors,
        # Who is bound to whom is of no use here, and large.
        plan=dataclasses.replace(plan, items=(), stages=()),
        unreadable=dict(report.unreadable),
        missing=report.missing,
        until=now + _LONGEST,
    )
