"""What a person does between a run that was killed and the next one stands, whatever the run had sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from syncer.model.fields import Field
from syncer.model.plan import Severity
from syncer.sandbox import IssueHandle, MilestoneHandle, Sandbox
from tests.crash.rig import KINDS, Killed, Rig, Wire, wire
from tests.traffic import RECORD_TO

TEXT = b"""# Rocket

| Milestone | Target date | Status |
|---|---|---|
| M1: First flight | 2026-09-01 | Planned |

## Phase 1: Ground

- [ ] Weld the frame
- [ ] Fit the valves
"""
ISSUE, MILESTONE, COMMIT = r"/issues/\d+$", r"/milestones/\d+$", r"/graphql$|/repository/commits$"


@pytest.fixture(params=KINDS)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        made = Rig(sandbox, request.param, tmp_path, "rocket", {"TODO.md": TEXT})
        made.run()
        sandbox.clock.advance(5)
        yield made


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    with wire(monkeypatch) as made:
        yield made


def _killed(rig: Rig, watched: Wire, change: str, *, after: bool = True) -> None:
    watched.arm(change=change, after=after)
    with pytest.raises(Killed):
        rig.run()
    watched.disarm()
    rig.sandbox.clock.advance(30)


def _issue(rig: Rig, title: str) -> IssueHandle:
    (found,) = (issue for issue in rig.repository.issues() if issue.title == title)
    return found


def _milestone(rig: Rig) -> MilestoneHandle:
    (found,) = (each for each in rig.repository.milestones() if "First flight" in each.title)
    return found


def _edit(rig: Rig, old: str, new: str) -> None:
    text = rig.repository.file("TODO.md").decode()
    assert text.count(old) == 1
    rig.repository.commit({"TODO.md": text.replace(old, new).encode()}, by="dave")


def _text(rig: Rig) -> str:
    return rig.repository.file("TODO.md").decode()


def _done(rig: Rig) -> None:
    rig.settle()
    assert rig.plan().actions == ()


def test_an_issue_that_a_person_reopens_after_a_lost_close_stays_open(rig: Rig, watched: Wire) -> None:
    issue = _issue(rig, "Weld the frame")
    _edit(rig, "- [ ] Weld", "- [x] Weld")
    _killed(rig, watched, ISSUE)
    assert issue.state == "closed"
    issue.reopen(by="alice")

    _done(rig)

    assert issue.state == "open"
    assert "- [ ] Weld the frame" in _text(rig)


def test_an_issue_that_was_never_closed_is_closed_by_the_next_run(rig: Rig, watched: Wire) -> None:
    """Its log shows a close and a reopening from before; they prove nothing."""
    issue = _issue(rig, "Weld the frame")
    issue.close(by="alice")
    issue.reopen(by="alice")
    rig.run()
    _edit(rig, "- [ ] Weld", "- [x] Weld")
    _killed(rig, watched, ISSUE, after=False)
    assert issue.state == "open"

    _done(rig)

    assert issue.state == "closed"
    assert "- [x] Weld the frame" in _text(rig)


def test_a_title_that_a_person_gives_after_a_lost_retitling_stands(rig: Rig, watched: Wire) -> None:
    issue = _issue(rig, "Weld the frame")
    _edit(rig, "Weld the frame", "Weld the whole frame")
    _killed(rig, watched, ISSUE)
    assert issue.title == "Weld the whole frame"
    issue.retitle("Rivet the whole frame", by="alice")

    _done(rig)

    assert issue.title == "Rivet the whole frame"
    assert "- [ ] Rivet the whole frame" in _text(rig)


def test_a_box_that_a_person_unticks_after_a_lost_commit_reopens_the_issue(rig: Rig, watched: Wire) -> None:
    issue = _issue(rig, "Weld the frame")
    issue.close(by="alice")
    _killed(rig, watched, COMMIT)
    assert "- [x] Weld the frame" in _text(rig)
    _edit(rig, "- [x] Weld", "- [ ] Weld")

    _done(rig)

    assert issue.state == "open"
    assert "- [ ] Weld the frame" in _text(rig)


def test_a_commit_that_replaced_a_text_entirely_is_recognised(rig: Rig, watched: Wire) -> None:
    """Nothing about the new text resembles the old one, and yet it is the same line."""
    issue = _issue(rig, "Weld the frame")
    issue.retitle("42", by="alice")
    _killed(rig, watched, COMMIT)
    assert "- [ ] 42" in _text(rig)

    _done(rig)

    assert sorted(each.title for each in rig.repository.issues()) == ["42", "Fit the valves"]


def test_a_commit_that_a_force_push_removed_is_made_again(rig: Rig, watched: Wire) -> None:
    before = rig.repository.head()
    _issue(rig, "Weld the frame").close(by="alice")
    _killed(rig, watched, COMMIT)
    rig.repository.force_push("main", before, by="dave")

    _done(rig)

    assert "- [x] Weld the frame" in _text(rig)
    assert _issue(rig, "Weld the frame").state == "closed"


def test_a_date_that_a_person_sets_after_a_lost_change_is_not_overwritten(rig: Rig, watched: Wire) -> None:
    """Nobody can tell which came first, so the two dates are shown and a person decides."""
    _edit(rig, "2026-09-01", "2026-10-01")
    _killed(rig, watched, MILESTONE)
    assert _milestone(rig).due == date(2026, 10, 1)
    _milestone(rig).set_due(date(2026, 11, 1), by="alice")

    rig.settle()

    assert _milestone(rig).due == date(2026, 11, 1)
    assert "2026-10-01" in _text(rig)
    plan = rig.plan()
    assert plan.actions == ()
    assert [hold.severity for hold in plan.holds if hold.field is Field.DUE] == [Severity.CONFLICT]


def test_a_milestone_that_a_person_reopens_after_a_lost_close_stays_open(rig: Rig, watched: Wire) -> None:
    _edit(rig, "| Planned |", "| Completed |")
    _killed(rig, watched, MILESTONE)
    assert _milestone(rig).state == "closed"
    _milestone(rig).reopen(by="alice")

    rig.settle()

    assert _milestone(rig).state == "open"
    assert rig.plan().actions == ()
