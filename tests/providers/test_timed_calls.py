"""Each request to a provider is told with what became of it."""

import asyncio
import socket

import pytest

from bot.providers.client import Options
from tests.providers.calls import CONFIRM, PREVIEW, Connect, failure
from tests.providers.raw_server import Reply, raw_server

Told = list[tuple[str, str, str]]


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture
def options(told: Told) -> Options:
    def remember(provider: str, purpose: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        told.append((provider, purpose, outcome))

    return Options(attempts=2, backoff=0.001, on_call=remember)


def with_status(status: int) -> Reply:
    return Reply(f"HTTP/1.1 {status} So\r\nContent-Length: 0\r\n\r\n".encode())


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "ok"),
        (302, "broken"),
        (401, "unauthorized"),
        (402, "refused"),
        (403, "unauthorized"),
        (410, "refused"),
        (429, "limited"),
        (503, "broken"),
    ],
)
async def test_an_answer_is_told_by_its_status(
    connect: Connect, options: Options, told: Told, status: int, outcome: str
) -> None:
    async with raw_server([with_status(status)]) as server:
        await connect(server.url, options).send(CONFIRM)
    assert told == [("Sendblue", "confirm", outcome)]


async def test_each_attempt_is_told(connect: Connect, options: Options, told: Told) -> None:
    async with raw_server([Reply(b"", closes=True)]) as server:
        await connect(server.url, options).send(PREVIEW)
    assert told == [("Sendblue", "preview", "no_answer"), ("Sendblue", "preview", "ok")]


async def test_what_never_left_is_told_apart(
    connect: Connect, options: Options, told: Told
) -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        await failure(connect(f"http://127.0.0.1:{taken.getsockname()[1]}", options), CONFIRM)
    assert told == [("Sendblue", "confirm", "not_sent")]


async def test_one_that_nobody_waits_for_any_more_is_told_too(
    connect: Connect, options: Options, told: Told
) -> None:
    async with raw_server([Reply(b"HTTP/1.1 200 OK\r\n", drip=10)]) as server:
        sending = asyncio.create_task(connect(server.url, options).send(CONFIRM))
        await server.received.wait()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    assert told == [("Sendblue", "confirm", "no_answer")]
