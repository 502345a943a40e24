"""Stand-ins for the ports around the use cases: they do as told and remember, they never assert.

The store is not among them: tests use the real one on a SQLite file.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from bot.domain.agent import Agent
from bot.domain.alerts import Alert, Balance
from bot.domain.decision import Decision
from bot.domain.errors import Reason
from bot.domain.limits import Limits
from bot.domain.people import Person, Standing
from bot.domain.preview import Preview
from bot.domain.price import Price
from bot.domain.purchase import Order, Purchase, Receipt
from bot.ports import Holding, LimitReading, Message, Offer, Search, Undeliverable

START = datetime(2026, 5, 18, 14, 20, tzinfo=UTC)
LINE_PRICE, NUMBER_PRICE = Price.parse("100.00 USD"), Price.parse("2.00 USD")


class FakeClock:
    """Time that stands still until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **delta: float) -> None:
        self.at += timedelta(**delta)


class FakeDirectory:
    """People are members unless said otherwise; groups are as given."""

    def __init__(self) -> None:
        self.standings: dict[str, Standing] = {}
        self.groups: dict[str, frozenset[str]] = {}
        self.channels: dict[str, frozenset[str]] = {}  # others: Slack does not tell
        self.zones: dict[str, str] = {}
        self.trouble: dict[str, Exception] = {}

    async def person(self, user_id: str) -> Person:
        if user_id in self.trouble:
            raise self.trouble[user_id]
        return Person(
            user_id, self.standings.get(user_id, Standing.MEMBER), self.zones.get(user_id)
        )

    async def members(self, group_id: str) -> frozenset[str]:
        if group_id in self.trouble:
            raise self.trouble[group_id]
        return self.groups[group_id]

    async def in_channel(self, channel_id: str) -> frozenset[str]:
        if channel_id in self.trouble:
            raise self.trouble[channel_id]
        if channel_id not in self.channels:
            raise Undeliverable("missing_scope")
        return self.channels[channel_id]


class FakeMessenger:
    """A Slack that takes everything, except where an error is queued for a method."""

    def __init__(self) -> None:
        self.cards: list[tuple[str, str, Purchase]] = []  # channel, ts, purchase as drawn
        self.reports: list[tuple[str, Purchase]] = []
        self.news: list[tuple[str, Reason]] = []
        self.replies: list[tuple[Message, Any]] = []
        self.homes: list[tuple[str, Any]] = []  # user, what was to be shown
        self.alerts: list[tuple[str, Alert]] = []  # by the names of the port
        self.threads: list[tuple[str, str, Reason]] = []
        self.replied = asyncio.Event()
        self.errors: dict[str, list[Exception]] = {}

    async def post_card(self, channel_id: str, purchase: Purchase) -> str:
        self._maybe_raise("post_card")
        ts = f"{len(self.cards) + 1}.000"
        self.cards.append((channel_id, ts, purchase))
        return ts

    async def update_card(self, channel_id: str, ts: str, purchase: Purchase) -> None:
        self._maybe_raise("update_card")
        self.cards.append((channel_id, ts, purchase))

    async def direct(self, user_id: str) -> str:
        self._maybe_raise("direct")
        return f"D{user_id[1:]}"

    async def report(self, channel_id: str, purchase: Purchase) -> None:
        self._maybe_raise("report")
        self.reports.append((channel_id, purchase))

    async def post_alert(self, alert: Alert) -> str:
        self._maybe_raise("post_alert")
        self.alerts.append(("post_alert", alert))
        return f"{len(self.alerts)}.500"

    async def update_alert(self, alert: Alert) -> None:
        self._maybe_raise("update_alert")
        self.alerts.append(("update_alert", alert))

    async def recovered(self, alert: Alert) -> None:
        self._maybe_raise("recovered")
        self.alerts.append(("recovered", alert))

    async def say(self, channel_id: str, reason: Reason) -> None:
        self._maybe_raise("say")
        self.news.append((channel_id, reason))

    async def thread(self, channel_id: str, ts: str, reason: Reason) -> None:
        self._maybe_raise("thread")
        self.threads.append((channel_id, ts, reason))

    async def publish_home(self, user_id: str, content: Any) -> None:
        self._maybe_raise("publish_home")
        self.homes.append((user_id, content))

    async def reply(self, message: Message, content: Any) -> None:
        self._maybe_raise("reply")
        self.replies.append((message, content))
        self.replied.set()

    def _maybe_raise(self, method: str) -> None:
        if self.errors.get(method):
            raise self.errors[method].pop(0)


