"""Looking at all sides. Costs little where little changed, and concludes nothing from absence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from syncer.errors import ConfigError, RoadmapError
from syncer.model.document import Document
from syncer.model.identity import Owner, TrackerId
from syncer.model.ledger import BindingState, FileBase, LedgerChange, LedgerState, SourceState
from syncer.model.reference import SEPARATOR
from syncer.model.source import Entry, EntryKind, Head
from syncer.model.tracker import TrackerProfile
from syncer.ports import Clock, Tracker
from syncer.reconcile.block import read_block
from syncer.reconcile.observation import Observation, TrackerView
from syncer.roadmap.parse import parse
from syncer.service.believing import believed
from syncer.service.book import Book, merged
from syncer.service.families import able, learned, with_parents
from syncer.service.project import Project
from syncer.service.resting import Ahead
from syncer.spans import span

_WHAT = {
    EntryKind.SYMLINK: "a symbolic link; syncer never follows one",
    EntryKind.SUBMODULE: "a submodule, not a file",
    EntryKind.DIRECTORY: "a directory, not a file",
}


@dataclass(frozen=True, slots=True)
class Source:
    """The roadmaps at one revision.

    Args:
        blobs: the content's id by path, for everything that was read.
        unchanged: the branch has not moved since the last run.
    """

    profile: TrackerProfile
    head: Head
    documents: Mapping[str, Document]
    blobs: Mapping[str, str]
    unreadable: Mapping[str, str]
    missing: frozenset[str]
    unchanged: bool
    rewritten: bool


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that one look brought.

    Args:
        change: what is to be remembered of it.
        incomplete: trackers that contradicted themselves; nothing is created on them.
        issues: the only ones that were looked at; empty where everything was.
    """

    source: Source
    change: LedgerChange
    incomplete: frozenset[TrackerId]
    issues: frozenset[int] = frozenset()


@span("observe")
def look(
    project: Project, book: Book, clock: Clock, *, full: bool = False, ahead: Ahead | None = None
) -> Look:
    """Read the source and every tracker.

    Args:
        project: what to look at.
        book: what is remembered; nothing is written to it.
        clock: for the short wait before a second look.
        full: list the trackers completely.
        ahead: what was read a moment ago; used where the ledger is still the one that it was read for.

    Raises:
        SyncerError: a side cannot be read at all.
    """
    if ahead is not None and (full or ahead.generation != book.state.generation):
        ahead = None
    source = _source(project, book, clock, ahead)
    changes = [LedgerChange(source_profile=project.documents.moved() or source.profile)]
    incomplete: set[TrackerId] = set()
    for tracker in project.trackers:
        reading = ahead.readings.get(tracker.id) if ahead is not None else None
        if reading is None:
            reading = tracker.read(book.cursor(tracker.id), full=full)
        profile = None
        known = book.state.trackers.get(tracker.id)
        if known is None or known.profile is None:
            profile = tracker.profile()
            _refuse_leak(project, source.profile, profile, tracker)
        most = profile.open_issues if profile is not None else None
        change, complete = believed(book, tracker, reading, most, clock.now())
        if not complete:
            incomplete.add(tracker.id)
        before = profile or (known.profile if known is not None else None)
        moved = tracker.moved()
        if before is not None and moved is not None:
            profile = before = replace(moved, parents=before.parents)
        if before is not None:
            after = learned(project, tracker, before, source.documents, full=full)
            profile = after if after.parents is not before.parents else profile
            change = with_parents(project, book, tracker, after, change, full=full)
        if profile is not None:
            change = merged(change, LedgerChange(profiles={tracker.id: profile}))
        changes.append(change)
    return Look(source, merged(*changes), frozenset(incomplete))


