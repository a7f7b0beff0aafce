"""Every example of what a project can choose is what happens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.reconcile.policy import StageStatus
from tests.examples.playing import play
from tests.examples.reading import Example, examples
from tests.team import PLAIN


@pytest.mark.parametrize("example", examples("overviews.md"), ids=str)
def test_overviews(example: Example) -> None:
    play(example, replace(PLAIN, stage_status=StageStatus.WRITE))


@pytest.mark.parametrize("example", examples("tables.md"), ids=str)
def test_tables(example: Example) -> None:
    play(example, PLAIN)
