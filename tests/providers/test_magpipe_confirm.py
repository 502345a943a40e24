"""Magpipe's purchase over HTTP: whatever fails, one request at most. Counted at the simulator."""

import asyncio
from collections.abc import Callable

import pytest

from bot.domain import errors
from bot.domain.purchase import Order, Receipt
from bot.providers.magpipe import Magpipe
from bot.sandbox.faults import Fault
from bot.sandbox.magpipe import LIST, PROVISION
from bot.sandbox.magpipe import Magpipe as Simulator
from bot.sandbox.magpipe_answers import ErrorStyle, ProvisionShape
from bot.sandbox.magpipe_records import AGENTS
from bot.sandbox.serve import Served
from tests.providers.magpipe_account import (
    DENVER,
    FIRST_US_NUMBER,
    OTHER_VANCOUVER,
    VANCOUVER,
    received,
)

ORDER = Order(number=DENVER)
CANADIAN = Order(number=VANCOUVER)
SHAPES = pytest.mark.parametrize("shape", ["documented", "code"])
STYLES = pytest.mark.parametrize("style", ["published", "text", "object", "object_and_data"])


# ── Bought ───────────────────────────────────────────────────────────────────────────────────────
@SHAPES
async def test_a_number_is_bought_with_its_name_and_agent(
    magpipe: Magpipe, shop: Simulator, shape: ProvisionShape
) -> None:
    shop.provision_shape = shape
    agent_id = AGENTS[0].agent_id

    receipt = await magpipe.confirm(Order(number=DENVER, name="Main", agent_id=agent_id), None)

    (number,) = shop.numbers
    assert receipt == Receipt(number=DENVER, ids={"id": number.number_id})
    assert (number.friendly_name, number.agent_id) == ("Main", agent_id)
    assert shop.provisions_received == {DENVER: 1}


@SHAPES
async def test_a_canadian_number_comes_with_a_us_number(
    magpipe: Magpipe, shop: Simulator, shape: ProvisionShape
) -> None:
    shop.provision_shape = shape

    receipt = await magpipe.confirm(CANADIAN, None)

    canadian, second = shop.numbers
    assert receipt.number == canadian.phone_number == VANCOUVER
    assert receipt.second_number == second.phone_number == FIRST_US_NUMBER
    assert receipt.ids == {"id": canadian.number_id}
    assert len(shop.ledger) == 2


@SHAPES
async def test_a_canadian_number_whose_second_purchase_failed_is_bought_alone(
    magpipe: Magpipe, shop: Simulator, shape: ProvisionShape
) -> None:
    shop.provision_shape = shape
    shop.us_purchase_fails = True

    receipt = await magpipe.confirm(CANADIAN, None)

    (canadian,) = shop.numbers
    assert receipt == Receipt(number=VANCOUVER, ids={"id": canadian.number_id})


@SHAPES
@pytest.mark.parametrize(
    "name",
    ["“Main” \"Line\" 'X' \\ </script>", "🐝👩‍👩‍👧 Réception 受付", "x" * 200, "🐝" * 200],
    ids=["quotes", "emoji", "200 characters", "200 emoji"],
)
async def test_a_name_arrives_as_it_was_typed(
    magpipe: Magpipe, shop: Simulator, shape: ProvisionShape, name: str
) -> None:
    shop.provision_shape = shape

    await magpipe.confirm(Order(number=DENVER, name=name), None)

    assert [number.friendly_name for number in shop.numbers] == [name]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500),
        Fault(status=401, body={"error": {"code": "unauthorized"}}),
        Fault(status=429),
        Fault(body=b"<html>"),
        Fault(body={"numbers": []}),
        Fault(body={"numbers": [{"phone_number": VANCOUVER, "id": 7}, None, {}]}),
        Fault(cut="before"),
    ],
    ids=["500", "401", "429", "html", "absent", "odd", "cut"],
)
@pytest.mark.parametrize("order", [ORDER, CANADIAN])
async def test_a_look_up_that_fails_leaves_the_success_as_it_is(
    magpipe: Magpipe, shop: Simulator, fault: Fault, order: Order
) -> None:
    shop.provision_shape = "code"
    shop.faults.queue(LIST, fault, times=3)

    receipt = await magpipe.confirm(order, None)

    second = FIRST_US_NUMBER if order is CANADIAN else None
    assert receipt == Receipt(number=order.number or "", second_number=second)
    assert shop.provisions_received == {order.number: 1}


