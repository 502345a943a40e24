"""How much of the purchase limits is used: the provider's word, else the bot's own count."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.alerts import Balance
from bot.domain.errors import DailyLimitReached, MonthlyLimitReached, ProviderError
from bot.domain.limits import DAY, MONTH, Limits, combine, forecast
from bot.ports import Bought, LimitReading, Ports, Provider

log = logging.getLogger(__name__)

PATIENCE_S = 5.0  # a card never waits longer than this for its headroom


@dataclass(frozen=True, slots=True)
class Usage:
    """Both windows, before the purchase in question; None where the provider has no limits."""

    limits: Limits | None
    bought: Sequence[Bought] = ()  # here, within 30 days, oldest first; empty without limits
    error: str | None = None  # why the provider could not be asked
    expected_at: datetime | None = None  # when the 30 days' limit is reached at this pace

    @property
    def is_heard(self) -> bool:
        return self.error is None


async def read_usage(ports: Ports, provider: Provider) -> Usage:
    """What is used and left. A provider that cannot say is no obstacle: preview and confirm check
    the limits themselves."""
    if provider.default_limits is None:
        return Usage(None)
    since = ports.clock.now() - MONTH
    (reading, error), bought = await asyncio.gather(
        _reading(provider), ports.store.bought_since(provider.name, since)
    )
    now = ports.clock.now()
    own = [each.sent_at for each in bought]
    day, month = provider.default_limits
    limits = Limits(
        day=combine(DAY, reading.day, own, day, now),
        month=combine(MONTH, reading.month, own, month, now),
    )
    ports.meter.limits_read(provider.name, limits)
    return Usage(limits, bought, error, forecast(limits.month, own, now))


async def _reading(provider: Provider) -> tuple[LimitReading, str | None]:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await provider.limits(), None
    except (ProviderError, TimeoutError) as error:
        return LimitReading(), _unheard(provider, "limits", error)


async def read_balance(provider: Provider) -> tuple[Balance | None, str | None]:
    """Credits on the account, and why the provider could not be asked, if so."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await provider.balance(), None
    except (ProviderError, TimeoutError) as error:
        return None, _unheard(provider, "balance", error)


def _unheard(provider: Provider, what: str, error: Exception) -> str:
    name = type(error).__name__
    log.info("limits.not_read", extra={"provider": provider.name, "what": what, "error": name})
    return name


async def name_when_free(ports: Ports, provider: Provider, error: ProviderError) -> None:
    """Say in a refusal for a limit when the next one frees up, as far as is known."""
    if not isinstance(error, DailyLimitReached | MonthlyLimitReached):
        return
    limits = (await read_usage(ports, provider)).limits
    if limits is None:
        return
    window = limits.day if isinstance(error, DailyLimitReached) else limits.month
    if window.frees_at is not None:
        error.fields["frees_at"] = window.frees_at.isoformat()
