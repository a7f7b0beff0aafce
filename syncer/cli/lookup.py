"""Looking up what people name, in the ledgers of the configured projects."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from syncer.cli.shared import Exit, print_error, reports_errors
from syncer.clock import SystemClock
from syncer.errors import UnresolvedReference
from syncer.model.ledger import LedgerState
from syncer.service.naming import Named, find
from syncer.settings import find_file, load
from syncer.wiring import Workshop, workshop

P = ParamSpec("P")
T = TypeVar("T")


def names_things(command: Callable[P, T]) -> Callable[P, T]:
    """Print errors made on purpose; a name that means nothing, or several things, is wrong usage."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except UnresolvedReference as error:
            print_error(error)
            for candidate in error.candidates:
                click.echo(f"     {candidate}", err=True)
            sys.exit(Exit.USAGE)

    return reports_errors(wrapped)


@contextmanager
def ledgers(config: Path | None, *, read_only: bool) -> Iterator[Workshop]:
    """The configured projects, with what is remembered about them.

    Args:
        config: the configuration's file, if one was named.
        read_only: nothing may be written, the state database included.
    """
    path = find_file(config)
    with workshop(load(path), path.parent, SystemClock(), read_only=read_only) as shop:
        yield shop


def states(shop: Workshop, projects: Sequence[str]) -> list[LedgerState]:
    """What is remembered about the chosen projects, or all."""
    return [shop.ledger.load(name) for name in shop.names(projects)]


def named(shop: Workshop, projects: Sequence[str], name: str) -> Named:
    """The one thing that a name means."""
    return find(name, states(shop, projects))
