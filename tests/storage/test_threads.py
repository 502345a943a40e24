"""Transactions that wait for each other share a commit, and none of them notices."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Connection, event

from bot.domain.errors import PurchaseNotFound
from bot.domain.purchase import Purchase
from bot.storage import SqlStore, open_store
from bot.storage.errors import FileUnavailable, StorageUnavailable
from bot.storage.threads import BESIDE, EVERY, MOST, Apart, Together
from tests.storage.conftest import Database
from tests.storage.values import a_decision, a_message, a_purchase


class Commits:
    """How often the store commits."""

    def __init__(self, store: SqlStore) -> None:
        self.count = 0
        event.listen(store._engine, "commit", self._committed)

    def _committed(self, _: Connection) -> None:
        self.count += 1


class Held:
    """The storage thread, kept busy until it is let go."""

    def __init__(self, store: SqlStore) -> None:
        self._gate, is_held = threading.Event(), threading.Event()

        def hold(_: Connection) -> None:
            is_held.set()
            self._gate.wait(10)

        store._threads.ask(store._reading, hold)
        is_held.wait(10)

    def let_go(self) -> None:
        self._gate.set()


async def _requested(store: SqlStore, trigger: str, **fields: Any) -> Purchase:
    return await store.add_request(a_purchase(**fields), trigger)


async def _waiting(*asked: Any) -> list["asyncio.Future[Any]"]:
    tasks = [asyncio.ensure_future(each) for each in asked]
    await asyncio.sleep(0)
    return tasks


async def test_what_waits_at_the_same_moment_shares_a_commit(
    sql_store: SqlStore, database: Database
) -> None:
    held, commits = Held(sql_store), Commits(sql_store)
    tasks = await _waiting(*(_requested(sql_store, f"t{number}") for number in range(8)))
    held.let_go()
    made = await asyncio.gather(*tasks)
    assert len({each.code for each in made}) == 8
    assert commits.count <= (2 if database.is_sqlite else 9)
    for each in made:
        await sql_store.verify(each.id)


async def test_one_that_is_refused_takes_nobody_with_it(sql_store: SqlStore) -> None:
    held = Held(sql_store)
    nowhere = a_decision(a_purchase())
    tasks = await _waiting(
        _requested(sql_store, "t1"),
        sql_store.add_decision(nowhere),
        _requested(sql_store, "t2"),
    )
    held.let_go()
    first, refused, second = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(refused, PurchaseNotFound)
    assert isinstance(first, Purchase)
    assert isinstance(second, Purchase)
    assert await sql_store.purchase(first.id) == first
    assert await sql_store.purchase(second.id) == second


async def test_nobody_hears_of_what_was_not_committed(
    sql_store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(sql_store)
    tasks = await _waiting(_requested(sql_store, "t1"), _requested(sql_store, "t2"))

    def full(*_: Any) -> None:
        raise sql_store._engine.dialect.loaded_dbapi.OperationalError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(sql_store._engine.dialect, "do_commit", full)
        held.let_go()
        found = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, StorageUnavailable) for each in found)
    assert await sql_store.waiting("sendblue") == []


# ── What fails ───────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
async def file_store(sqlite: Database) -> AsyncIterator[SqlStore]:
    """A store that shares commits, and waits a moment for a lock."""
    store = await open_store(sqlite.url)
    await store._read(lambda connection: connection.exec_driver_sql("PRAGMA busy_timeout = 50"))
    yield store
    await store.close()


async def test_whoever_waits_for_a_lock_waits_once_and_readers_not_at_all(
    file_store: SqlStore, sqlite: Database
) -> None:
    held = Held(file_store)
    statements: list[str] = []

    def noted(_: Any, __: Any, statement: str, *___: Any) -> None:
        statements.append(statement)

    event.listen(file_store._engine, "before_cursor_execute", noted)
    tasks = await _waiting(
        file_store.ping(), *(_requested(file_store, f"t{number}") for number in range(5))
    )
    with closing(sqlite3.connect(sqlite.url.removeprefix("sqlite:///"))) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        held.let_go()
        read, *written = await asyncio.gather(*tasks, return_exceptions=True)
    assert read is None
    assert [type(each) for each in written] == [FileUnavailable] * 5
    assert [each for each in statements if each.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]


async def test_what_was_perhaps_committed_is_not_done_again(
    file_store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, store = Held(file_store), file_store
    done: list[str] = []
    tasks = await _waiting(
        store._read(lambda _: done.append("read")),
        _requested(store, "t1"),
        store._write(lambda _: done.append("written")),
    )
    dialect = store._engine.dialect
    commit, commits = dialect.do_commit, 0

    def cut(connection: Any) -> None:
        nonlocal commits
        commit(connection)
        commits += 1
        if commits == 2:  # the first is the one who holds the thread
            raise dialect.loaded_dbapi.OperationalError("the disk went away just then")

    monkeypatch.setattr(dialect, "do_commit", cut)
    held.let_go()
    read, requested, written = await asyncio.gather(*tasks, return_exceptions=True)
    assert read is None
    assert [type(requested), type(written)] == [FileUnavailable] * 2
    assert done == ["read", "written", "read"]
    assert len(await store.waiting("sendblue")) == 1


async def test_whoever_fails_alone_is_told_before_the_next_is_tried(file_store: SqlStore) -> None:
    held, is_told = Held(file_store), threading.Event()
    breaks, waits = await _waiting(
        file_store.add_decision(a_decision(a_purchase())),
        file_store._add(lambda _: is_told.wait(5)),
    )
    held.let_go()
    with pytest.raises(PurchaseNotFound):
        await breaks
    is_told.set()
    assert await waits


async def test_one_that_writes_has_the_lock_from_the_beginning_whoever_came_first(
    file_store: SqlStore, sqlite: Database
) -> None:
    """Or somebody who writes in between would make it fail."""
    held = Held(file_store)

    def somebody_writes(connection: Connection) -> str:
        connection.exec_driver_sql("SELECT * FROM purchases").all()
        path = sqlite.url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as somebody:
            try:
                somebody.execute("DELETE FROM mutes")
            except sqlite3.OperationalError as error:
                return str(error)
        return "they did"

    read, _ = await _waiting(file_store._read(somebody_writes), file_store._write(lambda _: None))
    held.let_go()
    assert await read == "database is locked"


async def test_what_was_asked_for_is_finished_before_it_closes(
    file_store: SqlStore, sqlite: Database
) -> None:
    held = Held(file_store)
    tasks = await _waiting(*(_requested(file_store, f"t{number}") for number in range(MOST + 2)))
    closing_it = asyncio.create_task(file_store.close())
    while not file_store._threads._is_closed:  # noqa: ASYNC110 a thread says so
        await asyncio.sleep(0)
    held.let_go()
    await closing_it
    made = await asyncio.wait_for(asyncio.gather(*tasks), 10)
    [[count]] = sqlite.execute("SELECT count(*) FROM purchases")
    assert count == len(made) == MOST + 2


async def test_what_handlers_write_is_awaited(file_store: SqlStore) -> None:
    held, store = Held(file_store), file_store
    tasks = await _waiting(
        store.ping(),
        _requested(store, "t1"),
        store.add_message(a_message()),
        store.add_decision(a_decision(a_purchase())),
    )
    assert (len(store._threads._awaited), len(store._threads._others)) == (3, 1)
    held.let_go()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_whoever_gave_up_waiting_has_changed_nothing(sql_store: SqlStore) -> None:
    store = sql_store
    held = [Held(store) for _ in range(len(store._threads._threads))]
    [given_up, kept] = await _waiting(_requested(store, "t1"), _requested(store, "t2"))
    given_up.cancel()
    await asyncio.sleep(0)
    for each in held:
        each.let_go()
    made = await kept
    assert await store.waiting("sendblue") == [made]


@pytest.mark.parametrize(
    ("kind", "batches"),
    [
        (Together, [["a"] * MOST + ["o"] * BESIDE, ["a"] * 3 + ["o"] * BESIDE, ["o"] * 5]),
        (Apart, [["a"]] * (EVERY - 1) + [["o"]]),
    ],
)
async def test_what_slack_awaits_goes_first_and_the_loop_is_not_forgotten(
    kind: type[Apart], batches: list[list[str]]
) -> None:
    engine: Any = None
    threads = kind(lambda *_: None, 0)
    for _ in range(MOST + 3):
        threads.ask(engine, lambda _: "a", is_awaited=True)
    for _ in range(2 * BESIDE + 5):
        threads.ask(engine, lambda _: "o")
    nothing: Any = None
    assert [[each.transaction(nothing) for each in threads._next()] for _ in batches] == batches


async def test_a_closed_store_takes_nothing_more(sql_store: SqlStore) -> None:
    await sql_store.add_message(a_message())
    await sql_store.close()
    with pytest.raises(StorageUnavailable, match="closed"):
        await sql_store.add_message(a_message())
