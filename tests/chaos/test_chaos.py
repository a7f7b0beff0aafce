"""A minute of chaos, as part of the long proofs; ten are told by ``python -m tests.chaos``."""

from __future__ import annotations

import pytest

from tests.chaos.story import tell


@pytest.mark.thorough
def test_a_minute_of_chaos_loses_and_doubles_nothing() -> None:
    blows: list[str] = []
    outcome = tell(1.0, 7, blows.append, projects=4)

    assert outcome.fine, "\n".join(outcome.lines())
    assert len(blows) >= 5
    assert sum(outcome.edits.values()) > 50
