"""A circuit breaker: a provider that does not answer is not asked again for a while.

Pure; `now` is any clock in seconds that never goes back. A failure alone says little, and neither
do many at once, for a server that restarts refuses everything for a second: so several in a row,
spread over some seconds, and no answer between them. Our own, as the rule is short; the libraries
for it count calls, not time, and wrap the call, which would put them around a confirm.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """When to stop asking, and for how long; times in seconds."""

    failures: int = 4  # in a row
    spread: float = 5  # between the first and the last of them, at least
    gap: float = 60  # after so long without a failure, the next one is the first again
    pause: float = 15
    trials: int = 3  # how many calls go out after the pause: those of one command


class Breaker:
    """Whether to ask a provider, from what became of the calls before."""

    def __init__(self, trip: Trip | None = None) -> None:
        self._trip = trip or Trip()
        self._failures = 0  # in a row
        self._first_at = self._last_at = 0.0  # of those
        self._trial_at: float | None = None  # None: closed, everything is let through
        self._trials = 0  # how many may still go out now

    @property
    def is_open(self) -> bool:
        """Whether the provider is held to be down."""
        return self._trial_at is not None

    def admits(self, now: float) -> bool:
        """Whether a call may go out. While open: a few after each pause. They need not report
        back, as one that was given up does not: after another pause there are others."""
        if self._trial_at is None:
            return True
        if now >= self._trial_at:
            self._trial_at = now + self._trip.pause
            self._trials = self._trip.trials
        self._trials -= 1
        return self._trials >= 0

    def failed(self, now: float) -> None:
        """A call got no answer."""
        trip = self._trip
        if not self._failures or now - self._last_at > trip.gap:
            self._failures, self._first_at = 0, now
        self._failures += 1
        self._last_at = now
        if self.is_open or (
            self._failures >= trip.failures and now - self._first_at >= trip.spread
        ):
            self._trial_at = now + trip.pause
            self._trials = 0

    def answered(self) -> None:
        """A call got an answer, whichever: the provider is there."""
        self._failures = 0
        self._trial_at = None
