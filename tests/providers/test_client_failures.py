"""What the client says of a failure: never sent, or the answer lost. Requests are counted."""

import asyncio
import socket
import ssl
from pathlib import Path

import anyio
import h11
import httpx
import pytest

from bot.domain.errors import AnswerLost, NoAnswer, ProviderUnreachable
from bot.providers.client import Options
from bot.providers.wire import Call
from tests.providers.calls import CONFIRM, ONCE, PREVIEW, READ, SHORT, Connect, failure
from tests.providers.raw_server import OK, Reply, answering, raw_server

SHORT_TO_CONNECT = Options(connect=0.05, backoff=0.001)
# Made for this test, for 127.0.0.1, signed by nobody.
_UNTRUSTED = Path(__file__).with_name("untrusted.pem")
SHORT_TO_ANSWER = Options(preview=SHORT, confirm=SHORT, backoff=0.001)


# ── Never sent ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("call", [READ, PREVIEW, CONFIRM])
async def test_a_refused_connection_sends_nothing(connect: Connect, call: Call) -> None:
    with socket.socket() as held:  # bound and not listening: nobody else can get the port
        held.bind(("127.0.0.1", 0))
        client = connect(f"http://127.0.0.1:{held.getsockname()[1]}")

        assert type(await failure(client, call)) is ProviderUnreachable


@pytest.mark.parametrize(
    ("call", "cause"), [(READ, "ConnectionTimeoutError"), (CONFIRM, "ConnectTimeout")]
)
async def test_a_connection_that_is_never_accepted_sends_nothing(
    connect: Connect, call: Call, cause: str
) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)  # the system drops further callers once its queue is full
        waiting = []
        try:
            for _ in range(8):
                waiting.append(caller := socket.socket())
                caller.setblocking(False)
                caller.connect_ex(listening.getsockname())
            client = connect(f"http://127.0.0.1:{listening.getsockname()[1]}", SHORT_TO_CONNECT)

            found = await failure(client, call)
        finally:
            for caller in waiting:
                caller.close()

    assert type(found) is ProviderUnreachable
    assert found.fields["cause"] == cause


async def test_a_name_that_does_not_exist_sends_nothing(connect: Connect) -> None:
    found = await failure(connect("http://dialtone.invalid"), CONFIRM)

    assert type(found) is ProviderUnreachable


async def test_a_failed_tls_handshake_sends_nothing(connect: Connect) -> None:
    async with raw_server() as server:
        server.greeting = b"220 mail.example.com ESMTP\r\n"
        client = connect(server.url.replace("http:", "https:"))

        found = await failure(client, CONFIRM)

        assert type(found) is ProviderUnreachable
        assert (server.connections, server.requests) == (1, [])


@pytest.mark.parametrize("call", [READ, CONFIRM])
async def test_a_tls_handshake_that_is_never_answered_sends_nothing(
    connect: Connect, call: Call
) -> None:
    async with raw_server() as server:
        client = connect(server.url.replace("http:", "https:"), SHORT_TO_CONNECT)

        found = await failure(client, call)

        assert type(found) is ProviderUnreachable
        assert server.requests == []


@pytest.mark.parametrize("call", [READ, PREVIEW, CONFIRM])
async def test_a_server_that_nobody_vouches_for_is_sent_nothing(
    connect: Connect, call: Call
) -> None:
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trust.load_cert_chain(_UNTRUSTED)
    async with raw_server(tls=trust) as server:
        found = await failure(connect(server.url, ONCE), call)

        assert type(found) is ProviderUnreachable
        assert server.requests == []


async def test_an_address_that_is_no_web_address_sends_nothing(connect: Connect) -> None:
    assert type(await failure(connect("ftp://127.0.0.1"), CONFIRM)) is ProviderUnreachable


async def test_a_closed_client_sends_nothing(connect: Connect) -> None:
    async with raw_server() as server:
        client = connect(server.url)
        await client.aclose()

        assert type(await failure(client, CONFIRM)) is ProviderUnreachable
        assert server.connections == 0


