"""The world outside the bot: two providers that keep books, and a Slack that shows what it has.

`faults` says what goes wrong with the next call of a kind; what is not in it goes well. One
object of each class here stands for one worker's client; what they share is `Outside`.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from bot.domain.alerts import Alert, Balance
from bot.domain.errors import (
    AnswerLost,
    ChargedWithoutNumber,
    NoAnswer,
    NoCardOnFile,
    NumberAlreadyOurs,
    PreviewExpired,
    ProviderUnreachable,
    Reason,
    Throttled,
)
from bot.domain.people import Person, Standing
from bot.domain.preview import Preview
from bot.domain.price import Price
from bot.domain.purchase import Order, Purchase, Receipt
from bot.ports import CardGone, Holding, LimitReading, Message, TryLater, Undeliverable
from tests.fakes import FakeClock
from tests.model.workers import Gates

VALID = timedelta(minutes=10)

# What may go wrong with each kind of call; the last words of a name say when.
FAULTS = {
    "preview": ["refused", "away", "dearer"],
    "confirm": [
        "refused",
        "unsent",
        "lost before",
        "lost after",
        "broken before",
        "broken after",
        "charged",
    ],
    "holdings": ["away"],
    "post": ["later before", "later after", "refused"],
    "update": ["later before", "later after", "gone", "refused"],
    "report": ["later before", "later after", "refused"],
    "reply": ["later before", "refused"],
    "person": ["later", "guest"],
}


@dataclass
class Outside:
    """What the world has seen."""

    clock: FakeClock
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    confirms: Counter[str] = field(default_factory=Counter)  # purchase id → requests that arrived
    charges: Counter[str] = field(default_factory=Counter)  # purchase id → charges to the card
    accounts: dict[str, dict[str, Holding]] = field(default_factory=lambda: defaultdict(dict))
    previews: dict[str, datetime] = field(default_factory=dict)  # token → until when
    used: set[str] = field(default_factory=set)
    price: int = 2  # of a number, in dollars
    shown: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)  # card → version
    reported: set[tuple[str, str]] = field(default_factory=set)  # purchase id, status
    replied: set[str] = field(default_factory=set)  # purchase ids, and triggers
    may_be_sent: Callable[[str], None] = lambda _: None
    _names: int = 0

    def fault(self, kind: str) -> str:
        return self.faults[kind].pop(0) if self.faults[kind] else ""

    def name(self) -> int:
        self._names += 1
        return self._names

    def charge(self, purchase_id: str, provider: str, number: str | None) -> None:
        self.charges[purchase_id] += 1
        if number:
            worker = f"worker_{number[-4:]}"
            self.accounts[provider][number] = Holding(
                key=worker, number=number, ids={"worker_id": worker}
            )


class Seller:
    """Sends each call through the worker's gates; the two sorts of providers differ below."""

    name = ""
    title = ""
    command = ""
    default_limits: tuple[int, int] | None = None
    skew_s: float | None = None

    def __init__(self, outside: Outside, gates: Gates) -> None:
        self._outside = outside
        self._gates = gates

    async def preview(self, order: Order) -> Preview:
        return await self._gates.through("preview", lambda: self._preview(order))

    async def confirm(self, order: Order, preview_token: str | None) -> Receipt:
        task = asyncio.current_task()
        assert task is not None
        purchase_id = task.get_name().split()[1]

        async def sent() -> Receipt | Exception:
            try:
                return await self._confirm(purchase_id, order, preview_token)
            except Exception as error:  # noqa: BLE001 the answer, which travels for a while
                return error

        answer = await self._gates.through("confirm", sent)

        async def arrived() -> Receipt:
            if isinstance(answer, Exception):
                raise answer
            return answer

        return await self._gates.through("answer", arrived)

    async def holdings(self) -> list[Holding]:
        return await self._gates.through("holdings", self._holdings)

    def insisting(self) -> Self:
        return self

    def receipt(self, number: str, holdings: Sequence[Holding]) -> Receipt:
        ids = next((held.ids for held in holdings if held.number == number), {})
        return Receipt(number=number, ids=ids)

    async def limits(self) -> LimitReading:
        return LimitReading()

    async def balance(self) -> Balance | None:
        return None

    async def _holdings(self) -> list[Holding]:
        if self._outside.fault("holdings"):
            raise NoAnswer(provider=self.title)
        return list(self._outside.accounts[self.name].values())

    async def _preview(self, order: Order) -> Preview:
        match self._outside.fault("preview"):
            case "refused":
                raise NoCardOnFile(provider=self.title)
            case "away":
                raise Throttled(provider=self.title)
            case "dearer":
                self._outside.price += 1
        return self._quote(order)

    def _quote(self, order: Order) -> Preview:
        raise NotImplementedError

    def _refuses(self, order: Order, token: str | None) -> Exception | None:
        raise NotImplementedError

    async def _confirm(self, purchase_id: str, order: Order, token: str | None) -> Receipt:
        outside = self._outside
        fault = outside.fault("confirm")
        if fault == "unsent":
            raise ProviderUnreachable(provider=self.title)
        outside.may_be_sent(purchase_id)
        outside.confirms[purchase_id] += 1
        if fault == "lost before":
            raise AnswerLost(provider=self.title)
        if fault == "broken before":
            raise RuntimeError("something that nobody thought of")
        if fault == "refused":
            raise NoCardOnFile(provider=self.title)
        if (refusal := self._refuses(order, token)) is not None:
            raise refusal
        if fault == "charged":
            outside.charge(purchase_id, self.name, None)
            raise ChargedWithoutNumber(provider=self.title)
        number = order.number or f"+1415200{1000 + outside.name()}"
        outside.charge(purchase_id, self.name, number)
        if fault == "lost after":
            raise AnswerLost(provider=self.title)
        if fault == "broken after":
            raise RuntimeError("something that nobody thought of")
        return self.receipt(number, list(outside.accounts[self.name].values()))


