"""Every home of the ledger keeps the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from syncer.ledger.git.ledger import GitLedger
from syncer.ledger.memory import MemoryLedger
from syncer.ledger.sql import SqlLedger
from syncer.ports import Ledger
from tests.ledger.contract import LedgerContract
from tests.ledger.places import BareRepository, MemoryPlace
from tests.queue.conftest import postgres
from tests.queue.database import database
from tests.sources.people import git
from tests.team import FakeClock

__all__ = ["postgres"]

Ledgers = Callable[[], Ledger]


class TestMemory(LedgerContract):
    """It ends with the process, so the other process is the same one."""

    @pytest.fixture
    def ledgers(self) -> Ledgers:
        one = MemoryLedger()
        return lambda: one


def _databases(url: str) -> Iterator[Ledgers]:
    opened: list[SqlLedger] = []

    def one_more() -> Ledger:
        opened.append(SqlLedger(url))
        return opened[-1]

    yield one_more
    for each in opened:
        each.close()


class TestSqlite(LedgerContract):
    @pytest.fixture
    def ledgers(self, tmp_path: Path) -> Iterator[Ledgers]:
        yield from _databases(f"sqlite:///{tmp_path}/state.db")


class TestPostgres(LedgerContract):
    @pytest.fixture
    def ledgers(self, postgres: str) -> Iterator[Ledgers]:
        yield from _databases(database(postgres))


class TestPlace(LedgerContract):
    """The rules of a ref, without git."""

    @pytest.fixture
    def ledgers(self) -> Ledgers:
        places: dict[str, MemoryPlace] = {}
        return lambda: GitLedger(lambda name: places.setdefault(name, MemoryPlace()), FakeClock())


class TestRef(LedgerContract):
    @pytest.fixture
    def ledgers(self, tmp_path: Path) -> Ledgers:
        repository = BareRepository(tmp_path)
        return lambda: repository.ledger(FakeClock())


class TestBranch(LedgerContract):
    """Where the host takes branches and tags only."""

    @pytest.fixture
    def ledgers(self, tmp_path: Path) -> Ledgers:
        repository = BareRepository(tmp_path)
        repository.hook("update", 'case "$1" in refs/heads/*) ;; *) echo "not here" >&2; exit 1;; esac')
        return lambda: repository.ledger(FakeClock())


class TestHistory(LedgerContract):
    """Where the host takes no commit without its predecessor."""

    @pytest.fixture
    def ledgers(self, tmp_path: Path) -> Ledgers:
        repository = BareRepository(tmp_path)
        git(repository.path, "config", "receive.denyNonFastForwards", "true")
        return lambda: repository.ledger(FakeClock(), ref="refs/heads/state/{}")
