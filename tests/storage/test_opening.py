import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from bot.domain.purchase import Status
from bot.ports import Queue
from bot.storage import (
    SqlStore,
    StorageError,
    StorageUnavailable,
    check_schema,
    lock,
    open_store,
    upgrade,
)
from bot.storage.engine import parse_url
from bot.storage.errors import BadDatabaseUrl, CannotOpen, DatabaseInUse, UnknownSchema
from tests.queues import next_due
from tests.storage.conftest import Database
from tests.storage.values import START, claimed_one, stored_in


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "cannot be understood"),
        ("dialtone.db", "cannot be understood"),
        ("postgresql://bot:hunter2@host:port/name", "cannot be understood"),
        ("mysql://bot:hunter2@host/name", "names mysql"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("sqlite:///file:dialtone.db", "must name a file"),
    ],
)
async def test_a_bad_url_is_refused_in_one_sentence(url: str, said: str) -> None:
    with pytest.raises(BadDatabaseUrl, match=said) as caught:
        await open_store(url)
    assert_one_sentence(caught.value)


def assert_one_sentence(error: StorageError) -> None:
    said = str(error)
    assert said.endswith(".")
    assert not said.endswith("..")
    assert "\n" not in said
    assert "hunter2" not in said
    assert error.__cause__ is None


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_has_three_names(scheme: str) -> None:
    url = parse_url(f"{scheme}://bot:hunter2@host/name?sslmode=require")
    assert url.drivername == "postgresql+psycopg"
    assert url.query == {"sslmode": "require"}


async def test_an_unreachable_postgresql_is_told_without_the_password() -> None:
    with pytest.raises(CannotOpen, match=r"PostgreSQL at 127\.0\.0\.1") as caught:
        await open_store("postgres://bot:hunter2@127.0.0.1:1/name")
    assert_one_sentence(caught.value)


async def test_an_unknown_option_is_told_without_the_password() -> None:
    with pytest.raises(StorageError) as caught:
        await open_store("postgres://bot:hunter2@127.0.0.1:1/name?colour=blue")
    assert_one_sentence(caught.value)


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match=r"There is no folder .*/missing") as caught:
        await open_store(f"sqlite:///{tmp_path}/missing/dialtone.db")
    assert_one_sentence(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o500)  # noqa: PTH101 pathlib's would be refused in async code
    try:
        with pytest.raises(CannotOpen, match="cannot be written") as caught:
            await open_store(f"sqlite:///{tmp_path}/dialtone.db")
    finally:
        os.chmod(tmp_path, 0o700)  # noqa: PTH101 the same
    assert_one_sentence(caught.value)


async def test_a_lock_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "dialtone.db.lock").mkdir()
    with pytest.raises(CannotOpen, match=r"dialtone\.db\.lock cannot be written") as caught:
        await open_store(f"sqlite:///{tmp_path}/dialtone.db")
    assert_one_sentence(caught.value)


async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "dialtone.db"
    file.write_bytes(b"not a database at all, but long enough to have a header" * 100)
    before = file.read_bytes()
    with pytest.raises(CannotOpen, match="not a database") as caught:
        await open_store(f"sqlite:///{file}")
    assert_one_sentence(caught.value)
    assert file.read_bytes() == before


async def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "dialtone.db").mkdir()
    with pytest.raises(CannotOpen) as caught:
        await open_store(f"sqlite:///{tmp_path}/dialtone.db")
    assert_one_sentence(caught.value)


async def test_a_second_dialtone_is_kept_out_until_the_first_lets_go(
    sqlite: Database, tmp_path: Path
) -> None:
    first = await open_store(sqlite.url)
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "dialtone.db")
    for url in (sqlite.url, f"sqlite:///{link}"):
        with pytest.raises(DatabaseInUse, match=r"Another Dialtone is using dialtone\.db"):
            await open_store(url, wait_s=0)
    with pytest.raises(DatabaseInUse):
        upgrade(sqlite.url, wait_s=0)
    waiting = asyncio.create_task(open_store(sqlite.url, wait_s=30))
    await first.ping()
    assert not waiting.done()
    await first.close()
    await (await waiting).close()


async def test_nothing_is_held_after_a_failed_start(tmp_path: Path) -> None:
    file = tmp_path / "dialtone.db"
    file.write_bytes(b"not a database" * 100)
    with pytest.raises(CannotOpen):
        await open_store(f"sqlite:///{file}")
    with lock.acquire(file, 0):
        pass


