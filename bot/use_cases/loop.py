"""One loop that does everything that is owed: it claims due work, hands it to its step, and
keeps the claims alive while the steps run. First run, retry and take-over are the same code."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from bot.ports import Claimed, Ports, Queue, StoreUnavailable
from bot.use_cases.advance import advance
from bot.use_cases.check_limits import check
from bot.use_cases.decide import judge_decision
from bot.use_cases.deliver import deliver_card, deliver_message
from bot.use_cases.home import publish_home
from bot.use_cases.slots import AT_ONCE as CONFIRMS_AT_ONCE
from bot.use_cases.slots import Slots

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=10)  # a replica that died is missed after this long
RENEW_S = 3.0
AFTER_A_BUG = timedelta(seconds=5)
STORE_AWAY_S = 1.0
FAREWELL_S = 3.0  # for the last cards and messages at the end

# How much of each kind runs at once. Confirms wait long and cost nothing but memory.
AT_ONCE: Mapping[Queue, int] = {
    Queue.DECISIONS: 32,
    Queue.PURCHASES: 1000,
    Queue.CARDS: 16,
    Queue.OWED: 16,
    Queue.HOMES: 4,
    Queue.CHECKS: 8,
}

OnIdle = Callable[[datetime | None], None]


class Loop:
    """Runs until stopped. `on_idle` is told when the next row falls due, and calls `wake` then."""

    def __init__(
        self,
        ports: Ports,
        due: asyncio.Event,
        on_idle: OnIdle,
        confirms_at_once: int = CONFIRMS_AT_ONCE,
    ) -> None:
        self._ports = ports
        self._due = due  # what `ports.wake` sets
        self._on_idle = on_idle
        self._running: dict[asyncio.Task[None], Claimed] = {}
        self._slots = Slots(confirms_at_once)
        self._may_buy = True
        self._stopped = False
        self._quiet = asyncio.Event()  # nothing is due and nothing runs
        self.turned_s = time.monotonic()  # when it last looked for work; for /readyz

    @property
    def is_quiet(self) -> bool:
        """Whether no step is running and nothing has been announced since the last look."""
        return not self._running and not self._due.is_set()

    def wake(self) -> None:
        """Something may be due. Cheap, never blocks, from the event loop's thread only."""
        self._due.set()

    async def run(self) -> None:
        """Turn until `stop`. A database that is away is waited for."""
        keeper = asyncio.create_task(self._keep_leases(), name="leases")
        try:
            while not self._stopped:
                self._due.clear()
                try:
                    # Of the queues that are full a step that ends will remind us.
                    found, next_at = await self._take(self._free())
                    self.turned_s = time.monotonic()
                    if not found:
                        self._on_idle(next_at)
                        if self.is_quiet:
                            self._quiet.set()
                except Exception as error:  # noqa: BLE001 the loop turns whatever happens
                    _say("loop.store_away", error)
                    await asyncio.sleep(STORE_AWAY_S)
                    continue
                await self._due.wait()
        finally:
            keeper.cancel()

    async def stop(self, grace_s: float) -> None:
        """Send no new confirm, await those on their way for `grace_s`, leave the rest `unknown`,
        then spend a few seconds on telling Slack."""
        if self._stopped:
            return
        self._may_buy = False
        buying = self._tasks(Queue.PURCHASES)
        if buying:
            log.info("loop.draining", extra={"outstanding": len(buying)})
            _, late = await asyncio.wait(buying, timeout=grace_s)
            await _cancel(late)
        self._quiet.clear()
        self.wake()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await self._quiet.wait()
        self._stopped = True
        self.wake()
        await _cancel(set(self._running))

    def _free(self) -> dict[Queue, int]:
        """The queues that may be worked on now, and how many of each may start."""
        free = {queue: most - len(self._tasks(queue)) for queue, most in AT_ONCE.items()}
        if not self._may_buy:
            del free[Queue.PURCHASES], free[Queue.CHECKS]
        return {queue: places for queue, places in free.items() if places > 0}

    async def _take(self, free: Mapping[Queue, int]) -> tuple[bool, datetime | None]:
        """Start what is due; whether anything was, and else when the next falls due."""
        now = self._ports.clock.now()
        claims, next_at = await self._ports.store.take(free, now=now, lasting=LEASE)
        for claimed in claims:
            if self._adopt(claimed):
                continue
            name = f"{claimed.queue.value} {claimed.id}"
            task = asyncio.create_task(self._do(claimed), name=name)
            self._running[task] = claimed
            task.add_done_callback(self._done)
        return bool(claims), next_at

    def _adopt(self, claimed: Claimed) -> bool:
        """A step of ours still runs: it outlived its lease (this process was held up), or has just
        given the row back. Let it finish, guarded by its fences, rather than start the same work
        beside it."""
        for task, held in self._running.items():
            if (held.queue, held.id) == (claimed.queue, claimed.id) and not task.done():
                self._running[task] = claimed
                return True
        return False

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self.wake()

    async def _do(self, claimed: Claimed) -> None:
        """One step; a bug in it costs a pause, never the loop."""
        store, clock = self._ports.store, self._ports.clock
        try:
            await self._step(claimed)
            await self._give_back(claimed)
        except asyncio.CancelledError:
            await store.put_off(claimed, clock.now())
            raise
        except Exception as error:  # noqa: BLE001 the same
            _say("loop.step_broke", error, queue=claimed.queue.value, id=claimed.id)
            pause = AFTER_A_BUG * min(claimed.attempts + 1, 12)
            try:
                await store.put_off(claimed, clock.now() + pause)
            except Exception as away:  # noqa: BLE001 the lease runs out, and somebody claims it
                _say("loop.store_away", away)

    async def _give_back(self, done: Claimed) -> None:
        """A claim that this step adopted at its very end, when it had looked at the row already."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 every step runs in a task
        while (held := self._running[task]) is not done:
            await self._ports.store.put_off(held, self._ports.clock.now())
            done = held

    def _step(self, claimed: Claimed) -> Awaitable[None]:
        match claimed.queue:
            case Queue.PURCHASES:
                return advance(self._ports, claimed, lambda: self._may_buy, self._slots)
            case Queue.DECISIONS:
                return judge_decision(self._ports, claimed)
            case Queue.CARDS:
                return deliver_card(self._ports, claimed)
            case Queue.OWED:
                return deliver_message(self._ports, claimed)
            case Queue.HOMES:
                return publish_home(self._ports, claimed)
            case Queue.CHECKS:
                return check(self._ports, claimed)

    def _tasks(self, queue: Queue) -> set[asyncio.Task[None]]:
        return {task for task, claimed in self._running.items() if claimed.queue is queue}

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            leases = [claimed.lease for claimed in self._running.values()]
            if not leases:
                continue
            now = self._ports.clock.now()
            try:
                await self._ports.store.renew(leases, now=now, until=now + LEASE)
            except Exception as error:  # noqa: BLE001 then they lapse, and the fences hold
                _say("loop.store_away", error)


def _say(event: str, error: Exception, **extra: str) -> None:
    """A database that cannot is one sentence, again and again; anything else is a bug."""
    is_bug = not isinstance(error, StoreUnavailable)
    log.error(event, exc_info=is_bug, extra={**extra, "why": str(error)})


async def _cancel(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
