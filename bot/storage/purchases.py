"""Reading purchases. The answers to lists come from indexes, however many are finished."""

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    Connection,
    String,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
)

from bot.domain.alike import MOST_ALIKE, marks
from bot.domain.price import Price
from bot.domain.purchase import IN_FLIGHT, Purchase, Status
from bot.ports import MOST_COMPARED, MOST_WAITING, Bought, Filter, Others, Spent
from bot.storage import codes
from bot.storage.rows import read_purchase
from bot.storage.tables import IN_FLIGHT_NOW, Instant, purchases

_TOOK_MONEY = (Status.PROVISIONED, Status.CHARGED, *IN_FLIGHT)  # or may have
_MAY_BE_BOUGHT = (Status.REQUESTED, Status.PENDING, Status.APPROVED)
STILL_WAITING = purchases.c.status.in_([status.value for status in _MAY_BE_BOUGHT])
_A_DAY = literal_column("86400000000", BigInteger)  # in microseconds, as instants are stored
_FIRST_DAY, _ONE_DAY = date(1970, 1, 1), timedelta(days=1)
_AT_ONCE = 500  # numbers in one statement; databases allow a limited number of parameters


_BY_ID = select(purchases).where(purchases.c.id == bindparam("purchase_id"))
_BY_CODE = select(purchases).where(purchases.c.code == bindparam("code"))


def get(connection: Connection, purchase_id: str) -> Purchase | None:
    row = connection.execute(_BY_ID, {"purchase_id": purchase_id}).mappings().one_or_none()
    return None if row is None else read_purchase(row)


def by_code(connection: Connection, code: str) -> Purchase | None:
    wanted = codes.normalised(code)
    if wanted is None:
        return None
    row = connection.execute(_BY_CODE, {"code": wanted}).mappings().one_or_none()
    return None if row is None else read_purchase(row)


