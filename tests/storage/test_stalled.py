"""A replica that stalls within a transaction: its rows are not held for longer than its leases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from bot.domain.purchase import Status
from bot.ports import Claimed, Queue, Store
from bot.storage import engine, open_store
from tests.queues import claim_due
from tests.storage.conftest import Database
from tests.storage.values import START, stored_in


async def claim(store: Store) -> list[Claimed]:
    later = START + timedelta(hours=1)
    return await claim_due(store, Queue.PURCHASES, 1, now=later, lasting=timedelta(seconds=10))


async def test_rows_of_a_stalled_transaction_are_let_go_of(
    migrated_postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stalled = engine.build_engine(engine.parse_url(migrated_postgresql.url))
    store = await open_store(migrated_postgresql.url)
    purchase = await stored_in(store, Status.REQUESTED)
    with stalled.connect() as held:
        with monkeypatch.context() as in_that_transaction:
            in_that_transaction.setattr(engine, "STALLED_AFTER_MS", 50)
            held.exec_driver_sql("UPDATE purchases SET version = version + 1")
        async with asyncio.timeout(10):
            while not (claimed := await claim(store)):  # noqa: ASYNC110 nothing tells
                await asyncio.sleep(0.02)
        with pytest.raises(DBAPIError, match="idle-in-transaction"):
            held.commit()
    stalled.dispose()
    assert [each.id for each in claimed] == [purchase.id]
    assert await store.purchase(purchase.id) == purchase
    await store.close()
