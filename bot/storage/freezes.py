"""Freezes: while one is in force, nothing is bought.

A move that fails while frozen and a freeze never overlap: moves share a lock that a freeze takes
alone, before they look. So a freeze that was committed before the move looks is seen, and a move
that was first is over before the freeze begins. The condition within the update alone would not do
on PostgreSQL: an update that waited for a row goes on with what it saw of other tables before.
"""

import uuid
from datetime import datetime

from sqlalchemy import Connection, exists, select, update

from bot.domain.purchase import Status
from bot.ports import Entry, Freeze
from bot.storage import advisory, audit, cards, homes
from bot.storage.rows import read_freeze, write_freeze
from bot.storage.tables import freezes, purchases
from bot.storage.work import RELEASED
from bot.storage.writing import insert_new

_EVERYTHING = "purchases"
_IS_IN_FORCE = (freezes.c.subject == _EVERYTHING) & freezes.c.thawed_at.is_(None)
_IN_FORCE_NOW = select(freezes).where(_IS_IN_FORCE)
IN_FORCE = exists().where(_IS_IN_FORCE)
_SHOWN_ON = (Status.PENDING, Status.APPROVED)  # those whose cards say so


def lock_for_move(connection: Connection) -> None:
    """Keep a freeze from coming until the transaction ends; before the move takes any row."""
    advisory.lock(connection, advisory.Space.FREEZE, shared=True)


def frozen(connection: Connection) -> Freeze | None:
    found = connection.execute(_IN_FORCE_NOW).mappings().one_or_none()
    return None if found is None else read_freeze(found)


def freeze(connection: Connection, wanted: Freeze, entry: Entry) -> bool:
    advisory.lock(connection, advisory.Space.FREEZE)
    row = write_freeze(wanted) | {"id": uuid.uuid4().hex, "subject": _EVERYTHING}
    if insert_new(connection, freezes, row) is None:
        return False
    _draw_anew(connection, entry.at)
    homes.owe(connection, entry.at)
    audit.append_to_logbook(connection, entry)
    return True


def thaw(connection: Connection, entry: Entry) -> bool:
    advisory.lock(connection, advisory.Space.FREEZE)
    thawed = connection.execute(
        update(freezes)
        .where(_IS_IN_FORCE)
        .values(thawed_at=entry.at, thawed_by=entry.actor_id)
        .returning(freezes.c.id)
    )
    if thawed.first() is None:
        return False
    _draw_anew(connection, entry.at, is_thawed=True)
    audit.append_to_logbook(connection, entry)
    return True


def _draw_anew(connection: Connection, at: datetime, *, is_thawed: bool = False) -> None:
    """The cards of what waits; once thawed, what is approved is due. A step that has just seen the
    freeze must not put that off then: its lease goes."""
    column = purchases.c
    waiting = (
        select(column.id, column.status)
        .where(
            column.closed_at.is_(None), column.status.in_([status.value for status in _SHOWN_ON])
        )
        .order_by(column.id)  # in the order in which checks take them
        .with_for_update(key_share=True)
    )
    found = connection.execute(waiting).all()
    for row in found:
        is_due = is_thawed and row.status == Status.APPROVED
        due = RELEASED | {"due_at": at} if is_due else {}
        connection.execute(
            update(purchases)
            .where(column.id == row.id)
            .values({"version": column.version + 1} | due)
        )
    for row in found:
        cards.mark_due(connection, row.id, at)
    homes.owe(connection, at)
