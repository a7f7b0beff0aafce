"""The journal of a ledger without a disk: the latest entries, in files of which a new entry touches one.

Everything is pushed to a repository that people pay for, so the journal is bounded: the latest
:data:`ENTRIES`, and beyond them the latest :data:`LOST` values that gave way to others, each as far as
they have fewer than :data:`BYTES`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from syncer.ledger import codec
from syncer.model.identity import Uid
from syncer.model.ledger import JournalEntry

ENTRIES: Final = 2000
LOST: Final = 500
BYTES: Final = 1024 * 1024
RUNS: Final = 200
"""How many runs that did something are remembered."""

VALUES: Final = frozenset({"lost-value", "overwritten", "restored"})
"""Kinds of entries that keep what a person wrote and nothing else holds any more."""

_SHEET: Final = 32
"""Entries in a file."""

FOLDER: Final = "journal/"
_LOST: Final = "lost-values.jsonl"


@dataclass(slots=True)
class Journal:
    """Entries with their numbers, as lines of text, oldest first.

    Args:
        recent: the latest entries.
        lost: those of :data:`VALUES` that are older than all of these.
        next: the number of the next entry.
    """

    recent: dict[int, str] = field(default_factory=dict)
    lost: dict[int, str] = field(default_factory=dict)
    next: int = 1

    def add(self, entries: Iterable[JournalEntry]) -> None:
        """Write entries, and leave out what is too old or too much."""
        for entry in entries:
            self.recent[self.next] = _line(self.next, entry)
            self.next += 1
        self._shorten()

    def copy(self) -> Journal:
        """Another one with the same entries."""
        return Journal(dict(self.recent), dict(self.lost), self.next)

    def entries(self) -> tuple[JournalEntry, ...]:
        """All of them, oldest first."""
        return tuple(_entry(line) for line in (*self.lost.values(), *self.recent.values()))

    def to_files(self) -> dict[str, bytes]:
        files: dict[str, list[str]] = {}
        for number, line in self.recent.items():
            files.setdefault(f"{FOLDER}{number // _SHEET:07d}.jsonl", []).append(line)
        if self.lost:
            files[_LOST] = list(self.lost.values())
        return {path: ("\n".join(lines) + "\n").encode() for path, lines in files.items()}

    def _shorten(self) -> None:
        size = sum(map(len, self.recent.values()))
        while len(self.recent) > ENTRIES or (size > BYTES and len(self.recent) > 1):
            oldest = next(iter(self.recent))
            line = self.recent.pop(oldest)
            size -= len(line)
            if _entry(line).kind in VALUES:
                self.lost[oldest] = line
        kept = sum(map(len, self.lost.values()))
        while len(self.lost) > LOST or (kept > BYTES and len(self.lost) > 1):
            kept -= len(self.lost.pop(next(iter(self.lost))))


def journal_from_files(files: Mapping[str, bytes], following: int) -> Journal:
    """A journal as a commit holds it.

    Args:
        files: all files of the commit.
        following: the number of the next entry.
    """
    recent: dict[int, str] = {}
    for path in sorted(path for path in files if path.startswith(FOLDER)):
        recent |= _numbered(files[path])
    return Journal(recent, _numbered(files.get(_LOST, b"")), following)


def _numbered(data: bytes) -> dict[int, str]:
    return {int(codec.load(line)["n"]): line for line in data.decode().split("\n") if line}


def _line(number: int, entry: JournalEntry) -> str:
    return codec.dump(
        {
            "n": number,
            "at": entry.at.isoformat(),
            "run": entry.run,
            "kind": entry.kind,
            "place": entry.place,
            "text": entry.text,
            "uid": entry.uid,
            "outcome": entry.outcome,
        }
    )


def _entry(line: str) -> JournalEntry:
    record = codec.load(line)
    return JournalEntry(
        datetime.fromisoformat(record["at"]),
        record["run"],
        record["kind"],
        record["place"],
        record["text"],
        Uid(record["uid"]) if record["uid"] else None,
        record["outcome"],
    )
