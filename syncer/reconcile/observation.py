"""What is known about all sides at one moment. Everything a plan depends on, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from syncer.model.document import Document
from syncer.model.identity import Owner, TrackerId, Uid
from syncer.model.ledger import SeenIssue
from syncer.model.reference import SEPARATOR
from syncer.model.tracker import Capabilities, Milestone


@dataclass(frozen=True, slots=True)
class TrackerView:
    """A tracker as it is known now.

    Args:
        issues: every issue that was ever seen and is not known to be gone.
        complete: whether the tracker was listed completely once, and every change since was seen.
        gone: numbers that a direct look found deleted or transferred.
    """

    id: TrackerId
    capabilities: Capabilities
    issues: Mapping[int, SeenIssue]
    milestones: Mapping[int, Milestone]
    complete: bool = True
    gone: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An issue of a person that asks for a line in a roadmap.

    Args:
        place: the reference as it is written there; empty where only the label asks.
        refused: why it gets no line, although it asks; empty where it may.
        path: of the roadmap that the reference leads into.
        section: index into :attr:`~syncer.model.document.Document.sections`.
        item: the item that the reference names instead of a section.
        problem: why the reference leads to no place, or to several.
        candidates: those places, or all that there are, as references.
        ambiguous: it may mean any of them.
        told: a comment of ours has said so.
    """

    tracker: TrackerId
    number: int
    place: str
    refused: str = ""
    path: str = ""
    section: int | None = None
    item: int | None = None
    problem: str = ""
    candidates: tuple[str, ...] = ()
    ambiguous: bool = False
    told: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """All sides at one moment.

    Args:
        owner: who we are, as in markers.
        revision: the source's head.
        documents: the readable roadmaps, by path.
        mirrors: the readable files that only repeat one of them, by path.
        bases: the same files, or files that are gone, as they were when last settled.
        unreadable: roadmaps that cannot be read now, with the reason.
        absent: paths that bindings name and the revision does not hold.
        pending: creates that were sent and never answered; they are not repeated now.
        rewritten: history no longer leads from the last known head to this one.
        newcomers: issues of people that ask for a line.
        elsewhere: paths that references on the trackers name, and that are another project's.
    """

    project: str
    owner: Owner
    revision: str
    documents: Mapping[str, Document]
    bases: Mapping[str, Document]
    trackers: Mapping[TrackerId, TrackerView]
    unreadable: Mapping[str, str]
    absent: frozenset[str] = frozenset()
    pending: frozenset[tuple[Uid, TrackerId]] = frozenset()
    rewritten: bool = False
    elsewhere: frozenset[str] = frozenset()
    newcomers: tuple[Newcomer, ...] = ()
    mirrors: Mapping[str, Document] = field(default_factory=dict)

    def is_elsewhere(self, reference: str | None) -> bool:
        """Whether a reference leads into a roadmap of another project with the same owner."""
        return reference is not None and reference.split(SEPARATOR, 1)[0] in self.elsewhere

    @property
    def readings(self) -> Mapping[str, Document]:
        """Every file that edits may go into: roadmaps, and those that mirror them."""
        return {**self.documents, **self.mirrors} if self.mirrors else self.documents
