"""GitLab says of a ticked box what it does not say of other edits: which box, and who."""

from __future__ import annotations

from typing import Any

import pytest

from syncer.forges.gitlab.wire import body_event


def note(body: str, *, system: bool = True) -> dict[str, Any]:
    author = {"username": "wendy"}
    return {"body": body, "system": system, "created_at": "2026-11-21T01:00:00.000Z", "author": author}


@pytest.mark.parametrize(
    "said", ["changed the description", "marked the checklist item **Approve these 2 actions** as completed"]
)
def test_both_notes_tell_of_an_edit_of_the_description(said: str) -> None:
    event = body_event(note(said))

    assert event is not None
    assert (event.actor, event.after) == ("wendy", None)
    assert body_event(note(said, system=False)) is None  # anybody can write that


def test_other_notes_do_not() -> None:
    assert body_event(note("changed title from **a** to **b**")) is None
