"""A GitHub App as a credential, against the sandbox: minted, kept, renewed, refused, never seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from syncer.errors import ConfigError, Forbidden, ReadOnly, Unauthorized
from syncer.forges import AppKey, Connection, Forge, Secret, connect
from syncer.forges.notes import InMemoryNotes
from syncer.ledger.sql import SqlLedger
from syncer.model.tracker import IssueDraft
from syncer.ports import Notes
from syncer.sandbox import Fault, Sandbox
from syncer.sandbox.people import App, Installation
from tests.traffic import RECORD_TO

RIGHTS = {"issues": "write", "contents": "write", "metadata": "read"}
REPOSITORY = "acme/rune"


class ForgeClock:
    """The forge's own clock, or one that is ahead of it."""

    def __init__(self, sandbox: Sandbox, ahead: float = 0.0) -> None:
        self._sandbox = sandbox
        self._ahead = timedelta(seconds=ahead)

    def now(self) -> datetime:
        return self._sandbox.clock.now() + self._ahead

    def sleep(self, seconds: float) -> None:
        self._sandbox.clock.advance(seconds)


@dataclass
class World:
    """A repository of an account that installed an App."""

    sandbox: Sandbox
    app: App
    closing: list[Callable[[], None]]

    def forge(
        self,
        *,
        notes: Notes | None = None,
        secrets: list[str] | None = None,
        ahead: float = 0.0,
        read_only: bool = False,
        app_id: str = "",
        key: str = "",
        installation: int | None = None,
    ) -> Forge:
        app = AppKey(app_id or str(self.app.id), Secret(key or self.app.private_key), installation)
        connection = Connection("main", "github", url=self.sandbox.url, app=app, read_only=read_only)
        forge = connect(
            connection,
            ForgeClock(self.sandbox, ahead),
            notes=notes,
            on_secret=secrets.append if secrets is not None else None,
        )
        self.closing.append(forge.close)
        return forge

    def mints(self) -> int:
        """How many tokens were asked for so far."""
        return sum(1 for each in self.sandbox.requests if each.path.endswith("/access_tokens"))

    def tokens(self) -> list[str]:
        """Every token that the App was given."""
        known = self.sandbox.github.model.people.tokens
        return [value for value, token in known.items() if token.kind == "installation"]

    def revoke_all(self) -> None:
        for value in self.tokens():
            self.sandbox.github.revoke(value)


@pytest.fixture
def world() -> Iterator[World]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        sandbox.github.repository(REPOSITORY, files={"TODO.md": b"- [ ] a\n"})
        made = World(sandbox, sandbox.github.app("syncer", permissions=RIGHTS, accounts=["acme"]), [])
        yield made
        for close in made.closing:
            close()


def draft(title: str) -> IssueDraft:
    return IssueDraft(title, "", None, frozenset())


def test_a_token_is_minted_once_and_used_for_everything(world: World) -> None:
    """The installation is found by itself; issues are the App's own."""
    forge = world.forge()
    tracker = forge.tracker(REPOSITORY)
    tracker.create_issue(draft("one"))
    tracker.create_issue(draft("two"))
    forge.documents(REPOSITORY).head("main", None)

    assert 1 == world.mints()
    assert "syncer[bot]" == world.sandbox.github.find(REPOSITORY).issue(1).author


def test_a_given_installation_is_not_looked_up(world: World) -> None:
    """One request less, for whoever wants it."""
    number = next(iter(world.app.installations))
    world.forge(installation=number).tracker(REPOSITORY).create_issue(draft("one"))

    assert [] == [each.path for each in world.sandbox.requests if each.path.endswith("/installation")]


def test_tokens_may_have_any_length(world: World) -> None:
    """The newer form has several hundred characters."""
    world.app.stateless_tokens = True
    world.forge().tracker(REPOSITORY).create_issue(draft("one"))

    longest = max(len(value) for value in world.sandbox.github.model.people.tokens)
    assert longest > 300


