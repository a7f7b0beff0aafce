"""Issues created ten at a time on GitHub: what it costs, and that each stands for itself."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import pytest

from syncer.errors import Rejected, UnknownFate
from syncer.forges import Connection, Limits, Secret, TrackerOptions, connect
from syncer.model.fields import TaskState
from syncer.model.tracker import Cursor, IssueDraft, Label, MilestoneDraft
from syncer.ports import Tracker
from syncer.sandbox import Fault, RepositoryHandle, Sandbox
from tests.benchmarks.yard import Size, Yard, first_import, nothing, yard
from tests.contract.sandbox_world import Clockwork
from tests.traffic import RECORD_TO

SIZE = Size(items=43, stages=4, files=2)
TOGETHER = TrackerOptions(batch_creates=True)


@pytest.fixture
def fresh() -> Iterator[Yard]:
    with yard("github", SIZE, record_to=RECORD_TO, batches=True) as made:
        yield made


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(record_to=RECORD_TO) as made:
        yield made


@pytest.fixture
def repository(sandbox: Sandbox) -> RepositoryHandle:
    return sandbox.github.repository("acme/rune", files={"TODO.md": b"# Todo\n"})


@pytest.fixture
def tracker(sandbox: Sandbox, repository: RepositoryHandle) -> Iterator[Tracker]:
    token = Secret(sandbox.github.token("syncer-bot", role="maintain"))
    forge = connect(Connection("main", "github", url=sandbox.url, token=token), Clockwork())
    yield forge.tracker(repository.full_name, options=TOGETHER)
    forge.close()


def test_a_first_import_costs_a_tenth(fresh: Yard) -> None:
    """N/10 issues, M milestones, one label, one query for ids, and what a look takes."""
    cost = first_import(fresh)

    # Head, tree, profile, issues, milestones; each roadmap is read for itself.
    look = 5 + SIZE.files
    assert cost.writes <= ceil(SIZE.items / 10) + SIZE.stages + 1
    assert cost.requests <= ceil(SIZE.items / 10) + SIZE.stages + 1 + 1 + look
    assert sorted(each.title for each in fresh.repository.issues()) == sorted(
        f"build part {number} of the machine" for number in range(SIZE.items)
    )


def test_what_was_created_together_is_shown_as_lists_show_it(fresh: Yard) -> None:
    """Else each issue would be read again, because the list seems to contradict what is remembered."""
    first_import(fresh)

    cost = nothing(fresh)

    assert (3, 0) == (cost.requests, cost.writes)


def test_each_comes_back_as_it_was_made(tracker: Tracker, repository: RepositoryHandle) -> None:
    label = Label("roadmap", "0e8a16", "")
    tracker.ensure_label(label)
    milestone = tracker.create_milestone(MilestoneDraft("MVP", "", None))
    drafts = [
        IssueDraft("Weld the frame", "With *care*.\r\n", milestone.key, frozenset({"Roadmap"})),
        IssueDraft("Fit the valves", "", None, frozenset()),
    ]

    made = tracker.create_issues(drafts)

    listed = {issue.ref.number: issue for issue in tracker.read(Cursor(), full=True).issues}
    assert [each.title for each in repository.issues()] == ["Weld the frame", "Fit the valves"]
    for draft, issue in zip(drafts, made, strict=True):
        assert not isinstance(issue, Exception)
        assert (issue.title, issue.milestone, issue.state) == (draft.title, draft.milestone, TaskState.OPEN)
        assert issue == listed[issue.ref.number]


def test_what_is_refused_for_one_is_not_refused_for_the_others(
    tracker: Tracker, repository: RepositoryHandle
) -> None:
    made = tracker.create_issues(
        [IssueDraft(title, "", None, frozenset()) for title in ("Weld it", "x" * 300, "Fit it")]
    )

    assert [type(each).__name__ for each in made] == ["Issue", "Rejected", "Issue"]
    assert isinstance(made[1], Rejected)
    assert [each.title for each in repository.issues()] == ["Weld it", "Fit it"]


def test_a_lost_answer_leaves_the_fate_of_all_unknown(
    tracker: Tracker, sandbox: Sandbox, repository: RepositoryHandle
) -> None:
    tracker.create_issues([IssueDraft("First", "", None, frozenset()) for _ in range(2)])
    sandbox.faults.add(Fault("lose_answer", method="POST", path="/graphql"))

    with pytest.raises(UnknownFate):
        tracker.create_issues([IssueDraft(title, "", None, frozenset()) for title in ("A", "B")])

    assert len(repository.issues()) == 4


def test_a_label_that_is_not_there_sends_nothing(tracker: Tracker, repository: RepositoryHandle) -> None:
    with pytest.raises(Exception, match=r"no such thing|no label"):
        tracker.create_issues([IssueDraft("Weld it", "", None, frozenset({"nowhere"}))] * 2)

    assert repository.issues() == []
    assert tracker.capabilities.creates_together == 1


def test_a_host_without_graphql_is_served_one_by_one(fresh: Yard) -> None:
    fresh.sandbox.faults.add(Fault("not_found", method="POST", path="/graphql", times=0))

    cost = first_import(fresh)

    assert len(fresh.repository.issues()) == SIZE.items
    assert cost.writes <= SIZE.items + SIZE.stages + 1


def test_each_issue_of_a_batch_counts_as_created_content(sandbox: Sandbox) -> None:
    repository = sandbox.github.repository("acme/slow", files={"TODO.md": b"# Todo\n"})
    limits = Limits(creations_per_minute=10, longest_wait=1.0)
    token = Secret(sandbox.github.token("syncer-bot", role="maintain"))
    connection = Connection("main", "github", url=sandbox.url, token=token, limits=limits)
    forge = connect(connection, Clockwork())
    made = forge.tracker(repository.full_name, options=TOGETHER)
    made.create_issues([IssueDraft("Part", "", None, frozenset())] * 6)

    with pytest.raises(Exception, match="rate budget"):
        made.create_issues([IssueDraft("Part", "", None, frozenset())] * 5)

    made.create_issues([IssueDraft("Part", "", None, frozenset())] * 4)
    assert len(repository.issues()) == 10
    forge.close()
