"""A mistake in the configuration names the file, the key and what would be right, and never a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.errors import ConfigError
from syncer.settings import load
from tests.settings.conftest import Read

FORGE = '[forges.main]\nkind = "github"\n'
PROJECT = FORGE + '[projects.rune]\nforge = "main"\nrepository = "acme/rune"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('stat = "x"', "stat: is no setting (did you mean 'state'?)"),
        (FORGE + 'tokn = "x"', "forges.main.tokn: is no setting (did you mean 'token'?)"),
        (
            FORGE + "[forges.main.pace]\ncreation_per_minute = 3",
            "forges.main.pace.creation_per_minute: is no setting (did you mean 'creations_per_minute'?)",
        ),
        (
            PROJECT + "[projects.rune.guard]\ncreate = 3",
            "projects.rune.guard.create: is no setting (did you mean 'creates'?)",
        ),
        (
            PROJECT + '[[projects.rune.trackers]]\nforge = "main"\nrepo = "acme/other"',
            "projects.rune.trackers.0.repository: is missing; projects.rune.trackers.0.repo: is no setting",
        ),
        ("[forges.main]", "forges.main.kind: is missing"),
        ('[forges.main]\nkind = "gitea"', "forges.main.kind: Input should be 'github' or 'gitlab'"),
        (
            '[forges."Main Forge"]\nkind = "github"',
            "forges.Main Forge: names are made of small letters, digits, `.`, `_` and `-`",
        ),
        ('forges = "main"', "forges: is a table"),
        (FORGE + "token = 12345678", "forges.main.token: is a text, in quotation marks"),
        (
            '[projects.rune]\nforge = "main"\nrepository = "acme/rune"',
            "projects.rune: there is no forge 'main' (known: none)",
        ),
        (
            PROJECT.replace("acme/rune", "rune"),
            "projects.rune.repository: a repository is written as owner/name",
        ),
        (
            PROJECT + 'roadmaps = ["/etc/passwd"]',
            "projects.rune.roadmaps: a roadmap is a path from the repository's root, without `..`",
        ),
        (
            PROJECT + '[projects.again]\nforge = "main"\nrepository = "acme/rune"',
            "projects.again and projects.rune both claim TODO.md for the tracker main:acme/rune",
        ),
        ('_env_file = "x"', "_env_file: is no setting"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_its_key(
    read: Read, tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        read(text)

    assert (raised.value.where, raised.value.what) == (str(tmp_path / "syncer.toml"), said)
    assert raised.value.next_step


def test_all_mistakes_are_named_at_once(read: Read) -> None:
    with pytest.raises(ConfigError) as raised:
        read('colour = "red"\n[forges.main]\nkin = "github"\n')

    assert raised.value.what.split("; ") == [
        "forges.main.kind: is missing",
        "forges.main.kin: is no setting (did you mean 'kind'?)",
        "colour: is no setting",
    ]


@pytest.mark.parametrize(
    ("data", "place", "said"),
    [
        (b'\n\n[forges.main\nkind = "github"\n', ":3", "is no TOML: Expected"),
        (b"[forges.main]\nkind = github\n", ":2", "is no TOML: Invalid value"),
        (b'[forges.main]\n[forges.main]\nkind = "github"', ":2", "is no TOML: Cannot declare"),
        (b'[forges.main]\nkind = "github"\nkind = "gitlab"\n', ":3", "is no TOML: Cannot overwrite a value"),
        (b'[state]\nurl = "\xff"\n', ":2", "is not UTF-8"),
    ],
)
def test_what_is_no_toml_is_named_with_its_line(tmp_path: Path, data: bytes, place: str, said: str) -> None:
    file = tmp_path / "syncer.toml"
    file.write_bytes(data)

    with pytest.raises(ConfigError) as raised:
        load(file)

    assert raised.value.where == f"{file}{place}"
    assert raised.value.what.startswith(said)


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("state:\n  url: [", ":2", "is no YAML"),
        ("- state", "", "holds no settings"),
        ("", "", "holds no settings"),
        ("1: x", "", "1: is no setting"),
    ],
)
def test_what_is_wrong_with_yaml_is_named_too(
    read: Read, tmp_path: Path, text: str, place: str, said: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        read(text, "syncer.yaml")

    assert raised.value.where.startswith(str(tmp_path / "syncer.yaml"))
    assert raised.value.where.endswith(place)
    assert raised.value.what == said


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        (
            "SYNCER_FORGES__MAIN__TOKN",
            "planted",
            (
                "forges.main.tokn: is no setting (did you mean 'token'?)"
                " (from the environment, SYNCER_FORGES__MAIN__TOKN)"
            ),
        ),
        (
            "SYNCER_FORGES__MAIN__READ_TIMEOUT",
            "planted",
            (
                "forges.main.read_timeout: Input should be a valid number, unable to parse string as a number"
                " (from the environment, SYNCER_FORGES__MAIN__READ_TIMEOUT)"
            ),
        ),
        (
            "SYNCER_FORGES__MIAN__TOKEN",
            "planted",
            "forges.mian.kind: is missing (the environment has SYNCER_FORGES__MIAN__TOKEN)",
        ),
        (
            "SYNCER_FORGE__MAIN__TOKEN",
            "planted",
            "SYNCER_FORGE__MAIN__TOKEN: is no setting (did you mean SYNCER_FORGES__MAIN__TOKEN?)",
        ),
        (
            "SYNCER_STATE",
            "planted",
            "SYNCER_STATE, or a variable that begins so, has to hold JSON and does not",
        ),
        (
            "SYNCER_PROJECTS__RUNE__ROADMAPS",
            "planted.md",
            "SYNCER_PROJECTS, or a variable that begins so, has to hold JSON and does not",
        ),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    read: Read, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(ConfigError) as raised:
        read(PROJECT)

    assert raised.value.what == said
    assert "planted" not in str(raised.value)


def test_a_mistake_in_a_secret_file_names_the_file(read: Read, secrets: Path) -> None:
    (secrets / "forges__main__tokn").write_text("planted")

    with pytest.raises(ConfigError) as raised:
        read(PROJECT)

    assert raised.value.what.endswith(f"(from {secrets / 'forges__main__tokn'})")
    assert "planted" not in str(raised.value)


def test_variables_that_may_be_somebody_elses_are_let_be(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCER_VERSION", "1")
    monkeypatch.setenv("SYNCERX__A__B", "1")

    assert read(PROJECT).projects


@pytest.mark.parametrize(
    "text",
    [
        FORGE.replace("github", "planted"),
        FORGE + 'token = ["planted"]',
        FORGE + 'app = "planted"',
        FORGE + 'url = "https://planted:planted@forge.example.test"',
        FORGE + 'url = "https://planted@forge.example.test"',
        FORGE + 'read_timeout = "planted"',
        PROJECT.replace("acme/rune", "planted"),
        PROJECT + 'roadmaps = "planted"',
        PROJECT + 'criteria = "planted"',
        PROJECT + 'label = "' + "planted" * 20 + '"',
        '[serve]\nlisten = "planted"',
        '[serve]\nstatus_token = ["planted"]',
        '[state]\nurl = ["planted"]',
        'state = "planted"',
        '[forges.main]\nkind = "planted',
        "[forges.main]\nkind = planted",
    ],
)
def test_no_mistake_shows_a_value(read: Read, text: str) -> None:
    """A token pasted into the wrong place must not end up in a log."""
    with pytest.raises(ConfigError) as raised:
        read(text)

    assert "planted" not in str(raised.value)
    assert raised.value.__suppress_context__
