"""The Magpipe simulator over real HTTP: buying, held against the provider's documentation."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import phonenumbers
import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.magpipe import BASE, PROVISION, SEARCH, Magpipe
from bot.sandbox.magpipe_records import AGENTS, STOCK
from bot.sandbox.serve import serve
from tests.sandbox.provider_clients import MAGPIPE_TOKEN, NOON, Clock, MagpipeAccount

VANCOUVER, DENVER = "+16045551234", "+13036524418"
FIRST_US_NUMBER = "+14158329047"


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


async def test_a_number_is_bought_and_answered_as_documented(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    agent_id = AGENTS[0].agent_id
    status, body = await account.provision(DENVER, friendly_name="Main Line", agent_id=agent_id)
    assert status == 200
    uuid.UUID(body.pop("id"))
    assert body == {
        "phone_number": DENVER,
        "friendly_name": "Main Line",
        "agent_id": agent_id,
        "capabilities": {"voice": True, "sms": True, "mms": True},
        "is_active": True,
        "provider": "signalwire",
        "created_at": "2026-05-18T12:00:00Z",
    }
    [charge] = magpipe.ledger
    assert (charge.at, charge.phone_number, charge.monthly_cost) == (NOON, DENVER, 2.00)
    assert charge.is_saved
    assert charge.bought_for is None
    assert await account.listed() == [DENVER]


async def test_the_published_code_answers_without_an_id(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.provision_shape = "code"
    status, body = await account.provision(DENVER)
    assert status == 200
    assert set(body) == {
        "success",
        "phoneNumber",
        "phoneSid",
        "campaignRegistered",
        "usNumberProvisioned",
        "message",
        "webhooks",
    }
    assert (body["success"], body["phoneNumber"]) == (True, DENVER)
    assert body["usNumberProvisioned"] is None


async def test_a_canadian_number_brings_a_second_us_number_at_its_own_price(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.provision_shape = "code"
    _, body = await account.provision(VANCOUVER)
    assert body["usNumberProvisioned"] == FIRST_US_NUMBER
    first, second = magpipe.ledger
    assert (first.phone_number, first.bought_for) == (VANCOUVER, None)
    assert (second.phone_number, second.bought_for) == (FIRST_US_NUMBER, VANCOUVER)
    assert await account.listed() == [FIRST_US_NUMBER, VANCOUVER]
    assert magpipe.credits_balance == pytest.approx(96.00)


async def test_the_documented_answer_does_not_tell_of_the_second_number(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    _, body = await account.provision(VANCOUVER)
    assert FIRST_US_NUMBER not in str(body)
    assert len(magpipe.ledger) == 2


@pytest.mark.parametrize("reason", ["switched", "sold out", "taken"])
async def test_the_second_purchase_can_fail_alone(
    magpipe: Magpipe, account: MagpipeAccount, reason: str
) -> None:
    magpipe.provision_shape = "code"
    if reason == "switched":
        magpipe.us_purchase_fails = True
    elif reason == "sold out":
        magpipe.stock = [offer for offer in STOCK if offer.country == "CA" or offer.is_toll_free]
    else:
        magpipe.taken = {offer.phone_number for offer in STOCK if offer.country == "US"}
    status, body = await account.provision(VANCOUVER)
    assert (status, body["usNumberProvisioned"]) == (200, None)
    assert await account.listed() == [VANCOUVER]


@pytest.mark.parametrize("body", [{}, {"phone_number": ""}, {"phone_number": 16045551234}])
async def test_a_purchase_wants_a_phone_number(
    magpipe: Magpipe, account: MagpipeAccount, body: Any
) -> None:
    answer = await account.post(PROVISION, **body)
    assert answer == (400, {"error": "Phone number is required"})
    assert magpipe.ledger == []
    assert magpipe.provisions_received.total() == 1


async def test_a_number_that_is_gone_is_refused_by_the_carrier_though_search_shows_it(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.taken.add(DENVER)
    _, found = await account.post(SEARCH, areaCode="303")
    assert DENVER in [number["phone_number"] for number in found["numbers"]]
    status, body = await account.provision(DENVER)
    assert status == 500
    assert set(body) == {"error", "details"}
    assert magpipe.ledger == []


async def test_a_number_is_sold_once(magpipe: Magpipe, account: MagpipeAccount) -> None:
    answers = await asyncio.gather(account.provision(DENVER), account.provision(DENVER))
    assert sorted(status for status, _ in answers) == [200, 500]
    assert len(magpipe.ledger) == 1
    assert magpipe.provisions_received == {DENVER: 2}


@pytest.mark.parametrize("status", [402, 403])
async def test_more_numbers_than_the_plan_allows_are_refused(
    magpipe: Magpipe, account: MagpipeAccount, status: int
) -> None:
    magpipe.number_limit, magpipe.number_limit_status = 1, status
    await account.provision(DENVER)
    assert await account.provision(FIRST_US_NUMBER) == (
        status,
        {
            "error": "number_limit_reached",
            "message": "Your plan allows 1 phone numbers",
            "current": 1,
            "limit": 1,
        },
    )
    assert len(magpipe.ledger) == 1


async def test_a_service_without_its_carrier_sells_nothing(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.is_carrier_configured = False
    answer = await account.provision(DENVER)
    assert answer == (500, {"error": "SignalWire configuration missing"})
    assert magpipe.ledger == []


async def test_a_number_can_be_bought_and_not_be_in_the_account(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.save_fails = True
    answer = await account.provision(VANCOUVER)
    assert answer == (500, {"error": "Failed to save service number to database"})
    [charge] = magpipe.ledger
    assert (charge.phone_number, charge.is_saved) == (VANCOUVER, False)
    assert await account.listed() == []


async def test_a_wrong_agent_is_noticed_after_the_purchase(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    status, _ = await account.provision(DENVER, agent_id=str(uuid.uuid4()))
    assert status == 500
    assert [charge.is_saved for charge in magpipe.ledger] == [False]


async def test_a_lost_answer_leaves_the_charge_and_the_number(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.faults.queue(PROVISION, Fault(cut="after"))
    with pytest.raises(aiohttp.ClientConnectionError):
        await account.provision(DENVER)
    assert len(magpipe.ledger) == 1
    assert await account.listed() == [DENVER]


async def test_a_purchase_that_a_fault_swallows_is_still_counted(
    magpipe: Magpipe, account: MagpipeAccount
) -> None:
    magpipe.faults.queue(PROVISION, Fault(status=502, body=b"<html>", content_type="text/html"))
    with pytest.raises(aiohttp.ContentTypeError):
        await account.provision(DENVER)
    assert magpipe.ledger == []
    assert magpipe.provisions_received == {DENVER: 1}
    assert [request.path for request in magpipe.requests] == [BASE + PROVISION]


async def test_a_body_that_is_no_json_object_asks_for_nothing(magpipe: Magpipe) -> None:
    served = await serve(magpipe.app())
    async with aiohttp.ClientSession(served.url, headers=MAGPIPE_TOKEN) as session:
        for body in (b"", b"{", b"[]"):
            async with session.post(BASE + PROVISION, data=body) as answer:
                assert answer.status == 400
    await served.close()


def test_the_stock_is_real_looking() -> None:
    assert len({offer.phone_number for offer in STOCK}) == len(STOCK)
    for offer in STOCK:
        parsed = phonenumbers.parse(offer.phone_number)
        assert phonenumbers.is_valid_number(parsed), offer
        assert phonenumbers.region_code_for_number(parsed) == offer.country
        is_toll_free = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.TOLL_FREE
        assert is_toll_free is offer.is_toll_free
