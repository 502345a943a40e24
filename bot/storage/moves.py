"""Every change of a purchase's status: one guarded update, with all that goes with it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, case, exists, update
from sqlalchemy.sql.dml import ReturningUpdate

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
from bot.ports import Entry, Lease, Message, Move
from bot.storage import again, audit, budgets, cards, checks, decisions, freezes, homes, messages
from bot.storage.rows import PURCHASE_FIELDS, read_purchase, write_fields
from bot.storage.tables import Instant, purchases
from bot.storage.tables import decisions as clicks
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
_NOW = bindparam("now", type_=Instant)
_COUNTED_ANEW = IN_FLIGHT | {Status.FAILED}  # who moves on from here has used the limits, or not


def move(connection: Connection, wanted: Move) -> Purchase | None:
    _check(wanted)
    before, at = wanted.purchase, wanted.entry.at
    previous_id = before.previous_id if wanted.target in LED_NOWHERE else None
    if not _is_clear(connection, wanted, previous_id):
        return None
    moving = _moving(
        wanted.lease is not None,
        wanted.hold_until is not None,
        wanted.before_expiry,
        wanted.unless_frozen,
        wanted.unless_clicked,
    )
    read = as_read(before, wanted.lease, at)
    stored = connection.execute(moving, read | _values(wanted)).mappings().one_or_none()
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
        decisions.judge(connection, wanted.settles, at)
    if previous_id is not None:
        again.release(connection, wanted, previous_id)
    cards.mark_due(connection, before.id, at)
    if wanted.card_in is not None:
        cards.owe_first(connection, before.id, wanted.card_in, at)
    homes.owe(connection, at)
    if before.status in _COUNTED_ANEW:
        checks.ask(connection, before.provider, at)
    for message in wanted.messages:
        messages.add(connection, message, at)
    return read_purchase(stored)


def _is_clear(connection: Connection, wanted: Move, previous_id: str | None) -> bool:
    """Take the locks that the move needs, in the order in which everybody does: what no row stands
    for (see `advisory`), the older purchase, this one. Whether what they keep as it is lets the
    move pass."""
    if wanted.unless_frozen:
        freezes.lock_for_move(connection)
    if wanted.within is not None and not budgets.has_room(connection, wanted, wanted.within):
        return False
    if previous_id is not None:
        again.lock(connection, previous_id)
    if wanted.settles is not None or wanted.unless_clicked:
        # Clicks are stored and judged under this lock: what is read from here on stays so.
        lock_purchase(connection, wanted.purchase.id)
    return wanted.settles is None or decisions.is_unjudged(connection, wanted.settles)


def _check(wanted: Move) -> None:
    source, target = wanted.purchase.status, wanted.target
    if not may_move(source, target):
        raise ValueError(f"no purchase moves from {source.value} to {target.value}")
    check_changes(wanted.changes, CHANGEABLE)


def check_changes(changes: Iterable[str], allowed: frozenset[str]) -> None:
    """Raises ValueError for a change of what is fixed."""
    unknown = set(changes) - allowed
    if unknown:
        raise ValueError(f"a move cannot change {', '.join(sorted(unknown))}")


def as_read(purchase: Purchase, lease: Lease | None, at: datetime) -> dict[str, Any]:
    """What `changing` compares the row with."""
    read = {
        "was_id": purchase.id,
        "was_status": purchase.status.value,
        "was_revision": purchase.revision,
        "was_closed_at": purchase.closed_at,
        "now": at,
    }
    return read if lease is None else read | {"held": lease.token}


@cache
def changing(*, is_ours: bool) -> ReturningUpdate[Any]:
    """A change of a row that still is as it was read and, if it has to be, leased to us."""
    column = purchases.c
    guard = [
        column.id == bindparam("was_id"),
        column.status == bindparam("was_status"),
        column.revision == bindparam("was_revision"),
        # A charged purchase is closed by a move to itself: only the first one counts.
        column.closed_at.is_not_distinct_from(bindparam("was_closed_at", type_=Instant)),
    ]
    if is_ours:
        guard += [column.lease_token == bindparam("held"), column.lease_until > _NOW]
    changed = update(purchases).where(*guard).values(version=column.version + 1)
    return changed.returning(purchases)


@cache
def _moving(
    is_ours: bool, is_kept: bool, before_expiry: bool, unless_frozen: bool, unless_clicked: bool
) -> ReturningUpdate[Any]:
    column, moving = purchases.c, changing(is_ours=is_ours)
    if is_kept:  # it may have been prolonged further meanwhile
        until, held = bindparam("hold_until", type_=Instant), column.lease_until
        moving = moving.values(lease_until=case((held < until, until), else_=held))
    if before_expiry:
        moving = moving.where(column.expires_at > _NOW)
    if unless_frozen:
        moving = moving.where(~freezes.IN_FORCE)
    if unless_clicked:
        moving = moving.where(
            ~exists().where(
                clicks.c.purchase_id == bindparam("was_id"),
                clicks.c.judged_at.is_(None),
                clicks.c.came_at < column.expires_at,
            )
        )
    return moving


def _values(wanted: Move) -> dict[str, Any]:
    source, target, at = wanted.purchase.status, wanted.target, wanted.entry.at
    values: dict[str, Any] = {
        "status": target.value,
        "due_at": wanted.due_at,
        "attempts": 0,
    }
    values |= RELEASED if wanted.hold_until is None else {"hold_until": wanted.hold_until}
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


def record(connection: Connection, purchase: Purchase, entry: Entry) -> None:
    _append(connection, purchase.id, entry)


def dismiss(
    connection: Connection, decision: Decision, entry: Entry, replies: Sequence[Message]
) -> None:
    """Nothing happens when it was judged meanwhile: people get one answer, not two."""
    lock_purchase(connection, decision.purchase_id)
    if not decisions.is_unjudged(connection, decision.id):
        return
    decisions.judge(connection, decision.id, entry.at)
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
