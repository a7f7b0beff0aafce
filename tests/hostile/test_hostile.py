"""Histories in which people, forges and disks do their worst."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.hostile.machine import TALLY, Hostile


def _run(examples: int, steps: int, record_property: Callable[[str, object], None]) -> None:
    run_state_machine_as_test(
        Hostile,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, print_blob=False, report_multiple_bugs=False
        ),
    )
    for name in ("histories", "runs", "killed", "pairs", "carried", "excused"):
        record_property(name, getattr(TALLY, name))
    assert TALLY.carried > 0
    assert TALLY.killed > 0


def test_no_history_loses_an_edit_or_makes_a_duplicate(
    record_property: Callable[[str, object], None],
) -> None:
    _run(200, 20, record_property)


@pytest.mark.thorough
def test_no_long_history_loses_an_edit_or_makes_a_duplicate(
    record_property: Callable[[str, object], None],
) -> None:
    _run(5000, 60, record_property)