def listed(connection: Connection, wanted: Filter) -> list[Purchase]:
    column = purchases.c
    order = column.requested_at if wanted.is_open else column.requested_at.desc()
    statement = select(purchases).order_by(order).limit(wanted.limit).offset(wanted.offset)
    if wanted.requester_id is not None:
        statement = statement.where(column.requester_id == wanted.requester_id)
    if wanted.provider is not None:
        statement = statement.where(column.provider == wanted.provider)
    if wanted.status is not None:
        statement = statement.where(column.status == wanted.status.value)
    if wanted.since is not None:
        statement = statement.where(column.requested_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(column.requested_at < wanted.until)
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


_AT_PROVIDER = purchases.c.provider == bindparam("provider")
# … or may have; sent then or later.
_TOOK_MONEY_SINCE = and_(
    _AT_PROVIDER,
    purchases.c.sent_at >= bindparam("since", type_=Instant),
    purchases.c.status.in_([status.value for status in _TOOK_MONEY]),
)
_BOUGHT_SINCE = (
    select(purchases.c.code, purchases.c.requester_id, purchases.c.sent_at, purchases.c.number)
    .where(_TOOK_MONEY_SINCE)
    .order_by(purchases.c.sent_at)
)
# Amounts are text in the database, so that it can only count who paid which.
_SPENT = (
    select(purchases.c.price, func.count(), func.count() + func.count(purchases.c.second_number))
    .where(_TOOK_MONEY_SINCE, purchases.c.sent_at < bindparam("until", type_=Instant))
    .group_by(purchases.c.price)
)

_SPENT_BY = _SPENT.where(purchases.c.requester_id == bindparam("requester_id"))


def bought_since(connection: Connection, provider: str, since: datetime) -> list[Bought]:
    rows = connection.execute(_BOUGHT_SINCE, {"provider": provider, "since": since})
    return [
        Bought(code=code, requester_id=requester_id, sent_at=sent_at, number=number)
        for code, requester_id, sent_at, number in rows
    ]


def spent(
    connection: Connection,
    provider: str,
    since: datetime,
    until: datetime,
    requester_id: str | None,
) -> list[Spent]:
    asked = {"provider": provider, "since": since, "until": until}
    if requester_id is None:
        rows = connection.execute(_SPENT, asked)
    else:
        rows = connection.execute(_SPENT_BY, asked | {"requester_id": requester_id})
    found = [
        Spent(price=price and Price.parse(price), purchases=bought, numbers=numbers)
        for price, bought, numbers in rows
    ]
    return sorted(found, key=_dearest_first)


def _dearest_first(spent: Spent) -> tuple[Decimal, str]:
    """Not known comes last. Of two currencies nobody knows which is dearer: by amount."""
    price = spent.price
    return (Decimal(1), "") if price is None else (-price.amount, price.currency)


def per_day(
    connection: Connection, provider: str, since: datetime
) -> dict[tuple[date, Status], int]:
    column = purchases.c
    day = (type_coerce(column.requested_at, BigInteger) // _A_DAY).label("day")
    statement = (
        select(day, column.status, func.count())
        .where(column.provider == provider, column.requested_at >= since)
        .group_by(day, column.status)
    )
    return {
        (_FIRST_DAY + number * _ONE_DAY, Status(status)): count
        for number, status, count in connection.execute(statement)
    }


_WAITS = and_(_AT_PROVIDER, purchases.c.closed_at.is_(None), STILL_WAITING)
_OLDEST_FIRST = (purchases.c.requested_at, purchases.c.id)
_SINCE = bindparam("since", type_=Instant)
_WAITING = select(purchases).where(_WAITS).order_by(*_OLDEST_FIRST).limit(MOST_WAITING)
_WAITING_AFTER = _WAITING.where(
    purchases.c.requested_at >= _SINCE,
    or_(purchases.c.requested_at > _SINCE, purchases.c.id > bindparam("last")),
)
_COUNTED = select(func.count()).select_from(
    select(purchases.c.id).where(_WAITS).limit(MOST_COMPARED + 1).subquery("counted")
)
_NAME = purchases.c.order["name"].as_string()
_COMPARED = (
    select(
        *(purchases.c[each] for each in ("id", "code", "requested_at", "requester_id", "reason")),
        _NAME.label("name"),
    )
    .where(_WAITS)
    .order_by(*(column.desc() for column in _OLDEST_FIRST))
    .limit(MOST_COMPARED)
    .subquery("compared")
)
_SPACES = " \t\r\n"
_OTHERS = (
    select(_COMPARED.c.code, _COMPARED.c.requester_id, _COMPARED.c.reason, _COMPARED.c.name)
    .where(
        _COMPARED.c.id != bindparam("purchase_id"),
        or_(  # of what is not given, nothing is like NULL
            _COMPARED.c.requester_id == bindparam("requester_id"),
            func.trim(_COMPARED.c.reason, _SPACES).ilike(bindparam("reason", type_=String)),
            func.trim(_COMPARED.c.name, _SPACES).ilike(bindparam("name", type_=String)),
        ),
    )
    .order_by(_COMPARED.c.requested_at, _COMPARED.c.id)
    .limit(5 * MOST_ALIKE)  # among them may be some that only a database takes for alike
)
_IN_DOUBT = re.compile(r"[^!-~]|[%_\\]")  # databases may not know its case, or mean more by it


def waiting(connection: Connection, provider: str, after: Purchase | None) -> list[Purchase]:
    if after is None:
        rows = connection.execute(_WAITING, {"provider": provider})
    else:
        asked = {"provider": provider, "since": after.requested_at, "last": after.id}
        rows = connection.execute(_WAITING_AFTER, asked)
    return [read_purchase(row) for row in rows.mappings()]


def others(connection: Connection, purchase: Purchase) -> Others:
    """Two looks along the index of what is open at the provider, neither of them at more than
    MOST_COMPARED; nearly nothing is handed over."""
    asked = {"provider": purchase.provider}
    count = connection.execute(_COUNTED, asked).scalar_one()
    rows = connection.execute(
        _OTHERS,
        asked
        | {
            "purchase_id": purchase.id,
            "requester_id": purchase.requester_id,
            "reason": _pattern(purchase.reason),
            "name": _pattern(purchase.order.name),
        },
    )
    mine = set(marks(purchase.requester_id, purchase.reason, purchase.order.name))
    alike = [code for code, *texts in rows if mine & set(marks(*texts))]
    return Others(waiting=max(0, count - 1), alike=alike[:MOST_ALIKE])


def _pattern(text: str | None) -> str | None:
    """What has the same words is like this, and little else; None: there are no words."""
    return "%".join(_IN_DOUBT.sub("_", word) for word in (text or "").split()) or None


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
