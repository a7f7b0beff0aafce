"""Where a ledger's one commit is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Kept:
    """What a place holds.

    Args:
        revision: names exactly these files; empty where there is nothing yet.
        files: by path.
    """

    revision: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)


class Place(Protocol):
    """One ref of one repository. Whoever replaces what it holds says what he takes it to hold."""

    @property
    def shown(self) -> str:
        """Where it is, for people, without a secret."""

    def read(self) -> Kept:
        """What it holds now."""

    def replace(self, expected: str, files: Mapping[str, bytes], message: str, at: datetime) -> Kept:
        """Put other files there, all at once, if it still holds what is expected.

        Returns only when it certainly holds them. After an error of the kind
        :class:`~syncer.errors.Unavailable` nobody knows whether it does.

        Args:
            expected: the revision that it was read with, or that :meth:`replace` returned.
            files: all of them.
            message: what for, in one line.
            at: the moment of the commit.

        Raises:
            StaleHead: somebody else has replaced it meanwhile.
            UserError: the repository refuses it.
        """

    def probe(self, expected: str) -> None:
        """Find out whether we may write there; nothing is written.

        Raises:
            SyncerError: we may not.
        """
