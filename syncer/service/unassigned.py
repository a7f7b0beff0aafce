"""People whom a forge did not assign. It says nothing itself; only its answer shows it."""

from __future__ import annotations


def not_assigned(logins: frozenset[str]) -> str:
    """Whom a forge did not assign although it was asked to; it says nothing itself."""
    if not logins:
        return ""
    return (
        f"the forge did not assign {', '.join(sorted(logins))}: an account without access to the "
        "repository, more people than the plan allows, or missing rights; it is not tried again"
    )
