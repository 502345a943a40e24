"""The audit: append-only, each row's hash covering itself and the same purchase's row before.

Every function that appends has locked the purchase's row first, so a chain cannot fork.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from bot.domain.purchase import Status
from bot.ports import AuditRow, Entry
from bot.storage.engine import to_json
from bot.storage.errors import AuditBroken
from bot.storage.rows import Row, read_audit
from bot.storage.tables import audit, microseconds, purchases


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a purchase's chain; (0, "") where there is none yet."""

    seq: int = 0
    hash: str = ""

    @classmethod
    def of(cls, purchase_row: Row) -> "Head":
        return cls(purchase_row["audit_seq"], purchase_row["audit_hash"])


def append(
    connection: Connection,
    purchase_id: str,
    head: Head,
    entry: Entry,
    *,
    from_status: Status | None,
    to_status: Status | None,
) -> None:
    row = {
        "purchase_id": purchase_id,
        "seq": head.seq + 1,
        "at": entry.at,
        "actor_id": entry.actor_id,
        "action": entry.action,
        "from_status": from_status and from_status.value,
        "to_status": to_status and to_status.value,
        "outcome": entry.outcome,
        "detail": dict(entry.detail),
    }
    row["hash"] = chained(head.hash, row)
    connection.execute(insert(audit), row)
    connection.execute(
        update(purchases)
        .where(purchases.c.id == purchase_id)
        .values(audit_seq=row["seq"], audit_hash=row["hash"])
    )


def chained(previous: str, row: Row) -> str:
    """SHA-256, in hex, of the hash before and the row as JSON: keys sorted, no spaces, instants in
    microseconds since 1970."""
    covered = {key: value for key, value in row.items() if key != "hash"}
    covered["at"] = microseconds(row["at"])
    return hashlib.sha256((previous + to_json(covered, sort_keys=True)).encode()).hexdigest()


def rows(connection: Connection, purchase_id: str) -> list[AuditRow]:
    """The purchase's rows, oldest first."""
    found = connection.execute(
        select(audit).where(audit.c.purchase_id == purchase_id).order_by(audit.c.seq)
    )
    return [read_audit(row) for row in found.mappings()]


def verify(connection: Connection, purchase_id: str) -> None:
    """Raises AuditBroken, naming the first row that is not as it was written."""
    end = connection.execute(
        select(purchases.c.audit_seq, purchases.c.audit_hash).where(purchases.c.id == purchase_id)
    ).mappings()
    stored = connection.execute(
        select(audit).where(audit.c.purchase_id == purchase_id).order_by(audit.c.seq)
    ).mappings()
    row = end.one_or_none()
    if row is None:
        raise AuditBroken(f"There is no purchase {purchase_id}.")
    _compare(purchase_id, stored.all(), Head.of(row))


def _compare(purchase_id: str, stored: Sequence[Row], end: Head) -> None:
    previous = ""
    for seq, row in enumerate(stored, start=1):
        if row["seq"] != seq:
            raise AuditBroken(f"The audit of purchase {purchase_id} lacks row {seq}.")
        previous = chained(previous, row)
        if previous != row["hash"]:
            raise AuditBroken(f"Row {seq} of the audit of purchase {purchase_id} was changed.")
    if (len(stored), previous) != (end.seq, end.hash):
        raise AuditBroken(
            f"The audit of purchase {purchase_id} has {len(stored)} rows and should end with"
            f" row {end.seq}."
        )
