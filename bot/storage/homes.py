"""People's App Homes: whose is wanted anew, and the one row that stands for all of them.

A move touches only that row, whoever looks: who holds purchases, cards, homes and checks takes
them in this order, as `work.renew` does, so that nobody waits in a circle.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, null, or_, select, update

from bot.ports import EVERYBODY, Claimed
from bot.storage.tables import Instant, homes
from bot.storage.work import RELEASED
from bot.storage.writing import insert_new

_TOGETHER = timedelta(seconds=1)  # changes within it are drawn together
_LATER = or_(homes.c.due_at.is_(None), homes.c.due_at > bindparam("soon", type_=Instant))
_OWED = update(homes).where(homes.c.id == EVERYBODY, _LATER)
_VERSION = select(homes.c.version).where(homes.c.id == bindparam("user_id"))


def opened(connection: Connection, user_id: str, at: datetime) -> None:
    row = {"id": user_id, "version": 1, "opened_at": at, "due_at": at}
    if insert_new(connection, homes, row) is None:
        anew = {"version": homes.c.version + 1, "opened_at": at, "due_at": at}
        connection.execute(update(homes).where(homes.c.id == user_id).values(anew))
    insert_new(connection, homes, {"id": EVERYBODY, "version": 1, "opened_at": at})


def owe(connection: Connection, at: datetime) -> None:
    """What people see at home has changed."""
    connection.execute(_OWED, {"due_at": at + _TOGETHER, "soon": at + _TOGETHER})


def spread(connection: Connection, claimed: Claimed, *, at: datetime, since: datetime) -> None:
    """Given back first: what changes from now on makes that row due again."""
    mine = (homes.c.id == EVERYBODY) & (homes.c.lease_token == claimed.lease.token)
    connection.execute(update(homes).where(mine).values(RELEASED | {"due_at": None}))
    looked_at = (homes.c.id != EVERYBODY) & (homes.c.opened_at >= since)
    # One after the other in this order, so that nobody who holds several waits in a circle.
    wanted = select(homes.c.id).where(looked_at).order_by(homes.c.id).with_for_update()
    found = connection.execute(wanted).scalars().all()
    if found:
        anew = {"version": homes.c.version + 1, "due_at": at}
        connection.execute(update(homes).where(homes.c.id.in_(found)).values(anew))


def version(connection: Connection, user_id: str) -> int:
    return connection.execute(_VERSION, {"user_id": user_id}).scalar_one_or_none() or 0


def published(connection: Connection, claimed: Claimed, version: int) -> None:
    mine = (homes.c.id == claimed.id) & (homes.c.lease_token == claimed.lease.token)
    due_at = case((homes.c.version == version, null()), else_=homes.c.due_at)
    connection.execute(update(homes).where(mine).values(RELEASED | {"due_at": due_at}))
