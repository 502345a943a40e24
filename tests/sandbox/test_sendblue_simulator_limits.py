"""The Sendblue simulator over real HTTP: who may not buy, and how much may be bought."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.sandbox.sendblue import LIMITS, Sendblue
from bot.sandbox.sendblue_limits import LimitsShape
from bot.sandbox.serve import serve
from tests.sandbox.provider_clients import Clock, SendblueAccount


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sendblue(clock: Clock) -> Sendblue:
    return Sendblue(clock)


@pytest.fixture
async def account(sendblue: Sendblue) -> AsyncIterator[SendblueAccount]:
    served = await serve(sendblue.app())
    async with aiohttp.ClientSession(served.url) as session:
        yield SendblueAccount(session)
    await served.close()


def no_card(sendblue: Sendblue) -> None:
    sendblue.card_on_file = False


def other_plan(sendblue: Sendblue) -> None:
    sendblue.plan = "blue_ocean"


def nothing_for_sale(sendblue: Sendblue) -> None:
    sendblue.stock.clear()


def no_daily_purchases(sendblue: Sendblue) -> None:
    sendblue.daily_limit = 0


def no_monthly_purchases(sendblue: Sendblue) -> None:
    sendblue.monthly_limit = 0


REFUSALS = pytest.mark.parametrize(
    ("state", "status", "error"),
    [
        (no_card, 402, "no_card_on_file"),
        (other_plan, 403, None),
        (no_daily_purchases, 429, "daily_limit_reached"),
        (no_monthly_purchases, 429, "monthly_limit_reached"),
        (nothing_for_sale, 503, "no_lines_available"),
    ],
)


@REFUSALS
async def test_preview_refuses_an_account_that_may_not_buy(
    sendblue: Sendblue, account: SendblueAccount, state: Any, status: int, error: str | None
) -> None:
    state(sendblue)
    answer_status, body = await account.preview()
    assert (answer_status, body["status"], body.get("error")) == (status, "ERROR", error)
    assert body["message"]


@REFUSALS
async def test_confirm_refuses_what_changed_since_the_preview_and_uses_up_the_token(
    sendblue: Sendblue, account: SendblueAccount, state: Any, status: int, error: str | None
) -> None:
    token = await account.token()
    state(sendblue)
    answer_status, body = await account.confirm(token)
    assert (answer_status, body.get("error")) == (status, error)
    assert sendblue.ledger == []
    assert (await account.confirm(token))[1]["error"] == "token_expired"


async def test_the_daily_limit_is_three_within_any_24_hours(
    clock: Clock, account: SendblueAccount
) -> None:
    for _ in range(3):
        await account.buy()
        clock.advance(hours=1)
    status, body = await account.preview()
    assert (status, body["error"]) == (429, "daily_limit_reached")
    assert body["message"] == "Maximum 3 lines can be added per day via API"
    clock.advance(hours=21, seconds=-1)
    assert (await account.preview())[0] == 429
    clock.advance(seconds=1)
    assert (await account.preview())[0] == 200


async def test_the_monthly_limit_is_ten_within_any_30_days(
    clock: Clock, account: SendblueAccount
) -> None:
    for _ in range(10):
        await account.buy()
        clock.advance(hours=9)
    status, body = await account.preview()
    assert (status, body["error"]) == (429, "monthly_limit_reached")
    clock.advance(days=30, hours=-90)
    assert (await account.preview())[0] == 200


async def test_limits_tell_what_is_used_and_when_it_comes_back(
    clock: Clock, account: SendblueAccount
) -> None:
    await account.buy()
    clock.advance(hours=2)
    await account.buy()
    assert await account.get(LIMITS) == (
        200,
        {
            "status": "OK",
            "limits": {
                "daily": {
                    "limit": 3,
                    "used": 2,
                    "remaining": 1,
                    "resets_at": "2026-05-19T12:00:00.000Z",
                },
                "monthly": {
                    "limit": 10,
                    "used": 2,
                    "remaining": 8,
                    "resets_at": "2026-06-17T12:00:00.000Z",
                },
            },
        },
    )


@pytest.mark.parametrize(
    ("shape", "answer"),
    [
        ("numbers", {"daily_limit": 3, "monthly_limit": 10}),
        (
            "account_settings",
            {"limits": {"api_provision_daily": 3, "api_provision_monthly": 10}},
        ),
        (
            "camel_case",
            {
                "data": {
                    "dailyLines": {"max": 3, "current": 0, "available": 3, "resetsAt": None},
                    "monthlyLines": {"max": 10, "current": 0, "available": 10, "resetsAt": None},
                }
            },
        ),
        (
            "counts",
            {
                "provisioning": {
                    "daily": {"limit": 3, "count": 0},
                    "monthly": {"limit": 10, "count": 0},
                }
            },
        ),
        (
            "remaining",
            {
                "limits": {
                    "daily": {"max": 3, "available": 3},
                    "monthly": {"max": 10, "available": 10},
                }
            },
        ),
        ("remaining_only", {"daily": {"remaining": 3}, "monthly": {"remaining": 10}}),
        ("unreadable", {"status": "OK", "quota": {"per_second": 1}}),
        ("wrong_types", {"limits": {"daily": {"limit": "many", "used": None}, "monthly": [3]}}),
    ],
)
async def test_limits_come_in_every_shape_a_client_must_expect(
    sendblue: Sendblue, account: SendblueAccount, shape: LimitsShape, answer: Any
) -> None:
    sendblue.limits_shape = shape
    assert await account.get(LIMITS) == (200, answer)


@pytest.mark.parametrize(
    ("shape", "day", "month"),
    [
        ("objects", "2026-05-19T12:00:00.000Z", "2026-06-17T12:00:00.000Z"),
        ("camel_case", "2026-05-19T12:00:00.000Z", "2026-06-17T12:00:00.000Z"),
        ("epoch_seconds", 1779192000, 1781697600),
        ("epoch_millis", 1779192000000, 1781697600000),
    ],
)
async def test_limits_write_the_instant_in_several_ways(
    sendblue: Sendblue, account: SendblueAccount, shape: LimitsShape, day: object, month: object
) -> None:
    sendblue.limits_shape = shape
    assert "None" in str((await account.get(LIMITS))[1])  # nothing is used, nothing comes back
    await account.buy()
    _, answer = await account.get(LIMITS)
    windows = answer.get("limits") or answer.get("data") or answer
    instants = [w.get("resets_at") or w.get("resetsAt") for w in windows.values()]
    assert instants == [day, month]


async def test_limits_can_be_a_web_page_or_missing(
    sendblue: Sendblue, account: SendblueAccount
) -> None:
    sendblue.limits_shape = "html"
    with pytest.raises(aiohttp.ContentTypeError):
        await account.get(LIMITS)
    sendblue.limits_shape = "missing"
    assert (await account.get(LIMITS))[0] == 404
