"""Those who sell lines and numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.domain.agent import Agent
from bot.domain.alerts import Balance
from bot.domain.limits import Reading
from bot.domain.preview import Preview
from bot.domain.price import Price
from bot.domain.purchase import Order, Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A line or number on the account. `key` identifies it over time (worker id or number)."""

    key: str
    number: str | None  # E.164
    ids: Mapping[str, str] = field(default_factory=dict)
    state: str | None = None  # the provider's word, for example "ONLINE"
    name: str | None = None
    agent_name: str | None = None  # whom it is assigned to
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LimitReading:
    """What the provider says of its two windows; empty readings where it says nothing."""

    day: Reading = field(default_factory=Reading)
    month: Reading = field(default_factory=Reading)


class Provider(Protocol):
    """One provider. Errors are those of `domain.errors`: NothingSpent's family for a definite no,
    ChargedWithoutNumber, AnswerLost. Only `confirm` spends money; it is never retried."""

    name: str  # "sendblue"
    title: str  # "Sendblue"
    command: str  # "/line"
    price: Price  # of one line or number per month, where no answer names another
    default_limits: tuple[int, int] | None  # per 24 hours, per 30 days; None: it has none

    @property
    def skew_s(self) -> float | None:
        """By how many seconds its clock is ahead of ours, as last seen; None: not seen yet."""

    def insisting(self) -> "Provider":
        """The same provider, asked even while it is held to be down, when other reads and previews
        raise NotAsked at once: for what a confirm needs beforehand. Confirms are never held."""

    async def preview(self, order: Order) -> Preview:
        """Ask for a quote; retried on connection trouble. Raises NothingSpent's family only."""

    async def confirm(self, order: Order, preview_token: str | None) -> Receipt:
        """SPENDS MONEY. One request, sent once. Raises NothingSpent's family only when the
        provider said so or the request provably never left."""

    async def holdings(self) -> list[Holding]:
        """What is on the account now. Raises ProviderError."""

    def receipt(self, number: str, holdings: Sequence[Holding]) -> Receipt:
        """What the purchase of this number brought, as far as the account shows it."""

    async def limits(self) -> LimitReading:
        """Raises ProviderError."""

    async def balance(self) -> Balance | None:
        """Credits on the account; None: it has none, or does not say. Raises ProviderError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What somebody is looking for: an area code or a city, or toll-free; `contains` digits."""

    area_code: str | None = None  # three digits
    city: str | None = None
    contains: str | None = None  # digits
    is_toll_free: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A number for sale. Being offered is no reservation."""

    number: str  # E.164
    locality: str | None = None
    region: str | None = None
    price: Price | None = None  # per month, for this number alone
    capabilities: Sequence[str] = ()  # "voice", "sms", "mms"
    is_nearby: bool = False  # another area than asked for


@runtime_checkable
class NumberProvider(Provider, Protocol):
    """A provider that sells chosen numbers."""

    async def search(self, wanted: Search) -> list[Offer]:
        """Numbers for sale, in the provider's order. Raises ProviderError."""

    async def agents(self) -> list[Agent]:
        """Everybody a number can be assigned to. Raises ProviderError."""

    async def assign(self, number: str, agent_id: str) -> None:
        """Give a number on the account to an agent; spends nothing. Raises ProviderError,
        NumberNotOurs."""
