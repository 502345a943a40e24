import asyncio
from datetime import timedelta

import pytest

from bot.domain.errors import NumberTaken, PurchaseNotFound
from bot.domain.purchase import Order, Status
from bot.ports import Card, Filter, Queue, Store, StoreUnavailable
from bot.storage import SqlStore, codes
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
    stored_in,
)


async def test_a_request_is_stored_with_a_code_and_is_due_at_once(store: Store) -> None:
    wanted = a_purchase(
        order=Order(number="+16045551234", name="Büro \U0001f4de"), reason="für Denver"
    )
    stored = await store.add_request(wanted, "trigger")
    assert stored == a_purchase(
        id=wanted.id, code=stored.code, order=wanted.order, reason="für Denver"
    )
    assert len(stored.code) == 4
    assert set(stored.code) <= set(codes.ALPHABET)
    assert await store.purchase(wanted.id) == stored
    claimed = await claimed_one(store, Queue.PURCHASES, now=START)
    assert claimed.id == wanted.id


async def test_a_redelivered_command_gives_the_purchase_it_made(store: Store) -> None:
    first = await store.add_request(a_purchase(), "trigger")
    second = await store.add_request(a_purchase(), "trigger")
    assert second == first
    assert await store.list_purchases(Filter()) == [first]
    assert len(await store.audit(first.id)) == 1


async def test_the_same_command_delivered_many_times_at_once_makes_one_purchase(
    store: Store,
) -> None:
    stored = await asyncio.gather(*(store.add_request(a_purchase(), "trigger") for _ in range(8)))
    assert len({purchase.id for purchase in stored}) == 1
    assert len(await store.list_purchases(Filter())) == 1


async def test_the_first_audit_row_says_what_was_requested(store: Store) -> None:
    stored = await store.add_request(
        a_purchase(order=Order(number="+16045551234"), reason="Denver"), "trigger"
    )
    (row,) = await store.audit(stored.id)
    assert (row.seq, row.actor_id, row.action, row.outcome) == (1, RILEY, "request", "done")
    assert (row.from_status, row.to_status, row.at) == (None, Status.REQUESTED, START)
    assert row.detail == {
        "provider": "sendblue",
        "order": {"number": "+16045551234"},
        "reason": "Denver",
    }


async def test_a_taken_code_is_not_given_out_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = iter("AAAA" * 6 + "AAAAA")
    monkeypatch.setattr("secrets.choice", lambda _: next(letters))
    first = await stored_in(store, Status.REQUESTED)
    second = await stored_in(store, Status.REQUESTED)
    assert (first.code, second.code) == ("AAAA", "AAAAA")


