"""Buying a chosen number: no token holds it, so it is looked at again before money moves."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.agent import Agent, pick
from bot.domain.errors import (
    AgentNotFound,
    AnswerLost,
    CarrierRefused,
    NumberGone,
    NumberNotOurs,
    NumberTaken,
    ProviderUnreachable,
    SeveralAgents,
)
from bot.domain.people import Standing
from bot.domain.preview import Preview
from bot.domain.price import Price
from bot.domain.purchase import Order, Purchase, Receipt, Status
from bot.ports import Holding, Offer, Search, Undeliverable
from bot.use_cases.answers import Ask, Assigned, Help, Offers, ask
from bot.use_cases.request import request
from tests.desk import MORGAN, NORA, PHONES, RILEY, Desk, desk_at

NUMBER = "+16045551234"
OTHERS = [Offer(number=f"+1604555{n}") for n in (1234, 2001, 2002, 2003, 2004)]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path) as desk:
        desk.providers["magpipe"] = desk.numbers
        yield desk


async def order(shop: Desk, number: str = NUMBER) -> Purchase:
    return await request(
        shop.ports,
        provider="magpipe",
        order=Order(number=number, name="Main Line"),
        requester_id=RILEY,
        channel_id=PHONES,
        reason="front desk",
        trigger_id=shop.trigger(),
        response_url=None,
    )


async def ordered(shop: Desk) -> Purchase:
    bought = await order(shop)
    await shop.quiet()
    return await shop.get(bought)


async def test_a_number_is_bought_with_the_second_one_it_brings(shop: Desk) -> None:
    shop.numbers.confirm_answer = Receipt(number=NUMBER, second_number="+12135550100")
    bought = await ordered(shop)
    assert (bought.status, bought.limits) == (Status.PENDING, None)
    await shop.click(bought)
    await shop.quiet()
    done = await shop.get(bought)
    assert (done.status, done.number, done.second_number) == (
        Status.PROVISIONED,
        NUMBER,
        "+12135550100",
    )
    assert shop.numbers.confirms == [None]


async def test_the_order_is_stored_as_the_provider_understood_it(shop: Desk) -> None:
    understood = Order(number=NUMBER, name="Main Line", agent_id="a1", agent_name="Front desk")
    shop.numbers.preview_answer = Preview(
        price=Price.parse("4.00 USD"),
        expires_at=shop.clock.now() + timedelta(minutes=10),
        order=understood,
        details={"second_number": True},
    )
    bought = await ordered(shop)
    assert bought.order == understood
    assert bought.details["second_number"] is True


async def test_the_same_number_cannot_be_bought_twice_at_once(shop: Desk) -> None:
    shop.numbers.confirm_answer = AnswerLost(provider="Magpipe", what="time-out")
    first = await ordered(shop)
    with pytest.raises(NumberTaken) as taken:
        await order(shop)
    assert taken.value.fields["code"] == first.code
    await shop.click(first)
    await shop.quiet()
    assert await shop.status(first) is Status.UNKNOWN
    with pytest.raises(NumberTaken):
        await order(shop)


async def test_a_number_that_went_between_preview_and_approval_fails_with_alternatives(
    shop: Desk,
) -> None:
    bought = await ordered(shop)
    shop.numbers.preview_answer = NumberGone(number=NUMBER)
    shop.numbers.offers = OTHERS
    await shop.click(bought)
    await shop.quiet()
    done = await shop.get(bought)
    assert done.why is not None
    assert (done.status, done.why.name) == (Status.FAILED, "NumberGone")
    assert done.why.fields["alternatives"] == ["+16045552001", "+16045552002", "+16045552003"]
    assert shop.numbers.searches == [Search(area_code="604")]
    assert shop.numbers.confirms == []


async def test_a_number_the_carrier_refuses_fails_with_alternatives_too(shop: Desk) -> None:
    shop.numbers.confirm_answer = CarrierRefused(number=NUMBER, provider="Magpipe")
    shop.numbers.offers = OTHERS
    bought = await ordered(shop)
    await shop.click(bought)
    await shop.quiet()
    done = await shop.get(bought)
    assert done.why is not None
    assert (done.status, len(done.why.fields["alternatives"])) == (Status.FAILED, 3)


async def test_alternatives_that_cannot_be_had_hold_nothing_up(shop: Desk) -> None:
    bought = await ordered(shop)
    shop.numbers.preview_answer = NumberGone(number=NUMBER)
    shop.numbers.offers = ProviderUnreachable(provider="Magpipe")
    await shop.click(bought)
    await shop.quiet()
    assert await shop.status(bought) is Status.FAILED


async def test_a_price_that_changed_is_asked_anew_and_the_old_click_is_void(shop: Desk) -> None:
    bought = await ordered(shop)
    shop.clock.advance(minutes=1)
    shop.numbers.preview_answer = Preview(
        price=Price.parse("3.00 USD"), expires_at=shop.clock.now() + timedelta(minutes=10)
    )
    await shop.click(bought)
    await shop.quiet()
    anew = await shop.get(bought)
    assert (anew.status, anew.revision, str(anew.price), anew.approver_id) == (
        Status.PENDING,
        2,
        "3.00 USD",
        None,
    )
    assert anew.details["price_was"] == "2.00 USD"
    assert anew.expires_at == shop.clock.now() + timedelta(minutes=10)
    await shop.click(bought)  # the old card's button
    await shop.quiet()
    assert shop.replies == [(MORGAN, "StaleRevision")]
    assert shop.numbers.confirms == []
    await shop.click(anew)
    await shop.quiet()
    assert await shop.status(bought) is Status.PROVISIONED


async def test_a_check_that_cannot_be_made_is_tried_again_and_never_skipped(shop: Desk) -> None:
    bought = await ordered(shop)
    shop.numbers.preview_answer = ProviderUnreachable(provider="Magpipe")
    await shop.click(bought)
    await shop.quiet()
    assert (await shop.status(bought), shop.numbers.confirms) == (Status.APPROVED, [])
    shop.numbers.preview_answer = None
    shop.clock.advance(seconds=2)
    await shop.quiet()
    assert await shop.status(bought) is Status.PROVISIONED


async def test_a_lost_answer_is_settled_by_the_number_in_the_list(shop: Desk) -> None:
    shop.numbers.confirm_answer = AnswerLost(provider="Magpipe", what="cut")
    bought = await ordered(shop)
    await shop.click(bought)
    await shop.quiet()
    shop.clock.advance(seconds=2)
    await shop.quiet()
    assert await shop.status(bought) is Status.UNKNOWN  # absent does not settle
    shop.numbers.account = [Holding(key=NUMBER, number=NUMBER, ids={"id": "n1"})]
    shop.clock.advance(seconds=10)
    await shop.quiet()
    done = await shop.get(bought)
    assert (done.status, dict(done.provider_ids)) == (Status.PROVISIONED, {"id": "n1"})


async def answered(shop: Desk, what: Ask, user: str = MORGAN, **details: object) -> object:
    await ask(
        shop.ports,
        ask=what,
        provider="magpipe",
        user_id=user,
        channel_id=PHONES,
        response_url=None,
        trigger_id=shop.trigger(),
        **details,
    )
    await shop.quiet()
    return shop.messenger.replies[-1][1]


async def test_a_search_shows_what_is_offered(shop: Desk) -> None:
    shop.numbers.offers = OTHERS
    found = await answered(shop, Ask.SEARCH, RILEY, area_code="604", contains="555", page=1)
    assert isinstance(found, Offers)
    assert (found.wanted, found.page, len(found.offers)) == (
        Search(area_code="604", contains="555"),
        1,
        5,
    )


async def test_a_search_where_numbers_are_not_sold_says_so(desk: Desk) -> None:
    assert getattr(await answered(desk, Ask.SEARCH), "name", None) == "NotSetUp"


async def test_an_approver_assigns_a_number(shop: Desk) -> None:
    shop.numbers.known_agents = [Agent("a1", "Front desk"), Agent("a2", "Sales")]
    done = await answered(shop, Ask.ASSIGN, number=NUMBER, agent="front DESK")
    assert isinstance(done, Assigned)
    assert shop.numbers.assigned == [(NUMBER, "a1")]


async def test_assigning_is_for_approvers_and_for_numbers_on_the_account(shop: Desk) -> None:
    shop.numbers.known_agents = [Agent("a1", "Front desk")]
    refused = await answered(shop, Ask.ASSIGN, NORA, number=NUMBER, agent="a1")
    assert getattr(refused, "name", None) == "NotAnApprover"
    shop.numbers.assign_error = NumberNotOurs(number=NUMBER, provider="Magpipe")
    missing = await answered(shop, Ask.ASSIGN, number=NUMBER, agent="a1")
    assert getattr(missing, "name", None) == "NumberNotOurs"
    shop.directory.standings["UGUS"] = Standing.GUEST
    assert isinstance(await answered(shop, Ask.ASSIGN, "UGUS", number=NUMBER, agent="a1"), Help)
    shop.directory.trouble[NORA] = Undeliverable("user_not_found")
    assert isinstance(await answered(shop, Ask.ASSIGN, NORA, number=NUMBER, agent="a1"), Help)
    assert shop.numbers.assigned == []


def test_an_agent_is_meant_by_id_or_by_name_and_never_guessed() -> None:
    agents = [Agent("a1", "Sales"), Agent("a2", "sales"), Agent("a3", "Front desk")]
    assert pick("a2", agents, "Magpipe").id == "a2"
    assert pick("front desk", agents, "Magpipe").id == "a3"
    with pytest.raises(SeveralAgents):
        pick("Sales", agents, "Magpipe")
    with pytest.raises(AgentNotFound) as unknown:
        pick("Nobody", [], "Magpipe")
    assert unknown.value.fields["known"] == "none"
