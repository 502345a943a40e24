"""What somebody should know who decides about a purchase: what its requester bought this month,
whether the same waits already, and what is on the account that might do instead."""

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.domain.preview import Preview
from bot.domain.purchase import Purchase
from bot.ports import Ports
from bot.use_cases.spending import this_month

UNUSED_SHOWN = 3


async def context(ports: Ports, purchase: Purchase) -> Mapping[str, Any]:
    """Details (JSON) of a purchase that is previewed: how many others are `waiting`, codes of those
    that are `alike`, and `month` and `requester_month` as `this_month` has them."""
    others, month, requester_month = await asyncio.gather(
        ports.store.others(purchase),
        this_month(ports),
        this_month(ports, purchase.requester_id),
    )
    return {
        "waiting": others.waiting,
        "alike": list(others.alike),
        "month": month,
        "requester_month": requester_month,
    }


async def unused(ports: Ports, preview: Preview) -> list[str]:
    """What the preview saw lie idle, at most three numbers in E.164, but no second number that came
    with another one."""
    idle = list(preview.details.get("unused", ()))
    if not idle:
        return []
    bought = await ports.store.by_numbers(idle)
    seconds = {each.second_number for each in bought.values()}
    return [number for number in idle if number not in seconds][:UNUSED_SHOWN]
