"""A month of work on the roadmaps of the demo: people on both sides, and nothing is lost."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from syncer.model.fields import TaskState
from syncer.reconcile.block import read_block
from syncer.reconcile.policy import Policy
from tests.team import UNLIMITED, Team

ROADMAPS = sorted((Path(__file__).parents[2] / "config" / "demo").glob("*.md"))


class Month:
    """A team, the people on both sides of it, and what they did last to each thing."""

    def __init__(self, path: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.team = Team({"TODO.md": path.read_bytes()}, policy=Policy(limits=UNLIMITED))
        self.team.settled()
        self.meant: dict[int, TaskState] = {}
        self.day = date(2027, 1, 1)

    def on_the_tracker(self) -> None:
        """Some issues are closed, reopened or retitled, and a milestone gets another date."""
        repository = self.team.repository()
        issues = self.team.issues()
        for issue in self.random.sample(issues, min(5, len(issues))):
            number = issue.ref.number
            if self.random.random() < 0.6:
                to = TaskState.DONE if issue.state is TaskState.OPEN else TaskState.OPEN
                if to is TaskState.OPEN:
                    repository.reopen(number)
                else:
                    repository.close(number)
                self.meant[number] = to
            elif "riteria" not in issue.title:
                repository.retitle(number, f"{issue.title.split(' (')[0]} (day {self.day.day})")
        milestones = [each for each in self.team.milestones() if not each.closed]
        if milestones:
            chosen = self.random.choice(milestones)
            repository.change_milestone(chosen.key, due=self.day + timedelta(days=30))

    def in_the_roadmap(self) -> None:
        """Some boxes are ticked or unticked."""
        data = bytearray(self.team.repo.file("TODO.md"))
        boxes = [item.box for item in self.team.document().items if item.box is not None]
        plain = [box for box in boxes if box.mark in (" ", "x")]
        for box in self.random.sample(plain, min(3, len(plain))):
            data[box.mark_span.start] = ord("x") if box.mark == " " else ord(" ")
        self.team.repo.push({"TODO.md": bytes(data)})

    def live(self) -> None:
        """One day: people work, and at its end both sides agree for good."""
        self.day += timedelta(days=1)
        if self.random.random() < 0.7:
            self.on_the_tracker()
        if self.random.random() < 0.5:
            self.in_the_roadmap()
        if self.random.random() < 0.1:
            self.team.lose_ledger()
        self.team.settled()


@pytest.mark.parametrize("path", ROADMAPS, ids=lambda path: str(path.stem))
def test_a_month_ends_with_both_sides_equal(path: Path) -> None:
    month = Month(path, seed=7)
    team = month.team
    for _ in range(30):
        month.live()

    markers = Counter(
        reading.marker.uid
        for issue in team.issues()
        if (reading := read_block(issue.body)).marker is not None
    )
    assert set(markers.values()) <= {1}
    held = {hold.subject.uid for hold in team.holds}
    document = team.document()
    by_uid = {str(uid): key for key, uid in team.plan().items}
    for issue in team.issues():
        marker = read_block(issue.body).marker
        assert marker is not None
        key = by_uid.get(str(marker.uid))
        if key is None or marker.uid in held:
            continue
        item = document.entry(key.index)
        assert item.state.finished is issue.state.finished, item.title
        if not item.members:
            assert item.full_title in (issue.title, issue.title.replace("\u2060", "")), item.title


@pytest.mark.parametrize("path", ROADMAPS, ids=lambda path: str(path.stem))
def test_closing_and_reopening_everything_restores_every_byte(path: Path) -> None:
    month = Month(path, seed=3)
    team = month.team
    before = team.repo.file("TODO.md")
    numbers = [issue.ref.number for issue in team.issues() if "riteria" not in issue.title]
    for number in numbers:
        team.repository().close(number)
    team.settled()
    assert team.repo.file("TODO.md") != before or not numbers
    for number in numbers:
        team.repository().reopen(number)
    team.settled()
    assert team.repo.file("TODO.md") == before
