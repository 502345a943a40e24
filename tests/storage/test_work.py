import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from bot.domain.purchase import Status
from bot.ports import Card, Claimed, Queue, Store
from tests.queues import card_of, claim_due, decision_of, message_of, next_due
from tests.storage.values import (
    LASTING,
    PHONES,
    RILEY,
    SECOND,
    START,
    a_decision,
    a_message,
    a_move,
    a_purchase,
    claimed_one,
    foreign,
    moved,
    new_id,
    stored_in,
)


async def claim(store: Store, queue: Queue, now: datetime, limit: int = 50) -> list[Claimed]:
    return await claim_due(store, queue, limit, now=now, lasting=LASTING)


async def one_due_in(store: Store, queue: Queue) -> None:
    """Make one row of that queue due at START, and of no other queue before START + a second."""
    if queue is Queue.OWED:
        await store.add_message(a_message())
        return
    if queue is Queue.CHECKS:
        await store.keep_checks(["sendblue"], at=START)
        return
    if queue is Queue.HOMES:
        await store.home_opened(RILEY, START)
        return
    purchase = await store.add_request(a_purchase(requested_at=START), new_id("trigger"))
    if queue is Queue.PURCHASES:
        return
    if queue is Queue.DECISIONS:
        await moved(store, a_move(purchase, Status.PENDING))
        await store.add_decision(a_decision(purchase, came_at=START))
    else:
        await moved(store, a_move(purchase, Status.PENDING, card_in=PHONES))


every_queue = pytest.mark.parametrize("queue", list(Queue))


@every_queue
async def test_a_due_row_is_given_out_once_until_its_lease_ends(store: Store, queue: Queue) -> None:
    await one_due_in(store, queue)
    assert await claim(store, queue, START - SECOND) == []
    (first,) = await claim(store, queue, START)
    assert first.queue is queue
    assert first.attempts == 0
    assert first.lease.until == START + LASTING
    assert await claim(store, queue, START + LASTING - SECOND) == []
    (second,) = await claim(store, queue, START + LASTING)
    assert second.id == first.id
    assert second.lease.token != first.lease.token


async def test_simultaneous_claims_never_give_the_same_row(store: Store) -> None:
    for _ in range(40):
        await store.add_message(a_message())
    claims = await asyncio.gather(*(claim(store, Queue.OWED, START, 7) for _ in range(10)))
    ids = [claimed.id for some in claims for claimed in some]
    tokens = {claimed.lease.token for some in claims for claimed in some}
    ids += [claimed.id for claimed in await claim(store, Queue.OWED, START)]
    assert len(ids) == len(set(ids)) == 40
    assert len(tokens) == len({claimed.id for some in claims for claimed in some})


async def test_what_is_due_longest_comes_first(store: Store) -> None:
    for minutes in (3, 1, 2):
        created_at = START + timedelta(minutes=minutes)
        await store.add_message(a_message(id=f"{minutes}", created_at=created_at))
    claimed = await claim(store, Queue.OWED, START + timedelta(hours=1), limit=2)
    assert [each.id for each in claimed] == ["1", "2"]


async def taken(
    store: Store, places: Mapping[Queue, int], now: datetime = START
) -> tuple[list[Claimed], datetime | None]:
    return await store.take(places, now=now, lasting=LASTING)


async def test_one_look_takes_what_there_are_places_for_of_each_queue(store: Store) -> None:
    for seconds in (2, 0, 1):
        created_at = START + seconds * SECOND
        await store.add_message(a_message(id=f"{seconds}", created_at=created_at))
    await one_due_in(store, Queue.HOMES)
    await one_due_in(store, Queue.CHECKS)
    later = START + 3 * SECOND
    found, _ = await taken(store, {Queue.OWED: 2, Queue.HOMES: 5}, later)
    assert sorted((each.queue, each.id) for each in found) == [
        (Queue.HOMES, RILEY),
        (Queue.OWED, "0"),
        (Queue.OWED, "1"),
    ]
    assert {each.lease.until for each in found} == {later + LASTING}
    assert len({each.lease.token for each in found}) == 3
    found, _ = await taken(store, dict.fromkeys(Queue, 1), later)
    assert sorted((each.queue, each.id) for each in found) == [
        (Queue.CHECKS, "sendblue"),
        (Queue.OWED, "2"),
    ]
    assert await taken(store, {}, later) == ([], None)


