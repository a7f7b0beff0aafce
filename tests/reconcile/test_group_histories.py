"""Random histories of groups: people nest, move, tick, close and put elsewhere, and it converges."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from syncer.model.fields import TaskState
from syncer.model.ledger import RunOutcome
from syncer.reconcile.policy import Dropped, Groups
from tests.team import PLAIN, Team

NAMES = ("Anchor", "Beacon", "Compass", "Dinghy", "Ensign", "Fender", "Galley", "Hawser", "Inlet", "Jetty")
POLICY = replace(PLAIN, groups=Groups.SUB_ISSUES, dropped=Dropped.MARK)


def _write(items: list[tuple[int, str, str]]) -> str:
    return "# Plan\n\n" + "".join(f"{'  ' * depth}- [{mark}] {name}\n" for depth, mark, name in items)


def _read(text: str) -> list[tuple[int, str, str]]:
    found = []
    for line in text.splitlines()[2:]:
        body = line.lstrip(" ")
        found.append(((len(line) - len(body)) // 2, body[3], body[6:]))
    return found


def _straightened(items: list[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    """No line more than one level below the one before it."""
    found: list[tuple[int, str, str]] = []
    for depth, mark, name in items:
        most = found[-1][0] + 1 if found else 0
        found.append((min(depth, most), mark, name))
    return found


def _edit(team: Team, chance: random.Random) -> None:
    """Somebody nests a line otherwise, moves it with what stands below it, or ticks it."""
    items = _read(team.text)
    at = chance.randrange(len(items))
    depth, mark, name = items[at]
    what = chance.choice(["nest", "unnest", "move", "tick", "tick"])
    if what == "tick":
        items[at] = (depth, "x" if mark == " " else " ", name)
    elif what == "move":
        items.insert(chance.randrange(len(items)), items.pop(at))
    else:
        items[at] = (max(0, depth + (1 if what == "nest" else -1)), mark, name)
    team.write(_write(_straightened(items)))


def _act(team: Team, chance: random.Random) -> None:
    """Somebody closes, opens, or puts an issue elsewhere."""
    issue = chance.choice(team.issues())
    what = chance.choice(["close", "drop", "open", "adopt", "alone"])
    repo = team.repository()
    if what in ("adopt", "alone"):
        repo.adopt(issue.ref.number, chance.choice(team.issues()).ref.number if what == "adopt" else 0)
    else:
        states = {"close": TaskState.DONE, "drop": TaskState.DROPPED, "open": TaskState.OPEN}
        team.put(issue.title, states[what])


@pytest.mark.parametrize(
    "seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(8, 200))]
)
def test_any_history_converges_and_doubles_nothing(seed: int) -> None:
    """After every sync nothing was refused, nothing is left to do, and every line and issue is there once."""
    chance = random.Random(seed)
    items = [(chance.choice((0, 0, 1, 2)), " ", name) for name in NAMES]
    team = Team(_write(_straightened(items)), policy=POLICY)
    team.repository().most_children = 3
    team.sync()
    for _step in range(12):
        for _ in range(chance.randrange(1, 4)):
            (_edit if chance.random() < 0.5 else _act)(team, chance)
        before = {name: mark for _depth, mark, name in _read(team.text)}
        first = team.sync()
        again = team.sync()
        assert [first.outcome, again.outcome] == [RunOutcome.COMPLETE] * 2, [*first.failures, *again.failures]
        plan = team.plan()
        assert plan.actions == (), [(type(a).__name__, a.subject.title) for a in plan.actions]
        titles = [issue.title for issue in team.issues()]
        assert len(titles) == len(set(titles))
        assert sorted(before) == sorted(name for _depth, _mark, name in _read(team.text))
        for issue in team.issues():
            assert issue.title in before
