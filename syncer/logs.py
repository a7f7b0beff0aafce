"""Structured logs: JSON where nobody is looking, a readable line on a terminal, never a secret."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

_MASK = "[secret]"


class Redactor:
    """Replaces known secrets wherever they stand. The last processor before rendering.

    Args:
        secrets: the texts that must never be seen.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted({text for text in secrets if len(text) >= 4}, key=len, reverse=True)

    def add(self, secret: str) -> None:
        """Hide one more text from now on."""
        if len(secret) >= 4 and secret not in self._secrets:
            self._secrets = sorted([*self._secrets, secret], key=len, reverse=True)

    def clean(self, value: Any) -> Any:
        """A value of any shape with every secret masked."""
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, _MASK)
            return value
        if isinstance(value, dict):
            return {self.clean(key): self.clean(each) for key, each in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return type(value)(self.clean(each) for each in value)
        if isinstance(value, (int, float, bool)) or value is None:
            return value
        return self.clean(str(value))

    def __call__(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        return {key: self.clean(value) for key, value in event.items()}


REDACTOR = Redactor()
"""The one that is in use; whoever learns of a secret tells it."""


def configure(*, level: str = "warning", json: bool | None = None, everything: bool = False) -> None:
    """Set up logging to standard error.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``.
        json: one JSON object a line; by default wherever standard error is no terminal.
        everything: what libraries log, from warnings upwards, goes the same way, secrets masked.
    """
    as_json = not sys.stderr.isatty() if json is None else json
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(tracebacks)
            if as_json
            else structlog.processors.format_exc_info,
            REDACTOR,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    if everything:
        _take_over()


class _Bridge(logging.Handler):
    """Hands what libraries log to structlog, so that it is masked and written like everything else."""

    def emit(self, record: logging.LogRecord) -> None:
        problem = record.exc_info if record.exc_info and record.exc_info[0] is not None else None
        say = get(record.name).error if record.levelno >= logging.ERROR else get(record.name).warning
        say(record.getMessage(), exc_info=problem)


def _take_over() -> None:
    root = logging.getLogger()
    root.handlers[:] = [_Bridge(level=logging.WARNING)]
    root.setLevel(logging.WARNING)


def get(name: str) -> Any:
    """A logger."""
    return structlog.get_logger(name)
