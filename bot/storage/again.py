"""A purchase that is requested again: its own record says by whom and as which one.

The previous purchase is locked before the new one, by everybody, so that nobody waits in a circle.
"""

from datetime import datetime

from sqlalchemy import Connection, and_, select, update

from bot.domain.errors import NotToBeRepeated, PurchaseNotFound, RequestedAgainAlready
from bot.domain.purchase import REPEATABLE, Purchase, Status
from bot.ports import Entry, Move
from bot.storage import audit, cards
from bot.storage.tables import REPEATS, purchases
from bot.storage.writing import lock_purchase


def lock(connection: Connection, previous_id: str) -> None:
    """Keep others from requesting it again, and it from moving, until the transaction ends."""
    if lock_purchase(connection, previous_id) is None:
        raise PurchaseNotFound(code=previous_id)


def check(connection: Connection, previous_id: str) -> None:
    """Whether it can be requested again now, and was not; the caller has locked it.

    Raises NotToBeRepeated, RequestedAgainAlready.
    """
    column = purchases.c
    previous = connection.execute(
        select(column.code, column.status).where(column.id == previous_id)
    ).one()
    if Status(previous.status) not in REPEATABLE:
        raise NotToBeRepeated(code=previous.code, status=previous.status)
    repeats = and_(column.previous_id == previous_id, REPEATS)
    other = connection.execute(
        select(column.code, column.status, column.requester_id).where(repeats)
    ).one_or_none()
    if other is not None:
        raise RequestedAgainAlready(
            code=previous.code,
            again=other.code,
            status=other.status,
            requester=other.requester_id,
        )


def note(connection: Connection, made: Purchase, previous_id: str) -> None:
    """The previous one's card is to say that it was requested again."""
    asked = Entry(
        actor_id=made.requester_id,
        action="request_again",
        outcome="done",
        at=made.requested_at,
        detail={"again": made.code},
    )
    _change(connection, previous_id, asked, by=made.requester_id, code=made.code)


def release(connection: Connection, ending: Move, previous_id: str) -> None:
    """The new one led nowhere: the previous one can be requested once more."""
    ended = Entry(
        actor_id=ending.entry.actor_id,
        action="again_ended",
        outcome="done",
        at=ending.entry.at,
        detail={"again": ending.purchase.code, "status": ending.target.value},
    )
    _change(connection, previous_id, ended, by=None, code=None)


def _change(
    connection: Connection, previous_id: str, entry: Entry, *, by: str | None, code: str | None
) -> None:
    at: datetime = entry.at
    row = (
        connection.execute(
            update(purchases)
            .where(purchases.c.id == previous_id)
            .values(again_by=by, again_code=code, version=purchases.c.version + 1)
            .returning(purchases)
        )
        .mappings()
        .one()
    )
    audit.append(
        connection,
        previous_id,
        audit.Head.of(row),
        entry,
        from_status=Status(row["status"]),
        to_status=None,
    )
    cards.mark_due(connection, previous_id, at)
