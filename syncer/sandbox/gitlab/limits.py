"""GitLab's rate limits on the wire: headers, and the plain text that says "later"."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime

from syncer.sandbox.exchange import Answer
from syncer.sandbox.limits import Meter

MINUTE = timedelta(minutes=1)
THROTTLE = "throttle_authenticated_api"
TEXT = "text/plain"


def use(meter: Meter, who: str, now: datetime) -> tuple[bool, dict[str, str]]:
    """Use one request; the headers tell how things stand."""
    allowed, value = meter.windows.use(who, THROTTLE, meter.limits.gitlab_per_minute, now, MINUTE)
    headers = {
        "ratelimit-limit": str(value.limit),
        "ratelimit-name": THROTTLE,
        "ratelimit-observed": str(value.used),
        "ratelimit-remaining": str(value.remaining),
        "ratelimit-reset": str(int(value.reset.timestamp())),
        "ratelimit-resettime": format_datetime(value.reset, usegmt=True),
    }
    if not allowed:
        headers["ratelimit-observed"] = str(value.limit + 1)
        headers["ratelimit-remaining"] = "0"
        headers["retry-after"] = str(max(1, int((value.reset - now).total_seconds())))
    return allowed, headers


def later(retry_after: int) -> Answer:
    """429 as the throttle in front of the application says it."""
    return Answer(429, b"Retry later\n", {"retry-after": str(retry_after)}, TEXT)


def too_often() -> Answer:
    """429 as the application itself says it, of issues and notes; without a hint how long."""
    message = {"error": "This endpoint has been requested too many times. Try again later."}
    return Answer(429, {"message": message})


def within(meter: Meter, what: str, who: str, now: datetime) -> bool:
    """Whether one more issue or note may be created."""
    limits = {"issue": meter.limits.gitlab_issues_per_minute, "note": meter.limits.gitlab_notes_per_minute}
    return meter.slidings.use(who, f"gitlab {what}", limits.get(what), now, MINUTE)
