"""Two bots in processes of their own, which are killed and stalled; Slack goes to either."""

import asyncio
import itertools
import json
import os
import signal
import socket
from collections import Counter
from collections.abc import Iterable

import aiohttp

from bot.sandbox.slack.delivery import Answer, Delivery, HttpLink, Retry
from tests.stories.bot_process import BotProcess
from tests.stories.office import Office

STALL_S = 15.0  # longer than a lease, so that what was claimed is taken over


class Replicas:
    """`send` is Slack's way to them, to whichever is next: it does not know who is ill."""

    def __init__(self, office: Office, database_url: str) -> None:
        self._office = office
        self._database_url = database_url
        self._ports = [free_port(), free_port()]
        self._links = [
            HttpLink(f"http://127.0.0.1:{port}/slack/events", office.slack.state.signing_secret)
            for port in self._ports
        ]
        self._next = itertools.count()
        self._bots: dict[int, BotProcess] = {}
        self.kills = 0
        self.stalls = 0
        self.errors: Counter[str] = Counter()  # what they logged, by event
        self.exceptions: Counter[str] = Counter()  # … and by what was raised, of those with a trace
        self.traces: list[str] = []  # of what neither the database nor Slack explains

    async def start(self, number: int) -> None:
        environment = self._office.environment(
            DATABASE_URL=self._database_url,
            PORT=str(self._ports[number]),
            LOG_LEVEL="ERROR",
            CONFIRMS_AT_ONCE="30",
        )
        self._bots[number] = BotProcess(environment, self._office.folder)
        await self._bots[number].start()
        address = f"http://127.0.0.1:{self._ports[number]}/healthz"
        async with asyncio.timeout(60), aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(address) as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    if self._bots[number]._is_over:
                        raise RuntimeError("\n".join(self._bots[number].said)) from None
                    await asyncio.sleep(0.1)

    async def kill(self) -> None:
        """SIGKILL one of them, and start it anew."""
        number = self.kills % 2
        self.kills += 1
        self._bots[number].kill()
        await self._end(number)
        await self.start(number)

    async def stall(self) -> None:
        """SIGSTOP one of them, and let it go on when the other has taken its work over."""
        pid = self._bots[self.stalls % 2].pid
        self.stalls += 1
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(STALL_S)
        finally:
            os.kill(pid, signal.SIGCONT)

    async def send(self, delivery: Delivery, retry: Retry | None, limit: float) -> Answer:
        link = self._links[next(self._next) % 2]
        return await link.send(delivery, retry, limit)

    async def close(self) -> None:
        for number in self._bots:
            await self._end(number)

    async def _end(self, number: int) -> None:
        bot = self._bots[number]
        await bot.close()
        self._read(bot.said)

    def _read(self, said: Iterable[str]) -> None:
        for line in said:
            try:
                logged = json.loads(line)
            except ValueError:
                logged = {"event": "not a line of the log", "exc": line}
            self.errors[logged["event"]] += 1
            if "exc" in logged:
                raised = str(logged["exc"]).rpartition("\n")[2]
                self.exceptions[f"{logged['event']}: {raised[:100]}"] += 1
                if not any(each in raised for each in ("StorageUnavailable", "TryLater")):
                    self.traces.append(str(logged["exc"]))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
