"""Messages owed to people and channels."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from bot.domain.purchase import Purchase
from bot.ports import Claimed, Message
from bot.storage import purchases
from bot.storage.rows import read_message, write_message
from bot.storage.tables import owed
from bot.storage.work import RELEASED
from bot.storage.writing import insert_new

_BY_ID = select(owed).where(owed.c.id == bindparam("message_id"))
_THAT = update(owed).where(owed.c.id == bindparam("message_id"))


def add(connection: Connection, message: Message, due_at: datetime) -> None:
    """Owe it, unless its trigger_id is known."""
    insert_new(connection, owed, write_message(message) | {"due_at": due_at})


def get(connection: Connection, message_id: str) -> tuple[Message, Purchase | None] | None:
    row = connection.execute(_BY_ID, {"message_id": message_id}).mappings().one_or_none()
    if row is None:
        return None
    about = row["purchase_id"]
    return read_message(row), None if about is None else purchases.get(connection, about)


def sent(connection: Connection, claimed: Claimed, error: str | None) -> None:
    """Also when the lease has gone: what Slack has is not owed any more."""
    done = {"due_at": None, "error": error, "response_url": None}
    connection.execute(_THAT, {"message_id": claimed.id, **done, **RELEASED})
