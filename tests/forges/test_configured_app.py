"""A GitHub App from settings: key from a file or the environment, secrets hidden, one state for all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.clock import SystemClock
from syncer.errors import ConfigError
from syncer.logs import REDACTOR
from syncer.sandbox import Sandbox
from syncer.sandbox.people import App
from syncer.settings import load, settings_from
from syncer.wiring import Workshop
from tests.traffic import RECORD_TO

KEY = "SYNCER_FORGES__MAIN__APP__PRIVATE_KEY"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        sandbox.github.repository("acme/rune", files={"TODO.md": b"- [ ] a\n"})
        yield sandbox


@pytest.fixture
def app(sandbox: Sandbox) -> App:
    return sandbox.github.app(
        "syncer", permissions={"issues": "write", "contents": "write"}, accounts=["acme"]
    )


def write(directory: Path, sandbox: Sandbox, app: App, extra: str = "") -> Path:
    path = directory / "syncer.toml"
    path.write_text(
        f'[forges.main]\nkind = "github"\nurl = "{sandbox.url}"\n'
        f"[forges.main.app]\nid = {app.id}\n{extra}\n"
        '[projects.rune]\nforge = "main"\nrepository = "acme/rune"\n',
        encoding="utf-8",
    )
    return path


def workshop(path: Path, *, read_only: bool = False) -> Workshop:
    return Workshop(load(path), path.parent, SystemClock(threading.Event()), read_only=read_only)


def test_the_key_comes_from_a_file_beside_the_configuration(
    sandbox: Sandbox, app: App, tmp_path: Path
) -> None:
    """The id may be written as the number that it is."""
    (tmp_path / "app.pem").write_text(app.private_key, encoding="utf-8")
    shop = workshop(write(tmp_path, sandbox, app, 'private_key_file = "app.pem"'))
    profile = shop.forge("main").tracker("acme/rune").profile()
    shop.close()

    assert "acme/rune" == profile.canonical


def test_the_key_comes_from_the_environment(
    sandbox: Sandbox, app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the rest of the App in the file."""
    monkeypatch.setenv(KEY, app.private_key.replace("\n", "\\n"))
    shop = workshop(write(tmp_path, sandbox, app))
    profile = shop.forge("main").tracker("acme/rune").profile()
    shop.close()

    assert "acme/rune" == profile.canonical


def test_nothing_secret_is_printed(sandbox: Sandbox, app: App, tmp_path: Path) -> None:
    """Neither key nor token, wherever they turn up."""
    (tmp_path / "app.pem").write_text(app.private_key, encoding="utf-8")
    shop = workshop(write(tmp_path, sandbox, app, 'private_key_file = "app.pem"'))
    shop.forge("main").tracker("acme/rune").profile()
    shop.close()
    tokens = [
        value for value, token in sandbox.github.model.people.tokens.items() if token.kind == "installation"
    ]

    assert ["[secret]"] == [REDACTOR.clean(token) for token in tokens]
    assert "PRIVATE KEY" not in REDACTOR.clean(f"x {app.private_key.strip()} y")


def test_processes_share_the_token_and_a_dry_run_keeps_none(
    sandbox: Sandbox, app: App, tmp_path: Path
) -> None:
    """Through the state database; a dry run reads it at most."""
    (tmp_path / "app.pem").write_text(app.private_key, encoding="utf-8")
    path = write(tmp_path, sandbox, app, 'private_key_file = "app.pem"')
    for read_only, mints in ((True, 1), (True, 2), (False, 3), (False, 3), (True, 3)):
        shop = workshop(path, read_only=read_only)
        shop.forge("main").tracker("acme/rune").profile()
        shop.close()
        assert mints == sum(each.path.endswith("/access_tokens") for each in sandbox.requests)


@pytest.mark.parametrize(
    ("extra", "where"),
    [
        ("", "forges.main.app"),
        ('private_key_file = "nowhere.pem"', "forges.main.app.private_key_file"),
        ('private_key = "x"\nprivate_key_file = "app.pem"', "forges.main.app.private_key_file"),
        ('private_key = "x"', "forges.main.app.private_key"),
    ],
)
def test_a_key_that_is_missing_or_wrong_is_named(
    sandbox: Sandbox, app: App, tmp_path: Path, extra: str, where: str
) -> None:
    """With the setting's path, before anything is sent."""
    (tmp_path / "app.pem").write_text(app.private_key, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        workshop(write(tmp_path, sandbox, app, extra)).forge("main")

    assert where == caught.value.where
    assert caught.value.next_step


def test_a_mistyped_key_of_an_app_is_an_error(tmp_path: Path) -> None:
    """Unknown keys are errors, here too."""
    with pytest.raises(ConfigError, match=r"forges\.main\.app\.private_key_fil"):
        settings_from(
            {"forges": {"main": {"kind": "github", "app": {"id": 1, "private_key_fil": "x"}}}}, "test"
        )
