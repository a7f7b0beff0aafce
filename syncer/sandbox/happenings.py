"""What the model tells the world about: the raw material of webhooks and of notifications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncer.sandbox.issues import Comment, Issue, Label, Milestone
from syncer.sandbox.people import User

if TYPE_CHECKING:
    from syncer.sandbox.repository import Repository


@dataclass(frozen=True, slots=True)
class Push:
    """A branch moved, appeared or vanished; an all-zero id stands for nothing."""

    ref: str
    before: str
    after: str
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Happening:
    """Something happened in a repository.

    Args:
        topic: GitHub's name of the event: ``issues``, ``milestone``, ``push``, ``label`` …
        action: what happened to it, where the topic has actions.
        before: former values by field name, for edits.
        other: a second issue, for sub-issues and transfers.
    """

    topic: str
    action: str
    repository: Repository
    actor: User
    issue: Issue | None = None
    milestone: Milestone | None = None
    label: Label | None = None
    comment: Comment | None = None
    push: Push | None = None
    other: Issue | None = None
    before: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mention:
    """A notification that a text caused: somebody was named in an issue, a comment or a commit."""

    login: str
    place: str
