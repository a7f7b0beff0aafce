"""Keeps the status issue of a project: creates it once, updates it when its text changes, obeys its ticks.

It is attended to after a run, under the project's lease. What a tick means is written into the ledger as
`syncer approve` and `syncer resolve` write it, and carried out by another run at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from syncer.errors import Gone, Missing, Moved, RetryError, SyncerError, UnknownFate, UserError
from syncer.model.fields import TaskState
from syncer.model.ledger import JournalEntry, LedgerChange, Standing
from syncer.model.tracker import BodyEvent, Cursor, Issue, IssueChange, IssueDraft
from syncer.ports import Clock, Ledger, Notes, Tracker
from syncer.reconcile.block import content_digest
from syncer.service.overwritten import replaced_body
from syncer.service.report import RunReport
from syncer.service.resolving import decide, remember
from syncer.service.status_issue.authority import Authority
from syncer.service.status_issue.memory import Remembered, keep, recall
from syncer.service.status_issue.page import (
    Offer,
    Page,
    block_in,
    is_ours,
    page_of,
    render,
    same,
    ticked,
    with_block,
)

_SKEW: Final = timedelta(seconds=120)
"""By which the forge's clock may be behind ours when a create is looked for."""
_UNTOLD: Final = "the forge does not tell who ticked it; use the command instead"


