"""``syncer demo`` as a newcomer sees it: it ends by itself, says so, and what it shows is true."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from syncer.cli.demo.stage import roadmaps
from syncer.roadmap.parse import parse

NAMES = {"github": "GitHub", "gitlab": "GitLab"}


def _demo(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "syncer", "demo", *arguments],
        cwd=cwd,
        capture_output=True,
        timeout=180,
        check=False,
        text=True,
        encoding="utf-8",
    )


@pytest.mark.parametrize(
    "kind", ["github", pytest.param("gitlab", marks=pytest.mark.thorough)], ids=["github", "gitlab"]
)
def test_the_demo_runs_to_the_end_and_says_so(tmp_path: Path, kind: str) -> None:
    done = _demo("--forge", kind, cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    for number in range(1, 7):
        assert f"== {NAMES[kind]}, step {number} of 6: " in done.stdout
    last = done.stdout.partition("step 6 of 6")[2]
    for project in roadmaps():
        assert f"  {project}: Nothing to do: all sides agree." in last
    assert " 0 writes, " in last
    assert "\nNothing is left to do: all sides agree. That was the demo; nothing was kept.\n" in last
    assert "\x1b" not in done.stdout, "plain when piped"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.thorough
def test_the_demo_shows_both_forges_and_keeps_what_it_was_asked_to_keep(tmp_path: Path) -> None:
    done = _demo("--directory", "kept", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    for kind, name in NAMES.items():
        assert f"== {name}, step 6 of 6: " in done.stdout
        plans = (tmp_path / "kept" / kind / "plans.txt").read_text(encoding="utf-8")
        for project, data in roadmaps().items():
            assert f"{project}: acme/{project} (TODO.md)" in plans
            for item in parse("TODO.md", data).items:
                expected = item.box is not None and item.status.value == "open" and item.kind.value == "task"
                assert (f'+ issue "{item.full_title}"' in plans) >= expected
        assert (tmp_path / "kept" / kind / "syncer.toml").is_file()


@pytest.mark.thorough
def test_on_a_terminal_the_demo_is_coloured_and_still_ends_well(tmp_path: Path) -> None:
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "syncer", "demo", "--forge", "github"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=side,
        stderr=side,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"} | {"NO_COLOR": ""},
    )
    os.close(side)
    said = b""
    while chunk := _read(main):
        said += chunk
    os.close(main)

    assert process.wait(60) == 0
    assert b"\x1b[1m== GitHub, step 1 of 6" in said
    assert b"Nothing is left to do: all sides agree." in said


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux reports the other end's death as an error
        return b""


def test_the_roadmaps_of_the_demo_are_as_different_as_they_claim() -> None:
    """What the demo and the main job rely on, said of the files themselves."""
    documents = {name: parse("TODO.md", data) for name, data in roadmaps().items()}

    assert len(documents) == 5
    assert sum(document.mojibake for document in documents.values()) == 2
    assert sum(document.eol == "CRLF" for document in documents.values()) == 1
    assert sum(not document.data.endswith(b"\n") for document in documents.values()) == 1
    assert all(problem.code == "status-conflict" for d in documents.values() for problem in d.problems)
