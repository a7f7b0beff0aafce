"""What every ledger promises, whatever it is kept in."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from syncer.errors import LeaseTaken
from syncer.model.fields import Field, TaskState
from syncer.model.identity import Marker, Owner, TrackerId, Uid
from syncer.model.ledger import (
    Anchor,
    Binding,
    BindingState,
    BlockState,
    Carrier,
    Decision,
    FileBase,
    Intent,
    IntentKind,
    JournalEntry,
    LedgerChange,
    LedgerState,
    Pin,
    Refused,
    RunOutcome,
    SeenIssue,
    Settled,
    Settlement,
    SourceState,
    StageAnchor,
    StageBinding,
    Standing,
    StandingHold,
    empty_state,
)
from syncer.model.proposal import ProposalState
from syncer.model.tracker import Cursor, Milestone, TrackerProfile
from syncer.ports import Ledger

NOW = datetime(2026, 3, 2, 9, 30, 15, 250000, UTC)
PROJECT = "rune"
TRACKER = TrackerId("main:acme/rune")
ANCHOR = Anchor("docs/TODO.md", ("Beta", "Öl & Gas"), "Prüfe ♥", 2, "R-1", "Parent", 17, gate=True)
STAGE = StageAnchor("docs/TODO.md", "Beta", "phase", "2", "S-1", 4)
PROFILE = TrackerProfile(
    "acme/rune", "github.com", 7, "main", True, False, True, "https://github.com/acme/rune"
)
BASE = {
    TRACKER: {
        Field.STATE: Settled(TaskState.OPEN, TaskState.DROPPED),
        Field.TITLE: Settled("a\nb", "a b"),
        Field.LABELS: Settled(frozenset({"b", "a"}), frozenset()),
        Field.DUE: Settled(date(2026, 4, 1), None),
    }
}
BINDING = Binding(Uid("u1"), ANCHOR, {TRACKER: 12}, BASE, BindingState.BURIED, ("Pending", None))
OTHER = dataclasses.replace(BINDING, uid=Uid("u2"), refs={TRACKER: 40})
STAGE_BINDING = StageBinding(Uid("s1"), STAGE, {TRACKER: 3}, BASE, ("Planned",))
ISSUE = SeenIssue(
    12,
    "Title\u2028with a break",
    TaskState.DONE,
    3,
    frozenset({"roadmap"}),
    "https://github.com/acme/rune/issues/12",
    "alice",
    NOW,
    NOW,
    Marker(1, Owner("github.com:7"), Uid("u1")),
    BlockState.WHOLE,
    "digest",
    "docs/TODO.md :: Beta",
    "origin",
    untouched=True,
    checks=(("one", True), ("two", False)),
)
MILESTONE = Milestone(3, "%1", "Beta", "text\n", True, date(2026, 5, 1), "https://x.test", NOW, True)
CARRIER = Carrier(
    direct=False,
    number=5,
    opening=True,
    shown="#5",
    url="https://x.test/5",
    state=ProposalState.OPEN,
    branch="syncer/main",
    head="f" * 40,
    touched="e" * 40,
    mixed=True,
    blobs={"docs/TODO.md": "d" * 40},
    edits=frozenset({"k1"}),
    declined={"k2": "#4"},
    anchors={Uid("u1"): ANCHOR},
    stages={Uid("s1"): STAGE},
    refused=Refused("why", "mend", NOW, frozenset({"k3"})),
    etag='"x"',
)
STANDING = Standing(
    NOW,
    RunOutcome.HELD,
    NOW,
    {"done": 3},
    (StandingHold("d1", "hold", "conflict", "title", "docs/TODO.md:17", "Prüfe", "both", uid=Uid("u1")),),
    ("51 creates",),
    ("a1",),
    "it failed",
)
INTENT = Intent(
    0,
    "run-1",
    IntentKind.CREATE_ISSUE,
    TRACKER,
    Uid("u3"),
    0,
    (Settlement(Uid("u3"), TRACKER, Field.STATE, Settled(TaskState.OPEN, TaskState.OPEN)),),
    NOW,
    ANCHOR,
    STAGE,
    41,
    NOW,
    "a" * 40,
    "create",
    "old title",
)
FULL = LedgerChange(
    owner=Owner("github.com:7"),
    source_profile=PROFILE,
    source=SourceState(
        "main", "a" * 40, '"etag"', {"x.md": "no"}, frozenset({"docs/TODO.md"}), ("**",), True
    ),
    files=(FileBase("docs/TODO.md", "d" * 40, b"\xff\r\n- [ ] \x00"), FileBase("docs", "c" * 40, b"")),
    bindings=(BINDING, OTHER),
    stages=(STAGE_BINDING,),
    issues={TRACKER: (ISSUE, dataclasses.replace(ISSUE, number=4711, milestone=None, marker=None))},
    milestones={TRACKER: (MILESTONE,)},
    cursors={TRACKER: Cursor(NOW, {"issues": 'W/"1"'}, "finger", True, NOW)},
    profiles={TRACKER: PROFILE},
    journal=(JournalEntry(NOW, "run-1", "create-issue", "docs/TODO.md:17", "made", Uid("u1"), "done"),),
    standing=STANDING,
    approved=frozenset({"a1"}),
    forgotten=frozenset({"u9"}),
    carrier=CARRIER,
    decisions=(Decision(Uid("u1"), Field.TITLE, TRACKER, frozenset({"d1"}), NOW, "saw"),),
    pins=(Pin(ANCHOR, Uid("u1")), Pin(ANCHOR, None)),
    detached=True,
)


class LedgerContract:
    """Subclasses give a fixture ``ledgers``, which opens the same ledger as another process would."""

    @pytest.fixture
    def ledger(self, ledgers: Callable[[], Ledger]) -> Ledger:
        return ledgers()

    def test_of_a_project_never_seen_nothing_is_known(self, ledger: Ledger) -> None:
        assert ledger.load(PROJECT) == empty_state(PROJECT)
        assert ledger.standing(PROJECT) is None
        assert ledger.runs(PROJECT, 10) == ()
        assert ledger.journal(PROJECT) == ()

    def test_everything_comes_back_in_another_process(
        self, ledger: Ledger, ledgers: Callable[[], Ledger]
    ) -> None:
        with ledger.lease(PROJECT):
            ledger.begin_run(PROJECT, "run-1", NOW)
            ledger.save(PROJECT, FULL)
            intent = ledger.intend(PROJECT, INTENT)
            here = ledger.load(PROJECT)
        known = ledgers().load(PROJECT)

        assert known == here
        untold = [
            part.name
            for part in dataclasses.fields(LedgerState)
            if part.name not in ("project", "restored")
            and getattr(known, part.name) == getattr(empty_state(PROJECT), part.name)
        ]
        assert untold == [], "a part of the state that this test does not fill, or that got lost"
        assert {path: each.data for path, each in known.files.items()} == {
            "docs/TODO.md": b"\xff\r\n- [ ] \x00",
            "docs": b"",
        }
        assert known.bindings == {BINDING.uid: BINDING, OTHER.uid: OTHER}
        assert known.stages == {STAGE_BINDING.uid: STAGE_BINDING}
        assert known.trackers[TRACKER].issues[12] == ISSUE
        assert set(known.trackers[TRACKER].issues) == {12, 4711}
        assert known.trackers[TRACKER].milestones == {3: MILESTONE}
        assert known.trackers[TRACKER].cursor == FULL.cursors[TRACKER]
        assert known.carrier == CARRIER
        assert known.intents == (dataclasses.replace(INTENT, id=intent.id),)
        assert ledgers().standing(PROJECT) == STANDING
        assert ledgers().journal(PROJECT) == FULL.journal

    def test_what_is_dropped_is_gone(self, ledger: Ledger, ledgers: Callable[[], Ledger]) -> None:
        with ledger.lease(PROJECT):
            ledger.save(PROJECT, FULL)
            intent = ledger.intend(PROJECT, INTENT)
            ledger.save(
                PROJECT,
                LedgerChange(
                    dropped=(OTHER.uid,),
                    dropped_stages=(STAGE_BINDING.uid,),
                    dropped_files=("docs",),
                    gone_issues=((TRACKER, 4711),),
                    milestones={TRACKER: ()},
                    closed_intents=(intent.id,),
                    approved=frozenset(),
                    decisions=(),
                    detached=False,
                ),
            )
        known = ledgers().load(PROJECT)

        assert set(known.bindings) == {BINDING.uid}
        assert known.stages == {}
        assert set(known.files) == {"docs/TODO.md"}
        assert set(known.trackers[TRACKER].issues) == {12}
        assert known.trackers[TRACKER].milestones == {}
        assert (known.intents, known.approved, known.decisions, known.detached) == (
            (),
            frozenset(),
            (),
            False,
        )
        assert known.pins == FULL.pins

    def test_intents_have_numbers_of_their_own(self, ledger: Ledger, ledgers: Callable[[], Ledger]) -> None:
        with ledger.lease(PROJECT):
            ledger.save(PROJECT, FULL)
            first = ledger.intend(PROJECT, INTENT)
            ledger.save(PROJECT, LedgerChange(closed_intents=(first.id,)))
            second = ledger.intend(PROJECT, INTENT)
        again = ledgers()
        with again.lease(PROJECT):
            third = again.intend(PROJECT, INTENT)

        assert 0 < first.id < second.id < third.id
        assert [each.id for each in ledgers().load(PROJECT).intents] == [second.id, third.id]

    def test_an_intent_is_known_to_others_at_once(
        self, ledger: Ledger, ledgers: Callable[[], Ledger]
    ) -> None:
        with ledger.lease(PROJECT):
            ledger.save(PROJECT, FULL)
            ledger.intend(PROJECT, INTENT)
            others = ledgers().load(PROJECT)

        assert [each.uid for each in others.intents] == [INTENT.uid]
        assert set(others.bindings) == {BINDING.uid, OTHER.uid}

    def test_gathered_intents_are_known_when_all_of_them_are(
        self, ledger: Ledger, ledgers: Callable[[], Ledger]
    ) -> None:
        with ledger.lease(PROJECT):
            ledger.save(PROJECT, FULL)
            with ledger.gathering(PROJECT):
                mine = [ledger.intend(PROJECT, INTENT) for _ in range(3)]
            others = ledgers().load(PROJECT).intents

        assert list(others) == mine
        assert len({each.id for each in others}) == 3

    def test_of_two_who_work_the_second_leaves(self, ledger: Ledger, ledgers: Callable[[], Ledger]) -> None:
        other = ledgers()
        with ledger.lease(PROJECT):
            ledger.save(PROJECT, FULL)  # as a run does: what it saw comes before what it does
            ledger.intend(PROJECT, INTENT)
            with pytest.raises(LeaseTaken), other.lease(PROJECT):
                pytest.fail("both work")
            with other.lease("another"):
                other.save("another", FULL)
                other.intend("another", INTENT)
        with other.lease(PROJECT):
            other.intend(PROJECT, INTENT)

        assert len(ledgers().load(PROJECT).intents) == 2
        assert len(ledgers().load("another").intents) == 1

    def test_runs_and_journal_can_be_asked(self, ledger: Ledger, ledgers: Callable[[], Ledger]) -> None:
        with ledger.lease(PROJECT):
            for number in range(3):
                run = f"run-{number}"
                ledger.begin_run(PROJECT, run, NOW)
                uid = Uid("u1") if number == 1 else None
                entries = [JournalEntry(NOW, run, "seen", "", f"{number} {n}", uid, "done") for n in range(2)]
                ledger.save(PROJECT, LedgerChange(journal=tuple(entries)))
                ledger.intend(PROJECT, INTENT)
                if number != 2:
                    ledger.end_run(PROJECT, run, NOW, RunOutcome.PARTIAL, "two done")
        again = ledgers()

        assert [record.run for record in again.runs(PROJECT, 2)] == ["run-2", "run-1"]
        assert [record.outcome for record in again.runs(PROJECT, 9)] == [None, *[RunOutcome.PARTIAL] * 2]
        assert [entry.text for entry in again.journal(PROJECT, run="run-0")] == ["0 0", "0 1"]
        assert [entry.text for entry in again.journal(PROJECT, uid=Uid("u1"))] == ["1 0", "1 1"]
        assert len(again.journal(PROJECT)) == 6

    def test_a_command_changes_what_nobody_works_on(
        self, ledger: Ledger, ledgers: Callable[[], Ledger]
    ) -> None:
        before = ledger.load(PROJECT).generation
        ledger.save(PROJECT, LedgerChange(approved=frozenset({"a1"})))
        ledgers().save(PROJECT, LedgerChange(forgotten=frozenset({"u1"})))
        known = ledgers().load(PROJECT)

        assert (known.approved, known.forgotten) == (frozenset({"a1"}), frozenset({"u1"}))
        assert known.generation == before + 2
