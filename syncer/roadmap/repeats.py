"""The same id in two tables, or in a list and a table, is one item with several places for its state."""

from __future__ import annotations

from collections.abc import Sequence

from syncer.model.document import StatusCell, Wording
from syncer.roadmap.draft import Findings, ItemDraft
from syncer.roadmap.stagenames import fold_key

_ENOUGH_WORDS_IN_COMMON = 0.5


def merge_repeats(drafts: Sequence[ItemDraft], findings: Findings) -> list[ItemDraft]:
    """Merge what repeats an item into it; what merely has the same id stays apart and is reported.

    Args:
        drafts: all items, in document order.
        findings: where to report to.
    """
    by_id: dict[str, list[ItemDraft]] = {}
    for draft in drafts:
        if draft.id is not None:
            by_id.setdefault(draft.id, []).append(draft)
    absorbed: set[int] = set()
    for same in by_id.values():
        if len(same) < 2:
            continue
        primary = _primary(same)
        for draft in same:
            if draft is primary:
                continue
            if draft.key == -1 and _repeats(draft, primary):
                _absorb(primary, draft, findings)
                absorbed.add(id(draft))
            else:
                findings.problem(
                    draft.line,
                    "duplicate-id",
                    f"{draft.id} stands on line {primary.line} too; both are items of their own",
                )
    return [draft for draft in drafts if id(draft) not in absorbed]


def _primary(same: Sequence[ItemDraft]) -> ItemDraft:
    """The place that tells most: a box, else the row with a text of its own."""
    box = next((draft for draft in same if draft.key != -1), None)
    return box or next((draft for draft in same if draft.title != draft.id), same[0])


def _repeats(draft: ItemDraft, primary: ItemDraft) -> bool:
    """Whether a row speaks of the same thing as another place: it has no text, or much the same one."""
    if draft.title == draft.id:
        return True
    one, other = set(fold_key(draft.title).split()), set(fold_key(primary.title).split())
    common = len(one & other)
    return common > 0 and common >= _ENOUGH_WORDS_IN_COMMON * min(len(one), len(other))


def _absorb(primary: ItemDraft, mirror: ItemDraft, findings: Findings) -> None:
    if primary.stage_hint is None:
        primary.stage_hint = mirror.stage_hint
    cell = mirror.cell or _box_as_cell(mirror)
    if cell is None:
        findings.leave_out(mirror.line, "mirror", f"repeats line {primary.line} without a state")
        return
    if primary.box is None and primary.cell is None and mirror.cell is not None:
        primary.cell, primary.status, primary.status_text = mirror.cell, mirror.status, mirror.status_text
        primary.mirrors.extend(mirror.mirrors)
        return
    primary.mirrors.append(cell)
    if cell.status.task_state is not primary.status.task_state:
        findings.problem(
            cell.line,
            "mirror-drift",
            f"{primary.id} is {cell.text!r} here, but {primary.status.value} on line {primary.line}",
        )


def _box_as_cell(draft: ItemDraft) -> StatusCell | None:
    """A row's box, written like a status cell: its words are the marks."""
    if draft.box is None:
        return None
    box = draft.box
    return StatusCell(
        box.line, box.span, f"[{box.mark}]", draft.status, Wording(open="[ ]", done="[x]", dropped="[-]")
    )
