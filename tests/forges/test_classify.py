from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncer.errors import (
    Forbidden,
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
from syncer.forges.answer import Answer
from syncer.forges.classify import classify, is_write

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>"


def judge(
    status: int,
    body: object = None,
    headers: dict[str, str] | None = None,
    *,
    write: bool = False,
    path: str = "/repos/acme/rune/issues",
) -> SyncerError | None:
    content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    lower = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
    method = "POST" if write else "GET"
    return classify(Answer("main", method, path, write, status, lower, content), NOW)


CASES: list[tuple[int, object, dict[str, str], type[SyncerError] | None, type[SyncerError] | None]] = [
    # status, body, headers, the error of a read, the error of a write
    (200, [], {}, None, None),
    (201, {"number": 1}, {}, None, None),
    (204, b"", {}, None, None),
    (304, b"", {}, Garbled, UnknownFate),
    (202, {}, {}, Unavailable, None),
    (200, HTML, {"content_type": "text/html"}, Garbled, UnknownFate),
    (200, b"", {}, Garbled, UnknownFate),
    (200, b'{"number": 1', {}, Garbled, UnknownFate),
    (200, b'[{"number": 1}, {"num', {}, Garbled, UnknownFate),
    (301, b"", {"location": "https://elsewhere.example/"}, Moved, Moved),
    (302, b"", {}, Moved, Moved),
    (307, b"", {"location": "/repositories/1"}, Moved, Moved),
    (308, b"", {"location": "/repositories/1"}, Moved, Moved),
    (400, {"message": "bad"}, {}, Rejected, Rejected),
    (401, {"message": "Bad credentials"}, {}, Unauthorized, Unauthorized),
    (403, {"message": "Resource not accessible"}, {}, Forbidden, Forbidden),
    (403, {"message": "You have exceeded a secondary rate limit"}, {}, RateLimited, RateLimited),
    (403, {"message": "API rate limit exceeded"}, {"x_ratelimit_remaining": "0"}, RateLimited, RateLimited),
    (403, {"message": "no"}, {"retry_after": "3"}, RateLimited, RateLimited),
    (404, {"message": "Not Found"}, {}, Missing, Missing),
    (404, HTML, {"content_type": "text/html"}, Missing, Missing),
    (405, {"message": "405 Method Not Allowed"}, {}, Rejected, Rejected),
    (405, {"message": "Non GET methods are not allowed for moved projects"}, {}, Moved, Moved),
    (407, HTML, {}, Unauthorized, Unauthorized),
    (408, b"", {}, Unavailable, UnknownFate),
    (409, {"message": "conflict"}, {}, Rejected, Rejected),
    (410, {"message": "Issues are disabled"}, {}, Gone, Gone),
    (422, {"message": "Validation Failed"}, {}, Rejected, Rejected),
    (422, {"message": "was submitted too quickly"}, {}, RateLimited, RateLimited),
    (422, {"message": "Repository rule violations found"}, {}, Rejected, Protected),
    (400, {"message": "You are not allowed to push into this branch"}, {}, Rejected, Protected),
    (429, b"Retry later", {"retry_after": "7"}, RateLimited, RateLimited),
    (500, b"", {}, Unavailable, UnknownFate),
    (502, HTML, {}, Unavailable, UnknownFate),
    (503, {"message": "GitLab is in maintenance mode"}, {}, Unavailable, Unavailable),
    (503, b"", {}, Unavailable, UnknownFate),
    (504, b"", {}, Unavailable, UnknownFate),
    (599, b"", {}, Unavailable, UnknownFate),
]


@pytest.mark.parametrize(("status", "body", "headers", "read", "write"), CASES)
def test_an_answer_is_one_error_or_none(
    status: int,
    body: object,
    headers: dict[str, str],
    read: type[SyncerError] | None,
    write: type[SyncerError] | None,
) -> None:
    """Each status, body and header combination means one thing to a read and one to a write."""
    as_read, as_write = judge(status, body, headers), judge(status, body, headers, write=True)

    assert read == (None if as_read is None else type(as_read))
    assert write == (None if as_write is None else type(as_write))


GRAPHQL: list[tuple[dict[str, Any], type[SyncerError] | None]] = [
    ({"data": {"commit": {"oid": "1"}}}, None),
    ({"data": None, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}, RateLimited),
    ({"data": None, "errors": [{"message": "was submitted too quickly"}]}, RateLimited),
    ({"data": {"commit": None}, "errors": [{"type": "STALE_DATA", "message": "Expected branch"}]}, StaleHead),
    ({"data": {"commit": None}, "errors": [{"type": "NOT_FOUND", "message": "Could not resolve"}]}, Missing),
    ({"data": {"commit": None}, "errors": [{"type": "FORBIDDEN", "message": "no"}]}, Forbidden),
    ({"data": None, "errors": [{"type": "INSUFFICIENT_SCOPES", "message": "needs repo"}]}, Forbidden),
    ({"errors": [{"type": "BRANCH_PROTECTION_RULE_VIOLATION", "message": "x"}]}, Protected),
    ({"errors": [{"message": "Repository rule violations found"}]}, Protected),
    (
        {"errors": [{"extensions": {"code": "undefinedField"}, "message": "Field 'x' doesn't exist"}]},
        Rejected,
    ),
    ({"errors": [{"message": "Something went wrong while executing your query"}]}, UnknownFate),
    ({"data": {"a": {"id": 1}, "b": None}, "errors": [{"type": "FORBIDDEN", "message": "b"}]}, PartlyDone),
    ({"data": None}, UnknownFate),
    ({}, UnknownFate),
]


@pytest.mark.parametrize(("body", "expected"), GRAPHQL)
def test_graphql_errors_come_in_a_200(body: dict[str, Any], expected: type[SyncerError] | None) -> None:
    """A mutation's errors are told apart by their type, and half a success is of unknown fate."""
    error = judge(200, body, write=True, path="/api/graphql")

    assert expected == (None if error is None else type(error))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "30"}, 30),
        ({"retry_after": "Fri, 06 Mar 2026 12:00:45 GMT"}, 45),
        ({"retry_after": "Fri, 06 Mar 2026 13:00:45 GMT", "date": "Fri, 06 Mar 2026 13:00:00 GMT"}, 45),
        ({"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(NOW.timestamp()) + 90)}, 91),
        ({"ratelimit_remaining": "0", "ratelimit_reset": str(int(NOW.timestamp()) + 20)}, 21),
        ({"retry_after": "5", "x_ratelimit_remaining": "0", "x_ratelimit_reset": "1"}, 5),
        ({"x_ratelimit_remaining": "12", "x_ratelimit_reset": str(int(NOW.timestamp()) + 90)}, 60),
        ({"retry_after": "soon"}, 60),
        ({}, 60),
    ],
)
def test_the_moment_to_come_back(headers: dict[str, str], seconds: int) -> None:
    """Retry-After counts first, then the reset of an exhausted quota, then a minute; in our own time."""
    error = judge(429, {"message": "slow down"}, headers)

    assert isinstance(error, RateLimited)
    assert NOW + timedelta(seconds=seconds) == error.retry_at


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/x", b"", False),
        ("HEAD", "/x", b"", False),
        ("OPTIONS", "/x", b"", False),
        ("POST", "/x", b"", True),
        ("PATCH", "/x", b"", True),
        ("DELETE", "/x", b"", True),
        ("POST", "/graphql", b'{"query": "{ viewer { login } }"}', False),
        ("POST", "/api/graphql", b'{"query": "query Q($mutation: Int) { a(b: $mutation) { c } }"}', False),
        ("POST", "/graphql", b'{"query": "mutation { closeIssue(input: {}) { clientMutationId } }"}', True),
        ("POST", "/graphql", b'{"query": "query A { a } mutation B { b }"}', True),
        ("POST", "/graphql", b'{"query": "fragment F on T { a }"}', True),
        ("POST", "/graphql", b'{"query": "subscription { a }"}', True),
        ("POST", "/graphql", b'{"query": "not graphql ]"}', True),
        ("POST", "/graphql", b"[]", True),
        ("POST", "/graphql", b"", True),
        ("PUT", "/graphql", b'{"query": "{ a }"}', True),
    ],
)
def test_what_is_not_certainly_a_read_is_a_write(method: str, path: str, body: bytes, expected: bool) -> None:
    """GraphQL queries are reads although they are POSTs; whatever cannot be understood is a write."""
    assert expected is is_write(method, path, body)


