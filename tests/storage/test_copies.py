import asyncio
from datetime import timedelta

from bot.domain.purchase import Status
from bot.ports import Queue, Store
from tests.queues import claim_due
from tests.storage.values import PHONES, START, a_move, a_purchase, moved

LASTING = timedelta(seconds=15)


async def test_further_copies_are_owed_once_per_channel_and_all_are_due_together(
    store: Store,
) -> None:
    bought = await store.add_request(a_purchase(), "trigger")
    pending = await moved(store, a_move(bought, Status.PENDING, card_in=PHONES))
    wanted = [PHONES, "DMORGAN", "DMAX"]

    await asyncio.gather(*(store.owe_cards(bought.id, wanted, at=START) for _ in range(3)))

    copies = await store.cards(bought.id)
    assert sorted(each.channel_id for each in copies) == sorted(wanted)
    claims = await claim_due(store, Queue.CARDS, 50, now=START, lasting=LASTING)
    assert {each.id for each in claims} == {each.id for each in copies}
    for each in claims:
        await store.put_off(each, None)
    assert await claim_due(store, Queue.CARDS, 50, now=START, lasting=LASTING) == []
    await moved(store, a_move(pending, Status.CANCELLED))
    again = await claim_due(store, Queue.CARDS, 50, now=START, lasting=LASTING)
    assert {each.id for each in again} == {each.id for each in copies}
