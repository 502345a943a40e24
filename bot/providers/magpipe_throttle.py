"""Magpipe's throttle, as its answers announce it: do not ask what will be refused anyway."""

import asyncio
import math
import time
from datetime import datetime

from bot.domain.errors import Throttled
from bot.providers.wire import Answer

_PATIENCE = 2.0  # seconds that waiting is better than refusing
_LONGEST = 3600.0  # seconds; the longest documented window, so more is a misunderstanding
_UNIX = 1_000_000  # more seconds than this are an instant, fewer a time to wait


class ReadThrottle:
    """Holds reads back when the last answer said that none remain. Purchases are never held."""

    def __init__(self, provider: str) -> None:
        self._provider = provider  # its title, for errors
        self._opens = -math.inf  # on the monotonic clock

    async def admit(self) -> None:
        """Return when a read may be sent, within 2 s; else raise Throttled."""
        wait = self._opens - time.monotonic()
        if wait > _PATIENCE:
            raise Throttled(provider=self._provider, retry_after=math.ceil(wait))
        if wait > 0:
            await asyncio.sleep(wait)

    def heed(self, answer: Answer, now: datetime) -> None:
        """Take note of `X-RateLimit-Remaining` and `-Reset`; what cannot be read says nothing."""
        remaining = _number(answer.headers.get("X-RateLimit-Remaining"))
        resets = _number(answer.headers.get("X-RateLimit-Reset"))
        if remaining is None or resets is None or remaining > 0:
            return
        # The instant is on the provider's clock, which also wrote the Date.
        wait = resets - (answer.date or now).timestamp() if resets > _UNIX else resets
        if 0 < wait <= _LONGEST:
            self._opens = time.monotonic() + wait


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
