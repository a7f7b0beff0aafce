"""Many webhooks, one transaction: what arrives while the disk is busy is kept by its next write.

A webhook is answered when its wake-up is durable. With a transaction each, that is as many a second as
the disk can sync; together it is as many as can be received.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """A webhook that concerns projects.

    Args:
        issue: the only one that it is about, on a tracker of all of them; 0 where it is about more.
    """

    delivery: str
    projects: tuple[str, ...]
    issue: int = 0


Keep = Callable[[Sequence[Letter]], Sequence[bool]]
"""Makes letters durable, in one transaction. Says of each whether it was new; raises if none is kept."""


class Intake:
    """Takes letters from many requests and has them kept in batches. Lives in one event loop.

    Args:
        keep: called in a thread, never twice at the same time.
        largest: letters in one batch, at most.
    """

    def __init__(self, keep: Keep, *, largest: int = 2000) -> None:
        self._keep, self._largest = keep, largest
        self._waiting: list[tuple[Letter, asyncio.Future[bool]]] = []
        self._task: asyncio.Task[None] | None = None

    async def accept(self, letter: Letter) -> bool:
        """Keep a letter. True if it is new, False if it was handled before; raises what ``keep`` raises."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((letter, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write())
        return await future

    async def _write(self) -> None:
        while self._waiting:
            batch = self._waiting[: self._largest]
            del self._waiting[: len(batch)]
            try:
                news = await asyncio.to_thread(self._keep, [letter for letter, _future in batch])
            except Exception as error:  # noqa: BLE001  (whoever waits is told, whatever it was)
                for _letter, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_letter, future), new in zip(batch, news, strict=True):
                if not future.done():
                    future.set_result(new)