def observation(project: Project, book: Book, found: Look) -> Observation:
    """What the planner needs, from what was seen and what is remembered."""
    source, mirrors = found.source, project.policy.mirrors
    live = {
        binding.anchor.path for binding in book.bindings.values() if binding.state is BindingState.LIVE
    } | {stage.anchor.path for stage in book.stages.values()}
    absent = frozenset(
        path
        for path in live
        if (path not in source.documents or path in mirrors) and path not in source.unreadable
    )
    state = book.state
    views = {}
    for tracker in project.trackers:
        issues = book.issues.get(tracker.id, {})
        bound = {
            binding.refs[tracker.id]
            for binding in book.bindings.values()
            if tracker.id in binding.refs and binding.state is BindingState.LIVE
        }
        cursor = book.cursor(tracker.id)
        views[tracker.id] = TrackerView(
            id=tracker.id,
            capabilities=able(tracker.capabilities, _profile(state, tracker.id)),
            issues=issues,
            milestones=book.milestones.get(tracker.id, {}),
            complete=cursor.complete and tracker.id not in found.incomplete,
            gone=frozenset(bound - set(issues)) if cursor.complete else frozenset(),
        )
    return Observation(
        project=project.name,
        owner=owner_of(project, source.profile),
        revision=source.head.revision,
        documents={path: each for path, each in source.documents.items() if path not in mirrors},
        mirrors={path: each for path, each in source.documents.items() if path in mirrors},
        bases=_bases(state.files, source, strikes=project.strikes),
        trackers=views,
        unreadable=source.unreadable,
        absent=absent,
        rewritten=source.rewritten,
        elsewhere=_elsewhere(project, views.values()),
    )


def _profile(state: LedgerState, tracker: TrackerId) -> TrackerProfile | None:
    known = state.trackers.get(tracker)
    return known.profile if known is not None else None


def _elsewhere(project: Project, views: Iterable[TrackerView]) -> frozenset[str]:
    """The paths in references on the trackers that are another project's."""
    references = {
        reference
        for view in views
        for reference in [
            *(issue.reference for issue in view.issues.values()),
            *(read_block(milestone.description).reference for milestone in view.milestones.values()),
        ]
        if reference is not None
    }
    paths = {reference.split(SEPARATOR, 1)[0] for reference in references}
    return frozenset(path for path in paths if project.elsewhere(path))


def owner_of(project: Project, profile: TrackerProfile) -> Owner:
    """Who we are, as markers say it."""
    return Owner(project.owner or f"{profile.host}/{profile.repository_id}")


# -- the source ------------------------------------------------------------------------------------------


def _source(project: Project, book: Book, clock: Clock, ahead: Ahead | None) -> Source:
    state = book.state
    profile = state.source_profile or project.documents.profile()
    branch = project.branch or profile.default_branch
    remembered = state.source
    known = None
    if remembered.revision and remembered.branch == branch:
        known = Head(branch, remembered.revision, remembered.etag)
    head = ahead.head if ahead is not None else project.documents.head(branch, known)
    rewritten = False
    if known is not None and head.revision != known.revision:
        head, rewritten = _check_history(project, known, head, clock)
    rewritten = rewritten or remembered.rewritten
    if (
        known is not None
        and head.revision == known.revision
        and _remembers_all(state.files, remembered, project)
    ):
        return _held(project, state, profile, head, rewritten)
    return _read(project, state.files, profile, head, rewritten)


def as_remembered(project: Project, book: Book) -> Source | None:
    """The source as the last run left it; ``None`` where something of it is not remembered."""
    state, remembered = book.state, book.state.source
    profile = state.source_profile
    if profile is None or not remembered.revision or not _remembers_all(state.files, remembered, project):
        return None
    if remembered.branch != (project.branch or profile.default_branch):
        return None
    head = Head(remembered.branch, remembered.revision, remembered.etag)
    return _held(project, state, profile, head, rewritten=remembered.rewritten)


def _held(
    project: Project, state: LedgerState, profile: TrackerProfile, head: Head, rewritten: bool
) -> Source:
    """The source where the branch still points at what is remembered."""
    remembered = state.source
    held = {path: state.files[path] for path in remembered.paths}
    documents, unreadable = _parse_all(
        {path: base.data for path, base in held.items()}, project, dict(remembered.unreadable)
    )
    blobs = {path: base.blob for path, base in held.items()}
    missing = _missing(project, {*held, *remembered.unreadable})
    return Source(profile, head, documents, blobs, unreadable, missing, True, rewritten)


