"""What several commands share: options, errors, signals, exit codes."""

from __future__ import annotations

import functools
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from syncer.errors import Move, SyncerError, UnresolvedReference

P = ParamSpec("P")
T = TypeVar("T")


class Exit(IntEnum):
    """Exit codes, documented in the help and in the manual."""

    FINE = 0
    FAILED = 1
    USAGE = 2
    PARTIAL = 3
    HELD = 4
    DRIFT = 10


_SEVERITY = (Exit.FAILED, Exit.PARTIAL, Exit.HELD, Exit.DRIFT, Exit.FINE)


def worst(codes: list[Exit]) -> Exit:
    """The code that a process ends with when its projects ended differently."""
    return next((code for code in _SEVERITY if code in codes), Exit.FINE)


def config_option(command: Callable[P, T]) -> Callable[P, T]:
    """``--config FILE``."""
    return click.option(
        "-c",
        "--config",
        "config",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Configuration file. Default: $SYNCER_CONFIG, else syncer.toml here.",
    )(command)


def project_option(command: Callable[P, T]) -> Callable[P, T]:
    """``--project NAME``, as often as wanted."""
    return click.option(
        "-p", "--project", "projects", multiple=True, metavar="NAME", help="Only this project."
    )(command)


def json_option(command: Callable[P, T]) -> Callable[P, T]:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(command)


def reports_errors(command: Callable[P, T]) -> Callable[P, T]:
    """Print errors made on purpose as text for people, and exit with 1.

    A name that means nothing, or several things, is wrong usage.
    """

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except UnresolvedReference as error:
            print_error(error)
            for candidate in error.candidates:
                click.echo(f"     {candidate}", err=True)
            sys.exit(Exit.USAGE)
        except SyncerError as error:
            print_error(error)
            sys.exit(Exit.FAILED)

    return wrapped


def print_error(error: SyncerError, *, project: str = "") -> None:
    """Say what happened, where, and what to do next."""
    place = ": ".join(part for part in (project, error.where) if part)
    click.echo(f"syncer: {place + ': ' if place else ''}{error.what}", err=True)
    if error.next_step:
        click.echo(f"  -> {error.next_step}", err=True)
    if error.move is Move.BUG:
        click.echo("  -> this is a defect of syncer; please report it", err=True)


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set. A second signal ends the process at once."""
    stop = threading.Event()

    def handler(number: int, _frame: Any) -> None:
        if stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.set()
        click.echo("syncer: stopping at the next safe point", err=True)

    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
