"""An HTTP throttle as Magpipe documents it: 100 requests a minute, 1,000 an hour."""

from collections.abc import Callable
from datetime import datetime, timedelta

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


class Throttle:
    """Counts requests in rolling windows. `is_always_shut` refuses every request."""

    def __init__(
        self, now: Callable[[], datetime], per_minute: int = 100, per_hour: int = 1000
    ) -> None:
        self.now = now
        self.per_minute = per_minute
        self.per_hour = per_hour
        self.is_always_shut = False
        self._counted_at: list[datetime] = []

    def admit(self) -> bool:
        """Count one request if there is room for it, and say whether there was."""
        if self.is_always_shut or min(self._room(_MINUTE), self._room(_HOUR)) <= 0:
            return False
        self._counted_at.append(self.now())
        return True

    def headers(self) -> dict[str, str]:
        """Describe the window that shuts first; `-Reset` is in Unix seconds (assumed)."""
        window = min((_MINUTE, _HOUR), key=self._room)
        within = self._within(window)
        resets_at = (within[0] if within else self.now()) + window
        room = 0 if self.is_always_shut else max(0, self._room(window))
        return {
            "X-RateLimit-Limit": str(self._limit(window)),
            "X-RateLimit-Remaining": str(room),
            "X-RateLimit-Reset": str(int(resets_at.timestamp())),
        }

    def _room(self, window: timedelta) -> int:
        return self._limit(window) - len(self._within(window))

    def _limit(self, window: timedelta) -> int:
        return self.per_minute if window == _MINUTE else self.per_hour

    def _within(self, window: timedelta) -> list[datetime]:
        now = self.now()
        return [at for at in self._counted_at if now - at < window]
