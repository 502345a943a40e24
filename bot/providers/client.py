"""Sends calls over HTTP and says, of every failure, whether the request can have arrived.

Read from httpx 0.28 and httpcore 1.0 (`_async/connection.py`, `_async/http11.py`,
`_async/connection_pool.py`), and held by tests:

- `ConnectError` and `ConnectTimeout` come out of opening the connection alone (DNS, TCP, TLS),
  `PoolTimeout` out of waiting for one. No byte of the request has left at that point.
- httpcore never sends a request a second time. With `retries=0` nothing is repeated; its pool's
  one loop is left for another round only by `ConnectionNotAvailable`, which HTTP/1.1 raises
  before it writes (HTTP/2 may raise it later, and stays off).
- A connection that the provider closed while it lay idle is noticed when it is taken from the
  pool. If it is closed a moment later, the request is lost with it, as `RemoteProtocolError` or
  `ReadError`, and nobody can tell whether it was read. A confirm therefore gets a connection of
  its own: it can then be lost only while the provider is at work on it.

What spends nothing goes another, cheaper way: see `asking`.
"""

import asyncio
import copy
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import Any, Self

import httpx

from bot.domain.errors import (
    AnswerLost,
    NoAnswer,
    NotAsked,
    ProviderError,
    ProviderUnreachable,
)
from bot.ports import Clock
from bot.providers.asking import NEVER_SENT, Asking
from bot.providers.breaker import Breaker, Trip
from bot.providers.skew import ClockSkew
from bot.providers.wire import Answer, Call, Purpose

log = logging.getLogger(__name__)

BODY_MOST = 1024 * 1024  # bytes; the rest is not read, which leaves JSON that cannot be parsed
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)

# Provider, purpose, outcome, seconds: told of each request.
OnCall = Callable[[str, str, str, float], None]


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds: `read` for the next bytes, `total` for everything, repetitions included."""

    read: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How long to wait, in seconds, and how often to try what spends nothing."""

    connect: float = 5
    read: Wait = Wait(read=10, total=15)
    preview: Wait = Wait(read=15, total=20)
    confirm: Wait = Wait(read=60, total=75)  # `total` exceeds opening a connection and `read`
    attempts: int = 3
    backoff: float = 0.2  # before the second attempt; doubles each time
    trip: Trip = field(default_factory=Trip)  # when to stop asking
    on_call: OnCall | None = None

    def wait(self, purpose: Purpose) -> Wait:
        return {
            Purpose.READ: self.read,
            Purpose.PREVIEW: self.preview,
            Purpose.CONFIRM: self.confirm,
        }[purpose]


