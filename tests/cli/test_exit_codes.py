"""Scripts and pipelines read one number."""

from __future__ import annotations

import pytest

from syncer.sandbox import Fault
from tests.cli.desk import Desk, checklist


def test_a_run_that_did_everything_ends_with_0(desk: Desk) -> None:
    desk.project("rune", checklist(3))

    assert desk.syncer("run").code == 0
    assert desk.syncer("run").code == 0


def test_a_plan_that_the_guard_holds_ends_with_4_and_a_dry_run_of_it_with_0(desk: Desk) -> None:
    repository = desk.project("rune", checklist(6), "[projects.rune.guard]\ncreates = 5")

    dry = desk.syncer("run", "--dry-run")
    assert (dry.code, repository.issues()) == (0, [])
    assert "held by the guard: 6 issues would be created, more than 5" in dry.out

    held = desk.syncer("run")
    assert (held.code, repository.issues()) == (4, [])
    assert "Nothing was changed. `syncer run --project rune --approve` applies the plan." in held.out

    assert desk.syncer("approve", "rune").code == 0
    assert desk.syncer("run").code == 0
    assert len(repository.issues()) == 6


def test_a_failed_run_ends_with_1_and_says_whose_move_it_is(desk: Desk) -> None:
    desk.project("rune", checklist(1))
    desk.environment["SYNCER_FORGES__MAIN__TOKEN"] = "a-wrong-token"

    failed = desk.syncer("run")

    assert failed.code == 1
    assert failed.err.startswith("syncer: rune: main: ")
    assert "\n  -> " in failed.err


def test_a_project_that_does_not_exist_ends_with_2_and_names_those_that_do(desk: Desk) -> None:
    desk.project("rune", checklist(1))

    ended = desk.syncer("run", "--project", "runes")

    assert ended.code == 2
    assert ended.err == "syncer: there is no project 'runes'\n  -> known projects: rune\n"


def test_one_failed_project_does_not_stop_the_others_but_is_what_the_code_says(desk: Desk) -> None:
    """The others are synced; 1 outweighs 0."""
    good = desk.project("good", checklist(1))
    desk.project("bad", checklist(1))
    desk.config.write_text(desk.config.read_text().replace('"acme/bad"', '"acme/nowhere"'))

    ended = desk.syncer("run")

    assert ended.code == 1
    assert len(good.issues()) == 1
    assert "syncer: bad: " in ended.err


def test_a_run_that_could_not_do_everything_ends_with_3_and_the_next_one_goes_on(desk: Desk) -> None:
    repository = desk.project("rune", checklist(4))
    desk.sandbox.faults.add(
        Fault("respond", kind="creation", path="/issues$", nth=2, status=422, text='{"message": "no"}')
    )

    partial = desk.syncer("run")

    assert partial.code == 3, partial.out
    assert "not done: " in partial.out
    assert desk.syncer("run").code == 0
    assert len(repository.issues()) == 4


def test_check_ends_with_10_where_sides_differ_and_writes_nothing(desk: Desk) -> None:
    desk.project("rune", checklist(2))
    desk.sandbox.reset_counts()

    assert desk.syncer("check").code == 10
    assert desk.sandbox.count().changes == 0
    assert not (desk.directory / "syncer.db").exists()

    assert desk.syncer("run").code == 0
    assert desk.syncer("check").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("rnu",),
        ("run", "--aprove"),
        ("plan",),
        ("apply", "no-such-file.json"),
        ("sandbox", "--port", "99999"),
        ("sandbox", "--repository", "no-equals-sign"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(desk: Desk, arguments: tuple[str, ...]) -> None:
    wrong = desk.syncer(*arguments)

    assert wrong.code == 2
    assert (wrong.out, wrong.err.startswith("Usage: ")) == ("", True)


def test_a_plan_is_refused_once_it_no_longer_covers_what_would_happen(desk: Desk) -> None:
    repository = desk.project("rune", checklist(2))
    file = str(desk.directory / "plan.json")
    assert desk.syncer("plan", "-o", file).code == 0
    repository.commit({"TODO.md": checklist(3)})

    refused = desk.syncer("apply", file)

    assert (refused.code, repository.issues()) == (1, [])
    assert "syncer: rune: " in refused.err
    assert desk.syncer("plan", "-o", file).code == 0
    assert desk.syncer("apply", file).code == 0
    assert len(repository.issues()) == 3
