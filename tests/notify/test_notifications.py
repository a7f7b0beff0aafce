"""Notifications from the daemon and from single runs, over real HTTP on both sides."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from syncer.cli.progress import Silent
from syncer.cli.runs import run_projects
from syncer.ledger.notes import SqlNotes
from syncer.sandbox import Sandbox
from syncer.service.cycle import Orders
from tests.daemon.field import eventually
from tests.daemon.served import TODO, free_port, serve_settings, within
from tests.e2e.world import World
from tests.notify.receiving import Inbox, receiving
from tests.traffic import RECORD_TO

GHOST = '\n[projects.ghost]\nforge = "main"\nrepository = "acme/ghost"\n'


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with receiving() as made:
        yield made


@pytest.fixture
def world(tmp_path: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        made = World(sandbox, "github", tmp_path)
        monkeypatch.setenv("SYNCER_FORGES__MAIN__TOKEN", made.environment["SYNCER_FORGES__MAIN__TOKEN"])
        monkeypatch.setenv("SYNCER_NOTIFICATIONS__WEBHOOKS__OPS__URL", inbox.url)
        made.add("rune", {"TODO.md": TODO}, extra="[projects.rune.guard]\ncreates = 1\n")
        yield made


def run(world: World, *, dry: bool = False) -> int:
    """``syncer run``, within this process."""
    config, orders = world.directory / "syncer.toml", Orders(dry=dry)
    (made,) = run_projects(config, [], orders, Silent(), threading.Event()).runs
    return int(made.exit)


def test_single_runs_tell_of_a_held_plan_once(world: World, inbox: Inbox) -> None:
    inbox.status = 500
    assert (run(world), inbox.refused) == (4, 1)
    inbox.status = 204
    # What could not be delivered waits for its time; a dry run neither tells nor delivers.
    run(world, dry=True)
    assert inbox.messages == []
    engine = create_engine(f"sqlite:///{world.directory}/syncer.db")
    SqlNotes(engine).change("notifications rune", lambda known: (_due_now(known or ""), None))
    engine.dispose()
    assert run(world) == 4
    assert inbox.types == ["held"]
    assert run(world) == 4
    (message,) = inbox.messages
    assert (message["project"], message["remedy"]) == (
        "rune",
        "look with `syncer status`, then `syncer approve rune`",
    )


def test_the_daemon_tells_of_parking_and_recovery_and_goes_on_where_it_was(
    world: World, inbox: Inbox
) -> None:
    world.settings += GHOST + serve_settings(free_port(), parked_retry=0.2, debounce=0)
    world.write()
    with within(world.directory / "syncer.toml") as served:
        eventually(lambda: sorted(inbox.types) == ["held", "parked"])
        eventually(lambda: "sync" in served.phase("ghost") or served.phase("ghost") == "parked")
    with within(world.directory / "syncer.toml") as served:
        world.side.repository("acme/ghost", files={"TODO.md": TODO})
        eventually(lambda: sorted(inbox.types) == ["held", "parked", "recovered"])
        delivered = 'syncer_notifications_total{receiver="ops",result="delivered"} 1.0'
        eventually(lambda: delivered in served.client.get("/metrics").text)
        eventually(lambda: served.phase("ghost") == "resting")
    assert len(inbox.messages) == 3


def test_a_project_that_had_to_be_left_out_is_told_of(world: World, inbox: Inbox) -> None:
    world.settings += '\n[projects.lost]\nforge = "main"\nrepository = "nameless"\n' + serve_settings(
        free_port()
    )
    world.write()
    with within(world.directory / "syncer.toml"):
        eventually(lambda: sorted(inbox.types) == ["held", "parked"])
    (parked,) = [each for each in inbox.messages if each["type"] == "syncer.parked"]
    assert parked["summary"].startswith("lost cannot be synced")

    with within(world.directory / "syncer.toml") as served:  # a restart repeats nothing
        eventually(lambda: served.phase("rune") == "resting")
    assert len(inbox.messages) == 2


def _due_now(text: str) -> str:
    data = json.loads(text)
    for each in data["letters"]:
        each["due"] = 0.0
    return json.dumps(data)
