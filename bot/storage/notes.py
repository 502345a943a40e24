"""Guarded changes of a purchase that are no moves."""

from typing import Any

from sqlalchemy import Connection

from bot.domain.purchase import HOLDS_TOKEN, Purchase
from bot.ports import Note
from bot.storage import audit, cards, homes, messages, moves
from bot.storage.rows import read_purchase, write_fields
from bot.storage.work import RELEASED

_CHANGEABLE = moves.CHANGEABLE - {"revision"}


def note(connection: Connection, wanted: Note) -> Purchase | None:
    moves.check_changes(wanted.changes, _CHANGEABLE)
    before, at = wanted.purchase, wanted.entry.at
    values: dict[str, Any] = {"due_at": wanted.due_at}
    values |= write_fields(wanted.changes)
    if before.status not in HOLDS_TOKEN:
        values["preview_token"] = None
    changing = moves.changing(is_ours=wanted.lease is not None)
    changed = moves.as_read(before, wanted.lease, at) | RELEASED | values
    row = connection.execute(changing, changed).mappings().one_or_none()
    if row is None:
        return None
    audit.append(
        connection,
        before.id,
        audit.Head.of(row),
        wanted.entry,
        from_status=before.status,
        to_status=None,
    )
    cards.mark_due(connection, before.id, at)
    homes.owe(connection, at)
    for message in wanted.messages:
        messages.add(connection, message, at)
    return read_purchase(row)
