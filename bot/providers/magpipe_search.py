"""Magpipe's number search: what to ask, and how far to believe what comes back. No I/O.

The documentation has changed its parameters and the published server code reads only the newer
ones, so every wish is sent in both spellings; the code also ignores `contains` and `limit`, and
falls back to other areas when one has nothing to sell. Hence every result is held against what was
asked. Of a row only `phone_number` can be relied on.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from bot.domain.errors import NumberGone, ProviderError
from bot.domain.phone_number import PhoneNumber
from bot.domain.price import Price
from bot.ports import Offer, Search
from bot.providers.magpipe_wire import TITLE, error_fields, read_call, read_object
from bot.providers.wire import Answer, Call, e164, said

MOST = 50  # results; the documented ceiling
# Published versions of the search gave 20, then 75 rows at most and do not say when there were
# more. A page at least this long may therefore have been cut off.
_MAY_BE_CUT_OFF = 10
_TOLL_FREE = frozenset({"800", "833", "844", "855", "866", "877", "888"})
_PROVINCES = frozenset("AB BC MB NB NL NS NT NU ON PE QC SK YT".split())  # noqa: SIM905 - shorter
_CAPABILITIES = ("voice", "sms", "mms")
_DEAREST = 100_000  # dollars a month; more is no price


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave, unfiltered; `unreadable` rows are left out of `offers`."""

    offers: list[Offer]
    unreadable: int


# ── Asking ───────────────────────────────────────────────────────────────────────────────────────
def search_call(wanted: Search) -> Call:
    asked = {
        "area_code": wanted.area_code,
        "areaCode": wanted.area_code,
        "city": None if wanted.area_code else wanted.city,
        "query": wanted.area_code or wanted.city,
        "contains": wanted.contains,
        # Only where the area tells: a city may be in either country, and unasked both are searched.
        "country": _country(wanted.area_code),
        "type": "toll_free" if _is_toll_free(wanted) else "local",
        "numberType": "tollFree" if _is_toll_free(wanted) else "local",
        "limit": MOST,
    }
    body = {key: value for key, value in asked.items() if value is not None}
    return read_call("/search-phone-numbers", **body)


def search_for(number: PhoneNumber) -> Search:
    """The search that shows whether this very number is for sale."""
    return Search(area_code=number.area_code or None, contains=number.e164[-7:])


def _is_toll_free(wanted: Search) -> bool:
    return wanted.is_toll_free or wanted.area_code in _TOLL_FREE


def _country(area_code: str | None) -> str | None:
    if area_code is None or area_code in _TOLL_FREE:
        return None
    # Any number of that area: the country hangs on the area code.
    return "CA" if PhoneNumber(f"+1{area_code}2345678").is_canadian else "US"


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────
def read_search(answer: Answer, secrets: Collection[str] = ()) -> Found:
    """Everything the answer offers. Raises ProviderError."""
    rows = read_object(answer, secrets).get("numbers")
    if not isinstance(rows, list):
        raise ProviderError(**error_fields(answer, secrets))
    read = [_offer(row) if isinstance(row, dict) else None for row in rows]
    offers = {offer.number: offer for offer in read if offer is not None}
    return Found(list(offers.values()), unreadable=read.count(None))


def matching(wanted: Search, found: Found) -> list[Offer]:
    """The offers that have the wanted digits; those of another area are marked nearby.

    Nearby is also what names no place although a city was asked for: it may be anywhere.
    """
    return [
        replace(offer, is_nearby=not _is_there(offer, wanted))
        for offer in found.offers
        if wanted.contains is None or wanted.contains in offer.number
    ]


def still_offered(number: PhoneNumber, found: Found) -> Offer | None:
    """The offer of this number; None when the answer cannot tell. Raises NumberGone.

    It cannot tell when a row is unreadable, or when its own area fills a page that may have been
    cut off. Offers of other areas alone mean that this one has nothing for sale.
    """
    for offer in found.offers:
        if offer.number == number.e164:
            return offer
    in_area = sum(_area(offer) == number.area_code for offer in found.offers)
    if found.unreadable or in_area >= _MAY_BE_CUT_OFF:
        return None
    raise NumberGone(provider=TITLE, number=number.e164)


def brings_second(number: PhoneNumber, offer: Offer | None) -> bool:
    """Whether buying this number makes the provider buy a US number as well: it is Canadian, by
    its area code or because the search says so."""
    return number.is_canadian or (offer is not None and offer.region in _PROVINCES)


def _is_there(offer: Offer, wanted: Search) -> bool:
    area = _area(offer)
    if wanted.area_code is not None:
        return area == wanted.area_code
    if wanted.is_toll_free and area not in _TOLL_FREE:
        return False
    if wanted.city is None:
        return True
    places = {place.casefold() for place in (offer.locality, offer.region) if place}
    return wanted.city.casefold() in places


def _area(offer: Offer) -> str:
    return PhoneNumber(offer.number).area_code


def _offer(row: Mapping[str, Any]) -> Offer | None:
    number = e164(row.get("phone_number"))
    if number is None:
        return None
    can = row.get("capabilities")
    return Offer(
        number=number,
        locality=_place(row.get("locality")),
        region=_place(row.get("region")),
        price=_price(row.get("monthly_cost")),
        capabilities=tuple(
            name for name in _CAPABILITIES if isinstance(can, dict) and can.get(name) is True
        ),
    )


def _place(value: object) -> str | None:
    place = said(value)
    return None if place is None or place.casefold() == "unknown" else place


def _price(value: object) -> Price | None:
    """US dollars per month; None for what is no price. Zero is none: nothing here is free."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    try:
        return Price(Decimal(value), "USD") if 0 < value <= _DEAREST else None
    except (ValueError, ArithmeticError):  # fractions of a cent; NaN
        return None
