"""The real bot in a process of its own, which can be killed.

A fork server has its modules loaded already, so a start takes a tenth of what `python -m bot`
takes; it is the same code from `main` on.
"""

import asyncio
import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.stories import killed_bot
from tests.stories.killed_bot import Death

_PRELOADED = ["__main__", "bot.bootstrap", "bot.storage", "tests.stories.killed_bot"]
# Every start looks after all children, and an exit status can be read once: not from two threads.
_children = threading.Lock()


class BotProcess:
    """One process: `start` it, wait for what it says, end it."""

    def __init__(
        self,
        environment: Mapping[str, str],
        folder: Path,
        *,
        verb: Sequence[str] = ("run",),
        death: Death | None = None,
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOADED)
        self._reading, self._writing = context.Pipe(duplex=False)
        self._process = context.Process(
            target=killed_bot.run,
            args=(list(verb), dict(environment), str(folder), self._writing, death),
        )
        self._heard = asyncio.Event()
        self._is_over = False
        self._listening: asyncio.Task[None] | None = None
        self.said: list[str] = []

    async def start(self) -> None:
        await asyncio.to_thread(self._start)
        self._writing.close()
        self._listening = asyncio.create_task(self._listen())

    async def says(self, event: str) -> dict[str, Any] | None:
        """The first line of its log with that event; None when it ended without."""
        async with asyncio.timeout(20):
            while True:
                for line in self.said:
                    if f'"event": "{event}"' in line:
                        found: dict[str, Any] = json.loads(line)
                        return found
                if self._is_over:
                    return None
                await self._heard.wait()

    async def ended(self, seconds: float = 20) -> int:
        """Its exit status once it has ended; negative: the signal."""
        assert self._listening is not None
        async with asyncio.timeout(seconds):
            await asyncio.shield(self._listening)
        return await asyncio.to_thread(self._join)

    def terminate(self) -> None:
        if not self._is_alive():
            return
        os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    async def close(self) -> None:
        """Leave nothing behind."""
        if self._listening is None:
            self._writing.close()
            self._reading.close()
            return
        if self._is_alive():
            self.kill()
        await self.ended()
        self._process.close()

    def _start(self) -> None:
        with _children:
            self._process.start()

    def _join(self) -> int:
        with _children:
            self._process.join()
            assert self._process.exitcode is not None
            return self._process.exitcode

    def _is_alive(self) -> bool:
        with _children:
            return self._process.is_alive()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    async def _listen(self) -> None:
        """Keep every line; its end is the end of the process, however that came."""
        reader = asyncio.StreamReader(limit=1024 * 1024)
        loop = asyncio.get_running_loop()
        pipe = os.fdopen(os.dup(self._reading.fileno()), "rb")
        self._reading.close()
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
        try:
            async for line in reader:
                self.said.append(line.decode(errors="replace").rstrip())
                self._ring()
        finally:
            transport.close()
            self._is_over = True
            self._ring()

    def _ring(self) -> None:
        heard, self._heard = self._heard, asyncio.Event()
        heard.set()
