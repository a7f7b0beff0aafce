"""Secrets in files: found, changed under way, and named when something is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.errors import ConfigError
from syncer.sandbox import Sandbox
from syncer.serving.secrets import status_token, webhook_secrets
from syncer.settings import load
from tests.daemon.field import eventually
from tests.daemon.served import TODO, Within, serve_settings, within
from tests.e2e.world import World
from tests.receiver.post import github, hub_payload
from tests.traffic import RECORD_TO


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("SYNCER_FORGES__MAIN__WEBHOOK_SECRETS_FILE", "secrets")
    (tmp_path / "secrets").write_text("the first secret\n\n  the second secret  \n")
    (tmp_path / "status").write_text("the status token\n")
    with Sandbox(record_to=RECORD_TO) as sandbox:
        made = World(sandbox, "github", tmp_path)
        monkeypatch.setenv("SYNCER_FORGES__MAIN__TOKEN", made.environment["SYNCER_FORGES__MAIN__TOKEN"])
        made.add("rune", {"TODO.md": TODO})
        made.settings += serve_settings(0, watch=0.05, status_token_file="status")
        made.write()
        yield made


def _post(served: Within, secret: str) -> int:
    headers, body = github(hub_payload(), secret=secret)
    return served.client.post("/webhooks/main", content=body, headers=headers).status_code


def test_a_secret_is_changed_without_a_restart_and_without_a_gap(world: World) -> None:
    with within(world.directory / "syncer.toml") as served:
        assert served.client.get("/metrics").status_code == 401
        served.client.headers["authorization"] = "Bearer the status token"
        eventually(lambda: served.phase("rune") == "resting")
        assert (_post(served, "the first secret"), _post(served, "the second secret")) == (202, 202)
        assert _post(served, "the third secret") == 401

        (world.directory / "secrets").write_text("the third secret\nthe first secret\n")

        eventually(lambda: _post(served, "the third secret") in (200, 202))
        assert _post(served, "the first secret") in (200, 202)
        assert _post(served, "the second secret") == 401


def test_a_file_that_is_not_there_is_named(world: World) -> None:
    path = world.directory / "syncer.toml"
    settings = load(path)
    assert webhook_secrets(settings, path.parent, "main") == ("the first secret", "the second secret")
    (world.directory / "secrets").unlink()
    (world.directory / "status").write_text("\n")

    with pytest.raises(ConfigError, match=r"forges\.main\.webhook_secrets_file: the file cannot be read"):
        webhook_secrets(settings, path.parent, "main")
    with pytest.raises(ConfigError, match=r"serve\.status_token_file: the file is empty"):
        status_token(settings.serve, path.parent)


@pytest.mark.parametrize("written", [b"\xff\xfe", b"short\n"])
def test_secrets_that_cannot_be_used_on_a_reload_leave_the_old_ones_in_use(
    world: World, written: bytes
) -> None:
    with within(world.directory / "syncer.toml") as served:
        served.client.headers["authorization"] = "Bearer the status token"
        eventually(lambda: served.phase("rune") == "resting")

        (world.directory / "secrets").write_bytes(written)

        eventually(lambda: "forges.main.webhook_secrets" in served.status()["configuration"]["problem"])
        assert _post(served, "the first secret") == 202
