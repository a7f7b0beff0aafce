"""``syncer serve``: the daemon."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from syncer.cli.shared import Exit, config_option, reports_errors


@click.command("serve")
@config_option
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    envvar="SYNCER_LOG_LEVEL",
)
@reports_errors
def serve_command(config: Path | None, log_level: str) -> None:
    """Keep everything in agreement until told to stop.

    Looks at every project when the schedule says so and when a webhook does; serves /webhooks/FORGE,
    /healthz, /readyz, /metrics and /status.json. SIGTERM ends it at the next safe point, SIGHUP or a
    changed file makes it read its configuration again.
    """
    from syncer import logs
    from syncer.serving.doors import doors
    from syncer.serving.service import service
    from syncer.settings import find_file

    logs.configure(level=log_level, everything=True)
    path = find_file(config).absolute()
    with _signals() as (stop, reload):
        made = service(path, stop)
        listeners = doors(made, path.parent)
        made.daemon.start()
        for door in listeners:
            door.start()
        made.daemon.wait(stop, reload)
        for door in listeners:
            door.stop()
        late = made.daemon.stop(made.serve.grace)
    sys.exit(Exit.FAILED if late else Exit.FINE)


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
