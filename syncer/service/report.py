"""What one run of one project came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from syncer.errors import SyncerError
from syncer.model.fields import Field
from syncer.model.ledger import RunOutcome
from syncer.model.plan import ChangeIssue, CreateIssue, EditRoadmap, Outcome, Plan, Receipt, Verdict
from syncer.model.source import Committed


@dataclass(slots=True)
class RunReport:
    """The whole story of a run, for people and for programs.

    Args:
        plan: the first plan of the run: what was shown is what was done.
        verdict: what the guard said about it.
        receipts: what became of its actions, and of those of later rounds after a race.
        committed: the commits that were made, in order.
        unreadable: roadmaps that could not be read, with the reason.
        missing: configured paths that do not exist.
        waiting_until: when the grace period of a create without an answer is over.
        problem: what ended the run, if something did.
    """

    project: str
    run: str
    dry: bool
    started_at: datetime
    outcome: RunOutcome = RunOutcome.COMPLETE
    plan: Plan | None = None
    verdict: Verdict = field(default_factory=Verdict)
    receipts: list[Receipt] = field(default_factory=list)
    committed: list[Committed] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    waiting_until: datetime | None = None
    problem: SyncerError | None = None
    rounds: int = 0

    @property
    def proposals(self) -> dict[str, str]:
        """The pull or merge requests that carry edits of this run, with their addresses."""
        return {
            receipt.detail.removeprefix("in "): receipt.url
            for receipt in self.receipts
            if isinstance(receipt.action, EditRoadmap)
            and receipt.outcome is Outcome.DONE
            and receipt.detail.startswith("in ")
        }

    def count(self, outcome: Outcome) -> int:
        return sum(1 for receipt in self.receipts if receipt.outcome is outcome)

    @property
    def counts(self) -> dict[str, int]:
        """How many actions came to what."""
        counted = Counter(receipt.outcome.value for receipt in self.receipts)
        return {outcome.value: counted.get(outcome.value, 0) for outcome in Outcome}

    @property
    def remarks(self) -> list[Receipt]:
        """What was done on a tracker, but for a part that the forge kept back without a word."""
        return [
            receipt
            for receipt in self.receipts
            if receipt.outcome is Outcome.DONE
            and receipt.detail
            and (isinstance(receipt.action, CreateIssue) or _assigns(receipt))
        ]

    @property
    def failures(self) -> list[Receipt]:
        """What was not done, and is not simply overtaken."""
        unfinished = (Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED)
        return [receipt for receipt in self.receipts if receipt.outcome in unfinished]


def _assigns(receipt: Receipt) -> bool:
    return isinstance(receipt.action, ChangeIssue) and receipt.action.field is Field.ASSIGNEES
