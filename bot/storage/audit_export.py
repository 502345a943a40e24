"""All audits at once: page by page for an export, and verified chain by chain."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection, select, tuple_

from bot.ports import AuditRow
from bot.storage import audit
from bot.storage.audit import Chains, Head, compare, see_one_instant
from bot.storage.errors import AuditBroken
from bot.storage.rows import Row, read_audit

ROWS_PER_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: in which audit, and after which row of it."""

    chains: int = 0  # which of audit.ALL
    about_id: str | None = None  # None: before its first row
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows; `end` is where the next page begins, None when nothing is left."""

    rows: list[AuditRow]
    end: Place | None


def exported(connection: Connection, since: datetime, after: Place | None) -> Page:
    """The next page of all rows from then on: purchases, alerts, the logbook; each purchase's rows
    together and oldest first. Pages follow the primary keys: all of them together read each table
    once."""
    place = after or Place()
    chains = audit.ALL[place.chains]
    key, seq = chains.key_column, chains.table.c.seq
    statement = select(chains.table).where(chains.table.c.at >= since).order_by(key, seq)
    if place.about_id is not None:
        statement = statement.where(tuple_(key, seq) > tuple_(place.about_id, place.seq))
    rows = [
        read_audit(row) for row in connection.execute(statement.limit(ROWS_PER_PAGE)).mappings()
    ]
    if len(rows) == ROWS_PER_PAGE:
        return Page(rows, Place(place.chains, rows[-1].purchase_id, rows[-1].seq))
    is_last = place.chains + 1 == len(audit.ALL)
    return Page(rows, None if is_last else Place(place.chains + 1))


def verify_all(connection: Connection) -> list[str]:
    """One sentence for each chain that is not as it was written; none when all are."""
    see_one_instant(connection)
    return [sentence for chains in audit.ALL for sentence in _broken(connection, chains)]


def _broken(connection: Connection, chains: Chains) -> Iterator[str]:
    column = chains.about.c
    ends = {
        row["id"]: Head.of(row)
        for row in connection.execute(
            select(column.id, column.audit_seq, column.audit_hash)
        ).mappings()
    }
    if chains is audit.LOGBOOK and audit.LOGBOOK_ID not in ends:
        yield "The end of the logbook is missing, so nobody can say whether rows are."
        ends[audit.LOGBOOK_ID] = Head()
    stored = connection.execute(
        select(chains.table).order_by(chains.key_column, chains.table.c.seq),
        execution_options={"yield_per": ROWS_PER_PAGE},
    ).mappings()
    for about_id, rows in groupby(stored, key=itemgetter(chains.key)):
        if about_id in ends:
            yield from _compared(chains, about_id, rows, ends.pop(about_id))
        else:
            yield f"There is no {chains.named(about_id)}, but there are rows of its audit."
    for about_id, end in ends.items():  # without rows, which may be right
        yield from _compared(chains, about_id, (), end)


def _compared(chains: Chains, about_id: str, rows: Iterable[Row], end: Head) -> Iterator[str]:
    try:
        compare(chains.named(about_id), rows, end)
    except AuditBroken as error:
        yield str(error)
