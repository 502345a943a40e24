"""What people ask to see. The question is owed like any message and answered by the loop: an
answer may need the provider or Slack, neither of which may be awaited before the ack."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from bot.domain import sellers
from bot.domain.agent import Agent
from bot.domain.alerts import Alert, Balance
from bot.domain.errors import NotSetUp, PurchaseNotFound
from bot.domain.limits import Limits
from bot.domain.purchase import Purchase, Status
from bot.ports import (
    AuditRow,
    Filter,
    Holding,
    Kind,
    Message,
    Offer,
    Ports,
    Provider,
    Search,
    Spent,
)
from bot.use_cases import absences, freeze, notify, numbers
from bot.use_cases.authorise import may_read
from bot.use_cases.history import History, history
from bot.use_cases.moves import new_id
from bot.use_cases.policy_answer import PolicyAnswer, policy_answer
from bot.use_cases.snooze import snooze
from bot.use_cases.spending import months, span
from bot.use_cases.usage import read_balance, read_usage


class Ask(StrEnum):
    """What is asked by command: to see something, or to do what spends nothing."""

    PENDING = "pending"
    HISTORY = "history"
    SHOW = "show"
    LIST = "list"
    LIMITS = "limits"
    SEARCH = "search"
    ASSIGN = "assign"
    SNOOZE = "snooze"
    OOO = "ooo"
    FREEZE = "freeze"
    THAW = "thaw"
    NOTIFY = "notify"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Help:
    """What guests and strangers get, and nothing else."""


@dataclass(frozen=True, slots=True)
class OpenPurchases:
    """Everything that is not over, oldest first; also unsettled `unknown` and `charged` ones."""

    purchases: Sequence[Purchase]


@dataclass(frozen=True, slots=True)
class Story:
    """One purchase and its audit, oldest row first."""

    purchase: Purchase
    rows: Sequence[AuditRow]


@dataclass(frozen=True, slots=True)
class Held:
    """A line on the account and the purchase it came from, if it was bought here."""

    holding: Holding
    purchase: Purchase | None


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the account holds; which page of it is wanted, from 0."""

    title: str  # the provider's
    held: Sequence[Held]
    provider: str = ""
    page: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsAnswer:
    """What is known of a provider's limits, and what was bought there."""

    title: str  # the provider's
    provider: str
    limits: Limits | None  # None: it has none
    is_heard: bool = True  # False: it could not be asked, so everything is the bot's own count
    expected_at: datetime | None = None  # when the 30 days' limit is reached at this pace
    per_day: Mapping[tuple[date, Status], int] = field(default_factory=dict)  # 30 days, UTC
    today: date
    months: Sequence[tuple[date, Sequence[Spent]]] = ()  # their first days, newest first
    balance: Balance | None = None


@dataclass(frozen=True, slots=True)
class Snoozed:
    """An alert that is kept quiet until then."""

    alert: Alert
    until: datetime


@dataclass(frozen=True, slots=True)
class Offers:
    """Numbers for sale, as many as were found; which page of them is wanted, from 0."""

    title: str
    wanted: Search
    offers: Sequence[Offer]
    page: int


@dataclass(frozen=True, slots=True)
class Assigned:
    """A number on the account was given to an agent."""

    title: str
    number: str
    agent: Agent


Content = (
    Help
    | OpenPurchases
    | History
    | Story
    | Holdings
    | LimitsAnswer
    | Offers
    | Assigned
    | Snoozed
    | absences.AwayContent
    | freeze.IsFrozen
    | freeze.Thawed
    | notify.Notified
    | PolicyAnswer
)

DAYS_SHOWN = 30
MONTHS_SHOWN = 3
READABLE = 200  # more than a message can hold; the rest is counted, not listed


async def ask(
    ports: Ports,
    *,
    ask: Ask,
    provider: str,
    user_id: str,
    channel_id: str | None,
    response_url: str | None,
    trigger_id: str,
    **details: Any,
) -> None:
    """Write a question down; the loop answers it. One transaction.

    `details` (JSON): `code` for SHOW, `of` (a user id), `status`, `since` ("2026-11-01"
    or "7d") and `page` for HISTORY, the fields of `Search` and
    `page` for SEARCH, `page` for LIST, `number` and `agent` for ASSIGN, `alert_id` for SNOOZE.
    """
    await ports.store.add_message(
        Message(
            id=new_id(),
            kind=Kind.ANSWER,
            user_id=user_id,
            channel_id=channel_id,
            response_url=response_url,
            body={"ask": ask.value, "provider": provider, **details},
            created_at=ports.clock.now(),
            trigger_id=trigger_id,
        )
    )
    ports.wake()