async def test_a_look_up_that_hangs_is_given_up(
    magpipe: Magpipe, shop: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.providers.magpipe._LOOK_UP_S", 0.05)
    shop.provision_shape = "code"
    shop.faults.hold(LIST)

    assert await magpipe.confirm(ORDER, None) == Receipt(number=DENVER)


async def test_being_stopped_during_the_look_up_does_not_lose_the_purchase(
    magpipe: Magpipe, shop: Simulator
) -> None:
    shop.provision_shape = "code"
    hold = shop.faults.hold(LIST)
    confirming = asyncio.create_task(magpipe.confirm(ORDER, None))
    await hold.reached()
    confirming.cancel()

    assert await confirming == Receipt(number=DENVER)


async def test_an_answer_that_has_everything_is_not_looked_up(
    magpipe: Magpipe, shop: Simulator
) -> None:
    await magpipe.confirm(ORDER, None)

    assert received(shop, LIST) == 0


async def test_a_number_that_was_substituted_is_what_the_receipt_names(
    magpipe: Magpipe, shop: Simulator
) -> None:
    body = {"id": "n1", "phone_number": FIRST_US_NUMBER}
    shop.faults.queue(PROVISION, Fault(body=body, after=True))

    assert (await magpipe.confirm(ORDER, None)).number == FIRST_US_NUMBER


# ── Not bought ───────────────────────────────────────────────────────────────────────────────────
def _no_carrier(shop: Simulator) -> None:
    shop.is_carrier_configured = False


def _limit_402(shop: Simulator) -> None:
    shop.number_limit, shop.number_limit_status = 0, 402


def _limit_403(shop: Simulator) -> None:
    shop.number_limit = 0


def _gone(shop: Simulator) -> None:
    shop.taken.add(DENVER)


def _bad_token(shop: Simulator) -> None:
    shop.api_token = "changed"


def _shut(shop: Simulator) -> None:
    shop.throttle.is_always_shut = True


@STYLES
@pytest.mark.parametrize(
    ("set_up", "expected"),
    [
        (_no_carrier, errors.CarrierNotSetUp),
        (_limit_402, errors.NumberLimitReached),
        (_limit_403, errors.NumberLimitReached),
        (_gone, errors.CarrierRefused),
        (_bad_token, errors.BadCredentials),
        (_shut, errors.Throttled),
    ],
)
async def test_each_refusal_is_named_in_each_style(
    magpipe: Magpipe,
    shop: Simulator,
    style: ErrorStyle,
    set_up: Callable[[Simulator], None],
    expected: type[errors.NothingSpent],
) -> None:
    shop.error_style = style
    set_up(shop)

    with pytest.raises(errors.NothingSpent) as caught:
        await magpipe.confirm(ORDER, None)
    assert type(caught.value) is expected
    assert caught.value.fields["said"]
    assert shop.provisions_received == {DENVER: 1}
    assert shop.ledger == []


async def test_a_number_that_went_between_preview_and_purchase_is_not_bought(
    magpipe: Magpipe, shop: Simulator
) -> None:
    order = (await magpipe.preview(CANADIAN)).order
    assert order is not None
    shop.taken.add(VANCOUVER)

    with pytest.raises(errors.CarrierRefused) as caught:
        await magpipe.confirm(order, None)
    assert caught.value.fields["number"] == VANCOUVER
    assert caught.value.fields["said"].endswith(f"{VANCOUVER} is not available")
    assert shop.ledger == []
    assert (await magpipe.confirm(Order(number=OTHER_VANCOUVER), None)).second_number


async def test_an_order_whose_agent_was_never_looked_up_is_not_sent(
    magpipe: Magpipe, shop: Simulator
) -> None:
    with pytest.raises(errors.AgentsNotChecked):
        await magpipe.confirm(Order(number=DENVER, agent_name="Ann"), None)
    assert shop.requests == []


async def test_a_purchase_from_a_provider_that_is_down_was_never_sent(
    magpipe: Magpipe, shop: Simulator, shop_served: Served
) -> None:
    await shop_served.close()

    with pytest.raises(errors.ProviderUnreachable):
        await magpipe.confirm(ORDER, None)
    assert shop.provisions_received == {}


# ── Bought, and nobody has it ────────────────────────────────────────────────────────────────────
@STYLES
@pytest.mark.parametrize("agent_id", [None, "deleted-meanwhile"])
async def test_a_number_that_was_bought_and_not_saved_is_charged(
    magpipe: Magpipe, shop: Simulator, style: ErrorStyle, agent_id: str | None
) -> None:
    shop.error_style = style
    shop.save_fails = agent_id is None

    with pytest.raises(errors.ChargedWithoutNumber) as caught:
        await magpipe.confirm(Order(number=DENVER, agent_id=agent_id), None)
    assert caught.value.fields["number"] == DENVER
    assert len(shop.ledger) == 1
    assert shop.provisions_received == {DENVER: 1}
