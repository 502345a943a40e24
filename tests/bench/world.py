"""What every part of the benchmark needs: the simulators' process, databases, bots."""

import asyncio
import itertools
import json
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot.sandbox.slack.people import PHONE_MANAGERS
from tests.bench.databases import Database, PostgresqlServer, sqlite_at
from tests.bench.machine import Cores
from tests.bench.payloads import Slack
from tests.bench.processes import Child, python

READY_WITHIN_S = 30.0
LOOKS_EVERY_S = 0.002


@dataclass(frozen=True)
class Entry:
    """A request that reached a simulator, by the machine's monotonic clock (seconds)."""

    endpoint: str
    arrived: float
    answered: float
    key: str  # what it was about: a code, a user, a preview's token


class Simulators:
    """The simulators' process, through its door."""

    def __init__(self, told: Mapping[str, str], session: aiohttp.ClientSession) -> None:
        self.told = told
        self._session = session

    async def change(self, **wanted: Any) -> None:
        """`record`, `delays` (seconds by service or endpoint), `release`, `tokens`, `messages`."""
        async with self._session.post(f"{self.told['door']}/change", json=wanted) as answer:
            answer.raise_for_status()

    async def look(self) -> Any:
        """`entries` since the last look, and what is `in_flight`."""
        return await self._get("/look")

    async def until(self, endpoint: str, many: int, seconds: float = 30) -> list[Entry]:
        """Requests since the last look, once so many reached that endpoint and were answered."""
        query = {"endpoint": endpoint, "many": str(many), "seconds": str(seconds)}
        found = await self._get("/until", **query)
        return [Entry(*each) for each in found["entries"]]

    async def response_url(self, user: str) -> str:
        return str((await self._get("/response_url", user=user))["url"])

    async def message(self, ts: str) -> dict[str, Any]:
        found: dict[str, Any] = await self._get("/message", ts=ts)
        return found

    async def _get(self, path: str, **query: str) -> Any:
        async with self._session.get(f"{self.told['door']}{path}", params=query) as answer:
            answer.raise_for_status()
            return await answer.json()


class Bot:
    """`python -m bot run` on a database."""

    def __init__(self, child: Child, url: str, database: Database) -> None:
        self.child = child
        self.url = url
        self.database = database


class World:
    """Made by `world`; whatever it opens ends with it."""

    def __init__(
        self, stack: AsyncExitStack, cores: Cores, folder: Path, simulators: Simulators
    ) -> None:
        self.cores = cores
        self.folder = folder
        self.simulators = simulators
        self.session = simulators._session
        told = simulators.told
        self.slack = Slack(told["slack_api_url"].removesuffix("/api/"), told["signing_secret"])
        self._stack = stack
        self._postgresql: PostgresqlServer | None = None
        self._numbers = itertools.count(1)

    async def database(self, name: str) -> Database:
        """An empty one: "sqlite" or "postgresql"."""
        return await asyncio.to_thread(self.sqlite if name == "sqlite" else self.postgresql)

    def sqlite(self) -> Database:
        """A file that is not there yet."""
        return sqlite_at(self.folder / f"{next(self._numbers)}.db")

    def postgresql(self) -> Database:
        """An empty database; the server starts when the first one is wanted."""
        if self._postgresql is None:
            server = PostgresqlServer(self.cores.others)
            self._stack.enter_context(server.running())
            self._postgresql = server
        return self._postgresql.create(f"bench_{next(self._numbers)}")

    def environment(self, database: Database, port: int, **changed: str) -> dict[str, str]:
        """The settings of a bot."""
        told = self.simulators.told
        return {
            "SLACK_BOT_TOKEN": told["bot_token"],
            "SLACK_SIGNING_SECRET": told["signing_secret"],
            "SLACK_API_URL": told["slack_api_url"],
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "DATABASE_URL": database.url,
            "SENDBLUE_API_KEY_ID": told["api_key_id"],
            "SENDBLUE_API_SECRET_KEY": told["api_secret_key"],
            "SENDBLUE_API_URL": told["sendblue_url"],
            "APPROVERS": PHONE_MANAGERS,
            **changed,
        }

    @asynccontextmanager
    async def bot(
        self, database: Database, on: frozenset[int] | None = None, **changed: str
    ) -> AsyncIterator[Bot]:
        """The real one, once it is ready."""
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        log = self.folder / f"bot-{port}.log"
        async with python(
            ["-m", "bot", "run"],
            self.cores.server if on is None else on,
            environment=self.environment(database, port, **changed),
            folder=self.folder,
            log=log,
        ) as child:
            await self.ready(url, child, log)
            yield Bot(child, url, database)

    async def ready(self, url: str, child: Child, log: Path) -> None:
        """Until /readyz says 200."""
        async with asyncio.timeout(READY_WITHIN_S):
            while True:
                if child.has_ended:
                    said = await asyncio.to_thread(log.read_text)
                    raise RuntimeError(f"the bot has ended: {said[-2000:]}")
                try:
                    async with self.session.get(f"{url}/readyz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(LOOKS_EVERY_S)

    @asynccontextmanager
    async def hello(self, *more: str) -> AsyncIterator[str]:
        """A bare Bolt app; its address."""
        told = self.simulators.told
        words = ["-m", "tests.bench.hello", told["slack_api_url"], told["bot_token"]]
        async with python([*words, told["signing_secret"], *more], self.cores.server) as child:
            yield await child.line()


@asynccontextmanager
async def world(cores: Cores) -> AsyncIterator[World]:
    """Start the simulators; everything else when it is asked for."""
    folder = Path(tempfile.mkdtemp(prefix="dialtone-bench-"))
    try:
        async with AsyncExitStack() as stack:
            child = await stack.enter_async_context(
                python(["-m", "tests.bench.simulators"], cores.others)
            )
            told = json.loads(await child.line())
            session = await stack.enter_async_context(aiohttp.ClientSession())
            yield World(stack, cores, folder, Simulators(told, session))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
