"""Where transactions run: beside the event loop, which waits for neither disk nor network."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, Engine

from bot.storage.engine import only_reads

MOST = 32  # in one commit; whoever comes first waits for the others
BESIDE = 2  # of the loop's in one commit with those that somebody waits for

Transaction = Callable[[Connection], Any]
Run = Callable[[Engine, Transaction], Any]


class Threads(Protocol):
    """One or more threads for the transactions of a database."""

    def ask(
        self, engine: Engine, transaction: Transaction, *, is_awaited: bool = False
    ) -> asyncio.Future[Any]:
        """Its result once it is committed. What Slack awaits the answer to, within three seconds,
        goes first. Raises RuntimeError when they are closed."""

    def close(self) -> None:
        """Finish what was asked for."""


class Apart:
    """Each transaction by itself, several at once: for a server that commits them together."""

    def __init__(self, run: Run, threads: int) -> None:
        """`run` carries out one transaction, and raises what is to be told."""
        self._run = run
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="storage")

    def ask(
        self, engine: Engine, transaction: Transaction, *, is_awaited: bool = False
    ) -> asyncio.Future[Any]:
        del is_awaited  # several threads: hardly anybody waits
        return asyncio.wrap_future(self._threads.submit(self._run, engine, transaction))

    def close(self) -> None:
        self._threads.shutdown()


@dataclass(slots=True)
class _Asked:
    engine: Engine
    transaction: Transaction
    answer: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Together:
    """One thread, which carries out what waits for it as one transaction.

    A commit waits for the disk, longer than most transactions take: people who ask at the same
    moment wait for it once. Nobody hears of a result before it is committed. When one of them
    breaks, nothing was changed yet, and each is carried out alone.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._awaited: deque[_Asked] = deque()
        self._others: deque[_Asked] = deque()
        self._changed = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="storage", daemon=True)
        self._thread.start()

    def ask(
        self, engine: Engine, transaction: Transaction, *, is_awaited: bool = False
    ) -> asyncio.Future[Any]:
        answer = asyncio.get_running_loop().create_future()
        with self._changed:
            if self._is_closed:
                raise RuntimeError("closed")
            queue = self._awaited if is_awaited else self._others
            queue.append(_Asked(engine, transaction, answer))
            self._changed.notify()
        return answer

    def close(self) -> None:
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while batch := self._next():
            self._carry_out(batch)
            loop = batch[0].answer.get_loop()
            if not loop.is_closed():  # else nobody is there to hear of it
                loop.call_soon_threadsafe(_tell, batch)

    def _next(self) -> list[_Asked]:
        """What waits; empty: closed, and all done."""
        with self._changed:
            self._changed.wait_for(lambda: self._awaited or self._others or self._is_closed)
            batch = _taken(self._awaited, MOST)
            return batch + _taken(self._others, BESIDE if batch else MOST)

    def _carry_out(self, batch: Sequence[_Asked]) -> None:
        batch = [each for each in batch if not each.answer.cancelled()]
        if len(batch) > 1 and self._shared(batch):
            return
        for each in batch:
            try:
                each.result = self._run(each.engine, each.transaction)
            except BaseException as error:  # noqa: BLE001 whoever asked is told
                each.error = error

    def _shared(self, batch: Sequence[_Asked]) -> bool:
        """False: one of them broke, nothing was changed, and each is to be carried out alone."""
        writing = (each.engine for each in batch if not only_reads(each.engine))
        engine = next(writing, batch[0].engine)
        are_done = False

        def together(connection: Connection) -> None:
            nonlocal are_done
            for each in batch:
                each.result = each.transaction(connection)
            are_done = True

        try:
            self._run(engine, together)
        except BaseException as error:  # noqa: BLE001 told to whoever asked, or met again alone
            for each in batch:
                each.error = error if are_done else None
            return are_done
        return True


def _taken(queue: deque[_Asked], most: int) -> list[_Asked]:
    return [queue.popleft() for _ in range(min(most, len(queue)))]


def _tell(batch: Sequence[_Asked]) -> None:
    for each in batch:
        if each.answer.done():  # whoever asked has gone
            continue
        if each.error is not None:
            each.answer.set_exception(each.error)
        else:
            each.answer.set_result(each.result)
