"""Which stages are complete: the roadmap's side of a milestone's state."""

from __future__ import annotations

from syncer.model.fields import Status
from syncer.model.plan import ItemKey, StageKey
from syncer.reconcile.draft import PlanDraft


class Completeness:
    """Which stages are complete once the plan is applied."""

    def __init__(self, draft: PlanDraft) -> None:
        self._draft = draft
        self._members: dict[StageKey, list[ItemKey]] = {}
        for path, document in draft.observation.documents.items():
            for item in document.entries:
                if item.stage is not None and item.status is not Status.FUTURE and draft.manages(item):
                    self._members.setdefault(StageKey(path, item.stage), []).append(ItemKey(path, item.index))

    def members(self, key: StageKey) -> list[ItemKey]:
        return self._members.get(key, [])

    def complete(self, key: StageKey) -> bool:
        """At least one item and none open; without items, what the stage's own cell or box says."""
        members = self.members(key)
        if members:
            return all(
                self._draft.state_of(member).finished and member not in self._draft.unsettled
                for member in members
            )
        stage = self._draft.stage(key)
        return self.speaks_for_itself(key) and stage.status.task_state.finished

    def speaks_for_itself(self, key: StageKey) -> bool:
        """Whether a stage without items has a place of its own that says how far it is."""
        stage = self._draft.stage(key)
        return not self.members(key) and (stage.cell is not None or stage.overview is not None)

    def wanted(self, key: StageKey) -> bool:
        """Whether a stage that has no milestone yet should have one."""
        if self.complete(key) or self._draft.stage(key).status is Status.FUTURE:
            return False
        if self.members(key):
            return True
        stage = self._draft.stage(key)
        return stage.cell is not None or stage.overview is not None or stage.row_line is not None
