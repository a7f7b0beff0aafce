"""Routes over percent-encoded paths: one table of templates per forge.

A template is written as the forges' documentation writes it, ``/repos/{owner}/{repo}/issues``; ``{name}``
stands for one segment and ``{name:path}`` for one or more. Values are decoded after matching, so that an
encoded slash never splits a segment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import unquote

from syncer.sandbox.exchange import Answer

C = TypeVar("C")

Needs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Route(Generic[C]):
    """One operation.

    Args:
        template: the path with names in braces, as the documentation prints it.
        creates: what it creates, if it creates content: ``issue``, ``comment``, ``commit`` …
        needs: the permissions, any of which a fine-grained credential must have: area and level.
    """

    method: str
    template: str
    pattern: re.Pattern[str]
    handler: Callable[[C], Answer]
    creates: str = ""
    needs: Needs = ()


class Routes(Generic[C]):
    """The operations of one resource; handlers register themselves with the decorators."""

    def __init__(self) -> None:
        self.table: list[Route[C]] = []

    def add(
        self, method: str, template: str, *, creates: str = "", needs: str = ""
    ) -> Callable[[Callable[[C], Answer]], Callable[[C], Answer]]:
        """Register a handler for a method and a path template."""

        def register(handler: Callable[[C], Answer]) -> Callable[[C], Answer]:
            self.table.append(
                Route(
                    method,
                    re.sub(r":path\}", "}", template),
                    _compile(template),
                    handler,
                    creates,
                    _read_needs(needs),
                )
            )
            return handler

        return register

    def get(
        self, template: str, *, needs: str = ""
    ) -> Callable[[Callable[[C], Answer]], Callable[[C], Answer]]:
        return self.add("GET", template, needs=needs)

    def post(
        self, template: str, *, creates: str = "", needs: str = ""
    ) -> Callable[[Callable[[C], Answer]], Callable[[C], Answer]]:
        return self.add("POST", template, creates=creates, needs=needs)

    def put(
        self, template: str, *, creates: str = "", needs: str = ""
    ) -> Callable[[Callable[[C], Answer]], Callable[[C], Answer]]:
        return self.add("PUT", template, creates=creates, needs=needs)

    def patch(
        self, template: str, *, creates: str = "", needs: str = ""
    ) -> Callable[[Callable[[C], Answer]], Callable[[C], Answer]]:
        return self.add("PATCH", template, creates=creates, needs=needs)

    def delete(
        self, template: str, *, creates: str = "", needs: str = ""
    ) -> Callable[[Callable[[C], Answer]], Callable[[C], Answer]]:
        return self.add("DELETE", template, creates=creates, needs=needs)


@dataclass(frozen=True, slots=True)
class Match(Generic[C]):
    """A route that fits a request, and the decoded values of its names."""

    route: Route[C]
    values: dict[str, str]


class Router(Generic[C]):
    """All routes of one forge. The first one registered that fits is taken."""

    def __init__(self, parts: Iterable[Routes[C]]) -> None:
        self._by_method: dict[str, list[Route[C]]] = {}
        for part in parts:
            for route in part.table:
                self._by_method.setdefault(route.method, []).append(route)

    def find(self, method: str, raw_path: str) -> Match[C] | None:
        """The route for a method and a percent-encoded path."""
        for route in self._by_method.get("GET" if method == "HEAD" else method, ()):
            found = route.pattern.fullmatch(raw_path)
            if found is not None:
                return Match(route, {name: unquote(value) for name, value in found.groupdict().items()})
        return None

    def known(self, raw_path: str) -> bool:
        """Whether the path exists for any method."""
        return any(
            route.pattern.fullmatch(raw_path) for routes in self._by_method.values() for route in routes
        )

    @property
    def templates(self) -> list[tuple[str, str]]:
        """Every method and template, sorted."""
        return sorted(
            (route.method, route.template) for routes in self._by_method.values() for route in routes
        )


def _compile(template: str) -> re.Pattern[str]:
    pattern = re.sub(
        r"\{(\w+):path\}", r"(?P<\1>.+)", re.escape(template).replace(r"\{", "{").replace(r"\}", "}")
    )
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern))


def _read_needs(text: str) -> Needs:
    pairs = [part.strip().partition("=") for part in text.split(";") if part.strip()]
    return tuple((area, level) for area, _, level in pairs)
