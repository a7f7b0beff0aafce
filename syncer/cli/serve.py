"""``syncer serve`` and ``syncer worker``: the daemon."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from syncer.cli.shared import Exit, config_option, reports_errors

if TYPE_CHECKING:
    from syncer.serving.service import Role

P = ParamSpec("P")
T = TypeVar("T")


def log_level_option(command: Callable[P, T]) -> Callable[P, T]:
    """``--log-level``."""
    return click.option(
        "--log-level",
        type=click.Choice(["debug", "info", "warning", "error"]),
        default="info",
        show_default=True,
        envvar="SYNCER_LOG_LEVEL",
    )(command)


@click.command("serve")
@config_option
@log_level_option
@reports_errors
def serve_command(config: Path | None, log_level: str) -> None:
    """Keep everything in agreement until told to stop.

    Looks at every project when the schedule says so and when a webhook does; serves /webhooks/FORGE,
    /healthz, /readyz, /metrics and /status.json. SIGTERM ends it at the next safe point, SIGHUP or a
    changed file makes it read its configuration again.
    """
    from syncer.serving.service import Role

    run(config, log_level, Role.SERVE)


@click.command("worker")
@config_option
@log_level_option
@reports_errors
def worker_command(config: Path | None, log_level: str) -> None:
    """Sync what waits in PostgreSQL, beside any number of other workers, until told to stop.

    For engine = "procrastinate": `syncer serve` then only listens and ticks. Signals as there. Health,
    metrics and status are served where serve.status_listen says so.
    """
    from syncer.serving.service import Role

    run(config, log_level, Role.WORK)


def run(config: Path | None, log_level: str, role: Role) -> None:
    """Run a daemon until a signal ends it."""
    from syncer import logs
    from syncer.observability.traces import tracing
    from syncer.serving.doors import doors
    from syncer.serving.service import service
    from syncer.settings import find_file

    logs.configure(level=log_level, everything=True)
    path = find_file(config).absolute()
    with tracing(), _signals() as (stop, reload):
        made = service(path, stop, role)
        listeners = doors(made, path.parent, role)
        made.daemon.start()
        for listener in listeners:
            listener.start()
        made.daemon.wait(stop, reload)
        for listener in listeners:
            listener.stop()
        late = made.daemon.stop(made.serve.grace)
    if late:
        # Threads that do not end must not keep the process: whatever they are at survives a kill.
        sys.stderr.flush()
        os._exit(Exit.FAILED)
    sys.exit(Exit.FINE)


@contextmanager
def _signals() -> Iterator[tuple[threading.Event, threading.Event]]:
    """Events for "stop" and "read the configuration again". A second request to stop ends us at once."""
    stop, reload = threading.Event(), threading.Event()

    def on_stop(number: int, _frame: Any) -> None:
        if stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.set()
        reload.set()  # whoever waits for either wakes up

    def on_reload(_number: int, _frame: Any) -> None:
        reload.set()

    handlers = {signal.SIGINT: on_stop, signal.SIGTERM: on_stop, signal.SIGHUP: on_reload}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield stop, reload
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