def test_a_token_is_renewed_before_its_end(world: World) -> None:
    """Five minutes before; no request is ever refused for its age."""
    tracker = world.forge().tracker(REPOSITORY)
    tracker.create_issue(draft("one"))
    world.sandbox.clock.advance(54 * 60)
    tracker.create_issue(draft("two"))
    assert 1 == world.mints()

    world.sandbox.clock.advance(2 * 60)
    tracker.create_issue(draft("three"))

    assert 2 == world.mints()
    assert [] == [each for each in world.sandbox.requests if each.status == 401]


def test_a_refused_token_is_minted_anew_once(world: World) -> None:
    """The write that was refused is the one that may be sent again: nobody let it in."""
    tracker = world.forge().tracker(REPOSITORY)
    tracker.create_issue(draft("one"))
    world.revoke_all()
    tracker.create_issue(draft("two"))

    assert 2 == world.mints()
    assert [401] == [each.status for each in world.sandbox.requests if each.status >= 400]
    assert 2 == len(world.sandbox.github.find(REPOSITORY).issues())


def test_a_forge_that_refuses_the_new_token_too_is_believed(world: World) -> None:
    """No hammering: two attempts, then the error."""
    tracker = world.forge().tracker(REPOSITORY)
    tracker.create_issue(draft("one"))
    world.sandbox.faults.add(Fault("unauthorized", forge="github", path=r"/issues/1", times=5))
    with pytest.raises(Unauthorized):
        tracker.issue(1)

    refused = [each for each in world.sandbox.requests if each.status == 401]
    assert 2 == len(refused)


def test_processes_share_a_token_and_nobody_can_read_it(world: World, tmp_path: Path) -> None:
    """It is kept in the state database, sealed with what only the key's holder has."""
    url = f"sqlite:///{tmp_path / 'state.db'}"
    for number in range(3):
        ledger = SqlLedger(url)
        world.forge(notes=ledger.notes).tracker(REPOSITORY).create_issue(draft(f"issue {number}"))
        ledger.close()

    assert 1 == world.mints()
    tokens = world.tokens()
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert tokens
    assert not any(token.encode() in raw for token in tokens)
    assert b"PRIVATE KEY" not in raw


def test_a_kept_token_that_was_revoked_meanwhile_is_replaced(world: World) -> None:
    """The next process gets the new one."""
    notes = InMemoryNotes()
    world.forge(notes=notes).tracker(REPOSITORY).create_issue(draft("one"))
    world.revoke_all()
    world.forge(notes=notes).tracker(REPOSITORY).create_issue(draft("two"))
    world.forge(notes=notes).tracker(REPOSITORY).create_issue(draft("three"))

    assert 2 == world.mints()


def test_a_note_that_another_key_sealed_is_left_alone(world: World) -> None:
    """As if there were none."""
    notes = InMemoryNotes()
    world.forge(notes=notes).tracker(REPOSITORY).create_issue(draft("one"))
    name = next(name for name in notes._texts if name.startswith("token "))
    notes.change(name, lambda _: ("gAAAAA-garbage", None))
    world.forge(notes=notes).tracker(REPOSITORY).create_issue(draft("two"))

    assert 2 == world.mints()


def test_every_secret_is_announced(world: World) -> None:
    """Token, signature and key, so that logs can hide them before they are used."""
    secrets: list[str] = []
    world.forge(secrets=secrets).tracker(REPOSITORY).create_issue(draft("one"))

    tokens = world.tokens()
    assert set(tokens) <= set(secrets)
    assert any("PRIVATE KEY" in secret for secret in secrets)
    assert any(secret.count(".") == 2 for secret in secrets)


