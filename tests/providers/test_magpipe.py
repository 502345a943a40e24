"""Magpipe's client against the simulator, over HTTP: the bot's own preview, and no secrets."""

import asyncio
import io
import logging
import traceback
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.domain import errors
from bot.domain.price import Price
from bot.domain.purchase import Order
from bot.ports import LimitReading, NumberProvider, Search
from bot.providers.magpipe import Magpipe
from bot.sandbox.faults import Fault
from bot.sandbox.magpipe import AGENTS_LIST, ASSIGN, LIST, PROVISION, SEARCH
from bot.sandbox.magpipe import Magpipe as Simulator
from bot.sandbox.magpipe_records import Agent as Person
from bot.sandbox.magpipe_records import Offer as ForSale
from bot.sandbox.magpipe_search import SearchShape
from bot.sandbox.serve import Served
from tests.fakes import FakeClock
from tests.providers.magpipe_account import (
    DENVER,
    OTHER_VANCOUVER,
    PRICE,
    TOKEN,
    TOLL_FREE,
    VANCOUVER,
)

ANN, BEN = Person("aaaaaaaa-0000-4000-8000-000000000001", "Ann"), Person("b-2", "Ben 🐝 “the” 'B'")
BROKEN = Fault(status=500, body={"error": {"code": "server_error", "message": "x"}})


@pytest.fixture
def shop() -> Simulator:
    return Simulator(agents=[ANN, BEN])


async def test_it_sells_numbers(magpipe: Magpipe) -> None:
    provider: NumberProvider = magpipe

    assert isinstance(provider, NumberProvider)
    assert (provider.name, provider.title, provider.command) == ("magpipe", "Magpipe", "/number")
    assert provider.default_limits is None
    assert await provider.limits() == LimitReading()


# ── Preview ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("shape", ["documented", "code"])
async def test_a_preview_has_the_price_of_search_else_of_the_settings(
    magpipe: Magpipe, shop: Simulator, clock: FakeClock, shape: SearchShape
) -> None:
    shop.search_shape = shape

    preview = await magpipe.preview(Order(number=DENVER, name="Main Line"))

    assert preview.price == (Price.parse("2.00 USD") if shape == "documented" else PRICE)
    assert preview.expires_at == clock.now() + timedelta(minutes=10)
    assert preview.token is None
    assert preview.order == Order(number=DENVER, name="Main Line")
    assert preview.details == {}
    assert shop.ledger == []


@pytest.mark.parametrize("shape", ["documented", "code"])
async def test_a_canadian_number_costs_twice_and_says_why(
    magpipe: Magpipe, shop: Simulator, shape: SearchShape
) -> None:
    shop.search_shape = shape

    preview = await magpipe.preview(Order(number=VANCOUVER))

    assert preview.price == Price.parse("4.00 USD" if shape == "documented" else "7.00 USD")
    assert preview.details == {"second_number": True}


@pytest.mark.parametrize("shape", ["documented", "code"])
async def test_a_toll_free_number_can_be_previewed(
    magpipe: Magpipe, shop: Simulator, shape: SearchShape
) -> None:
    shop.search_shape = shape

    assert (await magpipe.preview(Order(number=TOLL_FREE))).details == {}


@pytest.mark.parametrize("shape", ["documented", "code"])
@pytest.mark.parametrize("gone", [[VANCOUVER], [VANCOUVER, OTHER_VANCOUVER]])
async def test_a_number_that_is_not_for_sale_any_more_is_refused(
    magpipe: Magpipe, shop: Simulator, shape: SearchShape, gone: list[str]
) -> None:
    shop.search_shape = shape
    shop.stock = [offer for offer in shop.stock if offer.phone_number not in gone]

    with pytest.raises(errors.NumberGone) as caught:
        await magpipe.preview(Order(number=VANCOUVER))
    assert caught.value.fields == {"provider": "Magpipe", "number": VANCOUVER}


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500, body={"error": "SignalWire configuration missing"}),
        Fault(status=400, body={"error": "Search query is required"}),
        Fault(status=429, body={"error": "Rate limit exceeded"}),
        Fault(body=b"<html>", content_type="text/html"),
    ],
    ids=["500", "400", "429", "html"],
)
async def test_a_search_that_fails_leaves_the_number_not_checked(
    magpipe: Magpipe, shop: Simulator, fault: Fault
) -> None:
    shop.faults.queue(SEARCH, fault)

    preview = await magpipe.preview(Order(number=VANCOUVER))

    assert preview.details == {"offered": "not checked", "second_number": True}
    assert preview.price == PRICE.times(2)


