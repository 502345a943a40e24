"""A closed-loop load: so many connections, each sends the next request when it has the answer.

Below asyncio's streams, for the load must be several times as fast as what it measures.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.bench.figures import quantile

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"
NextRequest = Callable[[], bytes | None]


@dataclass
class Outcome:
    """What came of a load. Times in seconds; `within` answers came before the time was up."""

    began: float = 0.0  # by the machine's monotonic clock
    seconds: float = 0.0
    within: int = 0
    answered: int = 0
    refused: list[bytes] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.within / self.seconds if self.seconds else 0.0

    def ms(self, share: float) -> float:
        return 1000 * quantile(self.latencies, share)


class _Connection(asyncio.Protocol):
    def __init__(self, run: "_Run") -> None:
        self._run = run
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self) -> None:
        assert self._transport is not None
        request = self._run.next_request()
        if request is None:
            self._transport.close()
            return
        self._sent_at = time.monotonic()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(_END_OF_HEAD)
        if head_end < 0:
            return
        head = self._buffer[:head_end].lower()
        at = head.find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].partition(b"\r\n")[0]) if at >= 0 else 0
        whole = head_end + len(_END_OF_HEAD) + length
        if len(self._buffer) < whole:
            return
        answer, self._buffer = self._buffer[:whole], self._buffer[whole:]
        self._run.answered(answer, self._sent_at)
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.ended(exc)


class _Run:
    def __init__(self, source: NextRequest, seconds: float, expected: bytes, many: int) -> None:
        self._source = source
        self._expected = expected
        self._open = many
        self.outcome = Outcome()
        self.over = asyncio.get_running_loop().create_future()
        self._began = time.monotonic()
        self._deadline = self._began + seconds
        self._last = self._began

    def next_request(self) -> bytes | None:
        return self._source() if time.monotonic() < self._deadline else None

    def answered(self, answer: bytes, sent_at: float) -> None:
        now = time.monotonic()
        outcome = self.outcome
        if b" 200 " not in answer[:20] or self._expected not in answer:
            outcome.refused.append(answer)
            return
        outcome.answered += 1
        outcome.latencies.append(now - sent_at)
        self._last = now
        if now <= self._deadline:
            outcome.within += 1

    def ended(self, error: Exception | None) -> None:
        self._open -= 1
        if error is not None:
            self.outcome.refused.append(repr(error).encode())
        if self._open == 0 and not self.over.done():
            # Who ran out of requests was faster than the time.
            self.outcome.seconds = min(self._last, self._deadline) - self._began
            self.over.set_result(None)


async def closed_loop(
    url: str, source: NextRequest, *, at_once: int, seconds: float, expected: bytes = b""
) -> Outcome:
    """Load `url` (its host and port) for so long, or until `source` gives None. An answer counts
    if it is a 200 that has `expected` in it."""
    address = urlsplit(url)
    loop = asyncio.get_running_loop()
    run = _Run(source, seconds, expected, at_once)
    host, port = address.hostname or "", address.port or 80
    connections = [
        (await loop.create_connection(lambda: _Connection(run), host, port))[1]
        for _ in range(at_once)
    ]
    run._began = run._last = time.monotonic()
    run._deadline = run._began + seconds
    run.outcome.began = run._began
    for each in connections:
        each.send()
    await run.over
    return run.outcome


class _Fixed(asyncio.Protocol):
    """Answers whatever comes at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        del data
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


async def serve_fixed() -> tuple[asyncio.Server, int]:
    """A server that costs next to nothing: what the load itself can do is seen against it."""
    server = await asyncio.get_running_loop().create_server(_Fixed, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    return server, port
