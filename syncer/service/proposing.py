"""Which existing issues may belong to which existing lines: exact first, then by likeness, with scores."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from syncer.model.document import Item
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Anchor, BindingState, BlockState, LedgerState, SeenIssue
from syncer.model.plan import ItemKey, Plan
from syncer.reconcile.adopted import adopted_uid
from syncer.reconcile.canonical import canonical_text
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.matching import anchor_of
from syncer.reconcile.observation import Observation, TrackerView
from syncer.reconcile.policy import Policy
from syncer.reconcile.similar import pair_up

_LEADING_ID = re.compile(r"^\W*([A-Za-z][A-Za-z0-9]*(?:[-.][A-Za-z0-9]+)+)\b")


@dataclass(frozen=True, slots=True)
class Pair:
    """A line and an issue that are to be bound.

    Args:
        uid: the binding's id: the line's where it is bound on another tracker already.
        how: ``same title``, ``same id``, ``alike``, or ``named``.
        score: 100 for exact ones.
    """

    tracker: TrackerId
    issue: SeenIssue
    item: ItemKey
    anchor: Anchor
    uid: Uid
    how: str
    score: float = 100.0


@dataclass(slots=True)
class Proposals:
    """What an adoption would bind.

    Args:
        pairs: in the order of the lines.
        unclear: lines and issues that are alike, but not uniquely so; nobody binds them but a person.
    """

    pairs: list[Pair] = field(default_factory=list)
    unclear: list[Pair] = field(default_factory=list)


def propose(observed: Observation, state: LedgerState, plan: Plan, policy: Policy) -> Proposals:
    """Pair lines without an issue with issues that nobody manages.

    Lines and issues that are finished on both sides are left alone, and so is what a person ended.

    Args:
        observed: all sides.
        state: what is remembered.
        plan: what a run would do, for what is bound and what is in doubt.
        policy: the team's choices.
    """
    found = Proposals()
    bound = dict(plan.items)
    for view in observed.trackers.values():
        lines = _free_lines(observed, state, plan, policy, view.id)
        issues = _free_issues(view, state)
        pairer = _Pairer(observed, view.id, lines, issues, bound)
        pairer.exact("same title", lambda item: _plain(item.full_title), lambda issue: _plain(issue.title))
        pairer.exact("same title", lambda item: _plain(item.title), lambda issue: _plain(issue.title))
        pairer.exact("same id", lambda item: (item.id or "").casefold(), _id_of)
        pairer.alike(policy.thresholds.moved, policy.thresholds.margin)
        found.pairs += pairer.pairs
        # One binding for all of a line's issues.
        bound |= {pair.item: pair.uid for pair in pairer.pairs}
        found.unclear += pairer.unclear
    found.pairs.sort(key=lambda each: (each.item.path, each.item.index, each.tracker))
    found.unclear.sort(key=lambda each: (each.item.path, each.item.index, -each.score, each.issue.number))
    return found


class _Pairer:
    def __init__(
        self,
        observed: Observation,
        tracker: TrackerId,
        lines: dict[ItemKey, Item],
        issues: dict[int, SeenIssue],
        bound: dict[ItemKey, Uid],
    ) -> None:
        self._observed = observed
        self._tracker = tracker
        self._lines = lines
        self._issues = issues
        self._bound = bound
        self.pairs: list[Pair] = []
        self.unclear: list[Pair] = []

    def exact(self, how: str, of_line: Callable[[Item], str], of_issue: Callable[[SeenIssue], str]) -> None:
        """Pair what has the same name, where only one line and one issue have it."""
        lines: dict[str, list[ItemKey]] = {}
        for key, item in self._lines.items():
            lines.setdefault(of_line(item), []).append(key)
        issues: dict[str, list[SeenIssue]] = {}
        for issue in self._issues.values():
            issues.setdefault(of_issue(issue), []).append(issue)
        for name, keys in lines.items():
            same = issues.get(name, []) if name else []
            # Closed ones of the same title are older attempts; the open one is meant.
            same = [each for each in same if not each.state.finished] or same
            if len(keys) == len(same) == 1:
                self._pair(keys[0], same[0], how, 100.0)
            else:
                self.unclear += [self._made(key, issue, how, 100.0) for key in keys for issue in same]
        for each in self.unclear:
            self._lines.pop(each.item, None)
            self._issues.pop(each.issue.number, None)

    def alike(self, threshold: float, margin: float) -> None:
        """Pair what is each other's clear best, among what is open on both sides."""
        keys = [key for key, item in self._lines.items() if not item.state.finished]
        issues = [issue for issue in self._issues.values() if not issue.state.finished]
        found = pair_up(
            [self._lines[key].full_title for key in keys],
            [issue.title for issue in issues],
            threshold=threshold,
            margin=margin,
        )
        for one, other, score in found.pairs:
            self._pair(keys[one], issues[other], "alike", round(score, 1))
        self.unclear += [
            self._made(keys[one], issues[other], "alike", round(score, 1))
            for one, other, score in found.unclear
        ]

    def _pair(self, key: ItemKey, issue: SeenIssue, how: str, score: float) -> None:
        if self._lines[key].state.finished and issue.state.finished:
            return
        self.pairs.append(self._made(key, issue, how, score))
        del self._lines[key]
        del self._issues[issue.number]

    def _made(self, key: ItemKey, issue: SeenIssue, how: str, score: float) -> Pair:
        document = self._observed.documents[key.path]
        uid = self._bound.get(key) or adopted_uid(self._observed.owner, self._tracker, issue.number)
        anchor = anchor_of(document, document.items[key.index])
        return Pair(self._tracker, issue, key, anchor, uid, how, score)


def _free_lines(
    observed: Observation, state: LedgerState, plan: Plan, policy: Policy, tracker: TrackerId
) -> dict[ItemKey, Item]:
    """Lines that call for an issue on a tracker, or could, and have none there."""
    draft = PlanDraft(observed, state, policy, {}, {})
    bound = dict(plan.items)
    doubtful = {(hold.subject.path, hold.subject.line) for hold in plan.holds if hold.code == "unclear"}
    ended = Counter(
        each.anchor.digest for each in state.bindings.values() if each.state is BindingState.ENDED
    )
    found: dict[ItemKey, Item] = {}
    for path, document in sorted(observed.documents.items()):
        for item in document.items:
            key = ItemKey(path, item.index)
            uid = bound.get(key)
            known = state.bindings.get(uid) if uid is not None else None
            if uid is not None and (known is None or tracker in known.refs):
                continue
            if not draft.manages(item) or (path, item.line) in doubtful:
                continue
            if uid is None and anchor_of(document, item).digest in ended:
                continue
            found[key] = item
    return found


def _free_issues(view: TrackerView, state: LedgerState) -> dict[int, SeenIssue]:
    """Issues that nobody manages: without any marker, and bound to nothing."""
    taken = {each.refs[view.id] for each in state.bindings.values() if view.id in each.refs}
    return {
        number: issue
        for number, issue in sorted(view.issues.items())
        if number not in taken and issue.marker is None and issue.block is BlockState.NONE
    }


def _plain(text: str) -> str:
    return canonical_text(text).casefold()


def _id_of(issue: SeenIssue) -> str:
    match = _LEADING_ID.match(issue.title)
    return match[1].casefold() if match is not None else ""
