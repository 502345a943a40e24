"""Purchase limits: how much of each window is used, what is left, and who says so."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Source(StrEnum):
    """Where a figure comes from; shown beside it."""

    PROVIDER = "provider"
    OWN_COUNT = "own count"  # the bot's own purchases: others' are not in it
    DEFAULT = "default"  # the provider's published default


DAY = timedelta(hours=24)
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Window:
    """One rolling window: at most `limit` purchases within `length`."""

    length: timedelta
    limit: int
    used: int
    limit_source: Source
    used_source: Source

    @property
    def left(self) -> int:
        """How many may still be bought; never below zero, whatever the provider claims."""
        return max(0, self.limit - self.used)

    @property
    def left_after_one(self) -> int:
        return max(0, self.left - 1)


@dataclass(frozen=True, slots=True)
class Limits:
    """The rolling day and the rolling 30 days."""

    day: Window
    month: Window


@dataclass(frozen=True, slots=True)
class Reading:
    """What a provider's answer says of one window; None = it does not say."""

    limit: int | None = None
    used: int | None = None


def combine(length: timedelta, reading: Reading, own_count: int, default: int) -> Window:
    """The provider's figure where there is one, else the bot's own count against the default."""
    return Window(
        length=length,
        limit=default if reading.limit is None else reading.limit,
        used=own_count if reading.used is None else reading.used,
        limit_source=Source.DEFAULT if reading.limit is None else Source.PROVIDER,
        used_source=Source.OWN_COUNT if reading.used is None else Source.PROVIDER,
    )
