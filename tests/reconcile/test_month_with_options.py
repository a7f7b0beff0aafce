"""A month with every option at once: labels, assignees, progress, places, overviews, loops and a mirror."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from syncer.labelling_settings import members_of
from syncer.model.fields import TaskState
from syncer.reconcile.block import read_block
from tests.reconcile.test_month import ROADMAPS
from tests.reconcile.test_options_on_seeds import EVERYTHING
from tests.team import Team

POLICY = replace(EVERYTHING, mirrors={"COPY.md": "TODO.md"}, members=members_of({"ada": "ada", "bob": "bob"}))
PEOPLE = frozenset({"ada", "bob", "zoe"})


class Month:
    """A team with a roadmap and a file that repeats it."""

    def __init__(self, path: Path, seed: int) -> None:
        self.random = random.Random(seed)
        files = {"TODO.md": path.read_bytes(), "COPY.md": path.read_bytes()}
        self.team = Team(files, policy=POLICY)
        self.team.settled()
        self.mine: dict[int, frozenset[str]] = {}

    def on_the_tracker(self) -> None:
        """People close, label, assign and move issues."""
        repository = self.team.repository()
        issues = self.team.issues()
        keys = [None, *(each.key for each in self.team.milestones())]
        for issue in self.random.sample(issues, min(6, len(issues))):
            number = issue.ref.number
            match self.random.randrange(5):
                case 0 if issue.state is TaskState.OPEN:
                    repository.close(number, dropped=self.random.random() < 0.2)
                case 0:
                    repository.reopen(number)
                case 1:
                    repository.change(number, labels=issue.labels ^ {"doing"})
                case 2:
                    own = frozenset({f"mine {self.random.randrange(4)}"})
                    self.mine[number] = self.mine.get(number, frozenset()) | own
                    repository.change(number, labels=issue.labels | own)
                case 3:
                    repository.change(number, assignees=frozenset(self.random.sample(sorted(PEOPLE), 1)))
                case _:
                    repository.change(number, milestone=self.random.choice(keys))

    def in_the_files(self) -> None:
        """People tick boxes and name owners in the roadmap, and now and then in its copy."""
        path = "COPY.md" if self.random.random() < 0.2 else "TODO.md"
        document = self.team.document(path)
        data = bytearray(document.data)
        boxes = [item.box for item in document.items if item.box is not None and item.box.mark in (" ", "x")]
        for box in self.random.sample(boxes, min(3, len(boxes))):
            data[box.mark_span.start] = ord("x") if box.mark == " " else ord(" ")
        self.team.repo.push({path: bytes(data)})

    def live(self) -> None:
        """One day. At its end a few runs leave nothing to do; one more writes nothing."""
        if self.random.random() < 0.8:
            self.on_the_tracker()
        if self.random.random() < 0.5:
            self.in_the_files()
        for _ in range(4):
            self.team.sync()
            if not self.team.plan().effects:
                break
        self.team.sync()
        before = self.team.read_all(), self.team.issues(), self.team.milestones()
        assert self.team.plan().actions == ()
        self.team.sync()
        assert (self.team.read_all(), self.team.issues(), self.team.milestones()) == before


@pytest.mark.thorough
@pytest.mark.parametrize("path", ROADMAPS, ids=lambda path: str(path.stem))
def test_a_month_with_every_option_converges_and_loses_nothing(path: Path) -> None:
    month = Month(path, seed=11)
    team = month.team
    titles = sorted(item.full_title for item in team.document().items)
    for _ in range(20):
        month.live()
    assert sorted(item.full_title for item in team.document().items) == titles
    markers = Counter(
        reading.marker.uid
        for issue in team.issues()
        if (reading := read_block(issue.body)).marker is not None
    )
    assert set(markers.values()) <= {1}
    for issue in team.issues():
        assert month.mine.get(issue.ref.number, frozenset()) <= issue.labels
