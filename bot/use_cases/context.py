"""What somebody should know who decides about a purchase: what its requester bought this month,
whether the same waits already, and what is on the account that might do instead."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from bot.domain.preview import Preview
from bot.domain.purchase import Purchase
from bot.ports import MOST_WAITING, Glance, Ports
from bot.use_cases.spending import this_month

UNUSED_SHOWN = 3


async def context(
    ports: Ports, purchase: Purchase, preview: Preview, waiting: Sequence[Glance]
) -> Mapping[str, Any]:
    """Details (JSON) of a purchase that is previewed: `requester_month` as `this_month` has it,
    `alike` (codes) and `unused` (numbers in E.164, at most three)."""
    month, unused = await asyncio.gather(
        this_month(ports, purchase.requester_id), _unused(ports, preview)
    )
    return {"requester_month": month, "alike": alike(purchase, waiting), "unused": unused}


def alike(purchase: Purchase, waiting: Sequence[Purchase | Glance]) -> list[str]:
    """The codes of others at the same provider, still waiting, of the same requester, for the same
    reason or under the same name."""
    return [each.code for each in waiting if each.id != purchase.id and _are_alike(each, purchase)]


def _are_alike(one: Purchase | Glance, other: Purchase) -> bool:
    return (
        one.requester_id == other.requester_id
        or _is_same(one.reason, other.reason)
        or _is_same(one.order.name, other.order.name)
    )


def _is_same(one: str | None, other: str | None) -> bool:
    """Whatever their case and spaces; nothing is not the same as nothing."""
    if not one or not other:
        return False
    words = _words(one)
    return bool(words) and words == _words(other)


@lru_cache(maxsize=2 * MOST_WAITING)  # all that wait are compared with all others
def _words(text: str) -> list[str]:
    return text.casefold().split()


async def _unused(ports: Ports, preview: Preview) -> list[str]:
    """What the preview saw lie idle, but no second number that came with another one."""
    idle = list(preview.details.get("unused", ()))
    if not idle:
        return []
    bought = await ports.store.by_numbers(idle)
    seconds = {each.second_number for each in bought.values()}
    return [number for number in idle if number not in seconds][:UNUSED_SHOWN]
