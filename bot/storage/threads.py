"""Where transactions run: beside the event loop, which waits for neither disk nor network.

What Slack awaits the answer to, within three seconds, goes before what the loop does; but the loop
is never kept waiting for long, or its leases would run out.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from bot.storage.engine import only_reads

MOST = 32  # in one commit; whoever comes first waits for the others
BESIDE = 2  # of the loop's in one commit with those that are awaited
EVERY = 3  # of the transactions on a server one is the loop's, where it has any

Transaction = Callable[[Connection], Any]
Run = Callable[[Engine, Transaction], Any]


@dataclass(slots=True)
class Asked:
    """A transaction, and what became of it."""

    engine: Engine
    transaction: Transaction
    answer: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Apart:
    """Each transaction by itself, several at once: for a server, which commits them together."""

    def __init__(self, run: Run, threads: int = 1) -> None:
        """`run` carries out one transaction, and raises what is to be told."""
        self._run = run
        self._awaited: deque[Asked] = deque()
        self._others: deque[Asked] = deque()
        self._taken = 0
        self._changed = threading.Condition()
        self._is_closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"storage-{number}", daemon=True)
            for number in range(threads)
        ]
        for each in self._threads:
            each.start()

    def ask(
        self, engine: Engine, transaction: Transaction, *, is_awaited: bool = False
    ) -> asyncio.Future[Any]:
        """Its result once it is committed. Raises RuntimeError when it is closed."""
        asked = Asked(engine, transaction, asyncio.get_running_loop().create_future())
        with self._changed:
            if self._is_closed:
                raise RuntimeError("closed")
            (self._awaited if is_awaited else self._others).append(asked)
            self._changed.notify()
        return asked.answer

    def close(self) -> None:
        """Finish what was asked for."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        for each in self._threads:
            each.join()

    def _work(self) -> None:
        while batch := self._next():
            self._carry_out([each for each in batch if not each.answer.cancelled()])

    def _next(self) -> list[Asked]:
        """What is to be done next; empty: closed, and all done."""
        with self._changed:
            self._changed.wait_for(lambda: self._awaited or self._others or self._is_closed)
            return self._take()

    def _take(self) -> list[Asked]:
        self._taken += 1
        if self._taken % EVERY == 0:
            return _from(self._others, 1) or _from(self._awaited, 1)
        return _from(self._awaited, 1) or _from(self._others, 1)

    def _carry_out(self, batch: Sequence[Asked]) -> None:
        """Whoever asked is told at once: of what fails, each may take as long as a lock is held."""
        for each in batch:
            if each.answer.cancelled():  # while others were carried out
                continue
            try:
                each.result = self._run(each.engine, each.transaction)
            except BaseException as error:  # noqa: BLE001 whoever asked is told
                each.error = error
            _tell([each])


class Together(Apart):
    """One thread, which carries out what waits for it as one transaction.

    A commit waits for the disk, longer than most transactions take: people who ask at the same
    moment wait for it once. Nobody hears of a result before it is committed. When one of them
    breaks, nothing was changed yet, and each is carried out alone. Where the whole could not begin,
    the next would wait for the same lock; where it could not be committed, nobody knows whether it
    was: those that write hear of either, and those that only read are carried out alone.
    """

    def _take(self) -> list[Asked]:
        batch = _from(self._awaited, MOST)
        return batch + _from(self._others, BESIDE if batch else MOST)

    def _carry_out(self, batch: Sequence[Asked]) -> None:
        super()._carry_out(self._shared(batch) if len(batch) > 1 else batch)

    def _shared(self, batch: Sequence[Asked]) -> Sequence[Asked]:
        """Those that are still to be carried out, each alone."""
        writing = [each for each in batch if not only_reads(each.engine)]
        has_begun = are_done = False

        def together(connection: Connection) -> None:
            nonlocal has_begun, are_done
            has_begun = True
            for each in batch:
                each.result = each.transaction(connection)
            are_done = True

        try:
            self._run((writing or batch)[0].engine, together)
        except BaseException as error:  # noqa: BLE001 told to whoever asked, or met again alone
            if has_begun and not are_done:
                return batch
            for each in writing:
                each.error = error
            _tell(writing)
            return [each for each in batch if only_reads(each.engine)]
        _tell(batch)
        return ()


def _from(queue: deque[Asked], most: int) -> list[Asked]:
    return [queue.popleft() for _ in range(min(most, len(queue)))]


def _tell(batch: Sequence[Asked]) -> None:
    """From a thread beside the loop that waits."""
    loop = batch[0].answer.get_loop() if batch else None
    if loop is not None and not loop.is_closed():  # else nobody is there to hear of it
        loop.call_soon_threadsafe(_answer, batch)


def _answer(batch: Sequence[Asked]) -> None:
    for each in batch:
        if each.answer.done():  # whoever asked has gone
            continue
        if each.error is not None:
            each.answer.set_exception(each.error)
        else:
            each.answer.set_result(each.result)
