"""How failures are told, and what is seen of a forge's special cases: the command line over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from syncer.cli import cli
from syncer.sandbox import Fault, RepositoryHandle, Sandbox
from tests.e2e.world import KINDS, Result, World
from tests.traffic import RECORD_TO

TODO = b"# Todo\n\n## MVP\n\n- [ ] Write it\n- [ ] Try it\n"
MAINTENANCE = "<html><head><title>GitLab is not responding</title></head><body>Back soon.</body></html>"


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        made = World(sandbox, request.param, tmp_path)
        monkeypatch.setenv("SYNCER_FORGES__MAIN__TOKEN", made.environment["SYNCER_FORGES__MAIN__TOKEN"])
        yield made


def syncer(world: World, *arguments: str) -> Result:
    """A command line, within this process."""
    done = CliRunner().invoke(cli, [*arguments, "--config", str(world.directory / "syncer.toml")])
    return Result(done.exit_code, done.stdout, done.stderr)


def rune(world: World, extra: str = "") -> RepositoryHandle:
    """A project that was synced once."""
    world.add("rune", {"TODO.md": TODO}, extra=extra)
    assert syncer(world, "run").code == 0
    return world.repositories["rune"]


def titles(repository: RepositoryHandle) -> list[str]:
    return sorted(issue.title for issue in repository.issues())


# -- special cases ---------------------------------------------------------------------------------------


def test_a_renamed_repository_is_followed_and_asked_for_by_its_new_name(world: World) -> None:
    repository = rune(world)
    world.side.rename(repository, "acme/other")
    repository.issue(1).close()
    repository.commit({"TODO.md": TODO + b"- [ ] Paint it\n"})

    assert syncer(world, "run").code == 0
    assert b"- [x] Write it" in repository.file("TODO.md")
    assert titles(repository) == ["Paint it", "Try it", "Write it"]

    world.sandbox.reset_counts()
    assert syncer(world, "run").code == 0
    assert [each.target for each in world.sandbox.requests if "rune" in each.target] == []


def test_an_archived_repository_is_called_so_and_others_go_on(world: World) -> None:
    repository = rune(world)
    world.add("next", {"TODO.md": TODO})
    repository.issue(1).close()
    world.side.archive(repository)

    done = syncer(world, "run")

    assert done.code in (1, 3)
    assert "archived" in done.err + done.out
    assert titles(world.repositories["next"]) == ["Try it", "Write it"]


def test_a_tracker_without_issues_is_called_so(world: World) -> None:
    world.add("rune", {"TODO.md": TODO})
    world.side.enable_issues(world.repositories["rune"], False)

    done = syncer(world, "run")

    assert done.code in (1, 3)
    assert "issues are disabled" in (done.err + done.out).lower().replace("switched off", "disabled")


def test_one_bad_item_does_not_stop_the_others(world: World) -> None:
    place = r"/issues(\?|$)"
    world.add("rune", {"TODO.md": TODO})
    refusal = '{"message": "Spam detected", "errors": ["Spam detected"]}'
    refuse = Fault(
        "respond", method="POST", path=place, status=400, text=refusal, content_type="application/json"
    )
    world.sandbox.faults.add(refuse)

    done = syncer(world, "run")

    assert done.code == 3
    assert "Spam detected" in done.out + done.err
    assert titles(world.repositories["rune"]) == ["Try it"]
    assert syncer(world, "run").code == 0
    assert titles(world.repositories["rune"]) == ["Try it", "Write it"]


# -- failures --------------------------------------------------------------------------------------------


_RARER = pytest.mark.thorough


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(Fault("unauthorized", times=0), ("token",), id="token"),
        pytest.param(Fault("respond", times=0, status=503, text=MAINTENANCE), ("503",), id="maintenance"),
        pytest.param(Fault("not_found", times=0), ("there is no repository",), id="not found"),
        pytest.param(Fault("html", times=0), ("web page",), id="html", marks=_RARER),
        pytest.param(
            Fault("respond", times=0, status=407, text="<html></html>"), ("proxy",), id="proxy", marks=_RARER
        ),
        pytest.param(Fault("reset", times=0), ("answer",), id="reset", marks=_RARER),
    ],
)
def test_a_failure_says_what_happened_where_and_what_to_do(
    world: World, fault: Fault, words: tuple[str, ...]
) -> None:
    rune(world)
    world.sandbox.faults.add(fault)
    world.sandbox.reset_counts()

    done = syncer(world, "run")

    assert done.code == 1
    said = (done.out + done.err).lower()
    assert any(word in said for word in words), said
    assert "main" in said
    assert "traceback" not in said
    # A forge that is in trouble is asked a few times, one that refuses us once.
    assert len(world.sandbox.requests) <= (1 if fault.do == "unauthorized" else 6)


# -- options ---------------------------------------------------------------------------------------------


def test_confidential_issues_are_an_option_that_only_gitlab_can_keep(world: World) -> None:
    world.add("rune", {"TODO.md": TODO}, extra="confidential = true")

    done = syncer(world, "run")

    issues = world.repositories["rune"].issues()
    if world.kind == "gitlab":
        assert done.code == 0, done.err
        assert [each.model.confidential for each in issues] == [True, True]
    else:
        assert done.code == 1
        assert "projects.rune.confidential" in done.err + done.out
        assert issues == []


def test_direct_commits_start_no_pipeline_by_option(world: World) -> None:
    repository = rune(world, extra="skip_ci = true")
    repository.issue(1).close()

    assert syncer(world, "run").code == 0

    assert "[skip ci]" in repository.log()[0]


def test_a_milestone_of_the_group_above_is_used_and_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        world = World(sandbox, "gitlab", tmp_path)
        monkeypatch.setenv("SYNCER_FORGES__MAIN__TOKEN", world.environment["SYNCER_FORGES__MAIN__TOKEN"])
        world.add("rune", {"TODO.md": TODO})
        world.side.group_milestone("acme", "MVP")

        done = syncer(world, "run", "--approve")

        repository = world.repositories["rune"]
        assert done.code == 0, done.out + done.err
        assert {issue.milestone_title for issue in repository.issues()} == {"MVP"}
        assert repository.milestones() == []
