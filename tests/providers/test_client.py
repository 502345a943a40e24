"""What the client says of a failure, against servers that fail below HTTP. Counted there."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable

import anyio
import h11
import httpx
import pytest

from bot.domain.errors import AnswerLost, NoAnswer, ProviderError, ProviderUnreachable
from bot.providers.client import BODY_MOST, Client, Options, Wait
from bot.providers.wire import Call, Purpose
from tests.providers.raw_server import OK, RawServer, Reply, raw_server

HEADERS = {"x-key": "s3cret-key"}
READ = Call(method="GET", path="/read", purpose=Purpose.READ)
PREVIEW = Call(method="POST", path="/preview", purpose=Purpose.PREVIEW)
CONFIRM = Call(method="POST", path="/confirm", purpose=Purpose.CONFIRM, body={"token": "t0ken"})
ONCE = Options(attempts=1)
THRICE = Options(attempts=3, backoff=0.001)
SHORT = Wait(read=0.05, total=0.2)
SHORT_TO_CONNECT = Options(connect=0.05)
SHORT_TO_ANSWER = Options(preview=SHORT, confirm=SHORT, backoff=0.001)

Connect = Callable[..., Client]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    clients: list[Client] = []

    def connect(url: str, options: Options = THRICE) -> Client:
        clients.append(Client("Sendblue", url, HEADERS, options))
        return clients[-1]

    yield connect
    for client in clients:
        await client.aclose()


async def failure(client: Client, call: Call) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await client.send(call)
    assert caught.value.fields["provider"] == "Sendblue"
    assert caught.value.__context__ is None  # it could quote headers or the body
    return caught.value


def answering(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    head = [f"HTTP/1.1 {status}", *(headers or (f"Content-Length: {len(body)}",)), "", ""]
    return "\r\n".join(head).encode() + body


# ── Never sent ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("call", [READ, PREVIEW, CONFIRM])
async def test_a_refused_connection_sends_nothing(connect: Connect, call: Call) -> None:
    with socket.socket() as held:  # bound and not listening: nobody else can get the port
        held.bind(("127.0.0.1", 0))
        client = connect(f"http://127.0.0.1:{held.getsockname()[1]}")

        assert type(await failure(client, call)) is ProviderUnreachable


async def test_a_connection_that_is_never_accepted_sends_nothing(connect: Connect) -> None:
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

            found = await failure(client, CONFIRM)
        finally:
            for caller in waiting:
                caller.close()

    assert type(found) is ProviderUnreachable
    assert found.fields["cause"] == "ConnectTimeout"


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


async def test_a_tls_handshake_that_is_never_answered_sends_nothing(connect: Connect) -> None:
    async with raw_server() as server:
        client = connect(server.url.replace("http:", "https:"), SHORT_TO_CONNECT)

        found = await failure(client, CONFIRM)

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
    pytest.param(Reply(answering(b"", *(f"X-{n}: {'x' * 900}" for n in range(200)))), id="headers"),
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
        client._fresh._transport = After(client._fresh._transport, error)

        found = await failure(client, CONFIRM)

        assert type(found) is AnswerLost
        assert found.fields["cause"] == type(error).__name__
        assert "s3cret" not in str(found.fields)
        assert len(server.requests) == 1


# ── Connections ──────────────────────────────────────────────────────────────────────────────────
async def test_what_spends_nothing_shares_a_connection_and_a_confirm_has_its_own(
    connect: Connect,
) -> None:
    async with raw_server() as server:
        client = connect(server.url)
        for call in (PREVIEW, READ, PREVIEW, READ):
            await client.send(call)
        assert server.connections == 1

        for _ in range(2):
            await client.send(CONFIRM)
        assert server.connections == 3
        await client.send(READ)
        assert server.connections == 3


async def test_confirms_at_the_same_time_each_have_their_connection(connect: Connect) -> None:
    async with raw_server() as server:
        client = connect(server.url)

        await asyncio.gather(*(client.send(CONFIRM) for _ in range(20)))

        assert (server.connections, len(server.requests)) == (20, 20)


async def test_a_connection_closed_while_idle_costs_nobody_an_answer(connect: Connect) -> None:
    async with raw_server() as server:
        client = connect(server.url, ONCE)
        await client.send(PREVIEW)
        await _close_idle(server)

        assert (await client.send(CONFIRM)).status == 200
        assert (await client.send(PREVIEW)).status == 200
        confirms = [request for request in server.requests if b"/confirm" in request]
        assert len(confirms) == 1


async def _close_idle(server: RawServer) -> None:
    server.closed.clear()
    for writer in server.idle:
        writer.close()
        await writer.wait_closed()
    await server.closed.wait()


async def test_httpx_never_sends_again_what_may_have_arrived(connect: Connect) -> None:
    """A POST on a connection used before, closed by the server as it arrives: lost, not repeated.

    Sent as a PREVIEW, for a CONFIRM is not sent on a used connection at all.
    """
    async with raw_server([Reply(), Reply(b"", closes=True)]) as server:
        client = connect(server.url, ONCE)
        await client.send(PREVIEW)

        assert type(await failure(client, PREVIEW)) is NoAnswer
        assert (server.connections, len(server.requests)) == (1, 2)


async def test_httpx_still_tells_when_it_begins_to_send(connect: Connect) -> None:
    """`has_begun` in the client leans on the name of this trace event."""
    events: list[str] = []

    async def trace(event: str, _: object) -> None:
        events.append(event)

    async with raw_server() as server:
        client = connect(server.url)
        await client._fresh.post("/confirm", json={}, extensions={"trace": trace})

    connected = events.index("connection.connect_tcp.complete")
    assert events.index("http11.send_request_headers.started") == connected + 1


# ── What is sent and read ────────────────────────────────────────────────────────────────────────
async def test_a_call_is_sent_with_credentials_and_json_below_the_base_address(
    connect: Connect,
) -> None:
    async with raw_server() as server:
        await connect(server.url + "/functions/v1").send(CONFIRM)

        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /functions/v1/confirm HTTP/1.1\r\n")
        assert b"x-key: s3cret-key" in head
        assert b"Content-Type: application/json" in head
        assert body == b'{"token":"t0ken"}'


async def test_a_post_without_a_body_says_so(connect: Connect) -> None:
    async with raw_server() as server:
        await connect(server.url).send(PREVIEW)

        assert b"content-length: 0" in server.requests[0].lower()


@pytest.mark.parametrize("call", [READ, CONFIRM])
async def test_an_endless_body_is_cut_off(connect: Connect, call: Call) -> None:
    endless = answering(b"x" * (BODY_MOST + 100_000), f"Content-Length: {10**9}")
    async with raw_server([Reply(endless)]) as server:
        client = connect(server.url)

        found = await client.send(call)

        assert len(found.body) == BODY_MOST
        assert (await client.send(call)).body == b"{}"


async def test_a_redirect_is_an_answer_and_is_not_followed(connect: Connect) -> None:
    async with raw_server() as server:
        to = f"Location: {server.url}/confirm"
        server.replies.append(
            Reply(answering(b"", to, "Content-Length: 0", status="307 Temporary Redirect"))
        )

        assert (await connect(server.url).send(CONFIRM)).status == 307
        assert len(server.requests) == 1


async def test_proxies_of_the_environment_are_not_used(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with raw_server() as server:
        assert (await connect(server.url).send(READ)).status == 200


@pytest.mark.parametrize("value", ["", "s3cret\n", "s3crét"])
def test_a_credential_that_cannot_be_a_header_is_refused_unseen(value: str) -> None:
    with pytest.raises(ValueError, match="header value") as caught:
        Client("Sendblue", "http://127.0.0.1", {"x-key": value})

    assert "s3c" not in str(caught.value)


def test_a_confirm_is_never_cut_short_while_it_may_still_be_answered() -> None:
    options = Options()

    assert [options.wait(purpose) for purpose in Purpose] == [
        Wait(read=10, total=15),
        Wait(read=15, total=20),
        Wait(read=60, total=75),
    ]
    tcp_and_tls = 2 * options.connect
    assert options.confirm.total > tcp_and_tls + options.confirm.read