@every_queue
async def test_where_nothing_is_due_a_look_tells_when_something_will_be(
    store: Store, queue: Queue
) -> None:
    assert await taken(store, dict.fromkeys(Queue, 9)) == ([], None)
    await one_due_in(store, queue)
    assert await taken(store, {queue: 9}, START - SECOND) == ([], START)
    [claimed], _ = await taken(store, {queue: 9})
    assert await taken(store, {queue: 9}) == ([], START + LASTING)
    await store.put_off(claimed, START + 5 * SECOND)
    assert await taken(store, {queue: 9}) == ([], START + 5 * SECOND)


@every_queue
async def test_a_claim_that_is_put_off_is_due_again_then(store: Store, queue: Queue) -> None:
    await one_due_in(store, queue)
    claimed = await claimed_one(store, queue)
    again_at = START + timedelta(minutes=5)
    await store.put_off(claimed, again_at)
    assert await claim(store, queue, again_at - SECOND) == []
    (again,) = await claim(store, queue, again_at)
    assert (again.id, again.attempts) == (claimed.id, 1)
    await store.put_off(again, None)
    assert await claim(store, queue, again_at + timedelta(days=1)) == []
    assert await next_due(store, list(Queue)) is None


async def test_a_lost_lease_puts_nothing_off(store: Store) -> None:
    await one_due_in(store, Queue.OWED)
    first = await claimed_one(store, Queue.OWED)
    second = await claimed_one(store, Queue.OWED, now=first.lease.until)
    await store.put_off(first, None)
    assert await next_due(store, list(Queue)) == second.lease.until


async def test_a_look_up_is_counted_on_the_purchase(store: Store) -> None:
    confirming = await stored_in(store, Status.CONFIRMING)
    unknown = await moved(store, a_move(confirming, Status.UNKNOWN, due_at=START))
    claimed = await claimed_one(store, Queue.PURCHASES)
    again_at = START + timedelta(minutes=1)
    await store.looked_up(foreign(claimed), None)
    await store.looked_up(claimed, again_at)
    found = await store.purchase(unknown.id)
    assert found is not None
    assert (found.look_ups, found.version) == (1, unknown.version)
    assert await next_due(store, list(Queue)) == again_at


@every_queue
async def test_a_lease_that_is_still_held_is_prolonged(store: Store, queue: Queue) -> None:
    await one_due_in(store, queue)
    claimed = await claimed_one(store, queue, now=START)
    until = START + timedelta(minutes=1)
    await store.renew([claimed.lease], now=claimed.lease.until - SECOND, until=until)
    assert await claim(store, queue, until - SECOND) == []
    assert await claim(store, queue, until)


async def test_a_lease_that_ran_out_is_not_prolonged(store: Store) -> None:
    await one_due_in(store, Queue.OWED)
    claimed = await claimed_one(store, Queue.OWED, now=START)
    late = claimed.lease.until
    await store.renew([claimed.lease], now=late, until=late + LASTING)
    await store.renew([], now=late, until=late + LASTING)
    assert await claim(store, Queue.OWED, late)


async def test_nothing_is_due_in_an_empty_database(store: Store) -> None:
    assert await next_due(store, list(Queue)) is None


@every_queue
async def test_the_next_due_row_is_found_in_every_queue(store: Store, queue: Queue) -> None:
    later = START + timedelta(days=1)
    await store.add_message(a_message(created_at=later))
    await one_due_in(store, queue)
    assert await next_due(store, list(Queue)) == START
    claimed = await claimed_one(store, queue, now=START)
    assert await next_due(store, list(Queue)) == claimed.lease.until
    await store.put_off(claimed, later + SECOND)
    assert await next_due(store, list(Queue)) == later


async def test_a_leased_row_that_is_due_later_counts_from_then(store: Store) -> None:
    approved = await stored_in(store, Status.APPROVED)
    pending = await moved(store, a_move(approved, Status.PENDING, due_at=START))
    claimed = await claimed_one(store, Queue.PURCHASES, now=START)
    later = START + timedelta(hours=1)
    lease = claimed.lease
    held = a_move(pending, Status.APPROVED, due_at=later, lease=lease, hold_until=lease.until)
    await moved(store, held)
    assert await next_due(store, list(Queue)) == later


