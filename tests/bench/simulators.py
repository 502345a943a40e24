"""Slack and Sendblue in a process of their own, and a door through which the benchmark looks in.

    python -m tests.bench.simulators

They are the sandbox's, except that they forget what is old (thousands of purchases would make
them slow), keep a record of when each request came and was answered, and take as long as told.
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.sendblue import CONFIRM, Sendblue
from bot.sandbox.sendblue_records import Preview
from bot.sandbox.serve import serve
from bot.sandbox.slack import SlackSimulator
from bot.sandbox.slack.people import PHONES, User
from bot.sandbox.slack.workspace import Message, Workspace
from tests.bench.payloads import STAFF
from tests.bench.processes import allow_many_files

T = TypeVar("T")
KEPT = 1_000
LINES_KEPT = 20  # an account with thousands of lines would be slow to list
TRIM_S = 0.2
TOKEN_LIFE = timedelta(hours=6)
# By what the benchmark knows a request again: a code on a card, a user, a preview's token.
_CODE = re.compile(r"`([0-9A-Z]{4,8})`")


class Forgetful(list[T]):
    """A list that starts anew when it has become long."""

    def append(self, item: T) -> None:
        if len(self) >= KEPT:
            self.clear()
        super().append(item)


class _IndexedWorkspace(Workspace):
    """Finds a message at once, however many there are."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self._index: dict[tuple[str, str], Message] = {}
        self.calls = Forgetful()

    def post(self, channel: str, user: str, text: str, *args: Any, **more: Any) -> Message:
        message = super().post(channel, user, text, *args, **more)
        self._index[channel, message.ts] = message
        return message

    def add(self, message: Message) -> None:
        """As if it had been posted before."""
        self._index[message.channel, message.ts] = message

    def find(self, channel: str, ts: str) -> Message | None:
        return self._index.get((channel, ts))


class Record:
    """When requests came and were answered (seconds of the machine's monotonic clock, which all
    processes share), and how long answers are held back."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, float, float, str]] = []
        self.in_flight: Counter[str] = Counter()
        self.delays: dict[str, float] = {}
        self.is_on = False
        self.came = asyncio.Event()
        self.released = asyncio.Event()

    def middleware(self, service: str) -> Any:
        @web.middleware
        async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
            arrived = time.monotonic()
            path = request.path
            endpoint = path.removeprefix("/api/") if service == "slack" else path
            self.in_flight[endpoint] += 1
            try:
                await request.read()
                delay = self.delays.get(endpoint, self.delays.get(service, 0.0))
                if delay:
                    await self._hold(delay)
                answer = await handler(request)
            finally:
                self.in_flight[endpoint] -= 1
            if self.is_on:
                key = await _key(request, answer)
                self.entries.append((endpoint, arrived, time.monotonic(), key))
                self.came.set()
            return answer

        return record

    async def _hold(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.released.wait(), seconds)
        except TimeoutError:
            return


async def _key(request: web.Request, answer: web.StreamResponse) -> str:
    sent = (await request.read()).decode()
    if request.path == CONFIRM:
        return str(json.loads(sent).get("preview_token", ""))
    if request.path.endswith("/provision-preview") and isinstance(answer, web.Response):
        return str(json.loads(answer.text or "{}").get("preview_token", ""))
    if request.path.endswith("users.info"):
        return str(request.query.get("user") or (await request.post()).get("user", ""))
    if request.path.endswith("views.publish"):
        return str(json.loads(sent).get("user_id", "")) if sent.startswith("{") else ""
    if request.path == "/response_url":
        return request.query_string
    found = _CODE.search(sent)
    return found[1] if found else ""


class _Slack(SlackSimulator):
    def __init__(self, record: Record) -> None:
        super().__init__(_now)
        self._record = record
        self.indexed = _IndexedWorkspace(_now)
        self.indexed.now = _now
        self.workspace = self.state.workspace = self.indexed
        self.received = Forgetful()
        for each in STAFF:
            self.workspace.users[each] = User(each, each.lower(), each)
            self.workspace.channels[PHONES].members.add(each)

    def app(self) -> web.Application:
        app = super().app()
        app.middlewares.insert(0, self._record.middleware("slack"))
        return app


class _Sendblue(Sendblue):
    def __init__(self, record: Record) -> None:
        numbers = [
            f"+1{area}{exchange}{line:04d}"
            for area in (212, 303, 415)
            for exchange in (220, 330, 440, 550)
            for line in range(10_000)
        ]
        super().__init__(daily_limit=1_000_000, monthly_limit=1_000_000, stock=numbers)
        self.preview_seconds = 3 * 3600
        self._record_of_requests = record
        self.requests = Forgetful()

    def app(self) -> web.Application:
        app = super().app()
        app.middlewares.insert(0, self._record_of_requests.middleware("sendblue"))
        return app

    def know(self, tokens: list[str]) -> None:
        """Take these for previews of its own."""
        until = self.now() + TOKEN_LIFE
        self.previews.update({token: Preview(self.account_id, until) for token in tokens})

    async def forget(self) -> None:
        """Again and again, what an account of a usual size would not have."""
        while True:
            await asyncio.sleep(TRIM_S)
            del self.lines[:-LINES_KEPT], self.ledger[:-LINES_KEPT]


def _now() -> datetime:
    return datetime.now(UTC)


def _door(slack: _Slack, sendblue: _Sendblue, record: Record) -> web.Application:
    async def look(_: web.Request) -> web.Response:
        entries, record.entries = record.entries, []
        return web.json_response({"entries": entries, "in_flight": record.in_flight})

    async def until(request: web.Request) -> web.Response:
        endpoint, many = request.query["endpoint"], int(request.query["many"])
        async with asyncio.timeout(float(request.query["seconds"])):
            while sum(entry[0] == endpoint for entry in record.entries) < many:
                record.came.clear()
                await record.came.wait()
        return await look(request)

    async def change(request: web.Request) -> web.Response:
        wanted = await request.json()
        record.is_on = wanted.get("record", record.is_on)
        record.delays = wanted.get("delays", record.delays)
        if wanted.get("release"):
            record.delays = {}
            record.released.set()
            record.released = asyncio.Event()
        sendblue.know(wanted.get("tokens", []))
        for channel, ts, text in wanted.get("messages", []):
            message = Message(channel, ts, "U0DIALTONE", text)
            slack.indexed.add(message)
        return web.json_response({})

    async def response_url(request: web.Request) -> web.Response:
        url = slack.state.tickets.issue_response_url(request.query["user"], PHONES)
        return web.json_response({"url": url})

    async def message(request: web.Request) -> web.Response:
        found = slack.indexed.find(PHONES, request.query["ts"])
        if found is None:
            raise web.HTTPNotFound
        return web.json_response(found.as_json())

    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.add_routes([web.get("/look", look), web.get("/until", until), web.post("/change", change)])
    app.add_routes([web.get("/response_url", response_url), web.get("/message", message)])
    return app


async def _run() -> None:
    allow_many_files()
    record = Record()
    slack, sendblue = _Slack(record), _Sendblue(record)
    await slack.start()
    provider = await serve(sendblue.app())
    door = await serve(_door(slack, sendblue, record))
    told = {
        "door": door.url,
        "slack_api_url": slack.api_url,
        "bot_token": slack.state.bot_token,
        "signing_secret": slack.state.signing_secret,
        "sendblue_url": provider.url,
        "api_key_id": sendblue.api_key_id,
        "api_secret_key": sendblue.api_secret_key,
    }
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    await sendblue.forget()


if __name__ == "__main__":
    asyncio.run(_run())
