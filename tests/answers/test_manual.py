"""The manual page shows what the program does."""

from __future__ import annotations

import pytest

from tests.answers.manual import MANUAL_PAGE, commands, transcript, transcripts, with_options
from tests.answers.scenes import SCENES

PAGE = MANUAL_PAGE.read_text(encoding="utf-8")
AGAIN = "`python -m tests.answers` writes it anew"


def test_the_manual_lists_the_options_as_they_are() -> None:
    assert with_options(PAGE) == PAGE, AGAIN


def test_the_manual_names_every_command() -> None:
    missing = [name for name in commands() if f"syncer {name.split()[0]}" not in PAGE]
    assert missing == []


def test_every_scene_is_in_the_manual() -> None:
    assert sorted(transcripts(PAGE)) == sorted(SCENES)


@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_transcript_in_the_manual_is_what_happens(name: str) -> None:
    assert transcript(name) == transcripts(PAGE)[name], AGAIN
