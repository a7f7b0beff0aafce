"""How many webhooks the receiver takes, and how soon a roadmap follows.

``make bench``, or ``python -m tests.benchmarks.bench_receiver``. The bars are printed, not asserted:

* 3,000 signed events of 10 KB a second, each durable before it is answered, on one core with SQLite, and
  1,000 with PostgreSQL beside it;
* 10,000 events over 200 projects: every project is synced after its last event, and at most 3 times;
* from a closed issue to the commit that ticks its box: below one second in 99 of 100 cases, of which
  200 ms are the silence that is waited for.

The receiver runs in a process of its own, bound to one core; who asks runs on another. On a machine that
is busy with other things the seconds of processor time say more than those of the clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from syncer import logs
from syncer.daemon.circuit import Circuits
from syncer.daemon.crew import Crew
from syncer.daemon.dispatch import Dispatcher
from syncer.daemon.engine import Engine
from syncer.daemon.flights import Flight, Flights, Pace
from syncer.daemon.landing import Landing
from syncer.observability.metrics import Metrics
from syncer.queue.inbox import Reason, Wake
from syncer.queue.postgres import PostgresQueue, upgrade
from syncer.queue.sqlite import SqliteInbox
from syncer.receiver.addressees import Addressees, Interest
from syncer.receiver.app import application
from syncer.receiver.intake import Intake
from syncer.receiver.listener import Listener
from syncer.receiver.signatures import keys_of
from syncer.receiver.webhooks import Directory, Sender, Webhooks
from syncer.sandbox import Sandbox
from syncer.service.report import RunReport
from syncer.serving.doors import keeper
from tests.daemon.served import free_port, process, serve_settings, within
from tests.e2e.world import World
from tests.queue.database import database, server
from tests.receiver.post import SECRET, github, hub_payload

PROJECTS = 200
PADDING = "x" * 9_700
CONNECTIONS = 32


# -- the receiver, in its own process --------------------------------------------------------------------


@dataclass
class Made:
    """A site whose syncs take a while and do nothing; it remembers when each began."""

    seconds: float
    began: dict[str, list[float]] = field(default_factory=dict)

    def sync(self, project: str, *, run: str, full: bool, issues: frozenset[int]) -> RunReport:
        self.began.setdefault(project, []).append(time.time())
        time.sleep(self.seconds)
        return RunReport(project, run, False, datetime.now(UTC))

    def departed(self, flight: Flight) -> None:
        """Nothing to note."""

    def landed(self, flight: Flight, report: RunReport, landing: Landing, seconds: float) -> None:
        """Nothing to note."""


def _names() -> list[str]:
    return [f"project{number}" for number in range(PROJECTS)]


def _engine(kind: str, place: str, site: Made) -> Engine:
    if kind == "postgres":
        return Dispatcher(PostgresQueue(place, debounce=0.2, longest_debounce=2.0))

    @contextmanager
    def use() -> Iterator[Made]:
        yield site

    inbox = SqliteInbox(Path(place) / "inbox.db")
    pace = Pace(threads=8)
    return Flights(inbox, use, pace, Circuits(after=5, pause=30), site, lambda: str(time.monotonic_ns()))


def serve(kind: str, port: int, place: str, *, flying: bool) -> None:
    """Receive until standard input ends, then tell how often and when each project was synced."""
    os.sched_setaffinity(0, {0})
    logs.configure(level="error", json=True)
    site = Made(0.05)
    engine = _engine(kind, place, site)
    engine.assign({name: frozenset() for name in _names()})
    senders = {"hub": Sender("hub", "github", keys_of("github", [SECRET], ""))}
    interests = [Interest(name, "hub", f"acme/{name}", tracker=True) for name in _names()]
    directory = Directory(senders, Addressees(interests))
    webhooks = Webhooks(lambda: directory, Intake(keeper(engine)), Metrics(projects=0), body_limit=1 << 20)
    listener = Listener(f"127.0.0.1:{port}", application(webhooks, None), setting="listen")
    listener.start()
    if flying:
        engine.start()
    used = sum(os.times()[:2])
    print("ready", flush=True)
    sys.stdin.read()
    listener.stop()
    waiting, _flying = engine.counts()
    used = sum(os.times()[:2]) - used
    print(json.dumps({"waiting": waiting, "began": site.began, "seconds": used}), flush=True)


@contextmanager
def receiver(kind: str, place: str, *, flying: bool) -> Iterator[tuple[int, list[str]]]:
    """A receiver in a process of its own: its port, and what it tells at its end."""
    port, told = free_port(), list[str]()
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.bench_receiver",
        kind,
        str(port),
        place,
        str(int(flying)),
    ]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    try:
        yield port, told
    finally:
        process.stdin.close()
        told.append(process.stdout.readline())
        process.wait()
        process.stdout.close()


# -- whoever asks ----------------------------------------------------------------------------------------


def requests(count: int) -> list[bytes]:
    """Signed requests of 10 KB, round and round the projects."""
    found = []
    for number in range(count):
        payload = hub_payload(f"acme/project{number % PROJECTS}", action="closed", padding=PADDING)
        headers, body = github(payload, delivery=f"delivery-{number}")
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        found.append(
            f"POST /webhooks/hub HTTP/1.1\r\nhost: x\r\n{head}content-length: {len(body)}\r\n\r\n".encode()
            + body
        )
    return found


async def _post_all(port: int, wanted: list[bytes]) -> tuple[float, dict[bytes, int], list[float]]:
    left = iter(wanted)
    statuses: dict[bytes, int] = {}
    latencies: list[float] = []

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in left:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            latencies.append(time.perf_counter() - began)
            status = head[9:12]
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    return time.perf_counter() - began, statuses, latencies


def accepted(kind: str, place: str, count: int, bar: int) -> None:
    """Measure how many events a second are accepted durably."""
    wanted = requests(count)
    best, tail = 0.0, 0.0
    with receiver(kind, place, flying=False) as (port, told):
        for attempt in range(3):
            fresh = [each.replace(b"delivery-", b"attempt%d-" % attempt) for each in wanted]
            seconds, statuses, latencies = asyncio.run(_post_all(port, fresh))
            assert statuses == {b"202": count}, statuses
            if count / seconds > best:
                best, tail = count / seconds, sorted(latencies)[int(len(latencies) * 0.99)]
    each = 3 * count / json.loads(told[0])["seconds"]
    print(
        f"accepted, {kind:<9} {best:8,.0f} /s   p99 {tail * 1000:5.1f} ms"
        f"   {each:7,.0f} in a second of processor time   (bar: {bar:,} /s)",
        flush=True,
    )


def burst(place: str) -> None:
    """Ten thousand events over 200 projects; syncs take 50 ms and do nothing."""
    wanted = requests(10_000)
    with receiver("sqlite", place, flying=True) as (port, told):
        seconds, statuses, _latencies = asyncio.run(_post_all(port, wanted))
        last = time.time()
        assert statuses == {b"202": 10_000}, statuses
        time.sleep(2.5 + PROJECTS * 0.05 / 8 * 2)
    end = json.loads(told[0])
    times = end["began"]
    most = max(len(each) for each in times.values())
    late = sum(1 for name in _names() if not times.get(name) or max(times[name]) < last - seconds)
    print(
        f"burst of 10,000    {seconds:8.1f} s    at most {most} syncs a project, {late} projects unsynced,"
        f" {end['waiting']} waiting   (bar: 3, 0, 0)",
        flush=True,
    )


def followed(rounds: int) -> None:
    """From a person's click to the commit, everything real but the network."""
    with tempfile.TemporaryDirectory() as directory, Sandbox() as sandbox:
        world = World(sandbox, "github", Path(directory))
        os.environ["SYNCER_FORGES__MAIN__TOKEN"] = world.environment["SYNCER_FORGES__MAIN__TOKEN"]
        os.environ["SYNCER_FORGES__MAIN__WEBHOOK_SECRETS"] = json.dumps([SECRET])
        world.add("rune", {"TODO.md": b"# Todo\n\n- [ ] Write it\n" + b"- [ ] another thing\n" * 20})
        world.settings += serve_settings(free_port())
        world.write()
        rune = world.repositories["rune"]
        taken = []
        with within(world.directory / "syncer.toml") as served, _hook(rune, served.listeners[0].url):
            while len(rune.issues()) < 21 or not served.idle():
                time.sleep(0.01)
            for number in range(rounds):
                time.sleep(0.5)
                before = rune.head()
                began = time.perf_counter()
                rune.issue(1).close() if number % 2 == 0 else rune.issue(1).reopen()
                while rune.head() == before:
                    time.sleep(0.002)
                taken.append(time.perf_counter() - began)
    taken.sort()
    print(
        f"event to commit    {statistics.median(taken) * 1000:8.0f} ms  "
        f" p99 {taken[int(len(taken) * 0.99)] * 1000:5.0f} ms   (bar: p99 1,000 ms)",
        flush=True,
    )


