"""Who wants no direct messages."""

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, delete, select

from bot.ports import Entry
from bot.storage import audit
from bot.storage.tables import mutes
from bot.storage.writing import insert_new

_AT_ONCE = 500  # people in one statement; databases allow a limited number of parameters
_MUTED = select(mutes.c.user_id).where(mutes.c.user_id.in_(bindparam("user_ids", expanding=True)))


def mute(connection: Connection, user_id: str, *, is_muted: bool, entry: Entry) -> None:
    """Nothing is logged where nothing changes."""
    if is_muted:
        row = insert_new(connection, mutes, {"user_id": user_id, "since": entry.at})
        is_changed = row is not None
    else:
        mine = mutes.c.user_id == user_id
        gone = connection.execute(delete(mutes).where(mine).returning(mutes.c.user_id))
        is_changed = gone.first() is not None
    if is_changed:
        audit.append_to_logbook(connection, entry)


def muted(connection: Connection, user_ids: Collection[str]) -> set[str]:
    asked = sorted(set(user_ids))
    found: set[str] = set()
    for start in range(0, len(asked), _AT_ONCE):
        some = {"user_ids": asked[start : start + _AT_ONCE]}
        found.update(connection.execute(_MUTED, some).scalars())
    return found
