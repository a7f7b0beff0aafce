"""The story: load, chaos, quiet, and a verdict."""

from __future__ import annotations

import json
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg

from syncer.sandbox import Sandbox
from tests.chaos.crowd import Crowd, Place, Verdict
from tests.chaos.rig import Child, Keeper, Line, Postgres
from tests.daemon.served import free_port
from tests.e2e.process import call
from tests.queue.database import database

SECRET = "a secret of the chaos"
QUIET = 240.0
"""Seconds within which everything has to be in agreement after the last blow."""


@dataclass
class Outcome:
    """What the story came to."""

    seconds: float = 0.0
    blows: Counter[str] = field(default_factory=Counter)
    edits: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    starts: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    healed_after: float = 0.0
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def fine(self) -> bool:
        return self.verdict.fine

    def lines(self) -> list[str]:
        """For people."""

        def told(counted: Counter[str]) -> str:
            return ", ".join(f"{count} {name}" for name, count in sorted(counted.items()))

        verdict = self.verdict
        counts = (len(verdict.doubled), len(verdict.lost), len(verdict.different))
        return [
            f"chaos for {self.seconds:.0f} s: {told(self.blows)}",
            f"people meanwhile: {told(self.edits)}",
            f"processes started: {told(self.starts)}",
            f"runs in the ledger: {told(self.runs)}; {self.requests} requests to the forges",
            f"in agreement {self.healed_after:.0f} s after the last blow",
            "{} items: {} duplicates, {} lost, {} different".format(verdict.items, *counts),
            *verdict.doubled[:20],
            *verdict.lost[:20],
            *verdict.different[:20],
        ]


def tell(
    minutes: float, seed: int, say: Callable[[str], None], *, projects: int = 6, items: int = 12
) -> Outcome:
    """Let it happen.

    Args:
        minutes: of chaos.
        seed: of all choices; what the machine makes of them differs.
        say: hears of every blow.
        projects: with a repository each.
        items: of each at the beginning.
    """
    with tempfile.TemporaryDirectory(prefix="syncer-chaos-", ignore_cleanup_errors=True) as directory:
        base = Path(directory)
        base.chmod(0o755)
        postgres = Postgres(base / "data")
        try:
            with Sandbox() as sandbox:
                return _Story(base, sandbox, postgres, minutes, seed, say, projects, items).tell()
        finally:
            postgres.close()