async def test_the_response_urls_are_wiped_after_30_minutes(store: Store) -> None:
    url = "https://hooks.slack.com/commands/1"
    purchase = await store.add_request(a_purchase(response_url=url), "trigger")
    click = a_decision(purchase, response_url=url, came_at=START)
    message = a_message(response_url=url)
    await store.add_decision(click)
    await store.add_message(message)

    async def kept() -> list[str | None]:
        rows = (
            await store.purchase(purchase.id),
            await decision_of(store, click.id),
            await message_of(store, message.id),
        )
        return [row.response_url for row in rows if row is not None]

    await store.tidy(now=START + timedelta(minutes=30) - SECOND)
    assert await kept() == [url, url, url]
    await store.tidy(now=START + timedelta(minutes=30))
    assert await kept() == [None, None, None]


async def a_card(store: Store) -> tuple[Card, Claimed]:
    """The first copy of a card, claimed to be posted."""
    requested = await stored_in(store, Status.REQUESTED)
    await moved(store, a_move(requested, Status.PENDING, card_in=PHONES))
    claimed = await claimed_one(store, Queue.CARDS)
    card = await card_of(store, claimed.id)
    assert card is not None
    return card, claimed


def shown(card: Card, ts: str, version: int) -> Card:
    return Card(
        id=card.id,
        purchase_id=card.purchase_id,
        channel_id=card.channel_id,
        ts=ts,
        drawn_version=version,
    )


async def test_a_first_card_is_owed_once_per_channel(store: Store) -> None:
    purchase = await stored_in(store, Status.REQUESTED)
    pending = await moved(store, a_move(purchase, Status.PENDING, card_in=PHONES))
    renewed = await moved(store, a_move(pending, Status.PENDING, card_in=PHONES))
    await moved(store, a_move(renewed, Status.PENDING, card_in="COTHER"))
    claimed = await claim(store, Queue.CARDS, START)
    cards = [await card_of(store, each.id) for each in claimed]
    assert sorted(card.channel_id for card in cards if card) == ["COTHER", PHONES]


async def test_a_posted_card_is_due_again_when_the_purchase_moves(store: Store) -> None:
    card, claimed = await a_card(store)
    await store.card_posted(claimed, shown(card, "1.0", 2))
    assert await card_of(store, card.id) == shown(card, "1.0", 2)
    assert await claim(store, Queue.CARDS, START + timedelta(days=1)) == []
    pending = await store.purchase(card.purchase_id)
    assert pending is not None
    later = START + timedelta(minutes=1)
    await moved(store, a_move(pending, Status.APPROVED, later))
    assert (await claimed_one(store, Queue.CARDS, now=later)).id == card.id


async def test_a_card_that_was_drawn_too_early_is_due_at_once(store: Store) -> None:
    card, claimed = await a_card(store)
    pending = await store.purchase(card.purchase_id)
    assert pending is not None
    await moved(store, a_move(pending, Status.APPROVED))
    await store.card_posted(claimed, shown(card, "1.0", pending.version))
    again = await claimed_one(store, Queue.CARDS)
    assert (again.id, again.attempts) == (card.id, 0)
    assert await card_of(store, card.id) == shown(card, "1.0", pending.version)


async def test_after_a_card_was_posted_or_lost_the_attempts_are_counted_anew(store: Store) -> None:
    card, claimed = await a_card(store)
    await store.put_off(claimed, START)
    again = await claimed_one(store, Queue.CARDS)
    assert again.attempts == 1
    await store.card_posted(again, shown(card, "1.0", 1))
    posted = await claimed_one(store, Queue.CARDS)
    assert posted.attempts == 0
    await store.put_off(posted, START)
    await store.card_lost(await claimed_one(store, Queue.CARDS), repost=True)
    assert (await claimed_one(store, Queue.CARDS)).attempts == 0


