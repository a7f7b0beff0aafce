"""What the service asks of the world: trackers, documents, time, identity, a place to report to.

Adapters implement these protocols; they never import the service, and never each other. Each
protocol is proven by one contract suite that every adapter passes (``tests/contract``).

Two rules hold for every method that writes:

* it sends exactly one request that changes something, once; nothing below it repeats a write;
* it raises :class:`~syncer.errors.UnknownFate` when the request may have taken effect and no
  answer says so, and any other error only when it certainly did not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final, Protocol, TypeVar

from syncer.errors import SyncerError
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import (
    Intent,
    JournalEntry,
    LedgerChange,
    LedgerState,
    RunOutcome,
    RunRecord,
    Standing,
)
from syncer.model.proposal import Proposal, ProposalDraft
from syncer.model.source import CommitDraft, Committed, Entry, Head, LogEntry
from syncer.model.tracker import (
    BodyEvent,
    Capabilities,
    Cursor,
    Issue,
    IssueChange,
    IssueDraft,
    Label,
    LabelEvent,
    Milestone,
    MilestoneChange,
    MilestoneDraft,
    ParentAnswer,
    ParentChange,
    StateEvent,
    TitleEvent,
    TrackerProfile,
    TrackerReading,
)

T = TypeVar("T")

TOGETHER: Final = 50
"""How many issues are put below others in one request at most."""


class Clock(Protocol):
    """Time, and waiting that a stop signal can end."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait. Raises :class:`~syncer.errors.Interrupted` when a stop is asked for meanwhile."""


class Ids(Protocol):
    """Fresh identities."""

    def uid(self) -> Uid:
        """A binding's id that was never given out before."""

    def run_id(self) -> str:
        """A name for one run, sortable by time."""


class Tracker(Protocol):
    """One repository's issues and milestones."""

    @property
    def id(self) -> TrackerId: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def profile(self) -> TrackerProfile:
        """What the repository is. One request, at most once per connection."""

    def moved(self) -> TrackerProfile | None:
        """What the repository is now, if it turned out to have another name; no request."""

    def read(self, cursor: Cursor, *, full: bool = False) -> TrackerReading:
        """Everything that changed since ``cursor``; everything there is if ``full`` or it is empty.

        Pull requests are never among the issues. The reading's cursor is only to be stored once
        what was read has been acted upon durably.
        """

    def issue(self, number: int) -> Issue:
        """One issue, read directly. Raises ``Missing``, ``Gone`` or ``Moved``."""

    def created_since(self, moment: datetime) -> tuple[Issue, ...]:
        """Issues created at or after a moment of the forge's clock, newest first."""

    def create_issue(self, draft: IssueDraft) -> Issue: ...

    def create_issues(self, drafts: Sequence[IssueDraft]) -> tuple[Issue | SyncerError, ...]:
        """Create several issues in one request, at most ``capabilities.creates_together`` of them.

        None of the drafts has assignees. The answers are in their order: what was created, or why it
        was not; ``UnknownFate`` where that is not known. What is raised concerns them all.
        """

    def update_issue(self, number: int, change: IssueChange) -> Issue:
        """Change one issue in one request; the answer is what the forge then holds."""

    def milestone(self, key: int) -> Milestone:
        """One milestone, read directly. Raises ``Missing``."""

    def create_milestone(self, draft: MilestoneDraft) -> Milestone: ...

    def update_milestone(self, key: int, change: MilestoneChange) -> Milestone: ...

    def open_issues_in(self, key: int) -> frozenset[int]:
        """The numbers of the open issues of a milestone."""

    def ensure_label(self, label: Label) -> bool:
        """Create a label unless there is one of that name in any case. True if it was created."""

    def state_events(self, number: int) -> tuple[StateEvent, ...]:
        """The forge's log of an issue's closing and reopening, oldest first."""

    def title_events(self, number: int) -> tuple[TitleEvent, ...]:
        """The forge's log of an issue's retitling, oldest first."""

    def label_events(self, number: int) -> tuple[LabelEvent, ...]:
        """The forge's log of an issue's labels, oldest first."""

    def may_triage(self, login: str) -> bool:
        """Whether somebody may label and close other people's issues here, asked of the forge now."""

    def comments(self, number: int) -> tuple[str, ...]:
        """What people and programs said below an issue, oldest first, as they wrote it."""

    def comment(self, number: int, text: str) -> None:
        """Say something below an issue. One request."""

    def knows_parents(self) -> bool:
        """Whether issues can stand below one another here, asked of the forge."""

    def parents_of(self, numbers: Collection[int]) -> Mapping[int, int]:
        """The number of the issue above each of some issues, now: 0 for none, ``ELSEWHERE`` for another's.

        An issue that is not there is left out.
        """

    def set_parents(self, changes: Sequence[ParentChange]) -> tuple[ParentAnswer, ...]:
        """Put issues below others, up to :data:`~syncer.ports.TOGETHER` of them in one request.

        What the forge refuses for one of them is in its answer; the others are not affected by it. Issues
        that this connection has neither made nor asked about yet are looked up first.

        Raises:
            Missing: one of the issues is not there.
        """

    def body_events(self, number: int) -> tuple[BodyEvent, ...]:
        """The latest edits of an issue's body, oldest first; without texts where the forge keeps none."""


