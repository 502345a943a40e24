from datetime import datetime, timedelta

import pytest

from bot.domain.purchase import Purchase, Status
from bot.ports import Filter, Store
from tests.storage.values import SECOND, START, a_move, moved, stored_in

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


async def codes(store: Store, **wanted: object) -> list[str]:
    found = await store.list_purchases(Filter(**wanted))  # type: ignore[arg-type] # many fields
    return [purchase.id for purchase in found]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, ["d", "c", "b", "a"]),
        ({"limit": 2}, ["d", "c"]),
        ({"is_open": True}, ["a", "d"]),
        ({"is_open": False}, ["c", "b"]),
        ({"requester_id": "UMAX"}, ["d", "b"]),
        ({"provider": "magpipe"}, ["c", "b"]),
        ({"provider": "magpipe", "is_open": True}, []),
        ({"provider": "sendblue", "is_open": True}, ["a", "d"]),
        ({"requester_id": "UMAX", "is_open": True}, ["d"]),
        ({"requester_id": "UMAX", "provider": "magpipe", "is_open": False}, ["b"]),
        ({"requester_id": "UNOBODY"}, []),
        ({"status": Status.PENDING}, ["d"]),
        ({"status": Status.PENDING, "provider": "magpipe"}, []),
        ({"since": START + HOUR}, ["d", "c", "b"]),
        ({"until": START + HOUR}, ["a"]),
        ({"since": START + HOUR, "until": START + 3 * HOUR}, ["c", "b"]),
        ({"offset": 1, "limit": 2}, ["c", "b"]),
        ({"offset": 3, "limit": 2}, ["a"]),
        ({"offset": 4}, []),
        ({"is_open": True, "offset": 1}, ["d"]),
    ],
)
async def test_purchases_are_listed_newest_first_and_open_ones_oldest_first(
    store: Store, wanted: dict[str, object], ids: list[str]
) -> None:
    for hour, (purchase_id, status, requester, provider) in enumerate(
        [
            ("a", Status.CHARGED, "URILEY", "sendblue"),
            ("b", Status.PROVISIONED, "UMAX", "magpipe"),
            ("c", Status.REFUSED, "URILEY", "magpipe"),
            ("d", Status.PENDING, "UMAX", "sendblue"),
        ]
    ):
        await stored_in(
            store,
            status,
            id=purchase_id,
            requester_id=requester,
            provider=provider,
            requested_at=START + timedelta(hours=hour),
        )
    assert await codes(store, **wanted) == ids


async def bought(store: Store, number: str, second: str | None, at: datetime) -> Purchase:
    return await stored_in(
        store,
        Status.PROVISIONED,
        changes={"number": number, "second_number": second},
        requested_at=at,
    )


async def test_purchases_are_found_by_either_number(store: Store) -> None:
    again = await bought(store, "+14155551234", None, START + DAY)
    line = await bought(store, "+14155551234", None, START)
    canadian = await bought(store, "+16045551234", "+12065551234", START)
    await stored_in(store, Status.PENDING)
    assert line != again
    found = await store.by_numbers(
        {"+14155551234", "+12065551234", "+19995551234", *(f"+1{n}" for n in range(1200))}
    )
    assert found == {"+14155551234": again, "+12065551234": canadian}
    assert await store.by_numbers([]) == {}


async def test_what_may_have_taken_money_counts_from_when_it_was_sent(store: Store) -> None:
    counted = (Status.PROVISIONED, Status.CHARGED, Status.UNKNOWN, Status.CONFIRMING)
    for status in Status:
        await stored_in(store, status)
    await stored_in(store, Status.PROVISIONED, provider="magpipe")
    sent_at = START + 2 * SECOND
    found = await store.bought_since("sendblue", sent_at)
    assert [each.sent_at for each in found] == [sent_at] * len(counted)
    assert await store.bought_since("sendblue", sent_at + SECOND) == []


async def test_what_was_sent_first_is_told_first(store: Store) -> None:
    for hours in (2, 3, 1):
        approved = await stored_in(store, Status.APPROVED)
        sent_at = START + timedelta(hours=hours)
        await moved(store, a_move(approved, Status.CONFIRMING, changes={"sent_at": sent_at}))
    found = await store.bought_since("sendblue", START)
    assert [each.sent_at for each in found] == [
        START + timedelta(hours=hours) for hours in (1, 2, 3)
    ]


async def lost_answer(store: Store) -> Purchase:
    return await stored_in(store, Status.UNKNOWN)


async def test_a_purchase_is_alone_among_those_that_are_not_in_flight(store: Store) -> None:
    for status in (Status.REQUESTED, Status.PENDING, Status.APPROVED, Status.EXPIRED):
        await stored_in(store, status)
    await stored_in(store, Status.UNKNOWN, provider="magpipe")
    await stored_in(store, Status.PROVISIONED, at=START)  # settled before the baseline was taken
    assert await store.is_alone(await lost_answer(store))


@pytest.mark.parametrize("status", [Status.CONFIRMING, Status.UNKNOWN])
async def test_a_purchase_is_not_alone_beside_one_in_flight(store: Store, status: Status) -> None:
    await stored_in(store, status)
    assert not await store.is_alone(await lost_answer(store))


@pytest.mark.parametrize("status", [Status.PROVISIONED, Status.FAILED, Status.CHARGED])
async def test_a_purchase_is_not_alone_beside_one_settled_since_its_baseline(
    store: Store, status: Status
) -> None:
    purchase = await lost_answer(store)
    assert purchase.baseline_at is not None
    await stored_in(store, status, at=purchase.baseline_at)
    assert not await store.is_alone(purchase)


async def test_a_purchase_whose_failure_was_corrected_late_was_in_flight_until_then(
    store: Store,
) -> None:
    failed = await stored_in(store, Status.FAILED, at=START)
    purchase = await lost_answer(store)
    assert await store.is_alone(purchase)
    await moved(store, a_move(failed, Status.PROVISIONED, START + DAY))
    assert not await store.is_alone(purchase)


async def test_without_a_baseline_nothing_is_alone(store: Store) -> None:
    approved = await stored_in(store, Status.APPROVED)
    sent = await moved(store, a_move(approved, Status.CONFIRMING))
    assert not await store.is_alone(sent)
