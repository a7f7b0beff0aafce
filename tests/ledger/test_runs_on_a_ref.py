"""Whole runs whose only memory is a ref: what they push, who waits for whom, what a kill leaves behind."""

from __future__ import annotations

import dataclasses
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from syncer.errors import ConfigError, LeaseTaken, ReadOnly, Unavailable
from syncer.ledger.git import journal
from syncer.ledger.git.lease import LASTS, SKEW
from syncer.ledger.git.ledger import GitLedger
from syncer.model.fields import TaskState
from syncer.model.identity import TrackerId
from syncer.model.ledger import JournalEntry, LedgerChange, RunOutcome
from syncer.reconcile.policy import Criteria, Limits, Policy
from syncer.service.cycle import Cycle, Orders
from syncer.service.report import RunReport
from tests.hostile.ending import end_of
from tests.hostile.interference import Event, Killed
from tests.hostile.world import PATH, HostileTeam
from tests.ledger.contract import INTENT, PROFILE
from tests.ledger.places import BareRepository, MemoryPlace, same
from tests.team import FakeClock, Quiet, Team

HELD = Policy(criteria=Criteria.IGNORE, limits=Limits(creates=3))
PLAN = "# Plan\n\n## Alpha\n\n" + "".join(f"- [ ] item number {number}\n" for number in range(12))

LONG = "# Plan\n\n## Alpha\n\n" + "".join(f"- [ ] item number {number}\n" for number in range(60))


def a_run(team: Team, place: MemoryPlace, orders: Orders | None = None) -> tuple[RunReport, int]:
    """One run in what might be a process of its own, and how often it pushed."""
    before = place.pushes
    ledger = GitLedger(same(place), team.clock)
    report = Cycle(ledger, team.clock, team.ids, Quiet()).run(team.project, orders)
    team.clock.pass_time()
    return report, place.pushes - before


def test_a_run_that_does_nothing_pushes_nothing() -> None:
    """Not even that it looked; whatever changed since is still seen."""
    team, place = Team(PLAN), MemoryPlace()
    a_run(team, place)
    held = place.held

    assert [a_run(team, place)[1] for _ in range(3)] == [0, 0, 0]
    assert place.held is held
    team.put("item number 3", TaskState.DONE)
    a_run(team, place)
    assert "- [x] item number 3" in team.text


def test_a_change_costs_a_push_for_its_intent_and_one_for_the_run() -> None:
    """What the trackers show, receipts and journal go along with the next push."""
    team, place = Team(PLAN), MemoryPlace()
    first = a_run(team, place)[1]
    team.put("item number 3", TaskState.DONE)
    ticked = a_run(team, place)[1]
    team.edit("[ ] item number 5", "[x] item number 5")
    team.edit("[ ] item number 6", "[x] item number 6")
    closed = a_run(team, place)[1]

    assert (ticked, closed) == (2, 3)
    assert first == 1 + 1 + 1, "the milestone, all items, the end"


def test_creates_are_announced_30_at_a_time() -> None:
    """Each is sent by itself all the same, and too old an announcement is not believed."""
    team, place = Team(LONG), MemoryPlace()
    report, pushes = a_run(team, place)

    assert (report.problem, len(team.issues()), pushes) == (None, 60, 1 + 2 + 1)
    assert GitLedger(same(place), team.clock).load("rune").intents == ()
    team, place = Team(LONG), MemoryPlace()
    slow = _Slow(GitLedger(same(place), team.clock), lambda _call: team.clock.pass_time(20))
    report = Cycle(slow, team.clock, team.ids, Quiet()).run(team.project)  # type: ignore[arg-type]

    assert (report.problem, len(team.issues())) == (None, 60)
    assert place.pushes > 1 + 2 + 1
    assert GitLedger(same(place), team.clock).load("rune").intents == ()


def test_what_a_dry_run_sees_is_remembered_nowhere() -> None:
    team, place = Team(PLAN), MemoryPlace()
    report, pushes = a_run(team, place, Orders(dry=True))

    assert report.plan is not None
    assert report.plan.actions
    assert pushes == 0
    with pytest.raises(ReadOnly):
        GitLedger(same(place), team.clock, read_only=True).save("rune", LedgerChange(approved=frozenset("x")))