async def test_without_a_free_code_nothing_is_stored(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.choice", lambda _: "A")
    for _ in codes.TRIES:
        await stored_in(store, Status.REQUESTED)
    with pytest.raises(StoreUnavailable, match="No free code"):
        await stored_in(store, Status.REQUESTED)
    assert len(await store.list_purchases(Filter())) == len(codes.TRIES)


@pytest.mark.parametrize("typed", ["K7Q2", "k7q2", " `k7Q2` ", "#K7Q2"])
async def test_a_code_is_found_as_people_type_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    letters = iter("K7Q2")
    monkeypatch.setattr("secrets.choice", lambda _: next(letters))
    stored = await stored_in(store, Status.REQUESTED)
    assert await store.by_code(typed) == stored


@pytest.mark.parametrize("typed", ["", "K7Q3", "K7Q\0", "🙂", "K7Q2 K7Q2", "' OR 1=1 --"])
async def test_what_is_no_code_finds_nothing(store: Store, typed: str) -> None:
    await stored_in(store, Status.REQUESTED)
    assert await store.by_code(typed) is None


async def test_text_that_a_database_cannot_hold_is_stored_with_replacements(
    sql_store: SqlStore,
) -> None:
    stored = await sql_store.add_request(
        a_purchase(reason="a\0b\ud800c", order=Order(name="d\0e\ud800f")), "trigger"
    )
    assert stored.reason == "a\ufffdb?c"
    assert stored.order.name == "d\0e\ud800f"


async def test_a_click_is_stored_and_due_at_once(store: Store) -> None:
    purchase = await stored_in(store, Status.PENDING)
    decision = a_decision(
        purchase, note="yes", number="+14155551234", response_url="https://x.example/1"
    )
    await store.add_decision(decision)
    assert await decision_of(store, decision.id) == decision
    claimed = await claimed_one(store, Queue.DECISIONS, now=decision.came_at)
    assert claimed.id == decision.id


async def test_a_redelivered_click_changes_nothing(store: Store) -> None:
    purchase = await stored_in(store, Status.PENDING)
    first = a_decision(purchase, trigger_id="click")
    again = a_decision(purchase, trigger_id="click", channel_id=PHONES, message_ts="1.0")
    await store.add_decision(first)
    await asyncio.gather(*(store.add_decision(again) for _ in range(4)))
    assert await decision_of(store, again.id) is None
    assert (
        len(await claim_due(store, Queue.DECISIONS, 10, now=START + SECOND, lasting=LASTING)) == 1
    )
    assert await claim_due(store, Queue.CARDS, 10, now=START + SECOND, lasting=LASTING) == []


async def test_a_click_on_an_unknown_purchase_is_refused(store: Store) -> None:
    with pytest.raises(PurchaseNotFound):
        await store.add_decision(a_decision(a_purchase()))


async def test_the_clicked_copy_becomes_known_as_a_card_and_is_drawn_anew(
    store: Store,
) -> None:
    purchase = await stored_in(store, Status.PENDING)
    for _ in range(2):
        await store.add_decision(a_decision(purchase, channel_id=PHONES, message_ts="1.0"))
    claimed = await claimed_one(store, Queue.CARDS)
    assert await card_of(store, claimed.id) == Card(
        id=claimed.id, purchase_id=purchase.id, channel_id=PHONES, ts="1.0"
    )


async def test_a_message_is_owed_until_it_is_sent(store: Store) -> None:
    message = a_message(
        channel_id=PHONES,
        response_url="https://x.example/1",
        body={"ask": "pending", "of": None, "emoji": "🙂", "bad": "\ud800\0"},
        trigger_id="trigger",
    )
    await store.add_message(message)
    assert await message_of(store, message.id) == message
    claimed = await claimed_one(store, Queue.OWED, now=START)
    assert claimed.id == message.id
    await store.message_sent(claimed)
    assert await next_due(store, list(Queue)) is None
    later = START + timedelta(days=1)
    assert await claim_due(store, Queue.OWED, 10, now=later, lasting=LASTING) == []


async def test_a_redelivered_question_is_answered_once(store: Store) -> None:
    for _ in range(2):
        await store.add_message(a_message(trigger_id="trigger"))
    await claimed_one(store, Queue.OWED)


async def test_messages_without_trigger_are_each_owed(store: Store) -> None:
    for _ in range(2):
        await store.add_message(a_message())
    assert len(await claim_due(store, Queue.OWED, 10, now=START, lasting=LASTING)) == 2


async def test_a_message_that_was_given_up_is_not_owed_any_more(
    store: Store,
) -> None:
    message = a_message(response_url="https://x.example/1")
    await store.add_message(message)
    claimed = await claimed_one(store, Queue.OWED)
    await store.message_sent(foreign(claimed), error="channel_not_found")
    assert await next_due(store, list(Queue)) is None
    left = await message_of(store, message.id)
    assert left is not None
    assert left.response_url is None


async def test_what_is_not_there_is_none(store: Store) -> None:
    assert await store.purchase("x") is None
    assert await decision_of(store, "x") is None
    assert await message_of(store, "x") is None
    assert await card_of(store, "x") is None
    assert await store.audit("x") == []


async def test_two_people_requesting_the_same_number_at_once_make_one_purchase(
    store: Store,
) -> None:
    order = Order(number="+16045551234")
    made = await asyncio.gather(
        *(store.add_request(a_purchase(order=order), f"trigger-{n}") for n in range(4)),
        return_exceptions=True,
    )
    taken = [each for each in made if isinstance(each, NumberTaken)]
    [first] = await store.list_purchases(Filter())
    assert len(taken) == 3
    assert {(each.fields["code"], each.fields["status"]) for each in taken} == {
        (first.code, "requested")
    }


async def test_a_number_may_be_requested_again_once_the_other_purchase_is_over(
    store: Store,
) -> None:
    order = Order(number="+16045551234")
    first = await stored_in(store, Status.UNKNOWN, order=order)
    with pytest.raises(NumberTaken):
        await store.add_request(a_purchase(order=order), "second")
    await moved(store, a_move(first, Status.FAILED))
    again = await store.add_request(a_purchase(order=order), "third")
    assert again.order == order


async def test_a_number_is_taken_only_while_the_same_provider_is_buying_it(store: Store) -> None:
    order = Order(number="+16045551234")
    await stored_in(store, Status.CHARGED, order=order)
    await stored_in(store, Status.PENDING, order=order, provider="magpipe")
    again = await store.add_request(a_purchase(order=order), "trigger")
    assert again.order == order
    with pytest.raises(NumberTaken):
        await store.add_request(a_purchase(order=order), "other")


async def test_what_is_claimed_comes_with_its_purchase(store: Store) -> None:
    requested = await stored_in(store, Status.REQUESTED)
    purchase = await moved(store, a_move(requested, Status.PENDING, card_in=PHONES))
    click = a_decision(purchase)
    about_it, about_none = a_message(purchase_id=purchase.id), a_message()
    await store.add_decision(click)
    for message in (about_it, about_none):
        await store.add_message(message)
    [card] = await store.cards(purchase.id)
    assert await store.card(card.id) == (card, purchase)
    assert await store.decision(click.id) == (click, purchase)
    assert await store.message(about_it.id) == (about_it, purchase)
    assert await store.message(about_none.id) == (about_none, None)