async def answer(ports: Ports, message: Message) -> Content:
    """What the asker may see of it, as it is now. Raises PurchaseNotFound, NotSetUp,
    ProviderError, TryLater."""
    if not await may_read(ports, message.user_id):
        return Help()
    return await _ANSWERS[Ask(message.body["ask"])](ports, message)


async def _pending(ports: Ports, message: Message) -> OpenPurchases:
    del message  # either command lists both providers': a code works with either, too
    wanted = Filter(is_open=True, limit=READABLE)
    return OpenPurchases(await ports.store.list_purchases(wanted))


async def _history(ports: Ports, message: Message) -> History:
    return await history(ports, message.body)


async def _story(ports: Ports, message: Message) -> Story:
    code = message.body.get("code") or ""
    purchase = await ports.store.by_code(code)
    if purchase is None:
        raise PurchaseNotFound(code=code, instance=ports.instance)
    return Story(purchase, await ports.store.audit(purchase.id))


async def _holdings(ports: Ports, message: Message) -> Holdings:
    provider = _provider(ports, message)
    holdings = await provider.holdings()
    bought = await ports.store.by_numbers({each.number for each in holdings if each.number})
    held = [Held(each, bought.get(each.number or "")) for each in holdings]
    return Holdings(provider.title, held, provider.name, message.body.get("page", 0))


async def _limits(ports: Ports, message: Message) -> LimitsAnswer:
    provider = _provider(ports, message)
    usage, (balance, deaf) = await asyncio.gather(
        read_usage(ports, provider), read_balance(provider)
    )
    today = ports.clock.now().date()
    since = datetime.combine(today, time(), UTC) - timedelta(days=DAYS_SHOWN - 1)
    return LimitsAnswer(
        title=provider.title,
        provider=provider.name,
        limits=usage.limits,
        is_heard=usage.is_heard and deaf is None,
        expected_at=usage.expected_at,
        per_day=await ports.store.per_day(provider.name, since),
        today=today,
        months=[
            (first, await ports.store.spent(provider.name, *span(first)))
            for first in months(today, MONTHS_SHOWN)
        ],
        balance=balance,
    )


async def _snoozed(ports: Ports, message: Message) -> Snoozed:
    return Snoozed(*await snooze(ports, message.body["alert_id"], message.user_id))


async def _offers(ports: Ports, message: Message) -> Offers:
    selling = numbers.seller(ports, message.body["provider"])
    named = {each.name for each in fields(Search)}
    wanted = Search(**{key: value for key, value in message.body.items() if key in named})
    return Offers(selling.title, wanted, await selling.search(wanted), message.body.get("page", 0))


async def _assigned(ports: Ports, message: Message) -> Assigned:
    name, number = message.body["provider"], message.body["number"]
    agent = await numbers.assign(
        ports, provider=name, user_id=message.user_id, number=number, agent=message.body["agent"]
    )
    return Assigned(numbers.seller(ports, name).title, number, agent)


def _provider(ports: Ports, message: Message) -> Provider:
    name: str = message.body["provider"]
    if name not in ports.providers:
        raise NotSetUp(provider=sellers.of(name).title)
    return ports.providers[name]


_ANSWERS: Mapping[Ask, Callable[[Ports, Message], Awaitable[Content]]] = MappingProxyType(
    {
        Ask.PENDING: _pending,
        Ask.HISTORY: _history,
        Ask.SHOW: _story,
        Ask.LIST: _holdings,
        Ask.LIMITS: _limits,
        Ask.SEARCH: _offers,
        Ask.ASSIGN: _assigned,
        Ask.SNOOZE: _snoozed,
        Ask.OOO: absences.away,
        Ask.FREEZE: freeze.freeze,
        Ask.THAW: freeze.thaw,
        Ask.NOTIFY: notify.notify,
        Ask.POLICY: policy_answer,
    }
)
