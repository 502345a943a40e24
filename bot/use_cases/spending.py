"""What was bought through the bot, month by month (UTC)."""

from collections.abc import Iterable, Mapping
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


async def this_month(ports: Ports) -> Mapping[str, Any]:
    """What was bought this month, as JSON: {"bought": {provider: numbers}, "spent": [price]}, one
    price per currency."""
    since, until = span(ports.clock.now().date().replace(day=1))
    found = {name: await ports.store.spent(name, since, until) for name in sorted(ports.providers)}
    numbers = {name: sum(each.numbers for each in spent) for name, spent in found.items()}
    every = (each for spent in found.values() for each in spent)
    return {
        "bought": {name: count for name, count in numbers.items() if count},
        "spent": [str(price) for price in totals(every)],
    }
