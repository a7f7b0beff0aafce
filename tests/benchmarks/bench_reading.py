"""How fast a large roadmap is read: ``make bench``, or ``python -m tests.benchmarks.bench_reading``.

The bars are printed, not asserted: 100,000 items of 5 MB in at most 3 seconds and 400 MB on a machine
with two cores, linear in size, and at least three times as fast as ``MarkdownIt("gfm-like").parse``
alone on the same file.
"""

from __future__ import annotations

import gc
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable

from syncer.roadmap.parse import parse

_NO_LIMIT = 1 << 40
_WORDS = [
    "add",
    "fix",
    "write",
    "draft",
    "review",
    "split",
    "merge",
    "measure",
    "document",
    "test",
    "support",
    "remove",
    "rename",
    "import",
    "export",
    "parse",
    "cache",
    "retry",
    "queue",
    "login",
    "session",
    "token",
    "report",
    "filter",
    "search",
    "upload",
    "sync",
    "invoice",
    "ledger",
    "chart",
    "widget",
    "theme",
    "locale",
]
_AREAS = ["Backend", "Frontend", "Storage", "Observability", "Packaging", "Security", "Onboarding", "Billing"]


def roadmap(count: int) -> bytes:
    """A roadmap of so many items, written as real ones are: mostly plain boxes, some of everything else."""
    chance = random.Random(count)
    lines = ["# Roadmap", ""]
    made = phase = 0
    while made < count:
        phase += 1
        lines += [f"## Phase {phase}: {chance.choice(_AREAS)} ({phase % 4 + 1} weeks)", ""]
        lines += [f"**Goal**: {_text(chance, 8)}", ""]
        for area in chance.sample(_AREAS, 3):
            lines += [f"### {area}", ""]
            for _ in range(min(25, count - made)):
                made += 1
                lines.append(_task(chance, made))
                if chance.random() < 0.1:
                    lines.append(f"  {_text(chance, 6)}")
            lines.append("")
        if phase % 5 == 0:
            lines += ["### Requirements", "", "| ID | Requirement | Status |", "|----|----|----|"]
            rows = min(15, count - made)
            status = ("Pending", "Complete", "In Progress")
            lines += [
                f"| REQ-{made + n} | {_text(chance, 5)} | {chance.choice(status)} |" for n in range(rows)
            ]
            made += rows
            lines.append("")
    return "\n".join(lines).encode() + b"\n"


def _text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words))


def _task(chance: random.Random, number: int) -> str:
    text = _text(chance, chance.randint(3, 6))
    kind = chance.random()
    if kind < 0.15:
        text = f"**{text.capitalize()}** with `module_{number}`"
    elif kind < 0.25:
        text = f"T{number:06d} {text}"
    elif kind < 0.32:
        text = f"{text} ✅ **COMPLETE**"
    elif kind < 0.40:
        text = f"{text} ([notes](docs/{number}.md))"
    indent = "  " if chance.random() < 0.25 else ""
    return f"{indent}- [{'x' if chance.random() < 0.4 else ' '}] {text}"


def awkward_files() -> dict[str, bytes]:
    """Files that would show anything that grows faster than the file."""
    return {
        "one list of 50,000 items": b"- [ ] an item\n" * 50_000,
        "a table of 20,000 rows": b"| ID | Task | Status |\n|--|--|--|\n"
        + b"".join(b"| T-%d | do it | Pending |\n" % number for number in range(20_000)),
        "5,000 headings": b"".join(
            b"## Phase %d: A\n\n### Part\n\n- [ ] a\n\n" % number for number in range(2_500)
        ),
        "500 levels of lists": b"".join(b"  " * level + b"- [ ] deeper\n" for level in range(500)),
        "one line of 1 MB": b"- [ ] " + b"word **bold** `code` - done (done) " * 30_000 + b"\n",
        "one heading of 1 MB": b"## " + b"Phase (1) - 5% [x] \xe2\x9c\x85 " * 40_000 + b"\n",
        "50,000 labelled paragraphs": b"## Phase 1\n\n" + b"Goal: reach it\n\n" * 50_000,
        "brackets": b"- [ ] "
        + b"[" * 50_000
        + b"\n- [ ] "
        + b"(" * 50_000
        + b"\n- [ ] "
        + b"`" * 50_000
        + b"\n",
        "one id 20,000 times": b"- [ ] T-1: a\n" * 20_000,
        "20,000 overview boxes": b"## Phase 1\n\n## Phase 2\n\n" + b"- [ ] Phase 3: x\n" * 20_000,
        "blanks": b"- [ ] a" + b" " * 500_000 + b"b\n# a" + b" " * 500_000 + b"b\n",
    }


def _seconds(work: Callable[[], object], times: int = 3) -> float:
    """The best of some runs."""
    best = float("inf")
    for _ in range(times):
        gc.collect()
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def _peak_megabytes(count: int) -> float:
    """How much memory a process needs that reads such a roadmap, the interpreter included."""
    code = (
        "import json, resource; from tests.benchmarks import bench_reading as bench;"
        f"data = bench.roadmap({count}); document = bench.parse('TODO.md', data, size_limit=1 << 40);"
        "print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"
    )
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return float(json.loads(answer.stdout)) * unit / (1 << 20)


def main() -> None:
    """Measure, and print a table."""
    from markdown_it import MarkdownIt

    print(f"{'items':>8} {'bytes':>10} {'seconds':>8} {'us/item':>8}")
    times: dict[int, float] = {}
    for count in (25_000, 50_000, 100_000):
        data = roadmap(count)
        items = len(parse("TODO.md", data, size_limit=_NO_LIMIT).items)
        times[count] = _seconds(lambda data=data: parse("TODO.md", data, size_limit=_NO_LIMIT))  # type: ignore[misc]
        print(f"{items:>8,} {len(data):>10,} {times[count]:>8.2f} {times[count] / items * 1e6:>8.1f}")
    large = roadmap(100_000)
    text = large.decode()
    other = _seconds(lambda: MarkdownIt("gfm-like").parse(text), times=1)
    print(f"\nread in            {times[100_000]:6.2f} s    (bar: 3 s)")
    print(f"peak memory        {_peak_megabytes(100_000):6.0f} MB   (bar: 400 MB)")
    print(f"100k against 25k   {times[100_000] / times[25_000]:6.2f} x    (linear: 4)")
    print(f"100k against 50k   {times[100_000] / times[50_000]:6.2f} x    (linear: 2)")
    print(f"markdown-it-py     {other:6.2f} s    {other / times[100_000]:.1f} times as long (bar: 3)")
    print(f"\n{'awkward file':<28} {'bytes':>10} {'seconds':>8} {'MB/s':>7}")
    for name, data in awkward_files().items():
        seconds = _seconds(lambda data=data: parse("TODO.md", data, size_limit=_NO_LIMIT), times=1)  # type: ignore[misc]
        print(f"{name:<28} {len(data):>10,} {seconds:>8.2f} {len(data) / seconds / 1e6:>7.2f}")
    print(f"\nthis process peaked at {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
