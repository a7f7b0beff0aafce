"""Issues and milestones of a GitLab project.

What a run costs: nothing changed, one small request for the issues and one for the milestones
(conditional, though GitLab counts them all the same); N issues changed, N/100 requests, rounded
up; everything, as many as there are pages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, Final

from syncer.errors import Bug, Missing, OtherThing, Rejected, SyncerError
from syncer.forges.connection import TrackerOptions
from syncer.forges.gitlab import wire
from syncer.forges.gitlab.client import GitlabClient
from syncer.forges.gitlab.families import CHILD_KIND, LEVELS, MOST_CHILDREN, GitlabFamilies
from syncer.forges.gitlab.repository import address
from syncer.forges.governor import CREATION, ISSUE_CREATION, WRITE, Cost
from syncer.forges.listing import Page, changes, everything
from syncer.forges.reply import Reply, taken
from syncer.forges.repository import Repository
from syncer.forges.shape import moment as created_at
from syncer.forges.shape import number, record, records, text
from syncer.model.identity import TrackerId
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

_TITLE_LIMIT: Final = 255
_BODY_LIMIT: Final = 1_048_576
_LABEL_LIMIT: Final = 255
_ACTIVITY: Final = {"activity_filter": "only_activity", "order_by": "created_at"}
_LATEST: Final = 50


class GitlabTracker:
    """Implements :class:`syncer.ports.Tracker`."""

    def __init__(
        self,
        client: GitlabClient,
        repository: Repository,
        tracker: TrackerId,
        options: TrackerOptions,
    ) -> None:
        wire.joined([options.dropped_label])  # better now than at the first issue that is dropped
        self._client = client
        self._repository = repository
        self._id = tracker
        self._options = options
        self._ancestors = "include_ancestors"
        self._users: dict[str, int | None] = {}
        self._families = GitlabFamilies(client, repository)

    @property
    def id(self) -> TrackerId:
        return self._id

    @property
    def capabilities(self) -> Capabilities:
        # app/models/concerns/issuable.rb and app/models/label.rb of GitLab
        return Capabilities(
            title_limit=_TITLE_LIMIT,
            body_limit=_BODY_LIMIT,
            label_limit=_LABEL_LIMIT,
            milestone_title_limit=_TITLE_LIMIT,
            close_reasons=False,
            dropped_label=self._options.dropped_label,
            sub_issues=MOST_CHILDREN,
            levels=LEVELS,
            child_kind=CHILD_KIND,
            tells_parents=False,
        )

    def profile(self) -> TrackerProfile:
        return self._repository.profile()

    def moved(self) -> TrackerProfile | None:
        return self._repository.moved()

    # --- reading -------------------------------------------------------------------------------

    def read(self, cursor: Cursor, *, full: bool = False) -> TrackerReading:
        whole = full or not cursor.complete
        usable = not whole and cursor.credential == self._client.fingerprint
        etags = dict(cursor.etags) if usable else {}
        sweep = everything(self) if whole else changes(self, cursor.watermark, cursor.floor, etags)
        # After the issues, so that whatever milestone they name is among them.
        milestones, milestone_etags = self._milestones(etags)
        if milestones is not None and self._lacks_ancestors(sweep.issues, milestones):
            milestones, milestone_etags = self._milestones({})
        return TrackerReading(
            tracker=self._id,
            issues=sweep.issues,
            milestones=milestones,
            full=whole,
            cursor=Cursor(
                watermark=sweep.watermark,
                etags={**sweep.etags, **milestone_etags},
                credential=self._client.fingerprint,
                complete=True,
                floor=sweep.floor,
            ),
        )

    def newest(self, since: datetime | None, etags: dict[str, str]) -> Page:
        order = {"order_by": "updated_at", "sort": "desc"}
        query: dict[str, str | int] = {"scope": "all", "state": "all", **order}
        if since is not None:
            query["updated_after"] = wire.since(since)
        return self._page({**query, "per_page": 100}, etags)

    def everything(self) -> Page:
        # Keyset pages since GitLab 18.3; before, the parameter is ignored and the links lead through
        # offset pages (gitlab-org/gitlab!199887).
        order = {"order_by": "created_at", "sort": "asc", "pagination": "keyset"}
        return self._page({"scope": "all", "state": "all", **order, "per_page": 100}, {})

    def follow(self, url: str) -> Page:
        return self._as_page(self._client.get(url))

    def issue(self, number: int) -> Issue:
        return self._issue(self._get(f"/issues/{number}").content, number)

    def created_since(self, moment: datetime) -> tuple[Issue, ...]:
        found: dict[int, Issue] = {}
        query = {"scope": "all", "state": "all", "order_by": "created_at", "sort": "desc"}
        for entry in self._pages("/issues", **query, per_page=100):
            if created_at(entry, "created_at") < moment:
                break
            if wire.is_issue(entry, self._options):
                issue = wire.issue(self._id, entry, self._options)
                found.setdefault(issue.ref.number, issue)
        return tuple(found.values())

    def milestone(self, key: int) -> Milestone:
        """One request; a group's milestone is not found by its own address and is looked up in the list."""
        try:
            return wire.milestone(record(self._get(f"/milestones/{key}").content, "milestone"))
        except Missing:
            milestones, _ = self._milestones({})
            for milestone in milestones or ():
                if milestone.key == key:
                    return milestone
            raise

    def open_issues_in(self, key: int) -> frozenset[int]:
        """By the milestone's own address; by title for a group's milestone, which has none here."""
        try:
            entries = list(self._pages(f"/milestones/{key}/issues", per_page=100))
        except Missing:
            title = self.milestone(key).title
            entries = list(self._pages("/issues", scope="all", state="opened", milestone=title, per_page=100))
        return frozenset(
            number(entry, "iid")
            for entry in entries
            if text(entry, "state") == "opened" and wire.is_issue(entry, self._options)
        )

    def state_events(self, number: int) -> tuple[StateEvent, ...]:
        """Two requests: whether an issue was done or dropped is in the log of its labels."""
        states = list(self._pages(f"/issues/{number}/resource_state_events", per_page=100))
        labels = list(self._pages(f"/issues/{number}/resource_label_events", per_page=100)) if states else []
        return wire.state_events(states, labels, self._options.dropped_label)

    def title_events(self, number: int) -> tuple[TitleEvent, ...]:
        notes = self._pages(f"/issues/{number}/notes", **_ACTIVITY, sort="asc", per_page=100)
        return tuple(event for event in map(wire.title_event, notes) if event is not None)

    def knows_parents(self) -> bool:
        return self._families.known()

    def parents_of(self, numbers: Collection[int]) -> Mapping[int, int]:
        return self._families.parents_of(numbers)

    def label_events(self, number: int) -> tuple[LabelEvent, ...]:
        found = self._pages(f"/issues/{number}/resource_label_events", per_page=100)
        return tuple(sorted(map(wire.label_event, found), key=lambda event: event.at))

    def may_triage(self, login: str) -> bool:
        """Two requests, the first once per name: members are asked for by id.

        Planners may label issues as reporters do (docs.gitlab.com, "Roles and permissions").
        """
        if not login:
            return False  # whoever it was has no account any more
        for key in self._user_ids([login]):
            try:
                return wire.may_triage(record(self._get(f"/members/all/{key}").content, "member"))
            except Missing:
                return False
        return False

    def comments(self, number: int) -> tuple[str, ...]:
        query = {"activity_filter": "only_comments", "order_by": "created_at", "sort": "asc"}
        notes = self._pages(f"/issues/{number}/notes", **query, per_page=100)
        return tuple(text(note, "body") for note in notes)

    def body_events(self, number: int) -> tuple[BodyEvent, ...]:
        """That there were edits, not of what: the free edition keeps no versions.

        docs.gitlab.com, "Description change history"; the system notes are in every edition.
        """
        notes = self._pages(f"/issues/{number}/notes", **_ACTIVITY, sort="desc", per_page=_LATEST)
        latest = [wire.body_event(note) for note in islice(notes, _LATEST)]
        return tuple(event for event in reversed(latest) if event is not None)

    # --- writing -------------------------------------------------------------------------------

    def create_issue(self, draft: IssueDraft) -> Issue:
        """One request that writes; an assignee's id is looked up once per name.

        Who cannot be assigned is left out, as the forge itself does: the answer shows what it kept.
        """
        draft = replace(draft, confidential=draft.confidential or self._options.confidential)
        body = wire.new_issue(draft, self._user_ids(draft.assignees))
        reply = self._send("POST", self._url("/issues"), body, ISSUE_CREATION)
        with taken(str(self._id)):
            issue = wire.issue(self._id, record(reply.content, "issue"), self._options)
            self._families.remember(issue.ref.number, issue.internal_id)
            return issue

    def create_issues(self, drafts: Sequence[IssueDraft]) -> tuple[Issue | SyncerError, ...]:
        """One request for one issue: GitLab's API creates no more at a time."""
        if len(drafts) > self.capabilities.creates_together:
            raise Bug(f"{len(drafts)} issues were to be created in one request")
        return tuple(self.create_issue(draft) for draft in drafts)

    def update_issue(self, number: int, change: IssueChange) -> Issue:
        """One request that writes. Labels are added and taken away by name, which touches nobody else's.

        Assignees are written as a whole list (docs.gitlab.com, "Edit an issue"): the issue is read right
        before, and whom people assigned stands first, because the free edition keeps the first one only.
        """
        assignees = None
        if change.add_assignees or change.remove_assignees:
            gone = {login.casefold() for login in change.remove_assignees - change.add_assignees}
            held = [login for login in sorted(self.issue(number).assignees) if login.casefold() not in gone]
            assignees = list(dict.fromkeys(self._user_ids([*held, *sorted(change.add_assignees)])))
        body = wire.changed_issue(change, self._options, assignees)
        if not body:
            return self.issue(number)
        reply = self._send("PUT", self._url(f"/issues/{number}"), body, WRITE)
        with taken(str(self._id)):
            return self._issue(reply.content, number)

    def set_parents(self, changes: Sequence[ParentChange]) -> tuple[ParentAnswer, ...]:
        return self._families.set_parents(changes)

    def create_milestone(self, draft: MilestoneDraft) -> Milestone:
        reply = self._send("POST", self._url("/milestones"), wire.new_milestone(draft), CREATION)
        with taken(str(self._id)):
            return wire.milestone(record(reply.content, "milestone"))

    def update_milestone(self, key: int, change: MilestoneChange) -> Milestone:
        body = wire.changed_milestone(change)
        if not body:
            return self.milestone(key)
        reply = self._send("PUT", self._url(f"/milestones/{key}"), body, WRITE)
        with taken(str(self._id)):
            return wire.milestone(record(reply.content, "milestone"))

    def ensure_label(self, label: Label) -> bool:
        """One request, whether the label exists or not. Names that differ in case are two labels here."""
        wire.joined([label.name])
        try:
            self._send("POST", self._url("/labels"), wire.new_label(label), CREATION)
        except Rejected as refusal:
            if refusal.status != 409:
                raise
            return False
        return True

    def comment(self, number: int, text: str) -> None:
        self._send("POST", self._url(f"/issues/{number}/notes"), {"body": text}, ISSUE_CREATION)

    # --- beneath -------------------------------------------------------------------------------

    def _get(self, path: str, query: Mapping[str, str | int] | None = None) -> Reply:
        return self._repository.reading(
            lambda name: self._client.get(self._client.url(address(name) + path, **(query or {})))
        )

    def _pages(self, path: str, **query: str | int) -> Iterator[Mapping[str, Any]]:
        """The entries of a paged list. The repository is only found again at its beginning."""
        page = self._get(path, query)
        yield from records(page.content, path)
        if page.next:
            yield from self._client.pages(page.next)

    def _send(self, method: str, url: str, body: Mapping[str, Any] | None, cost: Cost) -> Reply:
        return self._repository.writing(lambda: self._client.send(method, url, body, cost))

    def _url(self, path: str) -> str:
        return self._client.url(address(self._repository.name) + path)

    def _issue(self, content: object, number: int) -> Issue:
        data = record(content, "issue")
        if not wire.is_issue(data, self._options):
            raise OtherThing(
                f"#{number} is no issue but a {data.get('issue_type')}",
                where=str(self._id),
                next_step="link an issue",
                status=404,
            )
        return wire.issue(self._id, data, self._options)

    def _user_ids(self, logins: Iterable[str]) -> list[int]:
        for login in logins:
            if login not in self._users:
                found = records(self._client.get(self._client.url("/users", username=login)).content, "users")
                self._users[login] = number(found[0], "id") if found else None
        return [known for login in logins if (known := self._users[login]) is not None]

    def _page(self, query: Mapping[str, str | int], etags: Mapping[str, str]) -> Page:
        def ask(name: str) -> Reply:
            url = self._client.url(f"{address(name)}/issues", **query)
            return self._client.get(url, etag=etags.get(url, ""))

        return self._as_page(self._repository.reading(ask))

    def _as_page(self, reply: Reply) -> Page:
        entries = () if reply.unchanged else records(reply.content, "issues")
        return Page(
            url=reply.url,
            entries=tuple(wire.listed(self._id, entry, self._options) for entry in entries),
            next=reply.next,
            etag=reply.etag,
            at=reply.at,
            unchanged=reply.unchanged,
        )

    def _milestones(self, etags: Mapping[str, str]) -> tuple[tuple[Milestone, ...] | None, dict[str, str]]:
        """All milestones, those of the groups above included, or ``None`` if none changed.

        An ETag vouches for its own page only, so it is kept only where one page holds them all.
        """

        def ask(name: str) -> Reply:
            query: dict[str, str | int] = {self._ancestors: "true", "per_page": 100}
            url = self._client.url(f"{address(name)}/milestones", **query)
            return self._client.get(url, etag=etags.get(url, ""))

        reply = self._repository.reading(ask)
        if reply.unchanged:
            return None, {reply.url: etags[reply.url]}
        found = records(reply.content, "milestones")
        if reply.next:
            found.extend(self._client.pages(reply.next))
        keep = {reply.url: reply.etag} if reply.etag and not reply.next else {}
        milestones = {number(entry, "id"): wire.milestone(entry) for entry in found}
        return tuple(milestones[key] for key in sorted(milestones)), keep

    def _lacks_ancestors(self, issues: Iterable[Issue], milestones: Iterable[Milestone]) -> bool:
        """Whether this GitLab is older than 16.7 and calls the groups' milestones by another name.

        It ignores the new name without a word, a newer one refuses both together
        (gitlab-org/gitlab!138391). What gives it away is an issue whose milestone is not listed.
        """
        listed = {milestone.key for milestone in milestones}
        named = {issue.milestone for issue in issues if issue.milestone is not None}
        if named <= listed or self._ancestors == "include_parent_milestones":
            return False
        self._ancestors = "include_parent_milestones"
        return True
