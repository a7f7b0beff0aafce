"""The whole loop: a person acts on the forge, the forge tells us, and the roadmap follows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from syncer.cli import cli
from syncer.sandbox import Sandbox
from tests.daemon.field import eventually
from tests.daemon.served import TODO, free_port, serve_settings, within
from tests.e2e.world import KINDS, Result, World
from tests.traffic import RECORD_TO

SECRETS = {"github": "a long enough secret", "gitlab": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        made = World(sandbox, request.param, tmp_path)
        monkeypatch.setenv("SYNCER_FORGES__MAIN__TOKEN", made.environment["SYNCER_FORGES__MAIN__TOKEN"])
        monkeypatch.setenv("SYNCER_FORGES__MAIN__WEBHOOK_SECRETS", json.dumps([SECRETS[request.param]]))
        made.add("rune", {"TODO.md": TODO})
        made.settings += serve_settings(free_port())
        made.write()
        yield made


def command(world: World, *arguments: str) -> Result:
    """A command line, within this process."""
    done = CliRunner().invoke(cli, [*arguments, "--config", str(world.directory / "syncer.toml")])
    return Result(done.exit_code, done.stdout, done.stderr)


def test_a_closed_issue_ticks_its_box_and_our_own_commit_wakes_us_at_most_once(world: World) -> None:
    rune = world.repositories["rune"]
    with within(world.directory / "syncer.toml") as served:
        eventually(lambda: len(rune.issues()) == 2 and served.idle())
        installed = command(world, "hooks", "install")
        assert (installed.code, installed.out) == (0, "main:acme/rune: made\n"), installed.err
        world.sandbox.settle()
        before = len(served.runs("rune"))

        # The first write has asked for the branch's rules; what is counted is what each event costs.
        rune.issue(2).close()
        eventually(lambda: b"- [x] Try it" in rune.file("TODO.md"))
        rune.issue(2).reopen()
        eventually(lambda: b"- [ ] Try it" in rune.file("TODO.md"))
        world.sandbox.settle()
        time.sleep(0.4)
        eventually(served.idle)
        before = len(served.runs("rune"))
        world.sandbox.reset_counts()

        began = time.monotonic()
        rune.issue(1).close()

        eventually(lambda: b"- [x] Write it" in rune.file("TODO.md"))
        taken = time.monotonic() - began
        asked = [(each.method, each.path) for each in world.sandbox.requests]
        world.sandbox.settle()
        time.sleep(0.4)  # longer than the debounce: whatever our commit wakes has begun
        eventually(served.idle)
        runs = served.runs("rune")[before:]

    assert taken < 5, taken
    # The issue that the event named, and the commit; GitLab's commit is proven by its parent.
    assert len(asked) == 2, asked
    assert asked[0][1].endswith("/issues/1")
    assert runs[0].endswith("done")
    assert not runs[0].startswith("0 ")
    assert len(runs) <= 2, runs
    assert all(summary.startswith("0 actions planned") for summary in runs[1:])
    assert rune.file("TODO.md") == TODO.replace(b"- [ ] Write", b"- [x] Write")


def test_a_push_closes_the_issue(world: World) -> None:
    rune = world.repositories["rune"]
    with within(world.directory / "syncer.toml") as served:
        eventually(lambda: len(rune.issues()) == 2 and served.idle())
        assert command(world, "hooks", "install").code == 0

        rune.commit({"TODO.md": TODO.replace(b"- [ ] Try", b"- [x] Try")})

        eventually(lambda: rune.issue(2).state == "closed")
        assert rune.issue(1).state == "open"


def test_hooks_are_made_once_looked_at_mended_and_removed(world: World) -> None:
    rune = world.repositories["rune"]
    assert command(world, "hooks", "status").code == 1
    assert command(world, "hooks", "install").out == "main:acme/rune: made\n"
    (hook,) = rune.model.hooks.values()
    # Nobody listens yet, so the greeting that GitHub sends a new hook fails.
    world.sandbox.settle()
    hook.deliveries.clear()
    assert command(world, "hooks", "status").code == 0

    hook.events = frozenset({"push"})
    hook.active = False
    status = command(world, "hooks", "status", "--json")
    (row,) = status.json["hooks"]
    assert status.code == 1
    assert "switched off" in row["problem"]
    assert "issues" in row["problem"]

    assert command(world, "hooks", "install").code == 0
    world.sandbox.settle()
    (mended,) = rune.model.hooks.values()
    assert mended.active
    assert "issues" in mended.events
    assert mended.secret + mended.signing_token == SECRETS[world.kind]

    assert command(world, "hooks", "remove").out == "main:acme/rune: removed\n"
    assert not rune.model.hooks
    assert command(world, "hooks", "remove").out == "main:acme/rune: there was none\n"


def test_an_approval_is_applied_at_once_by_a_running_daemon(world: World) -> None:
    world.settings += "\n[projects.rune.guard]\ncreates = 1\n[serve.schedule]\nevery = 0\naudit_every = 0\n"
    world.write()
    rune = world.repositories["rune"]
    with within(world.directory / "syncer.toml") as served:
        eventually(lambda: served.idle() and served.status()["projects"][0]["last_outcome"] == "held")
        assert served.status()["projects"][0]["held"]
        assert rune.issues() == []

        assert command(world, "approve", "rune").code == 0

        eventually(lambda: len(rune.issues()) == 2)
        eventually(lambda: served.phase("rune") == "resting")
