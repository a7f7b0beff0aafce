"""``syncer init`` in a checkout: what it finds out, where from, what it writes, and the plan it shows."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from syncer.cli import cli
from syncer.cli.init_checkout import Place, place_of
from syncer.sandbox import Kind
from syncer.settings import load
from tests.cli.desk import Desk, Said, checklist

README = b"# Rune\n\n- [x] exists\n- [ ] is known\n"
NOTES = b"# Notes\n\n## Phase 2\n\n- [ ] one\n- [ ] two\n- [ ] three\n- [ ] four\n"


def git(directory: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=directory, check=True, capture_output=True)


def checkout(directory: Path, remote: str, files: dict[str, bytes]) -> Path:
    """A clone, as a person has it."""
    directory.mkdir()
    git(directory, "init", "-q", "-b", "main")
    for path, data in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(data)
    git(directory, "add", "-A")
    git(directory, "commit", "-qm", "begin")
    if remote:
        git(directory, "remote", "add", "origin", remote)
        git(directory, "update-ref", "refs/remotes/origin/main", "HEAD")
        git(directory, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    return directory


def init(directory: Path, *arguments: str, **environment: str | None) -> Said:
    cleared: dict[str, str | None] = dict.fromkeys(
        ("SYNCER_CONFIG", "SYNCER_FORGES__MAIN__TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN")
    )
    result = CliRunner().invoke(
        cli, ["init", str(directory), *arguments], env={**cleared, **environment}, catch_exceptions=False
    )
    return Said(result.exit_code, result.stdout, result.stderr)


FILES = {"docs/ROADMAP.md": checklist(3), "README.md": README, "NOTES.md": NOTES, "src/x.py": b"pass\n"}


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_a_checkout_becomes_a_configuration_and_a_plan(desk: Desk, tmp_path: Path, kind: str) -> None:
    """Everything is found out; the first plan is shown with its audience; nothing is written there."""
    side: Any = getattr(desk.sandbox, kind)
    evidence = ".github/workflows/ci.yml" if kind == "github" else ".gitlab-ci.yml"
    files = {**FILES, evidence: b"x: y\n"}
    side.repository("acme/rune", files=files)
    place = checkout(tmp_path / "rune", f"{desk.sandbox.url}/acme/rune.git", files)
    token = side.token("bot", role="maintain")
    said = init(place, **{"GITHUB_TOKEN" if kind == "github" else "GITLAB_TOKEN": token})

    assert 0 == said.code, said.out + said.err
    for line in (
        f"forge      {kind} at ",
        "repository acme/rune  (git remote origin",
        "branch     main  (refs/remotes/origin/HEAD)",
        "roadmap    docs/ROADMAP.md  (its name, and 3 of 3 items are open)",
        "roadmap    NOTES.md  (it has stages, and 4 of 4 items are open)",
        "left out   README.md",
    ):
        assert line in said.out, said.out
    assert "7 issues to create" in said.out
    assert "Each new issue would notify" in said.out
    assert token not in said.out + said.err + (place / "syncer.toml").read_text()
    written = {Kind.CREATION, Kind.WRITE, Kind.MUTATION}
    assert [] == [each for each in desk.sandbox.requests if each.kind in written]
    assert not (place / "syncer.db").exists()


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_what_it_writes_is_a_configuration_that_runs(desk: Desk, tmp_path: Path, kind: str) -> None:
    """Read back by the loader, and by a run."""
    side: Any = getattr(desk.sandbox, kind)
    side.repository("acme/my.rune", files=FILES)
    place = checkout(tmp_path / "rune", f"{desk.sandbox.url}/acme/my.rune.git", FILES)
    said = init(place, "--kind", kind, "--no-plan")
    assert 0 == said.code, said.out + said.err
    settings = load(place / "syncer.toml")

    assert ["my.rune"] == list(settings.projects)
    assert ["NOTES.md", "docs/ROADMAP.md"] == sorted(settings.projects["my.rune"].roadmaps)
    assert "main" == settings.projects["my.rune"].branch
    run = CliRunner().invoke(
        cli,
        ["run", "-c", str(place / "syncer.toml")],
        env={"SYNCER_FORGES__MAIN__TOKEN": side.token("bot", role="maintain")},
    )
    assert 0 == run.exit_code, run.output
    assert 7 == len(side.find("acme/my.rune").issues())


def test_an_existing_configuration_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    """To the byte."""
    place = checkout(tmp_path / "rune", "https://github.com/acme/rune", FILES)
    (place / "syncer.toml").write_text("mine")
    said = init(place)

    assert 1 == said.code
    assert "left alone" in said.err
    assert "mine" == (place / "syncer.toml").read_text()
    assert 0 == init(place, "--no-plan", "--output", str(tmp_path / "other.toml")).code
    assert tomllib.loads((tmp_path / "other.toml").read_text())


def test_a_kind_that_nothing_speaks_of_is_found_by_asking_the_host(desk: Desk, tmp_path: Path) -> None:
    """A host that answers like a GitLab is one."""
    desk.sandbox.gitlab.repository("acme/rune", files=FILES)
    place = checkout(tmp_path / "rune", f"{desk.sandbox.url}/acme/rune.git", FILES)
    said = init(place, "--no-plan")

    assert "forge      gitlab" in said.out
    assert "answers like one" in said.out


def test_without_a_token_the_plan_says_what_is_missing(desk: Desk, tmp_path: Path) -> None:
    """The configuration is written all the same."""
    desk.sandbox.github.repository("acme/rune", files=FILES, private=True)
    place = checkout(tmp_path / "rune", f"{desk.sandbox.url}/acme/rune.git", FILES)
    said = init(place, "--kind", "github")

    assert 1 == said.code
    assert "token      none  (nowhere: put one into SYNCER_FORGES__MAIN__TOKEN)" in said.out
    assert "syncer doctor" in said.err
    assert (place / "syncer.toml").is_file()


def test_no_checkout_and_no_remote_are_said(tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "empty").mkdir()
    assert "is no git checkout" in init(tmp_path / "empty").err
    place = checkout(tmp_path / "rune", "", FILES)
    assert "git remote add origin" in init(place).err
    git(place, "remote", "add", "one", "https://github.com/acme/one")
    git(place, "remote", "add", "two", "https://github.com/acme/two")
    assert "--remote: one, two" in init(place).err
    assert "acme/two" in init(place, "--remote", "two", "--no-plan").out
    git(place, "remote", "set-url", "one", "/srv/git/one.git")
    assert "leads to no forge" in init(place, "--remote", "one", "-o", str(tmp_path / "x.toml")).err


def test_the_remote_that_the_branch_follows_comes_first(tmp_path: Path) -> None:
    """A fork's origin is not where the work goes."""
    place = checkout(tmp_path / "rune", "https://github.com/me/rune", FILES)
    git(place, "remote", "add", "upstream", "https://gitlab.example.org/group/sub/rune.git")
    git(place, "config", "branch.main.remote", "upstream")
    said = init(place, "--no-plan")

    assert (
        "repository group/sub/rune  (git remote upstream, the remote that the branch main follows)"
        in said.out
    )
    assert "gitlab at https://gitlab.example.org" in said.out


