"""All audits at once: page by page for an export, and verified chain by chain."""

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, literal, select, tuple_

from bot.storage import audit
from bot.storage.audit import Chains, Head, compare, see_one_instant
from bot.storage.errors import AuditBroken
from bot.storage.rows import Row
from bot.storage.tables import Instant, purchases

ROWS_PER_PAGE = 1000
_AT_ONCE = 500  # ids in one statement; databases allow a limited number of parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A row of any audit, as stored; `subject` is a purchase's code, an alert's id or "logbook".

    `hash` covers the ids as they are in the database, not what is shown here for them.
    """

    subject: str
    at: datetime
    seq: int
    actor_id: str
    action: str
    from_status: str | None
    to_status: str | None
    outcome: str
    detail: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Place:
    """Of a row, in the order of the export: its instant, which of audit.ALL, its chain, its `seq`
    there."""

    at: datetime
    chains: int
    about_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and where the last of them stands; None: nothing is left."""

    rows: list[Exported]
    end: Place | None


def exported(connection: Connection, since: datetime, after: Place | None) -> Page:
    """The next page of the rows of all audits from then on, oldest first."""
    found = [
        [
            (Place(row["at"], number, row[chains.key], row["seq"]), row)
            for row in _next(connection, number, since, after)
        ]
        for number, chains in enumerate(audit.ALL)
    ]
    # Each is in order already. Ids are never compared here: databases have their own ideas of it.
    merged = heapq.merge(*found, key=lambda each: each[0].at)
    page = list(islice(merged, ROWS_PER_PAGE))
    codes = _codes(connection, {row["purchase_id"] for _, row in page if "purchase_id" in row})
    rows = [_shown(row, codes.get(place.about_id, place.about_id)) for place, row in page]
    return Page(rows, page[-1][0] if len(page) == ROWS_PER_PAGE else None)


def _next(connection: Connection, number: int, since: datetime, after: Place | None) -> list[Row]:
    """As many of one audit as may be needed."""
    chains = audit.ALL[number]
    at, key, seq = chains.table.c.at, chains.key_column, chains.table.c.seq
    statement = select(chains.table).order_by(at, key, seq).limit(ROWS_PER_PAGE)
    if after is None:
        statement = statement.where(at >= since)
    elif number == after.chains:
        place = (literal(after.at, Instant), literal(after.about_id), literal(after.seq))
        statement = statement.where(tuple_(at, key, seq) > tuple_(*place))
    else:
        statement = statement.where(at > after.at if number < after.chains else at >= after.at)
    return list(connection.execute(statement).mappings())


def _codes(connection: Connection, purchase_ids: Collection[str]) -> dict[str, str]:
    column, asked = purchases.c, sorted(purchase_ids)
    found: dict[str, str] = {}
    for start in range(0, len(asked), _AT_ONCE):
        some = column.id.in_(asked[start : start + _AT_ONCE])
        for row in connection.execute(select(column.id, column.code).where(some)):
            found[row.id] = row.code
    return found


def _shown(row: Row, subject: str) -> Exported:
    values: dict[str, Any] = {each.name: row.get(each.name) for each in fields(Exported)}
    return Exported(**values | {"subject": subject})


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
        yield "The end of the logbook is missing, so nobody can say whether more of it is."
        return
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
