"""Imaginary Telephone on the wire: calls from intentions, values or errors from answers. No I/O."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from bot.domain import errors
from bot.domain.preview import Preview
from bot.domain.price import Price
from bot.domain.purchase import Receipt
from bot.ports import Holding
from bot.providers.wire import Answer, Call, Purpose, e164, instant, said

TITLE = "Imaginary Telephone"

# What each refusal means, by status and word together: half a match is no refusal.
_REFUSALS: Mapping[tuple[int, str], type[errors.NothingSpent]] = {
    (401, "unknown_token"): errors.BadCredentials,
    (402, "no_funds"): errors.NoCardOnFile,
    (409, "sold_out"): errors.NoneAvailable,
    (410, "quote_over"): errors.PreviewExpired,
}
_QUOTE = re.compile(r"imq_[\w-]+")  # whoever has one can order


def credentials(api_token: str) -> dict[str, str]:
    """Headers for every call."""
    return {"Authorization": f"Bearer {api_token}"}


def quote_call() -> Call:
    return Call(method="POST", path="/v1/quotes", purpose=Purpose.PREVIEW)


def order_call(quote: str) -> Call:
    """SPENDS MONEY when it is sent."""
    return Call(method="POST", path="/v1/orders", purpose=Purpose.CONFIRM, body={"quote": quote})


def numbers_call() -> Call:
    return Call(method="GET", path="/v1/numbers", purpose=Purpose.READ)


def read_quote(answer: Answer, secrets: Collection[str]) -> Preview:
    """Raises NothingSpent's family only: a quote charges nothing, whatever comes back."""
    content = answer.json_object() or {}
    quote, expires_at = content.get("quote"), instant(content.get("good_until"))
    price = _price(content.get("monthly"))
    if answer.is_success and isinstance(quote, str) and quote and price and expires_at:
        return Preview(price=price, expires_at=expires_at, token=quote)
    refusal = _refusal(answer, content) or errors.ProviderUnclear
    raise refusal(**_fields(answer, content, secrets))


def read_order(answer: Answer, secrets: Collection[str]) -> Receipt:
    """Raises the error of a documented refusal; AnswerLost for everything else, for money may have
    moved."""
    content = answer.json_object() or {}
    number = e164(content.get("number"))
    if answer.is_success and number:
        return Receipt(number=number, ids=_ids(content))
    fields = _fields(answer, content, secrets)
    refusal = _refusal(answer, content)
    if refusal is not None and number is None:
        raise refusal(**fields)
    what = f"HTTP {answer.status}, from which I cannot tell what was bought"
    raise errors.AnswerLost(what=what, **fields)


def read_numbers(answer: Answer, secrets: Collection[str]) -> list[Holding]:
    """All lines or an error: one that is left out now would pass for a new one later."""
    content = answer.json_object() or {}
    rows = content.get("numbers")
    if not answer.is_success or not isinstance(rows, list):
        refusal = _refusal(answer, content) or errors.ProviderError
        raise refusal(**_fields(answer, content, secrets))
    found = [_holding(row) for row in rows]
    held = [each for each in found if each is not None]
    if len(held) < len(found):
        raise errors.ProviderError(**_fields(answer, content, secrets))
    return held


def _refusal(answer: Answer, content: Mapping[str, Any]) -> type[errors.NothingSpent] | None:
    """The documented refusal that this is; None when in any doubt."""
    return _REFUSALS.get((answer.status, str(content.get("problem"))))


def _fields(answer: Answer, content: Mapping[str, Any], secrets: Collection[str]) -> dict[str, Any]:
    """What is stored and shown of an error: never the body, only its message without secrets."""
    message = content.get("message")
    quotes = _QUOTE.findall(message) if isinstance(message, str) else ()
    return {
        "provider": TITLE,
        "http_status": answer.status,
        "said": said(message, (*secrets, *quotes)),
    }


def _price(monthly: object) -> Price | None:
    if not isinstance(monthly, dict):
        return None
    try:
        return Price.parse(f"{monthly.get('amount')} {monthly.get('currency')}")
    except ValueError:
        return None


def _ids(content: Mapping[str, Any]) -> dict[str, str]:
    order = said(content.get("order"))
    return {"order": order} if order else {}


def _holding(row: object) -> Holding | None:
    if not isinstance(row, dict):
        return None
    number = e164(row.get("number"))
    return Holding(key=number, number=number, ids=_ids(row)) if number else None
