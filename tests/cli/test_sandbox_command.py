"""``syncer sandbox``: starts, answers as both forges, and ends when it is told to."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.cli.desk import Desk


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_both_forges_until_a_signal_and_ends_with_0(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "huge").write_text("not of the repository")
    (tmp_path / "TODO.md").write_text("- [ ] Draw the map\n")
    (tmp_path / "docs" / "plan.md").write_text("- [ ] Fold the map\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "syncer", "sandbox", "--port", "0", "--json", "--repository", "acme/rune=."],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    github = httpx.get(
        f"{said['url']}/repos/acme/rune/contents/docs/plan.md",
        headers={
            "Authorization": f"Bearer {said['tokens']['github']}",
            "Accept": "application/vnd.github.raw+json",
            "User-Agent": "curl",
        },
    )
    gitlab = httpx.get(
        f"{said['url']}/api/v4/projects/acme%2Frune/repository/files/TODO.md/raw?ref=main",
        headers={"PRIVATE-TOKEN": said["tokens"]["gitlab"]},
    )
    hidden = httpx.get(
        f"{said['url']}/api/v4/projects/acme%2Frune/repository/tree?recursive=true",
        headers={"PRIVATE-TOKEN": said["tokens"]["gitlab"]},
    )
    admin = httpx.get(f"{said['url']}/_sandbox/")
    process.send_signal(number)
    out, err = process.communicate(timeout=20)

    assert (github.status_code, github.text) == (200, "- [ ] Fold the map\n")
    assert (gitlab.status_code, gitlab.text) == (200, "- [ ] Draw the map\n")
    assert sorted(each["path"] for each in hidden.json()) == ["TODO.md", "docs", "docs/plan.md"]
    assert admin.json()["github"]["repositories"] == said["repositories"] == ["acme/rune"]
    assert (process.returncode, out) == (0, "")
    assert err == "syncer: stopping at the next safe point\n"


def test_an_address_that_is_taken_is_said_in_one_line(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = desk.syncer("sandbox", "--port", str(port))

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(
        f"syncer: 127.0.0.1:{port}: cannot listen there: Address already in use\n  -> "
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--repository", "acme/rune=nowhere"), "--repository nowhere: there is no such directory or file"),
        (("--record", "nowhere/log.jsonl"), "--record nowhere/log.jsonl: cannot be written: No such file"),
    ],
)
def test_a_wrong_path_is_said_in_one_line(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    failed = desk.syncer("sandbox", "--port", "0", *arguments)

    assert failed.code == 1
    assert failed.err.startswith(f"syncer: {said}")
