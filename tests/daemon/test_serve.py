"""``syncer serve`` as a process: signals, crashes, configuration, secrets."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.sandbox import RepositoryHandle, Sandbox
from syncer.sandbox.hooks import Hook
from tests.daemon.field import eventually
from tests.daemon.served import TODO, free_port, process, serve_settings
from tests.e2e.world import World
from tests.receiver.post import github, hub_payload
from tests.traffic import RECORD_TO

SECRET = "hook-s3cret-hook"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("SYNCER_FORGES__MAIN__WEBHOOK_SECRETS", json.dumps([SECRET]))
    with Sandbox(record_to=RECORD_TO) as sandbox:
        made = World(sandbox, "github", tmp_path)
        made.add("rune", {"TODO.md": TODO})
        yield made


def test_it_syncs_on_its_own_and_ends_cleanly(world: World, port: int) -> None:
    world.settings += serve_settings(port)
    world.write()
    with process(world, port) as served:
        served.ready()
        eventually(lambda: served.resting("rune"))
        served.signal(signal.SIGTERM)
        assert served.wait() == 0

    assert len(world.repositories["rune"].issues()) == 2
    log = [json.loads(line) for line in served.lines]  # every line is JSON
    (ended,) = [line for line in log if line["event"] == "sync ended"]
    assert (ended["project"], ended["outcome"]) == ("rune", "complete")
    assert all(line["run"] == ended["run"] for line in log if line["event"] == "action")
    assert log[-1]["event"] == "stopped"


def test_an_accepted_webhook_survives_kill_9(world: World, port: int) -> None:
    # So long a silence is waited for that the kill comes before the sync.
    world.settings += serve_settings(port, debounce=2.0, longest_debounce=30)
    world.write()
    rune = world.repositories["rune"]
    with process(world, port) as served:
        served.ready()
        eventually(lambda: served.resting("rune"))
        rune.issue(1).close()
        headers, body = github(hub_payload(), secret=SECRET)
        assert served.client.post("/webhooks/main", content=body, headers=headers).status_code == 202
        served.signal(signal.SIGKILL)
        served.wait()
    assert b"[x]" not in rune.file("TODO.md")

    with process(world, port) as served:
        served.ready()
        eventually(lambda: b"- [x] Write it" in rune.file("TODO.md"))
        eventually(lambda: served.resting("rune"))
        (begun,) = served.events("sync begins")
        assert begun["reasons"] == ["start", "webhook"]
        # It was handled, so the forge's second attempt wakes nobody.
        again = served.client.post("/webhooks/main", content=body, headers=headers)
        assert (again.status_code, again.json()["status"]) == (200, "was handled before")
        served.signal(signal.SIGTERM)
        assert served.wait() == 0


def test_sigterm_during_a_sync_stops_at_a_safe_point_and_the_next_start_goes_on(
    world: World, port: int
) -> None:
    items = b"".join(b"- [ ] item number %d\n" % number for number in range(30))
    world.add("slow", {"TODO.md": b"## MVP\n\n" + items})
    world.settings += "\n[forges.main.pace]\nseconds_between_writes = 0.2\n" + serve_settings(port, grace=15)
    world.write()
    slow = world.repositories["slow"]
    with process(world, port) as served:
        served.ready()
        eventually(lambda: 3 <= len(slow.issues()) < 20)
        began = time.monotonic()
        served.signal(signal.SIGTERM)
        assert served.wait() == 0
        assert time.monotonic() - began < 15
    made = len(slow.issues())
    assert 3 <= made < 30

    world.settings = world.settings.replace("seconds_between_writes = 0.2", "seconds_between_writes = 0.0")
    world.write()
    with process(world, port) as served:
        served.ready()
        eventually(lambda: served.resting("slow", "rune"), 20)
        served.signal(signal.SIGTERM)
        assert served.wait() == 0
    titles = [issue.title for issue in slow.issues()]
    assert len(titles) == len(set(titles)) == 30


def test_no_secret_is_seen_anywhere(world: World, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "status": "st4tus-token-planted",
        "wrong": "wr0ng-token-planted",
        "proxy": "pr0xy-password-planted",
        "database": "d4tabase-planted",
    }
    monkeypatch.setenv("SYNCER_SERVE__STATUS_TOKEN", secrets["status"])
    url = f'kind = "github"\nurl = "{world.sandbox.url}"'
    world.settings += (
        f'\n[forges.wrong]\n{url}\ntoken = "{secrets["wrong"]}"\n'
        f'\n[forges.proxied]\n{url}\nproxy = "http://user:{secrets["proxy"]}@127.0.0.1:9"\n'
        '\n[projects.wrong]\nforge = "wrong"\nrepository = "acme/rune"\nroadmaps = ["A.md"]\n'
        '\n[projects.proxied]\nforge = "proxied"\nrepository = "acme/rune"\nroadmaps = ["B.md"]\n'
        + serve_settings(port, watch=0.1, outage_after=1)
    )
    world.write()
    shown: list[str] = []
    with process(world, port) as served:
        served.ready()
        served.client.headers["authorization"] = f"Bearer {secrets['status']}"
        eventually(lambda: len(served.events("sync ended")) >= 3)
        headers, body = github(hub_payload(), secret="not the secret")
        served.client.post("/webhooks/main", content=body, headers=headers)
        # A secret in the wrong place of a configuration that is then refused.
        world.settings += f'\n[state2]\nurl = "postgresql://user:{secrets["database"]}@nowhere/x"\n'
        world.write()
        eventually(lambda: served.status()["configuration"]["problem"])
        for path in ("/metrics", "/status.json", "/healthz", "/readyz", "/webhooks/main"):
            answer = served.client.get(path)
            shown += [answer.text, str(answer.headers)]
        assert served.client.get("/status.json", headers={"authorization": ""}).status_code == 401
        served.signal(signal.SIGTERM)
        assert served.wait() == 0
    shown += served.lines
    planted = [*secrets.values(), SECRET, world.environment["SYNCER_FORGES__MAIN__TOKEN"]]

    everything = "\n".join(shown)
    assert len(served.lines) > 20
    assert [secret for secret in planted if secret in everything] == []


@pytest.mark.thorough
def test_killed_again_and_again_under_load_it_loses_and_doubles_nothing(world: World, port: int) -> None:
    chance = random.Random(5)
    items = [f"item number {number}" for number in range(12)]
    world.add("busy", {"TODO.md": "".join(f"- [ ] {item}\n" for item in items).encode()})
    world.settings += serve_settings(port, debounce=0.05)
    world.write()
    busy = world.repositories["busy"]
    now = busy.model.forge.clock.now()
    events = frozenset({"issues", "push"})
    url = f"http://127.0.0.1:{port}/webhooks/main"
    busy.model.hooks[1] = Hook(1, url, events, now, now, secret=SECRET)
    for _life in range(6):
        with process(world, port) as served:
            served.ready()
            deadline = time.monotonic() + chance.uniform(0.3, 1.5)
            while time.monotonic() < deadline:
                _act(busy, chance)
                time.sleep(chance.uniform(0, 0.2))
            served.signal(signal.SIGKILL)
            served.wait()
        _act(busy, chance)
    with process(world, port) as served:
        served.ready()
        eventually(lambda: served.resting("busy", "rune"))
        world.sandbox.settle()
        time.sleep(0.5)
        eventually(lambda: served.resting("busy", "rune"))
        served.signal(signal.SIGTERM)
        assert served.wait() == 0

    issues = busy.issues()
    lines = busy.file("TODO.md").decode().splitlines()
    assert sorted(issue.title for issue in issues) == sorted(items)
    boxes = {line[6:]: line.startswith("- [x] ") for line in lines}
    assert boxes == {issue.title: issue.state == "closed" for issue in issues}


def _act(busy: RepositoryHandle, chance: random.Random) -> None:
    """A person does something on one of the two sides."""
    issues = busy.issues()
    if issues and chance.random() < 0.6:
        issue = chance.choice(issues)
        if issue.state == "open":
            issue.close()
        else:
            issue.reopen()
        return
    lines = busy.file("TODO.md").decode().splitlines(keepends=True)
    at = chance.randrange(len(lines))
    old, new = ("- [ ]", "- [x]") if lines[at].startswith("- [ ]") else ("- [x]", "- [ ]")
    lines[at] = lines[at].replace(old, new)
    busy.commit({"TODO.md": "".join(lines).encode()})
