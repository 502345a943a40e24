"""The Magpipe simulator over real HTTP: what is in the account, access and throttling."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.magpipe import (
    AGENTS_LIST,
    ASSIGN,
    BASE,
    CREDITS,
    LIST,
    PROVISION,
    RELEASE,
    SEARCH,
    Magpipe,
)
from bot.sandbox.magpipe_records import AGENTS, Number
from bot.sandbox.serve import serve
from tests.sandbox.provider_clients import MAGPIPE_TOKEN, NOON, Clock, MagpipeAccount

FRONT_DESK, AFTER_HOURS = AGENTS[0].agent_id, AGENTS[1].agent_id


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def magpipe(clock: Clock) -> Magpipe:
    return Magpipe(clock)


@pytest.fixture
async def account(magpipe: Magpipe) -> AsyncIterator[MagpipeAccount]:
    served = await serve(magpipe.app())
    async with aiohttp.ClientSession(served.url, headers=MAGPIPE_TOKEN) as session:
        yield MagpipeAccount(session)
    await served.close()


def add_numbers(magpipe: Magpipe) -> None:
    magpipe.numbers += [
        Number("id-1", "+13036524418", "Main Line", FRONT_DESK, NOON),
        Number("id-2", "+13036529730", None, None, NOON, is_active=False),
        Number("id-3", "+17209134402", None, AFTER_HOURS, NOON),
    ]


async def test_numbers_are_listed_newest_first_with_their_agents_name(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    add_numbers(magpipe)
    status, body = await account.post(LIST)
    assert (status, body["total"]) == (200, 3)
    assert [number["id"] for number in body["numbers"]] == ["id-3", "id-2", "id-1"]
    assert body["numbers"][2] == {
        "id": "id-1",
        "phone_number": "+13036524418",
        "friendly_name": "Main Line",
        "agent_id": FRONT_DESK,
        "agent_name": "Front desk",
        "capabilities": {"voice": True, "sms": True, "mms": True},
        "is_active": True,
        "provider": "signalwire",
        "created_at": "2026-05-18T12:00:00Z",
    }


@pytest.mark.parametrize(
    ("asked", "ids", "total"),
    [
        ({"limit": 2}, ["id-3", "id-2"], 3),
        ({"limit": 2, "offset": 2}, ["id-1"], 3),
        ({"offset": 5}, [], 3),
        ({"limit": "all", "offset": -1}, ["id-3", "id-2", "id-1"], 3),
        ({"agent_id": FRONT_DESK}, ["id-1"], 1),
        ({"is_active": False}, ["id-2"], 1),
        ({"is_active": True, "limit": 1}, ["id-3"], 2),
    ],
)
async def test_the_list_of_numbers_has_pages_and_filters(
    magpipe: Magpipe,
    account: MagpipeAccount,
    asked: dict[str, Any],
    ids: list[str],
    total: int,
) -> None:
    add_numbers(magpipe)
    _, body = await account.post(LIST, **asked)
    assert ([number["id"] for number in body["numbers"]], body["total"]) == (ids, total)


async def test_agents_are_listed_with_pages(account: MagpipeAccount) -> None:
    _, body = await account.post(AGENTS_LIST, limit=2)
    assert (body["total"], body["has_more"]) == (3, True)
    assert body["agents"][0] == {
        "id": FRONT_DESK,
        "name": "Front desk",
        "agent_type": "inbound_voice",
        "is_active": True,
    }
    _, body = await account.post(AGENTS_LIST, limit=2, offset=2)
    assert ([agent["name"] for agent in body["agents"]], body["has_more"]) == (
        ["Retired agent"],
        False,
    )
    _, body = await account.post(AGENTS_LIST, offset=9)
    assert (body["agents"], body["has_more"]) == ([], False)


async def test_a_number_is_assigned_to_an_agent(magpipe: Magpipe, account: MagpipeAccount) -> None:
    add_numbers(magpipe)
    status, body = await account.post(ASSIGN, phone_number="+13036529730", agent_id=AFTER_HOURS)
    assert (status, body["success"]) == (200, True)
    assert magpipe.numbers[1].agent_id == AFTER_HOURS


@pytest.mark.parametrize(
    ("number", "agent", "message"),
    [
        ("+12125550100", AFTER_HOURS, "Phone number not found"),
        ("+13036529730", "no-such-agent", "Agent not found"),
    ],
)
async def test_only_what_exists_can_be_assigned(
    magpipe: Magpipe, account: MagpipeAccount, number: str, agent: str, message: str
) -> None:
    add_numbers(magpipe)
    answer = await account.post(ASSIGN, phone_number=number, agent_id=agent)
    assert answer == (404, {"error": {"code": "not_found", "message": message}})


@pytest.mark.parametrize(("days", "kept"), [(29.99, ["+13036529730"]), (30, [])])
async def test_a_released_number_leaves_the_account_and_the_carrier_after_30_days(
    clock: Clock, magpipe: Magpipe, account: MagpipeAccount, days: float, kept: list[str]
) -> None:
    add_numbers(magpipe)
    clock.at += timedelta(days=days)
    answer = await account.post(RELEASE, number_id="id-2")
    assert answer == (200, {"success": True, "phone_number": "+13036529730"})
    assert [number.number_id for number in magpipe.numbers] == ["id-1", "id-3"]
    assert magpipe.kept_by_carrier == kept
    assert (await account.post(RELEASE, number_id="id-2"))[0] == 404


async def test_credits_tell_what_purchases_cost(magpipe: Magpipe, account: MagpipeAccount) -> None:
    await account.post(PROVISION, phone_number="+17209134402")
    magpipe.has_payment_method = False
    async with account.session.get(BASE + CREDITS) as answer:
        assert await answer.json() == {
            "credits_balance": 98.00,
            "has_payment_method": False,
            "auto_recharge_enabled": False,
        }


async def test_credits_are_as_set_and_may_fall_below_zero(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.credits_balance, magpipe.auto_recharge_enabled = 1.10, True
    await account.post(PROVISION, phone_number="+17209134402")
    async with account.session.get(BASE + CREDITS) as answer:
        assert await answer.json() == {
            "credits_balance": -0.90,
            "has_payment_method": True,
            "auto_recharge_enabled": True,
        }


async def test_credits_are_for_the_account_s_token_and_have_faults_of_their_own(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.faults.queue(CREDITS, Fault(status=500))
    async with account.session.get(BASE + CREDITS) as answer:
        assert answer.status == 500
    async with account.session.post(BASE + CREDITS, json={}) as answer:
        assert answer.status == 405
    magpipe.api_token = "changed"
    async with account.session.get(BASE + CREDITS) as answer:
        assert (answer.status, await answer.json()) == (
            401,
            {"error": {"code": "unauthorized", "message": "Unauthorized"}},
        )


async def test_errors_come_in_the_style_of_their_endpoint_or_in_one_for_all(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.api_token = "changed"
    text = {"error": "Unauthorized"}
    as_object = {"error": {"code": "unauthorized", "message": "Unauthorized"}}
    assert await account.post(PROVISION) == (401, text)
    assert await account.post(SEARCH) == (401, text)
    assert await account.post(LIST) == (401, as_object)
    magpipe.error_style = "text"
    assert await account.post(LIST) == (401, text)
    magpipe.error_style = "object"
    assert await account.post(PROVISION) == (401, as_object)
    magpipe.error_style = "object_and_data"
    assert await account.post(PROVISION) == (401, as_object | {"data": None})


async def test_the_number_limit_has_a_code_and_a_message_in_the_object_style(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.error_style, magpipe.number_limit = "object", 0
    _, body = await account.post(PROVISION, phone_number="+17209134402")
    assert body == {
        "error": {"code": "number_limit_reached", "message": "Your plan allows 0 phone numbers"}
    }


async def test_more_requests_than_allowed_in_a_minute_are_refused(
    clock: Clock, magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.throttle.per_minute = 2
    async with account.session.post(BASE + LIST, json={}) as answer:
        assert answer.headers["X-RateLimit-Limit"] == "2"
        assert answer.headers["X-RateLimit-Remaining"] == "1"
        assert answer.headers["X-RateLimit-Reset"] == str(int(NOON.timestamp()) + 60)
    assert (await account.post(LIST))[0] == 200
    async with account.session.post(BASE + LIST, json={}) as answer:
        assert answer.status == 429
        assert answer.headers["X-RateLimit-Remaining"] == "0"
    clock.at += timedelta(minutes=1)
    assert (await account.post(LIST))[0] == 200


async def test_the_hour_has_a_limit_of_its_own(
    clock: Clock, magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.throttle.per_hour = 1
    assert (await account.post(LIST))[0] == 200
    clock.at += timedelta(minutes=59)
    async with account.session.post(BASE + LIST, json={}) as answer:
        assert answer.status == 429
        assert answer.headers["X-RateLimit-Limit"] == "1"
    clock.at += timedelta(minutes=1)
    assert (await account.post(LIST))[0] == 200


async def test_throttling_can_be_switched_on(magpipe: Magpipe, account: MagpipeAccount) -> None:
    magpipe.throttle.is_always_shut = True
    answer = await account.post(PROVISION, phone_number="+17209134402")
    assert answer == (429, {"error": "Rate limit exceeded"})
    assert magpipe.ledger == []
    magpipe.throttle.is_always_shut = False
    assert (await account.post(LIST))[0] == 200


async def test_answers_carry_the_date_of_the_simulators_own_clock(
    account: MagpipeAccount,
) -> None:
    async with account.session.post(BASE + LIST, json={}) as answer:
        assert answer.headers["Date"] == "Mon, 18 May 2026 12:00:00 GMT"