@dataclass(frozen=True, slots=True)
class Attendant:
    """Keeps one project's status issue.

    Args:
        tracker: the project's first.
        authority: of the same repository.
        grace: seconds for which a create without an answer is looked for before it is sent again.
        clean: takes secrets out of what is written.
    """

    project: str
    tracker: Tracker
    authority: Authority
    ledger: Ledger
    notes: Notes
    clock: Clock
    grace: float = 600.0
    clean: Callable[[str], str] = str

    def attend(self, report: RunReport) -> bool:
        """Look after the issue once, after a run.

        Args:
            report: of that run.

        Returns:
            Whether people have decided something that another run should carry out now.

        Raises:
            SyncerError: it could not be attended to; the next run tries again.
        """
        if report.dry or isinstance(report.problem, RetryError | UnknownFate):
            return False  # a run that may succeed later says nothing that needs anybody
        with self.ledger.lease(self.project):
            state = self.ledger.load(self.project)
            owner, standing = state.owner, self.ledger.standing(self.project)
            seen = state.trackers.get(self.tracker.id)
            if owner is None or standing is None or seen is None or seen.profile is None:
                # It never got as far as knowing whose issue that would be, and who could read it there.
                return False
            if state.detached:
                self._leave(str(owner), report.run)
                return False
            return self._attend(str(owner), standing, report)

    def _attend(self, owner: str, standing: Standing, report: RunReport) -> bool:
        known = recall(self.notes, self.project)
        page = self._page(standing, report, known)
        if not page.urgent and not known.open and known.creating is None:
            return False
        known, issue = self._find(known, owner)
        if issue is not None:
            known, decided = self._obey(known, issue, owner, standing, report.run)
            if decided:
                keep(self.notes, self.project, known)
                return True
            page = self._page(standing, report, known)
        block = self.clean(render(page, owner, self.project))
        if issue is None:
            if page.urgent:
                self._create(known, page, block)
            return False
        known = self._update(known, issue, page, block, owner, report.run)
        if page.urgent and not known.pinned:
            self._pin(known)
        return False

    def _leave(self, owner: str, run: str) -> None:
        """The project was detached: close the issue, and have nothing more to do with it."""
        known = recall(self.notes, self.project)
        if not known.open:
            return
        known, issue = self._find(known, owner)
        page = Page(("syncer was detached from this project and does nothing here any more.", ""), {}, False)
        if issue is not None:
            self._update(known, issue, page, render(page, owner, self.project), owner, run)

    def _page(self, standing: Standing, report: RunReport, known: Remembered) -> Page:
        actions = report.plan.effects if report.plan is not None else ()
        problem = str(report.problem) if report.problem is not None else ""
        return page_of(self.project, standing, actions, known.refused, problem)

    # -- finding ------------------------------------------------------------------------------------------

    def _find(self, known: Remembered, owner: str) -> tuple[Remembered, Issue | None]:
        """The issue; found by its marker where it is not known, so that there is never a second one."""
        if known.number:
            try:
                issue = self.tracker.issue(known.number)
                return replace(known, open=issue.state is TaskState.OPEN), issue
            except (Missing, Gone, Moved):
                known = Remembered()  # somebody took it away; should there be need, another is made
        candidates: Iterable[Issue] = (
            self.tracker.created_since(known.creating - _SKEW)
            if known.creating is not None
            else self.tracker.read(Cursor(), full=True).issues
        )
        found = sorted(
            (each for each in candidates if is_ours(each.body, owner, self.project)),
            key=lambda each: each.ref.number,
        )
        if not found:
            return known, None
        issue = found[0]
        known = replace(known, number=issue.ref.number, creating=None, open=issue.state is TaskState.OPEN)
        keep(self.notes, self.project, known)
        return known, issue

    # -- obeying ------------------------------------------------------------------------------------------

    def _obey(
        self, known: Remembered, issue: Issue, owner: str, standing: Standing, run: str
    ) -> tuple[Remembered, bool]:
        """Carry what was ticked into the ledger, if whoever ticked it may decide."""
        tokens = ticked(block_in(issue.body, owner, self.project))
        if not tokens or issue.state is not TaskState.OPEN:
            return known, False
        events = self.tracker.body_events(issue.ref.number)
        refused: dict[str, str] = {}
        obeyed: set[str] = set()
        chosen = [(token, known.offers.get(token)) for token in tokens]
        for token, offer in chosen:
            contrary = any(
                other is not None and offer is not None and other is not offer and other.holds & offer.holds
                for _token, other in chosen
            )
            if offer is None:
                continue  # it is over, or was never offered: the next text shows what there is
            if contrary:
                refused[token] = "both sides were ticked; tick one"
                continue
            people = self._who(events, token, owner, issue)
            refusal = _UNTOLD if not people else ""
            for login in people:
                if not login or not self.authority.may_write(login):
                    refusal = f"{login or 'somebody'} has no write rights"
            refusal = refusal or self._carry_out(offer, standing, ", ".join(people), run)
            if refusal:
                refused[token] = refusal
            else:
                obeyed.add(token)
        if refused:
            now = self.clock.now()
            entries = tuple(
                JournalEntry(
                    now, run, "refused", f"#{issue.ref.number}", f"a tick was not accepted: {reason}"
                )
                for reason in refused.values()
            )
            self.ledger.save(self.project, LedgerChange(journal=entries))
        # A box stands for something once; until the next text its tick says nothing more.
        offers = {token: each for token, each in known.offers.items() if token not in obeyed}
        return replace(known, refused=refused, offers=offers), bool(obeyed)

    def _who(self, events: tuple[BodyEvent, ...], token: str, owner: str, issue: Issue) -> tuple[str, ...]:
        """Who may have ticked a box: one person where the forge keeps texts, else all who edited since us."""
        people: list[str] = []
        for event in events:
            if event.after is not None:
                if token not in ticked(block_in(event.after, owner, self.project)):
                    people = []
                elif not people:
                    people = [event.actor]
            else:
                people = [] if event.actor == issue.author else [*people, event.actor]
        return tuple(dict.fromkeys(people))

    def _carry_out(self, offer: Offer, standing: Standing, who: str, run: str) -> str:
        """Write a decision into the ledger; why it cannot be, else empty."""
        now = self.clock.now()
        if offer.approve:
            text = f"{len(offer.approve)} actions approved by {who} on the status issue"
            entry = JournalEntry(now, run, "approved", self.project, text)
            self.ledger.save(self.project, LedgerChange(approved=offer.approve, journal=(entry,)))
            return ""
        holds = [hold for hold in standing.holds if hold.digest in offer.holds]
        if {hold.digest for hold in holds} != offer.holds:
            return "the values have changed since; decide again"
        try:
            resolutions = decide(holds, offer.take, "", now)
        except UserError as error:
            return error.what
        change = remember(self.ledger.load(self.project), resolutions, run, now)
        entry = JournalEntry(now, run, "decision", self.project, f"ticked by {who} on the status issue")
        self.ledger.save(self.project, replace(change, journal=(*change.journal, entry)))
        return ""

    # -- writing ------------------------------------------------------------------------------------------

    def _create(self, known: Remembered, page: Page, block: str) -> None:
        now = self.clock.now()
        if known.creating is not None and (now - known.creating).total_seconds() < self.grace:
            return  # its answer was lost; it may show itself yet
        keep(self.notes, self.project, Remembered(creating=now))
        draft = IssueDraft(f"syncer: {self.project} needs attention", block, None, frozenset())
        try:
            issue = self.tracker.create_issue(draft)
        except UnknownFate:
            raise
        except SyncerError:
            keep(self.notes, self.project, Remembered())  # it certainly was not made
            raise
        known = Remembered(number=issue.ref.number, open=True, offers=page.offers)
        keep(self.notes, self.project, known)
        self._pin(known)

    def _update(
        self, known: Remembered, issue: Issue, page: Page, block: str, owner: str, run: str
    ) -> Remembered:
        body = with_block(issue.body, block, owner, self.project)
        unchanged = same(body, issue.body)
        is_open = issue.state is TaskState.OPEN
        state = None if is_open == page.urgent else (TaskState.OPEN if page.urgent else TaskState.DONE)
        if state is TaskState.OPEN and unchanged:
            state = None  # a person closed it and nothing is new: let it be
        refused = {token: why for token, why in known.refused.items() if token in page.offers}
        after = replace(known, offers=page.offers, refused=refused, open=is_open)
        if unchanged and state is None:
            if after != known:
                keep(self.notes, self.project, after)
            return after
        # Remembered before: a tick means what stands beside it, in the old text and in the new one.
        keep(self.notes, self.project, replace(after, offers={**known.offers, **page.offers}, open=True))
        change = IssueChange(body=None if unchanged else body, state=state)
        now = self.tracker.update_issue(issue.ref.number, change)
        after = replace(after, open=now.state is TaskState.OPEN)
        if not unchanged:
            after = self._give_back(after, issue, now, page, body, run)
        keep(self.notes, self.project, after)
        return after

    def _give_back(
        self, known: Remembered, seen: Issue, now: Issue, page: Page, body: str, run: str
    ) -> Remembered:
        """What somebody wrote in the moment of our write is not lost: the next run looks at it."""
        lost = replaced_body(
            self.tracker, now, bodies=(content_digest(seen.body), content_digest(body)), since=seen.updated_at
        )
        if lost is None:
            return known
        why = f"{lost.by or 'somebody'} edited this issue just when its text changed; tick it again"
        text = lost.text if lost.text is not None else why
        entry = JournalEntry(self.clock.now(), run, "overwritten", f"#{now.ref.number}", text)
        self.ledger.save(self.project, LedgerChange(journal=(entry,)))
        tokens = page.offers if lost.text is None else set(ticked(lost.text)) & set(page.offers)
        return replace(known, refused={**known.refused, **dict.fromkeys(tokens, why)})

    def _pin(self, known: Remembered) -> None:
        self.authority.pin(known.number)
        keep(self.notes, self.project, replace(known, pinned=True))
