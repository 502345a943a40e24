"""The database fails while the bot runs: told in one sentence, and the next call works again."""

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, event

from bot.domain.purchase import Status
from bot.ports import Filter
from bot.storage import SqlStore, StorageUnavailable, open_store, upgrade
from tests.storage.conftest import Database
from tests.storage.values import START, a_move, a_purchase, an_entry, stored_in


async def assert_unavailable(call: Callable[[], Awaitable[object]], said: str) -> None:
    with pytest.raises(StorageUnavailable, match=said) as caught:
        await call()
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


def pragma(store: SqlStore, text: str) -> None:
    with store._engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA {text}")


async def test_a_full_disk_is_told_and_got_over(sqlite: Database) -> None:
    store = await open_store(sqlite.url)
    purchase = await stored_in(store, Status.PENDING)
    pragma(store, "max_page_count = 1")  # it can grow no further than it is

    async def fill() -> None:
        for _ in range(50):
            await store.record(purchase, an_entry(text="x" * 5000))

    await assert_unavailable(fill, "full")
    assert await store.move(a_move(purchase, Status.PENDING, changes={"revision": 1}))
    pragma(store, "max_page_count = 1000000")
    await fill()
    await store.verify(purchase.id)
    await store.close()


async def test_a_locked_database_is_told_and_got_over(sqlite: Database, tmp_path: Path) -> None:
    store = await open_store(sqlite.url)
    purchase = await stored_in(store, Status.PENDING)
    pragma(store, "busy_timeout = 0")
    other = sqlite3.connect(tmp_path / "dialtone.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await assert_unavailable(
        lambda: store.move(a_move(purchase, Status.APPROVED)), "database is locked"
    )
    assert await store.purchase(purchase.id) == purchase
    other.execute("ROLLBACK")
    other.close()
    assert await store.move(a_move(purchase, Status.APPROVED))
    await store.close()


async def test_a_lost_connection_to_postgresql_is_replaced(
    migrated_postgresql: Database, postgresql: str
) -> None:
    store = await open_store(migrated_postgresql.url)
    purchase = await stored_in(store, Status.PENDING)
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(_CUT, ["dialtone"])
    assert await store.purchase(purchase.id) == purchase
    assert await store.move(a_move(purchase, Status.APPROVED))
    await store.close()


async def test_a_postgresql_that_is_away_is_told_and_got_over(
    empty_postgresql: Database, postgresql: str
) -> None:
    upgrade(empty_postgresql.url)
    name = empty_postgresql.url.partition("?")[0].rpartition("/")[2]
    store = await open_store(empty_postgresql.url)
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        connection.execute(_CUT, [name])
        await assert_unavailable(store.ping, "not currently accepting connections")
        await assert_unavailable(
            lambda: store.add_request(a_purchase(), "trigger"), "not currently accepting"
        )
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
    await store.ping()
    assert await store.list_purchases(Filter()) == []
    await store.close()


_CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


async def test_a_refused_row_tells_nothing_of_what_is_in_it(sql_store: SqlStore) -> None:
    purchase = await stored_in(sql_store, Status.PENDING)
    with pytest.raises(StorageUnavailable) as caught:
        await sql_store.move(a_move(purchase, Status.APPROVED, changes={"details": None}))
    assert "lpv_secret" not in repr(caught.value)
    assert await sql_store.purchase(purchase.id) == purchase


async def test_a_naive_instant_is_a_bug_and_stores_nothing(sql_store: SqlStore) -> None:
    purchase = await stored_in(sql_store, Status.PENDING)
    naive = START.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        await sql_store.move(a_move(purchase, Status.APPROVED, naive))
    assert await sql_store.purchase(purchase.id) == purchase


async def test_a_closed_store_is_unavailable(sql_store: SqlStore) -> None:
    await sql_store.close()
    await assert_unavailable(sql_store.ping, "closed")


async def test_a_connection_lost_before_the_commit_costs_no_request(
    migrated_postgresql: Database, postgresql: str
) -> None:
    store = await open_store(migrated_postgresql.url)
    cuts: list[int] = []

    @event.listens_for(store._engine, "commit")
    def _cut(connection: Connection) -> None:
        if not cuts:
            cuts.append(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
            with psycopg.connect(postgresql, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", cuts)

    stored = await store.add_request(a_purchase(), "trigger")
    assert len(cuts) == 1
    assert await store.list_purchases(Filter()) == [stored]
    await store.close()
