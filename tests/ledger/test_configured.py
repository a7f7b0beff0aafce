"""What of a configuration leads to which ref, and what is refused."""

from __future__ import annotations

import pytest

from syncer.errors import ConfigError
from syncer.forges import Connection
from syncer.ledger.git.notes import RefNotes
from syncer.settings import Settings, StateSettings, settings_from
from syncer.sources.choice import same_host
from syncer.sources.git_state import clone_address
from tests.ledger.places import MemoryPlace, same
from tests.team import FakeClock


def _settings(url: str, *names: str) -> Settings:
    projects = {name: {"forge": "main", "repository": f"acme/{name}"} for name in names}
    data = {"state": {"url": url}, "forges": {"main": {"kind": "github"}}, "projects": projects}
    return settings_from(data, "syncer.toml")


def test_each_project_has_a_ref_of_its_own() -> None:
    state = _settings("git:refs/syncer/{project}", "rune", "v1.2").state

    assert (state.ref("rune"), state.ref("v1.2")) == ("refs/syncer/rune", "refs/syncer/v1.2")
    assert StateSettings().ref("rune") == ""
    assert _settings("git:refs/heads/state/{project}", "rune").state.ref("rune") == "refs/heads/state/rune"
    assert _settings("git:refs/syncer/one", "rune").state.ref("rune") == "refs/syncer/one"


@pytest.mark.parametrize(
    ("url", "names", "said"),
    [
        ("git:", ["rune"], "state.url: names no ref that git allows; write git:refs/syncer/{project}"),
        ("git:syncer/{project}", ["rune"], "state.url: names no ref that git allows"),
        ("git:refs/{project}", ["rune"], "state.url: names no ref that git allows"),
        ("git:refs/syncer/{name}", ["rune"], "state.url: names no ref that git allows"),
        ("git:refs/syncer/a b", ["rune"], "state.url: names no ref that git allows"),
        ("git:refs/syncer/x.lock", ["rune"], "state.url: names no ref that git allows"),
        (
            "git:refs/syncer/all",
            ["rune", "two"],
            "projects.rune and projects.two would share refs/syncer/all",
        ),
        ("git:refs/syncer/{project}", ["a..b"], "projects.a..b: a name that ends so, or has `..`"),
        ("git:refs/syncer/{project}", ["a.lock"], "projects.a.lock: a name that ends so"),
    ],
)
def test_what_cannot_be_a_ref_is_refused(url: str, names: list[str], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _settings(url, *names)

    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "url", "address"),
    [
        ("github", "", "https://github.com/acme/rune.git"),
        ("github", "https://api.octocorp.ghe.com", "https://octocorp.ghe.com/acme/rune.git"),
        ("github", "https://git.example.org/api/v3", "https://git.example.org/acme/rune.git"),
        ("github", "https://api.example.org/api/v3", "https://api.example.org/acme/rune.git"),
        ("gitlab", "", "https://gitlab.com/acme/rune.git"),
        (
            "gitlab",
            "https://git.example.org:8443/gitlab/",
            "https://git.example.org:8443/gitlab/acme/rune.git",
        ),
    ],
)
def test_git_speaks_to_the_forge_and_brings_its_token_nowhere_else(kind: str, url: str, address: str) -> None:
    connection = Connection("main", kind, url)

    assert clone_address(connection, "acme/rune") == address
    assert same_host(address, connection)
    assert not same_host("https://evil.example/acme/rune.git", connection)
    assert not same_host("https://ghe.com.evil.example/acme/rune.git", connection)


def test_what_people_were_told_is_on_the_ref_and_a_token_is_not() -> None:
    """Nor is a rate budget, which would be a push for every request."""
    from syncer.forges.notes import InMemoryNotes
    from syncer.ledger.git.ledger import GitLedger

    place = MemoryPlace()

    def notes() -> RefNotes:
        return RefNotes(GitLedger(same(place), FakeClock()), InMemoryNotes())

    first = notes()
    assert first.read("notifications rune") is None
    assert first.change("notifications rune", lambda text: ("told", text)) is None
    assert first.change("status issue rune", lambda _text: ("#7", 7)) == 7
    first.change("installation token x", lambda _text: ("sealed", None))
    first.change("budget github.com abc", lambda _text: ("{}", None))
    again = notes()

    assert place.pushes == 2
    assert again.change("notifications rune", lambda text: ("told again", text)) == "told"
    assert again.read("status issue rune") == "#7"
    assert first.read("installation token x") == "sealed"
    assert again.read("installation token x") is None
    assert b"sealed" not in b"".join(place.held.files.values())
