"""The one commit of a run: every edit of the roadmaps, compared and swapped on the branch's head."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Intent, IntentKind, LedgerChange, LedgerState
from syncer.model.plan import EditRoadmap, ItemKey, Outcome, Receipt, StageKey
from syncer.model.source import CommitDraft, Committed
from syncer.ports import Clock, Documents
from syncer.service.arrivals import Arrivals
from syncer.service.book import Book, merged
from syncer.service.message import commit_message
from syncer.service.places import places
from syncer.service.rehearse import Rehearsal
from syncer.service.sending import send


class Committer:
    """Commits what was rehearsed.

    Args:
        book: the ledger during this run.
        documents: where the roadmaps are.
        blobs: the ids of their contents as they were read.
        branch: where edits are committed.
        clock: for the intent.
        skip_ci: ask the forge to start no pipeline for the commit.
    """

    def __init__(
        self,
        book: Book,
        documents: Documents,
        blobs: Mapping[str, str],
        branch: str,
        clock: Clock,
        *,
        skip_ci: bool = False,
    ) -> None:
        self._book = book
        self._documents = documents
        self._blobs = blobs
        self._branch = branch
        self._clock = clock
        self._skip_ci = skip_ci
        self.committed: Committed | None = None
        self.arrived: frozenset[Uid] = frozenset()

    def commit(
        self,
        rehearsal: Rehearsal,
        actions: list[EditRoadmap],
        items: Mapping[ItemKey, Uid],
        stages: Mapping[StageKey, Uid],
    ) -> list[Receipt]:
        """Commit all edits at once.

        Where every line stands now is remembered together with the receipt: nobody could find a line
        again whose text we replaced by quite another.

        Args:
            rehearsal: the edited files.
            actions: the edits.
            items: what was bound in this run.
            stages: all stages that are bound.

        Raises:
            StaleHead: the branch has moved; nothing was committed.
        """
        arriving = Arrivals(self._book, rehearsal)
        arriving.expect()
        plan = rehearsal.plan
        paths = sorted(rehearsal.files)
        settles = tuple(each for action in actions for each in action.settles)
        intent = self._book.intend(
            Intent(
                id=0,
                run=self._book.run,
                kind=IntentKind.COMMIT,
                tracker=None,
                uid=Uid(""),
                target=0,
                settlements=settles,
                recorded_at=self._clock.now(),
                revision=plan.revision,
                summary=f"commit of {len(actions)} edits",
            )
        )
        after = {path: rehearsal.files[path].document for path in paths}
        draft = CommitDraft(
            self._branch,
            plan.revision,
            {path: document.data for path, document in after.items()},
            {path: self._blobs[path] for path in paths if path in self._blobs},
            commit_message(actions, self._book.run, own_tracker(self._book.state), skip_ci=self._skip_ci),
        )
        committed = send(self._book, intent, lambda: self._documents.commit(draft))
        self.committed = committed
        blobs = {**self._blobs, **committed.blobs}
        settled = self._book.settled(self._book.shown(settles), rehearsal.words)
        stand = places(self._book, plan, after, blobs, items, stages, edited=rehearsal.files, upon=settled)
        self._book.save(merged(stand, arriving.arrived(), LedgerChange(closed_intents=(intent.id,))))
        self.arrived = frozenset(arriving.anchors)
        return [
            Receipt(action, Outcome.DONE, committed.revision[:12], url=committed.url) for action in actions
        ]


def own_tracker(state: LedgerState) -> TrackerId | None:
    """The tracker that lives in the source's own repository."""
    source = state.source_profile
    for tracker, known in state.trackers.items():
        if known.profile is None or source is None:
            continue
        mine = (known.profile.host, known.profile.repository_id)
        if mine == (source.host, source.repository_id):
            return tracker
    return None
