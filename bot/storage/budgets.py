"""What was approved by itself, summed up while nobody else of the same budget is being approved."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, func, select

from bot.domain.price import Price
from bot.domain.purchase import Status
from bot.ports import Budget, Move
from bot.storage import advisory
from bot.storage.rows import auto_scope
from bot.storage.tables import purchases

_SPENT_NOTHING = (Status.FAILED, Status.CANCELLED, Status.REFUSED, Status.EXPIRED)


def has_room(connection: Connection, wanted: Move, budget: Budget) -> bool:
    """Whether this purchase stays within the budget, with all that is approved under it already.

    It stays so until the transaction ends. Amounts of two currencies make no sum: there is no room
    then, nor for a price that is not known. Raises ValueError for a move after which the purchase
    would not count itself, which is a bug.
    """
    changes, before = wanted.changes, wanted.purchase
    if auto_scope(changes.get("details", before.details)) != budget.scope:
        raise ValueError("a purchase within a budget names it in its terms")
    if changes.get("decided_at", before.decided_at) is None:
        raise ValueError("a purchase within a budget says when it was approved")
    price: Price | None = changes.get("price", before.price)
    advisory.lock(connection, advisory.Space.BUDGET, budget.scope)
    return all(
        _is_within(limit, [price, *_approved(connection, budget.scope, since, before.id)])
        for limit, since in ((budget.day, budget.day_since), (budget.month, budget.month_since))
        if limit is not None
    )


def _is_within(limit: Price, prices: list[Price | None]) -> bool:
    amounts = [
        each.amount for each in prices if each is not None and each.currency == limit.currency
    ]
    return len(amounts) == len(prices) and sum(amounts, Decimal()) <= limit.amount


def _approved(
    connection: Connection, scope: str, since: datetime, but_not: str
) -> Iterator[Price | None]:
    """Amounts are text in the database, so that it can only count who paid which: the sum of each
    price."""
    column = purchases.c
    statement = (
        select(column.price, func.count())
        .where(
            column.auto_scope == scope,
            column.decided_at >= since,
            column.status.not_in([status.value for status in _SPENT_NOTHING]),
            column.id != but_not,
        )
        .group_by(column.price)
    )
    for price, count in connection.execute(statement):
        yield Price.parse(price).times(count) if price else None
