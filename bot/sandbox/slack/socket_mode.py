"""Socket Mode: apps.connections.open's address, and payloads in envelopes over WebSockets.

docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import time
import uuid
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.slack import people
from bot.sandbox.slack.delivery import NOT_DELIVERED, TIMED_OUT, Answer, Delivery, Retry
from bot.sandbox.slack.state import State

MOST_CONNECTIONS = 10
_TYPES = {"command": "slash_commands", "interaction": "interactive", "event": "events_api"}


class SocketMode:
    """The app's open connections; each payload goes to one of them in turn.

    `mute = True` makes the connections half-dead: open, but nothing is sent and no ping answered.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._tickets: set[str] = set()
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._turn = itertools.count()
        self.connections: list[web.WebSocketResponse] = []
        self._transports: list[asyncio.Transport] = []
        self.base_url = ""
        self.mute = False

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/link", self._connected)]

    def issue_url(self) -> str:
        """A `ws://` address on this machine, good for one connection."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        base = self.base_url.replace("http://", "ws://", 1)
        return f"{base}/link?ticket={ticket}&app_id={people.APP_ID}"

    async def send(self, delivery: Delivery, retry: Retry | None, limit: float) -> Answer:
        started = time.monotonic()
        if not self.connections:
            return Answer(None, None, 0.0, NOT_DELIVERED)
        connection = self.connections[next(self._turn) % len(self.connections)]
        envelope_id = str(uuid.uuid4())
        envelope = {
            "envelope_id": envelope_id,
            "payload": delivery.payload,
            "type": _TYPES[delivery.kind],
            "accepts_response_payload": delivery.kind != "event",
        }
        if delivery.kind == "event":
            envelope["retry_attempt"] = retry.number if retry else 0
            envelope["retry_reason"] = retry.reason if retry else ""
        acked: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = acked
        try:
            async with asyncio.timeout(limit):
                if not self.mute:
                    await connection.send_json(envelope)
                ack = await acked
        except TimeoutError:
            return Answer(None, None, time.monotonic() - started, TIMED_OUT)
        except ConnectionError:
            return Answer(None, None, time.monotonic() - started, NOT_DELIVERED)
        finally:
            del self._waiting[envelope_id]
        return Answer(200, ack.get("payload"), time.monotonic() - started)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Say goodbye to every connection and close it, as Slack does when it recycles them.

        `reason` is `refresh_requested`, `warning` (which announces only) or `link_disabled`.
        """
        for connection in list(self.connections):
            await self._say_goodbye(connection, reason)
            if reason != "warning":
                await connection.close()

    def drop(self) -> None:
        """Cut every connection without a word."""
        for transport in self._transports:
            transport.abort()

    async def close(self) -> None:
        for connection in list(self.connections):
            await connection.close()

    async def _connected(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401, text="this address was used, or never given out")
        self._tickets.discard(ticket)
        connection = web.WebSocketResponse(autoping=False)
        await connection.prepare(request)
        transport = request.transport
        if transport is None:
            return connection  # gone already
        if len(self.connections) >= MOST_CONNECTIONS:
            await self._say_goodbye(connection, "too_many_websockets")
            await connection.close()
            return connection
        self.connections.append(connection)
        self._transports.append(transport)
        self._state.workspace.changed()
        try:
            await connection.send_json(self._hello())
            await self._listen(connection)
        finally:
            self.connections.remove(connection)
            self._transports.remove(transport)
            self._state.workspace.changed()
        return connection

    async def _listen(self, connection: web.WebSocketResponse) -> None:
        async for message in connection:
            if message.type is WSMsgType.PING and not self.mute:
                await connection.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._acknowledged(message.data)

    def _acknowledged(self, text: str) -> None:
        try:
            ack = json.loads(text)
        except ValueError:
            return  # the SDK also sends words of its own, e.g. when it says goodbye
        envelope_id = str(ack.get("envelope_id")) if isinstance(ack, dict) else ""
        waiting = self._waiting.get(envelope_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(ack)

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": self._debug_info(),
            "connection_info": {"app_id": people.APP_ID},
        }

    def _debug_info(self) -> dict[str, Any]:
        started = self._state.workspace.now().strftime("%Y-%m-%d %H:%M:%S.000")
        info = {"host": "applink-sandbox", "started": started, "build_number": 1}
        return {**info, "approximate_connection_time": 18_060}

    async def _say_goodbye(self, connection: web.WebSocketResponse, reason: str) -> None:
        goodbye = {"type": "disconnect", "reason": reason, "debug_info": self._debug_info()}
        await connection.send_json(goodbye)
