"""Magpipe's credits: what their answer means, and what comes of asking over HTTP."""

import json
from decimal import Decimal
from typing import Any

import pytest

from bot.domain import errors
from bot.domain.alerts import Balance
from bot.domain.purchase import Order
from bot.providers import magpipe_credits as credit
from bot.providers.breaker import Trip
from bot.providers.client import Options
from bot.providers.magpipe import Magpipe
from bot.providers.wire import Answer
from bot.sandbox.faults import Fault
from bot.sandbox.magpipe import CREDITS
from bot.sandbox.magpipe import Magpipe as Simulator
from bot.sandbox.serve import Served
from tests.fakes import FakeClock
from tests.providers.magpipe_account import DENVER, PRICE, magpipe_at, received


def read(body: object) -> Balance | None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return credit.balance(credit.read_credits(Answer(status=200, body=content)))


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("50", "50"),
        ("19.99", "19.99"),
        ("0.1", "0.1"),
        ("0", "0"),
        ("-3.50", "-3.50"),
        ("1e2", "100"),
        ("3.9999999999999996", "4"),
        ("97.99000000000001", "97.99"),
        ('"50.00"', "50"),
        ('" -0.40 "', "-0.4"),
        ('"+7"', "7"),
        ("1000000000", "1000000000"),
    ],
)
def test_the_balance_is_exact_to_the_cent(amount: str, expected: str) -> None:
    found = read(b'{"credits_balance": %b}' % amount.encode())

    assert found == Balance(Decimal(expected), None)


def test_it_never_was_a_binary_fraction() -> None:
    found = read(b'{"credits_balance": 19.99}')

    assert found is not None
    assert str(found.amount) == "19.99"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"credits_balance": None},
        {"credits_balance": True},
        {"credits_balance": []},
        {"credits_balance": {"amount": 5}},
        {"credits_balance": "many"},
        {"credits_balance": ""},
        {"credits_balance": "$5"},
        {"credits_balance": "5,00"},
        {"credits_balance": "1e2"},
        {"credits_balance": "NaN"},
        {"credits_balance": "\u0665"},
        {"credits_balance": 10**400},
        b'{"credits_balance": 1e400}',
        b'{"credits_balance": NaN}',
        b'{"credits_balance": -Infinity}',
        {"account": {"credits_balance": 5}},
        {"data": [{"credits_balance": 5}]},
        {"credits": 5},
    ],
)
def test_an_amount_that_cannot_be_read_is_no_balance(body: object) -> None:
    assert read(body) is None


@pytest.mark.parametrize("inside", ["data", "credits"])
def test_it_may_stand_one_level_down(inside: str) -> None:
    told = {"credits_balance": "5.25", "auto_recharge_enabled": True}

    assert read({inside: told}) == Balance(Decimal("5.25"), is_recharged=True)
    assert read({inside: told, "has_payment_method": False}) == Balance(
        Decimal("5.25"), is_recharged=False
    )
    assert read({"credits_balance": 7, inside: told}) == Balance(Decimal(7), is_recharged=True)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"auto_recharge_enabled": True, "has_payment_method": True}, True),
        ({"auto_recharge_enabled": True, "has_payment_method": None}, True),
        ({"auto_recharge_enabled": True}, True),
        ({"auto_recharge_enabled": True, "has_payment_method": False}, False),
        ({"auto_recharge_enabled": False, "has_payment_method": True}, False),
        ({"has_payment_method": True}, None),
        ({"auto_recharge_enabled": "true"}, None),
        ({"auto_recharge_enabled": 1}, None),
        ({"auto_recharge_enabled": None}, None),
    ],
)
def test_it_is_recharged_when_that_is_on_and_there_is_something_to_pay_with(
    told: dict[str, Any], expected: object
) -> None:
    found = read({"credits_balance": 1, **told})

    assert found is not None
    assert found.is_recharged is expected


