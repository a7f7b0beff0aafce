"""Quiet hours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syncer.daemon.quiet import quiet_hours


@pytest.mark.parametrize(
    ("text", "zone", "hour", "quiet"),
    [
        ("22:00-06:00", "UTC", 21, False),
        ("22:00-06:00", "UTC", 22, True),
        ("22:00-06:00", "UTC", 3, True),
        ("22:00-06:00", "UTC", 6, False),
        ("12:00-13:00", "UTC", 12, True),
        ("12:00-13:00", "UTC", 13, False),
        ("12:00-13:00", "Europe/Berlin", 10, True),  # summer time: 12:00 there
        ("12:00-13:00", "Europe/Berlin", 12, False),
    ],
)
def test_quiet_hours_are_hours_of_the_configured_place(text: str, zone: str, hour: int, quiet: bool) -> None:
    hours = quiet_hours(text, zone)

    assert hours is not None
    assert hours.covers(datetime(2026, 7, 1, hour, 0, tzinfo=UTC)) is quiet


def test_no_text_means_no_quiet_hours() -> None:
    assert quiet_hours("", "UTC") is None
