"""Issues that carry our marker and that no binding explains: after losing the ledger, or beside it.

They are recognised by what their block was written for, then by reference and title, then by title.
What cannot be recognised waits, and so do the new lines that resemble it, so that a lost ledger never
becomes a second import.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from syncer.model.document import Item, Stage
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Binding, BlockState, SeenIssue, StageBinding
from syncer.model.plan import BindIssue, ItemKey, Severity, StageKey, Subject, UseMilestone
from syncer.model.reference import format_reference
from syncer.model.tracker import Milestone
from syncer.reconcile.block import read_block
from syncer.reconcile.canonical import canonical_text, cut
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.match_stages import anchor_of_stage
from syncer.reconcile.matching import Unclear, anchor_of
from syncer.reconcile.similar import similarity
from syncer.reconcile.stages.loops import is_iteration


@dataclass(slots=True)
class Strangers:
    """Issues with markers that are not bound.

    Args:
        ours: by id, the issue that counts on each tracker.
        foreign: paths for which another owner manages issues, with that owner.
        newer: issues whose marker a newer version of syncer wrote.
    """

    ours: dict[Uid, dict[TrackerId, SeenIssue]] = field(default_factory=dict)
    foreign: dict[tuple[str, TrackerId], str] = field(default_factory=dict)
    newer: list[tuple[TrackerId, SeenIssue]] = field(default_factory=list)


def find_strangers(draft: PlanDraft) -> Strangers:
    """Sort the marked issues that no binding explains, and report copies of those that one does."""
    found = Strangers()
    paths = set(draft.observation.documents)
    bound_to = {
        (tracker, number): uid
        for uid, binding in draft.bindings.items()
        for tracker, number in binding.refs.items()
    }
    for tracker, view in draft.observation.trackers.items():
        seen: dict[Uid, list[SeenIssue]] = {}
        for issue in view.issues.values():
            if issue.marker is None:
                continue
            if issue.marker.owner != draft.observation.owner:
                path = (issue.reference or "").split(" :: ", 1)[0]
                if path in paths:
                    found.foreign[path, tracker] = issue.marker.owner
                continue
            uid = issue.marker.uid
            if uid not in draft.bindings and draft.observation.is_elsewhere(issue.reference):
                continue
            if uid in draft.ledger.forgotten or bound_to.get((tracker, issue.number), uid) != uid:
                # A person ended it; or it is bound already, and its marker was edited since.
                continue
            if issue.block is BlockState.NEWER:
                if uid not in draft.bindings:
                    found.newer.append((tracker, issue))
                continue
            seen.setdefault(uid, []).append(issue)
        usual = _usual_author(issue for issues in seen.values() for issue in issues)
        for uid, issues in seen.items():
            bound = draft.bindings.get(uid)
            number = bound.refs.get(tracker) if bound is not None else None
            # A copy may have been pasted into an issue that is older than ours, but hardly under our name.
            issues.sort(key=lambda issue: (issue.author != usual, issue.created_at, issue.number))
            if number is None:
                number = issues[0].number
                if bound is None:
                    found.ours.setdefault(uid, {})[tracker] = issues[0]
            _report_copies(draft, tracker, number, [issue for issue in issues if issue.number != number])
    return found


def _usual_author(issues: Iterable[SeenIssue]) -> str:
    """Who made most of the issues that carry our markers: that is us."""
    counted = Counter(issue.author for issue in issues)
    return min(counted, key=lambda author: (-counted[author], author), default="")


def _report_copies(draft: PlanDraft, tracker: TrackerId, number: int, copies: list[SeenIssue]) -> None:
    for issue in copies:
        draft.ask(
            _subject(issue, tracker),
            Field.PRESENCE,
            "marker-copied",
            f"its marker is a copy of the one in #{number}; it is not managed",
            "remove the marker from the copy",
            severity=Severity.REPORT,
        )


def bind_strangers(draft: PlanDraft, strangers: Strangers, free: dict[ItemKey, Item]) -> None:
    """Bind unexplained issues to the lines they were made for, and mark what waits for the rest.

    Args:
        draft: the plan so far.
        strangers: as found.
        free: items without a binding; those that are recognised are taken out.
    """
    by_origin = _by_unique(free, lambda key, item: anchor_of(draft.document(key.path), item).digest)
    by_place = _by_unique(
        free, lambda key, item: (format_reference(key.path, item.section), canonical_text(item.full_title))
    )
    by_title = _by_unique(free, lambda _key, item: canonical_text(item.full_title))
    for uid in sorted(strangers.ours):
        issues = strangers.ours[uid]
        key = _recognise(issues, by_origin, by_place, by_title, free)
        if key is not None:
            del free[key]
            _bind(draft, uid, issues, key)
    bound = set(draft.bindings)
    for uid in sorted(set(strangers.ours) - bound):
        for tracker, issue in strangers.ours[uid].items():
            _wait_for(
                draft,
                tracker,
                issue,
                free,
                "unexplained",
                "it carries our marker, and no line of the roadmap explains it",
                f"say which line it belongs to: `syncer adopt '#{issue.number}=FILE:LINE'`; or close it, "
                f"or end it with `syncer forget '#{issue.number}'`",
            )
    for tracker, issue in sorted(strangers.newer, key=lambda entry: (entry[0], entry[1].number)):
        _wait_for(
            draft,
            tracker,
            issue,
            free,
            "newer-marker",
            "its marker was written by a newer version of syncer; nothing is written to it",
            "run that version of syncer",
        )
    _wait_for_doubtful(draft, free)


def _wait_for_doubtful(draft: PlanDraft, free: dict[ItemKey, Item]) -> None:
    """A bound issue whose title nothing was settled about makes the new lines wait that resemble it.

    A ledger that is older than the world may have bound it to the wrong line: to a new one that says what
    the right one said once.
    """
    for bound, uid in draft.uid_of.items():
        binding = draft.bindings[uid]
        for tracker, number in binding.refs.items():
            issue = draft.issue(tracker, number)
            if issue is None or issue.state is not TaskState.OPEN:
                continue
            if Field.TITLE in binding.base.get(tracker, {}):
                continue
            if canonical_text(issue.title) == canonical_text(draft.item(bound).full_title):
                continue
            for key, item in free.items():
                score = similarity(item.full_title, issue.title)
                if score < draft.policy.thresholds.resembles:
                    continue
                why = (
                    f"#{number} is titled like this line, belongs to line {draft.item(bound).line}, and "
                    "nothing says which of them is right"
                )
                draft.matching.unclear_items.setdefault(
                    key, Unclear(why, (f"#{number} ({score:.0f} % alike)",))
                )


def _recognise(
    issues: dict[TrackerId, SeenIssue],
    by_origin: dict[object, ItemKey],
    by_place: dict[object, ItemKey],
    by_title: dict[object, ItemKey],
    free: dict[ItemKey, Item],
) -> ItemKey | None:
    for issue in issues.values():
        title = canonical_text(issue.title)
        for key in (
            by_origin.get(issue.origin),
            by_place.get((issue.reference, title)),
            by_title.get(title),
        ):
            if key is not None and key in free:
                return key
    return None


def _bind(draft: PlanDraft, uid: Uid, issues: dict[TrackerId, SeenIssue], key: ItemKey) -> None:
    anchor = anchor_of(draft.document(key.path), draft.item(key))
    refs = {tracker: issue.number for tracker, issue in issues.items()}
    draft.bindings[uid] = Binding(uid, anchor, refs, {})
    draft.uid_of[key] = uid
    for tracker, issue in issues.items():
        draft.act(
            BindIssue(
                subject=draft.subject(key, uid=uid, tracker=tracker),
                reason="the issue carries our marker",
                tracker=tracker,
                item=key,
                uid=uid,
                anchor=anchor,
                number=issue.number,
                how="marker",
            )
        )


def _wait_for(
    draft: PlanDraft,
    tracker: TrackerId,
    issue: SeenIssue,
    free: dict[ItemKey, Item],
    code: str,
    reason: str,
    remedy: str,
) -> None:
    """An open issue of ours that no line explains makes the lines that resemble it wait."""
    if issue.state is not TaskState.OPEN:
        return
    alike = [
        (score, key)
        for key, item in free.items()
        if (score := similarity(item.full_title, issue.title)) >= draft.policy.thresholds.resembles
    ]
    alike.sort(key=lambda entry: (-entry[0], entry[1].path, entry[1].index))
    places = tuple(f"{key.path}:{free[key].line} ({score:.0f} % alike)" for score, key in alike[:5])
    draft.ask(
        _subject(issue, tracker),
        Field.PRESENCE,
        code,
        reason + (f"; it may be {', '.join(places)}" if places else ""),
        remedy,
    )
    for score, key in alike:
        draft.matching.unclear_items.setdefault(
            key,
            Unclear(
                f"#{issue.number} is an issue of ours that no line explains, and this line resembles it",
                (f"#{issue.number} ({score:.0f} % alike)",),
            ),
        )


def bind_milestones(draft: PlanDraft) -> None:
    """Bind milestones that carry our marker and that no stage binding explains."""
    known = set(draft.stage_bindings)
    for tracker, view in draft.observation.trackers.items():
        limit = view.capabilities.milestone_title_limit
        free = [
            StageKey(path, stage.index)
            for path, document in sorted(draft.observation.documents.items())
            for stage in document.stages
            if StageKey(path, stage.index) not in draft.stages
        ]
        titles = {key: cut(canonical_text(draft.stage(key).title), limit) for key in reversed(free)}
        by_title = {title.casefold(): key for key, title in titles.items()}
        for milestone in sorted(view.milestones.values(), key=lambda each: each.key):
            reading = read_block(milestone.description)
            marker = reading.marker
            if marker is None or marker.owner != draft.observation.owner or marker.uid in known:
                continue
            if reading.state is BlockState.NEWER or marker.uid in draft.ledger.forgotten:
                continue
            if is_iteration(reading.reference) or draft.observation.is_elsewhere(reading.reference):
                continue
            found = by_title.get(canonical_text(milestone.title).casefold())
            if found is None or found not in free:
                found = _renamed(draft, tracker, milestone, free)
            if found is None:
                continue
            free.remove(found)
            anchor = anchor_of_stage(draft.document(found.path), draft.stage(found))
            uid = draft.stages.get(found, marker.uid)
            binding = draft.stage_bindings.get(uid) or StageBinding(uid, anchor, {}, {})
            draft.stage_bindings[uid] = StageBinding(
                uid, anchor, {**binding.milestones, tracker: milestone.key}, binding.base
            )
            draft.stages[found] = uid
            draft.act(
                UseMilestone(
                    subject=draft.stage_subject(found, uid=uid, tracker=tracker, number=milestone.key),
                    reason="the milestone carries our marker",
                    tracker=tracker,
                    stage=found,
                    uid=uid,
                    anchor=anchor,
                    key=milestone.key,
                    by_marker=True,
                )
            )


def _renamed(
    draft: PlanDraft, tracker: TrackerId, milestone: Milestone, free: list[StageKey]
) -> StageKey | None:
    """The stage that a milestone of another name was made for: its number says so, or what it holds."""
    title = canonical_text(milestone.title).casefold()
    numbered = [key for key in free if (prefix := _prefix(draft.stage(key))) and _begins(title, prefix)]
    if len(numbered) == 1:
        return numbered[0]
    held: Counter[StageKey] = Counter()
    for item, uid in draft.uid_of.items():
        issue = draft.issue(tracker, draft.bindings[uid].refs.get(tracker, 0))
        stage = draft.stage_key(item)
        if stage is not None and issue is not None and issue.milestone == milestone.key:
            held[stage] += 1
    first = held.most_common(1)
    return first[0][0] if first and first[0][0] in free and 2 * first[0][1] > held.total() else None


def _prefix(stage: Stage) -> str:
    """A stage's kind word and number, as its name begins: ``phase 2``."""
    name = canonical_text(stage.name).casefold()
    if stage.kind_word is None or stage.number is None or stage.number not in name:
        return ""
    return name[: name.index(stage.number) + len(stage.number)]


def _begins(title: str, prefix: str) -> bool:
    rest = title.removeprefix(prefix)
    return rest != title and not rest[:1].isalnum() and not (rest[:1] == "." and rest[1:2].isdigit())


def _by_unique(items: dict[ItemKey, Item], name: Callable[[ItemKey, Item], object]) -> dict[object, ItemKey]:
    groups: dict[object, list[ItemKey]] = {}
    for key, item in items.items():
        groups.setdefault(name(key, item), []).append(key)
    return {value: keys[0] for value, keys in groups.items() if len(keys) == 1}


def _subject(issue: SeenIssue, tracker: TrackerId) -> Subject:
    parts = (issue.reference or "").split(" :: ")
    uid = issue.marker.uid if issue.marker is not None else None
    return Subject(parts[0], 0, tuple(parts[1:]), issue.title, uid, tracker, issue.number, issue.url)
