"""Ids for what existed before syncer came: the same whenever the same thing is adopted."""

from __future__ import annotations

import hashlib

from syncer.model.identity import Owner, TrackerId, Uid


def adopted_uid(owner: Owner, tracker: TrackerId, number: int, kind: str = "issue") -> Uid:
    """The binding's id of an issue or milestone that is bound without ever having been created by us."""
    text = f"{owner}\x1f{tracker}\x1f{kind}\x1f{number}"
    return Uid("a" + hashlib.sha256(text.encode()).hexdigest()[:15])
