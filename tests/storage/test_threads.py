"""Transactions that wait for each other share a commit, and none of them notices."""

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy import Connection, event

from bot.domain.errors import PurchaseNotFound
from bot.domain.purchase import Purchase
from bot.storage import SqlStore
from bot.storage.errors import StorageUnavailable
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
        self._gate = threading.Event()
        store._threads.ask(store._reading, lambda _: self._gate.wait(10))

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
