"""Moments as GitLab writes them: milliseconds, UTC; and calendar dates."""

from __future__ import annotations

from datetime import UTC, date, datetime


def shown(moment: datetime) -> str:
    """A moment in milliseconds, cut, never rounded."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def shown_or_none(moment: datetime | None) -> str | None:
    """The same, for what may not have happened."""
    return None if moment is None else shown(moment)


def in_commit(moment: datetime) -> str:
    """A moment as commits show it, with its offset."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+00:00"


def milliseconds(moment: datetime) -> datetime:
    """A moment cut to milliseconds."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def read(text: str) -> datetime:
    """A moment in ISO 8601; without a zone it is UTC. Raises ``ValueError``."""
    moment = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_date(text: str) -> date:
    """A calendar date. Raises ``ValueError``."""
    return date.fromisoformat(text[:10])
