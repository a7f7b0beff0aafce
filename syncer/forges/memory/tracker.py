"""Issues and milestones of the in-memory forge."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from syncer.errors import Rejected, SyncerError
from syncer.forges.connection import TrackerOptions
from syncer.forges.governor import CREATION
from syncer.forges.memory.world import Door, MemoryRepository, creating, reading, writing
from syncer.model.fields import TaskState
from syncer.model.identity import IssueRef, TrackerId
from syncer.model.tracker import (
    BodyEvent,
    Capabilities,
    Cursor,
    Issue,
    IssueChange,
    IssueDraft,
    Label,
    LabelEvent,
    Milestone,
    MilestoneChange,
    MilestoneDraft,
    ParentAnswer,
    ParentChange,
    StateEvent,
    TitleEvent,
    TrackerProfile,
    TrackerReading,
)

_CAPABILITIES: Final = Capabilities(
    title_limit=256,
    body_limit=65_536,
    label_limit=50,
    milestone_title_limit=255,
    close_reasons=True,
    sub_issues=100,
    levels=8,
)


class MemoryTracker:
    """Implements :class:`syncer.ports.Tracker`."""

    def __init__(
        self,
        door: Door,
        repository: str,
        tracker: TrackerId,
        known: TrackerProfile | None,
        options: TrackerOptions,
    ) -> None:
        self._door = door
        self._repository = repository
        self._id = tracker
        self._profile = known
        self._options = options  # it has close reasons, so that no label says "dropped"

    @property
    def id(self) -> TrackerId:
        return self._id

    @property
    def door(self) -> Door:
        return self._door

    @property
    def repository(self) -> MemoryRepository:
        return self._door.find(self._repository)

    @property
    def capabilities(self) -> Capabilities:
        together = 10 if self._options.batch_creates else 1
        return replace(_CAPABILITIES, sub_issues=self.repository.most_children, creates_together=together)

    def profile(self) -> TrackerProfile:
        if self._profile is None:
            self._profile = self._look()
        return self._profile

    def moved(self) -> TrackerProfile | None:
        return None

    # --- reading -------------------------------------------------------------------------------

    @reading
    def read(self, cursor: Cursor, *, full: bool = False) -> TrackerReading:
        whole = full or not cursor.complete
        mark = None if whole else cursor.watermark
        listed = self.repository.listed()
        issues = [issue for issue in listed if mark is None or issue.updated_at >= mark]
        etag = str([versions[-1] for versions in self.repository.milestones.values()])
        same = not whole and cursor.etags.get("milestones") == etag
        latest = max((issue.updated_at for issue in listed), default=cursor.watermark)
        return TrackerReading(
            tracker=self._id,
            issues=tuple(self._mine(issue) for issue in issues),
            milestones=None if same else self._milestones(),
            full=whole,
            cursor=Cursor(watermark=latest, etags={"milestones": etag}, complete=True),
        )

    @reading
    def issue(self, number: int) -> Issue:
        return self._mine(self.repository.issue(number))

    @reading
    def created_since(self, moment: datetime) -> tuple[Issue, ...]:
        found = [issue for issue in self.repository.listed() if issue.created_at >= moment]
        return tuple(self._mine(issue) for issue in reversed(found))

    @reading
    def milestone(self, key: int) -> Milestone:
        return self.repository.milestone(key)

    @reading
    def open_issues_in(self, key: int) -> frozenset[int]:
        return frozenset(
            issue.ref.number
            for issue in self.repository.listed()
            if issue.milestone == key and issue.state is TaskState.OPEN
        )

    @reading
    def state_events(self, number: int) -> tuple[StateEvent, ...]:
        self.repository.issue(number)
        return tuple(self.repository.states.get(number, ()))

    @reading
    def title_events(self, number: int) -> tuple[TitleEvent, ...]:
        self.repository.issue(number)
        return tuple(self.repository.titles.get(number, ()))

    @reading
    def label_events(self, number: int) -> tuple[LabelEvent, ...]:
        self.repository.issue(number)
        return tuple(self.repository.labelled.get(number, ()))

    @reading
    def may_triage(self, login: str) -> bool:
        return bool(login) and login not in self.repository.strangers

    @reading
    def comments(self, number: int) -> tuple[str, ...]:
        self.repository.issue(number)
        return tuple(self.repository.said.get(number, ()))

    @creating
    def comment(self, number: int, text: str) -> None:
        self.repository.say(number, text, by=self.repository.bot)

    @reading
    def body_events(self, number: int) -> tuple[BodyEvent, ...]:
        versions = [(at, issue.body) for at, issue in self.repository.issues[number] if issue is not None]
        return tuple(
            BodyEvent(at, "", body if self.repository.tells_bodies else None)
            for (at, body), (_before, earlier) in zip(versions[1:], versions, strict=False)
            if body != earlier
        )

    @reading
    def knows_parents(self) -> bool:
        return self.repository.families

    @reading
    def parents_of(self, numbers: Collection[int]) -> Mapping[int, int]:
        return {
            issue.ref.number: issue.parent or 0
            for issue in self.repository.listed()
            if issue.ref.number in numbers
        }

    # --- writing -------------------------------------------------------------------------------

    def create_issues(self, drafts: Sequence[IssueDraft]) -> tuple[Issue | SyncerError, ...]:
        with self._door.request(self.repository, "create_issues", replace(CREATION, times=len(drafts))):
            made: list[Issue | SyncerError] = []
            for draft in drafts:
                try:
                    made.append(self._create(draft))
                except SyncerError as refusal:
                    made.append(refusal)
            return tuple(made)

    @creating
    def create_issue(self, draft: IssueDraft) -> Issue:
        return self._create(draft)

    def _create(self, draft: IssueDraft) -> Issue:
        self._fits(draft.title, _CAPABILITIES.title_limit, "title")
        self._fits(draft.body, _CAPABILITIES.body_limit, "body")
        self._labels_fit(draft.labels)
        allowed = self.repository.triage
        number = self.repository.open(
            draft.title,
            draft.body,
            by=self.repository.bot,
            labels=draft.labels if allowed else frozenset(),
            milestone=draft.milestone if allowed else None,
            assignees=draft.assignees - self.repository.outsiders if allowed else frozenset(),
            confidential=draft.confidential,
        )
        return self._mine(self.repository.issue(number))

    def update_issue(self, number: int, change: IssueChange) -> Issue:
        return self.issue(number) if change == IssueChange() else self._update_issue(number, change)

    def update_milestone(self, key: int, change: MilestoneChange) -> Milestone:
        return self.milestone(key) if change == MilestoneChange() else self._update_milestone(key, change)

    @writing
    def _update_issue(self, number: int, change: IssueChange) -> Issue:
        before = self.repository.issue(number)
        values: dict[str, Any] = {}
        if change.title is not None:
            self._fits(change.title, _CAPABILITIES.title_limit, "title")
            values["title"] = change.title
        if change.body is not None:
            self._fits(change.body, _CAPABILITIES.body_limit, "body")
            values["body"] = change.body
        if change.state is not None and change.state.finished is not before.state.finished:
            values["state"] = change.state  # closing what is closed changes nothing, not even the reason
        if change.milestone is not None:
            if change.milestone:
                self.repository.milestone(change.milestone)
            values["milestone"] = change.milestone or None
        self._labels_fit(change.add_labels)
        gone = {label.casefold() for label in change.remove_labels}
        kept = frozenset(label for label in before.labels if label.casefold() not in gone)
        values["labels"] = kept | change.add_labels
        if change.add_assignees or change.remove_assignees:
            unassigned = {login.casefold() for login in change.remove_assignees}
            stay = frozenset(login for login in before.assignees if login.casefold() not in unassigned)
            values["assignees"] = stay | (change.add_assignees - self.repository.outsiders)
        return self._mine(self.repository.change(number, by=self.repository.bot, **values))

    @writing
    def set_parents(self, changes: Sequence[ParentChange]) -> tuple[ParentAnswer, ...]:
        answers = []
        for change in changes:
            problem = self.repository.adopt(change.number, change.parent, by=self.repository.bot)
            now = self.repository.issue(change.number).parent or 0
            answers.append(ParentAnswer(change.number, now, problem))
        return tuple(answers)

    @creating
    def create_milestone(self, draft: MilestoneDraft) -> Milestone:
        self._fits(draft.title, _CAPABILITIES.milestone_title_limit, "title")
        key = self.repository.add_milestone(draft.title, description=draft.description, due=draft.due)
        return self.repository.milestone(key)

    @writing
    def _update_milestone(self, key: int, change: MilestoneChange) -> Milestone:
        values: dict[str, Any] = {
            name: value
            for name, value in (
                ("title", change.title),
                ("description", change.description),
                ("due", change.due),
                ("closed", change.closed),
            )
            if value is not None
        }
        if change.clear_due and change.due is None:
            values["due"] = None
        self._fits(values.get("title", ""), _CAPABILITIES.milestone_title_limit, "title")
        return self.repository.change_milestone(key, **values)

    @creating
    def ensure_label(self, label: Label) -> bool:
        self._labels_fit(frozenset({label.name}))
        if label.name.casefold() in self.repository.labels:
            return False
        self.repository.labels[label.name.casefold()] = label.name
        return True

    # --- beneath -------------------------------------------------------------------------------

    @reading
    def _look(self) -> TrackerProfile:
        return profile_of(self.repository)

    def _mine(self, issue: Issue) -> Issue:
        return replace(issue, ref=IssueRef(self._id, issue.ref.number))

    def _milestones(self) -> tuple[Milestone, ...]:
        return tuple(versions[-1][1] for versions in self.repository.milestones.values())

    def _labels_fit(self, labels: frozenset[str]) -> None:
        for label in labels:
            self._fits(label, _CAPABILITIES.label_limit, "label")

    def _fits(self, text: str, limit: int, what: str) -> None:
        if len(text) > limit:
            raise Rejected(f"the {what} is too long (at most {limit})", where=str(self._id), status=422)


def profile_of(repository: MemoryRepository) -> TrackerProfile:
    """What a repository of this forge is."""
    return TrackerProfile(
        canonical=repository.name,
        host="memory",
        repository_id=repository.number,
        default_branch="main",
        private=False,
        archived=False,
        issues_enabled=True,
        web_url=f"https://memory.test/{repository.name}",
        can_push=True,
        can_triage=repository.triage,
    )
