"""Claiming due rows with leases, the same for all queues."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    bindparam,
    case,
    func,
    or_,
    select,
    true,
    update,
)

from bot.ports import Claimed, Lease, Queue
from bot.storage.tables import QUEUES, decisions, owed, purchases

RELEASED: MappingProxyType[str, Any] = MappingProxyType(
    {"lease_token": None, "lease_until": None, "attempts": 0}
)
_RESPONSE_URL_LIVES = timedelta(minutes=30)


def wanted(table: Table) -> ColumnElement[bool]:
    """What makes a due row work: a decision that is judged is none."""
    return decisions.c.judged_at.is_(None) if table is decisions else true()


def claim(
    connection: Connection, queue: Queue, limit: int, *, now: datetime, lasting: timedelta
) -> list[Claimed]:
    table = QUEUES[queue]
    is_free = or_(table.c.lease_until.is_(None), table.c.lease_until <= now)
    found = connection.execute(
        select(table.c.id, table.c.attempts)
        .where(table.c.due_at <= now, is_free, wanted(table))
        .order_by(table.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    until = now + lasting
    claims = [Claimed(queue, row.id, Lease(uuid.uuid4().hex, until), row.attempts) for row in found]
    if claims:
        connection.execute(
            update(table)
            .where(table.c.id == bindparam("row_id"))
            .values(lease_token=bindparam("token"), lease_until=until),
            [{"row_id": each.id, "token": each.lease.token} for each in claims],
        )
    return claims


def renew(
    connection: Connection, leases: Collection[Lease], *, now: datetime, until: datetime
) -> None:
    tokens = [lease.token for lease in leases]
    for table in QUEUES.values():
        connection.execute(
            update(table)
            .where(
                table.c.lease_token.in_(tokens),
                table.c.lease_until > now,
                table.c.lease_until < until,
            )
            .values(lease_until=until)
        )


def next_due(connection: Connection, queues: Collection[Queue]) -> datetime | None:
    """Per queue the earliest of the free rows, and the earliest of the leased, which are few."""
    candidates = []
    for table in (QUEUES[queue] for queue in queues):
        due_at, until = table.c.due_at, table.c.lease_until
        free = (
            select(due_at)
            .where(due_at.is_not(None), until.is_(None), wanted(table))
            .order_by(due_at)
            .limit(1)
        )
        leased = select(func.min(case((until > due_at, until), else_=due_at))).where(
            table.c.lease_token.is_not(None), due_at.is_not(None), wanted(table)
        )
        candidates += [free.scalar_subquery(), leased.scalar_subquery()]
    if not candidates:
        return None
    found = connection.execute(select(*candidates)).one()
    return min((instant for instant in found if instant is not None), default=None)


def put_off(
    connection: Connection, claimed: Claimed, due_at: datetime | None, *, look_up: bool = False
) -> None:
    """Only while nobody else has claimed the row; `look_up` counts one on a purchase."""
    table = QUEUES[claimed.queue]
    values: dict[str, Any] = {"due_at": due_at, "attempts": table.c.attempts + 1}
    if look_up:
        values["look_ups"] = purchases.c.look_ups + 1
    connection.execute(
        update(table)
        .where(table.c.id == claimed.id, table.c.lease_token == claimed.lease.token)
        .values(RELEASED | values)
    )


def end_leases(connection: Connection) -> None:
    """For a database of which this process is the only user: every lease is a dead one's."""
    for table in QUEUES.values():
        connection.execute(
            update(table)
            .where(table.c.lease_token.is_not(None))
            .values(lease_token=None, lease_until=None)
        )


def tidy(connection: Connection, *, now: datetime) -> None:
    stored_at = (purchases.c.requested_at, decisions.c.came_at, owed.c.created_at)
    for table, at in zip((purchases, decisions, owed), stored_at, strict=True):
        connection.execute(
            update(table)
            .where(table.c.response_url.is_not(None), at <= now - _RESPONSE_URL_LIVES)
            .values(response_url=None)
        )
