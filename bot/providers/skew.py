"""How far a provider's clock is from ours, by the `Date` of its answers. Nothing is decided by it:
deadlines are the provider's, and its 410 says that one has passed."""

import logging
from datetime import datetime

log = logging.getLogger(__name__)

WARN_S = 5.0
BACK_S = 3.0  # less than that is said to be right again
_SLOWEST_S = 4.0  # of an answer; a slower one says too little: it is wrong by up to half its time
_HALF_A_SECOND = 0.5  # `Date` is cut off to the second, so this is right on average


class ClockSkew:
    """The last reading, and a warning when it becomes large."""

    def __init__(self, provider: str) -> None:
        self._provider = provider  # its title, for the log
        self._is_large = False
        self.seconds: float | None = None  # positive: the provider's clock is ahead; None: unknown

    def heed(self, date: datetime | None, received_at: datetime, took_s: float) -> None:
        """Compare the `Date` of an answer with our clock when it came, `took_s` after asking."""
        if date is None or took_s > _SLOWEST_S:
            return
        since = (received_at - date).total_seconds()
        self.seconds = round(_HALF_A_SECOND + took_s / 2 - since, 1)
        fields = {"provider": self._provider, "skew_s": self.seconds}
        if not self._is_large and abs(self.seconds) > WARN_S:
            self._is_large = True
            log.warning("provider.clock_skew", extra=fields)
        elif self._is_large and abs(self.seconds) < BACK_S:
            self._is_large = False
            log.warning("provider.clock_right_again", extra=fields)
