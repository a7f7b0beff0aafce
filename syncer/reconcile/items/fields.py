"""Everything about bound items but their state, which decides about their stages and comes before."""

from __future__ import annotations

from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.items.blocks import plan_block
from syncer.reconcile.items.labels import plan_labels
from syncer.reconcile.items.places import plan_place
from syncer.reconcile.items.titles import plan_title


def plan_fields(draft: PlanDraft) -> None:
    """Merge title, stage, labels and block of every bound item."""
    for uid, match in draft.pairs.items():
        binding = draft.bindings[uid]
        if not draft.manages(draft.item(match.item)):
            continue
        issues = draft.issues(binding)
        if not issues:
            continue
        plan_title(draft, binding, match.item, issues)
        for tracker, issue in issues.items():
            plan_place(draft, binding, match.item, tracker, issue)
            plan_labels(draft, binding, match.item, tracker, issue)
            plan_block(draft, binding, match.item, tracker, issue)
