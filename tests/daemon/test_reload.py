"""Changes of the configuration while the daemon runs: taken if valid, refused if not, said either way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.sandbox import Sandbox
from tests.daemon.field import eventually
from tests.daemon.served import TODO, serve_settings, within
from tests.e2e.world import World
from tests.traffic import RECORD_TO


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        made = World(sandbox, "github", tmp_path)
        monkeypatch.setenv("SYNCER_FORGES__MAIN__TOKEN", made.environment["SYNCER_FORGES__MAIN__TOKEN"])
        made.add("rune", {"TODO.md": TODO})
        made.settings += serve_settings(0, watch=0.05)
        made.write()
        yield made


def test_a_broken_configuration_changes_nothing_and_is_said(world: World) -> None:
    with within(world.directory / "syncer.toml") as served:
        eventually(lambda: served.phase("rune") == "resting")

        world.settings += "\n[forges.main.pace]\nconcurrency = 'none'\n"
        world.write()

        eventually(lambda: "concurrency" in served.status()["configuration"]["problem"])
        assert served.client.get("/readyz").status_code == 200
        assert 'syncer_reloads_total{result="refused"} 1.0' in served.client.get("/metrics").text


def test_sighup_takes_new_projects_in_and_lets_old_ones_go(world: World) -> None:
    with within(world.directory / "syncer.toml") as served:
        eventually(lambda: served.phase("rune") == "resting")

        world.settings = world.settings.replace("[projects.rune]", "[projects.renamed]")
        world.add("more", {"TODO.md": b"- [ ] only one\n"})
        served.reload.set()

        eventually(lambda: served.phase("more") == "resting")
        assert [row["project"] for row in served.status()["projects"]] == ["more", "renamed"]
        assert len(world.repositories["more"].issues()) == 1


def test_a_project_that_is_wrong_in_itself_is_left_out_and_the_others_go_on(world: World) -> None:
    world.settings += '\n[projects.typo]\nforge = "nowhere"\nrepository = "acme/typo"\n'
    world.write()
    with within(world.directory / "syncer.toml") as served:
        eventually(lambda: served.phase("rune") == "resting")

        assert "there is no forge 'nowhere'" in served.status()["configuration"]["left_out"]["typo"]


def test_a_project_with_a_wrong_token_is_parked_and_a_new_token_is_noticed(world: World) -> None:
    (world.directory / "token").write_text("wrong-token-wrong-token\n")
    world.add("bad", {"TODO.md": TODO})
    world.settings = world.settings.replace(
        'forge = "main"\nrepository = "acme/bad"', 'forge = "other"\nrepository = "acme/bad"'
    )
    world.settings += (
        f'\n[forges.other]\nkind = "github"\nurl = "{world.sandbox.url}"\ntoken_file = "token"\n'
    )
    world.write()
    with within(world.directory / "syncer.toml") as served:
        eventually(lambda: (served.phase("rune"), served.phase("bad")) == ("resting", "parked"))
        (bad,) = [row for row in served.status()["projects"] if row["project"] == "bad"]
        assert "SYNCER_FORGES__OTHER__TOKEN" in bad["remedy"] + bad["reason"]

        (world.directory / "token").write_text(world.environment["SYNCER_FORGES__MAIN__TOKEN"])

        eventually(lambda: served.phase("bad") == "resting")
