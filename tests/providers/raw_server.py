"""A provider that misbehaves below HTTP: it answers byte for byte as told and counts what comes."""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@dataclass(frozen=True)
class Reply:
    """What one request gets: bytes, at once or one at a time, and whether the connection stays."""

    content: bytes = OK
    drip: float = 0  # seconds between single bytes
    closes: bool = False


@dataclass
class RawServer:
    """Answers with `replies` in turn, then with `OK`. A request is its head and its body."""

    replies: deque[Reply] = field(default_factory=deque)
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    url: str = ""
    idle: list[asyncio.StreamWriter] = field(default_factory=list)
    received: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    greeting: bytes = b""  # said before anybody asks

    async def serve_connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        self.idle.append(writer)
        writer.write(self.greeting)
        try:
            while request := await _request(reader):
                self.requests.append(request)
                self.received.set()
                reply = self.replies.popleft() if self.replies else Reply()
                await _write(writer, reply)
                if reply.closes:
                    break
        except (ConnectionError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()
            self.closed.set()


async def _request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    for header in head.split(b"\r\n"):
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            return head + await reader.readexactly(int(value))
    return head


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> None:
    if not reply.drip:
        writer.write(reply.content)
        await writer.drain()
        return
    for byte in reply.content:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(reply.drip)


@asynccontextmanager
async def raw_server(
    replies: Iterable[Reply] = (), tls: ssl.SSLContext | None = None
) -> AsyncIterator[RawServer]:
    world = RawServer(deque(replies))
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.ensure_future(world.serve_connection(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    world.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield world
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answering(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    head = [f"HTTP/1.1 {status}", *(headers or (f"Content-Length: {len(body)}",)), "", ""]
    return "\r\n".join(head).encode() + body
