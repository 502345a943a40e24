"""Reading purchases. The answers to lists come from indexes, however many are finished."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Select, or_, select

from bot.domain.purchase import IN_FLIGHT, Purchase, Status
from bot.ports import Filter
from bot.storage import codes
from bot.storage.rows import read_purchase
from bot.storage.tables import IN_FLIGHT_NOW, purchases

_TOOK_MONEY = (Status.PROVISIONED, Status.CHARGED, *IN_FLIGHT)  # or may have
_AT_ONCE = 500  # numbers in one statement; databases allow a limited number of parameters


def _one(connection: Connection, statement: Select[tuple[object, ...]]) -> Purchase | None:
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else read_purchase(row)


def get(connection: Connection, purchase_id: str) -> Purchase | None:
    return _one(connection, select(purchases).where(purchases.c.id == purchase_id))


def by_code(connection: Connection, code: str) -> Purchase | None:
    wanted = codes.normalised(code)
    if wanted is None:
        return None
    return _one(connection, select(purchases).where(purchases.c.code == wanted))


def listed(connection: Connection, wanted: Filter) -> list[Purchase]:
    column = purchases.c
    order = column.requested_at if wanted.is_open else column.requested_at.desc()
    statement = select(purchases).order_by(order).limit(wanted.limit)
    if wanted.requester_id is not None:
        statement = statement.where(column.requester_id == wanted.requester_id)
    if wanted.provider is not None:
        statement = statement.where(column.provider == wanted.provider)
    if wanted.is_open is not None:
        is_open = column.closed_at.is_(None)
        statement = statement.where(is_open if wanted.is_open else ~is_open)
    return [read_purchase(row) for row in connection.execute(statement).mappings()]


def by_numbers(connection: Connection, numbers: Collection[str]) -> dict[str, Purchase]:
    """A number bought twice (given back in between) belongs to the later purchase."""
    asked = sorted(set(numbers))
    found: dict[str, Purchase] = {}
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        statement = (
            select(purchases)
            .where(or_(purchases.c.number.in_(some), purchases.c.second_number.in_(some)))
            .order_by(purchases.c.requested_at)
        )
        for row in connection.execute(statement).mappings():
            purchase = read_purchase(row)
            for number in (purchase.number, purchase.second_number):
                if number in some:
                    found[number] = purchase
    return found


def bought_since(connection: Connection, provider: str, since: datetime) -> list[datetime]:
    sent_at = purchases.c.sent_at
    statement = (
        select(sent_at)
        .where(
            purchases.c.provider == provider,
            sent_at >= since,
            purchases.c.status.in_([status.value for status in _TOOK_MONEY]),
        )
        .order_by(sent_at)
    )
    return list(connection.execute(statement).scalars())


def is_alone(connection: Connection, purchase: Purchase) -> bool:
    """False also when there is no baseline: then there is nothing to be alone since."""
    if purchase.baseline_at is None:
        return False
    others = (
        select(purchases.c.id)
        .where(purchases.c.provider == purchase.provider, purchases.c.id != purchase.id)
        .limit(1)
    )
    since_then = purchases.c.settled_at >= purchase.baseline_at
    return all(
        connection.execute(others.where(condition)).first() is None
        for condition in (IN_FLIGHT_NOW, since_then)
    )
