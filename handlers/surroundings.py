"""What a card says of what is around its purchase: what was bought this month and by its requester,
what waits already, what might do instead; pure."""

from collections.abc import Mapping
from typing import Any

from bot.domain.alike import MOST_ALIKE
from bot.domain.purchase import Purchase
from handlers.wording import amount, code, count, phone

_ALIKE = 3  # codes that a warning names


def alike(purchase: Purchase) -> str:
    """A warning where the same seems to wait already."""
    found = purchase.details.get("alike")
    codes = [code(str(each)) for each in found] if isinstance(found, list | tuple) else []
    if not codes:
        return ""
    at_least = "at least " if len(codes) >= MOST_ALIKE else ""
    more = f" and {at_least}{len(codes) - _ALIKE} more" if len(codes) > _ALIKE else ""
    verb = "is" if len(codes) == 1 else "are"
    return f"*Looks like {', '.join(codes[:_ALIKE])}{more}, which {verb} waiting.*"


def unused(purchase: Purchase) -> str:
    """What is on the account and might do instead."""
    found = purchase.details.get("unused")
    numbers = [phone(str(each)) for each in found] if isinstance(found, list | tuple) else []
    if not numbers:
        return ""
    if len(numbers) == 1:
        return f"{numbers[0]} on the account has no agent: it might do instead."
    listed = f"{', '.join(numbers[:-1])} and {numbers[-1]}"
    return f"{listed} on the account have no agent: one of them might do instead."


def spending(purchase: Purchase) -> str:
    """What was bought here this month, and what this purchase adds to what is paid each month."""
    month = purchase.details.get("month")
    if not isinstance(month, Mapping) or purchase.price is None:
        return ""
    adds = purchase.price.display()
    counted = _bought(month)
    if not counted:
        return f"The first one this month; it adds {adds} per month."
    return f"This month here: {counted}; this one adds {adds}."


def requesters_month(purchase: Purchase) -> str:
    """What the requester's purchases were this month."""
    month = purchase.details.get("requester_month")
    if not isinstance(month, Mapping):
        return ""
    counted = _bought(month)
    if not counted:
        return "The requester's first this month."
    return f"The requester's purchases this month: {counted}."


def _bought(month: Mapping[str, Any]) -> str:
    """How many were bought in a month, and what they cost."""
    bought, spent = month.get("bought"), month.get("spent")
    numbers = bought if isinstance(bought, Mapping) else {}
    counted = [count(name, n) for name, n in sorted(numbers.items(), reverse=True) if n]
    prices = [amount(str(each)) for each in spent] if isinstance(spent, list | tuple) else []
    cost = f" for {' and '.join(prices)} per month" if prices else ""
    return f"{' and '.join(counted)}{cost}" if counted else ""
