"""Repeat loops: which stages are gone through several times, and which only have numbers in their names."""

from __future__ import annotations

import pytest

from syncer.roadmap.parse import parse
from tests.roadmap import seeds

RC = tuple(f"RC{number}" for number in range(1, 7))


@pytest.mark.parametrize(
    ("heading", "below", "expected"),
    [
        ("Phase 4: Release Candidate Cycle (RC1 – RC6)", "", RC),
        ("Phase 4: Hardening (RC1-RC6)", "_Repeat the RC loop (RC1 through RC6) until it holds._\n\n", RC),
        ("Phase 4: RC1 to RC6", "Applies to each RC.\n\n", RC),
        (
            "Phase 4: Sprint 1…3",
            "These steps are repeated per iteration.\n\n",
            ("Sprint 1", "Sprint 2", "Sprint 3"),
        ),
        ("Phase 4: RC1 – RC6", "", ()),
        ("Phases 2 – 4", "", ()),
        ("Phase 2: Life cycle", "", ()),
        ("Phase 2: Cycle 3", "", ()),
        ("Phase 4: RC6 – RC1 cycle", "", ()),
        ("Phase 4: RC1 – Beta2 cycle", "", ()),
        ("Phase 4: Years 2024-2026 cycle", "", ()),
    ],
)
def test_iterations(heading: str, below: str, expected: tuple[str, ...]) -> None:
    text = f"# Plan\n\n## Phase 1: Alpha\n\n- [ ] Begin\n\n## {heading}\n\n{below}- [ ] Freeze\n"
    stages = parse("TODO.md", text.encode()).stages
    found = [stage.iterations for stage in stages if stage.name != "Phase 1: Alpha"]
    assert found in ([expected], [])
    assert found or not expected


@seeds.needs_seeds
def test_the_loop_of_the_first_seed() -> None:
    stages = seeds.read_seeds()["000"].stages
    assert {stage.name: stage.iterations for stage in stages if stage.iterations} == {
        "Release Candidate Cycle (RC1 – RC6)": RC
    }
    assert all(
        not stage.iterations
        for key in ("001", "002", "003", "004")
        for stage in seeds.read_seeds()[key].stages
    )
