"""Text that a person writes into an issue in the very moment in which its block is written is not lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncer.forges.memory.tracker import MemoryTracker
from syncer.model.tracker import Issue, IssueChange
from tests.team import Team

PLAN = "# Plan\n\n- [ ] Write the parser\n"


@pytest.fixture
def team() -> Team:
    team = Team(PLAN)
    team.settled()
    team.edit("- [ ] Write the parser\n", "- [ ] Write the parser\n  It reads everything.\n")
    return team


def _meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Let a person act between our last look at an issue and our write, once."""
    write = MemoryTracker.update_issue
    acted: list[bool] = []

    def late(self: MemoryTracker, number: int, change: IssueChange) -> Issue:
        if not acted and change.body is not None:
            acted.append(True)
            act()
        return write(self, number, change)

    monkeypatch.setattr(MemoryTracker, "update_issue", late)


def test_text_around_the_block_is_put_back_and_the_block_is_new(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = team.issue("Write the parser")
    number = issue.ref.number
    _meanwhile(monkeypatch, lambda: _write(team, number, f"Mine.\n\n{issue.body}"))
    team.settled()
    body = team.issue("Write the parser").body
    assert body.startswith("Mine.\n\n")
    assert "It reads everything." in body
    assert [entry.text for entry in team.ledger.journal("rune") if entry.kind == "restored"]


def test_text_inside_the_block_is_put_back_and_held(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = team.issue("Write the parser")
    edited = issue.body.replace("<!-- syncer:end", "Mine.\n<!-- syncer:end")
    _meanwhile(monkeypatch, lambda: _write(team, issue.ref.number, edited))
    team.settled()
    assert team.issue("Write the parser").body == edited
    assert [hold.code for hold in team.holds] == ["block-edited"]


def test_without_anybody_in_between_nothing_is_written_twice(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[int] = []
    write = MemoryTracker.update_issue

    def counted(self: MemoryTracker, number: int, change: IssueChange) -> Issue:
        writes.append(number)
        return write(self, number, change)

    monkeypatch.setattr(MemoryTracker, "update_issue", counted)
    team.settled()
    assert len(writes) == 1


def _write(team: Team, number: int, body: str) -> None:
    team.repository().change(number, body=body)