class Documents(Protocol):
    """One repository's files at its branches' heads."""

    def profile(self) -> TrackerProfile:
        """What the repository is. One request, at most once per connection."""

    def moved(self) -> TrackerProfile | None:
        """What the repository is now, if it turned out to have another name; no request."""

    def head(self, branch: str, known: Head | None) -> Head:
        """What the branch points at; ``known`` itself where the source says nothing changed."""

    def entries(self, revision: str, patterns: Sequence[str]) -> tuple[Entry, ...]:
        """The paths at a revision that match any pattern, sorted. ``**`` crosses directories.

        A pattern without wildcards yields its entry whatever that is, or nothing.
        """

    def read(self, revision: str, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """The bytes of files, exactly, by path."""

    def commit(self, draft: CommitDraft) -> Committed:
        """One commit with all files, only if the branch still points at ``draft.parent``.

        Raises:
            StaleHead: the branch has moved; nothing was committed.
            Forbidden: the branch does not take direct commits from us.
            UnknownFate: read the head again to find out.
        """

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether history leads from one revision to the other. False if either is unknown."""

    def history(self, older: str, newer: str) -> tuple[LogEntry, ...] | None:
        """The commits that lead from one revision to another, newest last.

        ``None`` if history does not lead there. Very long histories may be cut at their beginning.
        """

    def line_url(self, path: str, revision: str, line: int) -> str:
        """A permanent address that shows a line of a file at a revision."""


class Proposals(Protocol):
    """One repository's pull or merge requests, as far as a rolling one needs them."""

    def needs_request(self, branch: str) -> bool:
        """Whether rules say that changes reach a branch by requests only; False where none is known."""

    def create_branch(self, branch: str, revision: str) -> None:
        """Raises ``Rejected`` if there is one already, ``Protected`` if rules forbid it."""

    def restart(self, draft: CommitDraft, onto: str) -> Committed | None:
        """Put a branch onto another commit without rewriting it: a commit with both as its parents.

        It holds what ``onto`` holds, with the draft's files over it. ``None`` where the forge cannot
        do this; nothing was done then. Raises ``StaleHead`` as :meth:`Documents.commit` does.
        """

    def find(self, branch: str, target: str) -> Proposal | None:
        """The latest request from one branch to another, whatever its state."""

    def look(self, number: int, etag: str = "") -> Proposal | None:
        """One request; ``None`` if it is what the ETag stands for. Raises ``Missing``."""

    def open(self, draft: ProposalDraft) -> Proposal: ...

    def change(self, number: int, *, title: str, body: str) -> Proposal:
        """Give a request another text. The answer is what it is now, whatever its state."""

    def close(self, number: int) -> None: ...

    def merge_when_ready(self, proposal: Proposal) -> None:
        """Let the forge merge an open request as soon as its rules allow."""


class Notes(Protocol):
    """Small texts by name, shared by all processes that use one state database.

    Rate budgets are kept here, and what is known about a host. Losing them loses no work.
    """

    def read(self, name: str) -> str | None:
        """A text, or ``None`` where there is none."""

    def change(self, name: str, step: Callable[[str | None], tuple[str, T]]) -> T:
        """Replace a text by what ``step`` makes of it, atomically among all who share the notes.

        Args:
            name: at most 400 characters.
            step: pure; gives the new text, and the answer of this call.
        """


class Progress(Protocol):
    """Where a long run says how far it is."""

    def start(self, total: int, what: str) -> None: ...

    def step(self, what: str) -> None: ...

    def waiting(self, seconds: float, why: str) -> None: ...

    def finish(self) -> None: ...


class Ledger(Protocol):
    """What is remembered between runs. One transaction per call; durable when the call returns."""

    def lease(self, project: str) -> AbstractContextManager[None]:
        """Sole right to work on a project, for as long as the context lasts.

        It ends with the process, however that ends. Raises ``LeaseTaken``.
        """

    def load(self, project: str) -> LedgerState:
        """Everything about a project; :func:`~syncer.model.ledger.empty_state` if nothing is known."""

    def generation(self, project: str) -> int:
        """Grows with every change that is remembered; 0 if nothing is known. Cheap."""

    def save(self, project: str, change: LedgerChange) -> None:
        """Remember a change."""

    def intend(self, project: str, intent: Intent) -> Intent:
        """Remember an effect before it is sent. The intent comes back with its id."""

    @property
    def foresight(self) -> int:
        """How many creates are to be announced before the first of them is sent.

        One, where remembering costs little. Where it does not, what was announced and never sent has to be
        looked for after a crash as if it had been.
        """

    def sending(self, project: str, intent: Intent) -> None:
        """An effect that was announced with others is sent now. Remembered with the next change."""

    def gathering(self, project: str) -> AbstractContextManager[None]:
        """Intents that are recorded meanwhile are durable together when the context ends.

        Nothing is sent before that. Where an error ends it, none of them is remembered, or each of them.
        """

    def begin_run(self, project: str, run: str, at: datetime) -> None: ...

    def end_run(self, project: str, run: str, at: datetime, outcome: RunOutcome, summary: str) -> None: ...

    def runs(self, project: str, limit: int) -> tuple[RunRecord, ...]:
        """The latest runs, newest first."""

    def journal(
        self, project: str, *, run: str | None = None, uid: Uid | None = None
    ) -> tuple[JournalEntry, ...]:
        """Journal entries in the order in which they were written."""

    def standing(self, project: str) -> Standing | None:
        """Where the project stood after its last run."""

    def close(self) -> None: ...
