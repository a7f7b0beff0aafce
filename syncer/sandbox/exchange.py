"""A request and its answer, independent of any web framework."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal
from urllib.parse import parse_qsl

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Incoming:
    """A request as it came in.

    Args:
        raw_path: the path still percent-encoded, as GitLab's project paths need it.
        headers: by lower-case name.
        base: scheme, host and port as the client addressed them; links in answers begin with it.
    """

    method: str
    raw_path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    base: str

    @property
    def target(self) -> str:
        return f"{self.raw_path}?{self.query_string}" if self.query_string else self.raw_path

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The query string's names and values, in order."""
        return parse_qsl(self.query_string, keep_blank_values=True)

    @cached_property
    def query(self) -> dict[str, str]:
        """The query string with the last value of each name."""
        return dict(self.pairs)

    def values(self, name: str) -> list[str]:
        """All values of a name, ``name[]`` included."""
        return [value for key, value in self.pairs if key in (name, f"{name}[]")]


@dataclass(slots=True)
class Answer:
    """What goes back.

    Args:
        body: bytes as they are, ``None`` for nothing, anything else as JSON.
        created: how many objects the request created.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON
    created: int = 0
    listing: bool = False

    def encoded(self) -> bytes:
        """The bytes of the body."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "surrogatepass"
        )


class Refusal(Exception):
    """A handler declines; the answer says how."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is special about one request: how late its replica is, and what is withheld.

    Args:
        list_moment: the moment whose state lists show; ``None`` for the present.
        cut: whether lists come empty or with their first half only.
    """

    list_moment: datetime | None = None
    cut: Literal["", "empty", "partial"] = ""

    def withheld(self, entries: list[Any]) -> list[Any]:
        """The entries that are left of a list."""
        if self.cut == "empty":
            return []
        return entries[: len(entries) // 2] if self.cut == "partial" else entries
