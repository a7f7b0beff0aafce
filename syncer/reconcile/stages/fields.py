"""Name, due date and description of a stage, merged with all of its milestones at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from syncer.model.document import Stage
from syncer.model.edits import RenameStage, SetDue, SetStageState
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import BlockState, Settled, Settlement, Value
from syncer.model.plan import EITHER, ChangeMilestone, EditRoadmap, Hold, Severity, StageKey, Subject
from syncer.model.reference import format_reference
from syncer.model.tracker import Milestone
from syncer.reconcile.block import content_digest, item_content, read_block
from syncer.reconcile.canonical import canonical_text, cut
from syncer.reconcile.draft import PlanDraft, bases_of, shown
from syncer.reconcile.inert import inert_text
from syncer.reconcile.items.conflicts import DECIDED, decided_so
from syncer.reconcile.merge import ROADMAP, Agree, Merged, Side, chosen, merge, same
from syncer.reconcile.stages.names import name_for_roadmap


def stage_text(path: str, stage: Stage) -> str:
    """The content of a milestone's managed block: reference, goal, criteria without boxes."""
    parts = []
    if stage.goal:
        parts.append(f"Goal: {inert_text(stage.goal)}")
    if stage.criteria:
        parts.append("Criteria:\n" + "\n".join(f"- {inert_text(text)}" for text in stage.criteria))
    return item_content(format_reference(path, (stage.name,)), "\n\n".join(parts))


