"""Where roadmaps are kept: revisions, files, commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class EntryKind(Enum):
    """What a path in a tree is. Only files are ever read as roadmaps."""

    FILE = "file"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"
    DIRECTORY = "directory"


@dataclass(frozen=True, slots=True)
class Entry:
    """A path at a revision.

    Args:
        blob: the content's id; equal ids mean equal bytes.
        size: in bytes, where the listing says so.
    """

    path: str
    kind: EntryKind
    blob: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What a branch points at.

    Args:
        revision: the commit's id.
        etag: validator for asking again, if the source has one.
    """

    branch: str
    revision: str
    etag: str = ""


@dataclass(frozen=True, slots=True)
class CommitDraft:
    """A commit to be made on top of exactly one revision.

    Args:
        parent: the head the edits were made for; a different head refuses the commit.
        files: new bytes by path.
        expected: the blob ids that the edits were made for, by path.
    """

    branch: str
    parent: str
    files: Mapping[str, bytes]
    expected: Mapping[str, str]
    message: str


@dataclass(frozen=True, slots=True)
class Committed:
    """A commit that the source accepted.

    Args:
        blobs: the new blob ids by path.
    """

    revision: str
    parent: str
    blobs: Mapping[str, str]
    url: str = ""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One commit of a history."""

    revision: str
    message: str
    parents: tuple[str, ...] = ()
