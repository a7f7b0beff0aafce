"""Plans, reports and documents as JSON. The keys are stable; new ones may be added."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any

from syncer.cli.describe import describe
from syncer.cli.render import creations, requests
from syncer.model.document import Document, Item, Span, Stage
from syncer.model.fields import Field
from syncer.model.ledger import StandingHold
from syncer.model.plan import Action, Hold, Plan, Receipt, Relocate, SetParent, action_digest, is_effect
from syncer.service.report import RunReport


def plan_json(plan: Plan, *, held: tuple[str, ...] = (), seconds: float = 0.0) -> dict[str, Any]:
    """A plan."""
    return {
        "project": plan.project,
        "revision": plan.revision,
        "generation": plan.generation,
        "digest": plan.digest,
        "actions": [action_json(action) for action in plan.effects],
        "recognised": [
            {
                "path": a.subject.path,
                "line": a.subject.line,
                "title": a.subject.title,
                "how": a.how,
                "score": a.score,
            }
            for a in plan.actions
            if isinstance(a, Relocate) and a.how
        ],
        "holds": [hold_json(hold) for hold in plan.holds],
        "guard": {"held": bool(held), "reasons": list(held)},
        "requests": requests(plan) if plan.effects else 0,
        "creations": creations(plan),
        "seconds": round(seconds, 1),
    }


def action_json(action: Action) -> dict[str, Any]:
    """One action."""
    words = describe(action)
    subject = action.subject
    return {
        "kind": kind_of(action),
        "symbol": words.symbol,
        "text": words.what,
        "reason": action.reason,
        "path": subject.path,
        "line": subject.line,
        "section": list(subject.section),
        "title": subject.title,
        "uid": subject.uid,
        "tracker": getattr(action, "tracker", None) or subject.tracker,
        "number": subject.number,
        "field": field.value if isinstance(field := getattr(action, "field", None), Field) else None,
        "before": _plain(getattr(action, "before", None)),
        "after": action.after_title or None
        if isinstance(action, SetParent)
        else _plain(getattr(action, "after", None)),
        "digest": action_digest(action),
    }


def kind_of(action: Action) -> str:
    """``create-issue`` for a :class:`CreateIssue`, and so on."""
    name = type(action).__name__
    return "".join(f"-{char.lower()}" if char.isupper() else char for char in name).removeprefix("-")


def _plain(value: object) -> str | int | list[str] | None:
    """A field's value; the stage of a move is in ``text`` in words."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, frozenset):
        return sorted(str(each) for each in value)
    if value is None or isinstance(value, (str, int)):
        return value
    return value.isoformat() if isinstance(value, date) else None


def hold_json(hold: Hold) -> dict[str, Any]:
    """One hold."""
    subject = hold.subject
    return {
        "code": hold.code,
        "severity": hold.severity.value,
        "field": hold.field.value,
        "reason": hold.reason,
        "remedy": hold.remedy,
        "path": subject.path,
        "line": subject.line,
        "title": subject.title,
        "uid": subject.uid,
        "tracker": subject.tracker,
        "number": subject.number,
        "base": hold.base,
        "roadmap_value": hold.roadmap,
        "tracker_value": hold.tracker,
        "choices": [choice.value for choice in hold.choices],
        "digest": hold.digest,
    }


def standing_hold_json(hold: StandingHold) -> dict[str, Any]:
    """A hold as the last run left it, with the keys of :func:`hold_json`."""
    path, _, line = hold.place.rpartition(":")
    return {
        "code": hold.code,
        "severity": hold.severity,
        "field": hold.field,
        "reason": hold.reason,
        "remedy": hold.remedy,
        "place": hold.place,
        "path": path if line.isdigit() else hold.place,
        "line": int(line) if line.isdigit() else 0,
        "title": hold.title,
        "uid": hold.uid,
        "tracker": hold.tracker,
        "number": hold.number,
        "base": hold.base,
        "roadmap_value": hold.roadmap,
        "tracker_value": hold.there,
        "choices": list(hold.choices),
        "digest": hold.digest,
    }


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """What became of one action."""
    return {
        **action_json(receipt.action),
        "number": receipt.number or receipt.action.subject.number,
        "outcome": receipt.outcome.value,
        "detail": receipt.detail,
        "url": receipt.url,
    }


def report_json(report: RunReport, *, seconds: float = 0.0) -> dict[str, Any]:
    """A run."""
    problem = report.problem
    return {
        "project": report.project,
        "run": report.run,
        "dry_run": report.dry,
        "outcome": report.outcome.value,
        "plan": plan_json(report.plan, held=report.verdict.reasons, seconds=seconds) if report.plan else None,
        "receipts": [receipt_json(receipt) for receipt in report.receipts if is_effect(receipt.action)],
        "counts": report.counts,
        "proposals": [{"shown": shown, "url": url} for shown, url in report.proposals.items()],
        "commits": [{"revision": each.revision, "url": each.url} for each in report.committed],
        "unreadable": dict(report.unreadable),
        "missing": list(report.missing),
        "problem": {"what": problem.what, "where": problem.where, "next_step": problem.next_step}
        if problem is not None
        else None,
    }


def document_json(document: Document) -> dict[str, Any]:
    """A roadmap as it was read: positions are byte offsets, lines count from 1."""
    return {
        "path": document.path,
        "encoding": "utf-8",
        "eol": document.eol,
        "bom": document.bom,
        "double_encoded": document.mojibake,
        "bytes": len(document.data),
        "items": [_item(document, item) for item in document.items],
        "stages": [_stage(stage) for stage in document.stages],
        "problems": [
            {"line": each.line, "code": each.code, "message": each.message} for each in document.problems
        ],
        "left_out": [
            {"line": each.line, "code": each.code, "message": each.message} for each in document.left_out
        ],
    }


def _item(document: Document, item: Item) -> dict[str, Any]:
    return {
        "kind": item.kind.value,
        "state": item.status.value,
        "status_text": item.status_text,
        "line": item.line,
        "title": item.title,
        "id": item.id,
        "section": list(item.section),
        "stage": document.stages[item.stage].name if item.stage is not None else None,
        "parent_line": document.items[item.parent].line if item.parent is not None else None,
        "mirror_lines": [mirror.line for mirror in item.mirrors],
        "box": _span(item.box.span) if item.box is not None else None,
        "mark": item.box.mark if item.box is not None else None,
        "cell": _span(item.cell.span) if item.cell is not None else None,
        "mirrors": [{"line": each.line, **_span(each.span)} for each in item.mirrors],
        "ordinal": item.ordinal,
        "description": item.description,
        "link": item.link,
        "withheld": item.withheld,
    }


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "name": stage.name,
        "line": stage.line,
        "state": stage.status.value,
        "due": stage.due.isoformat() if stage.due is not None else None,
        "version": stage.version,
        "open": stage.open,
        "done": stage.done,
        "dropped": stage.dropped,
        "id": stage.id,
        "kind": stage.kind_word,
        "number": stage.number,
        "heading_line": stage.heading_line,
        "row_line": stage.row_line,
        "declared": stage.declared,
        "cell": _span(stage.cell.span) if stage.cell is not None else None,
        "mirror_lines": [mirror.line for mirror in stage.mirrors],
        "overview_line": stage.overview.line if stage.overview is not None else None,
        "goal": stage.goal,
        "criteria": list(stage.criteria),
        "current": stage.current,
        "timing": stage.timing,
    }


def _span(span: Span) -> Mapping[str, int]:
    return {"start": span.start, "end": span.end}
