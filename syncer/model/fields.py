"""The fields that two sides can disagree about, and the states an item can be in."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal


class Status(Enum):
    """An item's state as a roadmap shows it. The same words serve for stages."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DROPPED = "dropped"
    FUTURE = "future"

    @property
    def task_state(self) -> TaskState:
        """The value that takes part in a merge: ``in_progress`` and ``future`` count as open."""
        if self is Status.DONE:
            return TaskState.DONE
        if self is Status.DROPPED:
            return TaskState.DROPPED
        return TaskState.OPEN


class TaskState(Enum):
    """An item's state as it is merged: three values, the same on every side."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do: done and dropped alike."""
        return self is not TaskState.OPEN


class Field(Enum):
    """What can be merged on its own. A change to one never conflicts with a change to another."""

    STATE = "state"
    TITLE = "title"
    STAGE = "stage"
    PARENT = "parent"
    LABELS = "labels"
    STARTED = "started"
    ASSIGNEES = "assignees"
    BODY = "body"
    CRITERIA = "criteria"
    NAME = "name"
    DUE = "due"
    DESCRIPTION = "description"
    PRESENCE = "presence"
    LINK = "link"


class Unknown(Enum):
    """The type of :data:`UNKNOWN`, the half of a base that was never settled."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final[Literal[Unknown.UNKNOWN]] = Unknown.UNKNOWN
