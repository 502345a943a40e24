"""Socket Mode, and the watchdog that replaces a connection which is dead or only looks alive.

The SDK reconnects by itself; its monitor has been seen to die with the session it watches. So
this one looks from outside, and starts afresh with a new client rather than mending the old.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """In seconds. `patience` is longer than the SDK needs to mend what it notices itself."""

    look: float = 5.0
    look_when_down: float = 1.0
    ping: float = 5.0
    patience: float = 30.0
    connect: float = 20.0


class SocketLink:
    """Holds one Socket Mode connection open until closed."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        web_client: Callable[[], AsyncWebClient],
        times: Times | None = None,
    ) -> None:
        self._app = app
        self._app_token = app_token
        self._web_client = web_client
        self._times = times or Times()
        self._handler: AsyncSocketModeHandler | None = None
        self._watch: asyncio.Task[None] | None = None
        self.is_up = False
        self._session: object = None
        self._connected_at = 0.0

    @property
    def age(self) -> float | None:
        """For how many seconds the present connection has stood, seen at every look; None: down."""
        return time.monotonic() - self._connected_at if self.is_up else None

    async def start(self) -> None:
        """Start connecting; returns at once. A Slack that is away is tried again for ever."""
        self._watch = asyncio.create_task(self._keep_up(), name="socket mode")

    async def close(self) -> None:
        if self._watch:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        await self._drop()

    async def _keep_up(self) -> None:
        down_since: float | None = None
        while True:
            if self._handler is None:
                await self._connect()
            await asyncio.sleep(self._times.look if self.is_up else self._times.look_when_down)
            self.is_up = await self._is_connected()
            if self.is_up:
                self._note_session()
                down_since = None
                continue
            down_since = down_since or time.monotonic()
            if time.monotonic() - down_since > self._times.patience:
                log.warning("socket_mode.replaced")
                down_since = None
                await self._drop()

    async def _is_connected(self) -> bool:
        try:
            return self._handler is not None and await self._handler.client.is_connected()
        except Exception:  # then it is not, and the watchdog must go on
            log.exception("socket_mode.not_watched")
            return False

    async def _connect(self) -> None:
        handler = AsyncSocketModeHandler(
            self._app,
            self._app_token,
            logger=logging.getLogger("slack_sdk.socket_mode"),
            web_client=self._web_client(),
            ping_interval=self._times.ping,
        )
        self._handler = handler
        try:
            async with asyncio.timeout(self._times.connect):
                await handler.client.connect()
        except Exception as error:  # noqa: BLE001 whatever it is, the next round tries again
            log.warning("socket_mode.not_connected", extra={"error": type(error).__name__})
            await self._drop()
        else:
            self._note_session()
            self.is_up = True
            log.info("socket_mode.connected")

    def _note_session(self) -> None:
        """The SDK replaces its connection by itself when Slack asks it to."""
        session = self._handler and self._handler.client.current_session
        if session is not self._session:
            self._session, self._connected_at = session, time.monotonic()

    async def _drop(self) -> None:
        handler, self._handler, self.is_up = self._handler, None, False
        if handler is None:
            return
        with contextlib.suppress(Exception):  # it is being thrown away
            async with asyncio.timeout(self._times.connect):
                await handler.client.close()
        with contextlib.suppress(Exception):  # a failed close leaves its session open
            await handler.client.aiohttp_client_session.close()
