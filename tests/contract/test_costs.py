"""What jobs may cost at most, in requests, measured where both forges are strict."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import pytest

from syncer.sandbox import Kind
from tests.benchmarks.yard import Size, Yard, audit, closed, event, first_import, nothing, yard
from tests.traffic import RECORD_TO

SIZE = Size(items=120, stages=4, files=2)
LABELS = 1


@pytest.fixture(params=["github", "gitlab"])
def fresh(request: pytest.FixtureRequest) -> Iterator[Yard]:
    """Nothing was done here yet."""
    with yard(request.param, SIZE, record_to=RECORD_TO) as made:
        yield made


@pytest.fixture(scope="module", params=["github", "gitlab"])
def place(request: pytest.FixtureRequest) -> Iterator[Yard]:
    """Imported, and written back to once; each test can be the first one to use it."""
    with yard(request.param, SIZE, record_to=RECORD_TO) as made:
        first_import(made)
        closed(1)(made)
        nothing(made)
        yield made


def test_a_first_import_costs_one_request_for_each_thing(fresh: Yard) -> None:
    """N items, M milestones, L labels, R files, and five more."""
    cost = first_import(fresh)

    assert cost.requests <= SIZE.items + SIZE.stages + LABELS + SIZE.files + 5
    assert SIZE.items == len(fresh.repository.issues())


def test_nothing_changed_costs_three_small_requests(place: Yard) -> None:
    """On GitHub all three are answered with "not modified", which costs no quota."""
    cost = nothing(place)

    assert 3 == cost.requests
    assert 0 == cost.writes
    if place.kind == "github":
        assert 3 == cost.unchanged
        assert 0 == cost.size


def test_a_full_audit_costs_one_request_for_a_hundred_issues(place: Yard) -> None:
    """And three more."""
    assert audit(place).requests <= ceil(SIZE.items / 100) + 3


def test_the_first_write_asks_for_the_rules_once(fresh: Yard) -> None:
    """Whether the branch takes commits; it is remembered."""
    first_import(fresh)
    fresh.sandbox.reset_counts()
    closed(1)(fresh)
    closed(1)(fresh)
    rules = "/rules/branches/main" if fresh.kind == "github" else "/repository/branches/main"
    asked = [each for each in fresh.sandbox.requests if each.path.endswith(rules)]

    # GitLab's branch says it along with the head, which is read at every look.
    assert (1 if fresh.kind == "github" else 2 + 1) == len(asked)


@pytest.mark.parametrize("count", [1, 7])
def test_closed_issues_cost_their_listing_and_one_write(place: Yard, count: int) -> None:
    """However many boxes in however many files: one commit."""
    before = len(place.repository.log())
    place.sandbox.reset_counts()
    cost = closed(count)(place)
    commits = len(place.repository.log()) - before

    assert 1 == commits
    written = [
        each for each in place.sandbox.requests if each.kind in (Kind.WRITE, Kind.MUTATION, Kind.CREATION)
    ]
    assert 1 == len(written)
    # Branch, issues and milestones are looked at; GitHub answers two of them with "not modified". GitLab's
    # commit names the last commit of each file, which is looked up only where this process does not know it.
    unknown = 0 if place.kind == "github" else SIZE.files if count > 1 else 1
    assert cost.requests <= 3 + 1 + unknown
    assert closed(count)(place).requests == 3 + 1


def test_a_push_of_another_file_that_was_not_seen_is_read_by_the_next_look(fresh: Yard) -> None:
    """GitLab accepts a commit on a branch that has moved, as long as its own files have not changed."""
    first_import(fresh)
    closed(1)(fresh)
    fresh.sandbox.clock.advance(2)
    fresh.sync()
    issue = next(each for each in fresh.repository.issues() if each.state == "open")
    other = next(
        path
        for path in ("plan-0.md", "plan-1.md")
        if f"- [ ] {issue.title}" not in fresh.repository.file(path).decode().splitlines()
    )
    text = fresh.repository.file(other)
    fresh.repository.commit({other: text + b"\n- [ ] one more\n"}, by="alice")
    issue.close(by="alice")
    fresh.sandbox.clock.advance(2)

    fresh.sync(issues=frozenset({issue.number}))
    fresh.sync()

    assert any(each.title == "one more" for each in fresh.repository.issues())
    roadmaps = b"".join(fresh.repository.file(f"plan-{each}.md") for each in range(SIZE.files)).decode()
    assert f"- [x] {issue.title}" in roadmaps
    assert "one more" in roadmaps


def test_the_next_look_after_our_own_commit_reads_no_file(place: Yard) -> None:
    """What we wrote ourselves is known."""
    closed(1)(place)
    place.sandbox.reset_counts()
    place.sync()

    assert [] == [
        each.target for each in place.sandbox.requests if "/blobs/" in each.target or "/files/" in each.target
    ]


def test_an_event_costs_a_look_at_its_issue_and_the_commit(place: Yard) -> None:
    """Nothing else is read."""
    closed(SIZE.items // 20)(place)  # GitLab's commits need each file's last one, which is known from now on
    before = place.repository.head()
    cost = event(place)

    assert before != place.repository.head()
    assert 2 == cost.requests
    assert 3 == nothing(place).requests


def test_an_event_on_a_branch_that_has_moved_looks_at_everything(place: Yard) -> None:
    """The commit is refused, nothing is settled, and the second look carries it over."""
    place.repository.commit({"plan-0.md": place.repository.file("plan-0.md") + b"\nMore.\n"}, by="alice")
    numbers = place.close_issues(1)
    place.sync(issues=numbers)
    title = place.repository.issue(next(iter(numbers))).title

    text = b"".join(place.repository.file(f"plan-{number}.md") for number in range(SIZE.files)).decode()
    assert f"- [x] {title}" in text
    assert "More." in text
    assert 0 == nothing(place).writes
