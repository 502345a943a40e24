"""Limits and alerts as they are looked at and stored, and lists of what was bought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.alerts import Alert
from bot.domain.limits import Limits
from bot.domain.price import Price
from bot.domain.purchase import Status
from bot.ports.owed import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRules:
    """Who is warned of limits, when, and how often they are looked at."""

    channel_id: str | None = None  # None: nobody is warned
    thresholds: tuple[Decimal, ...] = (Decimal("0.8"), Decimal(1))
    every: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A provider's row in Queue.CHECKS, whose id is the provider's name."""

    provider: str
    due_at: datetime | None  # as it was when this was read
    failing_since: datetime | None  # it has told nothing since then; None: it does tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found, to be stored whole or, when its lease is not held at `at`, not at all."""

    check: Check  # as read
    at: datetime
    next_at: datetime  # when it is due again, unless it has been asked for meanwhile
    failing_since: datetime | None = None
    raised: Sequence[Alert] = ()  # each takes the place of the one of its subject in force
    changed: Sequence[Alert] = ()  # as they are now: level, below, ended_at
    standings: Mapping[str, tuple[Limits | None, Mapping[str, Any]]] = field(default_factory=dict)
    messages: Sequence[Message] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """A purchase that took money, or may have."""

    code: str
    requester_id: str
    sent_at: datetime
    number: str | None = None  # E.164


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was bought at one price: so many purchases, and as many numbers or, where a second one
    came with them, more."""

    price: Price | None  # per month, each; None: not known
    purchases: int
    numbers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """What else waits at a purchase's provider: `requested`, `pending` or `approved`."""

    waiting: int
    alike: Sequence[str]  # codes of those that `bot.domain.alike` means; the oldest


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which purchases to list: newest first, or, of open ones, oldest first."""

    requester_id: str | None = None
    provider: str | None = None
    is_open: bool | None = None
    status: Status | None = None
    since: datetime | None = None  # requested then or later
    until: datetime | None = None  # requested before
    limit: int = 20
    offset: int = 0  # so many are passed over
