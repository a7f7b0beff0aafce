"""Notes in the ledger's database, so that all processes which share it share them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from syncer.errors import Unavailable
from syncer.ledger import schema

T = TypeVar("T")


class SqlNotes:
    """Implements :class:`syncer.ports.Notes`.

    A change reads and writes under a lock: SQLite's own (every transaction of ours takes the write
    lock at its beginning), PostgreSQL's lock on the row.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, name: str) -> str | None:
        table = schema.notes
        try:
            with self._engine.connect() as connection:
                found = connection.execute(select(table.c.text).where(table.c.name == name)).scalar()
        except SQLAlchemyError as error:
            raise _failed(error) from error
        return None if found is None else str(found)

    def change(self, name: str, step: Callable[[str | None], tuple[str, T]]) -> T:
        table = schema.notes
        try:
            with self._engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    from sqlalchemy.dialects.postgresql import insert as insert_or_leave

                    # A row that is not there cannot be locked, so it is made first.
                    connection.execute(
                        insert_or_leave(table).values(name=name, text="").on_conflict_do_nothing()
                    )
                query = select(table.c.text).where(table.c.name == name).with_for_update()
                found = connection.execute(query).scalar()
                text, answer = step(str(found) if found else None)
                if found is None:
                    connection.execute(insert(table).values(name=name, text=text))
                elif text != found:
                    connection.execute(update(table).where(table.c.name == name).values(text=text))
        except SQLAlchemyError as error:
            raise _failed(error) from error
        return answer


def _failed(error: SQLAlchemyError) -> Unavailable:
    original = getattr(error, "orig", None)
    text = str(original if original is not None else error)
    return Unavailable(
        f"the state database failed: {text.splitlines()[0][:200] if text else type(error).__name__}",
        where="state.url",
        next_step="syncer stops here; nothing that was done is lost, run it again",
    )
