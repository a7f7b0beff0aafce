"""Everything GitHub says no with, in its own shapes and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from syncer.sandbox.exchange import Answer, Refusal

DOCS = "https://docs.github.com/rest"


def problem(status: int, message: str, *, docs: str = DOCS, headers: dict[str, str] | None = None) -> Refusal:
    """A plain error: message, documentation address, status."""
    body = {"message": message, "documentation_url": docs, "status": str(status)}
    return Refusal(Answer(status, body, headers or {}))


def not_found() -> Refusal:
    """404, also for what one may not even know about."""
    return problem(404, "Not Found")


def bad_credentials() -> Refusal:
    """401 for a credential that is unknown, revoked or expired."""
    return problem(401, "Bad credentials")


def needs_authentication() -> Refusal:
    """401 for a request without a credential that needs one."""
    return problem(401, "Requires authentication")


def forbidden(message: str = "Must have admin rights to Repository.") -> Refusal:
    """403 for a known credential whose rights are too small."""
    return problem(403, message)


def archived() -> Refusal:
    """403 for writing to an archived repository."""
    return problem(403, "Repository was archived so is read-only.")


def gone(message: str) -> Refusal:
    """410 for what was there and is not any more, or is switched off."""
    return problem(410, message)


def conflict(message: str) -> Refusal:
    """409."""
    return problem(409, message)


def unprocessable(message: str) -> Refusal:
    """422 with a plain message."""
    return problem(422, message)


def invalid_request(reason: str) -> Refusal:
    """422 for a body that does not fit the schema."""
    return unprocessable(f"Invalid request.\n\n{reason}")


def field_error(
    resource: str, field: str, code: str, *, message: str = "", value: Any = None
) -> dict[str, Any]:
    """One entry of a validation failure."""
    entry: dict[str, Any] = {"resource": resource, "code": code, "field": field}
    if message:
        entry["message"] = message
    if value is not None:
        entry["value"] = value
    return entry


def validation_failed(*errors: dict[str, Any]) -> Refusal:
    """422 with a list of what is wrong."""
    body = {
        "message": "Validation Failed",
        "errors": list(errors),
        "documentation_url": DOCS,
        "status": "422",
    }
    return Refusal(Answer(422, body))


def custom(resource: str, field: str, message: str) -> Refusal:
    """422 with one sentence about one field."""
    return validation_failed(field_error(resource, field, "custom", message=message))


def rule_violation(texts: Sequence[str], *, status: int) -> Refusal:
    """The refusal of a ruleset: 409 when writing contents, 422 when moving a ref."""
    body = {
        "message": "Repository rule violations found\n\n" + "".join(f"{text}\n\n" for text in texts),
        "documentation_url": DOCS,
        "status": str(status),
        "metadata": {},
    }
    return Refusal(Answer(status, body))


def moved(location: str, *, status: int = 301) -> Refusal:
    """A redirect; its body names the new address as well."""
    body = {
        "message": "Moved Permanently",
        "url": location,
        "documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api"
        "#follow-redirects",
    }
    return Refusal(Answer(status, body, {"location": location}))
