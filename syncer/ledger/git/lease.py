"""Who works on a project, and until when, as the ledger's commit says.

No process watches a ref, so a lease has an end. It is only there to keep others from beginning: what
decides is the compare-and-swap. Whoever was slow and finds his commit replaced stops before his next
effect; whoever finds it in place goes on, and extends his lease by that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

LASTS: Final = timedelta(minutes=10)
"""How long a lease is good for after each push. A request of ours and its wait are over long before."""

SKEW: Final = timedelta(seconds=30)
"""How far the clocks of two machines may be apart."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a project.

    Args:
        holder: names one process, never another one.
        who: the same for people, the machine's name.
        until: when others need not wait any longer.
    """

    holder: str
    who: str
    until: datetime

    def keeps_out(self, holder: str, now: datetime) -> bool:
        """Whether somebody else has to wait."""
        return self.holder != holder and now < self.until + SKEW

    def to_json(self) -> dict[str, Any]:
        """As the commit holds it."""
        return {"holder": self.holder, "who": self.who, "until": self.until.isoformat()}


def lease_from_json(data: Mapping[str, Any] | None) -> Lease | None:
    """As the commit holds it; ``None`` where nobody works."""
    if data is None:
        return None
    return Lease(data["holder"], data["who"], datetime.fromisoformat(data["until"]))
