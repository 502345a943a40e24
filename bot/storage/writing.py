"""What several tables need: inserting what may be there already, and locking a purchase."""

from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.tables import purchases


def insert_new(connection: Connection, table: Table, row: dict[str, Any]) -> RowMapping | None:
    """Insert a row unless a unique key of it is taken; the row as it is stored, if it was.

    On PostgreSQL this waits for a concurrent insert of the same key to end, so that the row that
    was first can be read afterwards.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing().returning(table)
    # A row given beside the statement, not in it, costs SQLAlchemy half the time.
    return connection.execute(statement, row).mappings().one_or_none()


def lock_purchase(
    connection: Connection, purchase_id: str, *, shared: bool = False
) -> RowMapping | None:
    """The purchase's row, kept from being moved until the transaction ends.

    On PostgreSQL each statement sees what was committed before it began: what is read after this
    is read after every move and every click that held the lock before. SQLite needs no lock, its
    writing transactions come one after the other.
    """
    statement = select(purchases).where(purchases.c.id == purchase_id)
    locked = statement.with_for_update(read=shared, key_share=not shared)
    return connection.execute(locked).mappings().one_or_none()
