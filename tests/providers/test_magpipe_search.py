"""Magpipe's search: what is asked, what is believed; bytes, then the simulator over HTTP."""

import json
import logging
from decimal import Decimal
from typing import Any

import pytest

from bot.domain import errors
from bot.domain.phone_number import PhoneNumber
from bot.domain.price import Price
from bot.ports import Offer, Search
from bot.providers import magpipe_search as searching
from bot.providers.magpipe import Magpipe
from bot.providers.wire import Answer
from bot.sandbox.faults import Fault
from bot.sandbox.magpipe import SEARCH
from bot.sandbox.magpipe import Magpipe as Simulator
from bot.sandbox.magpipe_records import Offer as ForSale
from bot.sandbox.magpipe_search import SearchShape
from tests.providers.magpipe_account import OTHER_VANCOUVER, TOLL_FREE, VANCOUVER

ROW = {"phone_number": VANCOUVER}


def found(*rows: Any, **more: Any) -> searching.Found:
    body = json.dumps({"numbers": rows, **more}).encode()
    return searching.read_search(Answer(status=200, body=body))


# ── Asking ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        (
            Search(area_code="604"),
            {"area_code": "604", "areaCode": "604", "query": "604", "country": "CA"},
        ),
        (
            Search(area_code="303", contains="555"),
            {
                "area_code": "303",
                "areaCode": "303",
                "query": "303",
                "country": "US",
                "contains": "555",
            },
        ),
        (Search(city="Denver"), {"city": "Denver", "query": "Denver"}),
        (Search(contains="555"), {"contains": "555"}),
    ],
)
def test_a_wish_is_sent_in_both_spellings(wanted: Search, asked: dict[str, str]) -> None:
    call = searching.search_call(wanted)

    assert (call.method, call.path) == ("POST", "/search-phone-numbers")
    assert call.body == {**asked, "type": "local", "numberType": "local", "limit": 50}


@pytest.mark.parametrize(
    "wanted", [Search(is_toll_free=True), Search(area_code="833"), Search(area_code="800")]
)
def test_toll_free_is_asked_for_by_name_or_by_its_codes(wanted: Search) -> None:
    body = searching.search_call(wanted).body

    assert body is not None
    assert (body["type"], body["numberType"]) == ("toll_free", "tollFree")
    assert "country" not in body


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────
def test_only_the_number_of_a_row_is_relied_on() -> None:
    rows = found(ROW, {"phone_number": "(303) 652-4418", "monthly_cost": 2.10, "locality": "X"})

    assert rows.offers == [
        Offer(number=VANCOUVER),
        Offer(number="+13036524418", price=Price.parse("2.10 USD"), locality="X"),
    ]
    assert rows.unreadable == 0


@pytest.mark.parametrize(
    ("cost", "price"),
    [
        (b"2.00", "2.00 USD"),
        (b"2", "2.00 USD"),
        (b"1.1", "1.10 USD"),
        (b"2e0", "2.00 USD"),
        (b"0", None),
        (b"-1", None),
        (b"2.005", None),
        (b"1e999999", None),
        (b"NaN", None),
        (b"Infinity", None),
        (b"true", None),
        (b'"2.00"', None),
        (b"null", None),
    ],
)
def test_a_price_is_exact_or_none(cost: bytes, price: str | None) -> None:
    body = b'{"numbers":[{"phone_number":"+16045551234","monthly_cost":' + cost + b"}]}"
    (offer,) = searching.read_search(Answer(status=200, body=body)).offers

    assert offer.price == (None if price is None else Price.parse(price))
    assert offer.price is None or isinstance(offer.price.amount, Decimal)


def test_places_called_unknown_are_none_and_capabilities_are_those_that_are_true() -> None:
    can = {"mms": False, "sms": True, "voice": True, "fax": True}
    (offer,) = found(
        {**ROW, "locality": "Unknown", "region": "unknown", "capabilities": can}
    ).offers

    assert (offer.locality, offer.region) == (None, None)
    assert offer.capabilities == ("voice", "sms")


def test_rows_that_cannot_be_read_are_counted_and_repeated_ones_merged() -> None:
    rows = found(ROW, ROW, {"phone_number": "soon"}, {}, "+13036524418", None)

    assert [offer.number for offer in rows.offers] == [VANCOUVER]
    assert rows.unreadable == 4


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"<html>"), (200, b"{}"), (200, b'{"numbers":7}'), (500, b'{"error":"x"}')],
)
def test_an_answer_without_numbers_is_an_error(status: int, body: bytes) -> None:
    with pytest.raises(errors.ProviderError) as caught:
        searching.read_search(Answer(status=status, body=body))
    assert type(caught.value) is errors.ProviderError


