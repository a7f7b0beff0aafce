"""The environment over secret files over the configuration's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.errors import ConfigError
from syncer.notification_settings import NotificationSettings, ReceiverSettings
from syncer.serving_settings import ScheduleSettings, ServeSettings
from syncer.settings import (
    AppSettings,
    ConflictSettings,
    ForgeSettings,
    GuardSettings,
    PaceSettings,
    ProjectSettings,
    Settings,
    find_file,
    load,
)
from tests.settings.conftest import Read

EXAMPLE = Path(__file__).resolve().parents[2] / "config" / "syncer.example.toml"
FILE = """
[state]
url = "sqlite:///from-file.db"

[forges.main]
kind = "github"
token = "from-file"
read_timeout = 7.0

[projects.rune]
forge = "main"
repository = "acme/rune"
branch = "from-file"
"""


def _token(settings: Settings, forge: str = "main") -> str:
    return settings.forges[forge].token.get_secret_value()


def test_each_place_goes_over_the_one_before(
    read: Read, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _token(read(FILE)) == "from-file"

    (secrets / "forges__main__token").write_text("from-secret\n")
    assert _token(read(FILE)) == "from-secret"

    monkeypatch.setenv("SYNCER_FORGES__MAIN__TOKEN", "from-environment")
    assert _token(read(FILE)) == "from-environment"


def test_a_variable_changes_its_own_key_and_leaves_its_neighbours(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCER_STATE__URL", "sqlite:///from-environment.db")
    monkeypatch.setenv("SYNCER_PROJECTS__RUNE__BRANCH", "from-environment")
    monkeypatch.setenv("SYNCER_PROJECTS__RUNE__GUARD__CREATES", "7")
    monkeypatch.setenv("SYNCER_PROJECTS__RUNE__ROADMAPS", '["PLAN.md"]')

    settings = read(FILE)

    assert settings.state.url == "sqlite:///from-environment.db"
    rune = settings.projects["rune"]
    assert (rune.branch, rune.repository, rune.roadmaps) == ("from-environment", "acme/rune", ["PLAN.md"])
    assert (rune.guard.creates, rune.guard.ticks) == (7, 100)
    assert (settings.forges["main"].read_timeout, _token(settings)) == (7.0, "from-file")


def test_a_token_is_taken_as_it_is_whatever_it_looks_like(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment may hold JSON elsewhere; a token that looks like some is none."""
    for token in ("12345678", "true", "null", '{"a": 1}', "[1]", '"quoted"', "mit Ümlaut"):
        monkeypatch.setenv("SYNCER_FORGES__MAIN__TOKEN", token)
        assert _token(read(FILE)) == token


@pytest.mark.parametrize("name", ["my-forge", "my.forge", "my_forge"])
def test_names_with_hyphens_and_dots_are_reached_by_underscores(
    read: Read, secrets: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """No shell lets a variable be called SYNCER_FORGES__MY-FORGE__TOKEN."""
    file = FILE.replace("forges.main", f'forges."{name}"').replace('"main"', f'"{name}"')
    monkeypatch.setenv("SYNCER_FORGES__MY_FORGE__TOKEN", "from-environment")
    (secrets / "forges__my_forge__ca_bundle").write_text("company.pem")

    settings = read(file)

    assert list(settings.forges) == [name]
    assert (_token(settings, name), settings.forges[name].ca_bundle) == (
        "from-environment",
        Path("company.pem"),
    )


def test_no_dotenv_file_is_read(read: Read, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SYNCER_FORGES__MAIN__TOKEN=from-dotenv\n")

    assert _token(read(FILE)) == "from-file"


def test_yaml_says_the_same_as_toml(read: Read) -> None:
    yaml = """
state: {url: "sqlite:///from-file.db"}
forges: {main: {kind: github, token: from-file, read_timeout: 7.0}}
projects: {rune: {forge: main, repository: acme/rune, branch: from-file}}
"""
    assert read(yaml, "syncer.yaml") == read(FILE)


def test_where_the_file_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"no configuration was found: looked for syncer\.toml"):
        find_file(None)
    (tmp_path / "config").mkdir()
    for name in ("config/syncer.toml", "syncer.yml", "syncer.yaml", "syncer.toml"):
        (tmp_path / name).write_text("")
        assert find_file(None) == Path(name)
    (tmp_path / "other.toml").write_text("")
    monkeypatch.setenv("SYNCER_CONFIG", "other.toml")
    assert find_file(None) == Path("other.toml")
    assert find_file(Path("syncer.yml")) == Path("syncer.yml")
    with pytest.raises(ConfigError, match="there is no such file"):
        find_file(Path("nowhere.toml"))


def test_the_example_loads_and_shows_every_setting() -> None:
    settings = load(EXAMPLE)
    assert settings.projects["rune"].repository == "acme/rune"

    text = EXAMPLE.read_text(encoding="utf-8")
    models = (ProjectSettings, GuardSettings, ConflictSettings, ForgeSettings, AppSettings, PaceSettings)
    told = (NotificationSettings, ReceiverSettings)
    for model in (Settings, *models, ServeSettings, ScheduleSettings, *told):
        for name in model.model_fields:
            assert name in text, f"the example does not show {name} of {model.__name__}"


def test_the_example_loads_with_everything_uncommented(tmp_path: Path) -> None:
    """What is commented out has to be right, too: people take the mark away and expect it to work."""
    lines = []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        bare = line.removeprefix("# ")
        setting = bare.startswith(("[", '"')) or bare.partition(" ")[2].startswith("= ")
        lines.append(bare if line.startswith("# ") and setting else line)
    text = "\n".join(line for line in lines if not line.startswith('url = "postgresql'))
    file = tmp_path / "everything.toml"
    file.write_text(text, encoding="utf-8")

    settings = load(file)

    # Tables of their own come last, or else they would swallow the keys that follow.
    rune, main = settings.projects["rune"], settings.forges["main"]
    assert (len(rune.trackers), rune.label, rune.guard.creates) == (1, "roadmap", 50)
    assert (main.read_timeout, main.app is not None, main.pace is not None) == (30.0, True, True)
