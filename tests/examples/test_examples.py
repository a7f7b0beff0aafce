"""Every example in the Markdown files beside this one is what happens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.reconcile.policy import Groups, LinkBack
from tests.examples.playing import play
from tests.examples.reading import Example, examples
from tests.team import PLAIN


@pytest.mark.parametrize("example", examples("link_back.md"), ids=str)
def test_link_back(example: Example) -> None:
    play(example, replace(PLAIN, link_back=LinkBack.LINK, label=""))


@pytest.mark.parametrize("example", examples("intake.md"), ids=str)
def test_intake(example: Example) -> None:
    play(example, replace(PLAIN, label=""))


@pytest.mark.parametrize("example", examples("groups.md"), ids=str)
def test_groups(example: Example) -> None:
    play(example, replace(PLAIN, groups=Groups.SUB_ISSUES, label=""))


@pytest.mark.parametrize("example", examples("checklists.md"), ids=str)
def test_checklists(example: Example) -> None:
    play(example, replace(PLAIN, groups=Groups.CHECKLIST, label=""))
