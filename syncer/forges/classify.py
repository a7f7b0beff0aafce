"""What an answer means: nothing wrong, or which of syncer's errors. Pure; performs no I/O.

The transport asks here before a client library sees an answer, because the libraries repeat,
follow and sleep on some of them: PyGithub waits and asks again on 202, and follows a 301 with the
same method into another repository; python-gitlab sends a request up to eleven times on 429.

    answer                                    to a read       to a write
    2xx; 304 where it was asked for           fine            fine
    202                                       Unavailable     fine
    2xx, but not the JSON that was promised   Garbled         UnknownFate
    3xx                                       Moved           Moved
    401, 407                                  Unauthorized    Unauthorized
    403                                       Forbidden, or RateLimited
    404, 410                                  Missing, Gone   Missing, Gone
    429                                       RateLimited     RateLimited
    408, 5xx                                  Unavailable     UnknownFate
    other 4xx                                 Rejected        Rejected
    GraphQL errors in a 200                   by their type; a write of which a part succeeded is UnknownFate
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from syncer.errors import (
    Forbidden,
    ForgeError,
    Garbled,
    Gone,
    Missing,
    Moved,
    PartlyDone,
    Protected,
    RateLimited,
    Rejected,
    StaleHead,
    SyncerError,
    Unauthorized,
    Unavailable,
    UnknownFate,
)
from syncer.forges.answer import Answer, shorten

FALLBACK_WAIT: Final = 60.0
"""Seconds to wait after a refusal that names no time (GitHub: "wait for at least one minute")."""

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_RATE_WORDS: Final = re.compile(
    r"rate limit|submitted too quickly|abuse detection|retry your request again later|retry later",
    re.IGNORECASE,
)
_RULE_WORDS: Final = re.compile(
    r"rule violation|protected branch|through a pull request|not allowed to push|\bGH0(06|13)\b",
    re.IGNORECASE,
)
_STANDSTILL_WORDS: Final = re.compile(r"maintenance mode|read-only (GitLab )?instance", re.IGNORECASE)
_RATE_TYPES: Final = frozenset({"RATE_LIMITED", "RATE_LIMIT"})
_RIGHTS_TYPES: Final = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES", "BRANCH_PROTECTION_RULE_VIOLATION"})
_TRANSIENT_TYPES: Final = frozenset({"INTERNAL", "SERVICE_UNAVAILABLE", "RESOURCE_LIMITS_EXCEEDED"})
_TRANSIENT_WORDS: Final = re.compile(r"something went wrong while executing|timed? ?out", re.IGNORECASE)


def is_graphql(path: str) -> bool:
    """Whether requests to this path are GraphQL documents."""
    return path.rstrip("/").endswith("/graphql")


def is_write(method: str, path: str, body: bytes) -> bool:
    """Whether a request could change something. What is not certainly a read is a write.

    A GraphQL request is a POST either way; it is a read if its document holds queries only.
    """
    if method.upper() in _READS:
        return False
    if method.upper() != "POST" or not is_graphql(path):
        return True
    from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse

    try:
        document = parse(json.loads(body)["query"])
    except (ValueError, KeyError, TypeError, GraphQLError):
        return True
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return not operations or any(node.operation is not OperationType.QUERY for node in operations)


def classify(answer: Answer, now: datetime) -> SyncerError | None:
    """The error that an answer is, or ``None`` where there is nothing wrong.

    ``now`` is our own clock's time; it turns "in 30 seconds" into a moment.
    """
    status = answer.status
    if status == 304:
        return None if answer.conditional else unreadable(answer)
    if 200 <= status < 300:
        return _judge_success(answer, now)
    if 300 <= status < 400:
        return _moved(answer)
    if status in (401, 407):
        return _unauthorized(answer)
    if status == 429 or (status in (403, 422) and _speaks_of_rates(answer)):
        return rate_limited(answer, now)
    if status == 403:
        return _forbidden(answer)
    if status in (404, 410):
        return _absent(answer)
    if status == 405 and "moved project" in answer.body[:1000].decode(errors="replace").lower():
        # GitLab: only GET is redirected (gitlab-org/gitlab!128642), everything else is refused.
        return Moved("the project has moved", where=answer.where, next_step=_MOVED_STEP, status=status)
    if status == 408 or status >= 500 or status < 200:
        return unavailable(answer)
    return _rejected(answer)


def _judge_success(answer: Answer, now: datetime) -> SyncerError | None:
    if answer.status == 202 and not answer.write:
        return Unavailable(
            "the forge is still preparing this answer", where=answer.where, next_step="try again in a moment"
        )
    if not answer.json_promised or answer.status in (204, 205):
        return None
    if not answer.looks_like_json:
        return unreadable(answer)
    if is_graphql(answer.path):
        return _judge_graphql(answer, now)
    return None


def unreadable(answer: Answer) -> SyncerError:
    """The error for a successful answer whose content cannot be read."""
    seen = answer.description
    if answer.write:
        return UnknownFate(
            f"the forge took the request and its answer cannot be read: {seen}",
            where=answer.where,
            next_step="syncer looks for the effect before it does anything else",
        )
    return Garbled(
        f"the answer is not what the API promises: {seen}",
        where=answer.where,
        next_step=f"check forges.{answer.forge}.url: it must be the API's root",
        status=answer.status,
        details=seen,
    )


def unavailable(answer: Answer) -> SyncerError:
    """The error for an answer that says the forge could not do it now."""
    text = f"the forge answered {answer.status}: {answer.description}"
    if not answer.write or _STANDSTILL_WORDS.search(answer.details):
        return Unavailable(text, where=answer.where, next_step="try again later")
    return UnknownFate(
        text, where=answer.where, next_step="syncer looks for the effect before it does anything else"
    )


def rate_limited(answer: Answer, now: datetime) -> RateLimited:
    """The error for being asked to wait, with the moment to come back."""
    until = asked_to_wait_until(answer.headers, now) or exhausted_until(answer.headers, now)
    if until is None:
        until = now + timedelta(seconds=FALLBACK_WAIT)
    seconds = max(0, round((until - now).total_seconds()))
    said = answer.details
    return RateLimited(
        f"the forge asks us to wait {seconds} s" + (f": {said}" if said else ""),
        where=answer.where,
        next_step="syncer waits, or goes on when run again",
        retry_at=until,
    )


def asked_to_wait_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """The moment that ``Retry-After`` names, in seconds or as a date, by our own clock."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        return now + timedelta(seconds=max(0.0, float(text)))
    except (ValueError, OverflowError):
        pass
    moment = http_date(text)
    return None if moment is None else max(now, moment + _skew(headers, now))


