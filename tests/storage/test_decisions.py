import asyncio
from datetime import timedelta

from bot.domain.decision import Action
from bot.domain.purchase import Purchase, Status
from bot.ports import Queue
from tests.queues import claim_due, decision_of
from tests.storage.values import (
    EXPIRES,
    LASTING,
    START,
    AuditedStore,
    a_decision,
    a_message,
    a_move,
    an_entry,
    claimed_one,
    moved,
    stored_in,
)

LATER = START + timedelta(minutes=1)


async def test_an_expiry_waits_for_a_click_that_came_in_time(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    in_time = a_decision(purchase, came_at=EXPIRES - timedelta(microseconds=1))
    await store.add_decision(in_time)
    expiry = a_move(purchase, Status.EXPIRED, EXPIRES, unless_clicked=True)
    assert await store.move(expiry) is None
    await store.dismiss(in_time, an_entry())
    assert await store.move(expiry) is not None


async def test_an_expiry_does_not_wait_for_a_click_that_came_too_late(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    await store.add_decision(a_decision(purchase, came_at=EXPIRES))
    other = await stored_in(store, Status.PENDING)
    await store.add_decision(a_decision(other))
    assert await store.move(a_move(purchase, Status.EXPIRED, EXPIRES, unless_clicked=True))


async def test_a_click_and_an_expiry_at_once_never_lose_the_click(store: AuditedStore) -> None:
    for _ in range(10):
        purchase = await stored_in(store, Status.PENDING)
        click = a_decision(purchase)
        expiry = a_move(purchase, Status.EXPIRED, EXPIRES, unless_clicked=True)
        expired, _ = await asyncio.gather(store.move(expiry), store.add_decision(click))
        if expired is not None:  # then the expiry came first, which the click's judge will see
            found = await store.purchase(purchase.id)
            assert found is not None
            assert found.status is Status.EXPIRED
        assert await decision_of(store, click.id) == click
        assert await store.move(expiry) is None


async def test_a_move_settles_its_click(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    click = a_decision(purchase)
    await store.add_decision(click)
    await claimed_one(store, Queue.DECISIONS)
    await moved(store, a_move(purchase, Status.APPROVED, settles=click.id))
    assert await decision_of(store, click.id) is None
    assert await claim_due(store, Queue.DECISIONS, 10, now=LATER, lasting=LASTING) == []


async def test_a_click_that_was_judged_meanwhile_moves_nothing(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    click = a_decision(purchase)
    await store.add_decision(click)
    await store.dismiss(click, an_entry())
    assert await store.move(a_move(purchase, Status.APPROVED, settles=click.id)) is None
    assert await store.purchase(purchase.id) == purchase


async def test_a_refused_click_is_judged_audited_and_answered_once(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    click = a_decision(purchase)
    await store.add_decision(click)
    rows = len(await store.audit(purchase.id))
    await asyncio.gather(
        *(store.dismiss(click, an_entry("approve"), [a_message()]) for _ in range(4))
    )
    assert await decision_of(store, click.id) is None
    await claimed_one(store, Queue.OWED)
    added = (await store.audit(purchase.id))[rows:]
    assert [(row.action, row.from_status, row.to_status) for row in added] == [
        ("approve", Status.PENDING, None)
    ]
    assert await store.purchase(purchase.id) == purchase
    await store.verify(purchase.id)


async def close(store: AuditedStore, charged: Purchase, actor: str) -> Purchase | None:
    click = a_decision(charged, action=Action.CLOSE, actor_id=actor)
    await store.add_decision(click)
    changes = {"closed_by": actor, "closed_at": LATER, "note": "refunded"}
    return await store.move(
        a_move(charged, Status.CHARGED, LATER, settles=click.id, changes=changes)
    )


async def test_a_charged_purchase_is_closed_once(store: AuditedStore) -> None:
    charged = await stored_in(store, Status.CHARGED)
    closed = await asyncio.gather(*(close(store, charged, f"U{n}") for n in range(4)))
    (winner,) = [found for found in closed if found is not None]
    assert winner.closed_at == LATER
    assert not winner.is_open
    assert await store.purchase(charged.id) == winner
    await store.verify(charged.id)
