"""Magpipe's number search: once as documented, once as its published server code behaves.

`documented` follows the names of the older documentation (`area_code`, `contains`, `country`,
`type`, `limit`) and those of the newer one (`areaCode`, `state`, `city`, `query`, `numberType`).
`code` knows only the newer names, offers something else when nothing fits, and leaves out what
the documentation promises.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from bot.sandbox.magpipe_records import CAPABILITIES, Offer

SearchShape = Literal["documented", "code"]

_MOST_PER_SEARCH = 50
_USUAL_PER_SEARCH = 10  # assumed; neither source says how many come unasked


def search_answer(
    shape: SearchShape, asked: Mapping[str, Any], stock: Iterable[Offer], monthly_cost: float
) -> dict[str, Any]:
    if shape == "code":
        return _as_code(asked, list(stock))
    matches = [
        offer
        for offer in stock
        if _fits_newer_names(offer, asked) and _fits_older_names(offer, asked)
    ]
    return {
        "numbers": [
            {
                "phone_number": offer.phone_number,
                "friendly_name": _national(offer.phone_number),
                "locality": offer.locality,
                "region": offer.region,
                "capabilities": CAPABILITIES,
                "monthly_cost": monthly_cost,
            }
            for offer in matches[: _limit(asked)]
        ]
    }


def _as_code(asked: Mapping[str, Any], stock: list[Offer]) -> dict[str, Any]:
    matches = [offer for offer in stock if _fits_newer_names(offer, asked)]
    used_fallback = not matches
    if used_fallback:
        matches = [offer for offer in stock if not offer.is_toll_free]
    words = (asked.get(name) for name in ("areaCode", "state", "city", "query"))
    return {
        "numbers": [
            {
                "phone_number": offer.phone_number,
                "locality": offer.locality or "Unknown",
                "region": offer.region,
                "capabilities": CAPABILITIES,
            }
            for offer in matches[:_USUAL_PER_SEARCH]
        ],
        "searchedQuery": next((str(word) for word in words if word), ""),
        "usedFallback": used_fallback,
    }


def _fits_newer_names(offer: Offer, asked: Mapping[str, Any]) -> bool:
    number_type = asked.get("numberType")
    return (
        _same(asked.get("areaCode"), offer.area_code)
        and _same(asked.get("state"), offer.region)
        and _same(asked.get("city"), offer.locality)
        and _fits_query(offer, asked.get("query"))
        and (not number_type or (number_type == "tollFree") == offer.is_toll_free)
    )


def _fits_older_names(offer: Offer, asked: Mapping[str, Any]) -> bool:
    number_type, contains = asked.get("type"), asked.get("contains")
    return (
        _same(asked.get("area_code"), offer.area_code)
        and _same(asked.get("country"), offer.country)
        and (not contains or str(contains) in offer.phone_number)
        and (not number_type or (number_type == "toll_free") == offer.is_toll_free)
    )


def _fits_query(offer: Offer, query: object) -> bool:
    if not query:
        return True
    if str(query).isdigit():
        return offer.area_code == str(query)
    return _same(query, offer.locality) or _same(query, offer.region)


def _same(asked: object, there: str | None) -> bool:
    return not asked or str(asked).casefold() == (there or "").casefold()


def _limit(asked: Mapping[str, Any]) -> int:
    limit = asked.get("limit")
    if not isinstance(limit, int) or limit < 1:
        return _USUAL_PER_SEARCH
    return min(limit, _MOST_PER_SEARCH)


def _national(phone_number: str) -> str:
    return f"({phone_number[2:5]}) {phone_number[5:8]}-{phone_number[8:]}"
