"""How much of the purchase limits is used: the provider's word, else the bot's own count."""

import asyncio
import logging

from bot.domain.errors import ProviderError
from bot.domain.limits import DAY, MONTH, Limits, combine
from bot.ports import LimitReading, Ports, Provider

log = logging.getLogger(__name__)

PATIENCE_S = 5.0  # a card never waits longer than this for its headroom


async def read_limits(ports: Ports, provider: Provider) -> Limits | None:
    """Both windows, before the purchase in question; None where the provider has no limits. One
    that cannot say is no obstacle: preview and confirm check the limits themselves."""
    if provider.default_limits is None:
        return None
    try:
        async with asyncio.timeout(PATIENCE_S):
            reading = await provider.limits()
    except (ProviderError, TimeoutError) as error:
        log.info(
            "limits.not_read",
            extra={"provider": provider.name, "error": type(error).__name__},
        )
        reading = LimitReading()
    now = ports.clock.now()
    bought = await ports.store.bought_since(provider.name, now - MONTH)
    today = [at for at in bought if at > now - DAY]
    day, month = provider.default_limits
    limits = Limits(
        day=combine(DAY, reading.day, len(today), day),
        month=combine(MONTH, reading.month, len(bought), month),
    )
    ports.meter.limits_read(provider.name, limits)
    return limits