@pytest.mark.parametrize("ahead", [900.0, -900.0])
def test_a_clock_that_is_wrong_by_a_quarter_of_an_hour_costs_one_request(world: World, ahead: float) -> None:
    """The signature is made by the forge's clock then, and so is the token's end."""
    tracker = world.forge(ahead=ahead).tracker(REPOSITORY)
    tracker.create_issue(draft("one"))
    world.sandbox.clock.advance(56 * 60)
    tracker.create_issue(draft("two"))

    refused = [each.path for each in world.sandbox.requests if each.status == 401]
    assert [f"/repos/{REPOSITORY}/installation"] == refused
    assert 2 == world.mints()


def test_a_dry_run_may_ask_for_a_token_and_for_nothing_else(world: World) -> None:
    """A token changes nothing that anybody could see."""
    tracker = world.forge(read_only=True).tracker(REPOSITORY)
    tracker.profile()
    with pytest.raises(ReadOnly):
        tracker.create_issue(draft("one"))

    assert 1 == world.mints()


def test_an_account_without_the_app_is_named_with_the_page_to_install_it(world: World) -> None:
    """The mend is an address."""
    world.sandbox.github.repository("other/place", files={"TODO.md": b"- [ ] a\n"})
    with pytest.raises(Forbidden, match="not installed on other") as caught:
        world.forge().tracker("other/place").profile()

    assert "/installations/new" in caught.value.next_step


def test_an_installation_that_is_gone_is_named(world: World) -> None:
    """With the setting that names it."""
    with pytest.raises(Forbidden, match="no installation 99") as caught:
        world.forge(installation=99).tracker(REPOSITORY).profile()

    assert "forges.main.app" in caught.value.where


def test_a_key_of_another_app_is_named(world: World) -> None:
    """The forge's refusal leads to the setting."""
    other = world.sandbox.github.app("other", permissions=RIGHTS)
    with pytest.raises(Unauthorized, match="signature") as caught:
        world.forge(key=other.private_key).tracker(REPOSITORY).profile()

    assert "forges.main.app" in caught.value.next_step
    assert "PRIVATE KEY" not in str(caught.value)


@pytest.mark.parametrize(
    "key", ["not a key", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"]
)
def test_a_key_that_is_none_is_known_before_the_first_request(world: World, key: str) -> None:
    """And its text is not repeated."""
    with pytest.raises(ConfigError, match="no RSA private key") as caught:
        world.forge(key=key)

    assert "forges.main.app.private_key" == caught.value.where
    assert key not in str(caught.value)
    assert [] == world.sandbox.requests


def test_a_key_in_one_line_works_too(world: World) -> None:
    """Environment variables are often written with ``\\n`` for the ends of lines."""
    world.forge(key=world.app.private_key.replace("\n", "\\n")).tracker(REPOSITORY).create_issue(draft("one"))

    assert 1 == len(world.sandbox.github.find(REPOSITORY).issues())


def test_an_app_beside_a_token_is_refused(world: World) -> None:
    """Which of them was meant?"""
    app = AppKey("1", Secret(world.app.private_key))
    connection = Connection("main", "github", url=world.sandbox.url, app=app, token=Secret("x"))
    with pytest.raises(ConfigError, match="beside a token"):
        connect(connection, ForgeClock(world.sandbox))


def test_gitlab_knows_no_apps(world: World) -> None:
    """Said where it is configured."""
    app = AppKey("1", Secret(world.app.private_key))
    with pytest.raises(ConfigError, match="knows no Apps"):
        connect(Connection("main", "gitlab", url=world.sandbox.url, app=app), ForgeClock(world.sandbox))


def test_each_account_has_its_own_token_and_budget(world: World) -> None:
    """Quotas belong to installations."""
    world.sandbox.github.repository("other/place", files={"TODO.md": b"- [ ] a\n"})
    where = Installation(4711, "other", None, world.sandbox.clock.now())
    world.app.installations[where.id] = where
    forge = world.forge()
    forge.tracker(REPOSITORY).create_issue(draft("one"))
    forge.tracker("other/place").create_issue(draft("one"))

    assert 2 == world.mints()
    assert forge.governor_of(REPOSITORY) is not forge.governor_of("other/place")
