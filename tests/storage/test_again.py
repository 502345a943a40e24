"""What is requested again: one new request counts at a time, whoever asks and however often."""

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.errors import (
    NotToBeRepeated,
    NumberTaken,
    PurchaseNotFound,
    RequestedAgainAlready,
)
from bot.domain.purchase import Order, Purchase, Status
from bot.ports import Filter, Queue
from bot.storage import SqlStore
from tests.queues import claim_due
from tests.storage.conftest import Database
from tests.storage.values import (
    LASTING,
    MORGAN,
    PHONES,
    SECOND,
    START,
    AuditedStore,
    a_decision,
    a_move,
    a_purchase,
    moved,
    new_id,
    stored_in,
)

REPEATABLE = [Status.EXPIRED, Status.FAILED]


async def again(
    store: AuditedStore, previous: Purchase, trigger: str = "", by: str = MORGAN
) -> Purchase:
    wanted = a_purchase(previous_id=previous.id, requester_id=by, order=previous.order)
    return await store.add_request(wanted, trigger or new_id("trigger"))


async def read(store: AuditedStore, purchase: Purchase) -> Purchase:
    found = await store.purchase(purchase.id)
    assert found is not None
    return found


@pytest.mark.parametrize("status", REPEATABLE)
async def test_both_purchases_know_each_other(store: AuditedStore, status: Status) -> None:
    previous = await stored_in(store, status)
    made = await again(store, previous)
    assert await read(store, made) == made
    assert made.previous_id == previous.id
    noted = await read(store, previous)
    assert (noted.again_by, noted.again_code) == (MORGAN, made.code)
    assert (noted.status, noted.revision, noted.version) == (
        status,
        previous.revision,
        previous.version + 1,
    )
    row = (await store.audit(previous.id))[-1]
    assert (row.actor_id, row.action, row.from_status, row.to_status, row.detail) == (
        MORGAN,
        "request_again",
        status,
        None,
        {"again": made.code},
    )
    await store.verify(previous.id)
    await store.verify(made.id)


async def test_the_previous_one_s_cards_are_due(store: AuditedStore) -> None:
    previous = await stored_in(store, Status.EXPIRED)
    await store.add_decision(a_decision(previous, channel_id=PHONES, message_ts="1.0"))
    for claimed in await claim_due(store, Queue.CARDS, 10, now=START + SECOND, lasting=LASTING):
        await store.put_off(claimed, None)
    made = await again(store, previous)
    (card,) = await claim_due(store, Queue.CARDS, 10, now=START + SECOND, lasting=LASTING)
    await store.put_off(card, None)
    await moved(store, a_move(made, Status.CANCELLED))
    assert len(await claim_due(store, Queue.CARDS, 10, now=START + SECOND, lasting=LASTING)) == 1


@pytest.mark.parametrize("status", set(Status) - set(REPEATABLE))
async def test_only_what_led_nowhere_can_be_requested_again(
    store: AuditedStore, status: Status
) -> None:
    previous = await stored_in(store, status)
    with pytest.raises(NotToBeRepeated):
        await again(store, previous)
    assert len(await store.list_purchases(Filter())) == 1
    assert await read(store, previous) == previous


async def test_what_is_not_there_cannot(store: AuditedStore) -> None:
    with pytest.raises(PurchaseNotFound):
        await again(store, a_purchase())


@pytest.mark.parametrize("order", [Order(), Order(number="+16045551234")], ids=["line", "number"])
async def test_of_several_people_who_press_at_once_one_gets_it(
    store: AuditedStore, order: Order
) -> None:
    previous = await stored_in(store, Status.EXPIRED, order=order)
    made = await asyncio.gather(
        *(again(store, previous, by=f"U{n}") for n in range(4)), return_exceptions=True
    )
    refused = [each for each in made if isinstance(each, RequestedAgainAlready)]
    (first,) = [each for each in made if isinstance(each, Purchase)]
    assert [each.fields for each in refused] == 3 * [
        {
            "code": previous.code,
            "again": first.code,
            "status": "requested",
            "requester": first.requester_id,
        }
    ]
    actions = [row.action for row in await store.audit(previous.id)]
    assert actions.count("request_again") == 1


async def test_a_redelivered_click_gives_the_purchase_it_made(store: AuditedStore) -> None:
    previous = await stored_in(store, Status.FAILED)
    made = await asyncio.gather(*(again(store, previous, "click") for _ in range(4)))
    assert len({each.id for each in made}) == 1
    # Also when what it asked for again was bought after all.
    await moved(store, a_move(await read(store, previous), Status.PROVISIONED))
    assert (await again(store, previous, "click")).id == made[0].id
    actions = [row.action for row in await store.audit(previous.id)]
    assert actions.count("request_again") == 1


@pytest.mark.parametrize("end", [Status.REFUSED, Status.CANCELLED])
async def test_one_that_came_to_nothing_leaves_it_free_to_be_requested_once_more(
    store: AuditedStore, end: Status
) -> None:
    previous = await stored_in(store, Status.EXPIRED)
    first = await again(store, previous)
    await moved(store, a_move(first, end))
    free = await read(store, previous)
    assert (free.again_by, free.again_code) == (None, None)
    assert free.version == previous.version + 2
    row = (await store.audit(previous.id))[-1]
    assert (row.action, row.detail) == (
        "again_ended",
        {"again": first.code, "status": end.value},
    )
    second = await again(store, previous)
    assert (await read(store, previous)).again_code == second.code
    await store.verify(previous.id)


async def test_one_that_expired_too_is_itself_the_one_to_request_again(store: AuditedStore) -> None:
    previous = await stored_in(store, Status.EXPIRED)
    first = await again(store, previous)
    for target in (Status.PENDING, Status.EXPIRED):
        first = await moved(store, a_move(first, target))
    with pytest.raises(RequestedAgainAlready):
        await again(store, previous)
    assert (await again(store, first)).previous_id == first.id


async def test_a_number_that_somebody_else_is_buying_is_still_taken(store: AuditedStore) -> None:
    order = Order(number="+16045551234")
    previous = await stored_in(store, Status.EXPIRED, order=order)
    await store.add_request(a_purchase(order=order), "other")
    with pytest.raises(NumberTaken):
        await again(store, previous)
    assert await read(store, previous) == previous


async def test_pressing_and_cancelling_at_once_leaves_both_records_agreeing(
    store: AuditedStore,
) -> None:
    previous = await stored_in(store, Status.EXPIRED)
    for _ in range(5):
        first = await again(store, previous)
        done = await asyncio.gather(
            store.move(a_move(first, Status.CANCELLED)),
            again(store, previous),
            return_exceptions=True,
        )
        assert [each for each in done if isinstance(each, RequestedAgainAlready)] in ([], done[1:])
        counting = [
            each.code
            for each in await store.list_purchases(Filter())
            if each.previous_id and each.status is Status.REQUESTED
        ]
        noted = (await read(store, previous)).again_code
        assert counting == ([noted] if noted else [])
        for each in await store.list_purchases(Filter(is_open=True)):
            await moved(store, a_move(each, Status.CANCELLED))
    await store.verify(previous.id)


async def test_the_database_itself_refuses_a_second_one(
    sql_store: SqlStore, database: Database
) -> None:
    previous = await stored_in(sql_store, Status.EXPIRED)
    await again(sql_store, previous)
    other = await stored_in(sql_store, Status.PENDING)
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        database.execute(
            f"UPDATE purchases SET previous_id = '{previous.id}' WHERE id = '{other.id}'"  # noqa: S608 ids of our own
        )
