"""The logbook: what is audited without belonging to a purchase or an alert."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from bot.storage import SqlStore, open_store
from bot.storage.errors import AuditBroken
from tests.storage.conftest import Database
from tests.storage.values import SECOND, START, AuditedStore, an_entry


async def three_rows(store: SqlStore) -> None:
    for number in range(3):
        await store.log(an_entry("reload", START + number * SECOND, nothing=None))


async def test_the_logbook_tells_from_an_instant_on_oldest_first(store: AuditedStore) -> None:
    assert await store.logbook(START) == []
    await store.verify_logbook()
    for number in range(3):
        await store.log(an_entry("reload", START + number * SECOND, why="🙂 \0 \ud800"))
    rows = await store.logbook(START)
    assert [(row.purchase_id, row.seq, row.at) for row in rows] == [
        ("logbook", number + 1, START + number * SECOND) for number in range(3)
    ]
    assert rows[0].detail == {"why": "🙂 \0 \ud800"}
    assert {(row.from_status, row.to_status) for row in rows} == {(None, None)}
    assert len({row.hash for row in rows}) == 3
    assert await store.logbook(START + SECOND) == rows[1:]
    assert await store.logbook(START + timedelta(days=1)) == []
    await store.verify_logbook()


async def test_who_writes_at_the_same_moment_writes_one_chain(store: AuditedStore) -> None:
    await asyncio.gather(*(store.log(an_entry(f"action {number}")) for number in range(10)))
    rows = await store.logbook(START)
    assert [row.seq for row in rows] == list(range(1, 11))
    assert len({row.action for row in rows}) == 10
    await store.verify_logbook()


async def test_two_replicas_write_one_chain(migrated_postgresql: Database) -> None:
    stores = [await open_store(migrated_postgresql.url) for _ in range(2)]
    await asyncio.gather(*(stores[number % 2].log(an_entry()) for number in range(20)))
    assert [row.seq for row in await stores[0].logbook(START)] == list(range(1, 21))
    await stores[1].verify_logbook()
    for each in stores:
        await each.close()


async def test_what_is_written_meanwhile_is_not_taken_for_a_row_too_many(
    sql_store: SqlStore,
) -> None:
    await asyncio.gather(
        *(sql_store.log(an_entry()) for _ in range(30)),
        *(sql_store.verify_logbook() for _ in range(10)),
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE logbook SET actor_id = 'UEVIL'",
        "UPDATE logbook SET hash = hash",
        "DELETE FROM logbook",
    ],
)
async def test_the_logbook_is_append_only(
    sql_store: SqlStore, database: Database, statement: str
) -> None:
    await three_rows(sql_store)
    with pytest.raises(DBAPIError, match="append-only"):
        database.execute(statement)
    await sql_store.verify_logbook()


_AROUND = {
    "sqlite": "INSERT OR REPLACE INTO logbook SELECT * FROM logbook WHERE seq = 2",
    "postgresql": "TRUNCATE logbook",
}


async def test_there_is_no_way_around_it(sql_store: SqlStore, database: Database) -> None:
    await three_rows(sql_store)
    with pytest.raises(DBAPIError, match="append-only"):
        database.execute(_AROUND["sqlite" if database.is_sqlite else "postgresql"])
    await sql_store.verify_logbook()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE logbook SET actor_id = 'UEVIL' WHERE seq = 2", "Row 2 .* logbook was changed"),
        ("UPDATE logbook SET at = at + 1 WHERE seq = 3", "Row 3 .* was changed"),
        ("DELETE FROM logbook WHERE seq = 2", "logbook lacks row 2"),
        ("DELETE FROM logbook WHERE seq = 3", "logbook has 2 rows and should end with row 3"),
    ],
)
async def test_tampering_with_the_logbook_is_found(
    sql_store: SqlStore, database: Database, statement: str, said: str
) -> None:
    await three_rows(sql_store)
    database.execute(*database.unprotected("logbook"), statement)
    with pytest.raises(AuditBroken, match=said):
        await sql_store.verify_logbook()
    (found,) = await sql_store.verify_all()
    assert "logbook" in found
