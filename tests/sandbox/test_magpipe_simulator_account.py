"""The Magpipe simulator over real HTTP: search, what is in the account, access and throttling."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

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
from bot.sandbox.magpipe_records import AGENTS, Number, Offer
from bot.sandbox.serve import serve

NOON = datetime(2026, 5, 18, 12, 0, tzinfo=UTC)
TOKEN = {"Authorization": "Bearer sandbox-token"}
FRONT_DESK, AFTER_HOURS = AGENTS[0].agent_id, AGENTS[1].agent_id


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def magpipe(clock: Clock) -> Magpipe:
    return Magpipe(clock)


@pytest.fixture
async def session(magpipe: Magpipe) -> AsyncIterator[aiohttp.ClientSession]:
    served = await serve(magpipe.app())
    async with aiohttp.ClientSession(served.url, headers=TOKEN) as session:
        yield session
    await served.close()


async def post(session: aiohttp.ClientSession, path: str, **body: Any) -> tuple[int, Any]:
    async with session.post(BASE + path, json=body) as answer:
        return answer.status, await answer.json()


async def found(session: aiohttp.ClientSession, **asked: Any) -> list[str]:
    status, body = await post(session, SEARCH, **asked)
    assert status == 200
    return [number["phone_number"] for number in body["numbers"]]


async def test_a_search_answers_as_documented(session: aiohttp.ClientSession) -> None:
    _, body = await post(session, SEARCH, areaCode="604", limit=1)
    assert body == {
        "numbers": [
            {
                "phone_number": "+16045551234",
                "friendly_name": "(604) 555-1234",
                "locality": "Vancouver",
                "region": "BC",
                "capabilities": {"voice": True, "sms": True, "mms": True},
                "monthly_cost": 2.00,
            }
        ]
    }


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"area_code": "720"}, ["+17209134402"]),
        ({"areaCode": "720"}, ["+17209134402"]),
        ({"areaCode": 720}, ["+17209134402"]),
        ({"query": "720"}, ["+17209134402"]),
        ({"area_code": "720", "areaCode": "720", "query": "720"}, ["+17209134402"]),
        ({"city": "chicago"}, ["+13127504432"]),
        ({"query": "Chicago"}, ["+13127504432"]),
        ({"query": "TX"}, ["+15125801937"]),
        ({"state": "IL"}, ["+13127504432"]),
        ({"contains": "5801"}, ["+15125801937"]),
        ({"area_code": "303", "contains": "9730"}, ["+13036529730"]),
        ({"country": "CA", "city": "Toronto"}, ["+16472891350"]),
        ({"country": "US", "city": "Toronto"}, []),
        ({"type": "toll_free", "limit": 2}, ["+18335074462", "+18335079016"]),
        ({"numberType": "tollFree", "area_code": "888"}, ["+18884017735"]),
        ({"numberType": "local", "area_code": "888"}, []),
        ({"areaCode": "999"}, []),
    ],
)
async def test_a_documented_search_hears_the_older_and_the_newer_names(
    session: aiohttp.ClientSession, asked: dict[str, Any], numbers: list[str]
) -> None:
    assert await found(session, **asked) == numbers


@pytest.mark.parametrize(("limit", "count"), [(None, 10), (12, 12), (60, 50), (0, 10), ("3", 10)])
async def test_a_search_gives_at_most_50_numbers(
    magpipe: Magpipe, session: aiohttp.ClientSession, limit: Any, count: int
) -> None:
    magpipe.stock = [Offer(f"+1303652{n:04}", "Denver", "CO") for n in range(4000, 4070)]
    assert len(await found(session, limit=limit)) == count


async def test_the_published_code_leaves_out_name_and_price(
    magpipe: Magpipe, session: aiohttp.ClientSession
) -> None:
    magpipe.search_shape = "code"
    _, body = await post(session, SEARCH, areaCode="206")
    assert body == {
        "numbers": [
            {
                "phone_number": "+12066240518",
                "locality": "Unknown",
                "region": "WA",
                "capabilities": {"voice": True, "sms": True, "mms": True},
            }
        ],
        "searchedQuery": "206",
        "usedFallback": False,
    }


async def test_the_published_code_offers_other_numbers_when_none_fits(
    magpipe: Magpipe, session: aiohttp.ClientSession
) -> None:
    magpipe.search_shape = "code"
    _, body = await post(session, SEARCH, query="907")
    assert (body["searchedQuery"], body["usedFallback"]) == ("907", True)
    assert body["numbers"]
    assert not [n for n in body["numbers"] if n["phone_number"].startswith("+1907")]


async def test_the_published_code_ignores_the_older_names(
    magpipe: Magpipe, session: aiohttp.ClientSession
) -> None:
    magpipe.search_shape = "code"
    assert len(await found(session, area_code="720", contains="5801", limit=1)) == 10


async def test_a_number_bought_is_no_longer_found(session: aiohttp.ClientSession) -> None:
    await post(session, PROVISION, phone_number="+17209134402")
    assert await found(session, areaCode="720") == []


def add_numbers(magpipe: Magpipe) -> None:
    magpipe.numbers += [
        Number("id-1", "+13036524418", "Main Line", FRONT_DESK, NOON),
        Number("id-2", "+13036529730", None, None, NOON, is_active=False),
        Number("id-3", "+17209134402", None, AFTER_HOURS, NOON),
    ]


async def test_numbers_are_listed_newest_first_with_their_agents_name(
    magpipe: Magpipe, session: aiohttp.ClientSession
) -> None:
    add_numbers(magpipe)
    status, body = await post(session, LIST)
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
    session: aiohttp.ClientSession,
    asked: dict[str, Any],
    ids: list[str],
    total: int,
) -> None:
    add_numbers(magpipe)
    _, body = await post(session, LIST, **asked)
    assert ([number["id"] for number in body["numbers"]], body["total"]) == (ids, total)


async def test_agents_are_listed_with_pages(session: aiohttp.ClientSession) -> None:
    _, body = await post(session, AGENTS_LIST, limit=2)
    assert (body["total"], body["has_more"]) == (3, True)
    assert body["agents"][0] == {
        "id": FRONT_DESK,
        "name": "Front desk",
        "agent_type": "inbound_voice",
        "is_active": True,
    }
    _, body = await post(session, AGENTS_LIST, limit=2, offset=2)
    assert ([agent["name"] for agent in body["agents"]], body["has_more"]) == (
        ["Retired agent"],
        False,
    )
    _, body = await post(session, AGENTS_LIST, offset=9)
    assert (body["agents"], body["has_more"]) == ([], False)


async def test_a_number_is_assigned_to_an_agent(
    magpipe: Magpipe, session: aiohttp.ClientSession
) -> None:
    add_numbers(magpipe)
    status, body = await post(session, ASSIGN, phone_number="+13036529730", agent_id=AFTER_HOURS)
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
    magpipe: Magpipe, session: aiohttp.ClientSession, number: str, agent: str, message: str
) -> None:
    add_numbers(magpipe)
    answer = await post(session, ASSIGN, phone_number=number, agent_id=agent)
    assert answer == (404, {"error": {"code": "not_found", "message": message}})


@pytest.mark.parametrize(("days", "kept"), [(29.99, ["+13036529730"]), (30, [])])
async def test_a_released_number_leaves_the_account_and_the_carrier_after_30_days(
    clock: Clock, magpipe: Magpipe, session: aiohttp.ClientSession, days: float, kept: list[str]
) -> None:
    add_numbers(magpipe)
    clock.at += timedelta(days=days)
    answer = await post(session, RELEASE, number_id="id-2")
    assert answer == (200, {"success": True, "phone_number": "+13036529730"})
    assert [number.number_id for number in magpipe.numbers] == ["id-1", "id-3"]
    assert magpipe.kept_by_carrier == kept
    assert (await post(session, RELEASE, number_id="id-2"))[0] == 404


async def test_credits_tell_what_purchases_cost(
    magpipe: Magpipe, session: aiohttp.ClientSession
) -> None:
    await post(session, PROVISION, phone_number="+17209134402")
    magpipe.has_payment_method = False
    async with session.get(BASE + CREDITS) as answer:
        assert await answer.json() == {
            "credits_balance": 98.00,
            "has_payment_method": False,
            "auto_recharge_enabled": False,
        }


async def test_errors_come_in_the_style_of_their_endpoint_or_in_one_for_all(
    magpipe: Magpipe, session: aiohttp.ClientSession
) -> None:
    magpipe.api_token = "changed"
    text = {"error": "Unauthorized"}
    as_object = {"error": {"code": "unauthorized", "message": "Unauthorized"}}
    assert await post(session, PROVISION) == (401, text)
    assert await post(session, SEARCH) == (401, text)
    assert await post(session, LIST) == (401, as_object)
    magpipe.error_style = "text"
    assert await post(session, LIST) == (401, text)
    magpipe.error_style = "object"
    assert await post(session, PROVISION) == (401, as_object)
    magpipe.error_style = "object_and_data"
    assert await post(session, PROVISION) == (401, as_object | {"data": None})


async def test_the_number_limit_has_a_code_and_a_message_in_the_object_style(
    magpipe: Magpipe, session: aiohttp.ClientSession
) -> None:
    magpipe.error_style, magpipe.number_limit = "object", 0
    _, body = await post(session, PROVISION, phone_number="+17209134402")
    assert body == {
        "error": {"code": "number_limit_reached", "message": "Your plan allows 0 phone numbers"}
    }


async def test_more_requests_than_allowed_in_a_minute_are_refused(
    clock: Clock, magpipe: Magpipe, session: aiohttp.ClientSession
) -> None:
    magpipe.throttle.per_minute = 2
    async with session.post(BASE + LIST, json={}) as answer:
        assert answer.headers["X-RateLimit-Limit"] == "2"
        assert answer.headers["X-RateLimit-Remaining"] == "1"
        assert answer.headers["X-RateLimit-Reset"] == str(int(NOON.timestamp()) + 60)
    assert (await post(session, LIST))[0] == 200
    async with session.post(BASE + LIST, json={}) as answer:
        assert answer.status == 429
        assert answer.headers["X-RateLimit-Remaining"] == "0"
    clock.at += timedelta(minutes=1)
    assert (await post(session, LIST))[0] == 200


async def test_the_hour_has_a_limit_of_its_own(
    clock: Clock, magpipe: Magpipe, session: aiohttp.ClientSession
) -> None:
    magpipe.throttle.per_hour = 1
    assert (await post(session, LIST))[0] == 200
    clock.at += timedelta(minutes=59)
    async with session.post(BASE + LIST, json={}) as answer:
        assert answer.status == 429
        assert answer.headers["X-RateLimit-Limit"] == "1"
    clock.at += timedelta(minutes=1)
    assert (await post(session, LIST))[0] == 200


async def test_throttling_can_be_switched_on(
    magpipe: Magpipe, session: aiohttp.ClientSession
) -> None:
    magpipe.throttle.is_always_shut = True
    answer = await post(session, PROVISION, phone_number="+17209134402")
    assert answer == (429, {"error": "Rate limit exceeded"})
    assert magpipe.ledger == []
    magpipe.throttle.is_always_shut = False
    assert (await post(session, LIST))[0] == 200


async def test_answers_carry_the_date_of_the_simulators_own_clock(
    session: aiohttp.ClientSession,
) -> None:
    async with session.post(BASE + LIST, json={}) as answer:
        assert answer.headers["Date"] == "Mon, 18 May 2026 12:00:00 GMT"
