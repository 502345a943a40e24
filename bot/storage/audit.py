"""The audits, of purchases and of alerts, and the logbook for everything else: append-only, each
row's hash covering itself and the row before of the same purchase, alert or logbook.

Every function that appends has locked the row of what the audit is about first, so a chain cannot
fork.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    insert,
    select,
    update,
)

from bot.domain.purchase import Status
from bot.ports import AuditRow, Entry
from bot.storage.engine import to_json
from bot.storage.errors import AuditBroken, StorageUnavailable
from bot.storage.rows import Row, read_audit
from bot.storage.tables import (
    alert_audit,
    alerts,
    audit,
    logbook,
    logbooks,
    microseconds,
    purchases,
)

LOGBOOK_ID = "logbook"  # there is one


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain; (0, "") where there is none yet."""

    seq: int = 0
    hash: str = ""

    @classmethod
    def of(cls, row: Row) -> "Head":
        """As the row of the purchase or alert has it."""
        return cls(row["audit_seq"], row["audit_hash"])


@dataclass(frozen=True, slots=True)
class Chains:
    """One audit: the table it is in, and the table of what it is about."""

    table: Table
    about: Table
    key: str  # the column that names what a row is about
    noun: str

    def add(self, connection: Connection, about_id: str, head: Head, columns: Row) -> None:
        row = {self.key: about_id, "seq": head.seq + 1, **columns}
        row["hash"] = chained(head.hash, row)
        added, ends = _adding(self.table, self.about)
        connection.execute(added, row)
        end = {"about_id": about_id, "audit_seq": row["seq"], "audit_hash": row["hash"]}
        connection.execute(ends, end)

    def stored(self, about_id: str) -> Select[Any]:
        """Its rows, oldest first."""
        return select(self.table).where(self.key_column == about_id).order_by(self.table.c.seq)

    @property
    def key_column(self) -> Column[Any]:
        found: Column[Any] = self.table.c[self.key]
        return found

    def named(self, about_id: str) -> str:
        return "the logbook" if about_id == LOGBOOK_ID else f"{self.noun} {about_id}"


@cache
def _adding(table: Table, about: Table) -> tuple[Insert, Update]:
    return insert(table), update(about).where(about.c.id == bindparam("about_id"))


PURCHASES = Chains(audit, purchases, "purchase_id", "purchase")
ALERTS = Chains(alert_audit, alerts, "alert_id", "alert")
LOGBOOK = Chains(logbook, logbooks, "logbook_id", "logbook")
ALL = (PURCHASES, ALERTS, LOGBOOK)
_FIRST = insert(audit)


def append(
    connection: Connection,
    purchase_id: str,
    head: Head,
    entry: Entry,
    *,
    from_status: Status | None,
    to_status: Status | None,
) -> None:
    statuses = {
        "from_status": from_status and from_status.value,
        "to_status": to_status and to_status.value,
    }
    PURCHASES.add(connection, purchase_id, head, _columns(entry) | statuses)


def first(purchase_id: str, entry: Entry, to_status: Status) -> dict[str, Any]:
    """The first row of a purchase that is about to be stored, which names it as its end."""
    row = {"purchase_id": purchase_id, "seq": 1, **_columns(entry)}
    row |= {"from_status": None, "to_status": to_status.value}
    return row | {"hash": chained("", row)}


def begin(connection: Connection, row: dict[str, Any]) -> None:
    """Store it, after its purchase."""
    connection.execute(_FIRST, row)


def append_to_alert(connection: Connection, alert_id: str, head: Head, entry: Entry) -> None:
    ALERTS.add(connection, alert_id, head, _columns(entry))


def append_to_logbook(connection: Connection, entry: Entry) -> None:
    """Last of all in a transaction: everybody who writes into it waits for its end from here on,
    and nobody who holds it waits for another row."""
    locked = select(logbooks).where(logbooks.c.id == LOGBOOK_ID).with_for_update(key_share=True)
    row = connection.execute(locked).mappings().one_or_none()
    if row is None:
        raise StorageUnavailable("Somebody removed the end of the logbook: nothing can be added.")
    LOGBOOK.add(connection, LOGBOOK_ID, Head.of(row), _columns(entry))


def _columns(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "actor_id": entry.actor_id,
        "action": entry.action,
        "outcome": entry.outcome,
        "detail": dict(entry.detail),
    }


def chained(previous: str, row: Row) -> str:
    """SHA-256, in hex, of the hash before and the row as JSON: keys sorted, no spaces, instants in
    microseconds since 1970."""
    covered = {key: value for key, value in row.items() if key != "hash"}
    covered["at"] = microseconds(row["at"])
    return hashlib.sha256((previous + to_json(covered, sort_keys=True)).encode()).hexdigest()


def rows(connection: Connection, chains: Chains, about_id: str) -> list[AuditRow]:
    """The rows of that purchase, alert or logbook, oldest first."""
    return [read_audit(row) for row in connection.execute(chains.stored(about_id)).mappings()]


def logbook_since(connection: Connection, since: datetime) -> list[AuditRow]:
    statement = LOGBOOK.stored(LOGBOOK_ID).where(logbook.c.at >= since)
    return [read_audit(row) for row in connection.execute(statement).mappings()]


def verify(connection: Connection, chains: Chains, about_id: str) -> None:
    """Raises AuditBroken, naming the first row that is not as it was written."""
    see_one_instant(connection)
    column = chains.about.c
    end = connection.execute(
        select(column.audit_seq, column.audit_hash).where(column.id == about_id)
    ).mappings()
    stored = connection.execute(chains.stored(about_id)).mappings()
    row = end.one_or_none()
    name = chains.named(about_id)
    if row is None:
        raise AuditBroken(f"There is no {chains.noun} {about_id}.")
    compare(name, stored, Head.of(row))


def see_one_instant(connection: Connection) -> None:
    """Before the first statement of a transaction that reads: on PostgreSQL, too, all of them see
    the same, so that a row appended meanwhile is not taken for one that nobody wrote."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def compare(name: str, stored: Iterable[Row], end: Head) -> None:
    """Raises AuditBroken for the first of the rows, oldest first, that is not as it was written."""
    previous, seq = "", 0
    for seq, row in enumerate(stored, start=1):
        if row["seq"] != seq:
            raise AuditBroken(f"The audit of {name} lacks row {seq}.")
        previous = chained(previous, row)
        if previous != row["hash"]:
            raise AuditBroken(f"Row {seq} of the audit of {name} was changed.")
    if (seq, previous) != (end.seq, end.hash):
        raise AuditBroken(f"The audit of {name} has {seq} rows and should end with row {end.seq}.")
