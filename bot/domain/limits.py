"""Purchase limits: how much of each window is used, what is left, and who says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Source(StrEnum):
    """Where a figure comes from; shown beside it."""

    PROVIDER = "provider"
    OWN_COUNT = "own count"  # the bot's own purchases: others' are not in it
    DEFAULT = "default"  # the provider's published default


DAY = timedelta(hours=24)
MONTH = timedelta(days=30)
_HOUR = timedelta(hours=1)
_LEAST = 2  # purchases, to speak of a pace


@dataclass(frozen=True, slots=True)
class Window:
    """One rolling window: at most `limit` purchases within `length`."""

    length: timedelta
    limit: int
    used: int
    limit_source: Source
    used_source: Source
    frees_at: datetime | None = None  # when the next one frees up, at the latest; None: not known
    frees_source: Source = Source.OWN_COUNT

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
    resets_at: datetime | None = None


def combine(
    length: timedelta, reading: Reading, own: Sequence[datetime], default: int, now: datetime
) -> Window:
    """The provider's figure where there is one, else the bot's own count against the default.

    `own` = when the bot's own purchases were made, oldest first; older ones than the window are
    not counted. A purchase leaves a window when it is exactly as old as the window is long.
    """
    inside = [at for at in own if now - at < length]
    frees_at, frees_source = reading.resets_at, Source.PROVIDER
    if frees_at is None or not now < frees_at <= now + length:
        frees_at = inside[0] + length if inside else None
        frees_source = Source.OWN_COUNT
    return Window(
        length=length,
        limit=default if reading.limit is None else reading.limit,
        used=len(inside) if reading.used is None else reading.used,
        limit_source=Source.DEFAULT if reading.limit is None else Source.PROVIDER,
        used_source=Source.OWN_COUNT if reading.used is None else Source.PROVIDER,
        frees_at=frees_at,
        frees_source=frees_source,
    )


def forecast(window: Window, own: Sequence[datetime], now: datetime) -> datetime | None:
    """When the limit is reached if people go on buying as they did within the window; None when
    that is not within the window's length from now, or when there is too little to go by (fewer
    than two purchases, or all within the last day), or when it is reached already.

    Others' purchases, which only the provider counts, are taken to stay. To the hour.
    """
    inside = [at for at in own if now - at < window.length]
    if len(inside) < _LEAST or now - inside[0] < DAY or window.left == 0:
        return None
    per_hour = len(inside) / ((now - inside[0]) / _HOUR)
    others = max(0, window.used - len(inside))
    for hours in range(1, int(window.length / _HOUR) + 1):
        then = now + hours * _HOUR
        still = sum(then - at < window.length for at in inside)
        if others + still + hours * per_hour >= window.limit:
            return then
    return None
