"""The ledger without a disk: one commit on a ref, replaced by compare-and-swap.

A push takes about a second, so not everything is pushed at once. What may get lost in a crash without
harm waits for the next push: observations, and receipts of effects whose intents are on the ref. It is
as if the crash had come right behind the last effect, and that is recovered from on any ledger. Pushed
before the call returns are intents, the steps of a rolling request, values that give way, decisions of
people: everything that has to be known before the next effect. A run that did nothing pushes nothing.

The first push of a run takes the lease, every further one extends it, the last one gives it back. All
of them are refused where the ref does not hold our own last commit; then somebody else is at work, and
this run ends before its next effect.
"""

from __future__ import annotations

import dataclasses
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from syncer.errors import ConfigError, LeaseTaken, ReadOnly, StaleHead, SyncerError
from syncer.ledger.git.journal import RUNS, VALUES
from syncer.ledger.git.layout import VOLATILE, Snapshot, from_files, to_files
from syncer.ledger.git.lease import LASTS, Lease
from syncer.ledger.git.place import Kept, Place
from syncer.ledger.memory import changed
from syncer.model.identity import Uid
from syncer.model.ledger import (
    Intent,
    JournalEntry,
    LedgerChange,
    LedgerState,
    RunOutcome,
    RunRecord,
    Standing,
)
from syncer.ports import Clock

T = TypeVar("T")

_FRESH: Final = timedelta(seconds=60)
"""So long what was read is believed without another look; a push finds out anyway."""

_ATTEMPTS: Final = 3
"""How often a single change is tried while others change things as well."""

_FORESIGHT: Final = 30
"""GitHub lets create 80 issues a minute, and recommends six pushes (docs.github.com, "Repository limits")."""

_MAY_WAIT: Final = frozenset(
    {
        "generation",
        "owner",
        "source_profile",
        "source",
        "files",
        "bindings",
        "stages",
        "trackers",
        "intents",
    }
)
"""Parts of the state that follow from looking again, or from intents that are on the ref.

Of a part that is not named here, a new one too, nobody has shown that: a change of it is pushed at once.
"""


@dataclass(slots=True)
class _Desk:
    """One project's ledger in this process.

    Args:
        kept: what the place is known to hold.
        snapshot: the same, with what waits for the next push.
        read_at: when that was looked at.
        held: whether this process works on the project.
        taken: whether the ref says so.
        lost: whether somebody else has taken over.
        waiting: while intents are gathered, whether something has to be pushed when that ends.
    """

    place: Place
    lock: threading.RLock = field(default_factory=threading.RLock)
    kept: Kept = field(default_factory=Kept)
    snapshot: Snapshot | None = None
    read_at: datetime | None = None
    held: bool = False
    taken: bool = False
    lost: bool = False
    waiting: bool | None = None


