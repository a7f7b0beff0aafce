"""Real processes: killed by the system at a request, and two of them at once."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.sandbox import Fault, Sandbox
from tests.crash.stories import roadmap
from tests.e2e.world import KINDS, World
from tests.traffic import RECORD_TO

SIZE = 12


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        made = World(sandbox, request.param, tmp_path)
        made.add("rocket", {"TODO.md": roadmap(SIZE)}, extra='criteria = "ignore"\ncreate_grace = 0')
        yield made


def _complete(world: World) -> None:
    repository = world.repositories["rocket"]
    titles = sorted(issue.title for issue in repository.issues())
    lines = [line[6:] for line in roadmap(SIZE).decode().splitlines() if line.startswith("- [ ] ")]
    assert titles == sorted(lines)
    assert len(repository.milestones()) == 4
    assert repository.file("TODO.md") == roadmap(SIZE)


BEFORE, AFTER = "before it happens", "after it happened"
QUICK = [("github", BEFORE, 4), ("gitlab", AFTER, 9)]
LONG = [(kind, when, at) for kind in KINDS for when in (BEFORE, AFTER) for at in (1, 4, 9, 14)]


@pytest.mark.parametrize(
    ("world", "when", "creation"),
    [*QUICK, *(pytest.param(*each, marks=pytest.mark.thorough) for each in LONG if each not in QUICK)],
    indirect=["world"],
)
def test_a_process_that_is_killed_at_a_creation_is_followed_by_one_that_completes_it(
    world: World, when: str, creation: int
) -> None:
    process: list[subprocess.Popen[str]] = []

    def kill(_seen: object) -> bool:
        process[0].kill()
        process[0].wait()
        return when == AFTER

    deed = "before" if when == BEFORE else "after"
    world.sandbox.faults.add(Fault(deed, forge=world.kind, kind="creation", nth=creation, call=kill))
    process.append(world.start("run"))
    process[0].communicate(timeout=60)
    assert process[0].returncode == -9

    result = world.syncer("run")

    assert result.code == 0, result.out + result.err
    _complete(world)


@pytest.mark.parametrize(
    "world", ["github", pytest.param("gitlab", marks=pytest.mark.thorough)], indirect=["world"]
)
def test_of_two_processes_that_start_together_one_works_and_the_other_leaves(world: World) -> None:
    # Slow enough for the two to be at work at the same time.
    world.sandbox.faults.add(Fault("delay_before", forge=world.kind, times=0, seconds=0.05))
    both = [world.start("run"), world.start("run")]
    said = [process.communicate(timeout=120) for process in both]
    world.sandbox.faults.clear()

    codes = sorted(process.returncode for process in both)
    assert codes[0] == 0, said
    assert all("Traceback" not in err for _out, err in said)
    _complete(world)
    again = world.syncer("run", "--json")
    assert again.json["projects"][0]["plan"]["actions"] == []
