"""The faults, acted out between an aiohttp client and a till that counts its sales."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox.faults import Fault, Faults
from bot.sandbox.serve import Served, serve


class Till:
    """The smallest thing with work that can be lost: each POST /v1/sell is one sale."""

    def __init__(self) -> None:
        self.sales = 0
        self.faults = Faults(("/sell",), base="/v1")

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self.faults.middleware])
        app.router.add_post("/v1/sell", self._sell)
        return app

    async def _sell(self, _: web.Request) -> web.Response:
        self.sales += 1
        return web.json_response({"sold": self.sales})


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
async def served(till: Till) -> AsyncIterator[Served]:
    served = await serve(till.app())
    yield served
    await served.close()


@pytest.fixture
async def client(served: Served) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(served.url) as session:
        yield session


async def sell(client: aiohttp.ClientSession) -> tuple[int, bytes]:
    async with client.post("/v1/sell") as answer:
        return answer.status, await answer.read()


async def test_without_a_fault_the_work_is_done_and_answered(
    till: Till, client: aiohttp.ClientSession
) -> None:
    assert await sell(client) == (200, b'{"sold": 1}')
    assert till.sales == 1


async def test_a_fault_with_a_status_answers_instead_of_doing_the_work(
    till: Till, client: aiohttp.ClientSession
) -> None:
    till.faults.queue("/sell", Fault(status=503))
    assert await sell(client) == (503, b"")
    assert till.sales == 0


async def test_a_fault_with_a_body_alone_answers_200(
    till: Till, client: aiohttp.ClientSession
) -> None:
    till.faults.queue("/sell", Fault(body={"status": "ERROR"}))
    status, body = await sell(client)
    assert (status, json.loads(body)) == (200, {"status": "ERROR"})
    assert till.sales == 0


async def test_after_the_work_is_done_another_answer_can_be_given(
    till: Till, client: aiohttp.ClientSession
) -> None:
    till.faults.queue("/sell", Fault(status=502, body=b"<h1>Bad gateway</h1>", after=True))
    assert await sell(client) == (502, b"<h1>Bad gateway</h1>")
    assert till.sales == 1


async def test_a_fault_carries_its_own_headers_and_content_type(
    till: Till, client: aiohttp.ClientSession
) -> None:
    fault = Fault(status=429, content_type="text/html", headers={"Retry-After": "7"})
    till.faults.queue("/sell", fault)
    async with client.post("/v1/sell") as answer:
        assert answer.headers["Content-Type"] == "text/html"
        assert answer.headers["Retry-After"] == "7"


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize(("cut", "sales"), [("before", 0), ("after", 1)])
async def test_a_cut_connection_gives_no_answer(
    till: Till,
    client: aiohttp.ClientSession,
    cut: str,
    sales: int,
    reset: bool,
) -> None:
    fault = Fault(cut="before", reset=reset) if cut == "before" else Fault(cut="after", reset=reset)
    till.faults.queue("/sell", fault)
    with pytest.raises(aiohttp.ClientConnectionError):
        await sell(client)
    assert till.sales == sales


async def test_a_reset_is_told_from_an_orderly_end(
    till: Till, client: aiohttp.ClientSession
) -> None:
    till.faults.queue("/sell", Fault(cut="after", reset=True))
    with pytest.raises(aiohttp.ClientOSError, match="reset by peer"):
        await sell(client)
    till.faults.queue("/sell", Fault(cut="after"))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await sell(client)


@pytest.mark.parametrize(("after", "sales"), [(False, 0), (True, 1)])
async def test_a_truncated_answer_ends_before_its_announced_length(
    till: Till, client: aiohttp.ClientSession, after: bool, sales: int
) -> None:
    till.faults.queue("/sell", Fault(body=b'{"sold":', announced_length=500, after=after))
    async with client.post("/v1/sell") as answer:
        assert answer.status == 200
        assert await answer.content.readexactly(8) == b'{"sold":'
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    assert till.sales == sales


async def test_a_very_large_answer_arrives_whole(till: Till, client: aiohttp.ClientSession) -> None:
    till.faults.queue("/sell", Fault(body=b" " * 20_000_000))
    status, body = await sell(client)
    assert (status, len(body)) == (200, 20_000_000)


async def is_answered(request: asyncio.Task[tuple[int, bytes]]) -> bool:
    """Whether an answer comes within a moment; a test that expects none cannot fail by haste."""
    done, _ = await asyncio.wait([request], timeout=0.05)
    return bool(done)


async def test_the_work_comes_before_the_delay_when_the_fault_says_after(
    till: Till, client: aiohttp.ClientSession
) -> None:
    till.faults.queue("/sell", Fault(delay=3600, after=True))
    hold = till.faults.hold("/sell", "after")
    request = asyncio.create_task(sell(client))
    await hold.reached()
    hold.release()
    assert not await is_answered(request)
    assert till.sales == 1
    request.cancel()


async def test_the_delay_comes_before_the_work_otherwise(
    till: Till, client: aiohttp.ClientSession
) -> None:
    till.faults.queue("/sell", Fault(delay=3600))
    request = asyncio.create_task(sell(client))
    assert not await is_answered(request)
    assert till.sales == 0
    request.cancel()


async def test_a_short_delay_ends_in_the_usual_answer(
    till: Till, client: aiohttp.ClientSession
) -> None:
    till.faults.queue("/sell", Fault(delay=0.001))
    assert await sell(client) == (200, b'{"sold": 1}')


async def test_faults_happen_in_the_order_they_were_queued_and_then_stop(
    till: Till, client: aiohttp.ClientSession
) -> None:
    till.faults.queue("/sell", Fault(status=500), times=2)
    till.faults.queue("/sell", Fault(status=503))
    assert [(await sell(client))[0] for _ in range(4)] == [500, 500, 503, 200]


async def test_a_request_is_held_before_the_work_until_released(
    till: Till, client: aiohttp.ClientSession
) -> None:
    hold = till.faults.hold("/sell")
    request = asyncio.create_task(sell(client))
    await hold.reached()
    assert till.sales == 0
    hold.release()
    assert await request == (200, b'{"sold": 1}')


async def test_a_request_is_held_between_the_work_and_the_answer(
    till: Till, client: aiohttp.ClientSession
) -> None:
    hold = till.faults.hold("/sell", "after")
    request = asyncio.create_task(sell(client))
    await hold.reached()
    assert till.sales == 1
    assert not request.done()
    hold.release()
    assert await request == (200, b'{"sold": 1}')


async def test_one_hold_stops_one_request_and_lets_the_others_pass(
    till: Till, client: aiohttp.ClientSession
) -> None:
    hold = till.faults.hold("/sell")
    first = asyncio.create_task(sell(client))
    await hold.reached()
    assert await sell(client) == (200, b'{"sold": 1}')
    hold.release()
    assert await first == (200, b'{"sold": 2}')


async def test_a_fault_queued_while_a_request_is_held_hits_that_request(
    till: Till, client: aiohttp.ClientSession
) -> None:
    hold = till.faults.hold("/sell")
    request = asyncio.create_task(sell(client))
    await hold.reached()
    till.faults.queue("/sell", Fault(status=418))
    hold.release()
    assert (await request)[0] == 418


async def test_the_work_is_done_even_when_the_client_has_gone(
    till: Till, client: aiohttp.ClientSession
) -> None:
    before, after = till.faults.hold("/sell"), till.faults.hold("/sell", "after")
    request = asyncio.create_task(sell(client))
    await before.reached()
    request.cancel()
    await asyncio.wait([request])
    before.release()
    await after.reached()
    assert till.sales == 1


async def test_closing_cuts_a_request_that_is_held(till: Till) -> None:
    served = await serve(till.app())
    hold = till.faults.hold("/sell")
    async with aiohttp.ClientSession(served.url) as client:
        request = asyncio.create_task(sell(client))
        await hold.reached()
        await served.close()
        with pytest.raises(aiohttp.ClientConnectionError):
            await request
    assert till.sales == 0


async def test_a_port_is_served_again_after_closing(till: Till) -> None:
    first = await serve(till.app())
    await first.close()
    async with aiohttp.ClientSession(first.url) as client:
        with pytest.raises(aiohttp.ClientConnectorError):
            await sell(client)
        second = await serve(till.app(), port=int(first.url.rpartition(":")[2]))
        assert second.url == first.url
        assert await sell(client) == (200, b'{"sold": 1}')
    await second.close()


async def test_serving_a_port_that_is_taken_is_refused(till: Till, served: Served) -> None:
    with pytest.raises(OSError, match="in use"):
        await serve(till.app(), port=int(served.url.rpartition(":")[2]))


def test_a_fault_for_an_endpoint_that_does_not_exist_is_refused(till: Till) -> None:
    with pytest.raises(ValueError, match="/sel is no endpoint here; there are /sell"):
        till.faults.queue("/sel", Fault())
    with pytest.raises(ValueError, match="/v1/sell is no endpoint"):
        till.faults.hold("/v1/sell")


async def test_what_no_request_has_met_is_listed_and_can_be_cleared(till: Till) -> None:
    assert till.faults.waiting() == []
    till.faults.queue("/sell", Fault())
    till.faults.hold("/sell")
    assert till.faults.waiting() == ["/sell"]
    till.faults.clear()
    assert till.faults.waiting() == []
    assert till.faults.take("/sell") is None
