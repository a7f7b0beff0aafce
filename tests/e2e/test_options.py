"""Options as they stand in a configuration, through the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.sandbox import Sandbox
from tests.e2e.world import KINDS, World
from tests.traffic import RECORD_TO

TEXT = (
    b"# Plan\n\n## Phase 1: Alpha\n\n- [ ] Build it @ada [P1]\n- [ ] Test it\n- [ ] Print it\n\n"
    b"## Phase 2: Beta\n\n- [ ] Ship it\n"
)
OPTIONS = """
mirrors = { "docs/COPY.md" = "TODO.md" }
placement = "both"
[projects.rune.labels]
priority = { p1 = "urgent" }
[projects.rune.members]
ada = "nobody-here"
"""


@pytest.mark.thorough
@pytest.mark.parametrize("kind", KINDS)
def test_options_of_a_configuration(kind: str, tmp_path: Path) -> None:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        world = World(sandbox, kind, tmp_path)
        world.add("rune", {"TODO.md": TEXT, "docs/COPY.md": TEXT}, extra=OPTIONS)
        first = world.syncer("run")
        assert first.code == 0, first.err
        assert "did not assign nobody-here" in first.out
        issues = {each.title.split()[0]: each for each in world.repositories["rune"].issues()}
        assert len(issues) == 4
        assert issues["Build"].labels == {"roadmap", "urgent"}

        (beta,) = (each for each in world.repositories["rune"].milestones() if each.title == "Phase 2: Beta")
        issues["Test"].set_milestone(beta)
        issues["Build"].close()
        second = world.syncer("run")
        assert second.code == 0, second.err
        assert b"- [x] Build it @ada [P1]\n" in world.repositories["rune"].file("docs/COPY.md")
        assert world.repositories["rune"].file("TODO.md").endswith(b"- [ ] Ship it\n- [ ] Test it\n")
        third = world.syncer("run")
        assert third.code == 0, third.err
        assert "nothing to do" in third.out.lower() or "agree" in third.out.lower(), third.out