@pytest.mark.parametrize(
    ("wanted", "row", "is_nearby"),
    [
        (Search(area_code="604"), ROW, False),
        (Search(area_code="778"), {**ROW, "locality": "Vancouver"}, True),
        (Search(city="vancouver"), {**ROW, "locality": "Vancouver"}, False),
        (Search(city="BC"), {**ROW, "locality": "Vancouver", "region": "BC"}, False),
        (Search(city="Victoria"), {**ROW, "locality": "Vancouver"}, True),
        (Search(city="Vancouver"), {**ROW, "locality": "Unknown"}, True),
        (Search(is_toll_free=True), ROW, True),
        (Search(is_toll_free=True), {"phone_number": TOLL_FREE}, False),
        (Search(contains="555"), ROW, False),
    ],
)
def test_what_is_not_known_to_be_in_the_area_asked_for_is_nearby(
    wanted: Search, row: dict[str, Any], is_nearby: bool
) -> None:
    (offer,) = searching.matching(wanted, found(row))

    assert offer.is_nearby is is_nearby


# ── Is it still for sale? ────────────────────────────────────────────────────────────────────────
NUMBER = PhoneNumber(VANCOUVER)


def rows_of(area_code: str, count: int) -> list[dict[str, str]]:
    return [{"phone_number": f"+1{area_code}673{n:04}"} for n in range(9000, 9000 + count)]


def test_a_number_that_is_listed_is_for_sale_however_many_others_are() -> None:
    offer = searching.still_offered(NUMBER, found(*rows_of("604", 49), {**ROW, "region": "BC"}))

    assert offer == Offer(number=VANCOUVER, region="BC")


@pytest.mark.parametrize("rows", [[], rows_of("604", 9), rows_of("778", 75)])
def test_a_readable_answer_without_the_number_says_that_it_is_gone(rows: list[Any]) -> None:
    with pytest.raises(errors.NumberGone) as caught:
        searching.still_offered(NUMBER, found(*rows))
    assert caught.value.fields["number"] == VANCOUVER


@pytest.mark.parametrize("rows", [rows_of("604", n) for n in (10, 20, 50, 75)] + [[{"x": 1}]])
def test_a_page_that_may_be_cut_off_or_is_partly_unreadable_says_nothing(rows: list[Any]) -> None:
    assert searching.still_offered(NUMBER, found(*rows)) is None


@pytest.mark.parametrize(
    ("number", "region", "brings"),
    [
        (VANCOUVER, None, True),
        ("+13036524418", None, False),
        ("+13036524418", "CA", False),  # California
        ("+19996524418", "BC", True),  # an area code so new that only the provider knows it
        (TOLL_FREE, "US", False),
    ],
)
def test_a_canadian_number_brings_a_second(number: str, region: str | None, brings: bool) -> None:
    offer = Offer(number=number, region=region)

    assert searching.brings_second(PhoneNumber(number), offer) is brings
    assert searching.brings_second(PhoneNumber(number), None) is (number == VANCOUVER)


# ── Over HTTP ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("shape", ["documented", "code"])
@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Search(area_code="604"), [VANCOUVER, OTHER_VANCOUVER]),
        (Search(area_code="604", contains="9021"), [OTHER_VANCOUVER]),
        (Search(city="denver"), ["+13036524418", "+13036529730", "+17209134402"]),
        (Search(city="Toronto"), ["+16472891350"]),
        (Search(area_code="833"), ["+18335074462", "+18335079016"]),
        (Search(is_toll_free=True), ["+18335074462", "+18335079016", "+18884017735"]),
    ],
)
async def test_numbers_are_found_in_either_shape(
    magpipe: Magpipe, shop: Simulator, shape: SearchShape, wanted: Search, numbers: list[str]
) -> None:
    shop.search_shape = shape

    offers = await magpipe.search(wanted)

    assert [offer.number for offer in offers] == numbers
    assert not any(offer.is_nearby for offer in offers)
    prices = {offer.price for offer in offers}
    assert prices == {Price.parse("2.00 USD") if shape == "documented" else None}
    assert {offer.capabilities for offer in offers} == {("voice", "sms", "mms")}


async def test_what_the_code_offers_instead_is_marked_nearby(
    magpipe: Magpipe, shop: Simulator
) -> None:
    shop.search_shape = "code"

    offers = await magpipe.search(Search(area_code="907"))

    assert len(offers) == 10
    assert all(offer.is_nearby for offer in offers)


async def test_a_documented_search_gives_up_to_fifty(magpipe: Magpipe, shop: Simulator) -> None:
    shop.stock = [ForSale(f"+1303652{n:04}", "Denver", "CO") for n in range(4000, 4070)]

    assert len(await magpipe.search(Search(area_code="303"))) == 50


async def test_rows_left_out_are_logged_by_their_count(
    magpipe: Magpipe, shop: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    shop.faults.queue(SEARCH, Fault(body={"numbers": [ROW, {}, {"phone_number": "s3cret"}]}))
    with caplog.at_level(logging.WARNING):
        assert len(await magpipe.search(Search(area_code="604"))) == 1

    (record,) = [one for one in caplog.records if one.name == "bot.providers.magpipe"]
    assert (record.getMessage(), record.__dict__["rows"]) == ("magpipe.search_rows_skipped", 2)


@pytest.mark.parametrize("shape", ["documented", "code"])
async def test_nothing_found_is_an_empty_list(
    magpipe: Magpipe, shop: Simulator, shape: SearchShape
) -> None:
    shop.stock, shop.search_shape = [], shape

    assert await magpipe.search(Search(city="Nowhere")) == []
