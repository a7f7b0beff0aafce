"""Webhooks that GitHub could not deliver are found, and what they concern is looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.daemon.sweep import Sweep
from syncer.sandbox import Sandbox
from tests.daemon.field import eventually
from tests.daemon.served import TODO, Within, free_port, serve_settings, within
from tests.e2e.world import World
from tests.traffic import RECORD_TO

NEVER = "[serve.schedule]\nevery = 0\naudit_every = 0\n"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("SYNCER_FORGES__MAIN__WEBHOOK_SECRETS", json.dumps(["s3cret-s3cret"]))
    with Sandbox(record_to=RECORD_TO) as sandbox:
        made = World(sandbox, "github", tmp_path)
        monkeypatch.setenv("SYNCER_FORGES__MAIN__TOKEN", made.environment["SYNCER_FORGES__MAIN__TOKEN"])
        made.add("rune", {"TODO.md": TODO})
        yield made


@pytest.fixture
def served(world: World) -> Iterator[Within]:
    world.settings += serve_settings(free_port(), sweep_every=0.3, debounce=0) + NEVER
    world.write()
    with within(world.directory / "syncer.toml") as made:
        eventually(lambda: made.phase("rune") == "resting")
        assert world.syncer("hooks", "install").code == 0
        yield made


def test_what_was_not_delivered_is_looked_at_once(world: World, served: Within) -> None:
    rune = world.repositories["rune"]
    (hook,) = rune.model.hooks.values()
    hook.secret = "another-secret"  # so every delivery is refused from now on
    rune.issue(1).close()

    eventually(lambda: b"- [x] Write it" in rune.file("TODO.md"))
    eventually(served.idle)
    assert [each.status for each in hook.deliveries if each.parcel.event == "issues"] == [401]
    # Our own commit is a push, whose delivery was refused as well. Once it was looked at, there is silence.
    sweep = served.service.daemon._companions[1]
    assert isinstance(sweep, Sweep)
    eventually(lambda: sweep.sweep() == 0 and served.idle())
    assert sweep.sweep() == 0


def test_without_the_right_to_read_webhooks_the_repository_is_left_out(world: World, served: Within) -> None:
    world.side.user("syncer-bot", role="write")
    sweep = served.service.daemon._companions[1]
    assert isinstance(sweep, Sweep)

    eventually(lambda: sweep._closed == {"main:acme/rune"})
    assert served.phase("rune") == "resting"
