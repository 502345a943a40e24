"""What the fake store tells of purchases: every answer looks through all of them."""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter

from bot.domain.alike import Lookalikes
from bot.domain.price import Price
from bot.domain.purchase import IN_FLIGHT, Purchase, Status
from bot.ports import MOST_COMPARED, MOST_WAITING, Bought, Filter, Others, Spent
from bot.storage import codes
from tests.fake_checks import MAY_BE_BOUGHT, FakeChecks

_TOOK_MONEY = {Status.PROVISIONED, Status.CHARGED, *IN_FLIGHT}  # or may have


class FakeReading(FakeChecks):
    """The part of the `Store` port that reads purchases."""

    def _all(self) -> list[Purchase]:
        return [row.value for row in self._purchases.values()]

    async def purchase(self, purchase_id: str) -> Purchase | None:
        row = self._purchases.get(purchase_id)
        return None if row is None else row.value

    async def by_code(self, code: str) -> Purchase | None:
        wanted = codes.normalised(code)
        return next((each for each in self._all() if each.code == wanted), None)

    async def list_purchases(self, wanted: Filter) -> list[Purchase]:
        found = [
            each
            for each in self._all()
            if wanted.requester_id in (None, each.requester_id)
            if wanted.provider in (None, each.provider)
            if wanted.is_open in (None, each.is_open)
            if wanted.status in (None, each.status)
            if wanted.since is None or each.requested_at >= wanted.since
            if wanted.until is None or each.requested_at < wanted.until
        ]
        found.sort(key=lambda each: each.requested_at, reverse=not wanted.is_open)
        return found[wanted.offset :][: wanted.limit]

    async def by_numbers(self, numbers: Collection[str]) -> dict[str, Purchase]:
        return {
            number: purchase
            for purchase in sorted(self._all(), key=lambda each: each.requested_at)
            for number in (purchase.number, purchase.second_number)
            if number is not None and number in numbers
        }

    def _took_money(self, provider: str, since: datetime) -> list[tuple[datetime, Purchase]]:
        return sorted(
            (
                (each.sent_at, each)
                for each in self._all()
                if each.provider == provider and each.status in _TOOK_MONEY
                if each.sent_at is not None and each.sent_at >= since
            ),
            key=itemgetter(0),
        )

    async def bought_since(self, provider: str, since: datetime) -> list[Bought]:
        return [
            Bought(
                code=each.code,
                requester_id=each.requester_id,
                sent_at=sent_at,
                number=each.number,
            )
            for sent_at, each in self._took_money(provider, since)
        ]

    async def spent(
        self, provider: str, since: datetime, until: datetime, requester_id: str | None = None
    ) -> list[Spent]:
        by_price: dict[Price | None, list[Purchase]] = defaultdict(list)
        for sent_at, each in self._took_money(provider, since):
            if sent_at < until and requester_id in (None, each.requester_id):
                by_price[each.price].append(each)
        found = [
            Spent(
                price=price,
                purchases=len(some),
                numbers=len(some) + sum(each.second_number is not None for each in some),
            )
            for price, some in by_price.items()
        ]
        return sorted(found, key=_dearest_first)

    async def per_day(self, provider: str, since: datetime) -> dict[tuple[date, Status], int]:
        return Counter(
            (each.requested_at.date(), each.status)
            for each in self._all()
            if each.provider == provider and each.requested_at >= since
        )

    def _waiting(self, provider: str) -> list[Purchase]:
        found = (each for each in self._all() if each.provider == provider)
        return sorted((each for each in found if each.status in MAY_BE_BOUGHT), key=_age)

    async def waiting(self, provider: str, after: Purchase | None = None) -> list[Purchase]:
        found = self._waiting(provider)
        later = [each for each in found if after is None or _age(each) > _age(after)]
        return later[:MOST_WAITING]

    async def others(self, purchase: Purchase) -> Others:
        found = self._waiting(purchase.provider)
        alike = Lookalikes(found[-MOST_COMPARED:]).of(purchase)
        return Others(waiting=min(max(0, len(found) - 1), MOST_COMPARED), alike=alike)

    async def is_alone(self, purchase: Purchase) -> bool:
        since = purchase.baseline_at
        return since is not None and not any(
            each.status in IN_FLIGHT or (each.settled_at is not None and each.settled_at >= since)
            for each in self._all()
            if each.provider == purchase.provider and each.id != purchase.id
        )


def _age(purchase: Purchase) -> tuple[datetime, str]:
    return purchase.requested_at, purchase.id


def _dearest_first(spent: Spent) -> Decimal:
    """A price that is not known comes last."""
    return -spent.price.amount if spent.price else Decimal(1)
