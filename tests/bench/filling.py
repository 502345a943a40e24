"""Thousands of purchases in a moment: copies of real ones, row by row, as the bot wrote them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from bot.ports import MOST_COMPARED
from tests.bench.databases import Database

_INSTANTS = (
    "requested_at",
    "expires_at",
    "decided_at",
    "baseline_at",
    "sent_at",
    "settled_at",
    "closed_at",
)


def copy_rows(
    connection: Connection,
    table: str,
    where: str,
    numbers: tuple[int, int],
    changes: Mapping[str, str],
    *,
    is_sqlite: bool,
) -> None:
    """For every n of `numbers` (first, last) a copy of each row found, with `changes`: SQL by
    column, in which `n` is the copy's number."""
    first, last = numbers
    series = (
        f"WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last})"  # noqa: S608 numbers
        if is_sqlite
        else f"WITH s AS (SELECT generate_series({first}, {last}) AS n)"
    )
    columns = list(connection.execute(text(f"SELECT * FROM {table} LIMIT 0")).keys())  # noqa: S608 ours
    taken = [changes.get(column, f'"{column}"') for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    source = f"(SELECT * FROM {table} WHERE {where}) AS original"  # noqa: S608 the same
    head = f"INSERT INTO {table} ({names})"
    select = f"SELECT {', '.join(taken)} FROM s, {source}"  # noqa: S608 the same
    statement = f"{head} {series} {select}"
    connection.execute(text(statement))


@dataclass(frozen=True)
class Batch:
    """Copies of that purchase, numbered from the first to the last; `changes` (SQL by column) are
    those of its row, beside its id, code and trigger."""

    purchase_id: str
    numbers: tuple[int, int]
    changes: Mapping[str, str]


class Filler:
    """Copies purchases of one database, each with its cards, messages and clicks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def copy(self, *batches: Batch) -> None:
        """All of them in one transaction."""
        await asyncio.to_thread(self._copy_all, batches)

    def _copy_all(self, batches: Sequence[Batch]) -> None:
        with self._database.writing() as connection:
            for batch in batches:
                self._copy(connection, batch)

    def _copy(self, connection: Connection, batch: Batch) -> None:
        purchase_id = batch.purchase_id
        name = f"'{purchase_id[:6]}-' || n"
        rows = (
            (
                "purchases",
                f"id = '{purchase_id}'",
                {
                    "id": name,
                    "trigger_id": name,
                    "code": f"'{purchase_id[:3]}' || n",
                    **batch.changes,
                },
            ),
            (
                "cards",
                f"purchase_id = '{purchase_id}'",
                {"id": name, "purchase_id": name, "ts": "n || '.000001'"},
            ),
            (
                "owed",
                f"purchase_id = '{purchase_id}' AND kind = 'report'",
                {"id": f"{name} || id", "purchase_id": name, "trigger_id": "NULL"},
            ),
            (
                "decisions",
                f"purchase_id = '{purchase_id}'",
                {"id": f"{name} || id", "purchase_id": name, "trigger_id": f"{name} || id"},
            ),
        )
        for table, where, changed in rows:
            copy_rows(
                connection, table, where, batch.numbers, changed, is_sqlite=self._database.is_sqlite
            )


def earlier(microseconds: str) -> dict[str, str]:
    """All of a purchase's instants so long before the original's; SQL in which `n` counts."""
    return {column: f'"{column}" - ({microseconds})' for column in _INSTANTS}


def others_waiting(database: Database, others: int) -> dict[str, str]:
    """Each asked for by another person for another reason, a microsecond apart, and each card says
    how many others wait: so that none needs to be drawn anew."""
    counted = min(others, MOST_COMPARED)
    details = (
        f"json_set(details, '$.waiting', {counted})"
        if database.is_sqlite
        else f"CAST(jsonb_set(CAST(details AS jsonb), '{{waiting}}', '{counted}') AS json)"
    )
    return {
        "requested_at": "requested_at - n",
        "requester_id": "'UASKER' || n",
        "reason": "'desk ' || n",
        "details": details,
    }