class Client:
    """A provider's way out: its address, its credentials, its connections."""

    def __init__(
        self,
        provider: str,  # its title, for errors
        base_url: str,
        headers: Mapping[str, str],
        clock: Clock,
        options: Options | None = None,
    ) -> None:
        if not all(value and value.isascii() and value.isprintable() for value in headers.values()):
            # Found out later, the value would be in the exception.
            raise ValueError("A header value is empty or not printable ASCII.")
        self._provider = provider
        self._options = options or Options()
        self._clock = clock
        self._breaker = Breaker(self._options.trip)
        self._insists = False
        self.skew = ClockSkew(provider)
        trust = _trust()

        headers = {"Accept": "application/json", "Accept-Encoding": "identity", **headers}
        self._asking = Asking(base_url, headers, trust)
        self._confirming = httpx.AsyncClient(
            base_url=base_url,
            headers=headers,
            transport=httpx.AsyncHTTPTransport(
                verify=trust,
                trust_env=False,
                http2=False,
                retries=0,
                # Each connection is closed after its only request, and there is no limit on them:
                # the loop limits its work, and a queue here would only turn waiting into errors.
                limits=httpx.Limits(max_keepalive_connections=0),
            ),
            follow_redirects=False,
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Close all connections; a call made afterwards is never sent."""
        await self._asking.aclose()
        await self._confirming.aclose()

    def insisting(self) -> Self:
        """The same client, which asks a provider even while it is held to be down."""
        insisting = copy.copy(self)
        insisting._insists = True  # noqa: SLF001 - it is one of us
        return insisting

    async def send(self, call: Call) -> Answer:
        """Send a call and give its answer, whatever its status.

        A CONFIRM is sent once; other calls are repeated while there is no answer, and not sent at
        all while the provider is held to be down. Cancelling passes through. Raises
        ProviderUnreachable when nothing was sent (NotAsked where that is why); otherwise, without
        a complete answer, AnswerLost for a CONFIRM and NoAnswer for what spends nothing.
        """
        attempts = 1 if call.purpose is Purpose.CONFIRM else self._options.attempts
        now = asyncio.get_running_loop().time
        is_held_back = call.purpose is not Purpose.CONFIRM and not self._insists
        if is_held_back and not self._breaker.admits(now()):
            raise NotAsked(provider=self._provider)
        deadline = now() + self._options.wait(call.purpose).total
        outcome = await self._attempt(call, deadline)
        for attempt in range(attempts - 1):
            pause = self._options.backoff * 2**attempt
            if isinstance(outcome, Answer) or now() + pause >= deadline:
                break
            if is_held_back and self._breaker.is_open:
                break
            await asyncio.sleep(pause)
            outcome = await self._attempt(call, deadline)
        if isinstance(outcome, Answer):
            return outcome
        raise outcome  # outside any `except`: what it came from may quote what we sent

    async def _attempt(self, call: Call, deadline: float) -> Answer | ProviderError:
        now, on_call = asyncio.get_running_loop().time, self._options.on_call
        began = now()
        found: Answer | ProviderError | None = None  # stays None for one who stops waiting
        try:
            found = await self._exchange(call, deadline)
            return found
        finally:
            if on_call is not None:
                on_call(self._provider, call.purpose.value, _outcome(found), now() - began)

    async def _exchange(self, call: Call, deadline: float) -> Answer | ProviderError:
        if self._asking.is_closed:
            return ProviderUnreachable(provider=self._provider, cause="closed")
        send = self._confirm if call.purpose is Purpose.CONFIRM else self._ask
        found = await send(call, deadline)
        self._note(is_answered=isinstance(found, Answer) and not found.is_breakdown)
        return found

    async def _ask(self, call: Call, deadline: float) -> Answer | ProviderError:
        now = asyncio.get_running_loop().time
        connect_s, read_s = self._options.connect, self._options.wait(call.purpose).read
        began = now()
        try:
            async with (
                asyncio.timeout_at(deadline),
                self._asking.stream(
                    call.method, call.path, call.body, connect_s=connect_s, read_s=read_s
                ) as response,
            ):
                took_s, received_at = now() - began, self._clock.now()
                answer = Answer(
                    status=response.status,
                    headers=response.headers,
                    body=await _body(response.content.iter_any()),
                )
        except Exception as error:  # noqa: BLE001 - whatever it is, there is no answer
            return self._failure(call.purpose, error, is_unsent=isinstance(error, NEVER_SENT))
        self.skew.heed(answer.date, received_at, took_s)
        return answer

    async def _confirm(self, call: Call, deadline: float) -> Answer | ProviderError:
        has_begun = False

        async def trace(event: str, _: Mapping[str, Any]) -> None:
            nonlocal has_begun
            has_begun = has_begun or "send_request" in event

        try:
            async with (
                asyncio.timeout_at(deadline),
                self._confirming.stream(
                    call.method,
                    call.path,
                    json=call.body,
                    timeout=self._timeout(call.purpose),
                    extensions={"trace": trace},
                ) as response,
            ):
                return Answer(
                    status=response.status_code,
                    headers=response.headers,
                    body=await _body(response.aiter_bytes()),
                )
        except Exception as error:  # noqa: BLE001 - whatever it is, the request may have arrived
            # The class alone is proof as long as httpx keeps to it; a transport was seen that
            # reports a connection cut after sending as ConnectTimeout. So both must agree.
            is_unsent = isinstance(error, _NEVER_SENT) and not has_begun
            return self._failure(call.purpose, error, is_unsent=is_unsent)

    def _note(self, *, is_answered: bool) -> None:
        was_open = self._breaker.is_open
        if is_answered:
            self._breaker.answered()
        else:
            self._breaker.failed(asyncio.get_running_loop().time())
        if self._breaker.is_open is not was_open:
            what = "provider.answers_again" if was_open else "provider.does_not_answer"
            log.warning(what, extra={"provider": self._provider})

    def _timeout(self, purpose: Purpose) -> httpx.Timeout:
        connect, read = self._options.connect, self._options.wait(purpose).read
        return httpx.Timeout(connect=connect, read=read, write=read, pool=connect)

    def _failure(self, purpose: Purpose, error: Exception, *, is_unsent: bool) -> ProviderError:
        cause = type(error).__name__  # its text may quote what we sent
        if is_unsent:
            return ProviderUnreachable(provider=self._provider, cause=cause)
        is_late = isinstance(
            error, TimeoutError | httpx.TimeoutException
        )  # aiohttp's are the first
        what = "none came in time" if is_late else "the connection broke"
        lost = AnswerLost if purpose is Purpose.CONFIRM else NoAnswer
        return lost(provider=self._provider, what=what, cause=cause)


@cache
def _trust() -> ssl.SSLContext:
    """Whose certificates are believed; one for all providers, for it takes 30 ms to read them."""
    return httpx.create_ssl_context(trust_env=False)


def _outcome(found: Answer | ProviderError | None) -> str:
    """What became of a request, in one of seven words; an answer by its HTTP status alone."""
    if not isinstance(found, Answer):
        return "not_sent" if isinstance(found, ProviderUnreachable) else "no_answer"
    match found.status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return "unauthorized"
        case HTTPStatus.TOO_MANY_REQUESTS:
            return "limited"
        case status if 400 <= status <= 499:  # noqa: PLR2004 - the class of codes
            return "refused"
    return "ok" if found.is_success else "broken"


async def _body(chunks: AsyncIterator[bytes]) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) >= BODY_MOST:
            break
    return bytes(body[:BODY_MOST])
