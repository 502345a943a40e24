"""A workspace with its page and the toy app: everything the page needs, without Dialtone."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.bot_process import BotProcess
from bot.sandbox.magpipe import Magpipe
from bot.sandbox.page_server import page_app
from bot.sandbox.panel import Panel
from bot.sandbox.sendblue import Sendblue
from bot.sandbox.serve import serve
from bot.sandbox.slack import SlackSimulator
from tests.sandbox.toy_bot import now, over_http


@dataclass(frozen=True)
class World:
    slack: SlackSimulator
    sendblue: Sendblue
    bot: BotProcess
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
    async with SlackSimulator(now) as slack, over_http(slack):
        sendblue = Sendblue(now)
        bot = web_server(directory, changed=slack.workspace.changed, said=[])
        panel = Panel(sendblue, Magpipe(now), bot)
        served = await serve(page_app(slack, panel, commands=("/line", "/number")))
        async with supervised(bot):
            try:
                yield World(slack, sendblue, bot, served.url)
            finally:
                await served.close()
