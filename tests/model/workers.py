"""Workers whose every call to the outside stops at a gate until the test lets it pass.

All of it runs in one thread on a virtual clock, so that an interleaving can be repeated exactly.
A worker that is killed gets `Killed` out of whatever it waits for, and nothing it calls afterwards
reaches anybody, as with SIGKILL.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine

from bot.ports import Store
from bot.storage import SqlStore
from tests.fakes import START, FakeClock

T = TypeVar("T")


class Killed(BaseException):
    """The process is no more. Not an Exception: nothing in the bot may catch it."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that goes by the test's clock and runs only when told to."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock_of_test = clock
        # A broken transaction of a killed worker is nobody's business.
        self.set_exception_handler(lambda *_: None)

    def time(self) -> float:
        return (self._clock_of_test.now() - START).total_seconds()

    def spin(self) -> None:
        """Run everything that can run without time passing or a gate being opened."""
        internals: Any = self
        while True:
            self.call_soon(self.stop)
            self.run_forever()
            timers = [each for each in internals._scheduled if not each._cancelled]
            if not internals._ready and not any(each._when < self.time() for each in timers):
                return


class InlineStore(SqlStore):
    """The real store, its transactions run here and now."""

    async def _run(
        self, engine: Engine, transaction: Callable[[Connection], T], *, is_awaited: bool = False
    ) -> T:
        del is_awaited
        return self._carry_out(engine, transaction)


@dataclass
class Call:
    """A call to the outside that waits at its gate."""

    name: str
    gate: asyncio.Future[None]


class Gates:
    """What one worker has under way."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self.is_dead = False

    @property
    def waiting(self) -> list[Call]:
        self._calls = [each for each in self._calls if not each.gate.done()]
        return self._calls

    async def through(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """Wait at the gate, do the work, and bring its outcome back, if still alive."""
        if self.is_dead:
            raise Killed
        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._calls.append(Call(name, gate))
        await gate
        try:
            return await work()
        finally:
            if self.is_dead:  # it was done, and nobody is left to hear of it
                raise Killed

    def kill(self, last: Call | None = None) -> None:
        """SIGKILL; with `last`, right after that call's work was done and before it is told."""
        self.is_dead = True
        for each in self.waiting:
            if each is last:
                each.gate.set_result(None)
            else:
                each.gate.set_exception(Killed())


class _GatedStore:
    def __init__(self, store: SqlStore, gates: Gates) -> None:
        self._store = store
        self._gates = gates

    def __getattr__(self, method: str) -> Any:
        real = getattr(self._store, method)
        if not inspect.iscoroutinefunction(real) or method in ("claim", "next_due", "take"):
            return real  # killed between claiming and the first step: killed at the first step

        async def gated(*args: Any, **kwargs: Any) -> Any:
            return await self._gates.through(f"store.{method}", lambda: real(*args, **kwargs))

        return gated


def gated(store: SqlStore, gates: Gates) -> Store:
    return cast("Store", _GatedStore(store, gates))
