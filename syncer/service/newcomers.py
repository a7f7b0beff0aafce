"""Issues of people that ask for a line: where it would stand, and whether they may.

Only people with triage rights count, because a line is written into the repository. A stranger's issue waits
for the label, set by somebody with those rights. Who may is asked of the forge when it matters, and what was
refused is remembered until the issue changes, so that waiting costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from syncer.errors import Forbidden, Gone, Missing, Moved, UnresolvedReference
from syncer.model.fields import TaskState
from syncer.model.identity import TrackerId
from syncer.model.ledger import BlockState, Heard, LedgerChange, SeenIssue
from syncer.model.reference import SEPARATOR
from syncer.ports import Tracker
from syncer.reconcile.observation import Newcomer, Observation
from syncer.reconcile.policy import Intake
from syncer.roadmap.reference import resolve, split_reference
from syncer.service.book import Book
from syncer.service.project import Project
from syncer.service.telling import was_told

_NO_PLACE = "it carries the label {label!r} and names no place in a roadmap"


def newcomers(project: Project, book: Book, observed: Observation) -> tuple[Newcomer, ...]:
    """The issues that ask for a line, with what is known about each.

    Args:
        project: whose.
        book: what is remembered; what is found out is kept there.
        observed: all sides.
    """
    if project.policy.intake is Intake.OFF or not observed.documents:
        return ()
    taken = {
        (tracker, number) for binding in book.bindings.values() for tracker, number in binding.refs.items()
    }
    found: list[Newcomer] = []
    for tracker in project.trackers:
        for number, issue in sorted(observed.trackers[tracker.id].issues.items()):
            if (tracker.id, number) not in taken and _asks(project, issue):
                newcomer = _place(project, observed, tracker.id, issue)
                if newcomer is not None and newcomer.refused:
                    found.append(newcomer)
                elif newcomer is not None:
                    found.append(_heard(project, book, observed, tracker, issue, newcomer))
    return tuple(found)


def _asks(project: Project, issue: SeenIssue) -> bool:
    """Whether an open issue of a person asks for a line, as far as it says itself."""
    if issue.asks is None or issue.state is not TaskState.OPEN:
        return False
    if issue.marker is not None or issue.block is not BlockState.NONE:
        return False
    return bool(issue.asks) or _is_labelled(project, issue)


def _is_labelled(project: Project, issue: SeenIssue) -> bool:
    label = project.policy.intake_label.casefold()
    return any(name.casefold() == label for name in issue.labels)


# -- where it would stand ----------------------------------------------------------------------------------


def _place(project: Project, observed: Observation, tracker: TrackerId, issue: SeenIssue) -> Newcomer | None:
    """Where an issue asks to stand; ``None`` where that is another project's roadmap."""
    made = Newcomer(tracker, issue.number, issue.asks or "")
    places = (issue.asks or "").split("\n") if issue.asks else []
    if not places:
        problem = _NO_PLACE.format(label=project.policy.intake_label)
        return replace(made, problem=problem, candidates=_sections(observed))
    if any(project.elsewhere(split_reference(place)[0]) for place in places if split_reference(place)):
        return None
    if len(places) > 1:
        return replace(
            made, problem=f"it names {len(places)} places", candidates=tuple(places), ambiguous=True
        )
    documents = [observed.documents[path] for path in sorted(observed.documents)]
    first = split_reference(places[0])[:1]
    hidden = sorted({*observed.unreadable, *observed.absent})
    if hidden and not (first and _names_one(first[0], [document.path for document in documents])):
        # What it means may stand in a file that cannot be seen now.
        return replace(made, refused=f"{' and '.join(hidden)} cannot be read now")
    if first and _is_file(first[0]) and not _names_one(first[0], [each.path for each in documents]):
        candidates = tuple(document.path for document in documents)
        return replace(made, problem=f"{first[0]!r} is none of the roadmaps", candidates=candidates)
    try:
        place = resolve(places[0], documents)
    except UnresolvedReference as error:
        meant = error.candidates
        listed = meant or _sections(observed)
        return replace(made, problem=error.what, candidates=listed, ambiguous=bool(meant))
    return replace(made, path=place.document.path, section=place.section, item=place.item)


def _is_file(segment: str) -> bool:
    return segment.casefold().rstrip("`").endswith((".md", ".markdown", ".mdown", ".mkd", ".mdx"))


def _names_one(segment: str, paths: Sequence[str]) -> bool:
    """Whether a reference's first segment names one of some files, as people shorten paths."""
    wanted = segment.strip("`./ ").casefold()
    return any(("/" + path.casefold()).endswith("/" + wanted) for path in paths)


def _sections(observed: Observation) -> tuple[str, ...]:
    """The places that there are, for somebody who has to choose one."""
    return tuple(
        SEPARATOR.join((path, *section.segments))
        for path, document in sorted(observed.documents.items())
        for section in document.sections
        if section.segments
    )


# -- whether it may ----------------------------------------------------------------------------------------


def _heard(
    project: Project,
    book: Book,
    observed: Observation,
    tracker: Tracker,
    issue: SeenIssue,
    newcomer: Newcomer,
) -> Newcomer:
    """A newcomer with what the forge says about it, asked only where something depends on it."""
    known = issue.heard
    told = known is not None and known.told
    fresh = known is not None and known.at == issue.updated_at
    if newcomer.problem and told:
        # Nothing would be done about it, whoever it is.
        return replace(newcomer, told=True)
    if known is not None and fresh and known.refused:
        return replace(newcomer, refused=known.refused, told=told)
    try:
        refused = _refused(project, tracker, issue)
        if not refused and newcomer.problem:
            told = was_told(tracker, observed.owner, issue.number)
    except (Missing, Gone, Moved):
        return replace(newcomer, refused="it is not there any more")
    heard = Heard(issue.updated_at, refused, told)
    if heard != known:
        book.save(LedgerChange(issues={tracker.id: (replace(issue, heard=heard),)}))
    return replace(newcomer, refused=refused, told=told)


def _refused(project: Project, tracker: Tracker, issue: SeenIssue) -> str:
    """Why an issue gets no line, by what the forge says now; empty if it may have one."""
    label = project.policy.intake_label
    try:
        if _is_labelled(project, issue):
            setters = [
                event.actor
                for event in tracker.label_events(issue.number)
                if event.added and event.label.casefold() == label.casefold()
            ]
            if setters and tracker.may_triage(setters[-1]):
                return ""
            return f"the label {label!r} was not set by somebody who may triage"
        if project.policy.intake is Intake.LABEL:
            return f"it does not carry the label {label!r}"
        if tracker.may_triage(issue.author):
            return ""
    except Forbidden:
        return "the forge does not tell us who may triage"
    return f"{issue.author} may not triage"
