"""Who may decide in a repository, and what stands out in it."""

from __future__ import annotations

from typing import Protocol


class Authority(Protocol):
    """As :class:`syncer.service.status_issue.authority.Authority` asks for it."""

    def may_write(self, login: str) -> bool:
        """Whether somebody may write to the repository, asked of the forge now."""

    def pin(self, number: int) -> bool:
        """Let an issue stand above the others. False where the forge cannot, or will not."""
