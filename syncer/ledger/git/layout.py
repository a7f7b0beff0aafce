"""Everything that is remembered about a project, as files of a commit and back. Performs no I/O.

    about.json               whose it is, its counters, the lease
    looked.json              when somebody looked: cursors, validators, times of runs
    facts.json               about source, owner and carrier, decisions, approvals, profiles
    standing.json            where the project stands
    bindings/NN.jsonl        one line for each, by their ids
    runs/NN.jsonl            the same for runs
    stages.jsonl, intents.jsonl, milestones/TRACKER.jsonl
    issues/TRACKER/N.jsonl   one line for each, 16 numbers to a file
    journal/N.jsonl, lost-values.jsonl, notes/NAME
    roadmaps/DIGEST          the roadmaps as they were settled; the repository holds these objects anyway

Equal records make equal bytes, and a change touches few files: what is pushed stays small, and so does
what the host has to put away. Files that begin like one of :data:`VOLATILE` are alone not worth a push.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, unquote

from syncer.errors import ConfigError, UserError
from syncer.ledger import codec
from syncer.ledger.git.journal import Journal, journal_from_files
from syncer.ledger.git.lease import Lease, lease_from_json
from syncer.model.identity import Owner, TrackerId, Uid
from syncer.model.ledger import (
    Carrier,
    FileBase,
    LedgerState,
    RunOutcome,
    RunRecord,
    SourceState,
    Standing,
    TrackerState,
    empty_state,
)
from syncer.model.tracker import Cursor

FORMAT: Final = 1
ABOUT: Final = "about.json"
RUNS: Final = "runs/"
VOLATILE: Final = (ABOUT, "looked.json", RUNS)

_SHARDS: Final = 64
_NUMBERS: Final = 16
_NOTES: Final = "notes/"


@dataclass(slots=True)
class Snapshot:
    """What a commit holds.

    Args:
        serial: counts commits, so that no two are alike.
        intent: the number of the next intent.
        lease: of whoever made the commit, while he works.
        notes: of :mod:`syncer.ledger.git.notes`, by name.
    """

    state: LedgerState
    standing: Standing | None = None
    runs: dict[str, RunRecord] = field(default_factory=dict)
    journal: Journal = field(default_factory=Journal)
    serial: int = 0
    intent: int = 1
    lease: Lease | None = None
    notes: dict[str, str] = field(default_factory=dict)

    def copy(self) -> Snapshot:
        """Another one, to be changed."""
        return dataclasses.replace(
            self, runs=dict(self.runs), journal=self.journal.copy(), notes=dict(self.notes)
        )


def to_files(snapshot: Snapshot) -> dict[str, bytes]:
    """The files of a commit, by path."""
    state = snapshot.state
    files: dict[str, bytes] = {
        ABOUT: _text(
            {
                "format": FORMAT,
                "project": state.project,
                "serial": snapshot.serial,
                "generation": state.generation,
                "intent": snapshot.intent,
                "entry": snapshot.journal.next,
                "lease": snapshot.lease.to_json() if snapshot.lease is not None else None,
            }
        ),
        "looked.json": _text(_looked(snapshot)),
        "facts.json": _text(_facts(state)),
    }
    if snapshot.standing is not None:
        files["standing.json"] = _text(_without_times(codec.standing_to_json(snapshot.standing)))
    _add(
        files,
        "stages.jsonl",
        ({"uid": uid, **codec.stage_to_json(each)} for uid, each in _sorted(state.stages)),
    )
    _add(files, "intents.jsonl", ({"id": each.id, **codec.intent_to_json(each)} for each in state.intents))
    shards: dict[str, list[dict[str, Any]]] = {}
    for name, run in _sorted(snapshot.runs):
        shards.setdefault(_shard(RUNS, name), []).append(_run_to_json(run))
    for uid, binding in _sorted(state.bindings):
        shards.setdefault(_shard("bindings/", uid), []).append({"uid": uid, **codec.binding_to_json(binding)})
    for tracker, known in _sorted(state.trackers):
        name = quote(tracker, safe="")
        for number, issue in _sorted(known.issues):
            path = f"issues/{name}/{number // _NUMBERS:06d}.jsonl"
            shards.setdefault(path, []).append({"number": number, **codec.issue_to_json(issue)})
        for key, milestone in _sorted(known.milestones):
            record = {"key": key, **codec.milestone_to_json(milestone)}
            shards.setdefault(f"milestones/{name}.jsonl", []).append(record)
    for path, records in shards.items():
        _add(files, path, records)
    for each in state.files.values():
        files[_roadmap(each.path)] = each.data
    for name, text in snapshot.notes.items():
        files[_NOTES + quote(name, safe="")] = text.encode()
    return files | snapshot.journal.to_files()


def from_files(project: str, files: Mapping[str, bytes], where: str) -> Snapshot:
    """What a commit holds.

    Args:
        project: whose it has to be.
        files: by path; none where nothing is remembered yet.
        where: they were found, for messages.

    Raises:
        ConfigError: they are not ours, or another project's.
        UserError: a newer syncer wrote them.
    """
    if not files:
        return Snapshot(empty_state(project))
    about = _about(project, files, where)
    try:
        return _snapshot(project, about, files)
    except (KeyError, ValueError, TypeError, AttributeError):
        raise ConfigError(
            f"what {where} holds is damaged",
            where="state.url",
            next_step="delete the ref; what it remembered comes back from the issues themselves",
        ) from None


def _snapshot(project: str, about: Mapping[str, Any], files: Mapping[str, bytes]) -> Snapshot:
    facts, looked = codec.load(files["facts.json"].decode()), codec.load(files["looked.json"].decode())
    profile = facts["source_profile"]
    source = codec.source_from_json({**facts["source"], "etag": looked["etag"]}) if facts["source"] else None
    state = LedgerState(
        project=project,
        generation=about["generation"],
        owner=Owner(facts["owner"]) if facts["owner"] else None,
        source_profile=codec.profile_from_json(profile) if profile else None,
        source=source or SourceState(),
        files={path: FileBase(path, blob, files[_roadmap(path)]) for path, blob in facts["files"].items()},
        bindings={
            Uid(each["uid"]): codec.binding_from_json(each.pop("uid"), each)
            for each in _records(files, "bindings/")
        },
        stages={
            Uid(each["uid"]): codec.stage_from_json(each.pop("uid"), each)
            for each in _records(files, "stages.jsonl")
        },
        trackers=_trackers(files, facts["profiles"], looked["cursors"]),
        intents=tuple(
            codec.intent_from_json(each.pop("id"), each) for each in _records(files, "intents.jsonl")
        ),
        approved=frozenset(facts["approved"]),
        forgotten=frozenset(facts["forgotten"]),
        carrier=codec.carrier_from_json(facts["carrier"]) if facts["carrier"] else Carrier(),
        decisions=tuple(codec.decision_from_json(each) for each in facts["decisions"]),
        pins=tuple(codec.pin_from_json(each) for each in facts["pins"]),
        detached=facts["detached"],
    )
    standing = None
    if "standing.json" in files:
        times = looked["standing"]
        standing = codec.standing_from_json({**codec.load(files["standing.json"].decode()), **times})
    runs = [_run_from_json(each) for each in _records(files, RUNS)]
    return Snapshot(
        state,
        standing,
        {run.run: run for run in runs},
        journal_from_files(files, about["entry"]),
        about["serial"],
        about["intent"],
        lease_from_json(about["lease"]),
        {
            unquote(path.removeprefix(_NOTES)): data.decode()
            for path, data in files.items()
            if path.startswith(_NOTES)
        },
    )


def _about(project: str, files: Mapping[str, bytes], where: str) -> dict[str, Any]:
    try:
        about = codec.load(files[ABOUT].decode())
        whose, version = str(about["project"]), int(about["format"])
    except (KeyError, ValueError, AttributeError):
        raise ConfigError(
            f"{where} holds something that syncer did not write, and that is left alone",
            where="state.url",
            next_step="name a ref that nothing else uses",
        ) from None
    if whose != project:
        raise ConfigError(
            f"{where} remembers the project {whose!r}",
            where="state.url",
            next_step="give each project a ref of its own: write {project} into state.url",
        )
    if version > FORMAT:
        raise UserError(
            f"{where} was written by a newer version of syncer",
            where="state.url",
            next_step="run the newer syncer that wrote it",
        )
    return about


def _looked(snapshot: Snapshot) -> dict[str, Any]:
    state, standing = snapshot.state, snapshot.standing
    return {
        "etag": state.source.etag,
        "cursors": {tracker: codec.cursor_to_json(known.cursor) for tracker, known in state.trackers.items()},
        "standing": _times(codec.standing_to_json(standing)) if standing is not None else {},
    }


def _facts(state: LedgerState) -> dict[str, Any]:
    profile, source = state.source_profile, codec.source_to_json(state.source)
    return {
        "owner": state.owner,
        "source_profile": codec.profile_to_json(profile) if profile is not None else None,
        "source": {**source, "etag": ""} if state.source != SourceState() else None,
        "approved": sorted(state.approved),
        "forgotten": sorted(state.forgotten),
        "carrier": codec.carrier_to_json(state.carrier) if state.carrier != Carrier() else None,
        "decisions": [codec.decision_to_json(each) for each in state.decisions],
        "pins": [codec.pin_to_json(each) for each in state.pins],
        "detached": state.detached,
        "files": {path: each.blob for path, each in state.files.items()},
        "profiles": {
            tracker: codec.profile_to_json(known.profile) if known.profile is not None else None
            for tracker, known in state.trackers.items()
        },
    }


def _trackers(
    files: Mapping[str, bytes], profiles: Mapping[str, Any], cursors: Mapping[str, Any]
) -> dict[TrackerId, TrackerState]:
    trackers: dict[TrackerId, TrackerState] = {}
    for tracker, profile in profiles.items():
        name = quote(tracker, safe="")
        cursor = cursors.get(tracker)
        trackers[TrackerId(tracker)] = TrackerState(
            codec.cursor_from_json(cursor) if cursor is not None else Cursor(),
            codec.profile_from_json(profile) if profile is not None else None,
            {
                each["number"]: codec.issue_from_json(each.pop("number"), each)
                for each in _records(files, f"issues/{name}/")
            },
            {
                each["key"]: codec.milestone_from_json(each.pop("key"), each)
                for each in _records(files, f"milestones/{name}.jsonl")
            },
        )
    return trackers


_TIMES: Final = ("at", "last_success", "counts")
"""What a standing says about the last run only."""


def _times(standing: Mapping[str, Any]) -> dict[str, Any]:
    return {name: standing[name] for name in _TIMES}


def _without_times(standing: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in standing.items() if name not in _TIMES}


def _run_to_json(run: RunRecord) -> dict[str, Any]:
    return {
        "run": run.run,
        "started_at": run.started_at.isoformat(),
        "finished_at": codec.moment_to_json(run.finished_at),
        "outcome": run.outcome.value if run.outcome is not None else None,
        "summary": run.summary,
    }


def _run_from_json(data: Mapping[str, Any]) -> RunRecord:
    return RunRecord(
        data["run"],
        datetime.fromisoformat(data["started_at"]),
        codec.moment_from_json(data["finished_at"]),
        RunOutcome(data["outcome"]) if data["outcome"] else None,
        data["summary"],
    )


def _shard(folder: str, name: str) -> str:
    return f"{folder}{hashlib.sha256(name.encode()).digest()[0] % _SHARDS:02d}.jsonl"


def _roadmap(path: str) -> str:
    """Paths of different times may not go together in one tree; their digests always do."""
    return f"roadmaps/{hashlib.sha256(path.encode()).hexdigest()[:24]}"


def _sorted(found: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    return sorted(found.items(), key=lambda pair: pair[0])


def _text(record: Mapping[str, Any]) -> bytes:
    return (codec.dump(record) + "\n").encode()


def _add(files: dict[str, bytes], path: str, records: Iterable[Mapping[str, Any]]) -> None:
    data = b"".join(_text(record) for record in records)
    if data:
        files[path] = data


def _records(files: Mapping[str, bytes], prefix: str) -> list[dict[str, Any]]:
    return [
        codec.load(line)
        for path in sorted(files)
        if path.startswith(prefix)
        for line in files[path].decode().split("\n")
        if line
    ]
