"""Ending a binding, or all bindings of a file, for good. Nothing is closed, deleted or edited for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from syncer.errors import UserError
from syncer.model.fields import Field
from syncer.model.identity import Uid
from syncer.model.ledger import (
    Binding,
    BindingState,
    Decision,
    JournalEntry,
    LedgerChange,
    LedgerState,
    StageBinding,
)
from syncer.service.naming import Named, documents_of


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is ended.

    Args:
        change: to be remembered.
        said: what that means, one line for each thing.
    """

    change: LedgerChange
    said: tuple[str, ...]


def knows_file(state: LedgerState, path: str) -> bool:
    """Whether something is bound in a file."""
    anchors = [each.anchor.path for each in state.bindings.values()]
    return path in [*anchors, *(each.anchor.path for each in state.stages.values())]


def forget_file(state: LedgerState, path: str, run: str, at: datetime) -> Forgotten:
    """End everything that was bound in a file.

    Args:
        state: as remembered.
        path: of the file, as the ledger has it.
        run: a name for this call, as runs have one.
        at: when.
    """
    bindings = [
        each
        for each in state.bindings.values()
        if each.anchor.path == path and each.state is not BindingState.ENDED
    ]
    stages = [each for each in state.stages.values() if each.anchor.path == path]
    text = f"{len(bindings)} items and {len(stages)} stages of {path} are not looked after any more"
    change = LedgerChange(
        bindings=tuple(_ended(each) for each in bindings),
        dropped_stages=tuple(each.uid for each in stages),
        forgotten=state.forgotten | {str(each.uid) for each in stages},
        dropped_files=(path,) if path in state.files else (),
        decisions=_without(state, {*(each.uid for each in bindings), *(each.uid for each in stages)}),
        pins=tuple(each for each in state.pins if each.anchor.path != path),
        # What is remembered of the file is gone, so the next run reads it again if it is there.
        source=dataclasses.replace(state.source, revision="", etag=""),
        journal=(
            JournalEntry(at, run, "forget", path, text),
            *(
                _entry(each.uid, each.anchor.path, each.anchor.line, each.anchor.title, run, at)
                for each in bindings
            ),
        ),
    )
    return Forgotten(change, (f"{text}; their issues and milestones stay as they are",))


def forget(state: LedgerState, named: Named, run: str, at: datetime) -> Forgotten:
    """End what a person named.

    Args:
        state: as remembered.
        named: an item, an issue, or a stage.
        run: a name for this call, as runs have one.
        at: when.

    Raises:
        UserError: there is nothing to end.
    """
    if named.stage is not None:
        return _forget_stage(state, named.stage, run, at)
    if named.binding is not None:
        return _forget_item(state, named.binding, run, at)
    if named.uid is not None and named.number is not None:
        entry = JournalEntry(
            at, run, "forget", f"#{named.number}", "its marker is not looked at any more", named.uid
        )
        return Forgotten(
            LedgerChange(forgotten=state.forgotten | {str(named.uid)}, journal=(entry,)),
            (f"#{named.number} stays as it is; nothing waits for it any more",),
        )
    raise UserError(
        "it is not bound, so there is nothing to end",
        where=str(named),
        next_step="a line is left out with `<!-- syncer: ignore -->` behind it",
    )


def _forget_item(state: LedgerState, binding: Binding, run: str, at: datetime) -> Forgotten:
    anchor = binding.anchor
    if binding.state is BindingState.ENDED:
        raise UserError(
            "it was ended already",
            where=f"{anchor.path}:{anchor.line}",
            next_step="`syncer adopt '#NUMBER=FILE:LINE'` binds it again",
        )
    issues = ", ".join(f"#{number} on {tracker}" for tracker, number in sorted(binding.refs.items()))
    return Forgotten(
        LedgerChange(
            bindings=(_ended(binding),),
            decisions=_without(state, {binding.uid}),
            pins=tuple(each for each in state.pins if each.uid != binding.uid),
            journal=(_entry(binding.uid, anchor.path, anchor.line, anchor.title, run, at),),
        ),
        (f"{anchor.title!r} and {issues or 'no issue'} stay as they are, each on its own",),
    )


def _forget_stage(state: LedgerState, stage: StageBinding, run: str, at: datetime) -> Forgotten:
    here = {
        tracker: key
        for tracker, key in stage.milestones.items()
        if tracker in state.trackers and key in state.trackers[tracker].milestones
    }
    anchor = stage.anchor
    written = any(
        each.name == anchor.name
        for document in documents_of(state)
        if document.path == anchor.path
        for each in document.stages
    )
    if here and written:
        raise UserError(
            "the stage and its milestone are both there; its issues need the milestone",
            where=f"{anchor.path}:{anchor.line}",
            next_step="`<!-- syncer: ignore -->` under the heading leaves the whole section out",
        )
    said = (
        f"the milestone of {anchor.name!r} stays as it is"
        if here
        else f"{anchor.name!r} gets a new milestone when it calls for one"
    )
    return Forgotten(
        LedgerChange(
            dropped_stages=(stage.uid,),
            bindings=() if here else tuple(_unplaced(state, stage.uid)),
            forgotten=state.forgotten | {str(stage.uid)},
            decisions=_without(state, {stage.uid}),
            journal=(_entry(stage.uid, anchor.path, anchor.line, anchor.name, run, at),),
        ),
        (said,),
    )


def _unplaced(state: LedgerState, stage: Uid) -> Iterator[Binding]:
    """The items of a stage without the milestone that is gone: they go into the new one."""
    for binding in state.bindings.values():
        base = {
            tracker: {
                field: settled
                for field, settled in fields.items()
                if field is not Field.STAGE or settled.roadmap != str(stage)
            }
            for tracker, fields in binding.base.items()
        }
        if base != binding.base:
            yield dataclasses.replace(binding, base=base)


def _ended(binding: Binding) -> Binding:
    return dataclasses.replace(binding, state=BindingState.ENDED)


def _without(state: LedgerState, uids: set[Uid]) -> tuple[Decision, ...] | None:
    kept = tuple(each for each in state.decisions if each.uid not in uids)
    return kept if kept != state.decisions else None


def _entry(uid: Uid, path: str, line: int, title: str, run: str, at: datetime) -> JournalEntry:
    text = f"{title}: ended by a person; nothing was closed or changed for it"
    return JournalEntry(at, run, "forget", f"{path}:{line}" if line else path, text, uid)
