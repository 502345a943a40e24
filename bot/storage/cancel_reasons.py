"""Why somebody cancelled, told after the purchase was cancelled."""

from collections.abc import Sequence

from sqlalchemy import Connection, or_, update

from bot.domain.decision import Decision
from bot.domain.purchase import Purchase, Status
from bot.ports import Entry, Message
from bot.storage import audit, cards, decisions, homes, messages
from bot.storage.rows import read_purchase
from bot.storage.tables import purchases
from bot.storage.writing import lock_purchase


def add(
    connection: Connection, decision: Decision, entry: Entry, owed: Sequence[Message]
) -> Purchase | None:
    lock_purchase(connection, decision.purchase_id)
    if not decisions.is_unjudged(connection, decision.id):
        return None
    column = purchases.c
    row = connection.execute(
        update(purchases)
        .where(
            column.id == decision.purchase_id,
            column.status == Status.CANCELLED.value,
            column.cancelled_by == decision.actor_id,
            or_(column.note.is_(None), column.note == ""),
        )
        .values(note=decision.note, version=column.version + 1)
        .returning(purchases)
    ).mappings()
    stored = row.one_or_none()
    if stored is None:
        return None
    decisions.judge(connection, decision.id, entry.at)
    audit.append(
        connection,
        decision.purchase_id,
        audit.Head.of(stored),
        entry,
        from_status=Status.CANCELLED,
        to_status=None,
    )
    cards.mark_due(connection, decision.purchase_id, entry.at)
    homes.owe(connection, entry.at)
    for message in owed:
        messages.add(connection, message, entry.at)
    return read_purchase(stored)