async def test_leases_of_a_dead_dialtone_end_at_the_start_on_sqlite(sqlite: Database) -> None:
    store = await open_store(sqlite.url)
    purchase = await stored_in(store, Status.REQUESTED)
    await claimed_one(store, Queue.PURCHASES, now=START)
    await store.close()
    store = await open_store(sqlite.url)
    assert (await claimed_one(store, Queue.PURCHASES, now=START)).id == purchase.id
    await store.close()


async def test_leases_of_others_are_respected_on_postgresql(
    migrated_postgresql: Database,
) -> None:
    first = await open_store(migrated_postgresql.url)
    await stored_in(first, Status.REQUESTED)
    claimed = await claimed_one(first, Queue.PURCHASES, now=START)
    second = await open_store(migrated_postgresql.url)
    assert await next_due(second, list(Queue)) == claimed.lease.until
    await first.close()
    await second.close()


async def test_a_store_for_reading_works_beside_the_bot_and_writes_nothing(
    sql_store: SqlStore, database: Database
) -> None:
    purchase = await stored_in(sql_store, Status.PENDING)
    reader = await open_store(database.url, read_only=True)
    assert await reader.purchase(purchase.id) == purchase
    await reader.verify(purchase.id)
    with pytest.raises(StorageUnavailable) as caught:
        await stored_in(reader, Status.REQUESTED)
    assert_one_sentence(caught.value)
    await reader.close()


async def test_a_store_for_reading_opens_what_nobody_uses(sqlite: Database) -> None:
    store = await open_store(sqlite.url)
    purchase = await stored_in(store, Status.PENDING)
    await store.close()
    reader = await open_store(sqlite.url, read_only=True)
    assert await reader.purchase(purchase.id) == purchase
    await reader.close()


async def test_a_store_for_reading_makes_no_file(tmp_path: Path) -> None:
    file = tmp_path / "dialtone.db"
    with pytest.raises(CannotOpen, match="There is no database"):
        await open_store(f"sqlite:///{file}", read_only=True)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 nothing else runs in a test


async def test_a_commit_on_sqlite_survives_a_power_cut(sqlite: Database) -> None:
    store = await open_store(sqlite.url)
    with store._engine.connect() as connection:
        wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        for pragma, value in wanted.items():
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    await store.close()


async def test_postgresql_must_have_been_migrated(empty_postgresql: Database) -> None:
    with pytest.raises(UnknownSchema, match="run `python -m bot migrate`") as caught:
        await open_store(empty_postgresql.url)
    assert_one_sentence(caught.value)
    upgrade(empty_postgresql.url)
    upgrade(empty_postgresql.url)
    await (await open_store(empty_postgresql.url)).close()


async def test_two_migrations_at_once_are_one(empty_postgresql: Database) -> None:
    await asyncio.gather(*(asyncio.to_thread(upgrade, empty_postgresql.url) for _ in range(3)))
    check_schema(empty_postgresql.url)


@pytest.fixture(params=["empty_sqlite", "empty_postgresql"])
def empty(request: pytest.FixtureRequest) -> Database:
    """A database without tables."""
    found: Database = request.getfixturevalue(request.param)
    if found.is_sqlite:
        file = parse_url(found.url).database
        assert file
        sqlite3.connect(file).close()
        Path(file).touch()
    return found


async def assert_unknown(database: Database, said: str) -> None:
    """Neither opened, nor migrated, nor taken for good."""
    with pytest.raises(UnknownSchema, match=said) as caught:
        check_schema(database.url)
    assert_one_sentence(caught.value)
    with pytest.raises(UnknownSchema, match=said):
        upgrade(database.url)
    for read_only in (False, True):
        with pytest.raises(UnknownSchema, match=said):
            await open_store(database.url, read_only=read_only)


async def test_a_newer_schema_is_refused(empty: Database) -> None:
    upgrade(empty.url)
    empty.execute("UPDATE alembic_version SET version_num = '9999'")
    await assert_unknown(empty, "newer version of Dialtone")


async def test_the_database_of_something_else_is_refused(empty: Database) -> None:
    empty.execute("CREATE TABLE invoices (id INTEGER)")
    await assert_unknown(empty, "other tables than Dialtone's")
    empty.execute("CREATE TABLE alembic_version (version_num TEXT)")
    empty.execute("INSERT INTO alembic_version VALUES ('0001')")
    await assert_unknown(empty, "other tables than Dialtone's")


async def test_an_empty_database_is_not_migrated_by_looking(empty: Database) -> None:
    with pytest.raises(UnknownSchema, match="no tables yet"):
        check_schema(empty.url)
    with pytest.raises(UnknownSchema, match="no tables yet"):
        await open_store(empty.url, read_only=True)
    upgrade(empty.url)
    check_schema(empty.url)
