"""What people call things: ``#12``, an issue's address, a line, a reference, the beginning of an id.

Names are looked up in what is remembered; no forge is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncer.errors import RoadmapError, UnresolvedReference
from syncer.model.document import Document
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Anchor, Binding, BindingState, LedgerState, SeenIssue, StageBinding
from syncer.model.reference import format_reference
from syncer.roadmap.parse import parse
from syncer.roadmap.reference import Place, resolve

_SHORTEST = 4
"""An id is recognised by its first letters, of which there have to be so many."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a name means.

    Args:
        project: whose it is.
        uid: of the binding; ``None`` for an issue or a line that is not bound.
        binding: of an item, if that is meant.
        stage: of a stage, if that is meant.
        tracker: where the issue is, if the name was an issue's.
        number: of that issue.
        anchor: of the line, if the name was a line's or a reference.
    """

    project: str
    uid: Uid | None = None
    binding: Binding | None = None
    stage: StageBinding | None = None
    tracker: TrackerId | None = None
    number: int | None = None
    anchor: Anchor | None = None

    def __str__(self) -> str:
        anchor = self.binding.anchor if self.binding is not None else self.anchor
        if self.stage is not None:
            where = f"{self.stage.anchor.path} :: {self.stage.anchor.name} (stage)"
        elif anchor is not None:
            title = f"{anchor.id}: {anchor.title}" if anchor.id else anchor.title
            where = f"{anchor.path}:{anchor.line} {title!r}"
        else:
            where = "an issue that is not bound"
        issue = f" {self.tracker}#{self.number}" if self.number is not None else ""
        refs = self.binding.refs if self.binding is not None and not issue else {}
        issue = issue or "".join(f" {tracker}#{number}" for tracker, number in sorted(refs.items()))
        return f"{self.project}: {where}{issue}" + (f" [{self.uid}]" if self.uid is not None else "")


def find(name: str, states: Sequence[LedgerState]) -> Named:
    """The one thing that a name means.

    Args:
        name: as a person wrote it.
        states: the ledgers of the projects that it may belong to.

    Raises:
        UnresolvedReference: it means nothing that is known, or several things, which are listed.
    """
    found: list[Named] = []
    for state in states:
        found.extend(_in(name.strip(), state))
    distinct = [each for at, each in enumerate(found) if each not in found[:at]]
    if not distinct:
        raise UnresolvedReference(
            f"{name!r} names nothing that is known",
            next_step="write #NUMBER, an issue's address, FILE:LINE, a reference, or the beginning of an id",
        )
    if len(distinct) > 1:
        names = tuple(str(each) for each in distinct)
        raise UnresolvedReference(
            f"{name!r} may mean {len(distinct)} things",
            next_step="name one of these, by the id in brackets",
            candidates=names,
        )
    return distinct[0]


def documents_of(state: LedgerState) -> list[Document]:
    """The roadmaps as they were when last settled."""
    found = []
    for path, base in sorted(state.files.items()):
        try:
            found.append(parse(path, base.data, size_limit=len(base.data) + 1))
        except RoadmapError:
            continue
    return found


def _in(name: str, state: LedgerState) -> list[Named]:
    number, tracker = _number(name)
    if number is not None:
        return _issues(state, number, tracker)
    if "://" in name:
        return [
            each
            for where, known in state.trackers.items()
            for issue in known.issues.values()
            if issue.url.rstrip("/") == name.rstrip("/")
            for each in _issues(state, issue.number, where)
        ]
    path, _, line = name.rpartition(":")
    if line.isdigit() and path and not path.endswith(":"):
        return _lines(state, path, int(line))
    if " :: " not in name and len(name) >= _SHORTEST:
        by_id = [
            Named(state.project, uid, binding=binding)
            for uid, binding in sorted(state.bindings.items())
            if uid.startswith(name)
        ]
        by_id += [
            Named(state.project, uid, stage=stage)
            for uid, stage in sorted(state.stages.items())
            if uid.startswith(name)
        ]
        if by_id:
            return by_id
    return _references(state, name)


def _number(name: str) -> tuple[int | None, str]:
    tracker, sign, digits = name.rpartition("#")
    if sign and digits.isdigit():
        return int(digits), tracker
    return (int(name), "") if name.isdigit() else (None, "")


def _issues(state: LedgerState, number: int, tracker: str) -> list[Named]:
    found: list[Named] = []
    trackers = {*state.trackers, *(where for each in state.bindings.values() for where in each.refs)}
    for where in sorted(trackers):
        if tracker and tracker not in (where, where.partition(":")[2]):
            continue
        owners = [each for each in state.bindings.values() if each.refs.get(where) == number]
        found += [
            Named(state.project, binding.uid, binding, tracker=where, number=number)
            for binding in sorted(owners, key=lambda each: each.uid)
        ]
        known = state.trackers.get(where)
        if not owners and known is not None and number in known.issues:
            found.append(Named(state.project, _marked(known.issues[number]), tracker=where, number=number))
    return found


def _marked(issue: SeenIssue) -> Uid | None:
    return issue.marker.uid if issue.marker is not None else None


def _lines(state: LedgerState, path: str, line: int) -> list[Named]:
    for document in documents_of(state):
        if document.path != path:
            continue
        for item in document.items:
            if item.line == line:
                return _item(state, document, item.index)
    return [
        Named(state.project, binding.uid, binding, anchor=binding.anchor)
        for binding in state.bindings.values()
        if (binding.anchor.path, binding.anchor.line) == (path, line)
    ]


def _references(state: LedgerState, name: str) -> list[Named]:
    documents = documents_of(state)
    if not documents:
        return []
    try:
        place = resolve(name, documents)
    except UnresolvedReference as error:
        if error.candidates:
            raise
        return []
    if place.item is not None:
        return _item(state, place.document, place.item)
    return _stages(state, place)


def _stages(state: LedgerState, place: Place) -> list[Named]:
    section = place.document.sections[place.section]
    inside = [
        named
        for item in place.document.entries
        if item.section == section.segments
        for named in _item(state, place.document, item.index)
    ]
    found = [
        Named(state.project, uid, stage=stage)
        for uid, stage in state.stages.items()
        if section.segments == (stage.anchor.name,) and stage.anchor.path == place.document.path
    ]
    return found or inside


def _item(state: LedgerState, document: Document, index: int) -> list[Named]:
    """A line, with its binding; several where equal lines cannot be told apart."""
    item = document.entry(index)
    parent = document.items[item.parent].title if item.parent is not None else None
    anchor = Anchor(document.path, item.section, item.title, item.ordinal, item.id, parent, item.line)
    bound = [each for each in state.bindings.values() if each.anchor.digest == anchor.digest]
    live = [each for each in bound if each.state is BindingState.LIVE]
    return [Named(state.project, each.uid, each) for each in live or bound] or [
        Named(state.project, anchor=anchor)
    ]


def place_of(named: Named) -> str:
    """Where something is, as a reference."""
    if named.stage is not None:
        return format_reference(named.stage.anchor.path, (named.stage.anchor.name,))
    anchor = named.binding.anchor if named.binding is not None else named.anchor
    return format_reference(anchor.path, anchor.section) if anchor is not None else ""
