"""The configuration in use, and its replacement while syncs are under way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    """Holds connections that are given back."""

    def close(self) -> None: ...


S = TypeVar("S", bound=Closable)


@dataclass(slots=True)
class _Tenure(Generic[S]):
    site: S
    users: int = 0
    retired: bool = False


class Sites(Generic[S]):
    """Hands out the present site. One that was replaced is closed when its last user has left."""

    def __init__(self, first: S) -> None:
        self._present = _Tenure(first)
        self._lock = threading.Lock()

    @property
    def present(self) -> S:
        """The present site, for looking at what never closes."""
        with self._lock:
            return self._present.site

    @contextmanager
    def use(self) -> Iterator[S]:
        """The present site, kept open for the length of the context."""
        with self._lock:
            tenure = self._present
            tenure.users += 1
        try:
            yield tenure.site
        finally:
            with self._lock:
                tenure.users -= 1
                last = tenure.retired and not tenure.users
            if last:
                tenure.site.close()

    def replace(self, new: S) -> None:
        """From now on this is the present site."""
        with self._lock:
            old, self._present = self._present, _Tenure(new)
            old.retired = True
            unused = not old.users
        if unused:
            old.site.close()

    def close(self) -> None:
        """Close the present site, or leave it to its last user."""
        with self._lock:
            tenure = self._present
            tenure.retired = True
            unused = not tenure.users
        if unused:
            tenure.site.close()