def test_a_held_plan_is_remembered_once() -> None:
    """And the approval of a person, without a lease."""
    team, place = Team(PLAN), MemoryPlace()
    team.policy = HELD
    assert [a_run(team, place)[1] for _ in range(3)] == [1, 0, 0]
    ledger = GitLedger(same(place), team.clock)
    standing = ledger.standing("rune")
    assert standing is not None
    assert standing.outcome is RunOutcome.HELD
    ledger.save("rune", LedgerChange(approved=frozenset(standing.digests)))
    report, _ = a_run(team, place)

    assert report.outcome is RunOutcome.COMPLETE
    assert len(team.issues()) == 12


def test_a_lease_that_nobody_gave_back_ends() -> None:
    """A runner that was killed keeps others out for as long as it might have gone on, and no longer."""
    team, place = Team(PLAN), MemoryPlace()
    place.arm(2, after=True)
    with pytest.raises(Killed):
        a_run(team, place)
    place.arm(0, after=False)
    early, _ = a_run(team, place)
    assert isinstance(early.problem, LeaseTaken)
    assert "its lease ends at 09:" in str(early.problem)
    assert len(team.issues()) < 12
    team.clock.pass_time((LASTS + SKEW).total_seconds())
    late, _ = a_run(team, place)

    assert late.problem is None
    assert Counter(issue.title for issue in team.issues()).most_common(1)[0][1] == 1
    assert len(team.issues()) == 12


def test_a_lease_outlasts_the_longest_wait_of_a_request() -> None:
    """Or else somebody could take over while an announced request still waits for its turn."""
    clock, place = FakeClock(), MemoryPlace()
    ledger, other = GitLedger(same(place), clock, longest_wait=900.0), GitLedger(same(place), clock)
    with ledger.lease("rune"):
        ledger.intend("rune", INTENT)
        clock.sleep(2 * 900.0)
        with pytest.raises(LeaseTaken), other.lease("rune"):
            pytest.fail("both work")


def test_a_runner_that_was_overtaken_stops_before_its_next_effect() -> None:
    """It slept for an hour; the machine's clock may have slept as well."""
    team, place = Team(PLAN), MemoryPlace()
    slow = GitLedger(same(place), FakeClock())  # its clock stands still
    other: list[RunReport] = []

    def sleeps(_call: int) -> None:
        if len(team.issues()) == 4 and not other:
            team.clock.pass_time(3600)
            other.append(a_run(team, place)[0])

    report = Cycle(_Slow(slow, sleeps), team.clock, team.ids, Quiet()).run(team.project)  # type: ignore[arg-type]

    assert isinstance(report.problem, LeaseTaken)
    assert report.outcome is RunOutcome.FAILED
    assert other[0].problem is None
    assert sorted(Counter(issue.title for issue in team.issues()).values()) == [1] * 12


class _Slow:
    """A ledger in front of which the process sleeps now and then."""

    def __init__(self, ledger: GitLedger, sleeps: Callable[[int], None]) -> None:
        self._ledger, self._sleeps, self._calls = ledger, sleeps, 0

    def __getattr__(self, name: str) -> object:
        found = getattr(self._ledger, name)
        if name not in ("intend", "save"):
            return found

        def call(*arguments: object) -> object:
            self._calls += 1
            self._sleeps(self._calls)
            return found(*arguments)

        return call


def test_a_slow_runner_that_nobody_overtook_goes_on() -> None:
    """The end of a lease only lets others begin."""
    team, place = Team(PLAN), MemoryPlace()
    ledger = GitLedger(same(place), team.clock)

    def sleeps(call: int) -> None:
        team.clock.pass_time(3600 if call in (4, 8) else 0)

    report = Cycle(_Slow(ledger, sleeps), team.clock, team.ids, Quiet()).run(team.project)  # type: ignore[arg-type]

    assert report.problem is None
    assert len(team.issues()) == 12


