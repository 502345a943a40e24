"""A workspace with its page and the toy app: everything the page needs, without Dialtone."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.bot_process import BotProcess
from bot.sandbox.clock import SkippedClock
from bot.sandbox.lives import Life, Lives
from bot.sandbox.magpipe import Magpipe
from bot.sandbox.manifest import read_manifest
from bot.sandbox.page_server import page_app
from bot.sandbox.panel import Panel
from bot.sandbox.sendblue import Sendblue
from bot.sandbox.serve import serve
from bot.sandbox.slack import SlackSimulator
from tests.sandbox.toy_bot import over_http


class Audit:
    """A bot's audit: what the test says is in it."""

    def __init__(self) -> None:
        self.is_of: Sequence[Life] = ()

    async def lives(self, most: int) -> Sequence[Life]:
        return self.is_of[:most]

    async def close(self) -> None:
        return


@dataclass(frozen=True)
class World:
    slack: SlackSimulator
    sendblue: Sendblue
    magpipe: Magpipe
    bot: BotProcess
    clock: SkippedClock
    audit: Audit
    url: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def web_server(directory: Path, *, changed: Callable[[], None], said: list[str]) -> BotProcess:
    """A process to be supervised: Python's own web server, ready once it serves `readyz`."""
    port = free_port()
    (directory / "readyz").touch()
    return BotProcess(
        [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"],
        environment={},
        directory=directory,
        ready_url=f"http://127.0.0.1:{port}/readyz",
        log=directory / "bot.log",
        say=said.append,
        changed=changed,
    )


@asynccontextmanager
async def supervised(process: BotProcess) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(process.supervise())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def page_world(directory: Path) -> AsyncIterator[World]:
    clock = SkippedClock(directory / "skipped")
    async with SlackSimulator(clock.now) as slack, over_http(slack):
        sendblue, magpipe = Sendblue(clock.now), Magpipe(clock.now)
        bot = web_server(directory, changed=slack.workspace.changed, said=[])
        audit = Audit()
        lives = Lives(audit, slack.workspace.changed)
        panel = Panel(
            slack=slack, sendblue=sendblue, magpipe=magpipe, bot=bot, clock=clock, lives=lives
        )
        served = await serve(page_app(slack, panel, read_manifest()))
        async with supervised(bot):
            try:
                yield World(slack, sendblue, magpipe, bot, clock, audit, served.url)
            finally:
                await served.close()
