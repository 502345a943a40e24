"""What several tables need: inserting what may be there already, and locking a purchase.

Statements are made once, here and in the modules beside: SQLAlchemy takes longer to put one
together than SQLite to carry it out.
"""

from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from bot.storage.tables import purchases


def insert_new(connection: Connection, table: Table, row: dict[str, Any]) -> RowMapping | None:
    """Insert a row unless a unique key of it is taken; the row as it is stored, if it was.

    On PostgreSQL this waits for a concurrent insert of the same key to end, so that the row that
    was first can be read afterwards.
    """
    statement = _insert_new(table, connection.dialect.name)
    return connection.execute(statement, row).mappings().one_or_none()


@cache
def _insert_new(table: Table, dialect: str) -> ReturningInsert[Any]:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing().returning(table)


_PURCHASE = select(purchases).where(purchases.c.id == bindparam("purchase_id"))
_SHARED = _PURCHASE.with_for_update(read=True)
_ALONE = _PURCHASE.with_for_update(key_share=True)


def lock_purchase(
    connection: Connection, purchase_id: str, *, shared: bool = False
) -> RowMapping | None:
    """The purchase's row, kept from being moved until the transaction ends.

    On PostgreSQL each statement sees what was committed before it began: what is read after this
    is read after every move and every click that held the lock before. SQLite needs no lock, its
    writing transactions come one after the other.
    """
    locked = _SHARED if shared else _ALONE
    return connection.execute(locked, {"purchase_id": purchase_id}).mappings().one_or_none()
