"""The fields of a JSON request body, checked one by one as GitHub checks them."""

from __future__ import annotations

import json
from typing import Any

from syncer.sandbox.github import problems

MISSING: Any = object()


class Fields:
    """A request body; asking for a field of the wrong type is a 422."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    @classmethod
    def read(cls, body: bytes) -> Fields:
        """Decode a body; nothing counts as an empty object."""
        if not body:
            return cls({})
        try:
            values = json.loads(body)
        except ValueError:
            raise problems.problem(400, "Problems parsing JSON") from None
        if not isinstance(values, dict):
            raise problems.problem(400, "Body should be a JSON object")
        return cls(values)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """A string; absent or null is the default."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str):
            raise problems.invalid_request(f"For 'properties/{name}', {_shown(value)} is not a string.")
        return value

    def required(self, name: str) -> str:
        """A string that must be there."""
        if self.values.get(name) is None:
            raise problems.invalid_request(f'"{name}" wasn\'t supplied.')
        return self.text(name)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean."""
        value = self.values.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise problems.invalid_request(f"For 'properties/{name}', {_shown(value)} is not a boolean.")
        return value

    def number(self, name: str) -> int | None:
        """An integer, or ``None`` for absent and null."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, str) and value.isdecimal():
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise problems.invalid_request(f"For 'properties/{name}', {_shown(value)} is not an integer.")
        return value

    def entries(self, name: str) -> list[Any]:
        """A list; absent or null is an empty one."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise problems.invalid_request(f"For 'properties/{name}', {_shown(value)} is not an array.")
        return value

    def nested(self, name: str) -> Fields:
        """An object; absent or null is an empty one."""
        value = self.values.get(name)
        if value is None:
            return Fields({})
        if not isinstance(value, dict):
            raise problems.invalid_request(f"For 'properties/{name}', {_shown(value)} is not an object.")
        return Fields(value)

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        """A word out of a few; absent or null is the empty string."""
        value = self.text(name)
        if name in self.values and self.values[name] is not None and value not in allowed:
            words = ", ".join(allowed)
            raise problems.invalid_request(
                f'"{value}" is not a possible value. Must be one of the following: {words}.'
            )
        return value


def _shown(value: object) -> str:
    return "nil" if value is None else json.dumps(value)[:80]