def exhausted_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the quota refills, if the headers say that nothing of it is left; by our own clock."""
    for prefix in ("x-ratelimit-", "ratelimit-"):  # GitHub's names, GitLab's names
        remaining, reset = headers.get(prefix + "remaining", ""), headers.get(prefix + "reset", "")
        try:
            if float(remaining) > 0:
                continue
            moment = datetime.fromtimestamp(float(reset), UTC)
        except (ValueError, OverflowError, OSError):
            continue
        # A second more, as GitHub's own client waits: the reset itself is given in whole seconds.
        return max(now, moment + _skew(headers, now) + timedelta(seconds=1))
    return None


def http_date(text: str) -> datetime | None:
    """A moment as HTTP writes it, or ``None``."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def clock_skew(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How far our clock is ahead of the forge's, which names moments by its own; ``None`` if unknown."""
    theirs = http_date(headers.get("date", ""))
    return None if theirs is None else now - theirs


def _skew(headers: Mapping[str, str], now: datetime) -> timedelta:
    return clock_skew(headers, now) or timedelta()


def _moved(answer: Answer) -> Moved:
    location = answer.headers.get("location", "")
    return Moved(
        f"the forge points elsewhere: {shorten(location) or 'it does not say where to'}",
        where=answer.where,
        next_step=_MOVED_STEP,
        status=answer.status,
        location=location,
    )


_MOVED_STEP: Final = "syncer follows no redirect; check the repository's name and the forge's url"


def _unauthorized(answer: Answer) -> Unauthorized:
    if answer.status == 407:
        return Unauthorized(
            "the proxy wants credentials", where=answer.where, next_step=f"check forges.{answer.forge}.proxy"
        )
    hint = f" in {answer.token_hint}" if answer.token_hint else ""
    return Unauthorized(
        f"the forge does not accept the token: {answer.details or 'no reason given'}",
        where=answer.where,
        next_step=f"check that the token{hint} is complete and has not expired",
    )