class _Story:
    def __init__(
        self,
        base: Path,
        sandbox: Sandbox,
        postgres: Postgres,
        minutes: float,
        seed: int,
        say: Callable[[str], None],
        projects: int,
        items: int,
    ) -> None:
        self._random = random.Random(seed)
        self._seconds, self._say = minutes * 60, say
        self._sandbox, self._postgres, self._line = sandbox, postgres, Line(sandbox)
        self._crowd = Crowd(seed)
        self._outcome = Outcome()
        self._base = base
        self._port = free_port()
        self._url = database(postgres.url)
        kinds = ("github", "gitlab")
        tokens = {kind: getattr(sandbox, kind).token("syncer-bot", role="admin") for kind in kinds}
        for number in range(projects):
            name, kind = f"p{number}", kinds[number % 2]
            text, wishes = self._crowd.found(items)
            repository = getattr(sandbox, kind).repository(f"acme/{name}", files={"TODO.md": text})
            self._crowd.places[name] = Place(repository, wishes)
        (base / "syncer.toml").write_text(self._settings(kinds), encoding="utf-8")
        self._environment = {
            **os.environ,
            "NO_COLOR": "1",
            "SYNCER_STATE__URL": self._url,
            **{f"SYNCER_FORGES__{kind.upper()}__TOKEN": tokens[kind] for kind in kinds},
            **{f"SYNCER_FORGES__{kind.upper()}__WEBHOOK_SECRETS": json.dumps([SECRET]) for kind in kinds},
        }

    def tell(self) -> Outcome:
        outcome, base = self._outcome, self._base
        self._syncer("db", "upgrade")
        logs = base / "logs"
        logs.mkdir()
        children = [
            Child(name, [command, "--log-level", "warning"], base, self._environment, logs / f"{name}.log")
            for name, command in (("serve", "serve"), ("worker-1", "worker"), ("worker-2", "worker"))
        ]
        stop = threading.Event()
        for child in children:
            child.start()
        keeper = Keeper(children)
        people = threading.Thread(target=self._work, args=(stop,), daemon=True)
        try:
            self._wait_until_served()
            self._syncer("hooks", "install")
            people.start()
            began = time.monotonic()
            while time.monotonic() - began < self._seconds:
                time.sleep(self._random.uniform(1.0, 6.0))
                self._blow(children)
            outcome.seconds = time.monotonic() - began
            stop.set()
            people.join()
            self._quiet()
        finally:
            stop.set()
            keeper.close()
            for child in children:
                child.end()
        outcome.starts.update({child.name: child.starts for child in children})
        outcome.edits = self._crowd.edits
        outcome.requests = len(self._sandbox.requests)
        with psycopg.connect(self._url) as connection:
            rows = connection.execute("SELECT coalesce(outcome, 'killed'), count(*) FROM runs GROUP BY 1")
            outcome.runs.update({str(name): int(count) for name, count in rows.fetchall()})
        return outcome

    def _blow(self, children: list[Child]) -> None:
        """Something is struck, and comes back after a while."""
        kind = self._random.choice(["kill", "kill", "kill", "term", "pause", "postgres", "forge", "forge"])
        child = self._random.choice(children)
        if kind == "kill":
            child.signal(signal.SIGKILL)
        elif kind == "term":
            child.signal(signal.SIGTERM)
        elif kind == "pause":
            # Longer than others wait for a sign of life: they take its work while it still believes in it.
            child.signal(signal.SIGSTOP)
            time.sleep(self._random.uniform(2.0, 5.0))
            child.signal(signal.SIGCONT)
        elif kind == "postgres":
            self._postgres.kill()
            time.sleep(self._random.uniform(0.0, 2.0))
            self._postgres.start()
        else:
            self._line.cut()
            time.sleep(self._random.uniform(0.1, 3.0))
            self._line.mend()
        named = kind if kind in ("postgres", "forge") else f"{kind} {child.name}"
        self._outcome.blows[named] += 1
        self._say(named)

    def _work(self, stop: threading.Event) -> None:
        dice = random.Random(self._random.random())
        while not stop.wait(dice.uniform(0.05, 0.5)):
            self._crowd.act()

    def _quiet(self) -> None:
        """Nothing is struck any more; wait for agreement, and then see that it lasts."""
        began = time.monotonic()
        verdict = self._crowd.judge()
        while not verdict.fine and time.monotonic() - began < QUIET:
            time.sleep(0.5)
            verdict = self._crowd.judge()
        self._outcome.healed_after = time.monotonic() - began
        time.sleep(15.0)
        self._outcome.verdict = self._crowd.judge()

    def _wait_until_served(self) -> None:
        for _ in range(300):
            try:
                if httpx.get(f"http://127.0.0.1:{self._port}/readyz", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        raise AssertionError("it is not served")

    def _syncer(self, *arguments: str) -> None:
        code, out, err = call(arguments, self._base, self._environment, 120)
        assert code == 0, out + err

    def _settings(self, kinds: tuple[str, ...]) -> str:
        lines = [
            "[serve]",
            'engine = "procrastinate"',
            f'listen = "127.0.0.1:{self._port}"',
            f'public_url = "http://127.0.0.1:{self._port}"',
            "worker_gone = 2.0",
            "debounce = 0.1",
            "first_retry = 0.5",
            "longest_retry = 5.0",
            "parked_retry = 5.0",
            "outage_pause = 1.0",
            "grace = 10.0",
            "sweep_every = 20.0",
            "[serve.schedule]",
            "every = 10.0",
            "jitter = 1.0",
            "audit_every = 60.0",
        ]
        for kind in kinds:
            lines += [f"[forges.{kind}]", f'kind = "{kind}"', f'url = "{self._sandbox.url}"']
        for number, name in enumerate(self._crowd.places):
            lines += [
                f"[projects.{name}]",
                f'forge = "{kinds[number % 2]}"',
                f'repository = "acme/{name}"',
                'roadmaps = ["TODO.md"]',
                "create_grace = 5.0",
                f"[projects.{name}.guard]",
                "creates = 1000",
                "changes = 1000",
                "share = 1.0",
                "ticks = 1000",
            ]
        return "\n".join(lines) + "\n"
