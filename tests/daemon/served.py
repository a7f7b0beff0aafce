"""The daemon as it is deployed: a process of its own, or all of it within the test."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from syncer.receiver.listener import Listener
from syncer.serving.doors import doors
from syncer.serving.service import Role, Service, service
from tests.daemon.field import eventually
from tests.e2e.world import World

TODO = b"# Todo\n\n## MVP\n\n- [ ] Write it\n- [ ] Try it\n"


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve_settings(port: int, **more: object) -> str:
    """The part of a configuration that concerns the daemon."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in more.items()]
    return "\n".join(
        [
            "[serve]",
            f'listen = "127.0.0.1:{port}"',
            f'public_url = "http://127.0.0.1:{port}"',
            *lines,
            "",
        ]
    )


@dataclass
class Within:
    """The daemon within the test.

    Args:
        stop: asks it to end, as SIGTERM does.
        reload: asks it to read its configuration again, as SIGHUP does.
    """

    service: Service
    listeners: list[Listener]
    stop: threading.Event
    reload: threading.Event
    client: httpx.Client

    def runs(self, project: str) -> list[str]:
        """The summaries of a project's runs, oldest first."""
        with self.service.sites.use() as site:
            return [run.summary for run in reversed(site._ledger.runs(project, 100))]

    def idle(self) -> bool:
        return self.service.daemon.engine.counts() == (0, 0)

    def status(self) -> dict[str, Any]:
        """What ``/status.json`` says."""
        return dict(self.client.get("/status.json").json())

    def phase(self, project: str) -> str:
        """What a project is doing; empty for one that never ran."""
        rows = {row["project"]: row for row in self.status()["projects"]}
        known = project in rows and rows[project]["last_run_at"]
        return str(rows[project]["phase"]) if known else ""


@contextmanager
def within(path: Path, role: Role = Role.SERVE) -> Iterator[Within]:
    """Run the daemon of a configuration until the block ends."""
    stop, reload = threading.Event(), threading.Event()
    made = service(path, stop, role)
    listeners = doors(made, path.parent, role)
    made.daemon.start()
    for listener in listeners:
        listener.start()
    thread = threading.Thread(target=made.daemon.wait, args=(stop, reload), daemon=True)
    thread.start()
    address = listeners[-1].url if listeners else "http://nobody.invalid"
    with httpx.Client(base_url=address, trust_env=False) as client:
        try:
            yield Within(made, listeners, stop, reload, client)
        finally:
            stop.set()
            reload.set()
            thread.join(5)
            for listener in listeners:
                listener.stop()
            assert made.daemon.stop(10) == ()


@dataclass
class Process:
    """``syncer serve`` in a process of its own."""

    world: World
    port: int
    lines: list[str] = field(default_factory=list)

    command: str = "serve"
    level: str = "debug"

    def __post_init__(self) -> None:
        self._process = self.world.start(self.command, "--log-level", self.level)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ready(self) -> None:
        """Wait until it is ready."""
        eventually(self._is_ready, 20)

    def events(self, name: str) -> list[dict[str, Any]]:
        """The lines of its log about one thing."""
        found = [json.loads(line) for line in list(self.lines) if line.startswith("{")]
        return [line for line in found if line["event"] == name]

    def status(self) -> dict[str, Any]:
        """What ``/status.json`` says."""
        return dict(self.client.get("/status.json").json())

    def resting(self, *projects: str) -> bool:
        """Whether these projects have been synced and wait for nothing."""
        rows = {row["project"]: row for row in self.status()["projects"]}
        return all(name in rows and rows[name]["phase"] == "resting" for name in projects) and all(
            rows[name]["last_run"] for name in projects
        )

    def resting_all(self, *projects: str) -> bool:
        """Whether these projects are in agreement, whoever has synced them."""
        rows = {row["project"]: row for row in self.status()["projects"]}
        return all(
            rows[name]["phase"] == "resting" and rows[name]["last_outcome"] == "complete" for name in projects
        )

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def wait(self, seconds: float = 20) -> int:
        """Wait for its end; the answer is its exit code."""
        code = self._process.wait(seconds)
        self._reader.join(5)
        self.client.close()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()
        return code

    def _is_ready(self) -> bool:
        assert self._process.poll() is None, "".join(self.lines)
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def _read(self) -> None:
        assert self._process.stderr is not None
        self.lines.extend(self._process.stderr)


@contextmanager
def process(world: World, port: int, command: str = "serve", *, level: str = "debug") -> Iterator[Process]:
    """Run ``syncer serve`` or ``syncer worker`` and see to it that it does not outlive the block."""
    made = Process(world, port, command=command, level=level)
    try:
        yield made
    finally:
        if made._process.poll() is None:
            made._process.send_signal(signal.SIGKILL)
        if made._process.stdout is not None and not made._process.stdout.closed:
            subprocess_end(made)


def subprocess_end(made: Process) -> None:
    """Collect what a killed process leaves."""
    try:
        made.wait()
    except subprocess.TimeoutExpired:
        raise AssertionError("it does not end") from None
