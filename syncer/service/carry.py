"""Edits for a branch that takes no direct commits: one rolling request, looked at, filled, emptied, closed.

What is done is decided by what is there, so that a run that was interrupted anywhere goes on from there.
What is remembered (:class:`~syncer.model.ledger.Carrier`) says which branch, head and request are ours;
it is written before the first step that can be seen. Where somebody else changed the edited files on the
request's branch, the request is left alone until it is merged or closed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from syncer.errors import Forbidden, Interrupted, Missing, Rejected, StaleHead, SyncerError
from syncer.model.document import Document
from syncer.model.ledger import Carrier, LedgerChange, Refused
from syncer.model.plan import Action, EditRoadmap, Outcome, Plan, Receipt
from syncer.model.proposal import Proposal, ProposalDraft, ProposalState
from syncer.ports import Clock, Proposals
from syncer.reconcile.pending import Carried, edit_key, still_declined, without_declined, without_pending
from syncer.service.book import Book
from syncer.service.commit import own_tracker
from syncer.service.message import headline
from syncer.service.observe import Source
from syncer.service.pending_places import places_after, words_of
from syncer.service.project import Project, Way
from syncer.service.proposal_text import edits_of, proposal_body
from syncer.service.rehearse import Rehearsal, rehearse
from syncer.service.rolling_branch import RollingBranch

_TRY_AGAIN = timedelta(hours=1)
"""After so long a request that could not be made is tried again for the same edits."""


class Carrying:
    """How the edits of one project reach its roadmaps, in one round of a run.

    Args:
        project: whose.
        book: the ledger during this run.
        source: the target branch, as it was just read.
        clock: for what is tried again later.
    """

    def __init__(self, project: Project, book: Book, source: Source, clock: Clock) -> None:
        self._project = project
        self._proposals = project.proposals if project.write_back.way is not Way.COMMIT else None
        self._book = book
        self._clock = clock
        self._branch = RollingBranch(project, book, source)
        self._conflicting = False
        self._ending = False
        self._whole: Rehearsal | None = None
        self._documents: Mapping[str, Document] = {}

    # -- before planning -------------------------------------------------------------------------------

    def look(self) -> None:
        """See what became of the request that is known. One request, if there is one."""
        proposals, carrier = self._proposals, self._carrier
        if proposals is None:
            return
        if carrier.opening:
            found = proposals.find(carrier.branch, self._branch.target)
            if found is not None and found.state is ProposalState.OPEN:
                self._remember(_opened(carrier, found))
        elif self._is_open or (
            carrier.state is ProposalState.CLOSED and carrier.shown in carrier.declined.values()
        ):
            self._look(proposals, carrier)

    def holds_back(self, plan: Plan) -> bool:
        """Whether a plan's edits will wait to be merged, so that nothing may count on them yet."""
        if self._proposals is None or not any(isinstance(each, EditRoadmap) for each in plan.actions):
            return False
        return not self._may_commit(self._proposals)

    # -- after planning --------------------------------------------------------------------------------

    def divide(self, plan: Plan, documents: Mapping[str, Document]) -> Rehearsal:
        """Try a plan's edits out, and tell apart what is new, pending and declined.

        Args:
            plan: made from the target branch.
            documents: the target branch's roadmaps.
        """
        if self._proposals is None:
            return rehearse(plan, documents)
        if self.holds_back(plan):
            self._discover(self._proposals)
        elif self._carrier.opening and not any(isinstance(each, EditRoadmap) for each in plan.actions):
            self._remember(replace(self._carrier, opening=False))
        declined = still_declined(plan, self._carrier.declined)
        if declined != self._carrier.declined:
            self._remember(replace(self._carrier, declined=declined))
        self._documents = documents
        carried = self._carried()
        kept = without_declined(plan, carried, self._book.state.decisions)
        self._whole = whole = rehearse(kept, documents)
        if self._carrier.touched and self._is_open and self._is_what_we_would_write(whole, documents):
            self._remember(replace(self._carrier, head=self._carrier.touched, touched="", mixed=True))
            carried = self._carried()
        return replace(whole, plan=without_pending(whole.plan, carried))

    # -- applying --------------------------------------------------------------------------------------

    @property
    def possible(self) -> bool:
        """Whether edits may take a request at all."""
        return self._proposals is not None

    def wanted(self) -> bool:
        """Whether edits are to take a request now, without a commit being tried first.

        Rules are asked once, and again for each new request, as long as they forbid commits.
        """
        if self._proposals is None:
            return False
        if self._project.write_back.way is Way.REQUEST or self._is_open:
            return True
        if self._carrier.direct is False:
            # Rules may have been lifted since; protection of the older kind shows only when tried.
            self._remember(replace(self._carrier, direct=None))
        return not self._may_commit(self._proposals)

    def was_refused(self) -> None:
        """The branch did not take a commit, whatever its rules said."""
        self._remember(replace(self._carrier, direct=False))

    def carry(
        self, actions: list[Action], known: Callable[[EditRoadmap], EditRoadmap | None]
    ) -> list[Receipt]:
        """Bring the request to what is wanted now.

        Args:
            actions: the new edits, or what else is to be done about it.
            known: an edit as it can be written now, or nothing where it cannot.

        Raises:
            StaleHead: somebody was faster; look again.
        """
        proposals, whole = self._proposals, self._whole
        if whole is not None and any(isinstance(a, EditRoadmap) and a.awaits for a in whole.plan.actions):
            edits = [now for a in whole.plan.actions if isinstance(a, EditRoadmap) and (now := known(a))]
            whole = rehearse(replace(whole.plan, actions=tuple(edits)), self._documents)
        assert proposals is not None  # noqa: S101  (`possible` was asked)
        assert whole is not None  # noqa: S101  (`divide` made the plan)
        if not self._carrier.branch:
            self._discover(proposals)
            if self._is_open or self._carrier.declined:
                raise StaleHead("our request was found again", next_step="plan again, knowing it")
        edits = [action for action in whole.plan.actions if isinstance(action, EditRoadmap)]
        if not edits:
            return self._close(proposals, actions)
        try:
            if self._is_open:
                self._update(proposals, edits, whole)
            else:
                self._start(proposals, edits, whole)
        except Forbidden as refusal:
            return self._stuck(refusal, edits, actions)
        self._book.save(words_of(self._book, whole))
        shown, url = self._carrier.shown, self._carrier.url
        return [Receipt(action, Outcome.DONE, f"in {shown}", url=url) for action in actions]

    # -- looking, beneath ------------------------------------------------------------------------------

    def _look(self, proposals: Proposals, carrier: Carrier) -> None:
        try:
            found = proposals.look(carrier.number, carrier.etag)
        except Missing:
            self._book.note("proposal", carrier.shown, "it is gone")
            self._remember(replace(carrier, number=0, state=None, edits=frozenset(), etag=""))
            return
        if found is None:
            return
        if found.state is ProposalState.OPEN:
            self._conflicting = found.mergeable is False
            if carrier.state is not ProposalState.OPEN:
                self._book.note("proposal", carrier.shown, "it was opened again")
                back = {key for key, where in carrier.declined.items() if where == carrier.shown}
                declined = {key: where for key, where in carrier.declined.items() if key not in back}
                carrier = replace(carrier, edits=frozenset(back), declined=declined)
            # A conflict has to be seen again, so its answer is asked for in full.
            etag = "" if self._conflicting else found.etag
            carrier = replace(carrier, state=ProposalState.OPEN, etag=etag)
            self._remember(self._branch.whose(carrier, found.head))
        elif found.merged_as and not self._branch.contains(found.merged_as):
            # The target was read right before the merge, or from a replica that lags.
            self._ending = True
        elif carrier.state is ProposalState.OPEN:
            self._book.note("proposal", carrier.shown, f"it was {found.state.value}")
            self._remember(_finished(carrier, found))
        else:
            self._remember(replace(carrier, etag=found.etag))

    def _may_commit(self, proposals: Proposals) -> bool:
        """Whether the branch takes a commit, as far as its rules say; they are asked once."""
        if self._project.write_back.way is Way.REQUEST or self._is_open:
            return False
        if self._carrier.direct is None:
            direct = not proposals.needs_request(self._branch.target)
            self._remember(replace(self._carrier, direct=direct))
        return self._carrier.direct is True

    def _discover(self, proposals: Proposals) -> None:
        """Find our request again where nothing is remembered about one."""
        carrier, name = self._carrier, self._branch.names()[0]
        if carrier.branch:
            return
        found = proposals.find(name, self._branch.target)
        edits = edits_of(found.body) if found is not None else None
        known = replace(carrier, branch=name)
        if found is not None and edits is not None:
            known = replace(known, number=found.number, shown=found.shown, url=found.url, edits=edits)
            if found.state is ProposalState.OPEN:
                known = replace(_opened(known, found), touched=found.head)
            else:
                known = _finished(known, found)
        self._remember(known)

    def _is_what_we_would_write(self, whole: Rehearsal, documents: Mapping[str, Document]) -> bool:
        """Whether the branch holds the target's files with just the edits that the request carries.

        So it does after somebody has brought it up to date, and where we have forgotten what we wrote.
        """
        carrier = self._carrier
        kept = tuple(
            action
            for action in whole.plan.actions
            if isinstance(action, EditRoadmap) and edit_key(action) in carrier.edits
        )
        if len(kept) != len(carrier.edits):
            return False
        written = rehearse(replace(whole.plan, actions=kept), documents).files
        paths = sorted({*written, *carrier.blobs})
        wanted = {path: document.data for path, document in documents.items() if path in paths}
        wanted |= {path: edited.document.data for path, edited in written.items()}
        return self._branch.contents(carrier.touched, paths) == wanted

    # -- writing, beneath ------------------------------------------------------------------------------

    def _start(self, proposals: Proposals, edits: list[EditRoadmap], whole: Rehearsal) -> None:
        """A request where there is none: a branch, a commit on it, the request."""
        for name in self._branch.names():
            head = self._branch.head_of(name)
            if head is None:
                # Written first: a branch that is there after a crash is known to be ours.
                carrier = replace(self._carrier, number=0, branch=name, head=self._branch.revision)
                blobs = self._branch.held(sorted(whole.files))
                self._remember(replace(carrier, opening=True, blobs=blobs, touched="", mixed=False))
                self._branch.make(proposals, name)
                committed = self._branch.fill(name, edits, whole)
            else:
                found = self._branch.reuse(proposals, name, head, edits, whole)
                if found is None:
                    continue
                committed = found
            self._remember(replace(self._carrier, number=0, branch=name, opening=True, mixed=False))
            self._written(committed.revision, edits, whole)
            self._open(proposals, name, edits)
            return
        raise Rejected(
            f"the branches {' and '.join(self._branch.names()[:2])} and so on hold other people's commits",
            where=self._project.name,
            next_step="delete those that are not needed any more",
        )

    def _update(self, proposals: Proposals, edits: list[EditRoadmap], whole: Rehearsal) -> None:
        """The open request with other edits."""
        head = self._branch.refill(proposals, edits, whole, conflicting=self._conflicting)
        if head is not None:
            title, body = headline(edits), self._body(edits)
            now = proposals.change(self._carrier.number, title=title, body=body)
            if now.state is not ProposalState.OPEN:
                # It ended between our look and our commit, which therefore is in no request.
                self._remember(replace(self._carrier, head=head))
                raise StaleHead(f"{now.shown} is not open any more", next_step="look at it again")
            self._written(head, edits, whole)
            return
        # It conflicts, and cannot be put right where it is: another one takes its place.
        carrier = self._carrier
        proposals.close(carrier.number)
        self._book.note("proposal", carrier.shown, "closed: it conflicts, and another one takes its place")
        self._remember(replace(carrier, number=0, state=None, branch="", edits=frozenset(), etag=""))
        self._start(proposals, edits, whole)

    def _open(self, proposals: Proposals, name: str, edits: list[EditRoadmap]) -> None:
        draft = ProposalDraft(name, self._branch.target, headline(edits), self._body(edits))
        try:
            opened = proposals.open(draft)
        except Rejected:
            # It was opened before, and the answer was lost; or a person opened one for this branch.
            found = proposals.find(name, self._branch.target)
            if found is None or found.state is not ProposalState.OPEN:
                raise
            opened = found
        self._remember(_opened(self._carrier, opened))
        self._book.note("proposal", opened.shown, f"opened for {len(edits)} edits: {opened.url}")
        if self._project.write_back.auto_merge:
            self._optional(lambda: proposals.merge_when_ready(opened), "it does not merge by itself")

    def _optional(self, send: Callable[[], None], otherwise: str) -> None:
        """Something that is nice to have: its failure is noted, and stops nothing."""
        try:
            send()
        except Interrupted:
            raise
        except SyncerError as error:
            self._book.note("proposal", self._carrier.shown, f"{otherwise}: {error.what}")

    def _close(self, proposals: Proposals, actions: list[Action]) -> list[Receipt]:
        carrier = self._carrier
        proposals.close(carrier.number)
        self._book.note("proposal", carrier.shown, "closed: none of its edits is wanted any more")
        self._remember(replace(carrier, number=0, state=None, edits=frozenset(), touched="", etag=""))
        return [Receipt(action, Outcome.DONE, "closed", url=carrier.url) for action in actions]

    def _stuck(self, refusal: Forbidden, edits: list[EditRoadmap], actions: list[Action]) -> list[Receipt]:
        """Neither a commit nor a request is allowed: said at once, and tried again after a while."""
        reason = f"the branch takes no commit, and no request could be made: {refusal.what}"
        remedy = (
            f"allow syncer to make the branch {self._branch.names()[0]} and a request from it; "
            f"{refusal.next_step}"
        )
        keys = frozenset(edit_key(edit) for edit in edits)
        refused = Refused(reason, remedy, self._clock.now(), keys)
        self._remember(replace(self._carrier, refused=refused, opening=False))
        return [Receipt(action, Outcome.FAILED, f"{reason} ({remedy})") for action in actions]

    def _written(self, head: str, edits: list[EditRoadmap], whole: Rehearsal) -> None:
        anchors, stages = places_after(edits, whole)
        keys = frozenset(edit_key(edit) for edit in edits)
        carrier = self._carrier
        self._remember(
            replace(
                carrier,
                head=head,
                touched="",
                blobs=self._branch.held(sorted(whole.files)),
                edits=keys,
                declined={key: where for key, where in carrier.declined.items() if key not in keys},
                anchors=anchors,
                stages=stages,
                refused=None,
                etag="",
            )
        )

    # -- small things ----------------------------------------------------------------------------------

    @property
    def _carrier(self) -> Carrier:
        return self._book.state.carrier

    @property
    def _is_open(self) -> bool:
        return self._carrier.state is ProposalState.OPEN and self._carrier.number > 0

    def _remember(self, carrier: Carrier) -> None:
        if carrier != self._carrier:
            self._book.save(LedgerChange(carrier=carrier))

    def _carried(self) -> Carried:
        carrier, refused, is_open = self._carrier, self._carrier.refused, self._is_open
        stuck = refused is not None and self._clock.now() < refused.at + _TRY_AGAIN
        return Carried(
            number=carrier.number if is_open else 0,
            shown=carrier.shown,
            url=carrier.url,
            edits=carrier.edits if is_open else frozenset(),
            declined=carrier.declined,
            closed_to_us=self._why_closed() if is_open else "",
            conflicting=is_open and self._conflicting,
            stuck=refused.edits if refused is not None and stuck else frozenset(),
            why_stuck=(refused.reason, refused.remedy) if refused is not None else ("", ""),
        )

    def _why_closed(self) -> str:
        """Why nothing is added to the open request; "" if something is."""
        if self._ending:
            return "has just been merged"
        if self._conflicting and self._carrier.mixed:
            return "conflicts with the branch, and holds other people's commits"
        return "was changed by somebody else" if self._carrier.touched else ""

    def _body(self, edits: list[EditRoadmap]) -> str:
        return proposal_body(edits, own_tracker(self._book.state), self._branch.target)


def _opened(carrier: Carrier, found: Proposal) -> Carrier:
    return replace(
        carrier,
        number=found.number,
        shown=found.shown,
        url=found.url,
        state=ProposalState.OPEN,
        opening=False,
        etag="",
    )


def _finished(carrier: Carrier, found: Proposal) -> Carrier:
    """After a request has ended: what it carried and the target does not show was declined in it."""
    return replace(
        carrier,
        state=found.state,
        edits=frozenset(),
        declined={**carrier.declined, **dict.fromkeys(carrier.edits, carrier.shown)},
        touched="",
        etag=found.etag,
    )