async def test_a_number_behind_a_page_that_is_cut_off_is_not_checked(
    magpipe: Magpipe, shop: Simulator
) -> None:
    shop.search_shape = "code"  # which ignores the digits and shows the first ten
    shop.stock = [ForSale(f"+1303652{n:04}", "Denver", "CO") for n in range(4000, 4020)]

    assert (await magpipe.preview(Order(number="+13036524019"))).details == {
        "offered": "not checked"
    }
    shop.search_shape = "documented"
    assert (await magpipe.preview(Order(number="+13036524019"))).details == {}


async def test_a_number_on_the_account_is_refused_though_it_is_not_for_sale_either(
    magpipe: Magpipe,
) -> None:
    await magpipe.confirm(Order(number=DENVER), None)

    with pytest.raises(errors.NumberAlreadyOurs) as caught:
        await magpipe.preview(Order(number=DENVER))
    assert caught.value.fields["number"] == DENVER


async def test_a_list_that_cannot_be_read_leaves_it_not_checked(
    magpipe: Magpipe, shop: Simulator
) -> None:
    shop.faults.queue(LIST, BROKEN)

    assert (await magpipe.preview(Order(number=DENVER))).details == {"ours": "not checked"}


async def test_both_checks_may_fail_and_the_card_says_so(magpipe: Magpipe, shop: Simulator) -> None:
    shop.faults.queue(LIST, BROKEN)
    shop.faults.queue(SEARCH, BROKEN)

    assert (await magpipe.preview(Order(number=DENVER))).details == {
        "ours": "not checked",
        "offered": "not checked",
    }


async def test_refused_credentials_refuse_the_preview(magpipe: Magpipe, shop: Simulator) -> None:
    shop.api_token = "changed"

    with pytest.raises(errors.BadCredentials):
        await magpipe.preview(Order(number=DENVER))


async def test_a_provider_that_is_down_refuses_the_preview(
    magpipe: Magpipe, shop_served: Served
) -> None:
    await shop_served.close()

    with pytest.raises(errors.ProviderUnreachable):
        await magpipe.preview(Order(number=DENVER))


async def test_a_preview_survives_broken_connections(magpipe: Magpipe, shop: Simulator) -> None:
    for path in (SEARCH, LIST, AGENTS_LIST):
        shop.faults.queue(path, Fault(cut="before"), times=2)

    assert (await magpipe.preview(Order(number=DENVER, agent_name="ann"))).details == {}


async def test_a_preview_asks_everything_at_once(magpipe: Magpipe, shop: Simulator) -> None:
    holds = [shop.faults.hold(path) for path in (SEARCH, LIST, AGENTS_LIST)]
    asking = asyncio.create_task(magpipe.preview(Order(number=DENVER, agent_name="Ann")))

    for hold in holds:
        await hold.reached()
    for hold in holds:
        hold.release()
    assert (await asking).details == {}


@pytest.mark.parametrize("order", [Order(), Order(name="Main Line")])
async def test_an_order_without_a_number_is_not_asked_for(
    magpipe: Magpipe, shop: Simulator, order: Order
) -> None:
    with pytest.raises(errors.NumberMissing):
        await magpipe.preview(order)
    with pytest.raises(errors.NumberMissing):
        await magpipe.confirm(order, None)
    assert shop.requests == []


# ── Secrets ──────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


async def test_the_token_is_never_logged_or_in_an_exception(
    magpipe: Magpipe, shop: Simulator, everything_logged: io.StringIO
) -> None:
    body = {"error": {"code": "unauthorized", "message": f"Who is {TOKEN}?"}}
    for path in (SEARCH, LIST, AGENTS_LIST, ASSIGN, PROVISION):
        shop.faults.queue(path, Fault(status=401, body=body))
    shown = [repr(magpipe), repr(magpipe._client)]
    for asking in (
        magpipe.search(Search(area_code="604")),
        magpipe.holdings(),
        magpipe.agents(),
        magpipe.assign(DENVER, "x"),
        magpipe.confirm(Order(number=DENVER), None),
    ):
        with pytest.raises(errors.BadCredentials) as caught:
            await asking
        shown += traceback.format_exception(caught.value)
        shown += [repr(caught.value), repr(caught.value.reason)]
    shown.append(everything_logged.getvalue())

    assert "provision-phone-number" in shown[-1]  # it was logged, then
    assert TOKEN not in "\n".join(shown)
