"""Everything that can go wrong between an adapter and a forge, over real HTTP, on both forges."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncer.errors import (
    Forbidden,
    Missing,
    Moved,
    RateLimited,
    SyncerError,
    Unauthorized,
    UnknownFate,
)
from syncer.forges import Connection, Secret, connect
from syncer.model.tracker import Cursor, IssueDraft
from syncer.sandbox import Fault, Sandbox
from tests.traffic import RECORD_TO

from .documents import draft
from .sandbox_world import SandboxWorld
from .worlds import REPOSITORY

KINDS = ("github", "gitlab")
ISSUES = r"/issues(\?|$)"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        yield sandbox


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(kind: str, sandbox: Sandbox) -> Iterator[SandboxWorld]:
    world = SandboxWorld(kind, sandbox)
    yield world
    world.leave()


@pytest.mark.parametrize(
    ("fault", "expected", "made"),
    [
        ("reset", UnknownFate, 0),
        ("lose_answer", UnknownFate, 1),
        ("truncate", UnknownFate, 1),
        ("bad_gateway_before", UnknownFate, 0),
        ("bad_gateway_after", UnknownFate, 1),
        ("unavailable", UnknownFate, 0),
        ("html", UnknownFate, 0),
        ("accepted", UnknownFate, 0),
        ("primary_limit", RateLimited, 0),
        ("secondary_limit", RateLimited, 0),
        ("secondary_limit_bare", RateLimited, 0),
        ("too_many_requests", RateLimited, 0),
        ("unauthorized", Unauthorized, 0),
        ("forbidden", Forbidden, 0),
        ("not_found", Missing, 0),
        ("redirect", Moved, 0),
    ],
)
def test_a_write_is_sent_once_and_judged(
    fault: str, expected: type[SyncerError], made: int, kind: str, world: SandboxWorld, sandbox: Sandbox
) -> None:
    """Whatever happens to it; only errors that say "certainly not done" are anything but unknown fate."""
    tracker = world.tracker()
    sandbox.faults.add(Fault(fault, forge=kind, method="POST", path=ISSUES))
    world.requests()
    with pytest.raises(expected):
        tracker.create_issue(IssueDraft("Title", "", None, frozenset()))

    assert 1 == world.requests()[1]
    assert made == len(world.tracker().read(Cursor()).issues)


@pytest.mark.parametrize(
    "fault",
    [
        "reset",
        "lose_answer",
        "truncate",
        "bad_gateway_before",
        "bad_gateway_after",
        "unavailable",
        "html",
        "accepted",
        "secondary_limit",
        "secondary_limit_bare",
        "too_many_requests",
    ],
)
def test_a_read_heals(fault: str, kind: str, world: SandboxWorld, sandbox: Sandbox) -> None:
    """One mishap costs one more request, and the time that the forge asked for."""
    number, tracker = world.open("first"), world.tracker()
    sandbox.faults.add(Fault(fault, forge=kind, path=r"/issues/\d+$", seconds=30))
    world.requests()

    assert "first" == tracker.issue(number).title
    assert (2, 0) == world.requests()
    if "limit" in fault or "many" in fault:
        assert 29 <= world.clock.waited.total_seconds() <= 61


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("unauthorized", Unauthorized),
        ("forbidden", Forbidden),
        ("not_found", Missing),
        ("redirect", Moved),
        ("primary_limit", RateLimited),
    ],
)
def test_a_final_answer_to_a_read_is_final(
    fault: str, expected: type[SyncerError], kind: str, world: SandboxWorld, sandbox: Sandbox
) -> None:
    """It is reported at once; nobody hammers."""
    number, tracker = world.open("first"), world.tracker()
    sandbox.faults.add(Fault(fault, forge=kind, path=r"/issues/\d+$", times=0, seconds=3000))
    world.requests()
    with pytest.raises(expected):
        tracker.issue(number)

    assert world.requests()[0] <= 2


def test_a_commit_whose_answer_is_a_rate_limit_changed_nothing(
    kind: str, world: SandboxWorld, sandbox: Sandbox
) -> None:
    """GitHub says so in a 200, GitLab with 429."""
    documents, before = world.documents(), world.head()
    plan = draft(documents, {"TODO.md": b"x"})
    path = r"/graphql" if kind == "github" else r"/repository/commits"
    sandbox.faults.add(Fault("primary_limit", forge=kind, method="POST", path=path))
    with pytest.raises(RateLimited):
        documents.commit(plan)

    assert before == world.head()


def test_a_list_that_is_empty_once_is_no_empty_tracker(
    kind: str, world: SandboxWorld, sandbox: Sandbox
) -> None:
    """A lagging replica shows nothing: nothing is reported as gone, and the next look goes on as before."""
    world.open("first")
    tracker = world.tracker()
    cursor = tracker.read(tracker.read(Cursor()).cursor).cursor
    world.later(60)
    world.open("second")
    sandbox.faults.add(Fault("empty_list", forge=kind, path=ISSUES))
    reading = tracker.read(cursor)

    assert not reading.full
    assert cursor.watermark == reading.cursor.watermark
    assert 2 in {issue.ref.number for issue in tracker.read(reading.cursor).issues}


def test_a_renamed_repository_is_found_by_all(kind: str, world: SandboxWorld, sandbox: Sandbox) -> None:
    """Reading, writing and committing go on under the new name; no query is lost to the redirect."""
    numbers = [world.open("first"), world.open("second")]
    world.close(numbers[1])
    tracker, documents = world.tracker(), world.documents()
    side = sandbox.github if kind == "github" else sandbox.gitlab
    side.rename(side.find("acme/rune"), "acme/other")
    reading = tracker.read(Cursor())
    made = tracker.create_issue(IssueDraft("third", "", None, frozenset()))
    documents.commit(draft(documents, {"TODO.md": b"x"}))

    assert {1, 2} == {issue.ref.number for issue in reading.issues}
    assert "acme/other" == tracker.profile().canonical
    assert 3 == made.ref.number
    assert b"x" == world.file("TODO.md")


def test_what_the_forge_drops_without_a_word_is_seen(
    kind: str, world: SandboxWorld, sandbox: Sandbox
) -> None:
    """Who may not triage can open an issue; its labels and milestone are not kept, and the answer says so."""
    side = sandbox.github if kind == "github" else sandbox.gitlab
    key = world.milestone("M1")
    world.label(world.open("first"), "roadmap")
    token = Secret(side.token("outsider", role="read"))
    forge = connect(Connection("main", kind, url=sandbox.url, token=token), world.clock)
    made = forge.tracker(REPOSITORY).create_issue(IssueDraft("Title", "", key, frozenset({"roadmap"})))
    forge.close()

    assert (None, frozenset()) == (made.milestone, made.labels)


def test_nothing_changed_costs_three_conditional_requests(
    kind: str, world: SandboxWorld, sandbox: Sandbox
) -> None:
    """Head, issues, milestones; from the second idle run on all of them 304, in any process."""
    for number in range(150):
        world.open(f"issue {number}")
    world.milestone("M1")
    world.later(3)
    tracker, documents = world.tracker(), world.documents()
    cursor, head = tracker.read(Cursor()).cursor, documents.head("main", None)
    world.later(3)
    kinds = []
    for _ in range(3):
        sandbox.reset_counts()
        tracker, documents = world.tracker(), world.documents()
        cursor, head = tracker.read(cursor).cursor, documents.head("main", head)
        counts = sandbox.count(kind)
        kinds.append((counts.total, counts.not_modified))
        world.later(3600)

    assert 3 == kinds[0][0]
    assert (3, 3) == kinds[1] == kinds[2]