# ── Over HTTP ────────────────────────────────────────────────────────────────────────────────────
async def test_the_balance_falls_with_every_purchase(magpipe: Magpipe, shop: Simulator) -> None:
    shop.credits_balance = 20.10
    assert await magpipe.balance() == Balance(Decimal("20.10"), is_recharged=False)

    await magpipe.confirm(Order(number=DENVER), None)
    shop.auto_recharge_enabled = True
    assert await magpipe.balance() == Balance(Decimal("18.10"), is_recharged=True)
    shop.credits_balance, shop.has_payment_method = -1.5, False
    assert await magpipe.balance() == Balance(Decimal("-1.5"), is_recharged=False)
    assert magpipe.price == PRICE


async def test_a_balance_that_is_not_understood_leaves_key_names_in_the_log(
    magpipe: Magpipe, shop: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    shop.faults.queue(CREDITS, Fault(body={"data": {"wallet": "full"}}))

    assert await magpipe.balance() is None

    (record,) = [one for one in caplog.records if one.name == "bot.providers.magpipe"]
    assert record.getMessage() == "magpipe.balance_not_understood"
    assert record.__dict__["keys"] == ["wallet", "data"]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, {"error": {"code": "unauthorized", "message": "U"}}, errors.BadCredentials),
        (401, {"code": 401, "message": "Invalid JWT"}, errors.BadCredentials),
        (403, {"error": "Forbidden"}, errors.ProviderError),
        (404, {"error": "Not found"}, errors.ProviderError),
        (429, {"error": "Rate limit exceeded"}, errors.Throttled),
        (500, {"error": "x", "credits_balance": 5}, errors.ProviderError),
        (500, {"credits_balance": 5}, errors.ProviderError),
        (200, {"error": {"code": "x"}, "data": None}, errors.ProviderError),
        (200, b"<html>", errors.ProviderError),
        (200, b"", errors.ProviderError),
        (200, b"50.00", errors.ProviderError),
        (200, b'{"credits_balance": 1e9999999999999999999}', errors.ProviderError),
    ],
)
async def test_a_refusal_and_junk_are_errors_and_not_asked_for_again(
    magpipe: Magpipe,
    shop: Simulator,
    status: int,
    body: Any,
    expected: type[errors.ProviderError],
) -> None:
    shop.faults.queue(CREDITS, Fault(status=status, body=body))

    with pytest.raises(errors.ProviderError) as caught:
        await magpipe.balance()

    assert type(caught.value) is expected
    assert caught.value.fields["http_status"] == status
    assert received(shop, CREDITS) == 1


async def test_the_token_of_the_account_is_asked_for(magpipe: Magpipe, shop: Simulator) -> None:
    shop.api_token = "changed"

    with pytest.raises(errors.BadCredentials):
        await magpipe.balance()


async def test_a_cut_connection_is_tried_twice_more(magpipe: Magpipe, shop: Simulator) -> None:
    shop.faults.queue(CREDITS, Fault(cut="after"), times=2)
    assert (await magpipe.balance()) is not None

    shop.faults.queue(CREDITS, Fault(cut="before"), times=3)
    with pytest.raises(errors.NoAnswer):
        await magpipe.balance()
    assert received(shop, CREDITS) == 6


async def test_a_provider_that_is_down_is_not_asked_for_the_balance(
    shop_served: Served, shop: Simulator, clock: FakeClock
) -> None:
    options = Options(backoff=0.001, trip=Trip(failures=3, spread=0, pause=60))
    magpipe = magpipe_at(shop_served.url, clock, options)
    shop.faults.queue(CREDITS, Fault(cut="before"), times=3)
    with pytest.raises(errors.NoAnswer):
        await magpipe.balance()
    shop.requests.clear()

    with pytest.raises(errors.NotAsked):
        await magpipe.balance()
    assert shop.requests == []
    await magpipe.aclose()


async def test_the_call_counts_with_the_others_where_the_provider_throttles(
    magpipe: Magpipe, shop: Simulator
) -> None:
    shop.throttle.is_always_shut = True
    with pytest.raises(errors.Throttled):
        await magpipe.holdings()
    shop.requests.clear()

    with pytest.raises(errors.Throttled):
        await magpipe.balance()
    assert shop.requests == []
