"""Model values as JSON text and back.

Every record carries the version of its shape; a record from the future is refused, never guessed at.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from syncer.errors import UserError
from syncer.model.fields import Field, TaskState
from syncer.model.identity import Marker, Owner, TrackerId, Uid
from syncer.model.ledger import (
    Anchor,
    Base,
    Binding,
    BindingState,
    BlockState,
    Carrier,
    Decision,
    Heard,
    Intent,
    IntentKind,
    Pin,
    Refused,
    RunOutcome,
    SeenIssue,
    Settled,
    Settlement,
    SourceState,
    StageAnchor,
    StageBinding,
    Standing,
    StandingHold,
    Value,
)
from syncer.model.proposal import ProposalState
from syncer.model.tracker import Cursor, Milestone, TrackerProfile

SHAPE = 1


def dump(record: Mapping[str, Any]) -> str:
    """A record as text, the same for equal records."""
    return json.dumps({"_": SHAPE, **record}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def load(text: str) -> dict[str, Any]:
    """A record from text.

    Raises:
        UserError: the record was written by a newer version of syncer.
    """
    record: dict[str, Any] = json.loads(text)
    shape = record.pop("_", 0)
    if shape > SHAPE:
        raise UserError(
            f"the ledger holds a record of shape {shape}, and this version knows shapes up to {SHAPE}",
            next_step="run the newer syncer that wrote it",
        )
    return record


# -- values ----------------------------------------------------------------------------------------------


def value_to_json(value: Value) -> Any:
    if isinstance(value, TaskState):
        return {"state": value.value}
    if isinstance(value, frozenset):
        return {"set": sorted(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return value


def value_from_json(data: Any) -> Value:
    if isinstance(data, dict):
        if "state" in data:
            return TaskState(data["state"])
        if "set" in data:
            return frozenset(data["set"])
        return date.fromisoformat(data["date"])
    if data is None or isinstance(data, (str, int)):
        return data
    raise TypeError(f"no ledger value: {data!r}")


def fields_to_json(fields: Mapping[Field, Settled]) -> dict[str, Any]:
    return {
        field.value: [value_to_json(settled.roadmap), value_to_json(settled.tracker)]
        for field, settled in fields.items()
    }


def fields_from_json(data: Mapping[str, Any]) -> dict[Field, Settled]:
    return {
        Field(name): Settled(value_from_json(pair[0]), value_from_json(pair[1]))
        for name, pair in data.items()
    }


def _base_to_json(base: Base) -> dict[str, Any]:
    return {tracker: fields_to_json(fields) for tracker, fields in base.items()}


def _base_from_json(data: Mapping[str, Any]) -> dict[TrackerId, dict[Field, Settled]]:
    return {TrackerId(tracker): fields_from_json(fields) for tracker, fields in data.items()}


def moment_to_json(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def moment_from_json(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None


# -- bindings --------------------------------------------------------------------------------------------


def anchor_to_json(anchor: Anchor) -> dict[str, Any]:
    return {
        "path": anchor.path,
        "section": list(anchor.section),
        "title": anchor.title,
        "ordinal": anchor.ordinal,
        "id": anchor.id,
        "parent": anchor.parent,
        "line": anchor.line,
        "gate": anchor.gate,
    }


def anchor_from_json(data: Mapping[str, Any]) -> Anchor:
    return Anchor(
        data["path"],
        tuple(data["section"]),
        data["title"],
        data["ordinal"],
        data["id"],
        data["parent"],
        data["line"],
        data.get("gate", False),
    )


def binding_to_json(binding: Binding) -> dict[str, Any]:
    return {
        "anchor": anchor_to_json(binding.anchor),
        "refs": dict(binding.refs),
        "base": _base_to_json(binding.base),
        "state": binding.state.value,
        "words": list(binding.words),
    }


def binding_from_json(uid: str, data: Mapping[str, Any]) -> Binding:
    return Binding(
        Uid(uid),
        anchor_from_json(data["anchor"]),
        {TrackerId(tracker): number for tracker, number in data["refs"].items()},
        _base_from_json(data["base"]),
        BindingState(data["state"]),
        tuple(data["words"]),
    )


def stage_anchor_to_json(anchor: StageAnchor) -> dict[str, Any]:
    return {
        "path": anchor.path,
        "name": anchor.name,
        "kind_word": anchor.kind_word,
        "number": anchor.number,
        "id": anchor.id,
        "line": anchor.line,
    }


def stage_anchor_from_json(data: Mapping[str, Any]) -> StageAnchor:
    return StageAnchor(
        data["path"], data["name"], data["kind_word"], data["number"], data["id"], data["line"]
    )


def stage_to_json(binding: StageBinding) -> dict[str, Any]:
    return {
        "anchor": stage_anchor_to_json(binding.anchor),
        "milestones": dict(binding.milestones),
        "base": _base_to_json(binding.base),
        "words": list(binding.words),
    }


def stage_from_json(uid: str, data: Mapping[str, Any]) -> StageBinding:
    return StageBinding(
        Uid(uid),
        stage_anchor_from_json(data["anchor"]),
        {TrackerId(tracker): key for tracker, key in data["milestones"].items()},
        _base_from_json(data["base"]),
        tuple(data["words"]),
    )


# -- what was seen ---------------------------------------------------------------------------------------


def issue_to_json(issue: SeenIssue) -> dict[str, Any]:
    marker = issue.marker
    return {
        "title": issue.title,
        "state": issue.state.value,
        "milestone": issue.milestone,
        "labels": sorted(issue.labels),
        "url": issue.url,
        "author": issue.author,
        "created_at": moment_to_json(issue.created_at),
        "updated_at": moment_to_json(issue.updated_at),
        "marker": [marker.version, marker.owner, marker.uid] if marker is not None else None,
        "block": issue.block.value,
        "digest": issue.digest,
        "reference": issue.reference,
        "origin": issue.origin,
        "untouched": issue.untouched,
        "checks": [[text, ticked] for text, ticked in issue.checks],
        "assignees": sorted(issue.assignees),
        "parent": issue.parent,
        "kind": issue.kind,
        "asks": issue.asks,
        "heard": [moment_to_json(issue.heard.at), issue.heard.refused, issue.heard.told]
        if issue.heard is not None
        else None,
    }


def issue_from_json(number: int, data: Mapping[str, Any]) -> SeenIssue:
    marker = data["marker"]
    return SeenIssue(
        number,
        data["title"],
        TaskState(data["state"]),
        data["milestone"],
        frozenset(data["labels"]),
        data["url"],
        data["author"],
        datetime.fromisoformat(data["created_at"]),
        datetime.fromisoformat(data["updated_at"]),
        Marker(marker[0], Owner(marker[1]), Uid(marker[2])) if marker is not None else None,
        BlockState(data["block"]),
        data["digest"],
        data["reference"],
        data["origin"],
        data.get("untouched", False),
        tuple((text, ticked) for text, ticked in data.get("checks", ())),
        frozenset(data.get("assignees", ())),
        data.get("parent"),
        data.get("kind", ""),
        data.get("asks"),
        _heard(data.get("heard")),
    )


def _heard(data: Any) -> Heard | None:
    return Heard(datetime.fromisoformat(data[0]), data[1], data[2]) if data else None


def milestone_to_json(milestone: Milestone) -> dict[str, Any]:
    return {
        "shown": milestone.shown,
        "title": milestone.title,
        "description": milestone.description,
        "closed": milestone.closed,
        "due": milestone.due.isoformat() if milestone.due is not None else None,
        "url": milestone.url,
        "updated_at": moment_to_json(milestone.updated_at),
        "writable": milestone.writable,
    }


def milestone_from_json(key: int, data: Mapping[str, Any]) -> Milestone:
    return Milestone(
        key,
        data["shown"],
        data["title"],
        data["description"],
        data["closed"],
        date.fromisoformat(data["due"]) if data["due"] is not None else None,
        data["url"],
        datetime.fromisoformat(data["updated_at"]),
        data["writable"],
    )


def cursor_to_json(cursor: Cursor) -> dict[str, Any]:
    return {
        "watermark": moment_to_json(cursor.watermark),
        "etags": dict(cursor.etags),
        "credential": cursor.credential,
        "complete": cursor.complete,
        "floor": moment_to_json(cursor.floor),
    }


def cursor_from_json(data: Mapping[str, Any]) -> Cursor:
    return Cursor(
        moment_from_json(data["watermark"]),
        dict(data["etags"]),
        data["credential"],
        data["complete"],
        moment_from_json(data["floor"]),
    )


def profile_to_json(profile: TrackerProfile) -> dict[str, Any]:
    return {
        "canonical": profile.canonical,
        "host": profile.host,
        "repository_id": profile.repository_id,
        "default_branch": profile.default_branch,
        "private": profile.private,
        "archived": profile.archived,
        "issues_enabled": profile.issues_enabled,
        "web_url": profile.web_url,
        "can_push": profile.can_push,
        "can_triage": profile.can_triage,
        "parents": profile.parents,
    }


def profile_from_json(data: Mapping[str, Any]) -> TrackerProfile:
    return TrackerProfile(**data)


def source_to_json(source: SourceState) -> dict[str, Any]:
    return {
        "branch": source.branch,
        "revision": source.revision,
        "etag": source.etag,
        "unreadable": dict(source.unreadable),
        "paths": sorted(source.paths),
        "patterns": list(source.patterns),
        "rewritten": source.rewritten,
    }


def source_from_json(data: Mapping[str, Any]) -> SourceState:
    return SourceState(
        data["branch"],
        data["revision"],
        data["etag"],
        dict(data["unreadable"]),
        frozenset(data.get("paths", ())),
        tuple(data.get("patterns", ())),
        bool(data.get("rewritten", False)),
    )


def carrier_to_json(carrier: Carrier) -> dict[str, Any]:
    refused = carrier.refused
    return {
        "direct": carrier.direct,
        "number": carrier.number,
        "opening": carrier.opening,
        "shown": carrier.shown,
        "url": carrier.url,
        "state": carrier.state.value if carrier.state is not None else None,
        "branch": carrier.branch,
        "head": carrier.head,
        "touched": carrier.touched,
        "mixed": carrier.mixed,
        "blobs": dict(carrier.blobs),
        "edits": sorted(carrier.edits),
        "declined": dict(carrier.declined),
        "anchors": {uid: anchor_to_json(anchor) for uid, anchor in carrier.anchors.items()},
        "stages": {uid: stage_anchor_to_json(anchor) for uid, anchor in carrier.stages.items()},
        "refused": {
            "reason": refused.reason,
            "remedy": refused.remedy,
            "at": moment_to_json(refused.at),
            "edits": sorted(refused.edits),
        }
        if refused is not None
        else None,
        "etag": carrier.etag,
    }


def carrier_from_json(data: Mapping[str, Any]) -> Carrier:
    refused = data["refused"]
    return Carrier(
        direct=data["direct"],
        number=data["number"],
        opening=data["opening"],
        shown=data["shown"],
        url=data["url"],
        state=ProposalState(data["state"]) if data["state"] is not None else None,
        branch=data["branch"],
        head=data["head"],
        touched=data["touched"],
        mixed=data["mixed"],
        blobs=dict(data["blobs"]),
        edits=frozenset(data["edits"]),
        declined=dict(data["declined"]),
        anchors={Uid(uid): anchor_from_json(each) for uid, each in data["anchors"].items()},
        stages={Uid(uid): stage_anchor_from_json(each) for uid, each in data["stages"].items()},
        refused=Refused(
            refused["reason"],
            refused["remedy"],
            datetime.fromisoformat(refused["at"]),
            frozenset(refused["edits"]),
        )
        if refused is not None
        else None,
        etag=data["etag"],
    )


# -- effects ---------------------------------------------------------------------------------------------


def settlement_to_json(settlement: Settlement) -> dict[str, Any]:
    return {
        "uid": settlement.uid,
        "tracker": settlement.tracker,
        "fields": fields_to_json({settlement.field: settlement.settled}),
        "stage": settlement.stage,
    }


def settlement_from_json(data: Mapping[str, Any]) -> Settlement:
    ((field, settled),) = fields_from_json(data["fields"]).items()
    return Settlement(Uid(data["uid"]), TrackerId(data["tracker"]), field, settled, data["stage"])


def intent_to_json(intent: Intent) -> dict[str, Any]:
    return {
        "run": intent.run,
        "kind": intent.kind.value,
        "tracker": intent.tracker,
        "uid": intent.uid,
        "target": intent.target,
        "settlements": [settlement_to_json(each) for each in intent.settlements],
        "recorded_at": moment_to_json(intent.recorded_at),
        "anchor": anchor_to_json(intent.anchor) if intent.anchor is not None else None,
        "stage_anchor": stage_anchor_to_json(intent.stage_anchor)
        if intent.stage_anchor is not None
        else None,
        "highest": intent.highest,
        "seen_at": moment_to_json(intent.seen_at),
        "revision": intent.revision,
        "summary": intent.summary,
        "title": intent.title,
        "bodies": list(intent.bodies) if intent.bodies is not None else None,
    }


def intent_from_json(number: int, data: Mapping[str, Any]) -> Intent:
    return Intent(
        number,
        data["run"],
        IntentKind(data["kind"]),
        TrackerId(data["tracker"]) if data["tracker"] is not None else None,
        Uid(data["uid"]),
        data["target"],
        tuple(settlement_from_json(each) for each in data["settlements"]),
        datetime.fromisoformat(data["recorded_at"]),
        anchor_from_json(data["anchor"]) if data["anchor"] is not None else None,
        stage_anchor_from_json(data["stage_anchor"]) if data["stage_anchor"] is not None else None,
        data["highest"],
        moment_from_json(data["seen_at"]),
        data["revision"],
        data["summary"],
        data.get("title", ""),
        bodies_from_json(data.get("bodies")),
    )


def bodies_from_json(data: Sequence[str] | None) -> tuple[str, str] | None:
    if data is None:
        return None
    before, after = data
    return before, after


def decision_to_json(decision: Decision) -> dict[str, Any]:
    return {
        "uid": decision.uid,
        "field": decision.field.value,
        "winner": decision.winner,
        "holds": sorted(decision.holds),
        "at": moment_to_json(decision.at),
        "saw": decision.saw,
    }


def decision_from_json(data: Mapping[str, Any]) -> Decision:
    return Decision(
        Uid(data["uid"]),
        Field(data["field"]),
        TrackerId(data["winner"]),
        frozenset(data["holds"]),
        datetime.fromisoformat(data["at"]),
        data["saw"],
    )


def pin_to_json(pin: Pin) -> dict[str, Any]:
    return {"anchor": anchor_to_json(pin.anchor), "uid": pin.uid}


def pin_from_json(data: Mapping[str, Any]) -> Pin:
    return Pin(anchor_from_json(data["anchor"]), Uid(data["uid"]) if data["uid"] is not None else None)


def _standing_hold_to_json(hold: StandingHold) -> dict[str, Any]:
    return {name: value for name, value in dataclasses.asdict(hold).items() if value not in ("", None)}


def _standing_hold_from_json(data: Mapping[str, Any]) -> StandingHold:
    return StandingHold(**{"place": "", "title": "", **data, "choices": tuple(data.get("choices", ()))})


def standing_to_json(standing: Standing) -> dict[str, Any]:
    return {
        "at": moment_to_json(standing.at),
        "outcome": standing.outcome.value,
        "last_success": moment_to_json(standing.last_success),
        "counts": dict(standing.counts),
        "holds": [_standing_hold_to_json(hold) for hold in standing.holds],
        "held": list(standing.held),
        "digests": list(standing.digests),
        "problem": standing.problem,
    }


def standing_from_json(data: Mapping[str, Any]) -> Standing:
    return Standing(
        datetime.fromisoformat(data["at"]),
        RunOutcome(data["outcome"]),
        moment_from_json(data["last_success"]),
        dict(data["counts"]),
        tuple(_standing_hold_from_json(hold) for hold in data["holds"] if isinstance(hold, dict)),
        tuple(data["held"]),
        tuple(data["digests"]),
        data["problem"],
    )
