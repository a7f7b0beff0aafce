"""What jobs cost in requests, bytes and seconds: ``python -m tests.benchmarks.bench_requests [--long]``.

Measured over real HTTP against the embedded forges, without rate limits, which would make everything as
slow as they allow. Beside it a naive script with PyGithub, the bar that was set, and the least that the
forge's API allows. With ``--long`` 10,000 items as well, which takes hours, most of them the naive script's;
the latency is that of every single answer.

The sandbox runs in this process, so that its own work is in the seconds; requests and bytes are exact.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from tests.benchmarks.naive import Naive
from tests.benchmarks.yard import Cost, Size, Yard, audit, closed, event, first_import, nothing, yard

_STAGES, _FILES, _LABELS = 5, 2, 1
_CHANGED = 7


@dataclass(frozen=True, slots=True)
class Line:
    """One job.

    Args:
        bar: how many requests it may cost at most, by the number of items.
        least: how many the forge's API needs, GitHub's with GraphQL batches of ten.
    """

    name: str
    run: Callable[[Yard], Cost]
    bar: Callable[[int], int]
    least: Callable[[int], int]


JOBS = (
    Line(
        "first import",
        first_import,
        lambda n: n + _STAGES + _LABELS + _FILES + 5,
        lambda n: ceil(n / 10) + _STAGES + _LABELS + 2,
    ),
    Line("nothing changed", nothing, lambda _: 3, lambda _: 1),
    Line("full audit", audit, lambda n: ceil(n / 100) + 3, lambda n: ceil(n / 100)),
    Line("one event, one commit", event, lambda _: 2, lambda _: 2),
    Line("one issue closed", closed(1), lambda _: 3 + 1, lambda _: 2),
    Line(f"{_CHANGED} issues closed", closed(_CHANGED), lambda _: 3 + 1, lambda _: 2),
)
"""The bar of the last two, which poll: three looks, two of them "not modified", and one commit."""


def main() -> None:
    """Print the table."""
    sizes = [100, 1_000] + ([10_000] if "--long" in sys.argv else [])
    for latency in (0.0, 0.05):
        for count in sizes:
            size = Size(count, _STAGES, _FILES)
            print(f"\n{count:,} items, {_STAGES} milestones, {_FILES} files, {latency * 1000:.0f} ms latency")
            print(
                f"{'':<28}{'requests':>9}{'of them 304':>13}{'writes':>8}{'bytes':>13}{'seconds':>9}", end=""
            )
            print(f"{'bar':>8}{'least':>7}")
            for kind in ("github", "gitlab"):
                _measure(kind, size, latency)
            _measure_batches(size, latency)
            _measure_naive(size, latency)


def _measure(kind: str, size: Size, latency: float) -> None:
    with yard(kind, size, latency=latency) as place:
        for line in JOBS:
            if line.run is event:
                closed(1)(place)  # the first write also asks for the branch's rules
            cost = line.run(place)
            _print(f"{kind}: {line.name}", cost, [line.bar(size.items), line.least(size.items)])


def _measure_batches(size: Size, latency: float) -> None:
    """With ``batch_creates``: the bar for GitHub's GraphQL."""
    with yard("github", size, latency=latency, batches=True) as place:
        bar = ceil(size.items / 10) + _STAGES + _LABELS + 5
        _print("github: import by tens", first_import(place), [bar, bar - 3])


def _measure_naive(size: Size, latency: float) -> None:
    with yard("github", size, latency=latency) as place:
        script = Naive(place)
        _print("naive script: first import", script.sync())
        _print("naive script: nothing changed", script.sync())
        for count in (1, _CHANGED):
            place.close_issues(count)
            _print(f"naive script: {count} closed", script.sync())


def _print(name: str, cost: Cost, limits: Sequence[int] = ()) -> None:
    numbers = f"{cost.requests:>8,}{cost.unchanged:>13,}{cost.writes:>8,}{cost.size:>13,}{cost.seconds:>9.2f}"
    beside = "".join(f"{limit:>{width},}" for limit, width in zip(limits, (8, 7), strict=False))
    print(f"{name:<29}{numbers}{beside}", flush=True)


if __name__ == "__main__":
    main()
