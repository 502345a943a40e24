"""At most so many confirms of a provider are out at once; the others wait in the order they came.

Counted per process: exact without a lock in the database, and a place that becomes free is taken
at once, by whoever has waited longest, without asking the database every second who that is.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Callable

AT_ONCE = 8
PREVIEWS = 32  # at once, per provider; more would only be read and held while they wait
WAITING = 100  # per provider; the loop has a bounded number of places, and others need them too
LOOK_S = 1.0  # how often those who wait look whether it is still worth it


class Slots:
    """Places for confirms that are on their way, and for previews, by the provider's name."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self.previewing: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(PREVIEWS)
        )
        self._at_once = at_once
        self._taken: Counter[str] = Counter()
        self._waiting: defaultdict[str, deque[asyncio.Future[None]]] = defaultdict(deque)

    def is_full(self, provider: str) -> bool:
        """Whether not even waiting for a place is possible."""
        return len(self._waiting[provider]) >= WAITING

    async def take(self, provider: str, is_worth_it: Callable[[], bool]) -> bool:
        """Take a place, waiting for one as long as `is_worth_it`; False: none was taken."""
        if self._taken[provider] < self._at_once:
            self._taken[provider] += 1
            return True
        ticket = asyncio.get_running_loop().create_future()
        self._waiting[provider].append(ticket)
        try:
            while not ticket.done() and is_worth_it():
                await asyncio.wait({ticket}, timeout=LOOK_S)
        except asyncio.CancelledError:
            if ticket.done():
                self.give_back(provider)
            raise
        finally:
            if not ticket.done():
                self._waiting[provider].remove(ticket)
        return ticket.done()

    def give_back(self, provider: str) -> None:
        """Hand a place on to whoever has waited longest."""
        if self._waiting[provider]:
            self._waiting[provider].popleft().set_result(None)
        else:
            self._taken[provider] -= 1