def test_of_two_runners_that_start_at_once_one_works(tmp_path: Path) -> None:
    """On a real repository: both have read the same ref, and their first pushes meet."""
    repository = BareRepository(tmp_path)
    team = Team(PLAN)
    start = threading.Barrier(2)
    reports: list[RunReport] = []
    ledgers = [repository.ledger(team.clock), repository.ledger(team.clock)]

    def meet(call: int) -> None:
        if call == 1:
            start.wait(20)

    class Together(_Slow):
        def __init__(self, ledger: GitLedger) -> None:
            super().__init__(ledger, meet)

    def work(ledger: GitLedger) -> None:
        cycle = Cycle(Together(ledger), team.clock, team.ids, Quiet())  # type: ignore[arg-type]
        reports.append(cycle.run(team.project))

    threads = [threading.Thread(target=work, args=(ledger,)) for ledger in ledgers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(report.outcome.value for report in reports) == ["complete", "failed"]
    assert {type(report.problem) for report in reports} == {type(None), LeaseTaken}
    assert sorted(Counter(issue.title for issue in team.issues()).values()) == [1] * 12
    assert 'lease":null' in _about(repository)


def _about(repository: BareRepository) -> str:
    return repository.place("rune").read().files["about.json"].decode()


def test_a_push_that_fails_ends_the_run_before_the_effect() -> None:
    """And what had been done before is remembered by the next one."""
    team = Team(LONG)

    class Away(MemoryPlace):
        def replace(self, *arguments: object) -> object:  # type: ignore[override]
            if len(team.issues()) == 30:
                raise Unavailable("the remote is away", where="state.url")
            return super().replace(*arguments)  # type: ignore[arg-type]

    place = Away()
    report, _ = a_run(team, place)
    assert isinstance(report.problem, Unavailable)
    assert len(team.issues()) == 30
    team.clock.pass_time((LASTS + SKEW).total_seconds())
    back = MemoryPlace(place.held)
    report, _ = a_run(team, back)

    assert report.problem is None
    assert sorted(Counter(issue.title for issue in team.issues()).values()) == [1] * 60


# -- kills ------------------------------------------------------------------------------------------------


class RefTeam(HostileTeam):
    """A team whose every run is a process of its own, with nothing but a place in common."""

    place: MemoryPlace

    def __init__(self) -> None:
        self.place = MemoryPlace()
        super().__init__()

    @property  # type: ignore[override]
    def ledger(self) -> GitLedger:
        return GitLedger(same(self.place), self.clock)

    @ledger.setter
    def ledger(self, _ledger: object) -> None:
        """It is where it is."""

    def _follow_commits(self) -> None:
        """Whose line is whose does not matter here."""


def _first(_team: RefTeam) -> None:
    """Nothing was there before."""


def _mixed(team: RefTeam) -> None:
    """Both sides were changed since the last sync."""
    team.write(team.text + "- [ ] Teach the parser\n- [ ] Ask Bob\n", PATH)
    team.hostile_run([])
    team.put("Ask Bob", TaskState.DONE)
    team.hostile_run([])
    team.clock.pass_time()
    team.put("Ask Bob", TaskState.OPEN)
    team.put("Fit the valves", TaskState.DONE)
    team.put("Paint the nose cone", TaskState.DROPPED)
    team.edit("- [ ] Weld", "- [x] Weld")
    team.edit("Teach the parser", "Teach the parser about tables")
    team.edit("* [ ] Check the seals\n", "* [ ] Check the seals\n* [ ] New here\n")
    team.edit("Phase 1: Ground", "Phase 1: Base")


STORIES: dict[str, Callable[[RefTeam], None]] = {"a first sync": _first, "mixed changes": _mixed}


@pytest.mark.parametrize("after", [False, True], ids=["before it arrives", "after it arrived"])
@pytest.mark.parametrize("story", STORIES)
def test_a_run_that_is_killed_at_any_push_ends_as_if_it_had_not_been(story: str, *, after: bool) -> None:
    undisturbed = RefTeam()
    STORIES[story](undisturbed)
    undisturbed.place.arm(0, after=False)
    undisturbed.hostile_run([], Orders(approve=True))
    pushes = undisturbed.place.pushes
    expected = end_of(undisturbed)
    assert pushes > 3
    for at in range(1, pushes + 1):
        team = RefTeam()
        STORIES[story](team)
        team.place.arm(at, after=after)
        assert team.hostile_run([], Orders(approve=True)) is None
        team.place.arm(0, after=False)
        assert end_of(team) == expected, f"push {at} of {pushes}"


@pytest.mark.parametrize(
    "step", [pytest.param(5, id="every fifth"), pytest.param(1, id="every", marks=pytest.mark.thorough)]
)
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("after", [False, True], ids=["before it happens", "after it happened"])
def test_a_run_that_is_killed_at_any_call_ends_as_if_it_had_not_been(
    story: str, step: int, *, after: bool
) -> None:
    """Requests to the forge and calls of the ledger alike: receipts that waited for a push are lost."""
    undisturbed = RefTeam()
    STORIES[story](undisturbed)
    undisturbed.hostile_run([], Orders(approve=True))
    calls = undisturbed.interference.calls
    expected = end_of(undisturbed)
    assert calls > 30
    for at in range(1 + after * (step - 1), calls + 1, step):
        team = RefTeam()
        STORIES[story](team)
        team.hostile_run([Event(at, after, "kill")])
        assert end_of(team) == expected, f"call {at} of {calls}"


# -- what stands there --------------------------------------------------------------------------------------


def test_a_ref_that_holds_something_else_is_left_alone() -> None:
    """Whoever named the wrong one loses nothing by it."""
    team = Team(PLAN)
    for files, words in (
        ({"README.md": b"people's\n"}, "did not write"),
        ({"about.json": b'{"_":1,"format":1,"project":"other"}'}, "other"),
        ({"about.json": b'{"_":1,"format":9,"project":"rune"}'}, "newer"),
        ({"about.json": b'{"_":1,"format":1,"project":"rune"}'}, "damaged"),
        ({"about.json": b'{"_":1,"format":1,"project":"rune"}', "facts.json": b"[]"}, "damaged"),
    ):
        place = MemoryPlace()
        place.held = type(place.held)("theirs", files)
        report, pushes = a_run(team, place)

        assert words in str(report.problem)
        assert pushes == 0
        assert team.issues() == []


def test_titles_of_a_private_tracker_are_not_put_into_a_public_repository() -> None:
    """Unless everybody may see them."""
    place, clock = MemoryPlace(), FakeClock()
    public = dataclasses.replace(PROFILE, private=False)
    secret = dataclasses.replace(PROFILE, canonical="acme/secret")
    both = LedgerChange(source_profile=public, profiles={TrackerId("main:acme/secret"): secret})
    ledger = GitLedger(same(place), clock)
    with pytest.raises(ConfigError, match="acme/secret"), ledger.lease("rune"):
        ledger.save("rune", both)
    assert place.pushes == 0
    ledger = GitLedger(same(place), clock, allow_public=lambda _project: True)
    with ledger.lease("rune"):
        ledger.save("rune", both)

    assert place.pushes == 1


def test_the_journal_keeps_the_latest_entries_and_lost_values_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounded by number and by size, and what a person wrote outlives what happened."""
    monkeypatch.setattr(journal, "ENTRIES", 100)
    monkeypatch.setattr(journal, "LOST", 3)
    clock, place = FakeClock(), MemoryPlace()
    ledger = GitLedger(same(place), clock)
    for number in range(60):
        run = f"run-{number:03d}"
        entries = [
            JournalEntry(
                clock.now(), run, "lost-value" if n == 0 and number < 5 else "seen", "", f"{number} {n}"
            )
            for n in range(5)
        ]
        with ledger.lease("rune"):
            ledger.begin_run("rune", run, clock.now())
            ledger.save("rune", LedgerChange(journal=tuple(entries)))
        clock.sleep(1)
    kept = GitLedger(same(place), clock).journal("rune")

    assert [entry.text for entry in kept if entry.kind == "lost-value"] == ["2 0", "3 0", "4 0"]
    assert [entry.text for entry in kept[3:]] == [f"{n} {k}" for n in range(40, 60) for k in range(5)]
    assert len(ledger.runs("rune", 1000)) == 60

    monkeypatch.setattr(journal, "BYTES", 5000)
    with ledger.lease("rune"):
        long = JournalEntry(clock.now(), "run-999", "overwritten", "#1", "x" * 20_000)
        ledger.save("rune", LedgerChange(journal=(long,)))
    kept = GitLedger(same(place), clock).journal("rune")

    assert kept[-1] == long
    assert [entry.text[:3] for entry in kept[:-1]] == ["2 0", "3 0", "4 0"]
