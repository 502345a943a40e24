"""App Homes: whose is wanted anew; and why somebody cancelled, told afterwards."""

from datetime import datetime, timedelta

from bot.domain.decision import Action
from bot.domain.purchase import Status
from bot.ports import EVERYBODY, Claimed, Queue
from tests.queues import claim_due, decision_of, next_due
from tests.storage.values import (
    LASTING,
    MORGAN,
    PHONES,
    RILEY,
    SECOND,
    START,
    AuditedStore,
    a_decision,
    a_message,
    a_move,
    an_entry,
    claimed_one,
    foreign,
    moved,
    new_id,
    stored_in,
)

WEEK = timedelta(days=7)


async def due(store: AuditedStore, now: datetime = START) -> list[Claimed]:
    return await claim_due(store, Queue.HOMES, 10, now=now, lasting=LASTING)


async def test_a_home_that_is_looked_at_is_due_until_it_is_published(store: AuditedStore) -> None:
    await store.home_opened(RILEY, START)
    claimed = await claimed_one(store, Queue.HOMES, now=START)
    assert claimed.id == RILEY
    await store.home_published(claimed, await store.home_version(RILEY))
    assert await next_due(store, [Queue.HOMES]) is None


async def test_a_home_opened_while_it_is_drawn_is_drawn_again(store: AuditedStore) -> None:
    await store.home_opened(RILEY, START)
    claimed = await claimed_one(store, Queue.HOMES, now=START)
    version = await store.home_version(RILEY)
    await store.home_opened(RILEY, START)
    await store.home_published(claimed, version)
    assert (await claimed_one(store, Queue.HOMES, now=START)).id == RILEY


async def test_whoever_lost_the_lease_publishes_nothing(store: AuditedStore) -> None:
    await store.home_opened(RILEY, START)
    claimed = await claimed_one(store, Queue.HOMES, now=START)
    await store.home_published(foreign(claimed), await store.home_version(RILEY))
    assert await next_due(store, [Queue.HOMES]) == claimed.lease.until


async def test_nobodys_home_has_no_version(store: AuditedStore) -> None:
    assert await store.home_version(RILEY) == 0


async def published(store: AuditedStore, user: str) -> None:
    await store.home_opened(user, START)
    claimed = await claimed_one(store, Queue.HOMES, now=START)
    await store.home_published(claimed, await store.home_version(user))


async def test_changes_within_a_second_are_drawn_together(store: AuditedStore) -> None:
    await published(store, MORGAN)
    purchase = await stored_in(store, Status.REQUESTED)
    assert await next_due(store, [Queue.HOMES]) == START + SECOND
    await moved(store, a_move(purchase, Status.CANCELLED, START + SECOND / 2))
    assert await next_due(store, [Queue.HOMES]) == START + SECOND
    everybody = await claimed_one(store, Queue.HOMES, now=START + SECOND)
    assert everybody.id == EVERYBODY
    await store.spread_homes(everybody, at=START + SECOND, since=START)
    assert (await claimed_one(store, Queue.HOMES, now=START + SECOND)).id == MORGAN


async def test_a_change_while_homes_are_spread_spreads_them_again(store: AuditedStore) -> None:
    await published(store, MORGAN)
    purchase = await stored_in(store, Status.REQUESTED)
    everybody = await claimed_one(store, Queue.HOMES, now=START + SECOND)
    await store.spread_homes(everybody, at=START + SECOND, since=START + WEEK)
    assert await next_due(store, [Queue.HOMES]) is None
    await moved(store, a_move(purchase, Status.CANCELLED, START + SECOND))
    assert await next_due(store, [Queue.HOMES]) == START + 2 * SECOND


async def test_whoever_has_not_looked_since_is_left_out(store: AuditedStore) -> None:
    await published(store, MORGAN)
    await store.home_opened(RILEY, START + WEEK)
    claimed = await claimed_one(store, Queue.HOMES, now=START + WEEK)
    await store.home_published(claimed, await store.home_version(RILEY))
    await stored_in(store, Status.REQUESTED, requested_at=START + WEEK)
    everybody = await claimed_one(store, Queue.HOMES, now=START + WEEK + SECOND)
    await store.spread_homes(everybody, at=START + WEEK, since=START + SECOND)
    assert [each.id for each in await due(store, START + WEEK)] == [RILEY]


async def test_where_nobody_looked_a_move_owes_no_home(store: AuditedStore) -> None:
    await stored_in(store, Status.PROVISIONED)
    assert await next_due(store, [Queue.HOMES]) is None


async def test_a_reason_is_kept_judged_audited_and_drawn(store: AuditedStore) -> None:
    by_morgan = {"cancelled_by": MORGAN, "note": None}
    purchase = await stored_in(store, Status.CANCELLED, changes=by_morgan)
    decision = a_decision(
        purchase, action=Action.REASON, note="too dear", channel_id=PHONES, message_ts="1.0"
    )
    await store.add_decision(decision)
    owed = a_message(id=new_id("told"))
    kept = await store.add_reason(decision, an_entry("reason", note="too dear"), [owed])
    assert kept is not None
    assert (kept.note, kept.version) == ("too dear", purchase.version + 1)
    assert kept == await store.purchase(purchase.id)
    assert await decision_of(store, decision.id) is None
    assert [row.action for row in await store.audit(purchase.id)][-1] == "reason"
    await store.verify(purchase.id)
    assert (await claimed_one(store, Queue.OWED)).id == owed.id
    assert len(await claim_due(store, Queue.CARDS, 5, now=START + SECOND, lasting=LASTING)) == 1
    assert await store.add_reason(decision, an_entry("reason")) is None


async def test_a_reason_has_room_only_where_its_giver_cancelled_without_one(
    store: AuditedStore,
) -> None:
    no_room: list[tuple[Status, dict[str, str | None]]] = [
        (Status.CANCELLED, {"cancelled_by": MORGAN, "note": "said already"}),
        (Status.CANCELLED, {"cancelled_by": RILEY, "note": None}),
        (Status.PENDING, {}),
    ]
    for status, changes in no_room:
        purchase = await stored_in(store, status, changes=changes)
        decision = a_decision(purchase, action=Action.REASON, note="why")
        await store.add_decision(decision)
        assert await store.add_reason(decision, an_entry("reason")) is None
        assert await store.purchase(purchase.id) == purchase
        assert await decision_of(store, decision.id) == decision
