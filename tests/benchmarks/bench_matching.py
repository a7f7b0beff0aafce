"""How well lines are followed through edits, and how long a plan for a very large roadmap takes."""

from __future__ import annotations

import time

from syncer.clock import SystemClock
from syncer.reconcile.planner import plan
from syncer.service.book import Book
from syncer.service.observe import look, observation
from syncer.service.rehearse import preview
from tests.reconcile.editors import WAYS, Roadmap
from tests.reconcile.following import Followed, follow
from tests.team import Team

_FATES = ("kept", "held", "lost", "wrong")


def main() -> None:
    """Print both tables."""
    _following()
    _planning()


def _following() -> None:
    total = Followed()
    rounds = 0
    for size in (1_000, 3_000, 5_000):
        for seed in range(3):
            roadmap = Roadmap(size, seed)
            for _ in range(3):
                total += follow(roadmap, 0.2)
                rounds += 1
    print(f"{rounds} rounds, each of which edits 20 % of 1,000 to 5,000 lines")
    print(f"{'edited by':<18}" + "".join(f"{fate:>8}" for fate in _FATES))
    for way in WAYS:
        counts = [total.fates[way, fate] for fate in _FATES]
        if any(counts):
            print(f"{way:<18}" + "".join(f"{count:>8,}" for count in counts))
    print(f"kept their issue            {total.share('kept'):6.1f} %   (bar: 90)")
    print(f"kept it or are held         {total.share('kept', 'held'):6.1f} %   (bar: 97)")
    wrong = sum(count for (_way, fate), count in total.fates.items() if fate == "wrong")
    print(f"bound to another's issue    {wrong + total.stolen[_SURVIVOR]:6}     (bar: 0)")
    print(f"a deleted line's issue went to a new line that resembles it: {total.stolen['a new line']}\n")


_SURVIVOR = "a survivor's line"


def _planning() -> None:
    roadmap = Roadmap(10_000, 1)
    team = Team(roadmap.markdown())
    team.sync()
    roadmap.edit(0.002)
    team.write(roadmap.markdown())
    book = Book(team.ledger, "rune", "bench", team.clock)
    found = look(team.project, book, SystemClock())
    observed = observation(team.project, book, found)
    state = team.state
    started = time.perf_counter()
    made = plan(observed, state, team.policy, preview)
    seconds = time.perf_counter() - started
    print(f"10,000 items against 10,000 issues, {len(roadmap.edited)} lines edited:")
    print(f"matched and planned in {seconds:.2f} s (bar: 2), {len(made.actions)} actions")
