"""What a request of ours says: the edits that it carries, for people and, hidden, for a later run."""

from __future__ import annotations

import re
from collections.abc import Sequence

from syncer.model.identity import TrackerId
from syncer.model.plan import EditRoadmap
from syncer.reconcile.pending import edit_key
from syncer.service.message import edit_lines

_ADVICE = (
    "Merge it in any way you like. Closing it declines the edits. Commits of your own on this branch "
    "are kept; syncer adds nothing to files that you changed here."
)
_EDITS = re.compile(r"<!-- syncer:edits(?P<keys>(?: [0-9a-f]{16})*) -->")


def proposal_body(edits: Sequence[EditRoadmap], here: TrackerId | None, target: str) -> str:
    """The text of a request.

    Args:
        edits: what it carries.
        here: the tracker in the source's own repository.
        target: the branch that it is to be merged into.
    """
    keys = " ".join(sorted(edit_key(edit) for edit in edits))
    return "\n".join(
        [
            f"These edits bring the roadmap on `{target}` up to what happened to its issues:",
            "",
            *edit_lines(edits, here),
            "",
            _ADVICE,
            "",
            f"<!-- syncer:edits {keys} -->",
        ]
    )


def edits_of(body: str) -> frozenset[str] | None:
    """The keys of the edits that a request says it carries; ``None`` if it is none of ours."""
    found = _EDITS.search(body)
    return frozenset(found["keys"].split()) if found is not None else None
