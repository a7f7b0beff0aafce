"""Stages and their milestones: created, followed by number, and closed only by what really is complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from syncer.model.document import Stage
from syncer.model.edits import RenameStage, SetDue, SetStageState
from syncer.model.fields import Field, Status, TaskState
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Settled, Settlement, StageBinding, Value
from syncer.model.plan import (
    Action,
    ChangeMilestone,
    CreateMilestone,
    EditRoadmap,
    ItemKey,
    Severity,
    StageKey,
    Subject,
    UseMilestone,
)
from syncer.model.reference import format_reference
from syncer.model.tracker import Milestone
from syncer.reconcile.adopted import adopted_uid
from syncer.reconcile.block import content_digest, item_content, read_block
from syncer.reconcile.canonical import canonical_text, cut
from syncer.reconcile.draft import PlanDraft, shown
from syncer.reconcile.inert import inert_text
from syncer.reconcile.match_stages import anchor_of_stage
from syncer.reconcile.merge import ROADMAP, Side, merge
from syncer.reconcile.observation import TrackerView


def stage_text(path: str, stage: Stage) -> str:
    """The content of a milestone's managed block: reference, goal, criteria without boxes."""
    parts = []
    if stage.goal:
        parts.append(f"Goal: {inert_text(stage.goal)}")
    if stage.criteria:
        parts.append("Criteria:\n" + "\n".join(f"- {inert_text(text)}" for text in stage.criteria))
    return item_content(format_reference(path, (stage.name,)), "\n\n".join(parts))


class Completeness:
    """Which stages are complete once the plan is applied."""

    def __init__(self, draft: PlanDraft) -> None:
        self._draft = draft
        self._members: dict[StageKey, list[ItemKey]] = {}
        for path, document in draft.observation.documents.items():
            for item in document.items:
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


def milestone_titles(draft: PlanDraft) -> dict[StageKey, str]:
    """The title of every stage's milestone: the name, with the file's stem where two files share it."""
    keys = [
        StageKey(path, stage.index)
        for path, document in sorted(draft.observation.documents.items())
        for stage in document.stages
    ]
    # Who has a milestone already keeps its plain title when a file that sorts before it appears.
    keys.sort(key=lambda key: key not in draft.stages)
    taken: dict[str, str] = {}
    titles: dict[StageKey, str] = {}
    for key in keys:
        title = draft.stage(key).title
        owner = taken.setdefault(title.casefold(), key.path)
        if owner != key.path:
            title = f"{title} ({_stem(key.path)})"
        titles[key] = title
    return titles


def plan_milestones(draft: PlanDraft) -> list[Action]:
    """Plan every stage's milestone on every tracker.

    Returns:
        What closes milestones: it comes after the issues.
    """
    completeness = Completeness(draft)
    titles = milestone_titles(draft)
    last: list[Action] = []
    for key in titles:
        for tracker, view in draft.observation.trackers.items():
            uid = draft.stages.get(key)
            number = draft.stage_bindings[uid].milestones.get(tracker) if uid is not None else None
            if uid is not None and number is not None:
                milestone = view.milestones.get(number)
                if milestone is None:
                    _gone(draft, key, uid, tracker, number)
                else:
                    last += _Bound(draft, key, uid, view, milestone, titles[key], completeness).plan()
            elif completeness.wanted(key):
                used = _create(draft, key, uid, view, titles[key])
                if used is not None:
                    last += _Bound(
                        draft, key, draft.stages[key], view, used, titles[key], completeness
                    ).plan()
    for uid, binding in draft.stage_bindings.items():
        if uid not in draft.stages.values():
            _lost(draft, binding)
    return last


