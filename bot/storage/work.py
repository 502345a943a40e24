"""Claiming due rows with leases, the same for all queues."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Table,
    Update,
    bindparam,
    case,
    func,
    or_,
    select,
    true,
    update,
)

from bot.ports import Claimed, Lease, Queue
from bot.storage.tables import QUEUES, Instant, decisions, owed, purchases

NO_LEASE: MappingProxyType[str, Any] = MappingProxyType({"lease_token": None, "lease_until": None})
RELEASED: MappingProxyType[str, Any] = MappingProxyType({**NO_LEASE, "attempts": 0})
_RESPONSE_URL_LIVES = timedelta(minutes=30)


def wanted(table: Table) -> ColumnElement[bool]:
    """What makes a due row work: a decision that is judged is none."""
    return decisions.c.judged_at.is_(None) if table is decisions else true()


def take(
    connection: Connection, places: Mapping[Queue, int], *, now: datetime, lasting: timedelta
) -> tuple[list[Claimed], datetime | None]:
    """One look at all queues, and a claim for each that has something due."""
    looked_at = tuple(places)
    due = zip(looked_at, _first_due(connection, looked_at), strict=True)
    due_at = {queue: instant for queue, instant in due if instant is not None}
    claims = [
        each
        for queue, instant in due_at.items()
        if instant <= now
        for each in claim(connection, queue, places[queue], now=now, lasting=lasting)
    ]
    return claims, min(due_at.values(), default=None)


def claim(
    connection: Connection, queue: Queue, limit: int, *, now: datetime, lasting: timedelta
) -> list[Claimed]:
    found, leased = _claiming(QUEUES[queue])
    rows = connection.execute(found, {"now": now, "limit": limit}).all()
    until = now + lasting
    claims = [Claimed(queue, row.id, Lease(uuid.uuid4().hex, until), row.attempts) for row in rows]
    if claims:
        connection.execute(
            leased,
            [
                {"row_id": each.id, "lease_token": each.lease.token, "lease_until": until}
                for each in claims
            ],
        )
    return claims


@cache
def _claiming(table: Table) -> tuple[Select[Any], Update]:
    now = bindparam("now", type_=Instant)
    is_free = or_(table.c.lease_until.is_(None), table.c.lease_until <= now)
    found = (
        select(table.c.id, table.c.attempts)
        .where(table.c.due_at <= now, is_free, wanted(table))
        .order_by(table.c.due_at)
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(skip_locked=True)
    )
    return found, update(table).where(table.c.id == bindparam("row_id"))


def renew(
    connection: Connection, leases: Collection[Lease], *, now: datetime, until: datetime
) -> None:
    given = {"tokens": [lease.token for lease in leases], "now": now, "until": until}
    for table in QUEUES.values():
        connection.execute(_renewed(table), given)


@cache
def _renewed(table: Table) -> Update:
    column = table.c
    until = bindparam("until", type_=Instant)
    return (
        update(table)
        .where(
            column.lease_token.in_(bindparam("tokens", expanding=True)),
            column.lease_until > bindparam("now", type_=Instant),
            column.lease_until < until,
        )
        .values(lease_until=until)
    )


def _first_due(connection: Connection, queues: tuple[Queue, ...]) -> list[datetime | None]:
    """Of each queue the earliest of the free rows, or of the leased, which are few."""
    if not queues:
        return []
    found = connection.execute(_first(queues)).one()
    pairs = zip(found[::2], found[1::2], strict=True)
    return [min((each for each in pair if each is not None), default=None) for pair in pairs]


@cache
def _first(queues: tuple[Queue, ...]) -> Select[Any]:
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
    return select(*candidates)


def put_off(
    connection: Connection, claimed: Claimed, due_at: datetime | None, *, look_up: bool = False
) -> None:
    """Only while nobody else has claimed the row; `look_up` counts one on a purchase."""
    connection.execute(
        _put_off(QUEUES[claimed.queue], look_up),
        {"row_id": claimed.id, "token": claimed.lease.token, "due_at": due_at, **NO_LEASE},
    )


@cache
def _put_off(table: Table, look_up: bool) -> Update:
    statement = (
        update(table)
        .where(table.c.id == bindparam("row_id"), table.c.lease_token == bindparam("token"))
        .values(attempts=table.c.attempts + 1)
    )
    return statement.values(look_ups=purchases.c.look_ups + 1) if look_up else statement


def end_leases(connection: Connection) -> None:
    """For a database of which this process is the only user: every lease is a dead one's."""
    for table in QUEUES.values():
        connection.execute(update(table).where(table.c.lease_token.is_not(None)).values(NO_LEASE))


def tidy(connection: Connection, *, now: datetime) -> None:
    stored_at = (purchases.c.requested_at, decisions.c.came_at, owed.c.created_at)
    for table, at in zip((purchases, decisions, owed), stored_at, strict=True):
        connection.execute(
            update(table)
            .where(table.c.response_url.is_not(None), at <= now - _RESPONSE_URL_LIVES)
            .values(response_url=None)
        )
