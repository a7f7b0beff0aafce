"""GitHub's rate limits on the wire: headers, and the shapes of every refusal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from syncer.sandbox.exchange import Answer
from syncer.sandbox.github.access import Asker
from syncer.sandbox.limits import Meter, Standing

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DOCS = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"
SECONDARY = f"{DOCS}#about-secondary-rate-limits"


def standing(meter: Meter, asker: Asker, now: datetime, resource: str) -> Standing:
    """How an asker stands with one resource: ``core``, ``graphql`` or ``search``."""
    return meter.windows.standing(asker.who, resource, _limit(meter, asker, resource), now, HOUR)


def exhausted(meter: Meter, asker: Asker, now: datetime, *, graphql: bool) -> bool:
    """Whether the primary limit is used up."""
    return standing(meter, asker, now, "graphql" if graphql else "core").remaining == 0


def spend(meter: Meter, asker: Asker, now: datetime, points: int, *, graphql: bool) -> None:
    """Use some of the primary limit."""
    resource = "graphql" if graphql else "core"
    limit = _limit(meter, asker, resource)
    if not meter.windows.use(asker.who, resource, limit, now, HOUR, points)[0] and limit is not None:
        left = meter.windows.standing(asker.who, resource, limit, now, HOUR).remaining
        meter.windows.use(asker.who, resource, limit, now, HOUR, left)


def within_points(meter: Meter, who: str, template: str, cost: int, now: datetime, *, graphql: bool) -> bool:
    """Use points of the secondary limit of one endpoint; False where there are too few."""
    limit = meter.limits.graphql_points_per_minute if graphql else meter.limits.points_per_minute
    return meter.slidings.use(who, f"points {template}", limit, now, MINUTE, cost)


def measured(meter: Meter, *, enterprise: bool) -> bool:
    """Whether a host counts at all; an enterprise host does so only where it has limits."""
    return not enterprise or meter.limits.requests_per_hour is not None


def headers(meter: Meter, asker: Asker, now: datetime, *, graphql: bool) -> dict[str, str]:
    """The headers of every answer of a host that counts."""
    resource = "graphql" if graphql else "core"
    return _as_headers(standing(meter, asker, now, resource), resource)


def primary(who: str, now: datetime, *, graphql: bool) -> Answer:
    """The primary limit is used up; GraphQL says so in a 200."""
    subject = who.replace("user:", "user ID ") if who != "anonymous" else "127.0.0.1"
    message = f"API rate limit exceeded for {subject}."
    resource = "graphql" if graphql else "core"
    marks = _as_headers(Standing(5_000, 5_000, now + HOUR), resource)
    if graphql:
        body: dict[str, Any] = {"errors": [{"type": "RATE_LIMITED", "message": message}]}
        return Answer(200, body, marks)
    return Answer(403, {"message": message, "documentation_url": DOCS, "status": "403"}, marks)


def secondary(status: int, retry_after: int | None) -> Answer:
    """A secondary limit, with or without a hint how long."""
    message = (
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
        "If you reach out to GitHub Support for help, please include the request ID."
    )
    body = {"message": message, "documentation_url": SECONDARY, "status": str(status)}
    return Answer(status, body, {} if retry_after is None else {"retry-after": str(retry_after)})


def secondary_of(meter: Meter) -> Answer:
    """The secondary limit in the shape that the limits ask for."""
    return secondary(meter.limits.secondary_status, meter.limits.secondary_retry_after)


def creation_of(meter: Meter) -> Answer:
    """Too much content was created."""
    answer = secondary_of(meter)
    answer.body["message"] = (
        "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. "
        "Please retry your request again later."
    )
    return answer


def _limit(meter: Meter, asker: Asker, resource: str) -> int | None:
    if asker.user is None and asker.app is None:
        return meter.limits.anonymous_per_hour
    return meter.limits.graphql_per_hour if resource == "graphql" else meter.limits.requests_per_hour


def _as_headers(value: Standing, resource: str) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(value.limit),
        "x-ratelimit-remaining": str(value.remaining),
        "x-ratelimit-used": str(value.used),
        "x-ratelimit-reset": str(int(value.reset.timestamp())),
        "x-ratelimit-resource": resource,
    }
