"""The branch of our rolling request: what is on it, whose that is, and commits upon it.

It only ever moves forwards, from exactly the head that was looked at, so that no commit of a person is
ever replaced. Where a fresh start is needed, it is joined with the target; where a forge cannot do that,
another branch is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncer.errors import Missing, Rejected, StaleHead
from syncer.model.ledger import Carrier
from syncer.model.plan import EditRoadmap
from syncer.model.proposal import ProposalState
from syncer.model.source import CommitDraft, Committed
from syncer.ports import Proposals
from syncer.service.book import Book
from syncer.service.commit import own_tracker
from syncer.service.message import commit_message, run_of
from syncer.service.observe import Source
from syncer.service.project import Project
from syncer.service.rehearse import Rehearsal

_BRANCHES = 9
"""How many branch names are tried before a person has to tidy up."""


class RollingBranch:
    """Our branch beside one state of the target.

    Args:
        project: whose roadmaps are edited.
        book: the ledger during this run.
        source: the target branch, as it was read.
    """

    def __init__(self, project: Project, book: Book, source: Source) -> None:
        self._project = project
        self._documents = project.documents
        self._book = book
        self._source = source
        self.target = source.head.branch
        self.revision = source.head.revision

    def names(self) -> list[str]:
        """The names that it may have; the first is the usual one."""
        name = self._project.write_back.branch.replace("{branch}", self.target)
        return [name, *(f"{name}-{number}" for number in range(2, _BRANCHES + 1))]

    def head_of(self, branch: str) -> str | None:
        """What a branch points at; ``None`` where there is no such branch."""
        try:
            return self._documents.head(branch, None).revision
        except Missing:
            return None

    def contents(self, revision: str, paths: Sequence[str]) -> dict[str, bytes]:
        """The bytes of files at a revision, of those that exist there."""
        return dict(self._documents.read(revision, self._documents.entries(revision, paths)))

    def contains(self, merge: str) -> bool:
        """Whether the target, as it was read, has a commit."""
        return self._documents.is_ancestor(merge, self.revision)

    def whose(self, carrier: Carrier, head: str) -> Carrier:
        """The carrier after a look at its branch: whether the edited files are as we left them."""
        if head == carrier.head:
            return replace(carrier, touched="")
        if head == carrier.touched:
            return carrier
        log = self._documents.history(carrier.head, head) if carrier.head else None
        if log and all(run_of(entry.message) is not None for entry in log):
            return replace(carrier, head=head, touched="")
        paths = sorted(carrier.blobs)
        if carrier.head and self._blobs(carrier.head, paths) == self._blobs(head, paths):
            return replace(carrier, head=head, touched="", mixed=True)
        return replace(carrier, touched=head)

    def held(self, paths: Sequence[str]) -> dict[str, str]:
        """The ids of what the target holds at some paths."""
        return {path: self._source.blobs[path] for path in paths if path in self._source.blobs}

    def moved(self, carrier: Carrier, whole: Rehearsal) -> bool:
        """Whether the target's files are others than those that our branch was based on."""
        paths = {*carrier.blobs, *whole.files}
        return any(carrier.blobs.get(path) != self._source.blobs.get(path) for path in paths)

    # -- commits ---------------------------------------------------------------------------------------

    def make(self, proposals: Proposals, name: str) -> None:
        """The branch, at the target's head.

        Raises:
            StaleHead: there is one by now.
        """
        try:
            proposals.create_branch(name, self.revision)
        except Rejected as refusal:
            raise StaleHead(
                f"the branch {name} could not be made: {refusal.what}", next_step="look at it again"
            ) from None

    def fill(self, name: str, edits: Sequence[EditRoadmap], whole: Rehearsal) -> Committed:
        """One commit with all edits, on a branch that stands at the target's head."""
        files = {path: edited.document.data for path, edited in whole.files.items()}
        return self._documents.commit(
            self._draft(name, self.revision, files, self.held(sorted(files)), edits)
        )

    def reuse(
        self, proposals: Proposals, name: str, head: str, edits: Sequence[EditRoadmap], whole: Rehearsal
    ) -> Committed | None:
        """A commit with all edits, upon a branch that is left from before.

        Returns:
            ``None`` where the branch is not ours to use, or cannot be.
        """
        if head == self.revision:
            return self.fill(name, edits, whole)
        carrier = self._book.state.carrier
        known = self.whose(carrier, head) if carrier.branch == name else None
        ours = known is not None and known.head == head and not known.mixed
        contained = not ours and self.contains(head)
        if not (ours or contained or self._was_merged(proposals, name, head)):
            return None
        files = {path: edited.document.data for path, edited in whole.files.items()}
        held = self._blobs(head, sorted(files))
        fits = (ours and not self.moved(carrier, whole)) or (contained and held == self.held(sorted(files)))
        if ours and fits and self.contents(head, sorted(files)) == files:
            return Committed(head, "", {})  # an earlier run got as far as this
        draft = self._draft(name, head, files, held, edits)
        joined = None if fits else proposals.restart(draft, self.revision)
        return self._documents.commit(draft) if fits else joined

    def _was_merged(self, proposals: Proposals, name: str, head: str) -> bool:
        """Whether all that a branch holds was merged, if only squashed."""
        latest = proposals.find(name, self.target)
        return latest is not None and latest.state is ProposalState.MERGED and latest.head == head

    def refill(
        self, proposals: Proposals, edits: Sequence[EditRoadmap], whole: Rehearsal, *, conflicting: bool
    ) -> str | None:
        """The branch of an open request with exactly these edits; its head then.

        Returns:
            ``None`` where it conflicts with the target and cannot be mended where it is.
        """
        carrier, documents = self._book.state.carrier, self._source.documents
        paths = sorted({*whole.files, *carrier.blobs})
        wanted = {path: documents[path].data for path in paths if path in documents}
        wanted |= {path: edited.document.data for path, edited in whole.files.items()}
        held = self.contents(carrier.head, paths)
        files = {path: data for path, data in wanted.items() if held.get(path) != data}
        fresh = (conflicting or self.moved(carrier, whole)) and not carrier.mixed
        if not files and not conflicting:
            return carrier.head
        blobs = self._blobs(carrier.head, paths)
        if fresh:
            edited = {path: wanted[path] for path in whole.files}
            draft = self._draft(carrier.branch, carrier.head, edited, blobs, edits)
            joined = proposals.restart(draft, self.revision)
            if joined is not None:
                return joined.revision
        if conflicting:
            return None
        draft = self._draft(carrier.branch, carrier.head, files, blobs, edits)
        return self._documents.commit(draft).revision

    def _draft(
        self,
        branch: str,
        parent: str,
        files: Mapping[str, bytes],
        expected: Mapping[str, str],
        edits: Sequence[EditRoadmap],
    ) -> CommitDraft:
        message = commit_message(edits, self._book.run, own_tracker(self._book.state))
        known = {path: blob for path, blob in expected.items() if path in files}
        return CommitDraft(branch, parent, files, known, message)

    def _blobs(self, revision: str, paths: Sequence[str]) -> dict[str, str]:
        return {entry.path: entry.blob for entry in self._documents.entries(revision, paths)}