def _remembers_all(files: Mapping[str, FileBase], remembered: SourceState, project: Project) -> bool:
    """Whether the files of the last look are all remembered, and were looked for as they would be now."""
    return remembered.patterns == project.patterns and remembered.paths <= set(files)


def _missing(project: Project, found: set[str]) -> frozenset[str]:
    """The roadmaps that are configured by name and not there."""
    literal = {pattern for pattern in project.patterns if not set(pattern) & set("*?[")}
    return frozenset(literal - found)


def _check_history(project: Project, known: Head, head: Head, clock: Clock) -> tuple[Head, bool]:
    """A head that does not descend from the last one is read again: it may come from a replica that lags."""
    if project.documents.is_ancestor(known.revision, head.revision):
        return head, False
    clock.sleep(1.0)
    again = project.documents.head(head.branch, None)
    if again.revision == known.revision:
        return again, False
    return again, not project.documents.is_ancestor(known.revision, again.revision)


def _read(
    project: Project, files: Mapping[str, FileBase], profile: TrackerProfile, head: Head, rewritten: bool
) -> Source:
    entries = project.documents.entries(head.revision, project.patterns)
    unreadable: dict[str, str] = {}
    wanted: list[Entry] = []
    contents: dict[str, bytes] = {}
    for entry in entries:
        if entry.kind is not EntryKind.FILE:
            if _named(entry.path, project):
                unreadable[entry.path] = f"it is {_WHAT[entry.kind]}"
            continue
        if entry.size is not None and entry.size > project.size_limit:
            unreadable[entry.path] = (
                f"it has {entry.size:,} bytes, more than the limit of {project.size_limit:,}"
            )
            continue
        base = files.get(entry.path)
        if base is not None and base.blob == entry.blob:
            contents[entry.path] = base.data
        else:
            wanted.append(entry)
    contents.update(project.documents.read(head.revision, wanted))
    documents, unreadable = _parse_all(contents, project, unreadable)
    missing = _missing(project, {entry.path for entry in entries})
    blobs = {entry.path: entry.blob for entry in entries}
    return Source(profile, head, documents, blobs, unreadable, missing, False, rewritten)


def _named(path: str, project: Project) -> bool:
    """Whether a path is configured by name; what only a wildcard catches is passed over silently."""
    return path in project.patterns or path.endswith((".md", ".markdown"))


def _parse_all(
    contents: Mapping[str, bytes], project: Project, unreadable: dict[str, str]
) -> tuple[dict[str, Document], dict[str, str]]:
    documents: dict[str, Document] = {}
    for path in sorted(contents):
        try:
            documents[path] = parse(
                path, contents[path], size_limit=project.size_limit, strikes=project.strikes
            )
        except RoadmapError as error:
            unreadable[path] = error.what
    return documents, unreadable


def _bases(files: Mapping[str, FileBase], source: Source, *, strikes: bool) -> dict[str, Document]:
    """The files as they were when last settled; parsed again only where they changed since."""
    bases: dict[str, Document] = {}
    for path, base in files.items():
        now = source.documents.get(path)
        if now is not None and now.data == base.data:
            bases[path] = now
            continue
        try:
            bases[path] = parse(path, base.data, size_limit=len(base.data) + 1, strikes=strikes)
        except RoadmapError:
            continue
    return bases


# -- trackers --------------------------------------------------------------------------------------------


def _refuse_leak(project: Project, source: TrackerProfile, tracker: TrackerProfile, adapter: Tracker) -> None:
    """A private roadmap's text must not end up in public issues by accident."""
    if source.private and not tracker.private and not project.allow_public:
        raise ConfigError(
            f"the source {source.canonical} is private and the tracker {adapter.id} is public",
            where=f"projects.{project.name}",
            next_step="set `allow_public = true` if the roadmap's text may be seen by everybody",
        )
