"""Messages that are to be delivered, kept with what was told, in one note for each project.

Both stand in one text that changes at once: a message that is not in the outbox was not told, and one that
was told is in it until it was delivered or given up, however the process ends in between.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from syncer.notify.news import Detail, News, Stand, Told, Topic, news
from syncer.ports import Notes

CLAIM: Final = 120.0
"""Seconds for which a message belongs to the process that is sending it. Longer than an attempt takes."""
FIRST_PAUSE: Final = 10.0
LONGEST_PAUSE: Final = 3600.0
_MOST: Final = 200
"""Messages that wait in one project, at most: a receiver that is gone for good must not fill a disk."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message for one receiver.

    Args:
        hook: the receiver's configured name.
        tries: attempts so far.
        due: seconds since the epoch; not before.
        since: when it was written, likewise.
    """

    hook: str
    news: News
    tries: int = 0
    due: float = 0.0
    since: float = 0.0

    @property
    def key(self) -> tuple[str, str]:
        return self.hook, self.news.id


@dataclass(frozen=True, slots=True)
class Interest:
    """What a receiver wants to hear of.

    Args:
        projects: names; all if empty.
    """

    hook: str
    topics: frozenset[Topic]
    projects: frozenset[str] = frozenset()

    def wants(self, message: News) -> bool:
        return message.topic in self.topics and (not self.projects or message.project in self.projects)


@dataclass(frozen=True, slots=True)
class _Box:
    told: Told = field(default_factory=Told)
    letters: tuple[Letter, ...] = ()


class Outbox:
    """The outboxes of all projects. Safe to share between threads and processes.

    Args:
        notes: where they are kept.
    """

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def record(self, stand: Stand, interests: Sequence[Interest], now: float) -> tuple[News, ...]:
        """Note what is new about a project, for everybody who wants to hear it.

        Args:
            stand: how it stands now.
            interests: of all receivers.
            now: seconds since the epoch.

        Returns:
            What is new; it is durable now.
        """
        box = _read(self._notes.read(_name(stand.project)))
        told, found = news(box.told, stand)
        if told == box.told and not found:
            return ()  # the usual case takes no lock

        def step(text: str | None) -> tuple[str, tuple[News, ...]]:
            box = _read(text)
            told, found = news(box.told, stand)
            fresh = [
                Letter(each.hook, one, since=now) for one in found for each in interests if each.wants(one)
            ]
            letters = [*box.letters, *fresh][-_MOST:]
            return _text(_Box(told, tuple(letters))), found

        return self._notes.change(_name(stand.project), step)

    def claim(self, project: str, hooks: Collection[str], now: float) -> Letter | None:
        """Take a letter that is due. It is this process's for ``CLAIM`` seconds.

        Args:
            project: whose.
            hooks: the receivers that exist; letters to others are thrown away.
            now: seconds since the epoch.

        Returns:
            The oldest one; ``None`` where none is due.
        """
        box = _read(self._notes.read(_name(project)))
        if not any(each.due <= now or each.hook not in hooks for each in box.letters):
            return None

        def step(text: str | None) -> tuple[str, Letter | None]:
            box = _read(text)
            kept = [each for each in box.letters if each.hook in hooks]
            due = next((each for each in kept if each.due <= now), None)
            claimed = tuple(replace(each, due=now + CLAIM) if each is due else each for each in kept)
            return _text(_Box(box.told, claimed)), due

        return self._notes.change(_name(project), step)

    def delivered(self, letter: Letter) -> None:
        """A letter has arrived, or is given up."""
        self._replace(letter, None)

    def later(self, letter: Letter, due: float) -> None:
        """A letter has not arrived, and is to be sent again."""
        self._replace(letter, replace(letter, tries=letter.tries + 1, due=due))

    def next_due(self, project: str) -> float | None:
        """When the next letter of a project is due; ``None`` where none waits."""
        return min((each.due for each in _read(self._notes.read(_name(project))).letters), default=None)

    def told(self, project: str) -> Told:
        """What people have been told of a project."""
        return _read(self._notes.read(_name(project))).told

    def _replace(self, letter: Letter, by: Letter | None) -> None:
        def step(text: str | None) -> tuple[str, None]:
            box = _read(text)
            letters = [by if each.key == letter.key else each for each in box.letters]
            return _text(_Box(box.told, tuple(each for each in letters if each is not None))), None

        self._notes.change(_name(letter.news.project), step)


def pause(tries: int) -> float:
    """Seconds until the next attempt after so many that failed."""
    return min(FIRST_PAUSE * 2.0 ** min(tries, 20), LONGEST_PAUSE)


def _name(project: str) -> str:
    return f"notifications {project}"


def _text(box: _Box) -> str:
    told = box.told
    data: dict[str, Any] = {
        "told": {"held": sorted(told.held), "details": sorted(told.details), "parked": told.parked},
        "letters": [_letter_data(each) for each in box.letters],
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _read(text: str | None) -> _Box:
    if not text:
        return _Box()
    data = json.loads(text)
    told = data["told"]
    return _Box(
        Told(frozenset(told["held"]), frozenset(told["details"]), told["parked"]),
        tuple(_letter(each) for each in data["letters"]),
    )


def _letter_data(letter: Letter) -> dict[str, Any]:
    message = letter.news
    return {
        "hook": letter.hook,
        "tries": letter.tries,
        "due": letter.due,
        "since": letter.since,
        "id": message.id,
        "topic": message.topic.value,
        "project": message.project,
        "run": message.run,
        "at": message.at.isoformat(),
        "summary": message.summary,
        "remedy": message.remedy,
        "details": [
            [each.digest, each.topic.value, each.place, each.title, each.reason, each.remedy]
            for each in message.details
        ],
        "more": message.more,
    }


def _letter(data: dict[str, Any]) -> Letter:
    message = News(
        data["id"],
        Topic(data["topic"]),
        data["project"],
        data["run"],
        datetime.fromisoformat(data["at"]),
        data["summary"],
        data["remedy"],
        tuple(
            Detail(digest, Topic(topic), place, title, reason, remedy)
            for digest, topic, place, title, reason, remedy in data["details"]
        ),
        data["more"],
    )
    return Letter(data["hook"], message, data["tries"], data["due"], data["since"])
