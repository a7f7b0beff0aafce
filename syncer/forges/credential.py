"""What identifies us to a forge: a token that was given, or one that is minted and renewed.

Whoever sends a request asks for the token each time, because the next one may be another.
"""

from __future__ import annotations

from typing import Protocol

from syncer.forges.connection import Secret


class Credential(Protocol):
    """Safe to share between threads."""

    @property
    def fingerprint(self) -> str:
        """Names the identity, not the token: the same as long as the rights and the quota are the same.

        Rate budgets are kept under it, and so are validators of answers (ETags). Where a forge
        mixes the token into its validators, those of an earlier token cost one full answer each; where
        it does not, they stay good. Nothing is ever read wrong, because a validator that fits stands
        for the very bytes that it was given with.
        """

    def token(self) -> str:
        """The token to send now; "" for anonymous reading. May send a request to get one."""

    def refused(self, token: str) -> bool:
        """The forge refused this token: whether :meth:`token` has another one to try."""


class GivenToken:
    """A token as configured. There is no other one.

    Classic and fine-grained tokens of GitHub, and personal, project and group tokens of GitLab, are
    all alike here: a text of any length.
    """

    def __init__(self, token: Secret) -> None:
        self._token = token

    @property
    def fingerprint(self) -> str:
        return self._token.fingerprint

    def token(self) -> str:
        return self._token.reveal()

    def refused(self, token: str) -> bool:
        del token
        return False
