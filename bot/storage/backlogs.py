"""What is not over, for operators: counted along the indexes of what is open and due."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.domain.purchase import Status
from bot.ports import Backlog, Queue, Waiting
from bot.storage.tables import QUEUES, purchases
from bot.storage.work import wanted


def oldest_due(connection: Connection) -> datetime | None:
    """Since when the oldest work is due, or when the next will be; leased or not."""
    oldest = [
        select(table.c.due_at)
        .where(table.c.due_at.is_not(None), wanted(table))
        .order_by(table.c.due_at)
        .limit(1)
        .scalar_subquery()
        for table in QUEUES.values()
    ]
    found = connection.execute(select(*oldest)).one()
    return min((instant for instant in found if instant is not None), default=None)


def backlog(connection: Connection, *, now: datetime) -> Backlog:
    column = purchases.c
    open_ones = (
        select(column.provider, column.status, func.count())
        .where(column.closed_at.is_(None))
        .group_by(column.provider, column.status)
    )
    return Backlog(
        purchases={
            (provider, Status(status)): figure
            for provider, status, figure in connection.execute(open_ones)
        },
        queues={queue: _waiting(connection, queue, now) for queue in Queue},
    )


def _waiting(connection: Connection, queue: Queue, now: datetime) -> Waiting:
    table = QUEUES[queue]
    due = select(func.count(), func.min(table.c.due_at)).where(table.c.due_at <= now, wanted(table))
    put_off = select(func.count()).where(
        table.c.due_at.is_not(None), table.c.attempts > 0, wanted(table)
    )
    count, oldest_due_at = connection.execute(due).one()
    return Waiting(count, oldest_due_at, connection.execute(put_off).scalar_one())
