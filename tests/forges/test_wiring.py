"""How a forge, its trackers and its documents hang together."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from typing import Any

import httpx
import pytest
import respx

from syncer.errors import Bug, Garbled, Missing, RateLimited
from syncer.forges import KINDS, Connection, connect, shape
from syncer.forges.connection import Secret
from syncer.forges.governor import GITHUB_PUBLIC, InMemoryBudgets
from syncer.forges.memory import MemoryForge
from syncer.model.identity import TrackerId
from syncer.model.tracker import IssueDraft, TrackerProfile

from .fakes import GITHUB, Diary, FakeClock, github_issue, github_repository, reach

REPO = f"{GITHUB}/repos/acme/rune"


@respx.mock
def test_a_tracker_and_documents_of_one_repository_share_its_profile(clock: FakeClock, diary: Diary) -> None:
    """One request in all, whoever asks."""
    respx.get(REPO).mock(return_value=httpx.Response(200, json=github_repository()))
    forge = reach("github", clock, diary)
    profiles = [forge.tracker("acme/rune").profile(), forge.documents("acme/rune").profile()]

    assert profiles[0] is profiles[1]
    assert 1 == len(diary.exchanges)


@respx.mock
def test_a_known_profile_saves_the_request_and_names_the_repository(clock: FakeClock, diary: Diary) -> None:
    """The canonical name is used from the first request on, also for what was opened before."""
    known = TrackerProfile(
        "acme/new", "github.example.org", 7, "main", False, False, True, "https://x/acme/new"
    )
    route = respx.get(f"{GITHUB}/repos/acme/new/issues/1").mock(
        return_value=httpx.Response(200, json=github_issue())
    )
    forge = reach("github", clock, diary)
    tracker = forge.tracker("acme/rune")
    forge.documents("acme/rune", known=known)
    tracker.issue(1)

    assert route.called
    assert known is tracker.profile()
    assert 1 == len(diary.exchanges)


def test_a_tracker_can_have_a_name_of_its_own(clock: FakeClock) -> None:
    """As configured; by default forge and repository."""
    forge = reach("github", clock)

    assert "main:acme/rune" == forge.tracker("acme/rune").id
    assert "x" == forge.tracker("acme/rune", TrackerId("x")).id


@respx.mock
def test_two_forges_with_one_credential_share_a_budget(clock: FakeClock, diary: Diary) -> None:
    """If they are given the same store; the wait is announced."""
    respx.post(f"{REPO}/issues").mock(return_value=httpx.Response(201, json=github_issue()))
    budgets = InMemoryBudgets()
    connection = Connection("main", "github", url=GITHUB, token=Secret("t"), limits=GITHUB_PUBLIC)
    for _ in range(2):
        forge = connect(connection, clock, budgets=budgets, observer=diary)
        forge.tracker("acme/rune").create_issue(IssueDraft("T", "", None, frozenset()))

    assert [(3.0, "rate limit, before creating an issue")] == diary.waits
    assert [3.0] == clock.waits


@respx.mock
def test_an_answer_teaches_the_governor(clock: FakeClock) -> None:
    """The last request of a quota closes it: the next one is not even sent."""
    reset = str(int(clock.now().timestamp()) + 3000)
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset, "x-ratelimit-resource": "core"}
    route = respx.get(f"{REPO}/issues/1").mock(
        return_value=httpx.Response(200, json=github_issue(), headers=headers)
    )
    tracker = reach("github", clock).tracker("acme/rune")
    tracker.issue(1)
    with pytest.raises(RateLimited):
        tracker.issue(1)

    assert 1 == route.call_count


def test_a_closed_forge_answers_no_more(clock: FakeClock) -> None:
    """Its connections are given back."""
    forge = reach("github", clock)
    forge.close()
    with pytest.raises(Bug, match="closed"):
        forge.tracker("acme/rune").issue(1)


def test_no_client_library_is_imported_before_it_is_needed() -> None:
    """``syncer --help`` has a tenth of a second."""
    heavy = ("github", "gitlab", "httpx", "requests", "graphql")
    code = f"import sys, syncer.forges; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == found.stdout.strip()


def test_every_kind_can_be_connected(clock: FakeClock) -> None:
    """Each entry of the registry leads to a forge."""
    for kind in KINDS:
        forge = connect(Connection("main", kind), clock)
        assert "main" == forge.connection.name
        forge.close()


def test_secrets_compare_and_hide() -> None:
    """Equal texts are equal secrets with one fingerprint, which does not give them away."""
    one, other = Secret("glpat-x"), Secret("glpat-x")

    assert one == other
    assert 1 == len({one, other})
    assert one.fingerprint == other.fingerprint != Secret("y").fingerprint
    assert "x" not in f"{one!r}{one}"
    assert (False, "") == (bool(Secret()), Secret().fingerprint)
    assert one != "glpat-x"


@pytest.mark.parametrize(
    ("read", "data"),
    [
        (lambda data: shape.text(data, "x"), {"x": 1}),
        (lambda data: shape.text(data, "x"), {}),
        (lambda data: shape.number(data, "x"), {"x": True}),
        (lambda data: shape.number(data, "x"), {"x": "1"}),
        (lambda data: shape.flag(data, "x"), {"x": "yes"}),
        (lambda data: shape.part(data, "x"), {"x": []}),
        (lambda data: shape.records(data["x"], "x"), {"x": {}}),
        (lambda data: shape.records(data["x"], "x"), {"x": [1]}),
        (lambda data: shape.moment(data, "x"), {"x": "yesterday"}),
        (lambda data: shape.day(data["x"], "x"), {"x": "2026-13-01"}),
    ],
)
def test_a_broken_promise_names_its_key(read: Any, data: dict[str, Any]) -> None:
    """A wrong type in an answer is garbled, not an AttributeError somewhere else."""
    with pytest.raises(Garbled, match="'x'"):
        read(data)


def test_what_may_be_absent_has_a_default() -> None:
    """Null and missing are the same."""
    assert ("", False, True, {}) == (
        shape.optional_text({"x": None}, "x"),
        shape.flag({}, "x"),
        shape.flag({"x": None}, "x", default=True),
        shape.part({"x": None}, "x"),
    )
    assert "2026-03-06T11:00:00+00:00" == shape.moment({"x": "2026-03-06T12:00:00+01:00"}, "x").isoformat()
    assert date(2026, 3, 6) == shape.day("2026-03-06", "x")


def test_a_repository_in_memory_must_exist(clock: FakeClock) -> None:
    """As on any forge."""
    forge = MemoryForge(Connection("main", "memory"), clock)
    with pytest.raises(Missing):
        forge.tracker("acme/rune").profile()
    forge.repository("acme/rune")

    assert "acme/rune" == forge.tracker("acme/rune").profile().canonical
