"""Stretches of work that somebody may want to see: a door for tracing, closed by default.

Whoever works says when something begins and ends; :mod:`syncer.observability.traces` looks in where
OpenTelemetry is installed and wanted. Attributes are names, numbers and outcomes, never texts of people
and never secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Attribute = str | int | float | bool
Note = Callable[[Mapping[str, Attribute]], None]
"""Adds attributes to a span that is under way."""


class Tracer(Protocol):
    """Whoever looks in."""

    def span(self, name: str, attributes: Mapping[str, Attribute]) -> AbstractContextManager[Note]:
        """A stretch of work, as long as the context lasts."""


_tracers: list[Tracer] = []


@contextmanager
def looking_in(tracer: Tracer) -> Iterator[None]:
    """Show every span to a tracer until the block ends."""
    _tracers.append(tracer)
    try:
        yield
    finally:
        _tracers.remove(tracer)


@contextmanager
def span(name: str, **attributes: Attribute) -> Iterator[Note]:
    """A stretch of work; also a decorator.

    Args:
        name: from a small set, such as ``plan``.
        attributes: what tells it from others of that name.
    """
    if not _tracers:
        yield _nobody
        return
    with _tracers[-1].span(name, attributes) as note:
        yield note


def _nobody(attributes: Mapping[str, Attribute]) -> None:
    """Nobody looks."""
    del attributes
