"""Bound issues whose marker does not say any more that they are ours: left alone, and said so."""

from __future__ import annotations

from syncer.model.fields import Field
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, BindingState, BlockState, SeenIssue
from syncer.reconcile.draft import PlanDraft


def report_estranged(draft: PlanDraft) -> None:
    """Hold every bound issue that must not be written to, with what is wrong about its marker."""
    for uid, binding in sorted(draft.bindings.items()):
        if binding.state is not BindingState.LIVE:
            continue
        writable = draft.issues(binding)
        for tracker, number in sorted(binding.refs.items()):
            issue = draft.issue(tracker, number)
            if issue is not None and tracker not in writable:
                _report(draft, binding, tracker, issue)
        del uid


def _report(draft: PlanDraft, binding: Binding, tracker: TrackerId, issue: SeenIssue) -> None:
    match = draft.pairs.get(binding.uid)
    subject = (
        draft.subject(match.item, uid=binding.uid, tracker=tracker)
        if match is not None
        else draft.gone_subject(binding, tracker)
    )
    marker = issue.marker
    if issue.block is BlockState.NEWER:
        code = "newer-marker"
        reason = "its marker was written by a newer version of syncer; nothing is written to it"
        remedy = "run that version of syncer"
    elif marker is not None and marker.owner != draft.observation.owner:
        code = "foreign-marker"
        reason = f"its marker says that {marker.owner} manages it; nothing is written to it"
        remedy = (
            f"`syncer adopt --from {marker.owner}` takes it over, `syncer forget '#{issue.number}'` leaves it"
        )
    else:
        code = "changed-marker"
        reason = "its marker was edited, or copied from another issue: it names another item"
        remedy = (
            f"write `id={binding.uid}` back into its marker, or remove the whole block and let "
            f"`syncer resolve '#{issue.number}' --take roadmap` write it anew"
        )
    draft.ask(
        subject,
        Field.PRESENCE,
        code,
        reason,
        remedy,
        fingerprint=f"{marker.owner} {marker.uid}" if marker is not None else "",
    )
