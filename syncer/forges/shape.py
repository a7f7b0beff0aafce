"""Reading JSON whose shape an API promises. A broken promise is :class:`~syncer.errors.Garbled`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from syncer.errors import Garbled

T = TypeVar("T")


def record(value: object, what: str) -> Mapping[str, Any]:
    """An object."""
    if isinstance(value, dict):
        return value
    raise _broken(what, "an object", value)


def records(value: object, what: str) -> list[Mapping[str, Any]]:
    """A list of objects."""
    if isinstance(value, list):
        return [record(entry, what) for entry in value]
    raise _broken(what, "a list", value)


def text(data: Mapping[str, Any], key: str) -> str:
    """A text."""
    return _of(str, data, key, "a text")


def optional_text(data: Mapping[str, Any], key: str) -> str:
    """A text, or "" where there is none."""
    return "" if data.get(key) is None else text(data, key)


def number(data: Mapping[str, Any], key: str) -> int:
    """A whole number."""
    value = data.get(key)
    if isinstance(value, bool):
        raise _broken(key, "a number", value)
    return _of(int, data, key, "a number")


def flag(data: Mapping[str, Any], key: str, default: bool = False) -> bool:
    """Yes or no; the default where nothing is said."""
    return default if data.get(key) is None else _of(bool, data, key, "true or false")


def part(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object inside an object; an empty one where there is none."""
    return {} if data.get(key) is None else record(data[key], key)


def moment(data: Mapping[str, Any], key: str) -> datetime:
    """A moment, aware, UTC."""
    value = text(data, key)
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise _broken(key, "a moment", value) from None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def day(value: str, what: str) -> date:
    """A calendar date, ``YYYY-MM-DD``."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise _broken(what, "a date", value) from None


def login(data: Mapping[str, Any], key: str) -> str:
    """Who did something; ``ghost`` where the account is gone, as GitHub shows it."""
    person = part(data, key)
    return optional_text(person, "login") or optional_text(person, "username") or "ghost"


def _of(kind: type[T], data: Mapping[str, Any], key: str, wanted: str) -> T:
    value = data.get(key)
    if isinstance(value, kind):
        return value
    raise _broken(key, wanted, value)


def _broken(what: str, wanted: str, value: object) -> Garbled:
    return Garbled(
        f"the forge's answer has {type(value).__name__} for {what!r} where the API promises {wanted}",
        next_step="please report this, with the forge's version",
    )
