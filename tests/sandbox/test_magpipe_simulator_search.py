"""The Magpipe simulator over real HTTP: search, as documented and as its published code does it."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.sandbox.magpipe import PROVISION, SEARCH, Magpipe
from bot.sandbox.magpipe_records import Offer
from bot.sandbox.serve import serve
from tests.sandbox.provider_clients import MAGPIPE_TOKEN, MagpipeAccount


@pytest.fixture
def magpipe() -> Magpipe:
    return Magpipe()


@pytest.fixture
async def account(magpipe: Magpipe) -> AsyncIterator[MagpipeAccount]:
    served = await serve(magpipe.app())
    async with aiohttp.ClientSession(served.url, headers=MAGPIPE_TOKEN) as session:
        yield MagpipeAccount(session)
    await served.close()


async def found(account: MagpipeAccount, **asked: Any) -> list[str]:
    status, body = await account.post(SEARCH, **asked)
    assert status == 200
    return [number["phone_number"] for number in body["numbers"]]


async def test_a_search_answers_as_documented(account: MagpipeAccount) -> None:
    _, body = await account.post(SEARCH, areaCode="604", limit=1)
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
    account: MagpipeAccount, asked: dict[str, Any], numbers: list[str]
) -> None:
    assert await found(account, **asked) == numbers


@pytest.mark.parametrize(("limit", "count"), [(None, 10), (12, 12), (60, 50), (0, 10), ("3", 10)])
async def test_a_search_gives_at_most_50_numbers(
    magpipe: Magpipe, account: MagpipeAccount, limit: Any, count: int
) -> None:
    magpipe.stock = [Offer(f"+1303652{n:04}", "Denver", "CO") for n in range(4000, 4070)]
    assert len(await found(account, limit=limit)) == count


async def test_the_published_code_leaves_out_name_and_price(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.search_shape = "code"
    _, body = await account.post(SEARCH, areaCode="206")
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
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.search_shape = "code"
    _, body = await account.post(SEARCH, query="907")
    assert (body["searchedQuery"], body["usedFallback"]) == ("907", True)
    assert body["numbers"]
    assert not [n for n in body["numbers"] if n["phone_number"].startswith("+1907")]


async def test_the_published_code_ignores_the_older_names(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.search_shape = "code"
    assert len(await found(account, area_code="720", contains="5801", limit=1)) == 10


async def test_a_number_bought_is_no_longer_found(account: MagpipeAccount) -> None:
    await account.post(PROVISION, phone_number="+17209134402")
    assert await found(account, areaCode="720") == []
