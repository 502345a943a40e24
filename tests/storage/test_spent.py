"""What was bought, for how much, and what still may be."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.domain.alike import MOST_ALIKE
from bot.domain.price import Price
from bot.domain.purchase import Order, Status
from bot.ports import MOST_COMPARED, MOST_WAITING, Bought, Others, Spent, Store
from tests.storage.values import (
    PREVIEWED,
    SECOND,
    SENT,
    START,
    a_move,
    a_purchase,
    moved,
    stored_in,
)

DAY = timedelta(days=1)
SENT_AT = START + 2 * SECOND
_COUNTED = {Status.PROVISIONED, Status.CHARGED, Status.UNKNOWN, Status.CONFIRMING}


def usd(text: str) -> Price:
    return Price.parse(f"{text} USD")


async def bought(
    store: Store,
    price: Price | None,
    *,
    second: str | None = None,
    sent_at: datetime = SENT_AT,
    status: Status = Status.PROVISIONED,
    provider: str = "sendblue",
) -> None:
    requested = await stored_in(store, Status.REQUESTED, provider=provider)
    pending = await moved(
        store, a_move(requested, Status.PENDING, changes={**PREVIEWED, "price": price})
    )
    approved = await moved(store, a_move(pending, Status.APPROVED))
    changes = {**SENT, "sent_at": sent_at}
    sent = await moved(store, a_move(approved, Status.CONFIRMING, changes=changes))
    if status is not Status.CONFIRMING:
        await moved(store, a_move(sent, status, changes={"second_number": second}))


async def test_who_bought_which_number_is_told(store: Store) -> None:
    one = await stored_in(store, Status.PROVISIONED, requester_id="UMAX")
    lost = await stored_in(store, Status.UNKNOWN)
    found = await store.bought_since("sendblue", SENT_AT)
    assert sorted(found, key=lambda each: each.code) == sorted(
        (
            Bought(
                code=each.code,
                requester_id=each.requester_id,
                sent_at=SENT_AT,
                number=each.number,
            )
            for each in (one, lost)
        ),
        key=lambda each: each.code,
    )
    assert (one.number, lost.number) == ("+14155551234", None)


async def test_what_one_person_spent_is_told_apart(store: Store) -> None:
    await stored_in(store, Status.PROVISIONED, requester_id="UMAX")
    await stored_in(store, Status.UNKNOWN)
    for requester, purchases in (("UMAX", [1]), ("URILEY", [1]), ("UNOBODY", []), (None, [2])):
        found = await store.spent("sendblue", START, START + DAY, requester)
        assert [each.purchases for each in found] == purchases


async def test_what_was_spent_is_summed_up_by_price_dearest_first(store: Store) -> None:
    for price in ("9.50", "100.00", "9.50", "20.00"):
        await bought(store, usd(price))
    await bought(store, None)
    await bought(store, usd("9.50"), second="+16045551234")
    await bought(store, Price.parse("50.00 CAD"))
    assert await store.spent("sendblue", START, START + DAY) == [
        Spent(price=usd("100.00"), purchases=1, numbers=1),
        Spent(price=Price.parse("50.00 CAD"), purchases=1, numbers=1),
        Spent(price=usd("20.00"), purchases=1, numbers=1),
        Spent(price=usd("9.50"), purchases=3, numbers=4),
        Spent(price=None, purchases=1, numbers=1),
    ]
    assert await store.spent("magpipe", START, START + DAY) == []


@pytest.mark.parametrize("status", list(Status))
async def test_only_what_took_money_or_may_have_is_spent(store: Store, status: Status) -> None:
    await stored_in(store, status)
    found = await store.spent("sendblue", START, START + DAY)
    assert sum(each.purchases for each in found) == (status in _COUNTED)


async def test_a_month_begins_with_its_first_instant_and_ends_before_the_next(
    store: Store,
) -> None:
    june, july = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    instant = timedelta(microseconds=1)
    for number, at in enumerate((june - instant, june, july - instant, july), start=1):
        await bought(store, usd(f"{number}.00"), sent_at=at)
    assert [each.price for each in await store.spent("sendblue", june, july)] == [
        usd("3.00"),
        usd("2.00"),
    ]


async def test_purchases_are_counted_by_their_day_in_utc_and_by_status(store: Store) -> None:
    midnight = datetime(2026, 5, 19, tzinfo=UTC)
    instant = timedelta(microseconds=1)
    for status, at in (
        (Status.PENDING, midnight - DAY - instant),
        (Status.PENDING, midnight - DAY),
        (Status.REFUSED, midnight - instant),
        (Status.REFUSED, midnight - instant),
        (Status.PROVISIONED, midnight - instant),
        (Status.PROVISIONED, midnight),
    ):
        await stored_in(store, status, requested_at=at)
    await stored_in(store, Status.PROVISIONED, requested_at=midnight, provider="magpipe")
    assert await store.per_day("sendblue", midnight - DAY) == {
        (date(2026, 5, 18), Status.PENDING): 1,
        (date(2026, 5, 18), Status.REFUSED): 2,
        (date(2026, 5, 18), Status.PROVISIONED): 1,
        (date(2026, 5, 19), Status.PROVISIONED): 1,
    }
    assert await store.per_day("sendblue", midnight + DAY) == {}


async def test_what_may_still_be_bought_is_told_oldest_first(store: Store) -> None:
    statuses = [Status.APPROVED, Status.PENDING, Status.REQUESTED]
    made = [
        await stored_in(store, status, requested_at=START - hours * timedelta(hours=1))
        for hours, status in enumerate(statuses)
    ]
    for status in set(Status) - set(statuses):
        await stored_in(store, status)
    await stored_in(store, Status.PENDING, provider="magpipe")
    assert await store.waiting("sendblue") == made[::-1]


async def test_of_many_that_may_still_be_bought_each_is_told_once_and_counted(store: Store) -> None:
    """Page by page, also where several were asked for at the same instant."""
    made = [
        await stored_in(
            store,
            Status.REQUESTED,
            requested_at=START + number // 7 * SECOND,
            requester_id=f"U{number}",
            reason="the fair" if number in {0, 149} else f"desk {number}",
        )
        for number in range(150)
    ]
    made.sort(key=lambda each: (each.requested_at, each.id))
    first = await store.waiting("sendblue")
    assert first == made[:MOST_WAITING]
    assert await store.waiting("sendblue", first[-1]) == made[MOST_WAITING:]
    assert await store.waiting("sendblue", made[-1]) == []
    one, other = (each for each in made if each.reason == "the fair")
    assert await store.others(one) == Others(waiting=149, alike=[other.code])
    assert await store.others(other) == Others(waiting=149, alike=[one.code])


@pytest.mark.parametrize(
    ("given", "is_alike"),
    [
        ({"requester_id": "UNORA"}, True),
        ({"reason": " The\tFAIR  in Zürich\n"}, True),
        ({"order": Order(name="main  LINE_1")}, True),
        ({"reason": "the fair in Zürich, too"}, False),
        ({"reason": "the big fair in Zürich"}, False),
        ({"reason": "main line_1"}, False),
        ({"order": Order(name="main lineX1")}, False),
        ({"requester_id": "UNORA", "provider": "magpipe"}, False),
        ({}, False),
    ],
)
async def test_what_is_alike_is_found_whatever_its_case_and_spaces(
    store: Store, given: dict[str, Any], is_alike: bool
) -> None:
    mine = await stored_in(
        store,
        Status.REQUESTED,
        requester_id="UNORA",
        reason="the fair in Zürich",
        order=Order(name="Main Line_1"),
    )
    other = await stored_in(store, Status.PENDING, **{"requester_id": "UMAX", **given})
    for status in (Status.CANCELLED, Status.CONFIRMING, Status.PROVISIONED):
        await stored_in(store, status, requester_id="UNORA")
    found = await store.others(mine)
    assert found.alike == ([other.code] if is_alike else [])
    assert found.waiting == ("provider" not in given)


async def test_of_many_that_are_alike_the_oldest_are_named(store: Store) -> None:
    made = [
        await stored_in(store, Status.REQUESTED, requested_at=START - number * SECOND)
        for number in range(MOST_ALIKE + 2)
    ]
    for mine, first in ((made[-1], -2), (made[0], -1)):
        expected = [each.code for each in made[first::-1]][:MOST_ALIKE]
        assert await store.others(mine) == Others(waiting=MOST_ALIKE + 1, alike=expected)


async def test_of_very_many_not_all_are_counted_and_the_last_are_compared(store: Store) -> None:
    made = [
        await stored_in(
            store,
            Status.REQUESTED,
            requested_at=START + number * SECOND,
            requester_id=f"U{number}",
            reason={0: "the first", MOST_COMPARED: "a later one"}.get(number, f"desk {number}"),
        )
        for number in range(MOST_COMPARED + 1)
    ]
    first = await store.others(a_purchase(reason="The first", requester_id="UNORA"))
    later = await store.others(a_purchase(reason="A later one", requester_id="UNORA"))
    assert first == Others(waiting=MOST_COMPARED, alike=[])
    assert later == Others(waiting=MOST_COMPARED, alike=[made[-1].code])
    one_more = await stored_in(store, Status.REQUESTED, requester_id="UNORA", reason="the last")
    assert (await store.others(one_more)).waiting == MOST_COMPARED


async def test_where_nothing_waits_there_are_no_others(store: Store) -> None:
    assert await store.others(a_purchase()) == Others(waiting=0, alike=[])
