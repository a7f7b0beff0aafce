"""What is new about a project, compared with what was told before. Pure.

A run finds the same conflicts as the one before; people want to hear of each of them once. What was told
is remembered by digest until it is over, so that the same thing is news again when it comes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

MOST: Final = 10
"""Details in one message; the others are counted."""


class Topic(StrEnum):
    """What a message is about."""

    HELD = "held"
    """A plan waits for an approval."""
    CONFLICT = "conflict"
    """Both sides changed; somebody has to choose."""
    QUESTION = "question"
    """Two readings are possible, or something is missing."""
    PARKED = "parked"
    """A project cannot go on before somebody changes something."""
    RECOVERED = "recovered"
    """A parked project works again."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that waits for a person.

    Args:
        digest: names it, with the values that were seen.
        topic: ``CONFLICT`` or ``QUESTION``.
        place: file and line.
    """

    digest: str
    topic: Topic
    place: str
    title: str
    reason: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Stand:
    """How a project stands after a run.

    Args:
        run: the run's name.
        held: why a plan is held, and the digests of its actions; empty if none is.
        details: what waits for a person; ``None`` where the run could not tell.
        parked: why it cannot go on; empty if it can.
        remedy: what to do about that.
        cause: tells one reason for parking from another, whatever its words.
        well: whether the run proves that nothing keeps it any more.
    """

    project: str
    run: str
    at: datetime
    held: tuple[str, ...] = ()
    digests: frozenset[str] = frozenset()
    details: tuple[Detail, ...] | None = None
    parked: str = ""
    remedy: str = ""
    cause: str = ""
    well: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What people have been told of and is not over.

    Args:
        held: digests of the actions of the held plan.
        details: digests of conflicts and questions.
        parked: the cause; empty if it is not parked.
    """

    held: frozenset[str] = frozenset()
    details: frozenset[str] = frozenset()
    parked: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """One message.

    Args:
        id: the same for every attempt and every receiver, so that a receiver can tell a repetition.
        remedy: what to do, as a clause.
        more: details that are not listed.
    """

    id: str
    topic: Topic
    project: str
    run: str
    at: datetime
    summary: str
    remedy: str = ""
    details: tuple[Detail, ...] = ()
    more: int = 0


def news(told: Told, stand: Stand) -> tuple[Told, tuple[News, ...]]:
    """What is to be told, and what has been told then.

    Args:
        told: what was told before.
        stand: how the project stands now.
    """
    found: list[News] = []
    held = told.held
    if stand.held:
        # While any action that was told of still waits, it is the same plan; the rest is the status's.
        if not told.held & stand.digests:
            found.append(_held(stand))
            held = stand.digests
    elif stand.details is not None:
        held = frozenset()
    details = told.details
    if stand.details is not None:
        present = frozenset(each.digest for each in stand.details)
        fresh = [each for each in stand.details if each.digest not in told.details]
        found += [
            each for topic in (Topic.CONFLICT, Topic.QUESTION) for each in _waiting(stand, topic, fresh)
        ]
        details = present
    parked = told.parked
    if stand.parked:
        if stand.cause != told.parked:
            summary = f"{stand.project} cannot be synced: {stand.parked}"
            found.append(_message(stand, Topic.PARKED, summary, stand.remedy))
        parked = stand.cause
    elif stand.well:
        if told.parked:
            found.append(_message(stand, Topic.RECOVERED, f"{stand.project} is synced again", ""))
        parked = ""
    return Told(held, details, parked), tuple(found)


def _held(stand: Stand) -> News:
    count = len(stand.digests)
    what = f"{count} {'action' if count == 1 else 'actions'}"
    summary = f"{stand.project}: a plan of {what} waits for an approval: {'; '.join(stand.held)}"
    return _message(
        stand, Topic.HELD, summary, f"look with `syncer status`, then `syncer approve {stand.project}`"
    )


def _waiting(stand: Stand, topic: Topic, fresh: Iterable[Detail]) -> list[News]:
    chosen = [each for each in fresh if each.topic is topic]
    if not chosen:
        return []
    count, word = len(chosen), topic.value
    summary = f"{stand.project}: {count} new {word}{'' if count == 1 else 's'}"
    remedy = (
        "`syncer resolve` lists what can be decided" if topic is Topic.CONFLICT else "see `syncer status`"
    )
    return [_message(stand, topic, summary, remedy, chosen)]


def _message(stand: Stand, topic: Topic, summary: str, remedy: str, details: Iterable[Detail] = ()) -> News:
    listed = tuple(details)
    return News(
        f"{stand.run}.{topic.value}",
        topic,
        stand.project,
        stand.run,
        stand.at,
        summary,
        remedy,
        listed[:MOST],
        len(listed[MOST:]),
    )