def _create(
    draft: PlanDraft, key: StageKey, uid: Uid | None, view: TrackerView, title: str
) -> Milestone | None:
    """Create a milestone for a stage, or use the open one of its name, which is returned."""
    stage = draft.stage(key)
    subject = draft.stage_subject(key, uid=uid, tracker=view.id)
    if not view.complete:
        draft.waiting_stages[key, view.id] = "the tracker was not read completely"
        return None
    wanted = cut(title, view.capabilities.milestone_title_limit)
    same = [
        milestone
        for milestone in view.milestones.values()
        if canonical_text(milestone.title).casefold() == canonical_text(wanted).casefold()
        and not _claimed(draft, view.id, milestone.key)
    ]
    same.sort(
        key=lambda milestone: (canonical_text(milestone.title) != wanted, milestone.closed, milestone.key)
    )
    anchor = anchor_of_stage(draft.document(key.path), stage)
    if same and same[0].closed:
        draft.waiting_stages[key, view.id] = "its milestone is closed"
        draft.ask(
            subject,
            Field.PRESENCE,
            "closed-milestone",
            f"a closed milestone {same[0].title!r} ({same[0].shown}) exists on {view.id}, "
            "and the stage is not complete",
            "reopen that milestone or rename it",
        )
        return None
    draft.wanted_milestones.add((key, view.id))
    if same:
        uid = uid or adopted_uid(draft.observation.owner, view.id, same[0].key, "milestone")
        known = draft.stage_bindings.get(uid) or StageBinding(uid, anchor, {}, {})
        draft.stage_bindings[uid] = replace(known, milestones={**known.milestones, view.id: same[0].key})
        draft.stages[key] = uid
        draft.act(
            UseMilestone(
                subject=draft.stage_subject(key, uid=uid, tracker=view.id, number=same[0].key),
                reason=f"an open milestone of that name exists ({same[0].shown})",
                tracker=view.id,
                stage=key,
                uid=uid,
                anchor=anchor,
                key=same[0].key,
                by_marker=False,
            )
        )
        return same[0]
    draft.act(
        CreateMilestone(
            subject=subject,
            reason="the stage has no milestone",
            tracker=view.id,
            stage=key,
            uid=uid,
            anchor=anchor,
            title=wanted,
            due=stage.due,
            text=stage_text(key.path, stage),
        )
    )
    return None


def _claimed(draft: PlanDraft, tracker: TrackerId, number: int) -> bool:
    return any(binding.milestones.get(tracker) == number for binding in draft.stage_bindings.values())


def _gone(draft: PlanDraft, key: StageKey, uid: Uid, tracker: TrackerId, number: int) -> None:
    draft.waiting_stages[key, tracker] = "its milestone is gone"
    draft.ask(
        draft.stage_subject(key, uid=uid, tracker=tracker, number=number),
        Field.PRESENCE,
        "milestone-gone",
        f"milestone {number} was deleted on {tracker}; it is not created again by itself",
        "`syncer forget` the stage to have a new milestone created",
    )


def _lost(draft: PlanDraft, binding: StageBinding) -> None:
    anchor = binding.anchor
    if anchor.path in draft.observation.unreadable or anchor.path in draft.observation.absent:
        return
    for tracker, number in binding.milestones.items():
        view = draft.observation.trackers.get(tracker)
        milestone = view.milestones.get(number) if view is not None else None
        if milestone is None or milestone.closed:
            continue
        subject = Subject(anchor.path, anchor.line, (anchor.name,), anchor.name, binding.uid, tracker, number)
        draft.ask(
            subject,
            Field.PRESENCE,
            "stage-gone",
            f"the stage {anchor.name!r} is gone from {anchor.path}; its milestone is left as it is",
            severity=Severity.REPORT,
        )


