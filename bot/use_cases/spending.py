"""What was bought through the bot, month by month (UTC)."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from bot.domain.price import Price
from bot.ports import Ports, Spent


def months(today: date, count: int) -> list[date]:
    """The first days of this month and those before, newest first."""
    found = [today.replace(day=1)]
    while len(found) < count:
        year, month = found[-1].year, found[-1].month
        found.append(date(year - (month == 1), (month - 2) % 12 + 1, 1))
    return found


def span(first: date) -> tuple[datetime, datetime]:
    """From the month's first instant to the next month's."""
    after = date(first.year + (first.month == 12), first.month % 12 + 1, 1)  # noqa: PLR2004 December
    return datetime.combine(first, time(), UTC), datetime.combine(after, time(), UTC)


def totals(spent: Iterable[Spent]) -> list[Price]:
    """What that costs per month, one price per currency; unknown prices are left out."""
    sums: dict[str, Decimal] = {}
    for each in spent:
        if each.price is not None:
            before = sums.get(each.price.currency, Decimal(0))
            sums[each.price.currency] = before + each.price.amount * each.purchases
    return [Price(amount, currency) for currency, amount in sorted(sums.items())]


async def bought_this_month(
    ports: Ports, requester_id: str | None = None
) -> Mapping[str, Sequence[Spent]]:
    """What took money this month (UTC), or may have, by provider; with `requester_id` what that
    person requested."""
    since, until = span(ports.clock.now().date().replace(day=1))
    names = sorted(ports.providers)
    asked = (ports.store.spent(name, since, until, requester_id) for name in names)
    return dict(zip(names, await asyncio.gather(*asked), strict=True))


async def this_month(ports: Ports, requester_id: str | None = None) -> Mapping[str, Any]:
    """The same as JSON: {"bought": {provider: numbers}, "spent": [price]}, one price per
    currency."""
    found = await bought_this_month(ports, requester_id)
    numbers = {name: sum(each.numbers for each in spent) for name, spent in found.items()}
    every = (each for spent in found.values() for each in spent)
    return {
        "bought": {name: count for name, count in numbers.items() if count},
        "spent": [str(price) for price in totals(every)],
    }
