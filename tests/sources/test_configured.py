"""Sources from settings, with a forge of the sandbox as tracker: a whole run, and what is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.clock import RandomIds, SystemClock
from syncer.errors import ConfigError
from syncer.sandbox import RepositoryHandle, Sandbox
from syncer.service.cycle import Cycle, Orders
from syncer.service.report import RunReport
from syncer.settings import load, settings_from
from syncer.wiring import workshop
from tests.team import Quiet
from tests.traffic import RECORD_TO

from .people import GitWorld, git

TEXT = b"# Plan\n\n## Alpha\n\n- [ ] build the engine\n- [ ] paint the hull\n"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        yield sandbox


@pytest.fixture
def tracker(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> RepositoryHandle:
    monkeypatch.setenv("SYNCER_FORGES__MAIN__TOKEN", sandbox.github.token("bot", role="maintain"))
    return sandbox.github.repository("acme/rune", files={"README.md": b"elsewhere\n"})


def write(directory: Path, sandbox: Sandbox, source: str) -> Path:
    path = directory / "syncer.toml"
    path.write_text(
        f'[state]\nurl = "sqlite:///syncer.db"\n[forges.main]\nkind = "github"\nurl = "{sandbox.url}"\n'
        '[projects.rune]\nforge = "main"\nrepository = "acme/rune"\nroadmaps = ["TODO.md"]\n'
        f'source = "{source}"\n'
    )
    return path


def run(path: Path, *, dry: bool = False) -> RunReport:
    clock = SystemClock()
    with workshop(load(path), path.parent, clock, read_only=dry) as shop:
        cycle = Cycle(shop.ledger, clock, RandomIds(clock), Quiet())
        report = cycle.run(shop.project("rune"), Orders(dry=dry))
    assert report.problem is None, str(report.problem)
    return report


def test_a_checkout_is_synced_in_place(sandbox: Sandbox, tracker: RepositoryHandle, tmp_path: Path) -> None:
    """Issues from its lines, and boxes ticked in its files; committing is left to its owner."""
    git(tmp_path, "init", "-q")
    (tmp_path / "TODO.md").write_bytes(TEXT)
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "begin")
    path = write(tmp_path, sandbox, "worktree")
    run(path)
    assert ["build the engine", "paint the hull"] == [issue.title for issue in tracker.issues()]
    tracker.issue(1).close(by="alice")
    sandbox.clock.advance(2)
    run(path)

    assert b"- [x] build the engine\n" in (tmp_path / "TODO.md").read_bytes()
    assert "begin" == git(tmp_path, "log", "--format=%s")
    assert () == (plan.actions if (plan := run(path).plan) is not None else None)
    git(tmp_path, "commit", "-qam", "tick")
    assert () == (plan.actions if (plan := run(path).plan) is not None else None)


def test_a_git_remote_is_synced_by_pushes(
    sandbox: Sandbox, tracker: RepositoryHandle, tmp_path: Path
) -> None:
    """And people push to it as well."""
    world = GitWorld(tmp_path)
    world.push({"TODO.md": TEXT})
    (tmp_path / "conf").mkdir()
    path = write(tmp_path / "conf", sandbox, f"file://{world.bare}")
    run(path)
    tracker.issue(1).close(by="alice")
    sandbox.clock.advance(2)
    world.push({"TODO.md": TEXT.replace(b"- [ ] paint", b"- [x] paint")})
    run(path)

    assert b"- [x] build the engine\n- [x] paint the hull\n" in world.file("TODO.md")
    assert ["closed", "closed"] == [issue.state for issue in tracker.issues()]
    assert "Syncer-Run" in git(world.bare, "log", "-1", "--format=%B", "main")
    assert () == (plan.actions if (plan := run(path).plan) is not None else None)


def test_a_dry_run_leaves_no_clone_behind(
    sandbox: Sandbox, tracker: RepositoryHandle, tmp_path: Path
) -> None:
    """What it fetched is put away."""
    world = GitWorld(tmp_path)
    world.push({"TODO.md": TEXT})
    (tmp_path / "conf").mkdir()
    report = run(write(tmp_path / "conf", sandbox, f"file://{world.bare}"), dry=True)

    assert report.plan is not None
    assert report.plan.actions
    assert ["syncer.toml"] == [path.name for path in (tmp_path / "conf").iterdir()]


@pytest.mark.parametrize(
    "source",
    ["work-tree", "ext::sh -c x", "/srv/git/x", "https://bot:secret@host.test/a/b", "-oProxy=x"],
)
def test_a_source_that_is_none_is_refused(source: str) -> None:
    """Before anything is done with it; the value is not repeated."""
    with pytest.raises(ConfigError, match=r"projects\.rune\.source") as caught:
        settings_from(
            {
                "forges": {"main": {"kind": "github"}},
                "projects": {"rune": {"forge": "main", "repository": "a/b", "source": source}},
            },
            "test",
        )

    assert "secret" not in str(caught.value)


def test_a_worktree_outside_a_checkout_is_refused(
    sandbox: Sandbox, tracker: RepositoryHandle, tmp_path: Path
) -> None:
    """With what to do."""
    path = write(tmp_path, sandbox, "worktree")
    with (
        workshop(load(path), tmp_path, SystemClock()) as shop,
        pytest.raises(ConfigError, match="no git checkout"),
    ):
        shop.project("rune")
