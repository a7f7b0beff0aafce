"""What is remembered of a status issue between runs, as one small text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syncer.ports import Notes
from syncer.service.status_issue.page import Offer


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of one project's status issue.

    Args:
        number: of the issue; 0 where none is known.
        creating: when a create was intended whose answer is not known, by our clock.
        open: whether it was open when it was last seen.
        offers: what its boxes stand for, by token.
        refused: why ticks were not accepted, by token.
        pinned: whether it was asked to stand out.
    """

    number: int = 0
    creating: datetime | None = None
    open: bool = False
    offers: Mapping[str, Offer] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    pinned: bool = False


def recall(notes: Notes, project: str) -> Remembered:
    """What is known; nothing after the state database was lost."""
    text = notes.read(_name(project))
    if not text:
        return Remembered()
    data = json.loads(text)
    return Remembered(
        number=data["number"],
        creating=datetime.fromisoformat(data["creating"]) if data["creating"] else None,
        open=data["open"],
        offers={
            token: Offer(frozenset(approve), frozenset(holds), take)
            for token, (approve, holds, take) in data["offers"].items()
        },
        refused=data["refused"],
        pinned=data["pinned"],
    )


def keep(notes: Notes, project: str, known: Remembered) -> None:
    """Remember it durably."""
    text = json.dumps(
        {
            "number": known.number,
            "creating": known.creating.isoformat() if known.creating is not None else None,
            "open": known.open,
            "offers": {
                token: [sorted(each.approve), sorted(each.holds), each.take]
                for token, each in sorted(known.offers.items())
            },
            "refused": dict(sorted(known.refused.items())),
            "pinned": known.pinned,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
    notes.change(_name(project), lambda _text: (text, None))


def _name(project: str) -> str:
    return f"status issue {project}"
