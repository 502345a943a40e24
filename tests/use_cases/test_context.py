"""What a card says of what is around its purchase."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.preview import Preview
from bot.domain.purchase import Order, Purchase, Receipt, Status
from bot.use_cases.request import request
from tests.desk import NORA, PHONES, RILEY, Desk, desk_at

NUMBER, SECOND = "+16045551234", "+12135550100"
IDLE = ["+16045550001", "+16045550002", "+13035550003", "+13035550004"]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path) as desk:
        desk.providers["magpipe"] = desk.numbers
        yield desk


async def asked(
    shop: Desk,
    reason: str = "",
    *,
    requester: str = RILEY,
    provider: str = "sendblue",
    order: Order | None = None,
) -> Purchase:
    made = await request(
        shop.ports,
        provider=provider,
        order=order or Order(),
        requester_id=requester,
        channel_id=PHONES,
        reason=reason,
        trigger_id=shop.trigger(),
        response_url=None,
    )
    await shop.quiet()
    found = await shop.get(made)
    assert found.status is Status.PENDING
    return found


def number(last: str, name: str | None = None) -> Order:
    return Order(number=f"+1604555123{last}", name=name)


async def previewed_with(shop: Desk, unused: list[str]) -> Purchase:
    order = Order(number=NUMBER)
    shop.numbers.preview_answer = Preview(
        price=shop.numbers.price,
        expires_at=shop.clock.now() + timedelta(minutes=10),
        order=order,
        details={"unused": unused},
    )
    return await asked(shop, provider="magpipe", order=order)


async def bought(shop: Desk, purchase: Purchase, receipt: Receipt) -> None:
    provider = shop.numbers if purchase.provider == "magpipe" else shop.provider
    provider.confirm_answer = receipt
    await shop.click(purchase)
    await shop.quiet()
    assert await shop.status(purchase) is Status.PROVISIONED


async def test_the_first_request_has_nothing_around_it(shop: Desk) -> None:
    first = await asked(shop)

    assert first.details["requester_month"] == {"bought": {}, "spent": []}
    assert first.details["alike"] == []
    assert first.details["unused"] == []


async def test_the_requesters_month_counts_their_purchases_at_both_providers(shop: Desk) -> None:
    await bought(shop, await asked(shop), Receipt(number="+14152000001"))
    canadian = await asked(shop, provider="magpipe", order=number("4"))
    await bought(shop, canadian, Receipt(number=NUMBER, second_number=SECOND))
    await bought(shop, await asked(shop, requester=NORA), Receipt(number="+14152000002"))

    mine, hers = await asked(shop), await asked(shop, requester=NORA)

    assert mine.details["requester_month"] == {
        "bought": {"magpipe": 2, "sendblue": 1},
        "spent": ["102.00 USD"],
    }
    assert hers.details["requester_month"] == {"bought": {"sendblue": 1}, "spent": ["100.00 USD"]}


async def test_a_month_begins_anew_by_when_money_moved(shop: Desk) -> None:
    shop.clock.at = datetime(2026, 5, 31, 23, 55, tzinfo=UTC)
    before, across = await asked(shop), await asked(shop)
    await bought(shop, before, Receipt(number="+14152000001"))
    shop.clock.at = datetime(2026, 6, 1, 0, 1, tzinfo=UTC)
    await bought(shop, across, Receipt(number="+14152000002"))

    after = await asked(shop)

    assert after.details["requester_month"] == {"bought": {"sendblue": 1}, "spent": ["100.00 USD"]}


@pytest.mark.parametrize(
    ("requester", "reason", "name", "is_alike"),
    [
        (RILEY, "", None, True),
        (NORA, " New  DESK ", None, True),
        (NORA, "", "main line", True),
        (NORA, "another desk", "Other", False),
        (NORA, "", None, False),
    ],
)
async def test_what_waits_already_is_named(
    shop: Desk, requester: str, reason: str, name: str | None, is_alike: bool
) -> None:
    first = await asked(shop, "new desk", provider="magpipe", order=number("1", "Main Line"))
    second = await asked(
        shop, reason, requester=requester, provider="magpipe", order=number("2", name)
    )

    assert second.details["alike"] == ([first.code] if is_alike else [])


async def test_nothing_is_not_the_same_as_nothing(shop: Desk) -> None:
    await asked(shop)
    second = await asked(shop, requester=NORA)

    assert second.details["alike"] == []


async def test_what_waits_at_the_other_provider_is_something_else(shop: Desk) -> None:
    await asked(shop, "new desk")
    second = await asked(shop, "new desk", provider="magpipe", order=number("1"))

    assert second.details["alike"] == []


async def test_a_warning_goes_when_what_it_names_waits_no_more(shop: Desk) -> None:
    first = await asked(shop)
    second = await asked(shop)
    assert second.details["alike"] == [first.code]
    await bought(shop, first, Receipt(number="+14152000001"))
    await shop.store.keep_checks(shop.providers, at=shop.clock.now())
    await shop.quiet()

    assert (await shop.get(second)).details["alike"] == []


async def test_idle_numbers_are_told_but_no_second_ones_and_three_at_most(shop: Desk) -> None:
    canadian = await asked(shop, provider="magpipe", order=number("9"))
    await bought(shop, canadian, Receipt(number="+16045551239", second_number=SECOND))

    found = await previewed_with(shop, [SECOND, *IDLE])

    assert found.details["unused"] == IDLE[:3]