@contextmanager
def _hook(repository: object, url: str) -> Iterator[None]:
    from syncer.sandbox.hooks import Hook

    model = repository.model  # type: ignore[attr-defined]
    now = model.forge.clock.now()
    events = frozenset({"issues", "push", "milestone", "label"})
    model.hooks[1] = Hook(1, f"{url}/webhooks/main", events, now, now, secret=SECRET)
    yield
    model.hooks.clear()


def work(url: str) -> None:
    """Be a worker whose syncs take 50 ms and do nothing, until standard input ends."""
    logs.configure(level="error", json=True)
    site = Made(0.05)

    @contextmanager
    def use() -> Iterator[Made]:
        yield site

    queue = PostgresQueue(url, debounce=0, longest_debounce=0)
    circuits = Circuits(after=5, pause=30)
    pace = Pace(threads=4)
    crew = Crew(
        queue, url, use, pace, circuits, site, lambda: str(time.monotonic_ns()), name="bench", grace=5
    )
    crew.assign({f"p{number}": frozenset() for number in range(PROJECTS)})
    crew.start()
    print("ready", flush=True)
    sys.stdin.read()
    crew.stop()
    crew.join(10)
    queue.close()


def workers(address: str, count: int) -> float:
    """Seconds that some workers take for one sync of each project."""
    url = database(address)
    upgrade(url)
    queue = PostgresQueue(url, debounce=0, longest_debounce=0)
    command = [sys.executable, "-m", "tests.benchmarks.bench_receiver", "work", url]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    for each in processes:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    began = time.perf_counter()
    queue.put([Wake(f"p{number}", Reason.START) for number in range(PROJECTS)])
    while queue.jobs():
        time.sleep(0.02)
    seconds = time.perf_counter() - began
    for each in processes:
        each.communicate("")
    queue.close()
    return seconds


