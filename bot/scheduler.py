"""When things run: APScheduler, in memory. What is due lives in the database; a timer that fires
late, twice or never costs time, not correctness."""

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.ports import Clock

log = logging.getLogger(__name__)

SWEEP_S = 2  # finds the work of a replica that died, and whatever a lost wake-up left lying
TIDY_S = 60
SOONEST = timedelta(milliseconds=20)


class Scheduler:
    """Wakes the loop regularly and at the next deadline, and tidies up."""

    def __init__(
        self, wake: Callable[[], None], tidy: Callable[[], Awaitable[None]], clock: Clock
    ) -> None:
        # A job that is late must still run: the default drops it after one second.
        self._jobs = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True}
        )
        self._wake = wake
        self._tidy = tidy
        self._clock = clock
        self._deadline: datetime | None = None

    def start(self) -> None:
        self._jobs.add_job(self._sweep, "interval", seconds=SWEEP_S, id="sweep")
        self._jobs.add_job(self._tidy_up, "interval", seconds=TIDY_S, id="tidy")
        self._jobs.start()

    def stop(self) -> None:
        self._jobs.shutdown(wait=False)

    def wake_at(self, deadline: datetime | None) -> None:
        """Wake the loop at that instant; None: only the sweep does."""
        if deadline == self._deadline:
            return
        if deadline is not None:
            # What is overdue and was not taken is not ours to take now: look again soon, not at
            # once and for ever.
            deadline = max(deadline, self._clock.now() + SOONEST)
        self._deadline = deadline
        if deadline is None:
            if self._jobs.get_job("deadline"):
                self._jobs.remove_job("deadline")
            return
        # APScheduler goes by the machine's clock, which need not be ours.
        at = datetime.now(UTC) + (deadline - self._clock.now())
        self._jobs.add_job(self._reached, "date", run_date=at, id="deadline", replace_existing=True)

    async def _reached(self) -> None:
        self._deadline = None
        self._wake()

    async def _sweep(self) -> None:
        self._wake()

    async def _tidy_up(self) -> None:
        try:
            await self._tidy()
        except Exception:  # the next one comes in a minute
            log.exception("tidy.failed")
