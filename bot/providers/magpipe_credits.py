"""Magpipe's `GET /get-credits-info`: what is left of the account's credits, in US dollars.

The provider documents the names of the fields and no more; amounts are read exactly.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from bot.domain.alerts import Balance
from bot.providers.magpipe_wire import read_object
from bot.providers.wire import Answer, Call, Purpose

_INSIDE = ("data", "credits")
_NUMERIC = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,30})?")
_MOST = 10**9  # dollars; more is no balance


def credits_call() -> Call:
    """The only GET of this provider."""
    return Call(method="GET", path="/get-credits-info", purpose=Purpose.READ)


def read_credits(answer: Answer, secrets: Collection[str] = ()) -> Mapping[str, Any]:
    """The answer with what it has inside `data` or `credits` brought to the top. Raises
    ProviderError."""
    content = read_object(answer, secrets)
    return {key: value for level in _levels(content) for key, value in level.items()}


def balance(content: Mapping[str, Any]) -> Balance | None:
    """The balance, to the cent: a provider that reckons in binary fractions says 3.9999999999 and
    means 4. Below zero is a debt. None when there is no amount that can be read."""
    amount = _amount(content.get("credits_balance"))
    if amount is None:
        return None
    recharges = content.get("auto_recharge_enabled")
    if recharges is True:
        recharges = content.get("has_payment_method") is not False  # else there is nothing to take
    return Balance(amount, recharges if isinstance(recharges, bool) else None)


def _levels(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The outermost last, so that it has the last word."""
    for key in _INSIDE:
        inside = content.get(key)
        if isinstance(inside, dict):
            yield inside
    yield content


def _amount(value: object) -> Decimal | None:
    if isinstance(value, str) and _NUMERIC.fullmatch(value.strip()):
        value = Decimal(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None  # also NaN and Infinity, which JSON has not but Python reads
    amount = Decimal(value)
    return round(amount, 2) if abs(amount) <= _MOST else None