class Lines(Seller):
    """Sells lines by a token, as Sendblue does."""

    name, title, command = "sendblue", "Sendblue", "/line"
    price = Price.parse("100.00 USD")
    default_limits: tuple[int, int] | None = (3, 10)

    def _quote(self, order: Order) -> Preview:
        del order
        token = f"lpv_{self._outside.name()}"
        until = self._outside.clock.now() + VALID
        self._outside.previews[token] = until
        return Preview(price=Price.parse("100.00 USD"), expires_at=until, token=token)

    def _refuses(self, order: Order, token: str | None) -> Exception | None:
        del order
        until = self._outside.previews.get(token or "")
        is_over = until is None or self._outside.clock.now() >= until
        if token in self._outside.used or is_over:
            return PreviewExpired(provider=self.title)
        self._outside.used.add(token or "")
        return None


class Numbers(Seller):
    """Sells chosen numbers, without a token, as Magpipe does."""

    name, title, command = "magpipe", "Magpipe", "/number"
    price = Price.parse("2.00 USD")

    def _quote(self, order: Order) -> Preview:
        if (refusal := self._refuses(order, None)) is not None:
            raise refusal
        return Preview(
            price=Price.parse(f"{self._outside.price}.00 USD"),
            expires_at=self._outside.clock.now() + VALID,
            order=order,
        )

    def _refuses(self, order: Order, token: str | None) -> Exception | None:
        del token
        if order.number in self._outside.accounts[self.name]:
            return NumberAlreadyOurs(provider=self.title, number=order.number)
        return None


class Slack:
    """Directory and messenger of one worker."""

    def __init__(self, outside: Outside, gates: Gates) -> None:
        self._outside = outside
        self._gates = gates

    async def person(self, user_id: str) -> Person:
        match self._outside.fault("person"):
            case "later":
                raise TryLater("down")
            case "guest":
                return Person(user_id, Standing.GUEST)
        return Person(user_id, Standing.MEMBER)

    async def members(self, group_id: str) -> frozenset[str]:
        raise Undeliverable(group_id)

    async def in_channel(self, channel_id: str) -> frozenset[str]:
        raise Undeliverable(channel_id)

    async def direct(self, user_id: str) -> str:
        raise Undeliverable(user_id)

    async def post_card(self, channel_id: str, purchase: Purchase) -> str:
        async def post() -> str:
            ts = f"{self._outside.name()}.0"
            self._take("post", (channel_id, ts), purchase)
            return ts

        return await self._gates.through("post", post)

    async def thread(self, channel_id: str, ts: str, reason: Reason) -> None:
        del ts, reason
        await self._gates.through("thread", lambda: self._tell(channel_id))

    async def publish_home(self, user_id: str, content: Any) -> None:
        del user_id, content
        await self._gates.through("home", lambda: self._tell(""))

    async def _tell(self, channel_id: str) -> None:
        del channel_id
        if fault := self._outside.fault("report"):
            raise _trouble(fault)

    async def say(self, channel_id: str, reason: Reason) -> None:
        del reason
        raise Undeliverable(channel_id)

    async def update_card(self, channel_id: str, ts: str, purchase: Purchase) -> None:
        async def update() -> None:
            if (channel_id, ts) not in self._outside.shown:
                raise CardGone("message_not_found")
            self._take("update", (channel_id, ts), purchase)

        await self._gates.through("update", update)

    async def report(self, channel_id: str, purchase: Purchase) -> None:
        async def say() -> None:
            # A refusal is the channel's: directly, people can always be told.
            fault = self._outside.fault("report") if channel_id.startswith("C") else ""
            if fault in ("later before", "refused"):
                raise _trouble(fault)
            self._outside.reported.add((purchase.id, purchase.status.value))
            if fault:
                raise _trouble(fault)

        await self._gates.through("report", say)

    async def post_alert(self, alert: Alert) -> str:
        return await self._gates.through("alert", lambda: self._warn(alert))

    async def update_alert(self, alert: Alert) -> None:
        await self._gates.through("alert", lambda: self._warn(alert))

    async def recovered(self, alert: Alert) -> None:
        await self._gates.through("alert", lambda: self._warn(alert))

    async def _warn(self, alert: Alert) -> str:
        if fault := self._outside.fault("report"):
            raise _trouble(fault)
        return f"{alert.id}.0"

    async def reply(self, message: Message, content: Any) -> None:
        del content

        async def say() -> None:
            if fault := self._outside.fault("reply"):
                raise _trouble(fault)
            self._outside.replied.add(message.purchase_id or "")

        await self._gates.through("reply", say)

    def _take(self, kind: str, place: tuple[str, str], purchase: Purchase) -> None:
        fault = self._outside.fault(kind)
        if fault == "gone":
            del self._outside.shown[place]
            raise CardGone("message_not_found")
        if fault in ("later before", "refused"):
            raise _trouble(fault)
        self._outside.shown[place] = (purchase.id, purchase.version)
        if fault:
            raise _trouble(fault)


def _trouble(fault: str) -> Exception:
    return Undeliverable("is_archived") if fault == "refused" else TryLater("connection lost")