def test_nothing_that_a_checkout_configures_is_run(tmp_path: Path) -> None:
    """A monitor, a hook: looking at a stranger's checkout is safe."""
    place = checkout(tmp_path / "rune", "https://github.com/acme/rune", FILES)
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    git(place, "config", "core.fsmonitor", str(trap))
    init(place, "--no-plan")

    assert not (tmp_path / "sprung").exists()


def test_a_checkout_without_roadmaps_says_so(tmp_path: Path) -> None:
    """And gets no plan."""
    place = checkout(tmp_path / "rune", "https://github.com/acme/rune", {"README.md": b"# Hello\n"})
    said = init(place)

    assert 0 == said.code
    assert "No roadmap was found" in said.out
    assert ["TODO.md"] == load(place / "syncer.toml").projects["rune"].roadmaps


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://github.com/acme/rune.git", Place("https://github.com", "acme/rune")),
        ("https://user:secret@github.com/acme/rune", Place("https://github.com", "acme/rune")),
        ("git@github.com:acme/rune.git", Place("https://github.com", "acme/rune")),
        ("ssh://git@git.example.org:2222/a/b/c.git", Place("https://git.example.org", "a/b/c")),
        ("ssh://git@ssh.github.com:443/acme/rune.git", Place("https://github.com", "acme/rune")),
        ("http://127.0.0.1:8080/acme/rune/", Place("http://127.0.0.1:8080", "acme/rune")),
        ("git.example.org:group/rune", Place("https://git.example.org", "group/rune")),
        ("/srv/git/rune.git", None),
        ("../rune", None),
        ("file:///srv/git/rune", None),
        ("https://github.com/rune", None),
        ("", None),
    ],
)
def test_a_remote_leads_to_a_place(url: str, place: Place | None) -> None:
    """In every way in which people write one; never with its password."""
    assert place == place_of(url)
