"""Lines are followed through edits, or a person is asked; no line gets the issue of another."""

from __future__ import annotations

import pytest

from tests.reconcile.editors import Roadmap
from tests.reconcile.following import Followed, follow
from tests.team import Team


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_a_fifth_of_the_lines_is_edited_and_their_issues_stay_with_them(seed: int) -> None:
    roadmap = Roadmap(1500, seed)
    followed = Followed()
    for _ in range(3):
        followed += follow(roadmap, 0.2)

    assert followed.share("kept") >= 90
    assert followed.share("kept", "held") >= 97
    assert followed.share("wrong") == 0
    assert followed.stolen["a survivor's line"] == 0
    assert set(followed.untouched) == {"kept"}


def test_nothing_is_edited_and_every_line_is_found() -> None:
    followed = follow(Roadmap(500, 3), 0.0)
    assert not followed.fates
    assert followed.untouched == {"kept": 500}


def test_a_line_that_was_bound_since_does_not_decide_what_could_not_be_told_before() -> None:
    """It is no landmark: what waited for a person waits on, instead of becoming a second issue."""
    team = Team(
        "# P\n\n## Alpha\n\n- [ ] Weld the frame\n- [ ] Paint the nose\n- [ ] Check the seals again\n"
        "- [ ] Weld the frame\n"
    )
    team.run()
    left = "# P\n\n## Alpha\n\n- [ ] Paint the nose\n- [ ] Check the seals again now\n- [ ] Paint the nose\n"
    team.write(f"{left}- [ ] Check the seals\n- [ ] Weld the frame\n")
    team.run()
    before = len(team.issues())

    team.write(f"{left}- [ ] Check the seals\n")
    team.run()

    assert len(team.issues()) == before
    assert {hold.subject.line for hold in team.plan().holds if hold.code == "unclear"} == {6, 7, 8}


def test_a_line_that_equals_one_that_cannot_be_told_is_asked_about_as_that() -> None:
    """Wherever it stands; it is not taken for another line that is only similar."""
    seals, valves = "- [ ] Check the seals\n", "- [ ] Fit the valves\n"
    head, again = (
        f"# P\n\n## Alpha\n\n{valves}- [ ] Weld the frame\n",
        "- [ ] Check the seals again\n\n## Beta\n\n",
    )
    team = Team(f"{head}{valves}{again}{seals}{valves}{seals}{seals}")
    team.run()
    team.write(f"{head}{seals}{again}{seals}{seals}{seals}")
    team.run()

    team.write(f"{head}{seals}{again}- [ ] Check the seals now\n{seals}{seals}")

    asked = [hold.reason for hold in team.plan().holds if hold.subject.line == 7 and hold.code == "unclear"]
    assert asked == [
        (
            "an equal line is gone from where it stood, and nothing tells which of them is which: "
            "TODO.md:12, TODO.md:14, TODO.md:15"
        )
    ]
