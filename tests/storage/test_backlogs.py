"""What is not over, counted for operators; the same in both databases."""

from datetime import timedelta

from bot.domain.purchase import Status
from bot.ports import Queue, Waiting
from bot.storage import SqlStore
from tests.queues import claim_due
from tests.storage.values import (
    LASTING,
    START,
    a_check,
    a_decision,
    a_message,
    an_entry,
    claimed_one,
    found_by,
    stored_in,
)

LATER = START + timedelta(minutes=5)


async def test_nothing_waits_in_an_empty_database(sql_store: SqlStore) -> None:
    assert await sql_store.oldest_due() is None
    found = await sql_store.backlog(now=START)
    assert found.purchases == {}
    assert found.queues == dict.fromkeys(Queue, Waiting())


async def test_purchases_count_while_they_are_not_over(sql_store: SqlStore) -> None:
    for status in (Status.PENDING, Status.PENDING, Status.UNKNOWN, Status.CHARGED):
        await stored_in(sql_store, status)
    await stored_in(sql_store, Status.PROVISIONED)
    await stored_in(sql_store, Status.CANCELLED)
    assert (await sql_store.backlog(now=START)).purchases == {
        ("sendblue", Status.PENDING): 2,
        ("sendblue", Status.UNKNOWN): 1,
        ("sendblue", Status.CHARGED): 1,
    }


async def test_work_is_due_while_it_is_done_and_not_when_it_is_put_off(sql_store: SqlStore) -> None:
    await sql_store.add_message(a_message())
    claimed = await claimed_one(sql_store, Queue.OWED)
    assert (await sql_store.backlog(now=LATER)).queues[Queue.OWED] == Waiting(1, START, 0)
    assert await sql_store.oldest_due() == START

    await sql_store.put_off(claimed, LATER + LASTING)
    assert (await sql_store.backlog(now=LATER)).queues[Queue.OWED] == Waiting(0, None, 1)
    assert await sql_store.oldest_due() == LATER + LASTING

    [again] = await claim_due(sql_store, Queue.OWED, 1, now=LATER + LASTING, lasting=LASTING)
    await sql_store.message_sent(again)
    assert (await sql_store.backlog(now=LATER)).queues[Queue.OWED] == Waiting()
    assert await sql_store.oldest_due() is None


async def test_a_decision_is_work_until_it_is_judged(sql_store: SqlStore) -> None:
    decision = a_decision(await stored_in(sql_store, Status.PENDING))
    await sql_store.add_decision(decision)
    assert (await sql_store.backlog(now=LATER)).queues[Queue.DECISIONS].due == 1
    await sql_store.dismiss(decision, an_entry())
    assert (await sql_store.backlog(now=LATER)).queues[Queue.DECISIONS] == Waiting()


async def test_a_check_is_work_when_it_is_due(sql_store: SqlStore) -> None:
    await sql_store.keep_checks(["sendblue"], at=START)
    assert await sql_store.oldest_due() == START
    assert (await sql_store.backlog(now=START)).queues[Queue.CHECKS] == Waiting(1, START, 0)
    claimed, check = await a_check(sql_store)
    assert await sql_store.checked(claimed, found_by(check))
    assert await sql_store.oldest_due() == LATER
    assert (await sql_store.backlog(now=START)).queues[Queue.CHECKS] == Waiting()
