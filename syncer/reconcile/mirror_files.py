"""Mirror files: roadmaps that repeat the items of another one (``mirrors``), and follow their states.

A mirror has no issues of its own. Its lines follow as long as they show what they showed when both files
last agreed. A line that a person changed is theirs: it is reported and left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from syncer.model.document import Document, Item
from syncer.model.edits import SetState
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Settled
from syncer.model.plan import EditRoadmap, ItemKey, Severity, Subject
from syncer.reconcile.draft import PlanDraft, Preview, shown

_FEW = 3
_Place = tuple[tuple[str, ...], str, int]


def plan_mirror_files(draft: PlanDraft, preview: Preview) -> None:
    """Let the lines of every mirror follow those of its original, in the same commit.

    Args:
        draft: with the states that all items will have.
        preview: how a roadmap reads after edits; unchanged where edits wait to be merged.
    """
    for path, original in sorted(draft.policy.mirrors.items()):
        mirror = draft.observation.mirrors.get(path)
        source = draft.observation.documents.get(original)
        if mirror is None:
            # Said already, as of any file that is not there or cannot be read.
            continue
        if source is None:
            draft.ask(
                Subject(path, 0, (), path),
                Field.PRESENCE,
                "mirror-alone",
                f"it mirrors {original}, which cannot be read now; it is left as it is",
                severity=Severity.WAIT,
            )
            continue
        _Follower(draft, source, mirror).plan(preview)


class _Follower:
    """One mirror beside its original."""

    def __init__(self, draft: PlanDraft, original: Document, mirror: Document) -> None:
        self._draft = draft
        self._original = original
        self._mirror = mirror
        bases = draft.observation.bases
        self._then = _states(bases.get(original.path)), _states(bases.get(mirror.path))
        self._side = TrackerId(f"mirror:{mirror.path}")

    def plan(self, preview: Preview) -> None:
        edits: list[tuple[EditRoadmap, Uid | None, TaskState]] = []
        pairs = list(_pairs(self._original, self._mirror))
        for line, copy in pairs:
            key = ItemKey(self._original.path, line.index)
            if key in self._draft.unsettled:
                continue
            uid, wanted = self._draft.uid_of.get(key), self._draft.state_of(key)
            record = self._record(uid)
            if wanted is copy.state:
                if record is not None and uid is not None:
                    self._draft.settle(uid, self._side, Field.STATE, Settled(wanted, copy.state))
            elif self._as_agreed(line, copy, record):
                edits.append((self._edit(line, copy, wanted), uid, copy.state))
            else:
                self._report(line, copy, wanted)
        self._report_strangers(pairs)
        if not edits:
            return
        waiting = preview(self._mirror, tuple(edit.edit for edit, *_ in edits)) == self._mirror
        for edit, uid, state in edits:
            self._draft.act(edit)
            if waiting and uid is not None:
                # Until it is merged, the file's own past is no witness any more.
                self._draft.settle(uid, self._side, Field.STATE, Settled(state, state))

    def _record(self, uid: Uid | None) -> Settled | None:
        binding = self._draft.bindings.get(uid) if uid is not None else None
        return binding.base.get(self._side, {}).get(Field.STATE) if binding is not None else None

    def _as_agreed(self, line: Item, copy: Item, record: Settled | None) -> bool:
        """Whether a copy still shows what both files showed when they last agreed."""
        if record is not None:
            return record.tracker is copy.state
        original, mirror = self._then
        return mirror.get(_place(copy)) is copy.state and original.get(_place(line)) is copy.state

    def _edit(self, line: Item, copy: Item, wanted: TaskState) -> EditRoadmap:
        return EditRoadmap(
            subject=Subject(self._mirror.path, copy.line, copy.section, copy.full_title),
            reason=f"line {line.line} of {self._original.path}, which it mirrors, is {shown(wanted)}",
            path=self._mirror.path,
            edit=SetState(copy.index, wanted),
            before=shown(copy.state),
            after=shown(wanted),
        )

    def _report(self, line: Item, copy: Item, wanted: TaskState) -> None:
        self._draft.ask(
            Subject(self._mirror.path, copy.line, copy.section, copy.full_title),
            Field.STATE,
            "mirror-differs",
            f"it says {shown(copy.state)}, and line {line.line} of {self._original.path}, which it mirrors, "
            f"says {shown(wanted)}; it does not show what both last agreed on, so it is left alone",
            "make both say the same; from then on it follows",
            severity=Severity.REPORT,
            roadmap=shown(wanted),
            tracker=shown(copy.state),
        )

    def _report_strangers(self, pairs: list[tuple[Item, Item]]) -> None:
        """Lines that only one of the two files has, in one sentence for each."""
        paired = {line.index for line, _ in pairs}, {copy.index for _, copy in pairs}
        for document, known, other in (
            (self._original, paired[0], self._mirror.path),
            (self._mirror, paired[1], self._original.path),
        ):
            lines = [item for item in document.items if item.index not in known]
            if not lines:
                continue
            named = ", ".join(f"{item.title!r} (line {item.line})" for item in lines[:_FEW])
            more = f" and {len(lines) - _FEW} more" if len(lines) > _FEW else ""
            self._draft.ask(
                Subject(self._mirror.path, 0, (), document.path),
                Field.PRESENCE,
                "mirror-lacks" if document is self._original else "mirror-adds",
                f"{document.path} has lines that {other} has not: {named}{more}",
                "write them in both files, or in none; a mirror gets no issues",
                severity=Severity.REPORT,
            )


def _place(item: Item) -> _Place:
    return item.section, item.title, item.ordinal


def _states(document: Document | None) -> dict[_Place, TaskState]:
    return {_place(item): item.state for item in document.items} if document is not None else {}


def _pairs(original: Document, mirror: Document) -> Iterator[tuple[Item, Item]]:
    """Lines that are the same: at the same place, else of the same id, else of the same text, if unique."""
    keys: tuple[Callable[[Item], object], ...] = (_place, lambda item: item.id, lambda item: item.full_title)
    left, right = list(original.items), list(mirror.items)
    for key in keys:
        counts = Counter(key(item) for item in left), Counter(key(item) for item in right)
        of = {key(item): item for item in left}
        found = [
            (of[name], item)
            for item in right
            if (name := key(item)) is not None and counts[0][name] == counts[1][name] == 1
        ]
        yield from found
        taken = {line.index for line, _ in found}, {copy.index for _, copy in found}
        left = [item for item in left if item.index not in taken[0]]
        right = [item for item in right if item.index not in taken[1]]
