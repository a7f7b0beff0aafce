"""Receivers and outboxes together: what is new is noted, and what is due is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

import structlog

from syncer.errors import SyncerError
from syncer.notify.news import News, Stand
from syncer.notify.outbox import Interest, Letter, Outbox, pause
from syncer.notify.sending import Answer, Sender

_LOG = structlog.get_logger("syncer.notify")


def nobody(hook: str, result: str) -> None:
    """Nobody counts."""


class Postbox:
    """Everything about notifications under one configuration. Safe to share between threads.

    Args:
        outbox: of all projects.
        senders: the receivers.
        interests: what they want to hear of.
        patience: seconds after which a message that does not arrive is given up.
        counted: told a receiver's name and what came of an attempt: ``delivered``, ``failed``, ``given-up``.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        outbox: Outbox,
        senders: Sequence[Sender],
        interests: Sequence[Interest],
        *,
        patience: float,
        counted: Callable[[str, str], None] = nobody,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._outbox, self._interests = outbox, interests
        self._senders = {each.receiver.name: each for each in senders}
        self._patience, self._counted, self._clock = patience, counted, clock

    def tell(self, stand: Stand) -> tuple[News, ...]:
        """Note what is new about a project. It is durable when this returns.

        Raises:
            Unavailable: the state database does not answer; the next run tells it.
        """
        return self._outbox.record(stand, self._interests, self._clock())

    def deliver(self, projects: Iterable[str], stopping: Callable[[], bool] = lambda: False) -> float | None:
        """Send what is due, each message once.

        Args:
            projects: whose messages.
            stopping: asked before each attempt.

        Returns:
            When the next message is due, in seconds since the epoch; ``None`` where none waits.
        """
        due: list[float] = []
        down: dict[str, Answer] = {}
        for project in projects:
            while not stopping():
                letter = self._outbox.claim(project, self._senders, self._clock())
                if letter is None:
                    break
                self._attempt(letter, down)
            at = self._outbox.next_due(project)
            if at is not None:
                due.append(at)
        return min(due, default=None)

    def close(self) -> None:
        for sender in self._senders.values():
            sender.close()

    def _attempt(self, letter: Letter, down: dict[str, Answer]) -> None:
        message = letter.news
        # A receiver that has just failed would make everybody else's messages wait for its timeouts.
        answer = down.get(letter.hook) or self._senders[letter.hook].send(message, self._clock())
        if answer.problem:
            down[letter.hook] = answer
        named = {"receiver": letter.hook, "project": message.project, "message": message.id}
        if not answer.problem:
            self._outbox.delivered(letter)
            self._counted(letter.hook, "delivered")
            _LOG.info("notification delivered", **named)
            return
        now = self._clock()
        if now - letter.since >= self._patience:
            self._outbox.delivered(letter)
            self._counted(letter.hook, "given-up")
            _LOG.error("notification given up", reason=answer.problem, summary=message.summary, **named)
            return
        wait = max(pause(letter.tries), answer.pause)
        self._outbox.later(letter, now + wait)
        self._counted(letter.hook, "failed")
        _LOG.warning("notification not delivered", reason=answer.problem, again_in=round(wait), **named)


def told(postbox: Postbox, stand: Stand) -> tuple[News, ...]:
    """Note what is new; a database that does not answer is said and nothing more: the next run tells it."""
    try:
        return postbox.tell(stand)
    except SyncerError as error:
        _LOG.error("notifications could not be noted", project=stand.project, reason=str(error))
        return ()
