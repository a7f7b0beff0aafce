"""Quiet hours: no scheduled look then. What people do on the forges still wakes us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another, the second not included; over midnight if it is the earlier one."""

    start: time
    end: time
    zone: ZoneInfo

    def covers(self, moment: datetime) -> bool:
        """Whether a moment (aware) is in them."""
        at = moment.astimezone(self.zone).time().replace(tzinfo=None)
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


def quiet_hours(text: str, zone: str) -> QuietHours | None:
    """Quiet hours as they are configured, ``22:00-06:00``; ``None`` for an empty text."""
    if not text:
        return None
    start, _, end = text.partition("-")
    return QuietHours(time.fromisoformat(start), time.fromisoformat(end), ZoneInfo(zone))
