"""How far a long run is: a bar on a terminal, silence elsewhere."""

from __future__ import annotations

import os
import sys
from typing import Any


class Silent:
    """Says nothing."""

    def start(self, total: int, what: str) -> None: ...

    def step(self, what: str) -> None: ...

    def waiting(self, seconds: float, why: str) -> None: ...

    def finish(self) -> None: ...


class Bar:
    """A progress bar on standard error."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None

    def start(self, total: int, what: str) -> None:
        if total < 2:
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.fields[project]}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
            console=Console(stderr=True, no_color=bool(os.environ.get("NO_COLOR"))),
            transient=True,
        )
        self._bar.start()
        self._task = self._bar.add_task("", total=total, project=what)

    def step(self, what: str) -> None:
        if self._bar is not None:
            self._bar.update(self._task, advance=1, description=what[:60])

    def waiting(self, seconds: float, why: str) -> None:
        if self._bar is not None and seconds >= 1:
            self._bar.update(self._task, description=f"waiting {seconds:.0f} s {why}"[:80])

    def finish(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def progress() -> Silent | Bar:
    """What fits the place where we run."""
    return Bar() if sys.stderr.isatty() else Silent()
