"""Messages owed to people and channels."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.ports import Claimed, Message
from bot.storage.rows import read_message, write_message
from bot.storage.tables import owed
from bot.storage.work import RELEASED
from bot.storage.writing import insert_new


def add(connection: Connection, message: Message, due_at: datetime) -> None:
    """Owe it, unless its trigger_id is known."""
    insert_new(connection, owed, write_message(message) | {"due_at": due_at})


def get(connection: Connection, message_id: str) -> Message | None:
    row = connection.execute(select(owed).where(owed.c.id == message_id)).mappings().one_or_none()
    return None if row is None else read_message(row)


def sent(connection: Connection, claimed: Claimed, error: str | None) -> None:
    """Also when the lease has gone: what Slack has is not owed any more."""
    connection.execute(
        update(owed)
        .where(owed.c.id == claimed.id)
        .values(RELEASED | {"due_at": None, "error": error, "response_url": None})
    )
