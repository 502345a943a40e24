"""Checks of the providers' limits: when they are due, and what they found.

Whoever holds several rows takes purchases first, then cards, then checks, as `work.renew` does, so
that nobody waits in a circle.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, case, literal, select, type_coerce, update

from bot.domain.limits import Limits
from bot.ports import Check, Checked, Claimed
from bot.storage import alerts, cards, messages
from bot.storage.engine import to_json
from bot.storage.purchases import STILL_WAITING
from bot.storage.rows import Row, read_check, read_purchase, write_fields
from bot.storage.tables import Instant, checks, purchases
from bot.storage.work import RELEASED
from bot.storage.writing import insert_new

_THAT = checks.c.id == bindparam("provider")
_BY_ID = select(checks).where(_THAT)
_DUE_AT, _AT = checks.c.due_at, bindparam("at", type_=Instant)
_EARLIER = type_coerce(type_coerce(_DUE_AT, BigInteger) - 1, Instant)  # by a microsecond
_ASKED = (
    update(checks)
    .where(_THAT, _DUE_AT.is_not(None))
    .values(due_at=case((_DUE_AT > _AT, _AT), else_=_EARLIER))
)


def get(connection: Connection, provider: str) -> Check | None:
    row = connection.execute(_BY_ID, {"provider": provider}).mappings().one_or_none()
    return None if row is None else read_check(row)


def keep(connection: Connection, providers: Collection[str], *, at: datetime) -> None:
    due_at = checks.c.due_at
    for provider in sorted(providers):  # replicas that start at once take the rows in this order
        insert_new(connection, checks, {"id": provider, "due_at": at})
        # What was found before it was given up is no longer true.
        mine = checks.c.id == provider
        connection.execute(
            update(checks).where(mine, due_at.is_(None)).values(due_at=at, failing_since=None)
        )
        connection.execute(update(checks).where(mine, due_at > at).values(due_at=at))
    others = checks.c.id.not_in(sorted(providers))
    connection.execute(update(checks).where(others, due_at.is_not(None)).values(due_at=None))


def ask(connection: Connection, provider: str, at: datetime) -> None:
    """Have it done at once, unless it is kept no more. One that is due already becomes due an
    instant earlier: so one that is under way learns that what it read may be out of date."""
    connection.execute(_ASKED, {"provider": provider, "at": at})


def checked(connection: Connection, claimed: Claimed, done: Checked) -> bool:
    with connection.begin_nested() as all_of_it:
        _stand(connection, done)
        if not _finish(connection, claimed, done):
            all_of_it.rollback()
            return False
        for alert in done.raised:
            alerts.raise_one(connection, alert, done.at)
        for alert in done.changed:
            alerts.change(connection, alert)
        for message in done.messages:
            messages.add(connection, message, done.at)
    return True


def _finish(connection: Connection, claimed: Claimed, done: Checked) -> bool:
    """Give the check back, if it is still ours."""
    column = checks.c
    untouched = column.due_at.is_not_distinct_from(done.check.due_at)
    due_at = case((untouched, literal(done.next_at, Instant)), else_=column.due_at)
    found = connection.execute(
        update(checks)
        .where(
            column.id == claimed.id,
            column.lease_token == claimed.lease.token,
            column.lease_until > done.at,
        )
        .values(RELEASED | {"due_at": due_at, "failing_since": done.failing_since})
        .returning(column.id)
    )
    return found.first() is not None


def _stand(connection: Connection, done: Checked) -> None:
    """Tell the cards that still wait how things stand; nothing is drawn anew without need."""
    if not done.standings:
        return
    statement = (
        select(purchases)
        .where(purchases.c.id.in_(sorted(done.standings)), STILL_WAITING)
        .order_by(purchases.c.id)
        .with_for_update(key_share=True)
    )
    for row in connection.execute(statement).mappings().all():
        changes = _changes(row, *done.standings[row["id"]])
        if not changes:
            continue
        connection.execute(
            update(purchases)
            .where(purchases.c.id == row["id"])
            .values(write_fields(changes) | {"version": purchases.c.version + 1})
        )
        cards.mark_due(connection, row["id"], done.at)


def _changes(row: Row, limits: Limits | None, details: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from what is stored."""
    before = read_purchase(row)
    merged = {**before.details, **details}
    changes: dict[str, Any] = {}
    if limits != before.limits:
        changes["limits"] = limits
    if to_json(merged, sort_keys=True) != to_json(before.details, sort_keys=True):
        changes["details"] = merged
    return changes
