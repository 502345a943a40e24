"""Whether this process does its work, and in figures how much of it there is."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.metrics import Metrics
from bot.ports import Backlog, Clock, StoreUnavailable
from bot.socket_link import SocketLink
from bot.storage import SqlStore
from bot.storage.errors import FileUnavailable
from bot.use_cases.loop import Loop

# A database or a Slack that takes longer to answer is not ready; probes and Prometheus give up
# after 10 seconds, and would get nothing at all.
PATIENCE_S = 3.0
STANDSTILL_S = 30.0  # the loop turns at least every few seconds
# Longer than any step takes, a confirm and its grace included. What is put off falls due anew.
OVERDUE = timedelta(minutes=2)
JUMP_S = 10.0


class Health:
    """What operators' probes ask. `slack_problem` is None while Slack takes the token."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: SqlStore,
        loop: Loop,
        link: SocketLink | None,
        slack_problem: Callable[[], Awaitable[str | None]],
        metrics: Metrics,
    ) -> None:
        self._clock = clock
        self._store = store
        self._loop = loop
        self._link = link
        self._slack_problem = slack_problem
        self._metrics = metrics
        self._ahead_s = _ahead_s(clock.now())
        self._jumped_s = -math.inf

    async def problem(self) -> str | None:
        """Why this process is not ready, in a few words; None when it is."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                oldest_due_at = await self._store.oldest_due()
        except Exception as error:  # noqa: BLE001 whatever it is: not ready
            # Of a PostgreSQL the sentence may name host and user, and anybody may ask.
            said = error if isinstance(error, FileUnavailable) else type(error).__name__
            return f"database: {said}"
        now = self._clock.now()
        jumped = self._jumped(now)
        if time.monotonic() - self._loop.turned_s > STANDSTILL_S:
            return "the loop stands still"
        if oldest_due_at is not None and now - oldest_due_at > OVERDUE and not jumped:
            return f"work has been due for {int((now - oldest_due_at).total_seconds())} seconds"
        try:
            async with asyncio.timeout(PATIENCE_S):
                problem = await self._slack_problem()
        except TimeoutError:
            problem = "no answer"
        if problem:
            return f"slack: {problem}"
        if self._link and not self._link.is_up:
            return "slack: Socket Mode is not connected"
        return None

    def _jumped(self, now: datetime) -> bool:
        """Whether the clock was put forward lately (a machine that slept, a time set right): nobody
        is late with what only became due by that."""
        ahead_s = _ahead_s(now)
        if ahead_s - self._ahead_s > JUMP_S:
            self._jumped_s = time.monotonic()
        self._ahead_s = ahead_s
        return time.monotonic() - self._jumped_s < OVERDUE.total_seconds()

    async def metrics(self) -> bytes:
        """Everything that is measured, as Prometheus reads it."""
        now = self._clock.now()
        backlog, problem = await asyncio.gather(self._backlog(now), self.problem())
        self._metrics.backlog(backlog, now)
        self._metrics.is_ready(problem is None)
        if self._link:
            self._metrics.socket_mode(self._link.age)
        return self._metrics.text()

    async def _backlog(self, now: datetime) -> Backlog | None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._store.backlog(now=now)
        except (StoreUnavailable, TimeoutError):
            return None


def _ahead_s(now: datetime) -> float:
    """Of the monotonic clock: the same at all times, unless somebody sets the other one."""
    return now.timestamp() - time.monotonic()