def idle(projects: int, every: float) -> None:
    """What projects that have nothing to do cost: the daemon in its own process, all real.

    Args:
        projects: how many.
        every: seconds between two looks at each.
    """
    with tempfile.TemporaryDirectory() as directory, Sandbox() as sandbox:
        world = World(sandbox, "github", Path(directory))
        for number in range(projects):
            world.add(f"project{number}", {"TODO.md": b"# Todo\n\n- [ ] Write it\n- [x] Try it\n"})
        port = free_port()
        world.settings += serve_settings(port)
        world.settings += f"[serve.schedule]\nevery = {every}\njitter = 0\naudit_every = 0\n"
        world.write()
        with process(world, port, level="info") as served:
            served.ready()
            names = sorted(world.repositories)
            while not served.resting(*names):
                time.sleep(1)
            time.sleep(every)  # the first look finds nothing to do, and the project comes to rest
            before, began = _processor(served.pid), time.monotonic()
            sandbox.reset_counts()
            time.sleep(max(every, 30.0))
            used, passed = _processor(served.pid) - before, time.monotonic() - began
            memory = _megabytes(served.pid)
            looks = sandbox.count().total / 3
            served.signal(signal.SIGTERM)
            served.wait()
    print(
        f"idle               {used / passed:8.1%} of a core, {memory:.0f} MB, at {looks / passed:.1f} looks a"
        f" second over {projects} projects   (bar at 6.7 looks over 2,000: 5.0 %, 400 MB)",
        flush=True,
    )


def _processor(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int) -> float:
    """How much memory a process has in use."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Measure, and print a table."""
    logs.configure(level="error", json=True)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"{'':<19}{'':>8}      {threading.active_count()} thread asks over {CONNECTIONS} connections")
    with tempfile.TemporaryDirectory() as directory:
        accepted("sqlite", directory, 6_000, 3_000)
    with tempfile.TemporaryDirectory() as directory:
        burst(directory)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    directory = tempfile.mkdtemp()
    Path(directory).chmod(0o755)
    with server(Path(directory), durable=True) as address:
        url = database(address)
        upgrade(url)
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        accepted("postgres", url, 3_000, 1_000)
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
        one, two = workers(address, 1), workers(address, 2)
        print(
            f"workers            one takes {one:.1f} s for {PROJECTS} syncs of 50 ms, two {two:.1f} s:"
            f" {one / two:.2f} times the work   (bar: 1.80)",
            flush=True,
        )
    shutil.rmtree(directory, ignore_errors=True)
    followed(100)
    idle(100, 15.0)
    if "--long" in sys.argv:
        idle(2_000, 300.0)


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "work":
        work(sys.argv[2])
    elif len(sys.argv) > 4:
        serve(sys.argv[1], int(sys.argv[2]), sys.argv[3], flying=sys.argv[4] == "1")
    else:
        main()