class GitLedger:
    """Implements :class:`syncer.ports.Ledger`. Safe to share between threads.

    Args:
        place: of a project's commit.
        clock: for leases.
        allow_public: whether a project's trackers may be seen by whoever sees its source.
        longest_wait: seconds for which a request may wait for its turn after it was announced.
        read_only: nothing is written.
    """

    def __init__(
        self,
        place: Callable[[str], Place],
        clock: Clock,
        *,
        allow_public: Callable[[str], bool] = lambda _project: False,
        longest_wait: float = 0.0,
        read_only: bool = False,
    ) -> None:
        self._place = place
        self._clock = clock
        self._allow_public = allow_public
        self._read_only = read_only
        self._lasts = max(LASTS, timedelta(seconds=3 * longest_wait))
        self._holder = secrets.token_hex(8)
        self._desks: dict[str, _Desk] = {}
        self._lock = threading.Lock()
        self.pushes = 0

    def close(self) -> None:
        """Nothing is open."""

    @contextmanager
    def lease(self, project: str) -> Iterator[None]:
        desk = self._desk(project)
        with desk.lock:
            if desk.held:
                raise _taken(project, "this process works on it already")
            self._refuse_to_write(desk)
            self._refuse_others(project, desk)
            desk.held, desk.taken, desk.lost = True, False, False
        try:
            yield
            self._conclude(project, desk)
        except Exception:
            # What ends the process ends it here. After any other error, what was done is remembered.
            if not desk.lost:
                self._conclude(project, desk)
            raise
        finally:
            desk.held = False
            desk.read_at = None

    def probe(self, project: str) -> str:
        """Find out whether the ref can be written; nothing is written. Returns where it is."""
        desk = self._desk(project)
        with desk.lock:
            self._look(project, desk)
            desk.place.probe(desk.kept.revision)
            return desk.place.shown

    # -- loading -------------------------------------------------------------------------------------

    def load(self, project: str) -> LedgerState:
        return self._seen(project).state

    def runs(self, project: str, limit: int) -> tuple[RunRecord, ...]:
        found = self._seen(project).runs.values()
        return tuple(sorted(found, key=lambda record: record.run, reverse=True)[:limit])

    def journal(
        self, project: str, *, run: str | None = None, uid: Uid | None = None
    ) -> tuple[JournalEntry, ...]:
        return tuple(
            entry
            for entry in self._seen(project).journal.entries()
            if run in (None, entry.run) and uid in (None, entry.uid)
        )

    def generation(self, project: str) -> int:
        return self.load(project).generation

    def standing(self, project: str) -> Standing | None:
        return self._seen(project).standing

    # -- remembering ---------------------------------------------------------------------------------

    def save(self, project: str, change: LedgerChange) -> None:
        def write(snapshot: Snapshot) -> bool:
            before, snapshot.state = snapshot.state, changed(snapshot.state, change)
            snapshot.standing = change.standing or snapshot.standing
            snapshot.journal.add(change.journal)
            return not _may_wait(before, snapshot.state) or any(
                each.kind in VALUES for each in change.journal
            )

        self._write(project, write)

    def intend(self, project: str, intent: Intent) -> Intent:
        recorded: list[Intent] = []

        def write(snapshot: Snapshot) -> bool:
            recorded[:] = [dataclasses.replace(intent, id=snapshot.intent)]
            snapshot.intent += 1
            state = snapshot.state
            snapshot.state = dataclasses.replace(state, intents=(*state.intents, *recorded))
            return True

        self._write(project, write)
        return recorded[0]

    @property
    def foresight(self) -> int:
        return _FORESIGHT

    def sending(self, project: str, intent: Intent) -> None:
        def write(snapshot: Snapshot) -> bool:
            intents = (intent if each.id == intent.id else each for each in snapshot.state.intents)
            snapshot.state = dataclasses.replace(snapshot.state, intents=tuple(intents))
            return False

        self._write(project, write)

    @contextmanager
    def gathering(self, project: str) -> Iterator[None]:
        desk = self._desk(project)
        with desk.lock:
            if not desk.held:  # by itself each of them is pushed
                yield
                return
            before = self._look(project, desk)
            desk.waiting = False
            try:
                yield
                waiting, desk.waiting = desk.waiting, None
                if waiting:
                    self._push(project, desk, self._lease())
            except BaseException:
                # What the ref did not take is not known here either.
                desk.snapshot = before
                raise
            finally:
                desk.waiting = None

    def begin_run(self, project: str, run: str, at: datetime) -> None:
        def write(snapshot: Snapshot) -> bool:
            snapshot.runs[run] = RunRecord(run, at, None, None, "")
            for old in sorted(snapshot.runs)[:-RUNS]:
                del snapshot.runs[old]
            return False

        self._write(project, write)

    def end_run(self, project: str, run: str, at: datetime, outcome: RunOutcome, summary: str) -> None:
        def write(snapshot: Snapshot) -> bool:
            started = snapshot.runs[run].started_at
            snapshot.runs[run] = RunRecord(run, started, at, outcome, summary)
            return False

        self._write(project, write)

    def note(self, project: str, name: str) -> str | None:
        """A note that is kept beside a project's ledger."""
        return self._seen(project).notes.get(name)

    def change_note(self, project: str, name: str, step: Callable[[str | None], tuple[str, T]]) -> T:
        """Replace such a note, durably; see :meth:`syncer.ports.Notes.change`."""
        answers: list[T] = []

        def write(snapshot: Snapshot) -> bool:
            text, answer = step(snapshot.notes.get(name))
            answers.append(answer)
            snapshot.notes[name] = text
            return True

        self._write(project, write)
        return answers[-1]

    # -- beneath -------------------------------------------------------------------------------------

    def _desk(self, project: str) -> _Desk:
        with self._lock:
            if project not in self._desks:
                self._desks[project] = _Desk(self._place(project))
            return self._desks[project]

    def _seen(self, project: str) -> Snapshot:
        desk = self._desk(project)
        with desk.lock:
            return self._look(project, desk)

    def _look(self, project: str, desk: _Desk) -> Snapshot:
        """What is remembered. Whoever works on it knows; others look, unless they just did."""
        now = self._clock.now()
        fresh = desk.read_at is not None and now - desk.read_at < _FRESH
        if desk.snapshot is None or not (desk.held or fresh):
            desk.kept = desk.place.read()
            desk.snapshot = from_files(project, desk.kept.files, desk.place.shown)
            desk.read_at = now
        return desk.snapshot

    def _write(self, project: str, write: Callable[[Snapshot], bool]) -> None:
        """Change what is remembered; ``write`` says whether that has to be on the ref at once."""
        desk = self._desk(project)
        with desk.lock:
            self._refuse_to_write(desk)
            if desk.held:
                if desk.lost:
                    raise _overtaken(project)
                self._try(project, desk, write)
                return
            # A single change by a person's command: of what there is now, and without a lease.
            for attempt in range(1, _ATTEMPTS + 1):
                desk.read_at = None
                self._refuse_others(project, desk)
                try:
                    self._try(project, desk, write)
                except LeaseTaken:
                    if attempt == _ATTEMPTS:
                        raise
                else:
                    return

    def _try(self, project: str, desk: _Desk, write: Callable[[Snapshot], bool]) -> None:
        before = self._look(project, desk)
        desk.snapshot = before.copy()
        try:
            if not (write(desk.snapshot) or not desk.held):
                return
            if desk.waiting is not None:
                desk.waiting = True
            else:
                self._push(project, desk, self._lease() if desk.held else None)
        except SyncerError:
            # What the ref did not take is not known here either.
            desk.snapshot = before
            raise

    def _conclude(self, project: str, desk: _Desk) -> None:
        """The last push of a run, if there is anything to remember."""
        with desk.lock:
            if desk.lost or desk.snapshot is None:
                return
            if desk.taken or _lasting(to_files(desk.snapshot)) != _lasting(desk.kept.files):
                self._push(project, desk, None)

    def _push(self, project: str, desk: _Desk, lease: Lease | None) -> None:
        snapshot = desk.snapshot
        if snapshot is None:  # pragma: no cover  (whoever writes has looked)
            return
        self._refuse_to_publish(project, snapshot.state)
        snapshot.serial += 1
        snapshot.lease = lease
        message = f"syncer: {project}, {snapshot.serial} [skip ci]"
        try:
            self.pushes += 1
            desk.kept = desk.place.replace(desk.kept.revision, to_files(snapshot), message, self._clock.now())
        except StaleHead:
            desk.lost = True
            raise _overtaken(project) from None
        desk.taken = lease is not None

    def _lease(self) -> Lease:
        return Lease(self._holder, _machine(), self._clock.now() + self._lasts)

    def _refuse_to_write(self, desk: _Desk) -> None:
        if self._read_only:
            raise ReadOnly("a read-only run tried to write", where=desk.place.shown)

    def _refuse_others(self, project: str, desk: _Desk) -> None:
        """Whoever is at work may have finished since we looked, so that a refusal is no old news."""
        for last in (False, True):
            lease = self._look(project, desk).lease
            if lease is None or not lease.keeps_out(self._holder, self._clock.now()):
                return
            if last:
                raise _taken(project, f"another syncer works on it ({lease.who})", lease.until)
            desk.read_at = None

    def _refuse_to_publish(self, project: str, state: LedgerState) -> None:
        """Titles of issues stand in the commit, and whoever sees the source sees that."""
        source = state.source_profile
        hidden = sorted(
            name
            for name, known in state.trackers.items()
            if known.profile is not None and known.profile.private
        )
        if source is not None and not source.private and hidden and not self._allow_public(project):
            raise ConfigError(
                f"{source.canonical} is public, and would show what is remembered about the issues of "
                f"{hidden[0]}, which is private",
                where="state.url",
                next_step="keep the state in a database, or set allow_public = true if everybody may see it",
            )


def _may_wait(before: LedgerState, after: LedgerState) -> bool:
    names = [part.name for part in dataclasses.fields(LedgerState) if part.name not in _MAY_WAIT]
    return all(getattr(before, name) == getattr(after, name) for name in names)


def _lasting(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if not path.startswith(VOLATILE)}


def _machine() -> str:
    return socket.gethostname()[:64] or "a machine without a name"


def _taken(project: str, why: str, until: datetime | None = None) -> LeaseTaken:
    ends = f"; if it was killed, its lease ends at {until:%H:%M:%S} UTC" if until is not None else ""
    return LeaseTaken(why, where=project, next_step=f"wait until it has finished{ends}")


def _overtaken(project: str) -> SyncerError:
    return LeaseTaken(
        f"another syncer took over {project} meanwhile; this run stops before its next effect",
        where="state.url",
        next_step="nothing that was done is lost: the next run sees it",
    )
