"""Links from lines to their issues over real HTTP, and what is left of them when a run is cut short."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from syncer.reconcile.policy import Criteria, LinkBack, Policy
from syncer.sandbox import Sandbox
from tests.crash.rig import KINDS, Killed, Rig, Wire, wire
from tests.team import UNLIMITED
from tests.traffic import RECORD_TO

LINKED = Policy(criteria=Criteria.IGNORE, limits=UNLIMITED, link_back=LinkBack.LINK)
TEXT = (
    b"# Rocket\r\n\r\n## Phase 1: Ground\r\n\r\n- [ ] Weld the frame\r\n"
    b"  with a remark\r\n* [ ] **Fit** the valve  \r\n\r\n"
    b"| ID | Feature | Status |\r\n|---|---|---|\r\n| R-1 | Fly | Pending |\r\n\r\nNotes\tend here"
)


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(record_to=RECORD_TO) as made:
        yield made


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    with wire(monkeypatch) as made:
        yield made


def _rig(sandbox: Sandbox, kind: str, directory: Path, name: str) -> Rig:
    rig = Rig(sandbox, kind, directory, f"link-{name}", {"TODO.md": TEXT}, policy=LINKED)
    # One line is bound already, and shows nothing yet.
    rig.policy = replace(LINKED, link_back=LinkBack.OFF)
    rig.repository.commit({"TODO.md": TEXT.replace(b"* [ ] **Fit** the valve  \r\n", b"")})
    rig.run()
    rig.policy = LINKED
    rig.repository.commit({"TODO.md": TEXT})
    next(each for each in rig.repository.issues() if each.title == "Weld the frame").close()
    return rig


def _commits(rig: Rig) -> int:
    return sum("Syncer-Run" in message for message in rig.repository.log())


def _text(rig: Rig) -> str:
    """The file with short addresses."""
    return re.sub(r"\(https?://[^)]*/(\d+)\)", r"(\1)", rig.repository.file("TODO.md").decode())


def _linked(rig: Rig) -> str:
    """What the file has to read like, whichever numbers the forge gave out."""
    number = {each.title: each.number for each in rig.repository.issues()}
    weld, valve, fly = (number[title] for title in ("Weld the frame", "Fit the valve", "R-1: Fly"))
    return (
        TEXT.decode()
        .replace("[ ] Weld the frame", f"[x] Weld the frame ([#{weld}]({weld}))")
        .replace("valve  ", f"valve ([#{valve}]({valve}))  ")
        .replace("Fly |", f"Fly ([#{fly}]({fly})) |")
    )


def test_new_and_bound_lines_are_linked_in_the_one_commit_of_the_run(
    sandbox: Sandbox, kind: str, tmp_path: Path
) -> None:
    """CRLF, hard breaks and the missing last line end stay; a second run writes nothing."""
    rig = _rig(sandbox, kind, tmp_path, "once")
    report = rig.run()

    assert (report.problem, report.failures) == (None, [])
    assert _commits(rig) == 1
    assert _text(rig) == _linked(rig)
    for issue in rig.repository.issues():
        assert f"/issues/{issue.number})" in rig.repository.file("TODO.md").decode()
    assert rig.plan().actions == ()
    sandbox.reset_counts()
    rig.run()
    assert sandbox.count(rig.kind).changes == 0


def test_a_lost_ledger_finds_reworded_lines_by_their_links(
    sandbox: Sandbox, kind: str, tmp_path: Path
) -> None:
    """Every line says something else, and none of them gets a second issue."""
    rig = _rig(sandbox, kind, tmp_path, "lost")
    rig.run()
    text = rig.repository.file("TODO.md")
    rig.repository.commit({"TODO.md": text.replace(b"Weld the frame", b"Glue everything together")})
    for database in [*tmp_path.glob("*.db"), *tmp_path.glob("*.db-*")]:
        database.unlink()
    plan = rig.plan()

    assert [hold.code for hold in plan.holds] == ["no-base"]
    assert plan.effects == ()


@pytest.mark.parametrize("every", [13, pytest.param(1, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("after", [False, True], ids=["before", "behind"])
def test_a_run_that_is_killed_at_any_request_ends_with_the_same_links(
    sandbox: Sandbox, kind: str, tmp_path: Path, watched: Wire, after: bool, every: int
) -> None:
    """Each issue once, each link once, one commit."""
    whole = _rig(sandbox, kind, tmp_path, f"whole-{after}-{every}")
    watched.arm(after=after)
    whole.run()
    requests = watched.count
    assert requests > 8
    for at in range(requests, 0, -every):
        rig = _rig(sandbox, kind, tmp_path, f"{at}-{after}-{every}")
        watched.arm(at, after=after)
        # The one or other request more or less depends on where a second ends.
        with suppress(Killed):
            rig.run()
            assert at > requests - 3
        watched.disarm()
        rig.settle()

        assert rig.plan().actions == (), at
        assert _text(rig) == _linked(rig), at
        assert sorted(each.title for each in rig.repository.issues()) == [
            "Fit the valve",
            "R-1: Fly",
            "Weld the frame",
        ], at
        assert _commits(rig) == 1, at