def test_not_modified_is_fine_where_it_was_asked_for() -> None:
    """And garbled where nobody asked: there would be no content to go on with."""
    assert classify(Answer("main", "GET", "/x", False, 304, conditional=True), NOW) is None


def test_errors_say_what_where_and_what_next() -> None:
    """A validation error names the request, carries the forge's words and its field errors."""
    body = {
        "message": "Validation Failed",
        "errors": [
            {"resource": "Milestone", "field": "title", "code": "already_exists"},
            {"message": "and more"},
        ],
    }
    error = judge(422, body, write=True)

    assert isinstance(error, Rejected)
    assert "main: POST /repos/acme/rune/issues" == error.where
    assert "Validation Failed; Milestone title already_exists; and more" == error.details
    assert 422 == error.status
    assert "(nothing was changed)" in str(error)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            {"message": {"title": ["has already been taken", "is bad"]}},
            "title: has already been taken; title: is bad",
        ),
        (
            {"error": "invalid_token", "error_description": "Token is expired."},
            "invalid_token; Token is expired.",
        ),
        ({"message": "x" * 1000}, "x" * 299 + "…"),
        (b"Retry\nlater  \n please", "Retry later please"),
    ],
)
def test_what_the_forge_says_is_readable(body: object, said: str) -> None:
    """GitLab's nested messages are flattened, long ones cut, white space folded."""
    error = judge(400, body)

    assert isinstance(error, Rejected)
    assert said == error.details


def test_a_web_page_is_named_by_its_title() -> None:
    """A login page instead of JSON is recognised, and the configuration key that leads there is named."""
    error = judge(200, HTML)

    assert isinstance(error, Garbled)
    assert "a web page (Sign in)" in error.what
    assert "forges.main.url" in error.next_step


@pytest.mark.parametrize(
    ("headers", "message", "step"),
    [
        ({"x_accepted_github_permissions": "issues=write"}, "no", "the token needs: issues=write"),
        (
            {"x_github_sso": "required; url=https://github.com/orgs/a/sso"},
            "no",
            "https://github.com/orgs/a/sso",
        ),
        ({}, "Repository was archived so is read-only.", "unarchive"),
        ({}, "GH013: Repository rule violations found", "pull or merge request"),
    ],
)
def test_a_refusal_names_the_mend(headers: dict[str, str], message: str, step: str) -> None:
    """403 comes with what is missing where the forge says so."""
    error = judge(403, {"message": message}, headers, write=True)

    assert isinstance(error, Forbidden)
    assert step in error.next_step
