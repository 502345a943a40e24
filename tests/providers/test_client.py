"""How the client uses connections, and what it sends and reads."""

import asyncio

import pytest

from bot.domain.errors import NoAnswer
from bot.providers.client import BODY_MOST, Client, Options, Wait
from bot.providers.wire import Call, Purpose
from tests.fakes import FakeClock
from tests.providers.calls import CONFIRM, ONCE, PREVIEW, READ, Connect, failure
from tests.providers.raw_server import RawServer, Reply, answering, raw_server


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


@pytest.mark.parametrize("call", [READ, PREVIEW])
async def test_what_is_lost_on_a_connection_used_before_is_not_sent_again_unseen(
    connect: Connect, call: Call
) -> None:
    """Closed by the server as it arrives: an attempt, and the client counts those."""
    async with raw_server([Reply(), Reply(b"", closes=True)]) as server:
        client = connect(server.url, ONCE)
        await client.send(call)

        assert type(await failure(client, call)) is NoAnswer
        assert (server.connections, len(server.requests)) == (1, 2)


async def test_httpx_still_tells_when_it_begins_to_send(connect: Connect) -> None:
    """`has_begun` in the client leans on the name of this trace event."""
    events: list[str] = []

    async def trace(event: str, _: object) -> None:
        events.append(event)

    async with raw_server() as server:
        client = connect(server.url)
        await client._confirming.post("/confirm", json={}, extensions={"trace": trace})

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


@pytest.mark.parametrize("call", [READ, PREVIEW, CONFIRM])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_no_credential_goes_elsewhere(
    connect: Connect, call: Call, status: int
) -> None:
    async with raw_server() as server, raw_server() as elsewhere:
        to = f"Location: {elsewhere.url}{call.path}"
        reply = answering(b"", to, "Content-Length: 0", status=f"{status} Redirect")
        server.replies.append(Reply(reply))

        assert (await connect(server.url).send(call)).status == status
        assert (len(server.requests), elsewhere.connections) == (1, 0)


@pytest.mark.parametrize("call", [READ, CONFIRM])
@pytest.mark.parametrize(
    "headers",
    [[f"X-Long: {'x' * 9000}"], [f"X-{number}: {'x' * 90}" for number in range(300)]],
    ids=["long", "many"],
)
async def test_an_answer_may_have_long_headers_or_many(
    connect: Connect, call: Call, headers: list[str]
) -> None:
    reply = answering(b"{}", *headers, "Content-Length: 2")
    async with raw_server([Reply(reply)]) as server:
        assert (await connect(server.url, ONCE).send(call)).body == b"{}"


@pytest.mark.parametrize("call", [READ, PREVIEW])
async def test_what_spends_nothing_brings_no_cookies_back(connect: Connect, call: Call) -> None:
    reply = answering(b"{}", "Set-Cookie: who=me; Path=/", "Content-Length: 2")
    async with raw_server([Reply(reply)]) as server:
        client = connect(server.url.replace("127.0.0.1", "localhost"))
        for _ in range(2):
            await client.send(call)
        assert not any(b"cookie" in request.lower() for request in server.requests)


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
        Client("Sendblue", "http://127.0.0.1", {"x-key": value}, FakeClock())

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