class StageFields:
    """One stage and its milestones.

    Args:
        draft: the plan so far.
        key: of the stage, which is bound.
        milestones: those that may be written to, by tracker.
        title: what they shall be called.
    """

    def __init__(
        self, draft: PlanDraft, key: StageKey, milestones: Mapping[TrackerId, Milestone], title: str
    ) -> None:
        self.draft = draft
        self.key = key
        self.uid: Uid = draft.stages[key]
        self.stage: Stage = draft.stage(key)
        self.milestones = milestones
        self._title = title

    def plan(self) -> None:
        """Merge name and due date."""
        self._name()
        self._due()

    def plan_descriptions(self) -> None:
        """Bring the managed blocks in line with what the roadmap will say."""
        for tracker in self.milestones:
            self._description(tracker)

    # -- shared with the state ---------------------------------------------------------------------------

    def bases(self, what: Field) -> dict[TrackerId, Settled]:
        """What was settled about a field, by tracker."""
        return bases_of(self.draft.stage_bindings[self.uid], self.milestones, what)

    def subject(self, tracker: TrackerId) -> Subject:
        """The stage with its milestone, for people."""
        return self.draft.stage_subject(
            self.key, uid=self.uid, tracker=tracker, number=self.milestones[tracker].key
        )

    @staticmethod
    def because(merged: Merged, mine: str, theirs: str) -> str:
        """Why a milestone is changed: by a person's decision, the roadmap's change, or another tracker's."""
        if merged.decided:
            return DECIDED
        return mine if merged.source == ROADMAP else f"{theirs} on {merged.source}"

    def settle(self, what: Field, tracker: TrackerId, roadmap: Value, there: Value) -> None:
        """Remember what both sides show."""
        self.draft.settle(self.uid, tracker, what, Settled(roadmap, there), stage=True)

    def change(
        self,
        what: Field,
        tracker: TrackerId,
        before: str | date | TaskState | None,
        after: str | date | TaskState | None,
        reason: str,
        settled: Settled,
        overrules: str = "",
    ) -> ChangeMilestone:
        """An action that changes a milestone."""
        return ChangeMilestone(
            subject=self.subject(tracker),
            reason=reason,
            overrules=overrules,
            settles=(Settlement(self.uid, tracker, what, settled, stage=True),),
            tracker=tracker,
            uid=self.uid,
            key=self.milestones[tracker].key,
            field=what,
            before=before,
            after=after,
        )

    def edit(
        self,
        what: Field,
        edit: RenameStage | SetDue | SetStageState,
        source: TrackerId,
        values: tuple[str, str],
        reason: str,
        settled: Mapping[TrackerId, Settled],
        overrules: str = "",
    ) -> None:
        """Plan an edit of the roadmap that carries a milestone's value.

        Args:
            what: the field.
            edit: the change.
            source: the tracker that the value comes from.
            values: before and after, for people.
            reason: why.
            settled: what each tracker will have settled once the edit is committed.
            overrules: a person's value in the roadmap that gives way.
        """
        self.draft.act(
            EditRoadmap(
                subject=self.subject(source),
                reason=reason,
                overrules=overrules,
                settles=tuple(
                    Settlement(self.uid, tracker, what, pair, stage=True) for tracker, pair in settled.items()
                ),
                path=self.key.path,
                edit=edit,
                before=values[0],
                after=values[1],
                by=self.milestones[source].url,
            )
        )

    def decided(
        self, what: Field, merged: Merged, roadmap: Value, theirs: Mapping[TrackerId, Value], agree: Agree
    ) -> Merged:
        """A merge as a person decided it; as it is, with its conflicts held, where nobody did."""
        if not merged.held:
            return merged
        winner = self.draft.decided([self._choice(what, t, roadmap, theirs[t]) for t in merged.held])
        return chosen(self.bases(what), roadmap, theirs, agree, winner) if winner is not None else merged

    def _choice(self, what: Field, tracker: TrackerId, roadmap: Value, there: Value) -> Hold:
        """The hold of a field that both sides changed differently, or of which nothing was settled yet."""
        base = self.bases(what).get(tracker)
        return Hold(
            self.subject(tracker),
            what,
            "conflict" if base is not None else "no-base",
            Severity.CONFLICT,
            f"the roadmap says {shown(roadmap)!r}, the milestone says {shown(there)!r}",
            f"make both the same, or choose with `syncer resolve {str(self.uid)[:8]} --take roadmap` "
            "or `--take tracker`",
            base=f"{shown(base.roadmap)} / {shown(base.tracker)}" if base is not None else "",
            roadmap=shown(roadmap),
            tracker=shown(there),
            choices=EITHER,
        )

    # -- name --------------------------------------------------------------------------------------------

    def _name(self) -> None:
        mine = canonical_text(self._title)
        theirs: dict[TrackerId, Value] = {t: canonical_text(m.title) for t, m in self.milestones.items()}
        bases = self.bases(Field.NAME)
        # A milestone that was there before may be spelled in another case; that is left alone.
        alike = {
            t
            for t, title in theirs.items()
            if t not in bases and cut(mine, self._limit(t)).casefold() == str(title).casefold()
        }
        others = {t: title for t, title in theirs.items() if t not in alike}
        merged = merge(bases, mine, others, self._same_name, self.draft.policy.conflict(Field.NAME))
        merged = self.decided(Field.NAME, merged, mine, others, self._same_name)
        for tracker in (*alike, *merged.settle):
            self.settle(Field.NAME, tracker, mine, theirs[tracker])
        value = mine if merged.source == ROADMAP else str(theirs[merged.source])
        for side in merged.targets:
            if side == ROADMAP:
                self._rename_stage(merged, mine, value, theirs)
                continue
            wanted = cut(value, self._limit(side))
            if self._taken(side, wanted):
                continue
            self.draft.act(
                self.change(
                    Field.NAME,
                    side,
                    self.milestones[side].title,
                    wanted,
                    self.because(merged, "the stage was renamed in the roadmap", "it was renamed"),
                    Settled(mine, canonical_text(wanted)),
                    overrules=self.milestones[side].title if side in merged.overruled else "",
                )
            )

    def _taken(self, tracker: TrackerId, title: str) -> bool:
        """Whether another milestone has a title already: forges refuse a second one of it."""
        view, own = self.draft.observation.trackers[tracker], self.milestones[tracker].key
        others = (each for key, each in view.milestones.items() if key != own)
        other = next((each for each in others if canonical_text(each.title) == canonical_text(title)), None)
        if other is None:
            return False
        self.draft.ask(
            self.subject(tracker),
            Field.NAME,
            "title-taken",
            f"the stage is called {title!r} now, and milestone {other.shown} has that title already",
            "rename or delete one of the two milestones",
            roadmap=title,
            tracker=self.milestones[tracker].title,
        )
        return True

    def _rename_stage(self, merged: Merged, mine: str, value: str, theirs: Mapping[TrackerId, Value]) -> None:
        name = name_for_roadmap(self.draft, self.key, value, self._title)
        if name is None:
            self.draft.ask(
                self.subject(merged.source),
                Field.NAME,
                "id-changed",
                f"the milestone's new title lost the part by which the roadmap knows this stage ({mine!r})",
                "put it back, or rename the stage in the roadmap",
                roadmap=mine,
                tracker=value,
            )
            return
        self.edit(
            Field.NAME,
            RenameStage(self.stage.index, name),
            merged.source,
            (mine, value),
            f"milestone {self.milestones[merged.source].shown} was renamed{decided_so(merged)}",
            {
                t: Settled(value, cut(value, self._limit(t)) if t in merged.targets else theirs[t])
                for t in self.milestones
            },
            overrules=mine if ROADMAP in merged.overruled else "",
        )

    def _same_name(self, left: Side, one: Value, right: Side, other: Value) -> bool:
        limits = [self._limit(side) for side in (left, right) if side != ROADMAP]
        return cut(str(one), min(limits)) == cut(str(other), min(limits))

    def _limit(self, tracker: TrackerId) -> int:
        return self.draft.observation.trackers[tracker].capabilities.milestone_title_limit

    # -- due date ----------------------------------------------------------------------------------------

    def _due(self) -> None:
        mine = self.stage.due
        bases = self.bases(Field.DUE)
        if mine is None and self.stage.due_cell is None and all(b.roadmap is None for b in bases.values()):
            # The file has no place for a date: the date belongs to the tracker.
            return
        theirs: dict[TrackerId, Value] = {t: m.due for t, m in self.milestones.items()}
        for tracker, there in theirs.items():
            if tracker not in bases and (mine is None) != (there is None):
                # Nothing is lost where one side has no date at all.
                bases[tracker] = Settled(None, None)
        merged = merge(bases, mine, theirs, same, self.draft.policy.conflict(Field.DUE))
        merged = self.decided(Field.DUE, merged, mine, theirs, same)
        for tracker in merged.settle:
            self.settle(Field.DUE, tracker, mine, theirs[tracker])
        value = mine if merged.source == ROADMAP else self.milestones[merged.source].due
        for side in merged.targets:
            if side == ROADMAP:
                self._date_roadmap(merged, mine, value, theirs)
                continue
            reason = self.because(merged, "the roadmap names another date", "the date was changed")
            before = self.milestones[side].due
            overrules = shown(before) if side in merged.overruled else ""
            self.draft.act(
                self.change(Field.DUE, side, before, value, reason, Settled(mine, value), overrules=overrules)
            )

    def _date_roadmap(
        self, merged: Merged, mine: date | None, value: date | None, theirs: Mapping[TrackerId, Value]
    ) -> None:
        if self.stage.due_cell is None:
            self.draft.ask(
                self.subject(merged.source),
                Field.DUE,
                "no-place",
                "the date's place in the roadmap holds more than a date",
                "write the date into the roadmap",
                roadmap=shown(mine),
                tracker=shown(value),
            )
            return
        self.edit(
            Field.DUE,
            SetDue(self.stage.index, value),
            merged.source,
            (shown(mine), shown(value)),
            f"the due date of milestone {self.milestones[merged.source].shown} was changed"
            f"{decided_so(merged)}",
            {t: Settled(value, value if t in merged.targets else theirs[t]) for t in self.milestones},
            overrules=shown(mine) if ROADMAP in merged.overruled else "",
        )

    # -- description -------------------------------------------------------------------------------------

    def _description(self, tracker: TrackerId) -> None:
        """Roadmap to tracker, inside the managed block only."""
        content = stage_text(self.key.path, self.draft.future_stage(self.key))
        wanted = content_digest(content)
        reading = read_block(self.milestones[tracker].description)
        now = reading.digest
        base = self.bases(Field.DESCRIPTION).get(tracker)
        if now == wanted:
            self.settle(Field.DESCRIPTION, tracker, wanted, now)
            return
        if base is None and reading.untouched:
            # Our memory is lost, and the block still says what we wrote.
            base = Settled(None, now)
        adopted = base is None and reading.state is BlockState.NONE
        overrules = ""
        if not adopted and (base is None or now != base.tracker):
            hold = Hold(
                self.subject(tracker),
                Field.DESCRIPTION,
                "block-edited",
                Severity.REPORT if base is not None and wanted == base.roadmap else Severity.CONFLICT,
                "the managed block of the milestone's description was edited; it is not written to",
                f"write outside the markers; `syncer resolve {str(self.uid)[:8]} --take roadmap` writes "
                "the block anew, `--take tracker` lets it be",
                fingerprint=f"{wanted} {now} {reading.state.value}",
                choices=EITHER,
            )
            winner = self.draft.decided([hold])
            if winner is None:
                return
            if winner != ROADMAP:
                self.settle(Field.DESCRIPTION, tracker, wanted, now)
                return
            overrules = reading.content or "no block"
        elif base is not None and wanted == base.roadmap:
            return
        reason = (
            "what the roadmap says about the stage was changed"
            if not adopted
            else "the milestone carries no managed block yet"
        )
        if overrules:
            reason = DECIDED
        settled = Settled(wanted, wanted)
        self.draft.act(
            self.change(Field.DESCRIPTION, tracker, now, content, reason, settled, overrules=overrules)
        )
