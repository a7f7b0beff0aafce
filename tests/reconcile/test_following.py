"""Lines are followed through edits, or a person is asked; no line gets the issue of another."""

from __future__ import annotations

import pytest

from tests.reconcile.editors import Roadmap
from tests.reconcile.following import Followed, follow


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
