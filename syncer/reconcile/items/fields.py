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
from syncer.reconcile.items.blocks import plan_block
from syncer.reconcile.items.labels import plan_labels
from syncer.reconcile.items.places import plan_place
from syncer.reconcile.items.titles import plan_title


def plan_fields(draft: PlanDraft) -> None:
    """Merge title, stage and labels of every bound item."""
    for binding, key, issues in _managed(draft):
        if draft.item(key).kind is not ItemKind.GATE:
            plan_title(draft, binding, key, issues)
        for tracker, issue in issues.items():
            plan_place(draft, binding, key, tracker, issue)
            plan_labels(draft, binding, key, tracker, issue)


def plan_blocks(draft: PlanDraft) -> None:
    """Bring the managed blocks in line with what the roadmap will say."""
    for binding, key, issues in _managed(draft):
        if draft.item(key).kind is ItemKind.GATE:
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