class _Bound:
    """The fields of one stage that has a milestone."""

    def __init__(
        self,
        draft: PlanDraft,
        key: StageKey,
        uid: Uid,
        view: TrackerView,
        milestone: Milestone,
        title: str,
        completeness: Completeness,
    ) -> None:
        self._draft = draft
        self._key = key
        self._uid = uid
        self._view = view
        self._milestone = milestone
        self._title = title
        self._completeness = completeness
        self._stage = draft.stage(key)
        self._base = draft.stage_bindings[uid].base.get(view.id, {})
        self._subject = draft.stage_subject(key, uid=uid, tracker=view.id, number=milestone.key)

    def plan(self) -> list[Action]:
        if not self._milestone.writable:
            return []
        self._name()
        self._due()
        self._description()
        return self._state()

    def _settle(self, what: Field, roadmap: Value, tracker: Value) -> None:
        self._draft.settle(self._uid, self._view.id, what, Settled(roadmap, tracker), stage=True)

    def _change(
        self,
        what: Field,
        after: str | date | TaskState | None,
        before: str | date | TaskState | None,
        reason: str,
        settled: Settled,
    ) -> ChangeMilestone:
        return ChangeMilestone(
            subject=self._subject,
            reason=reason,
            settles=(Settlement(self._uid, self._view.id, what, settled, stage=True),),
            tracker=self._view.id,
            uid=self._uid,
            key=self._milestone.key,
            field=what,
            before=before,
            after=after,
        )

    def _edit(
        self,
        what: Field,
        edit: RenameStage | SetDue | SetStageState,
        before: str,
        after: str,
        reason: str,
        settled: Settled,
    ) -> None:
        self._draft.act(
            EditRoadmap(
                subject=self._subject,
                reason=reason,
                settles=(Settlement(self._uid, self._view.id, what, settled, stage=True),),
                path=self._key.path,
                edit=edit,
                before=before,
                after=after,
                by=self._milestone.url,
            )
        )

    def _conflict(self, what: Field, base: Settled | None, roadmap: Value, tracker: Value) -> None:
        self._draft.ask(
            self._subject,
            what,
            "conflict" if base is not None else "no-base",
            f"the roadmap says {shown(roadmap)!r}, the milestone says {shown(tracker)!r}",
            "make both the same, or choose with `syncer resolve`",
            severity=Severity.CONFLICT,
            base=f"{shown(base.roadmap)} / {shown(base.tracker)}" if base is not None else "",
            roadmap=shown(roadmap),
            tracker=shown(tracker),
        )

    # -- name ------------------------------------------------------------------------------------------

    def _name(self) -> None:
        limit = self._view.capabilities.milestone_title_limit
        mine, theirs = canonical_text(self._title), canonical_text(self._milestone.title)

        base = self._base.get(Field.NAME)
        if base is None and cut(mine, limit).casefold() == theirs.casefold():
            self._settle(Field.NAME, mine, theirs)
            return

        def agree(_left: Side, one: Value, _right: Side, other: Value) -> bool:
            return cut(str(one), limit) == cut(str(other), limit)

        merged = merge(
            {self._view.id: base} if base else {},
            mine,
            {self._view.id: theirs},
            agree,
            self._draft.policy.conflict(Field.NAME),
        )
        if merged.settle:
            self._settle(Field.NAME, mine, theirs)
        if merged.held:
            self._conflict(Field.NAME, base, mine, theirs)
        if not merged.targets:
            return
        if merged.source == ROADMAP:
            wanted = cut(mine, limit)
            self._draft.act(
                self._change(
                    Field.NAME,
                    wanted,
                    self._milestone.title,
                    "the stage was renamed in the roadmap",
                    Settled(mine, canonical_text(wanted)),
                )
            )
            return
        name = self._name_for_roadmap(theirs)
        if name is None:
            self._draft.ask(
                self._subject,
                Field.NAME,
                "id-changed",
                f"the milestone's new title lost the part by which the roadmap knows this stage ({mine!r})",
                "put it back, or rename the stage in the roadmap",
                roadmap=mine,
                tracker=theirs,
            )
            return
        self._edit(
            Field.NAME,
            RenameStage(self._stage.index, name),
            mine,
            theirs,
            "the milestone was renamed",
            Settled(theirs, theirs),
        )

    def _name_for_roadmap(self, title: str) -> str | None:
        suffix = f" ({_stem(self._key.path)})"
        if self._title != self._stage.title:
            if not title.endswith(suffix):
                return None
            title = title.removesuffix(suffix)
        if self._stage.id is not None:
            prefix = f"{self._stage.id}: "
            if not title.startswith(prefix):
                return None
            title = title.removeprefix(prefix)
        return title

    # -- due date --------------------------------------------------------------------------------------

    def _due(self) -> None:
        mine, theirs = self._stage.due, self._milestone.due
        base = self._base.get(Field.DUE)
        if mine is None and self._stage.due_cell is None and (base is None or base.roadmap is None):
            # The file has no place for a date: the date belongs to the tracker.
            return
        if base is None and mine != theirs and (mine is None or theirs is None):
            # Nothing is lost where one side has no date at all.
            merged = merge({self._view.id: Settled(None, None)}, mine, {self._view.id: theirs}, _same)
        else:
            merged = merge(
                {self._view.id: base} if base else {},
                mine,
                {self._view.id: theirs},
                _same,
                self._draft.policy.conflict(Field.DUE),
            )
        if merged.settle:
            self._settle(Field.DUE, mine, theirs)
        if merged.held:
            self._conflict(Field.DUE, base, mine, theirs)
        if not merged.targets:
            return
        if merged.source == ROADMAP:
            self._draft.act(
                self._change(Field.DUE, mine, theirs, "the roadmap names another date", Settled(mine, mine))
            )
        elif self._stage.due_cell is None:
            self._draft.ask(
                self._subject,
                Field.DUE,
                "no-place",
                "the date's place in the roadmap holds more than a date",
                "write the date into the roadmap",
                roadmap=shown(mine),
                tracker=shown(theirs),
            )
        else:
            self._edit(
                Field.DUE,
                SetDue(self._stage.index, theirs),
                shown(mine),
                shown(theirs),
                "the milestone's due date was changed",
                Settled(theirs, theirs),
            )

    # -- description -----------------------------------------------------------------------------------

    def _description(self) -> None:
        content = stage_text(self._key.path, self._stage)
        wanted = content_digest(content)
        now = read_block(self._milestone.description).digest
        base = self._base.get(Field.DESCRIPTION)
        if now == wanted:
            self._settle(Field.DESCRIPTION, wanted, now)
            return
        if base is not None and now != base.tracker:
            self._draft.ask(
                self._subject,
                Field.DESCRIPTION,
                "block-edited",
                "the managed block of the milestone's description was edited; it is not written to",
                "write outside the markers",
                severity=Severity.REPORT if wanted == base.roadmap else Severity.CONFLICT,
            )
            return
        if base is not None and wanted == base.roadmap:
            return
        if base is None and now is not None:
            self._settle(Field.DESCRIPTION, wanted, now)
            return
        self._draft.act(
            self._change(
                Field.DESCRIPTION,
                content,
                now,
                "what the roadmap says about the stage was changed"
                if base is not None
                else "the milestone carries no managed block yet",
                Settled(wanted, wanted),
            )
        )

    # -- state -----------------------------------------------------------------------------------------

    def _state(self) -> list[Action]:
        """Close what becomes complete, reopen what ceases to be; a person's own close or reopen stands."""
        complete = self._completeness.complete(self._key)
        mine = TaskState.DONE if complete else TaskState.OPEN
        theirs = TaskState.DONE if self._milestone.closed else TaskState.OPEN
        base = self._base.get(Field.STATE)
        if mine is theirs:
            self._settle(Field.STATE, mine, theirs)
            return []
        mine_moved = base is not None and base.roadmap is not mine
        theirs_moved = base is not None and base.tracker is not theirs
        if theirs_moved and not mine_moved and self._completeness.speaks_for_itself(self._key):
            self._edit_state(mine, theirs)
            return []
        if mine_moved and not theirs_moved:
            return self._carry_state(mine, theirs)
        if base is None and self._completeness.speaks_for_itself(self._key):
            self._conflict(Field.STATE, base, mine, theirs)
            return []
        self._settle(Field.STATE, mine, theirs)
        self._draft.ask(
            self._subject,
            Field.STATE,
            "milestone-stands",
            f"the milestone is {'closed' if self._milestone.closed else 'open'}, and the stage is "
            f"{'complete' if complete else 'not complete'}: what a person decided about it stands",
            severity=Severity.REPORT,
        )
        return []

    def _edit_state(self, mine: TaskState, theirs: TaskState) -> None:
        binding = self._draft.stage_bindings[self._uid]
        self._edit(
            Field.STATE,
            SetStageState(self._stage.index, theirs, binding.words if theirs is TaskState.OPEN else ()),
            self._stage.cell.text if self._stage.cell is not None else mine.value,
            theirs.value,
            f"the milestone was {'closed' if self._milestone.closed else 'reopened'}",
            Settled(theirs, theirs),
        )

    def _carry_state(self, mine: TaskState, theirs: TaskState) -> list[Action]:
        if mine is TaskState.DONE:
            strangers = self._strangers()
            if strangers:
                self._draft.ask(
                    self._subject,
                    Field.STATE,
                    "milestone-in-use",
                    f"the stage is complete, but its milestone holds {len(strangers)} open issues that are "
                    f"not ours ({', '.join(f'#{number}' for number in strangers[:5])})",
                    "close or move them; the milestone is closed after that",
                    severity=Severity.WAIT,
                )
                return []
            closing = self._change(
                Field.STATE, mine, theirs, "the stage became complete", Settled(mine, mine)
            )
            return [closing]
        # Reopened before anything is created in it.
        reopening = "the stage is no longer complete"
        self._draft.act(self._change(Field.STATE, mine, theirs, reopening, Settled(mine, mine)))
        return []

    def _strangers(self) -> list[int]:
        """Open issues in this milestone that no binding of ours explains."""
        ours = {
            binding.refs[self._view.id]
            for binding in self._draft.bindings.values()
            if self._view.id in binding.refs
        }
        return sorted(
            issue.number
            for issue in self._view.issues.values()
            if issue.milestone == self._milestone.key
            and issue.state is TaskState.OPEN
            and issue.number not in ours
        )


def _same(_left: Side, one: Value, _right: Side, other: Value) -> bool:
    return one == other


def _stem(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    return name.rsplit(".", 1)[0] or name