class FakeMeter:
    """Remembers what it was told, by the names of the port."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def moved(self, before: Purchase, after: Purchase) -> None:
        self.told.append(("moved", (before.status, after.status)))

    def confirm_sent(self, provider: str) -> None:
        self.told.append(("confirm_sent", provider))

    def card_posted(self, purchase: Purchase, at: datetime) -> None:
        self.told.append(("card_posted", at - purchase.requested_at))

    def decided(self, purchase: Purchase, decision: Decision) -> None:
        self.told.append(("decided", (purchase.status, decision.action)))

    def reported(self, purchase: Purchase, at: datetime) -> None:
        del at
        self.told.append(("reported", purchase.status))

    def limits_read(self, provider: str, limits: Limits) -> None:
        del limits
        self.told.append(("limits_read", provider))


def _nothing() -> None:
    """No hook."""


@dataclass
class FakeProvider:
    """A provider whose every answer is set by the test; it counts what costs money."""

    clock: FakeClock
    name: str = "sendblue"
    title: str = "Sendblue"
    command: str = "/line"
    price: Price = LINE_PRICE
    default_limits: tuple[int, int] | None = (3, 10)
    preview_answer: Preview | Exception | None = None
    confirm_answer: Receipt | BaseException | None = None
    account: list[Holding] = field(default_factory=list)
    holdings_error: Exception | None = None
    reading: LimitReading | Exception = field(default_factory=LimitReading)
    balance_answer: Balance | Exception | None = None
    confirms: list[str | None] = field(default_factory=list)
    on_confirm: Callable[[], Any] = _nothing
    on_holdings: Callable[[], Any] = _nothing
    skew_s: float | None = None
    insisted: int = 0  # how often it was to be asked although it is held to be down

    def insisting(self) -> Self:
        self.insisted += 1
        return self

    async def preview(self, order: Order) -> Preview:
        del order
        if isinstance(self.preview_answer, Exception):
            raise self.preview_answer
        return self.preview_answer or Preview(
            price=self.price,
            expires_at=self.clock.now() + timedelta(minutes=10),
            token="lpv_secret",
        )

    async def confirm(self, order: Order, preview_token: str | None) -> Receipt:
        del order
        self.confirms.append(preview_token)
        waiting = self.on_confirm()
        if waiting is not None:
            await waiting
        if isinstance(self.confirm_answer, BaseException):
            raise self.confirm_answer
        return self.confirm_answer or Receipt(
            number="+14152007986", ids={"worker_id": "worker_1", "subscription_id": "sub_1"}
        )

    async def holdings(self) -> list[Holding]:
        waiting = self.on_holdings()
        if waiting is not None:
            await waiting
        if self.holdings_error:
            raise self.holdings_error
        return list(self.account)

    def receipt(self, number: str, holdings: Sequence[Holding]) -> Receipt:
        ids = next((held.ids for held in holdings if held.number == number), {})
        return Receipt(number=number, ids=ids)

    async def limits(self) -> LimitReading:
        if isinstance(self.reading, Exception):
            raise self.reading
        return self.reading

    async def balance(self) -> Balance | None:
        if isinstance(self.balance_answer, Exception):
            raise self.balance_answer
        return self.balance_answer


@dataclass
class FakeNumberProvider(FakeProvider):
    """A provider that sells chosen numbers, as told."""

    name: str = "magpipe"
    title: str = "Magpipe"
    command: str = "/number"
    price: Price = NUMBER_PRICE
    default_limits: tuple[int, int] | None = None
    offers: list[Offer] | Exception = field(default_factory=list)
    known_agents: list[Agent] = field(default_factory=list)
    searches: list[Search] = field(default_factory=list)
    assigned: list[tuple[str, str]] = field(default_factory=list)
    assign_error: Exception | None = None

    async def preview(self, order: Order) -> Preview:
        if self.preview_answer is None:
            return Preview(
                price=self.price,
                expires_at=self.clock.now() + timedelta(minutes=10),
                order=order,
            )
        return await super().preview(order)

    async def search(self, wanted: Search) -> list[Offer]:
        self.searches.append(wanted)
        if isinstance(self.offers, Exception):
            raise self.offers
        return list(self.offers)

    async def agents(self) -> list[Agent]:
        return list(self.known_agents)

    async def assign(self, number: str, agent_id: str) -> None:
        if self.assign_error:
            raise self.assign_error
        self.assigned.append((number, agent_id))
