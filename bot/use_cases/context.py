"""What somebody should know who decides about a purchase: what its requester bought this month,
whether the same waits already, and what is on the account that might do instead."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.domain.preview import Preview
from bot.domain.purchase import IN_FLIGHT, Purchase, Status
from bot.ports import Filter, Ports, Spent
from bot.use_cases.spending import span, totals

UNUSED_SHOWN = 3
_TOOK_MONEY = (Status.PROVISIONED, Status.CHARGED, *IN_FLIGHT)  # or may have
_LONGEST_WAIT = timedelta(days=7)  # from a request until it is bought
_READABLE = 500


async def context(
    ports: Ports, purchase: Purchase, preview: Preview, waiting: Sequence[Purchase]
) -> Mapping[str, Any]:
    """Details (JSON) of a purchase that is previewed: `requester_month` as `this_month` has it,
    `alike` (codes) and `unused` (numbers in E.164, at most three)."""
    return {
        "requester_month": await _requester_month(ports, purchase.requester_id),
        "alike": alike(purchase, waiting),
        "unused": await _unused(ports, preview),
    }


def alike(purchase: Purchase, waiting: Sequence[Purchase]) -> list[str]:
    """The codes of others at the same provider, still waiting, of the same requester, for the same
    reason or under the same name."""
    return [each.code for each in waiting if each.id != purchase.id and _are_alike(each, purchase)]


def _are_alike(one: Purchase, other: Purchase) -> bool:
    return (
        one.requester_id == other.requester_id
        or _is_same(one.reason, other.reason)
        or _is_same(one.order.name, other.order.name)
    )


def _is_same(one: str | None, other: str | None) -> bool:
    """Whatever their case and spaces; nothing is not the same as nothing."""
    words = (one or "").casefold().split()
    return bool(words) and words == (other or "").casefold().split()


async def _requester_month(ports: Ports, requester_id: str) -> Mapping[str, Any]:
    """What somebody's purchases took money for this month (UTC), or may have."""
    since, _ = span(ports.clock.now().date().replace(day=1))
    # By when they were requested, which may have been before the month.
    wanted = Filter(requester_id=requester_id, since=since - _LONGEST_WAIT, limit=_READABLE)
    bought = [
        each
        for each in await ports.store.list_purchases(wanted)
        if each.status in _TOOK_MONEY and each.sent_at is not None and each.sent_at >= since
    ]
    numbers = Counter[str]()
    for each in bought:
        numbers[each.provider] += 2 if each.second_number else 1
    prices = totals(Spent(price=each.price, purchases=1, numbers=1) for each in bought)
    return {"bought": dict(numbers), "spent": [str(price) for price in prices]}


async def _unused(ports: Ports, preview: Preview) -> list[str]:
    """What the preview saw lie idle, but no second number that came with another one."""
    idle = list(preview.details.get("unused", ()))
    if not idle:
        return []
    bought = await ports.store.by_numbers(idle)
    seconds = {each.second_number for each in bought.values()}
    return [number for number in idle if number not in seconds][:UNUSED_SHOWN]
