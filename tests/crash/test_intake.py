"""Issues of people that ask for a line, over real HTTP: who may, the cost, and runs that are cut short."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from syncer.model.plan import digests
from syncer.reconcile.policy import Criteria, Intake, LinkBack, Policy
from syncer.sandbox import Sandbox
from syncer.service.cycle import Orders
from tests.crash.rig import KINDS, Killed, Rig, Wire, wire
from tests.team import UNLIMITED
from tests.traffic import RECORD_TO

OPEN = Policy(criteria=Criteria.IGNORE, limits=UNLIMITED)
TEXT = (
    b"# Rocket\r\n\r\n## Alpha\r\n\r\n- [ ] Weld the frame\r\n"
    b"\r\n### Tests\r\n\r\n  * [ ] Fire it up  \r\n\r\n## Beta\r\n\r\n### Tests\r\n\r\nNotes\tend here"
)
TAKEN = TEXT.replace(b"up  \r\n", b"up  \r\n  * [ ] Count to \\*ten\\*\r\n")


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(record_to=RECORD_TO) as made:
        for side in (made.github, made.gitlab):
            side.user("tess", role="triage")
            side.user("mallory", role="none")
        yield made


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    with wire(monkeypatch) as made:
        yield made


def _rig(sandbox: Sandbox, kind: str, directory: Path, name: str, policy: Policy = OPEN) -> Rig:
    """A team that is in step, before somebody opens an issue."""
    rig = Rig(sandbox, kind, directory, f"intake-{name}", {"TODO.md": TEXT}, policy=policy)
    rig.run()
    sandbox.clock.advance(60)
    return rig


def _ask(rig: Rig, place: str = "TODO.md :: Alpha :: Tests", *, by: str = "tess") -> Any:
    made = rig.repository.open_issue("Count to *ten*", f"Please.\n\n{place}\n", by=by)
    rig.sandbox.clock.advance(5)
    return made


def _codes(rig: Rig) -> list[str]:
    return [hold.code for hold in rig.plan().holds]


def _file(rig: Rig) -> bytes:
    return rig.repository.file("TODO.md")


def _commits(rig: Rig) -> int:
    return sum("Syncer-Run" in message for message in rig.repository.log())


def test_an_issue_gets_its_line_and_is_marked_in_one_run(sandbox: Sandbox, kind: str, tmp_path: Path) -> None:
    """One commit, no other byte, and what people wrote stays above the managed block."""
    rig = _rig(sandbox, kind, tmp_path, "once")
    issue = _ask(rig)
    report = rig.run()

    assert (report.problem, report.failures) == (None, [])
    assert _file(rig) == TAKEN
    assert _commits(rig) == 1
    assert issue.body.startswith("Please.\n\nTODO.md :: Alpha :: Tests\n\n<!-- syncer:begin")
    assert "roadmap" in issue.labels
    assert issue.milestone_title == "Alpha"
    assert rig.plan().actions == ()
    sandbox.reset_counts()
    rig.run()
    assert sandbox.count(rig.kind).changes == 0


def test_a_line_that_was_taken_in_follows_its_issue(sandbox: Sandbox, kind: str, tmp_path: Path) -> None:
    """It is bound like any other: a retitling and a close come to the line."""
    rig = _rig(sandbox, kind, tmp_path, "follow")
    issue = _ask(rig)
    rig.run()
    issue.retitle("Count to twenty")
    issue.close()
    rig.settle()

    assert _file(rig) == TAKEN.replace(b"[ ] Count to \\*ten\\*", b"[x] Count to twenty")
    assert len(rig.repository.issues()) == 3


def test_a_strangers_issue_waits_for_the_label_at_no_cost(
    sandbox: Sandbox, kind: str, tmp_path: Path
) -> None:
    """Who may is asked once; then nothing is, until somebody with rights sets the label."""
    rig = _rig(sandbox, kind, tmp_path, "stranger")
    before = rig.counted()[1]
    sandbox.reset_counts()
    rig.run()
    idle = sandbox.count(rig.kind).total
    issue = _ask(rig, by="mallory")
    rig.run()
    assert _codes(rig) == ["intake-waits"]
    assert _file(rig) == TEXT
    rig.run()
    sandbox.reset_counts()
    rig.run()
    assert sandbox.count(rig.kind).total == idle
    assert rig.counted()[1] == before

    rig.repository.label("intake")
    issue.label("intake", by="tess")
    sandbox.clock.advance(5)
    rig.run()
    assert _file(rig) == TAKEN
    assert rig.plan().actions == ()


def test_rights_are_asked_for_again_after_they_were_taken(
    sandbox: Sandbox, kind: str, tmp_path: Path
) -> None:
    """An issue by somebody who left since gets no line."""
    rig = _rig(sandbox, kind, tmp_path, "left")
    _ask(rig)
    side = sandbox.github if kind == "github" else sandbox.gitlab
    side.invite(rig.repository, "tess", "none" if kind == "github" else "read")
    rig.run()

    assert _codes(rig) == ["intake-waits"]
    assert _file(rig) == TEXT


def test_an_unclear_place_is_answered_once(sandbox: Sandbox, kind: str, tmp_path: Path) -> None:
    """Also after the ledger was lost; and a clear one is taken."""
    rig = _rig(sandbox, kind, tmp_path, "unclear")
    issue = _ask(rig, "TODO.md :: Tests")
    rig.run()
    (said,) = issue.comments
    assert "- `TODO.md :: Alpha :: Tests`\n- `TODO.md :: Beta :: Tests`" in said
    assert rig.plan().actions == ()
    for database in [*tmp_path.glob("*.db"), *tmp_path.glob("*.db-*")]:
        database.unlink()
    rig.settle()
    assert issue.comments == [said]
    assert _codes(rig) == ["intake-unclear"]

    issue.edit_body("Please.\n\nTODO.md :: Alpha :: Tests")
    sandbox.clock.advance(5)
    rig.settle()
    assert _file(rig) == TAKEN


def test_a_dry_run_writes_nothing_and_says_all(sandbox: Sandbox, kind: str, tmp_path: Path) -> None:
    """The plan names the line, the comment and why."""
    rig = _rig(sandbox, kind, tmp_path, "dry")
    _ask(rig)
    rig.repository.open_issue("Another", "TODO.md :: Tests", by="tess")
    sandbox.clock.advance(5)
    sandbox.reset_counts()
    plan = rig.plan()

    assert [type(action).__name__ for action in plan.effects] == ["TellPerson", "EditRoadmap"]
    assert sandbox.count(rig.kind).changes == 0


def test_a_confidential_issue_stays_out_of_the_file(sandbox: Sandbox, kind: str, tmp_path: Path) -> None:
    """Its title must not be published by a commit."""
    if kind == "github":
        pytest.skip("GitHub's issues are as public as their repository")
    rig = _rig(sandbox, kind, tmp_path, "secret")
    _ask(rig).make_confidential()
    sandbox.clock.advance(5)

    assert rig.plan().effects == ()


def test_with_label_only_a_label_counts(sandbox: Sandbox, kind: str, tmp_path: Path) -> None:
    rig = _rig(sandbox, kind, tmp_path, "label", _label_only())
    issue = _ask(rig)
    assert _codes(rig) == ["intake-waits"]
    rig.repository.label("intake")
    issue.label("intake", by="tess")
    sandbox.clock.advance(5)
    rig.settle()

    assert _file(rig) == TAKEN


def _label_only() -> Policy:
    return Policy(criteria=Criteria.IGNORE, limits=UNLIMITED, intake=Intake.LABEL)


def test_a_saved_plan_takes_an_issue_in_and_marks_it(sandbox: Sandbox, kind: str, tmp_path: Path) -> None:
    """Marking belongs to the line that the plan shows."""
    rig = _rig(sandbox, kind, tmp_path, "saved")
    issue = _ask(rig)
    plan = rig.plan()
    report = rig.run(Orders(only=frozenset(digests(plan.actions))))

    assert (report.problem, report.failures) == (None, [])
    assert _file(rig) == TAKEN
    assert "syncer:begin" in issue.body


def test_a_line_whose_commit_was_the_last_thing_that_happened_is_known_again(
    sandbox: Sandbox, kind: str, tmp_path: Path, watched: Wire
) -> None:
    """Also where the issue is called something else by then."""
    rig = _rig(sandbox, kind, tmp_path, "landed")
    issue = _ask(rig)
    watched.arm(change=r"graphql|repository/commits", after=True)
    with pytest.raises(Killed):
        rig.run()
    watched.disarm()
    assert _file(rig) == TAKEN
    issue.retitle("Count to twelve")
    sandbox.clock.advance(5)
    rig.settle()

    assert _file(rig) == TAKEN.replace(b"\\*ten\\*", b"twelve")
    assert len(rig.repository.issues()) == 3
    assert rig.plan().actions == ()


def test_a_comment_whose_answer_died_with_the_process_is_found_again(
    sandbox: Sandbox, kind: str, tmp_path: Path, watched: Wire
) -> None:
    rig = _rig(sandbox, kind, tmp_path, "said")
    issue = _ask(rig, "TODO.md :: Tests")
    watched.arm(change=r"issues/\d+/(comments|notes)", after=True)
    with pytest.raises(Killed):
        rig.run()
    watched.disarm()
    rig.settle()

    assert len(issue.comments) == 1
    assert rig.plan().actions == ()


@pytest.mark.parametrize("every", [13, pytest.param(1, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("after", [False, True], ids=["before", "behind"])
def test_a_run_that_is_killed_at_any_request_takes_each_issue_in_once(
    sandbox: Sandbox, kind: str, tmp_path: Path, watched: Wire, after: bool, every: int
) -> None:
    """One line, one issue, one comment, whatever else happens to the title in between."""
    linked = Policy(criteria=Criteria.IGNORE, limits=UNLIMITED, link_back=LinkBack.LINK)

    def prepared(name: str) -> Rig:
        rig = _rig(sandbox, kind, tmp_path, f"{name}-{after}-{every}", linked)
        _ask(rig)
        rig.repository.open_issue("Another", "TODO.md :: Tests", by="tess")
        sandbox.clock.advance(5)
        return rig

    whole = prepared("whole")
    watched.arm(after=after)
    whole.run()
    requests = watched.count
    watched.disarm()
    for at in range(requests, 0, -every):
        rig = prepared(str(at))
        watched.arm(at, after=after)
        # The one or other request more or less depends on where a second ends.
        with suppress(Killed):
            rig.run()
            assert at > requests - 3
        watched.disarm()
        asked, other = (
            next(each for each in rig.repository.issues() if each.title == title)
            for title in ("Count to *ten*", "Another")
        )
        asked.retitle("Count to twelve")
        sandbox.clock.advance(5)
        rig.settle()

        assert rig.plan().actions == (), at
        text = re.sub(r" \(\[#\d+\]\([^)]*\)\)", "", _file(rig).decode())
        assert text == TAKEN.decode().replace("\\*ten\\*", "twelve"), at
        assert len(rig.repository.issues()) == 4, at
        assert len(other.comments) == 1, at
        assert "syncer:begin" in asked.body, at
