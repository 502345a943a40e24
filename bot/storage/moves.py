"""Every change of a purchase's status: one guarded update, with all that goes with it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, select, update

from bot.domain.decision import Decision
from bot.domain.purchase import (
    FINAL,
    HOLDS_TOKEN,
    IN_FLIGHT,
    LED_NOWHERE,
    Purchase,
    Status,
    may_move,
)
from bot.ports import Entry, Message, Move
from bot.storage import again, audit, cards, checks, messages
from bot.storage.rows import PURCHASE_FIELDS, read_purchase, write_fields
from bot.storage.tables import decisions, purchases
from bot.storage.work import RELEASED
from bot.storage.writing import lock_purchase

_NEVER_CHANGED = {
    "id",
    "code",
    "status",
    "version",
    "provider",
    "requester_id",
    "channel_id",
    "reason",
    "requested_at",
    "previous_id",
    "again_by",
    "again_code",
}
CHANGEABLE = frozenset(PURCHASE_FIELDS) - _NEVER_CHANGED
_COUNTED_ANEW = IN_FLIGHT | {Status.FAILED}  # who moves on from here has used the limits, or not


def move(connection: Connection, wanted: Move) -> Purchase | None:
    _check(wanted)
    before, at = wanted.purchase, wanted.entry.at
    previous_id = before.previous_id if wanted.target in LED_NOWHERE else None
    if previous_id is not None:
        again.lock(connection, previous_id)  # the older one first, as everywhere
    if wanted.settles is not None or wanted.unless_clicked:
        # Clicks are stored and judged under this lock: what is read from here on stays so.
        lock_purchase(connection, before.id)
    if wanted.settles is not None and not _is_unjudged(connection, wanted.settles):
        return None
    row = connection.execute(
        update(purchases).where(*_guard(wanted)).values(_values(wanted)).returning(purchases)
    ).mappings()
    stored = row.one_or_none()
    if stored is None:
        return None
    audit.append(
        connection,
        before.id,
        audit.Head.of(stored),
        wanted.entry,
        from_status=before.status,
        to_status=wanted.target,
    )
    if wanted.settles is not None:
        _judge(connection, wanted.settles, wanted.entry)
    if previous_id is not None:
        again.release(connection, wanted, previous_id)
    cards.mark_due(connection, before.id, at)
    if wanted.card_in is not None:
        cards.owe_first(connection, before.id, wanted.card_in, at)
    if before.status in _COUNTED_ANEW:
        checks.ask(connection, before.provider, at)
    for message in wanted.messages:
        messages.add(connection, message, at)
    return read_purchase(stored)


def _check(wanted: Move) -> None:
    source, target = wanted.purchase.status, wanted.target
    if not may_move(source, target):
        raise ValueError(f"no purchase moves from {source.value} to {target.value}")
    unknown = set(wanted.changes) - CHANGEABLE
    if unknown:
        raise ValueError(f"a move cannot change {', '.join(sorted(unknown))}")


def _guard(wanted: Move) -> list[ColumnElement[bool]]:
    column, before, at = purchases.c, wanted.purchase, wanted.entry.at
    guard = [
        column.id == before.id,
        column.status == before.status.value,
        column.revision == before.revision,
        # A charged purchase is closed by a move to itself: only the first one counts.
        column.closed_at.is_not_distinct_from(before.closed_at),
    ]
    if wanted.lease is not None:
        guard += [column.lease_token == wanted.lease.token, column.lease_until > at]
    if wanted.before_expiry:
        guard.append(column.expires_at > at)
    if wanted.unless_clicked:
        guard.append(
            ~exists().where(
                decisions.c.purchase_id == before.id,
                decisions.c.judged_at.is_(None),
                decisions.c.came_at < column.expires_at,
            )
        )
    return guard


def _values(wanted: Move) -> dict[str, Any]:
    source, target, at = wanted.purchase.status, wanted.target, wanted.entry.at
    values: dict[str, Any] = {
        "status": target.value,
        "version": purchases.c.version + 1,
        "due_at": wanted.due_at,
        "attempts": 0,
    }
    if not wanted.keep_lease:
        values |= RELEASED
    if target in FINAL:
        values["closed_at"] = at
    elif source in FINAL:  # late evidence: charged after all, so the story goes on
        values["closed_at"] = None
    if source in IN_FLIGHT | {Status.FAILED} and target not in IN_FLIGHT:
        # A failed one whose answer came late was on its way until then.
        values["settled_at"] = at
    values |= write_fields(wanted.changes)
    if target not in HOLDS_TOKEN:
        values["preview_token"] = None
    return values


def _is_unjudged(connection: Connection, decision_id: str) -> bool:
    unjudged = (decisions.c.id == decision_id) & decisions.c.judged_at.is_(None)
    return connection.execute(select(decisions.c.id).where(unjudged)).first() is not None


def _judge(connection: Connection, decision_id: str, entry: Entry) -> None:
    connection.execute(
        update(decisions)
        .where(decisions.c.id == decision_id)
        .values(RELEASED | {"judged_at": entry.at, "due_at": None})
    )


def record(connection: Connection, purchase: Purchase, entry: Entry) -> None:
    _append(connection, purchase.id, entry)


def dismiss(
    connection: Connection, decision: Decision, entry: Entry, replies: Sequence[Message]
) -> None:
    """Nothing happens when it was judged meanwhile: people get one answer, not two."""
    lock_purchase(connection, decision.purchase_id)
    if not _is_unjudged(connection, decision.id):
        return
    _judge(connection, decision.id, entry)
    _append(connection, decision.purchase_id, entry)
    for message in replies:
        messages.add(connection, message, entry.at)


def _append(connection: Connection, purchase_id: str, entry: Entry) -> None:
    """An audit row without a move: from where it stands to nowhere."""
    row = lock_purchase(connection, purchase_id)
    if row is None:
        raise LookupError(purchase_id)
    audit.append(
        connection,
        purchase_id,
        audit.Head.of(row),
        entry,
        from_status=Status(row["status"]),
        to_status=None,
    )