def _forbidden(answer: Answer, *, by_rule: bool = False) -> Forbidden:
    said = answer.details or "no reason given"
    by_rule = by_rule or _RULE_WORDS.search(said) is not None
    step = "give the token the rights that this needs"
    needed = answer.headers.get("x-accepted-github-permissions", "")
    sso = re.search(r"url=(\S+)", answer.headers.get("x-github-sso", ""))
    if by_rule:
        step = "let the token's user push to this branch, or let syncer use a pull or merge request"
    elif "archived" in said.lower():
        step = "the repository is archived: unarchive it, or take it out of the configuration"
    elif sso:
        step = f"authorise the token for single sign-on at {shorten(sso[1])}"
    elif needed:
        step = f"the token needs: {shorten(needed)}"
    kind = Protected if by_rule else Forbidden
    return kind(f"the forge refuses: {said}", where=answer.where, next_step=step)


def _absent(answer: Answer) -> ForgeError:
    said = answer.details
    if answer.status == 410:
        return Gone(
            f"it is gone: {said or 'deleted, or switched off'}", where=answer.where, status=410, details=said
        )
    # Both forges also answer 404 for what a token may not see or do.
    return Missing(
        f"there is no such thing, or this token may not see it: {said or 'not found'}",
        where=answer.where,
        next_step="check the name, and that the token reaches this repository",
        status=404,
        details=said,
    )


def _rejected(answer: Answer) -> SyncerError:
    said = answer.details
    if answer.write and _RULE_WORDS.search(said):
        return _forbidden(answer)
    return Rejected(
        f"the forge refuses this with {answer.status}: {said or 'no reason given'}",
        where=answer.where,
        next_step="nothing was changed",
        status=answer.status,
        details=said,
    )


def _speaks_of_rates(answer: Answer) -> bool:
    """Whether a 403 or 422 is a rate limit: GitHub uses 403 for its primary and secondary limits."""
    said = answer.details
    if answer.status == 422:
        return "submitted too quickly" in said
    if _RATE_WORDS.search(said):
        return True
    return "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining", "").strip() == "0"


def _judge_graphql(answer: Answer, now: datetime) -> SyncerError | None:
    """GraphQL reports errors inside a 200, exhausted quotas included (docs.github.com, GraphQL limits)."""
    try:
        content = json.loads(answer.body)
    except ValueError:
        return unreadable(answer)
    if not isinstance(content, dict):
        return unreadable(answer)
    errors = [entry for entry in content.get("errors") or () if isinstance(entry, dict)]
    if not errors:
        return None if content.get("data") is not None else unreadable(answer)
    data = content.get("data")
    partly = isinstance(data, dict) and any(value is not None for value in data.values())
    if answer.write and partly:
        return PartlyDone(
            f"only a part of the request took effect: {_graphql_text(errors)}",
            where=answer.where,
            next_step="syncer looks for the effect before it does anything else",
            answered=content,
        )
    return _graphql_error(answer, errors, now)


def _graphql_error(answer: Answer, errors: list[dict[str, Any]], now: datetime) -> SyncerError:
    kinds = {str(error.get("type") or _code(error)).upper() for error in errors}
    said = _graphql_text(errors)
    if kinds & _RATE_TYPES or _RATE_WORDS.search(said):
        return rate_limited(answer, now)
    if "STALE_DATA" in kinds:
        return StaleHead(
            f"the branch has moved: {said}", where=answer.where, next_step="read it again and plan again"
        )
    if kinds & _RIGHTS_TYPES or _RULE_WORDS.search(said):
        return _forbidden(answer, by_rule="BRANCH_PROTECTION_RULE_VIOLATION" in kinds)
    if kinds & _TRANSIENT_TYPES or _TRANSIENT_WORDS.search(said):
        return unavailable(answer)
    if "NOT_FOUND" in kinds:
        return Missing(
            f"there is no such thing, or this token may not see it: {said}",
            where=answer.where,
            next_step="check the name, and that the token reaches this repository",
            details=said,
        )
    return _rejected(answer)


def _code(error: dict[str, Any]) -> str:
    extensions = error.get("extensions")
    return str(extensions.get("code", "")) if isinstance(extensions, dict) else ""


def _graphql_text(errors: list[dict[str, Any]]) -> str:
    return shorten("; ".join(str(error.get("message", "no message")) for error in errors))
