"""Wake-ups in PostgreSQL: nothing is lost, everything is told once, work of the dead is taken over."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import procrastinate
import pytest

from syncer.daemon.circuit import Circuits
from syncer.daemon.crew import Crew, Vitals
from syncer.daemon.flights import Flight, Pace, Phase
from syncer.daemon.landing import Landing
from syncer.errors import ConfigError, Interrupted, SyncerError, Unauthorized, Unavailable
from syncer.model.ledger import RunOutcome
from syncer.queue.inbox import Reason, Wake
from syncer.queue.postgres import PostgresQueue, conninfo, upgrade
from syncer.queue.recovery import recover
from syncer.service.report import RunReport
from tests.daemon.field import eventually
from tests.queue.database import database, execute, ready_queue

VITALS = Vitals(beat=0.3, gone=1.0, poll=0.05, restart=0.1)


@pytest.fixture
def queue(postgres: str) -> Iterator[PostgresQueue]:
    made = ready_queue(postgres)
    yield made
    made.close()


@dataclass
class Hall:
    """Workers over a site that is made up, as many as a test wants."""

    queue: PostgresQueue
    projects: tuple[str, ...]
    pace: Pace = field(default_factory=lambda: Pace(threads=4, first_retry=0.2, longest_retry=0.4))
    syncs: list[tuple[str, float]] = field(default_factory=list)
    looks: list[frozenset[int]] = field(default_factory=list)
    landings: list[Landing] = field(default_factory=list)
    overlaps: int = 0
    crews: list[Crew] = field(default_factory=list)
    queues: list[PostgresQueue] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    def hire(self, act: object = None) -> Crew:
        """One more worker, with connections of its own."""
        own = PostgresQueue(self.queue.url, debounce=0, longest_debounce=0)
        self.queues.append(own)

        @contextmanager
        def site() -> Iterator[_Site]:
            yield _Site(self, act)

        crew = Crew(
            own,
            self.queue.url,
            site,
            self.pace,
            Circuits(after=3, pause=0.1),
            self,
            lambda: f"run-{time.monotonic_ns()}",
            name="test",
            grace=5,
            vitals=VITALS,
        )
        crew.assign({name: frozenset() for name in self.projects})
        crew.start()
        self.crews.append(crew)
        return crew

    def close(self) -> None:
        """Send everybody home."""
        for crew in self.crews:
            crew.stop()
        for crew in self.crews:
            assert crew.join(10) == ()
        for queue in self.queues:
            queue.close()

    def departed(self, flight: Flight) -> None:
        """Nothing to note."""

    def landed(self, flight: Flight, report: RunReport, landing: Landing, seconds: float) -> None:
        self.landings.append(landing)

    def count(self, project: str) -> int:
        return sum(1 for name, _at in list(self.syncs) if name == project)

    def enter(self, project: str) -> None:
        with self._lock:
            self.overlaps += project in self._busy
            self._busy.add(project)
            self.syncs.append((project, time.monotonic()))

    def leave(self, project: str) -> None:
        with self._lock:
            self._busy.discard(project)


@dataclass
class _Site:
    hall: Hall
    act: object

    def sync(self, project: str, *, run: str, full: bool, issues: frozenset[int]) -> RunReport:
        report = RunReport(project, run, False, datetime.now(UTC))
        self.hall.enter(project)
        self.hall.looks.append(issues)
        try:
            if callable(self.act):
                self.act(project)
        except SyncerError as error:
            report.problem, report.outcome = error, RunOutcome.FAILED
        finally:
            self.hall.leave(project)
        return report


@pytest.fixture
def hall(queue: PostgresQueue) -> Iterator[Hall]:
    made = Hall(queue, tuple(f"p{number}" for number in range(20)))
    yield made
    made.close()


def _empty(queue: PostgresQueue) -> bool:
    return not queue.jobs()


# -- the queue -------------------------------------------------------------------------------------------


def test_many_wake_ups_of_one_project_are_one_job_and_an_audit_is_another(queue: PostgresQueue) -> None:
    for _ in range(5):
        queue.put([Wake("rune", Reason.WEBHOOK), Wake("rune", Reason.SCHEDULE)])
    queue.put([Wake("rune", Reason.AUDIT, full=True), Wake("other", Reason.START)])

    assert sorted((job.project, job.doing) for job in queue.jobs()) == [
        ("other", False),
        ("rune", False),
        ("rune", False),
    ]


def test_a_job_is_about_all_issues_that_were_named_while_it_waited(hall: Hall) -> None:
    hall.queue.put([Wake("p0", Reason.WEBHOOK, issue=4), Wake("p0", Reason.WEBHOOK, issue=1)])
    hall.queue.put([Wake("p0", Reason.WEBHOOK, issue=4)])
    hall.queue.put([Wake("p0", Reason.WEBHOOK, issue=41)])

    hall.hire()

    eventually(lambda: hall.count("p0") == 1 and _empty(hall.queue))
    assert hall.looks == [frozenset({1, 4, 41})]


@pytest.mark.parametrize(
    "more",
    [
        [Wake("p0", Reason.WEBHOOK)],
        [Wake("p0", Reason.SCHEDULE)],
        [Wake("p0", Reason.WEBHOOK, issue=number) for number in range(2, 5)],
    ],
)
def test_a_job_with_anything_else_is_about_everything(hall: Hall, more: list[Wake]) -> None:
    for wake in [Wake("p0", Reason.WEBHOOK, issue=1), *more, Wake("p0", Reason.WEBHOOK, issue=1)]:
        hall.queue.put([wake])
    hall.queue.put([Wake("p1", Reason.WEBHOOK, issue=1), *(replace(each, project="p1") for each in more)])

    hall.hire()

    eventually(lambda: hall.count("p0") == hall.count("p1") == 1 and _empty(hall.queue))
    assert hall.looks == [frozenset(), frozenset()]


def test_what_could_not_be_done_waits_with_its_issues(hall: Hall) -> None:
    trouble = [Unavailable("no answer")]

    def act(_project: str) -> None:
        if trouble:
            raise trouble.pop()

    hall.queue.put([Wake("p0", Reason.WEBHOOK, issue=4)])
    hall.hire(act)
    eventually(lambda: hall.count("p0") == 1 and hall.queue.lane("p0").failures == 1)
    hall.queue.put([Wake("p0", Reason.WEBHOOK, issue=7)])

    eventually(lambda: hall.count("p0") == 2 and _empty(hall.queue))
    assert hall.looks == [frozenset({4}), frozenset({4, 7})]


def test_an_issue_that_is_named_while_a_job_begins_is_not_lost(hall: Hall) -> None:
    for _ in range(2):
        hall.hire()
    for number in range(1, 200):
        hall.queue.put([Wake("p0", Reason.WEBHOOK, issue=number)])

    eventually(lambda: _empty(hall.queue))
    # One that was not named was followed by a look at everything.
    last = max((at for at, look in enumerate(hall.looks) if not look), default=-1)
    assert 199 in frozenset().union(*hall.looks[last + 1 :]) or last == len(hall.looks) - 1
    assert hall.overlaps == 0


def test_the_schema_is_made_once_and_found_up_to_date_later(postgres: str) -> None:
    url = database(postgres)
    with pytest.raises(ConfigError, match="no present schema"):
        PostgresQueue(url, debounce=0, longest_debounce=0)

    assert [upgrade(url), upgrade(url)] == ["made", "up to date"]


def test_processes_that_upgrade_at_the_same_time_do_not_disturb_each_other(postgres: str) -> None:
    url, said = database(postgres), []
    threads = [threading.Thread(target=lambda: said.append(upgrade(url))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == ["made", "up to date", "up to date"]


def test_only_postgresql_will_do() -> None:
    with pytest.raises(ConfigError, match="needs PostgreSQL"):
        conninfo("sqlite:///syncer.db")
    assert conninfo("postgresql+psycopg://u:p@h/d?x=1") == "postgresql://u:p@h/d?x=1"


def test_a_database_that_does_not_answer_is_a_configuration_error_without_its_password() -> None:
    with pytest.raises(ConfigError) as caught:
        upgrade("postgresql://user:planted@127.0.0.1:9/none")

    assert "planted" not in str(caught.value)


# -- workers ---------------------------------------------------------------------------------------------


def test_a_wake_up_leads_to_a_sync_and_its_delivery_counts_as_handled(hall: Hall) -> None:
    hall.hire()

    hall.queue.put([Wake("p0", Reason.WEBHOOK, delivery="d1")])

    eventually(lambda: ("d1", "p0") in hall.queue.handled(["d1"]))
    assert hall.count("p0") == 1
    assert ("d1", "p1") not in hall.queue.handled(["d1"])
    eventually(lambda: _empty(hall.queue))


def test_two_workers_never_overlap_and_every_event_is_followed_by_a_sync(hall: Hall) -> None:
    for _ in range(2):
        hall.hire(lambda _project: time.sleep(0.01))
    last: dict[str, float] = {}

    for _round in range(10):
        for project in hall.projects:
            last[project] = time.monotonic()
            hall.queue.put([Wake(project, Reason.WEBHOOK)])

    eventually(lambda: _empty(hall.queue))
    assert hall.overlaps == 0
    newest = dict(sorted(hall.syncs, key=lambda sync: sync[1]))
    assert all(newest[project] >= last[project] for project in hall.projects)


def test_a_failure_is_tried_again_and_events_do_not_hurry_it(hall: Hall) -> None:
    trouble = [Unavailable("no answer"), Unavailable("no answer")]

    def act(_project: str) -> None:
        if trouble:
            raise trouble.pop()

    hall.hire(act)
    hall.queue.put([Wake("p0", Reason.WEBHOOK, delivery="d1")])
    eventually(lambda: hall.count("p0") == 1 and hall.queue.lane("p0").failures == 1)
    hall.queue.put([Wake("p0", Reason.WEBHOOK)])

    eventually(lambda: ("d1", "p0") in hall.queue.handled(["d1"]))
    times = [at for project, at in hall.syncs if project == "p0"]
    assert len(times) == 3
    assert times[1] - times[0] >= 0.19
    assert times[2] - times[1] >= 0.38
    assert hall.queue.lane("p0").failures == 0


def test_a_parked_project_is_seen_by_all_processes_and_tried_at_once_after_a_reload(
    queue: PostgresQueue,
) -> None:
    hall = Hall(queue, ("p0",), Pace(threads=2, parked_retry=3600))
    mended = threading.Event()

    def act(_project: str) -> None:
        if not mended.is_set():
            raise Unauthorized("the token is wrong", next_step="give another")

    crew = hall.hire(act)
    queue.put([Wake("p0", Reason.WEBHOOK)])
    eventually(lambda: crew.views()["p0"].phase is Phase.PARKED)
    view = crew.views()["p0"]
    assert (view.reason, view.remedy) == ("the token is wrong", "give another")
    assert view.due is not None
    assert view.due > datetime.now(UTC) + timedelta(minutes=50)

    mended.set()
    crew.assign({"p0": frozenset()})

    eventually(lambda: crew.views()["p0"].phase is Phase.RESTING)
    assert hall.count("p0") == 2
    hall.close()


def test_a_stop_leaves_the_work_to_others(queue: PostgresQueue) -> None:
    hall = Hall(queue, ("p0",))
    flying, stop = threading.Event(), threading.Event()

    def act(_project: str) -> None:
        flying.set()
        stop.wait(10)
        raise Interrupted("a stop was asked for")

    first = hall.hire(act)
    queue.put([Wake("p0", Reason.WEBHOOK, delivery="d1")])
    flying.wait(10)
    first.stop()
    stop.set()
    assert first.join(10) == ()
    assert ("d1", "p0") not in queue.handled(["d1"])

    hall.hire()

    eventually(lambda: ("d1", "p0") in queue.handled(["d1"]))
    hall.close()


def test_the_work_of_a_killed_worker_is_taken_over(hall: Hall) -> None:
    _die_with(hall.queue, "p0", "d1")

    hall.hire()

    eventually(lambda: ("d1", "p0") in hall.queue.handled(["d1"]))
    eventually(lambda: _empty(hall.queue))
    assert hall.count("p0") == 1


def test_a_newer_wake_up_covers_the_work_of_a_killed_worker(queue: PostgresQueue) -> None:
    _die_with(queue, "p0", "d1")
    queue.put([Wake("p0", Reason.WEBHOOK, delivery="d2")])

    async def take_over() -> int:
        app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=queue.url))
        async with app.open_async():
            return await recover(app, 10)

    assert asyncio.run(take_over()) == 1
    (job,) = queue.jobs()
    assert not job.doing
    hall = Hall(queue, ("p0",))
    hall.hire()
    eventually(lambda: ("d1", "p0") in queue.handled(["d1"]) and ("d2", "p0") in queue.handled(["d2"]))
    assert hall.count("p0") == 1
    hall.close()


def test_what_a_killed_worker_was_to_look_at_is_looked_at(queue: PostgresQueue) -> None:
    _die_with(queue, "p0", "d1", issue=4)
    queue.put([Wake("p0", Reason.WEBHOOK, issue=7)])
    hall = Hall(queue, ("p0",))

    hall.hire()

    eventually(lambda: ("d1", "p0") in queue.handled(["d1"]) and _empty(queue))
    assert [frozenset()] == hall.looks or {4, 7} <= frozenset().union(*hall.looks)
    hall.close()


def test_a_worker_survives_the_loss_of_its_connections(hall: Hall) -> None:
    crew = hall.hire()
    hall.queue.put([Wake("p0", Reason.WEBHOOK)])
    eventually(lambda: hall.count("p0") == 1)

    execute(
        hall.queue.url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )

    def put() -> bool:
        try:
            hall.queue.put([Wake("p1", Reason.WEBHOOK)])
        except Unavailable:
            return False
        return True

    eventually(put)
    eventually(lambda: hall.count("p1") >= 1)
    assert crew.alive


def _die_with(queue: PostgresQueue, project: str, delivery: str, issue: int = 0) -> None:
    """A worker takes a job and is killed before it has done anything."""
    queue.put([Wake(project, Reason.WEBHOOK, delivery=delivery, issue=issue)])
    ((worker,),) = execute(queue.url, "SELECT procrastinate_register_worker_v1()")
    execute(queue.url, "SELECT procrastinate_fetch_job_v2(NULL, %s)", worker)
    execute(queue.url, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    (job,) = queue.jobs()
    assert job.doing
