"""What operators want to know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.decision import Decision
from bot.domain.limits import Limits
from bot.domain.purchase import Purchase, Status
from bot.ports.work import Queue


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a queue holds: rows that could be worked on, or are, and since when the oldest could;
    and those, due now or later, that were put off before."""

    due: int = 0
    oldest_due_at: datetime | None = None
    put_off: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is not over: purchases by provider and status, and what each queue holds."""

    purchases: Mapping[tuple[str, Status], int]
    queues: Mapping[Queue, Waiting]


class Meter(Protocol):
    """What operators want counted and timed. Nothing here fails or waits."""

    def moved(self, before: Purchase, after: Purchase) -> None:
        """A move was stored."""

    def confirm_sent(self, provider: str) -> None:
        """A confirm leaves now."""

    def card_posted(self, purchase: Purchase, at: datetime) -> None:
        """Slack shows the purchase's first card."""

    def decided(self, purchase: Purchase, decision: Decision) -> None:
        """A click or a typed decision was accepted; the purchase as it was before."""

    def reported(self, purchase: Purchase, at: datetime) -> None:
        """Slack has the news of how the purchase stands."""

    def limits_read(self, provider: str, limits: Limits) -> None: ...
