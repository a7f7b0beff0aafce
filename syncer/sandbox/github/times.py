"""Moments as GitHub writes them: whole seconds, UTC; and milestone due dates, which are Pacific days.

A due date is kept as a calendar day of Los Angeles and shown as that day's midnight in UTC, 07:00 in
summer and 08:00 in winter. Whoever sends midnight UTC gets the day before.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta


def shown(moment: datetime) -> str:
    """A moment in whole seconds, cut, never rounded."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def shown_or_none(moment: datetime | None) -> str | None:
    """The same, for what may not have happened."""
    return None if moment is None else shown(moment)


def seconds(moment: datetime) -> datetime:
    """A moment without its fraction of a second."""
    return moment.replace(microsecond=0)


def read(text: str) -> datetime:
    """A moment in ISO 8601; without a zone it is UTC. Raises ``ValueError``."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def pacific_day(moment: datetime) -> date:
    """The calendar day that a moment falls on in Los Angeles."""
    return (moment.astimezone(UTC) + timedelta(hours=_offset(moment))).date()


def due_on(day: date | None) -> str | None:
    """A due date as the API shows it."""
    if day is None:
        return None
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return shown(midnight - timedelta(hours=_offset(midnight + timedelta(hours=8))))


def _offset(moment: datetime) -> int:
    """Hours from UTC in Los Angeles: daylight saving from March's second to November's first Sunday."""
    begin = _sunday(moment.year, 3, 2) + timedelta(hours=10)
    end = _sunday(moment.year, 11, 1) + timedelta(hours=9)
    return -7 if begin <= moment.astimezone(UTC) < end else -8


def _sunday(year: int, month: int, nth: int) -> datetime:
    first = datetime(year, month, 1, tzinfo=UTC)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))
