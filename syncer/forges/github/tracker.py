"""Issues and milestones of a GitHub repository.

What a run costs: nothing changed, one conditional request for the issues and one for the
milestones, both answered 304; N issues changed, N/100 requests, rounded up; everything, as many as
there are pages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from syncer.errors import Forbidden, Missing, OtherThing, Rejected, SyncerError
from syncer.forges.connection import TrackerOptions
from syncer.forges.github import wire
from syncer.forges.github.batches import MOST_TOGETHER, GithubBatches
from syncer.forges.github.client import GithubClient
from syncer.forges.github.families import LEVELS, MOST_CHILDREN, GithubFamilies
from syncer.forges.github.repository import address
from syncer.forges.governor import CREATION, ISSUE_CREATION, WRITE, Cost
from syncer.forges.listing import Page, changes, everything
from syncer.forges.reply import Reply, taken
from syncer.forges.repository import Repository
from syncer.forges.shape import moment as created_at
from syncer.forges.shape import number, optional_text, record, records, text
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

_CAPABILITIES: Final = Capabilities(
    title_limit=256,
    body_limit=65_536,  # 422 "body is too long (maximum is 65536 characters)", PyGithub#1906
    label_limit=50,  # 422 "name is too long (maximum is 50 characters)", github/docs#32156
    milestone_title_limit=255,
    close_reasons=True,
    sub_issues=MOST_CHILDREN,
    levels=LEVELS,
)

_ASSIGNEES: Final = "assignees"

_BODY_EDITS: Final = """
query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) {
      userContentEdits(first: 10) { nodes { editedAt editor { login } diff } }
    }
  }
}
"""


class GithubTracker:
    """Implements :class:`syncer.ports.Tracker`."""

    def __init__(
        self,
        client: GithubClient,
        repository: Repository,
        tracker: TrackerId,
        options: TrackerOptions,
    ) -> None:
        self._client = client
        self._repository = repository
        self._id = tracker
        self._families = GithubFamilies(client, repository)
        self._batches = GithubBatches(client, repository, tracker)
        self._together = MOST_TOGETHER if options.batch_creates else 1

    @property
    def id(self) -> TrackerId:
        return self._id

    @property
    def capabilities(self) -> Capabilities:
        return replace(_CAPABILITIES, creates_together=self._together)

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
        query: dict[str, str | int] = {"state": "all", "sort": "updated", "direction": "desc"}
        if since is not None:
            query["since"] = wire.since(since)
        return self._page({**query, "per_page": 100}, etags)

    def everything(self) -> Page:
        return self._page({"state": "all", "sort": "created", "direction": "asc", "per_page": 100}, {})

    def follow(self, url: str) -> Page:
        return self._as_page(self._client.get(url))

    def issue(self, number: int) -> Issue:
        return self._issue(self._get(f"/issues/{number}").content, number)

    def created_since(self, moment: datetime) -> tuple[Issue, ...]:
        begin = moment.replace(microsecond=0)  # the forge's times are whole seconds
        found: dict[int, Issue] = {}
        for entry in self._pages("/issues", state="all", sort="created", direction="desc", per_page=100):
            if created_at(entry, "created_at") < begin:
                break
            if wire.is_issue(entry):
                issue = wire.issue(self._id, entry)
                found.setdefault(issue.ref.number, issue)
        return tuple(found.values())

    def milestone(self, key: int) -> Milestone:
        return wire.milestone(record(self._get(f"/milestones/{key}").content, "milestone"))

    def open_issues_in(self, key: int) -> frozenset[int]:
        entries = self._pages("/issues", milestone=key, state="open", per_page=100)
        return frozenset(number(entry, "number") for entry in entries if wire.is_issue(entry))

    def state_events(self, number: int) -> tuple[StateEvent, ...]:
        return tuple(event for event in map(wire.state_event, self._log(number)) if event is not None)

    def title_events(self, number: int) -> tuple[TitleEvent, ...]:
        return tuple(event for event in map(wire.title_event, self._log(number)) if event is not None)

    def knows_parents(self) -> bool:
        return self._families.known()

    def parents_of(self, numbers: Collection[int]) -> Mapping[int, int]:
        return self._families.parents_of(numbers)

    def label_events(self, number: int) -> tuple[LabelEvent, ...]:
        return tuple(event for event in map(wire.label_event, self._log(number)) if event is not None)

    def may_triage(self, login: str) -> bool:
        """One request: ``role_name`` knows triage, which ``permission`` does not.

        docs.github.com, "Get repository permissions for a user".
        """
        if not login:
            return False  # whoever it was has no account any more
        try:
            reply = self._get(f"/collaborators/{quote(login, safe='')}/permission")
        except Missing:
            return False
        return wire.may_triage(record(reply.content, "permission"))

    def comments(self, number: int) -> tuple[str, ...]:
        return tuple(
            optional_text(entry, "body") for entry in self._pages(f"/issues/{number}/comments", per_page=100)
        )

    def body_events(self, number: int) -> tuple[BodyEvent, ...]:
        """One query; empty for a token or a server without GraphQL.

        ``diff`` holds the whole body after the edit, whatever its name says (docs.github.com, GraphQL
        object ``UserContentEdit``; observed).
        """
        owner, _, name = self._repository.name.partition("/")
        variables = {"owner": owner, "name": name, "number": number}
        try:
            return wire.body_events(self._client.query(_BODY_EDITS, variables))
        except (Forbidden, Missing, Rejected):
            return ()

    # --- writing -------------------------------------------------------------------------------

    def create_issue(self, draft: IssueDraft) -> Issue:
        """One request.

        Labels, milestone and assignees are dropped without a word where the token may not set them
        (docs.github.com, "Create an issue"): the answer shows what the forge kept. An account that
        cannot be assigned at all is refused with 422, and then nothing was created.
        """
        url = self._url("/issues")
        try:
            reply = self._send("POST", url, wire.new_issue(draft), ISSUE_CREATION)
        except Rejected as refusal:
            if not (draft.assignees and _ASSIGNEES in refusal.details):
                raise
            nobody = replace(draft, assignees=frozenset())
            reply = self._send("POST", url, wire.new_issue(nobody), ISSUE_CREATION)
        with taken(str(self._id)):
            data = record(reply.content, "issue")
            issue = wire.issue(self._id, data)
            self._families.remember(issue.ref.number, optional_text(data, "node_id"))
            return issue

    def create_issues(self, drafts: Sequence[IssueDraft]) -> tuple[Issue | SyncerError, ...]:
        """One request, see :class:`~syncer.forges.github.batches.GithubBatches`.

        Where it is refused as a whole, as by a host or for a token without GraphQL, nothing was created,
        and it is not tried again by this tracker.
        """
        try:
            return self._batches.create(drafts)
        except (Forbidden, Missing, Rejected):
            self._together = 1
            raise

    def update_issue(self, number: int, change: IssueChange) -> Issue:
        """One request that writes.

        GitHub's PATCH replaces all labels. Labels alone are therefore added, or one taken away,
        by the requests made for it, which touch nobody else's; their answer is the labels, so the
        issue is read after. Together with other values, or for several to take away, one request
        has to carry the whole set: the issue is read right before, and a label that a person adds
        in between, a fraction of a second, is lost. Two requests would be two chances to be
        interrupted half way.
        """
        if change == IssueChange(add_assignees=change.add_assignees) != IssueChange():
            return self._assign("POST", number, change.add_assignees)
        if change == IssueChange(remove_assignees=change.remove_assignees) != IssueChange():
            return self._assign("DELETE", number, change.remove_assignees)
        bare = change == IssueChange(add_labels=change.add_labels, remove_labels=change.remove_labels)
        if bare and change.add_labels and not change.remove_labels:
            url = self._url(f"/issues/{number}/labels")
            self._send("POST", url, {"labels": sorted(change.add_labels)}, WRITE)
            with taken(str(self._id)):
                return self.issue(number)
        if bare and len(change.remove_labels) == 1 and not change.add_labels:
            return self._take_label(number, *change.remove_labels)
        labels = assignees = None
        if change.add_labels or change.remove_labels or change.add_assignees or change.remove_assignees:
            now = self.issue(number)
            if change.add_labels or change.remove_labels:
                labels = _whole(now.labels, change.add_labels, change.remove_labels)
            if change.add_assignees or change.remove_assignees:
                assignees = _whole(now.assignees, change.add_assignees, change.remove_assignees)
        body = wire.changed_issue(change, labels, assignees)
        if not body:
            return self.issue(number)
        url = self._url(f"/issues/{number}")
        try:
            reply = self._send("PATCH", url, body, WRITE)
        except Rejected as refusal:
            if assignees is None or _ASSIGNEES not in refusal.details:
                raise
            # All was refused for an account that cannot be assigned; the rest is sent without it.
            body = wire.changed_issue(change, labels, None)
            if not body:
                return self.issue(number)
            reply = self._send("PATCH", url, body, WRITE)
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
        reply = self._send("PATCH", self._url(f"/milestones/{key}"), body, WRITE)
        with taken(str(self._id)):
            return wire.milestone(record(reply.content, "milestone"))

    def ensure_label(self, label: Label) -> bool:
        """One request, whether the label exists or not: names are unique in any case here."""
        try:
            self._send("POST", self._url("/labels"), wire.new_label(label), CREATION)
        except Rejected as refusal:
            if "already_exists" in refusal.details:
                return False
            raise
        return True

    def comment(self, number: int, text: str) -> None:
        self._send("POST", self._url(f"/issues/{number}/comments"), {"body": text}, ISSUE_CREATION)

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
        if not wire.is_issue(data):
            raise OtherThing(
                f"#{number} is a pull request", where=str(self._id), next_step="link an issue", status=404
            )
        return wire.issue(self._id, data)

    def _take_label(self, number: int, name: str) -> Issue:
        url = self._url(f"/issues/{number}/labels/{quote(name, safe='')}")
        try:
            self._send("DELETE", url, None, WRITE)
        except Missing:
            return self.issue(number)  # it was not there; if the issue is not, this raises it
        with taken(str(self._id)):
            return self.issue(number)

    def _assign(self, method: str, number: int, logins: frozenset[str]) -> Issue:
        """Add assignees or take them off. Who cannot be assigned is left out without a word."""
        url = self._url(f"/issues/{number}/assignees")
        reply = self._send(method, url, {"assignees": sorted(logins)}, WRITE)
        with taken(str(self._id)):
            return self._issue(reply.content, number)

    def _page(self, query: Mapping[str, str | int], etags: Mapping[str, str]) -> Page:
        def ask(name: str) -> Reply:
            url = self._client.url(f"{address(name)}/issues", **query)
            return self._client.get(url, etag=etags.get(url, ""))

        return self._as_page(self._repository.reading(ask))

    def _as_page(self, reply: Reply) -> Page:
        entries = () if reply.unchanged else records(reply.content, "issues")
        return Page(
            url=reply.url,
            entries=tuple(wire.listed(self._id, entry) for entry in entries),
            next=reply.next,
            etag=reply.etag,
            at=reply.at,
            unchanged=reply.unchanged,
        )

    def _milestones(self, etags: Mapping[str, str]) -> tuple[tuple[Milestone, ...] | None, dict[str, str]]:
        """All milestones, or ``None`` if none changed.

        An ETag vouches for its own page only, so it is kept only where one page holds them all.
        """

        def ask(name: str) -> Reply:
            url = self._client.url(f"{address(name)}/milestones", state="all", per_page=100)
            return self._client.get(url, etag=etags.get(url, ""))

        reply = self._repository.reading(ask)
        if reply.unchanged:
            return None, {reply.url: etags[reply.url]}
        found = records(reply.content, "milestones")
        if reply.next:
            found.extend(self._client.pages(reply.next))
        keep = {reply.url: reply.etag} if reply.etag and not reply.next else {}
        milestones = {entry["number"]: wire.milestone(entry) for entry in found}
        return tuple(milestones[key] for key in sorted(milestones)), keep

    def _log(self, issue: int) -> list[Mapping[str, Any]]:
        found = self._pages(f"/issues/{issue}/events", per_page=100)
        return sorted(found, key=lambda event: (text(event, "created_at"), number(event, "id")))


def _whole(held: frozenset[str], added: frozenset[str], removed: frozenset[str]) -> frozenset[str]:
    """A whole set of names after some were added and some taken away; case makes no difference."""
    gone = {name.casefold() for name in removed - added}
    wanted = {name.casefold(): name for name in added} | {name.casefold(): name for name in held}
    return frozenset(name for key, name in wanted.items() if key not in gone)
