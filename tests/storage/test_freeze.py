"""A freeze: what it stops, what it lets pass, and which of the two was first."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from bot.domain.errors import Frozen
from bot.domain.purchase import Purchase, Status
from bot.ports import Entry, Filter, Freeze, Move, Queue, Store
from bot.storage import SqlStore, freezes, moves, open_store
from bot.storage.engine import build_engine, parse_url
from tests.queues import card_of, claim_due, next_due
from tests.storage.conftest import Database
from tests.storage.values import (
    EXPIRES,
    LASTING,
    MORGAN,
    PHONES,
    RILEY,
    SECOND,
    START,
    AuditedStore,
    a_move,
    a_purchase,
    claimed_one,
    moved,
    stored_in,
)

LATER = START + timedelta(minutes=1)
FREEZE = Freeze(by=MORGAN, at=START, reason="the card was stolen 🙂")


def by(user_id: str = MORGAN, action: str = "freeze", at: datetime = LATER) -> Entry:
    return Entry(actor_id=user_id, action=action, outcome="done", at=at)


def confirming(purchase: Purchase) -> Move:
    return a_move(purchase, Status.CONFIRMING, unless_frozen=True)


async def test_a_freeze_is_in_force_until_it_is_thawed(store: AuditedStore) -> None:
    assert await store.frozen() is None
    assert await store.freeze(FREEZE, by())
    assert await store.frozen() == FREEZE
    assert await store.thaw(by(RILEY, "thaw"))
    assert await store.frozen() is None
    again = replace(FREEZE, by=RILEY, reason="once more")
    assert await store.freeze(again, by(RILEY))
    assert await store.frozen() == again
    rows = await store.logbook(START)
    assert [(row.actor_id, row.action) for row in rows] == [
        (MORGAN, "freeze"),
        (RILEY, "thaw"),
        (RILEY, "freeze"),
    ]
    await store.verify_logbook()


async def test_of_many_who_freeze_or_thaw_at_once_one_does(store: AuditedStore) -> None:
    rivals = [replace(FREEZE, by=f"U{number}") for number in range(6)]
    done = await asyncio.gather(*(store.freeze(each, by(each.by)) for each in rivals))
    assert done.count(True) == 1
    assert await store.frozen() == rivals[done.index(True)]
    thawed = await asyncio.gather(*(store.thaw(by(action="thaw")) for _ in range(6)))
    assert thawed.count(True) == 1
    assert [row.action for row in await store.logbook(START)] == ["freeze", "thaw"]
    await store.verify_logbook()


async def test_nothing_is_thawed_twice_or_frozen_twice(store: Store) -> None:
    assert not await store.thaw(by(action="thaw"))
    assert await store.freeze(FREEZE, by())
    assert not await store.freeze(replace(FREEZE, reason="another"), by())
    assert await store.frozen() == FREEZE
    assert len(await store.logbook(START)) == 1


async def test_nothing_is_requested_while_one_is_in_force(store: Store) -> None:
    await store.freeze(FREEZE, by())
    with pytest.raises(Frozen) as refused:
        await store.add_request(a_purchase(), "t1")
    assert refused.value.fields == FREEZE.fields
    assert await store.list_purchases(Filter()) == []
    await store.thaw(by(action="thaw"))
    assert (await store.add_request(a_purchase(), "t1")).status is Status.REQUESTED


async def test_the_database_takes_one_freeze_in_force(
    sql_store: SqlStore, database: Database
) -> None:
    await sql_store.freeze(FREEZE, by())
    copy = (
        'INSERT INTO freezes (id, subject, "by", at, reason)'
        " SELECT 'copy', subject, \"by\", at, reason FROM freezes"
    )
    with pytest.raises(DBAPIError, match=r"(?i)unique"):
        database.execute(copy)
    await sql_store.thaw(by(action="thaw"))
    database.execute(copy)


async def test_a_move_that_minds_a_freeze_fails_while_one_is_in_force(store: AuditedStore) -> None:
    approved = await stored_in(store, Status.APPROVED)
    await store.freeze(FREEZE, by())
    rows = await store.audit(approved.id)
    assert await store.move(confirming(approved)) is None
    assert await store.audit(approved.id) == rows
    assert await store.move(replace(confirming(approved), target=Status.FAILED)) is None
    await store.thaw(by(action="thaw"))
    assert await store.move(confirming(approved)) is not None
    await store.verify(approved.id)


async def test_other_moves_are_made_as_ever(store: Store) -> None:
    approved = await stored_in(store, Status.APPROVED)
    await store.freeze(FREEZE, by())
    assert await store.move(a_move(approved, Status.FAILED)) is not None


async def with_card(store: Store, status: Status) -> Purchase:
    """Its card is drawn as it is now."""
    source = Status.REQUESTED if status is Status.PENDING else Status.PENDING
    before = await stored_in(store, source)
    waiting = await moved(store, a_move(before, status, card_in=PHONES, due_at=EXPIRES))
    claimed = await claimed_one(store, Queue.CARDS)
    card = await card_of(store, claimed.id)
    assert card is not None
    await store.card_posted(claimed, replace(card, ts="1.0", drawn_version=waiting.version))
    assert await next_due(store, [Queue.CARDS]) is None
    return waiting


@pytest.mark.parametrize("status", [Status.PENDING, Status.APPROVED])
async def test_the_cards_of_what_waits_are_drawn_anew(store: Store, status: Status) -> None:
    waiting = await with_card(store, status)
    await store.freeze(FREEZE, by())
    frozen = await store.purchase(waiting.id)
    assert frozen == replace(waiting, version=waiting.version + 1)
    assert await next_due(store, [Queue.CARDS]) == LATER
    await store.thaw(by(action="thaw", at=LATER + SECOND))
    assert await store.purchase(waiting.id) == replace(waiting, version=waiting.version + 2)
    assert await next_due(store, [Queue.CARDS]) == LATER + SECOND


async def test_what_does_not_wait_stays_as_it_was(store: Store) -> None:
    others = [
        await stored_in(store, status) for status in set(Status) - {Status.PENDING, Status.APPROVED}
    ]
    await store.freeze(FREEZE, by())
    await store.thaw(by(action="thaw"))
    for each in others:
        assert await store.purchase(each.id) == each


async def test_what_is_approved_is_due_when_it_is_thawed(store: Store) -> None:
    """… even if a step that saw the freeze puts it off a moment later."""
    pending = await stored_in(store, Status.PENDING)
    await moved(store, a_move(pending, Status.APPROVED, due_at=START))
    await store.freeze(FREEZE, by())
    claimed = await claimed_one(store, Queue.PURCHASES)
    await store.thaw(by(action="thaw", at=START + SECOND))
    await store.put_off(claimed, EXPIRES)
    (again,) = await claim_due(store, Queue.PURCHASES, 9, now=START + SECOND, lasting=LASTING)
    assert (again.id, again.attempts) == (pending.id, 0)


async def test_what_is_pending_is_due_no_earlier_for_a_thaw(store: Store) -> None:
    requested = await stored_in(store, Status.REQUESTED)
    await moved(store, a_move(requested, Status.PENDING, due_at=EXPIRES))
    await store.freeze(FREEZE, by())
    await store.thaw(by(action="thaw"))
    assert await next_due(store, [Queue.PURCHASES]) == EXPIRES


async def test_freezes_and_moves_at_the_same_moment_come_one_after_the_other(
    store: AuditedStore,
) -> None:
    """The freeze drew the cards of what it stopped anew, and of nothing else."""
    for _ in range(4):
        approved = [await stored_in(store, Status.APPROVED) for _ in range(6)]
        _, *found = await asyncio.gather(
            store.freeze(FREEZE, by()), *(store.move(confirming(each)) for each in approved)
        )
        for before, after in zip(approved, found, strict=True):
            stopped = replace(before, version=before.version + 1)
            assert await store.purchase(before.id) == (after or stopped)
            await store.verify(before.id)
        await store.thaw(by(action="thaw"))


@pytest.fixture
async def pg_store(migrated_postgresql: Database) -> AsyncIterator[SqlStore]:
    opened = await open_store(migrated_postgresql.url)
    yield opened
    await opened.close()


async def somebody_waits(database: Database) -> None:
    """For a lock on what no row stands for."""
    asked = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
    async with asyncio.timeout(10):
        while not database.execute(asked):  # noqa: ASYNC110 nothing tells
            await asyncio.sleep(0.01)


async def test_a_freeze_that_is_under_way_counts_for_a_move_that_comes_then(
    pg_store: SqlStore, migrated_postgresql: Database
) -> None:
    """The condition within the update alone would let it pass: it is asked before the update waits
    for the row, and not once more."""
    approved = await stored_in(pg_store, Status.APPROVED)
    engine = build_engine(parse_url(migrated_postgresql.url))
    with engine.begin() as connection:
        assert freezes.freeze(connection, FREEZE, by())
        moving = asyncio.create_task(pg_store.move(confirming(approved)))
        await somebody_waits(migrated_postgresql)
    engine.dispose()
    assert await moving is None
    stopped = await pg_store.purchase(approved.id)
    assert stopped == replace(approved, version=approved.version + 1)


async def test_a_freeze_that_comes_while_a_move_is_under_way_waits_for_it(
    pg_store: SqlStore, migrated_postgresql: Database
) -> None:
    approved = await stored_in(pg_store, Status.APPROVED)
    engine = build_engine(parse_url(migrated_postgresql.url))
    with engine.begin() as connection:
        made = moves.move(connection, confirming(approved))
        freezing = asyncio.create_task(pg_store.freeze(FREEZE, by()))
        await somebody_waits(migrated_postgresql)
    engine.dispose()
    assert await freezing
    assert made is not None
    assert await pg_store.purchase(approved.id) == made


async def test_moves_that_mind_a_freeze_do_not_wait_for_each_other(
    pg_store: SqlStore, migrated_postgresql: Database
) -> None:
    first = await stored_in(pg_store, Status.APPROVED)
    second = await stored_in(pg_store, Status.APPROVED, provider="magpipe")
    engine = build_engine(parse_url(migrated_postgresql.url))
    with engine.begin() as connection:
        assert moves.move(connection, confirming(first)) is not None
        async with asyncio.timeout(10):
            assert await pg_store.move(confirming(second)) is not None
    engine.dispose()