async def test_a_move_and_a_posted_card_at_once_never_leave_an_old_card(
    store: Store,
) -> None:
    for turn in range(10):
        card, claimed = await a_card(store)
        pending = await store.purchase(card.purchase_id)
        assert pending is not None
        await asyncio.gather(
            store.card_posted(claimed, shown(card, f"{turn}.0", pending.version)),
            store.move(a_move(pending, Status.APPROVED)),
        )
        assert (await claimed_one(store, Queue.CARDS)).id == card.id


async def test_a_click_before_the_ts_was_stored_leaves_one_copy(store: Store) -> None:
    card, claimed = await a_card(store)
    purchase = await store.purchase(card.purchase_id)
    assert purchase is not None
    await store.add_decision(a_decision(purchase, channel_id=PHONES, message_ts="1.0"))
    assert await card_of(store, card.id) == card
    extra = await claimed_one(store, Queue.CARDS)
    await store.card_posted(claimed, shown(card, "1.0", purchase.version))
    assert await card_of(store, extra.id) is None
    assert await card_of(store, card.id) == shown(card, "1.0", purchase.version)
    await store.card_posted(extra, shown(card, "1.0", purchase.version))
    assert await claim(store, Queue.CARDS, START + timedelta(days=1)) == []


async def test_a_copy_posted_without_the_lease_is_kept_up_to_date_too(store: Store) -> None:
    card, first = await a_card(store)
    second = await claimed_one(store, Queue.CARDS, now=first.lease.until)
    await store.card_posted(first, shown(card, "1.0", 2))
    await store.card_posted(second, shown(card, "2.0", 2))
    assert await card_of(store, card.id) == shown(card, "1.0", 2)
    extra = await claimed_one(store, Queue.CARDS, now=second.lease.until)
    found = await card_of(store, extra.id)
    assert found is not None
    assert (found.ts, found.drawn_version) == ("2.0", 2)


async def test_a_copy_posted_by_one_whose_lease_ran_out_is_not_posted_again(
    store: Store,
) -> None:
    card, first = await a_card(store)
    second = await claimed_one(store, Queue.CARDS, now=first.lease.until)
    await store.card_posted(first, shown(card, "1.0", 2))
    found = await card_of(store, second.id)  # as whoever took it over reads it before posting
    assert found == shown(card, "1.0", 2)


async def test_an_old_drawing_that_may_have_come_last_is_drawn_over(store: Store) -> None:
    card, first = await a_card(store)
    await store.card_posted(first, shown(card, "1.0", 1))
    slow = await claimed_one(store, Queue.CARDS, now=START)
    quick = await claimed_one(store, Queue.CARDS, now=slow.lease.until)
    await store.card_posted(quick, shown(card, "1.0", 2))
    await store.card_posted(slow, shown(card, "1.0", 1))
    again = await claimed_one(store, Queue.CARDS, now=slow.lease.until)
    assert await card_of(store, again.id) == shown(card, "1.0", 1)


async def test_a_lease_is_never_made_shorter(store: Store) -> None:
    await store.add_request(a_purchase(), "trigger")
    claimed = await claimed_one(store, Queue.PURCHASES, now=START)
    await store.renew([claimed.lease], now=START, until=START + 20 * SECOND)
    await store.renew([claimed.lease], now=START, until=START + 10 * SECOND)
    now = START + 15 * SECOND
    assert await claim_due(store, Queue.PURCHASES, 1, now=now, lasting=LASTING) == []


async def test_a_lost_card_is_owed_anew(store: Store) -> None:
    card, claimed = await a_card(store)
    await store.card_posted(claimed, shown(card, "1.0", 1))
    again = await claimed_one(store, Queue.CARDS)
    await store.card_lost(foreign(again), repost=True)
    assert await card_of(store, card.id) == shown(card, "1.0", 1)
    await store.card_lost(again, repost=True)
    assert await card_of(store, card.id) == card
    assert (await claimed_one(store, Queue.CARDS)).id == card.id


async def test_a_lost_card_can_be_forgotten(store: Store) -> None:
    card, claimed = await a_card(store)
    await store.card_lost(foreign(claimed), repost=False)
    assert await card_of(store, card.id) == card
    await store.card_lost(claimed, repost=False)
    assert await card_of(store, card.id) is None