# ── Sent, and the answer lost ────────────────────────────────────────────────────────────────────
LOSSES = [
    pytest.param(Reply(b"", closes=True), id="closed without a word"),
    pytest.param(Reply(b"HTTP/1.1 200 OK\r\nConte", closes=True), id="closed within the head"),
    pytest.param(Reply(answering(b"{", "Content-Length: 9"), closes=True), id="truncated"),
    pytest.param(
        Reply(answering(b"5\r\n{}", "Transfer-Encoding: chunked"), closes=True), id="half a chunk"
    ),
    pytest.param(Reply(b"SSH-2.0-OpenSSH_9.6\r\n", closes=True), id="another protocol"),
    pytest.param(Reply(answering(b"{}", "Content-Length: x"), closes=True), id="bad length"),
    pytest.param(
        Reply(answering(b"no gzip", "Content-Encoding: gzip", "Content-Length: 7")), id="not gzip"
    ),
    pytest.param(
        Reply(answering(b"", "Upgrade: x", status="101 Switching Protocols")), id="unasked switch"
    ),
    pytest.param(Reply(answering(b"", *(f"X-{n}: {'x' * 90}" for n in range(2000)))), id="headers"),
]


@pytest.mark.parametrize("reply", LOSSES)
async def test_a_confirm_whose_answer_breaks_off_is_lost_and_sent_once(
    connect: Connect, reply: Reply
) -> None:
    async with raw_server([reply]) as server:
        found = await failure(connect(server.url), CONFIRM)

        assert type(found) is AnswerLost
        assert found.fields["what"] == "the connection broke"
        assert len(server.requests) == 1


@pytest.mark.parametrize("reply", LOSSES)
async def test_what_spends_nothing_is_tried_three_times(connect: Connect, reply: Reply) -> None:
    async with raw_server([reply] * 3) as server:
        client = connect(server.url)

        assert type(await failure(client, PREVIEW)) is NoAnswer
        assert len(server.requests) == 3

        server.replies.extend([reply] * 2)
        assert (await client.send(PREVIEW)).body == b"{}"
        assert len(server.requests) == 6


@pytest.mark.parametrize("call", [PREVIEW, CONFIRM])
@pytest.mark.parametrize("drip", [0.01, 60])
async def test_a_server_that_drips_or_hangs_holds_nobody_for_ever(
    connect: Connect, call: Call, drip: float
) -> None:
    async with raw_server([Reply(OK * 9, drip=drip)]) as server:
        server.replies.extend([Reply(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 900, drip=drip)] * 3)

        found = await failure(connect(server.url, SHORT_TO_ANSWER), call)

        assert type(found) is (AnswerLost if call is CONFIRM else NoAnswer)
        assert found.fields["what"] == "none came in time"
        await server.received.wait()
        if call is CONFIRM:
            assert len(server.requests) == 1


async def test_cancelling_a_confirm_passes_through(connect: Connect) -> None:
    async with raw_server([Reply(OK, drip=60)]) as server:
        sending = asyncio.create_task(connect(server.url).send(CONFIRM))
        await server.received.wait()
        sending.cancel()

        with pytest.raises(asyncio.CancelledError):
            await sending
        assert len(server.requests) == 1


class After(httpx.AsyncBaseTransport):
    """A transport that really sends, and then fails in its own way."""

    def __init__(self, inner: httpx.AsyncBaseTransport, error: BaseException) -> None:
        self._inner = inner
        self._error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        await response.aclose()
        raise self._error


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectTimeout("as the aiohttp transport was seen to do"),
        httpx.ConnectError(""),
        httpx.PoolTimeout(""),
        OSError(104, "reset"),
        ssl.SSLError("bad record"),
        h11.RemoteProtocolError("illegal"),
        anyio.BrokenResourceError(),
        RuntimeError("event loop"),
        TimeoutError(),
        ExceptionGroup("several", [ValueError()]),
        MemoryError(),
        KeyError("s3cret-key t0ken"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_any_exception_after_sending_is_a_lost_answer(
    connect: Connect, error: Exception
) -> None:
    async with raw_server() as server:
        client = connect(server.url)
        client._confirming._transport = After(client._confirming._transport, error)

        found = await failure(client, CONFIRM)

        assert type(found) is AnswerLost
        assert found.fields["cause"] == type(error).__name__
        assert "s3cret" not in str(found.fields)
        assert len(server.requests) == 1
