"""The parameters of a request, wherever they stand: JSON body, form body, query string."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl

from syncer.sandbox.exchange import Incoming
from syncer.sandbox.gitlab import problems, times

_TRUE = ("true", "1", "t", "yes", "on")
_FALSE = ("false", "0", "f", "no", "off")


class Fields:
    """The parameters by name."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    @classmethod
    def read(cls, incoming: Incoming) -> Fields:
        """Gather the parameters of a request; the body wins over the query string."""
        values: dict[str, Any] = {}
        _gather(values, incoming.pairs)
        if not incoming.body:
            return cls(values)
        kind = incoming.headers.get("content-type", "")
        if kind.startswith("application/x-www-form-urlencoded"):
            _gather(values, parse_qsl(incoming.body.decode("utf-8", "replace"), keep_blank_values=True))
            return cls(values)
        try:
            body = json.loads(incoming.body)
        except ValueError:
            raise problems.bad_request("400 Bad request - Invalid json") from None
        if isinstance(body, dict):
            values.update(body)
        return cls(values)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """A string; absent or null is the default."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, (dict, list)):
            raise problems.invalid(f"{name} is invalid")
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value)

    def required(self, name: str) -> str:
        """A string that must be there."""
        if self.values.get(name) is None:
            raise problems.invalid(f"{name} is missing")
        return self.text(name)

    def one_of(self, name: str, allowed: tuple[str, ...], default: str = "") -> str:
        """A word out of a few."""
        value = self.text(name, default)
        if value and value not in allowed:
            raise problems.invalid(f"{name} does not have a valid value")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean, in any of the ways GitLab takes it."""
        value = self.text(name).lower()
        if not value:
            return default
        if value not in _TRUE + _FALSE:
            raise problems.invalid(f"{name} is invalid")
        return value in _TRUE

    def number(self, name: str) -> int | None:
        """An integer; ``None`` for absent, null and empty."""
        value = self.text(name)
        if not value:
            return None
        if not value.lstrip("-").isdecimal():
            raise problems.invalid(f"{name} is invalid")
        return int(value)

    def words(self, name: str) -> list[str]:
        """A list of words: an array, or one text with commas between them."""
        value = self.values.get(name, self.values.get(f"{name}[]"))
        if value is None:
            return []
        parts = value if isinstance(value, list) else str(value).split(",")
        return [str(part).strip() for part in parts if str(part).strip()]

    def numbers(self, name: str) -> list[int]:
        """A list of integers."""
        found = self.words(name)
        if any(not word.isdecimal() for word in found):
            raise problems.invalid(f"{name} is invalid")
        return [int(word) for word in found]

    def moment(self, name: str) -> datetime | None:
        """A moment."""
        value = self.text(name)
        if not value:
            return None
        try:
            return times.read(value)
        except ValueError:
            raise problems.invalid(f"{name} is invalid") from None

    def day(self, name: str) -> date | None:
        """A calendar date; absent, null and empty are none."""
        value = self.text(name)
        if not value:
            return None
        try:
            return times.read_date(value)
        except ValueError:
            raise problems.invalid(f"{name} is invalid") from None


def _gather(values: dict[str, Any], pairs: list[tuple[str, str]]) -> None:
    for name, value in pairs:
        if name.endswith("[]"):
            values.setdefault(name[:-2], []).append(value)
        elif name.startswith("not["):
            values.setdefault("not", {})[name[4:-1]] = value
        else:
            values[name] = value
