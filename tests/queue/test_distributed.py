"""The distributed engine as it is deployed: one process that listens and ticks, others that work."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.errors import ConfigError
from syncer.queue.postgres import upgrade
from syncer.sandbox import Sandbox
from syncer.serving.service import Role
from tests.daemon.field import eventually
from tests.daemon.served import TODO, free_port, process, serve_settings, within
from tests.e2e.world import World
from tests.queue.database import database
from tests.receiver.post import github, hub_payload
from tests.traffic import RECORD_TO

SECRET = "a long enough secret"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def world(postgres: str, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("SYNCER_STATE__URL", database(postgres))
    monkeypatch.setenv("SYNCER_FORGES__MAIN__WEBHOOK_SECRETS", json.dumps([SECRET]))
    with Sandbox(record_to=RECORD_TO) as sandbox:
        made = World(sandbox, "github", tmp_path)
        monkeypatch.setenv("SYNCER_FORGES__MAIN__TOKEN", made.environment["SYNCER_FORGES__MAIN__TOKEN"])
        made.add("rune", {"TODO.md": TODO})
        made.settings += serve_settings(port, engine="procrastinate", worker_gone=1.0, debounce=0.05)
        made.write()
        yield made


def test_a_webhook_that_one_process_takes_is_worked_on_by_another(world: World) -> None:
    config, rune = world.directory / "syncer.toml", world.repositories["rune"]
    with pytest.raises(ConfigError, match="no present schema"), within(config):
        pass
    assert world.syncer("db", "upgrade").code == 0
    with within(config) as serve, within(config, Role.WORK), within(config, Role.WORK):
        eventually(lambda: len(rune.issues()) == 2)
        eventually(serve.idle)
        rune.issue(1).close()
        headers, body = github(hub_payload(), secret=SECRET)

        assert serve.client.post("/webhooks/main", content=body, headers=headers).status_code == 202

        eventually(lambda: b"- [x] Write it" in rune.file("TODO.md"))
        eventually(lambda: serve.service.daemon.engine.handled(["d-1"]))
        again = serve.client.post("/webhooks/main", content=body, headers=headers)
        assert (again.status_code, again.json()["status"]) == (200, "was handled before")
        eventually(lambda: serve.phase("rune") == "resting")
        assert serve.client.get("/readyz").status_code == 200


def test_the_embedded_engine_has_no_workers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCER_SERVE__ENGINE", "embedded")

    with (
        pytest.raises(ConfigError, match="has no workers"),
        within(world.directory / "syncer.toml", Role.WORK),
    ):
        pass


@pytest.mark.thorough
def test_a_worker_that_is_killed_during_a_sync_loses_and_doubles_nothing(world: World, port: int) -> None:
    items = b"".join(b"- [ ] item number %d\n" % number for number in range(40))
    world.add("slow", {"TODO.md": b"## MVP\n\n" + items})
    world.settings += "\n[forges.main.pace]\nseconds_between_writes = 0.1\n"
    world.write()
    slow = world.repositories["slow"]
    upgrade(world.environment["SYNCER_STATE__URL"])
    with process(world, port) as serve:
        serve.ready()
        for limit in (5, 15, 25):
            with process(world, port, "worker") as worker:
                eventually(lambda limit=limit: len(slow.issues()) > limit)  # type: ignore[misc]
                worker.signal(signal.SIGKILL)
                worker.wait()
        assert len(slow.issues()) < 40
        with process(world, port, "worker") as worker:
            eventually(lambda: len(slow.issues()) == 40)
            eventually(lambda: serve.resting_all("rune", "slow"))
            worker.signal(signal.SIGTERM)
            assert worker.wait() == 0
        serve.signal(signal.SIGTERM)
        assert serve.wait() == 0
    titles = [issue.title for issue in slow.issues()]
    assert len(titles) == len(set(titles)) == 40
