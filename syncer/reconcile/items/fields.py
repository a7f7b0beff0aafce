"""Everything about bound items but their state, which decides about their stages and comes before.

Their blocks come last: they repeat what the roadmap will say.
"""

from __future__ import annotations

from collections.abc import Iterator

from syncer.model.document import ItemKind
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, SeenIssue
from syncer.model.plan import ItemKey
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.items.assignees import plan_assignees
from syncer.reconcile.items.blocks import plan_block
from syncer.reconcile.items.labels import plan_labels
from syncer.reconcile.items.places import plan_place
from syncer.reconcile.items.started import plan_started
from syncer.reconcile.items.titles import plan_title


def plan_fields(draft: PlanDraft) -> None:
    """Merge title and stage of every bound item."""
    for binding, key, issues in _managed(draft):
        if draft.item(key).kind is not ItemKind.GATE:
            plan_title(draft, binding, key, issues)
        for tracker, issue in issues.items():
            plan_place(draft, binding, key, tracker, issue)


def plan_progress(draft: PlanDraft) -> None:
    """Merge what is in progress, once it is known which items will be finished."""
    for binding, key, issues in _managed(draft):
        plan_started(draft, binding, key, issues)


def plan_attributes(draft: PlanDraft) -> None:
    """Bring labels and assignees in line with what the roadmap will say."""
    for binding, key, issues in _managed(draft):
        for tracker, issue in issues.items():
            plan_labels(draft, binding, key, tracker, issue)
            plan_assignees(draft, binding, key, tracker, issue)


def plan_blocks(draft: PlanDraft) -> None:
    """Bring the managed blocks in line with what the roadmap will say."""
    for binding, key, issues in _managed(draft):
        if draft.item(key).kind is ItemKind.GATE or key in draft.members:
            continue
        for tracker, issue in issues.items():
            plan_block(draft, binding, key, tracker, issue)


def _managed(draft: PlanDraft) -> Iterator[tuple[Binding, ItemKey, dict[TrackerId, SeenIssue]]]:
    for uid, match in draft.pairs.items():
        binding = draft.bindings[uid]
        if not draft.manages(draft.item(match.item)):
            continue
        issues = draft.issues(binding)
        if issues:
            yield binding, match.item, issues
