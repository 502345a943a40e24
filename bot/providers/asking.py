"""Sends what spends nothing, on aiohttp: a tenth of the processor time that httpx takes.

Its exceptions tell less exactly whether anything was sent, which costs nothing here; a confirm does
not come this way.
"""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from inspect import signature
from typing import Any

import aiohttp
from yarl import URL

NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
_IDLE_S = 30.0
# As wide as what a confirm's answer may have; not every version counts headers.
_MOST = {"max_line_size": 64 * 1024, "max_field_size": 64 * 1024, "max_headers": 1000}
_KNOWN = signature(aiohttp.ClientSession).parameters
_HEADERS: Mapping[str, Any] = {name: most for name, most in _MOST.items() if name in _KNOWN}


class Asking:
    """A provider's address, credentials and connections, which are kept."""

    def __init__(self, base_url: str, headers: Mapping[str, str], trust: ssl.SSLContext) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = headers
        self._trust = trust
        self._opened: aiohttp.ClientSession | None = None  # by the first call: it needs a loop
        self.is_closed = False

    async def aclose(self) -> None:
        self.is_closed = True
        if self._opened is not None:
            await self._opened.close()

    @asynccontextmanager
    async def stream(
        self, method: str, path: str, body: Any, *, connect_s: float, read_s: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer, of which only the head was read; redirects are answers."""
        async with self._session.request(
            method,
            URL(self._base_url + path, encoded=True),
            json=body,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                connect=connect_s, sock_connect=connect_s, sock_read=read_s
            ),
        ) as response:
            if response.status < HTTPStatus.OK:
                raise aiohttp.ClientPayloadError("no final answer")
            yield response

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            # No limit on connections: the loop limits its work, and a queue here would only turn
            # waiting into errors.
            connector = aiohttp.TCPConnector(ssl=self._trust, limit=0, keepalive_timeout=_IDLE_S)
            self._opened = aiohttp.ClientSession(
                connector=connector,
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                **_HEADERS,
            )
            # Whoever calls counts the attempts; there is no public switch, and tests hold this.
            self._opened._retry_connection = False  # noqa: SLF001
        return self._opened
