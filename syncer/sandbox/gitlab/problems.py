"""Everything GitLab says no with, in its own shapes and words."""

from __future__ import annotations

from typing import Any

from syncer.sandbox.exchange import Answer, Refusal


def problem(status: int, message: Any, *, headers: dict[str, str] | None = None) -> Refusal:
    """An error with a message: a text, or the model's complaints by attribute."""
    return Refusal(Answer(status, {"message": message}, headers or {}))


def unauthorized() -> Refusal:
    """401."""
    return problem(401, "401 Unauthorized")


def invalid_token(why: str) -> Refusal:
    """401 for a credential that was good once."""
    return Refusal(Answer(401, {"error": "invalid_token", "error_description": why}))


def insufficient_scope(needed: str) -> Refusal:
    """403 for a credential whose scopes are too small."""
    body = {
        "error": "insufficient_scope",
        "error_description": "The request requires higher privileges than provided by the access token.",
        "scope": needed,
    }
    return Refusal(Answer(403, body))


def forbidden(reason: str = "") -> Refusal:
    """403."""
    return problem(403, f"403 Forbidden - {reason}" if reason else "403 Forbidden")


def not_found(what: str = "") -> Refusal:
    """404; a resource is named where GitLab names it."""
    return problem(404, f"404 {what} Not Found" if what else "404 Not Found")


def bad_request(message: str) -> Refusal:
    """400 with a plain message."""
    return problem(400, message)


def invalid(parameter: str) -> Refusal:
    """400 for a parameter that the API definition does not allow."""
    return Refusal(Answer(400, {"error": parameter}))


def rejected(**complaints: str) -> Refusal:
    """400 with the model's complaints."""
    return problem(400, {attribute: [complaint] for attribute, complaint in complaints.items()})


def conflict(message: Any) -> Refusal:
    """409."""
    return problem(409, message)
