"""A provider that does not answer, over real HTTP: reads and previews stop, confirms never do."""

from collections.abc import AsyncIterator

import pytest

from bot.domain import errors
from bot.domain.purchase import Order
from bot.providers.breaker import Trip
from bot.providers.client import Options
from bot.providers.sendblue import Sendblue
from bot.sandbox.faults import Fault
from bot.sandbox.magpipe import LIST
from bot.sandbox.magpipe import Magpipe as MagpipeSimulator
from bot.sandbox.sendblue import CONFIRM, LIMITS, LINES_STATE, PREVIEW
from bot.sandbox.sendblue import Sendblue as Simulator
from bot.sandbox.serve import Served
from tests.fakes import FakeClock
from tests.providers.account import KEY_ID, LINE, PRICE, SECRET_KEY, received, token_of
from tests.providers.calls import CONFIRM as CONFIRM_CALL
from tests.providers.calls import PREVIEW as PREVIEW_CALL
from tests.providers.calls import READ, Connect, failure
from tests.providers.magpipe_account import DENVER, magpipe_at
from tests.providers.raw_server import Reply, answering, raw_server

CUT = Fault(cut="before")
BAD_GATEWAY = Fault(status=502, body=b"<html>Bad Gateway</html>")
SOLD_OUT = Fault(status=503, body={"status": "ERROR", "error": "no_lines_available"})

LONG = Options(backoff=0.001, trip=Trip(failures=3, spread=0, pause=60))
NO_PAUSE = Options(backoff=0.001, trip=Trip(failures=3, spread=0, pause=0, trials=1))


@pytest.fixture
async def sendblue(served: Served, clock: FakeClock) -> AsyncIterator[Sendblue]:
    """Held to be down after three failures, for longer than any test."""
    sendblue = Sendblue(served.url, KEY_ID, SECRET_KEY, PRICE, clock, LONG)
    yield sendblue
    await sendblue.aclose()


async def go_down(sendblue: Sendblue, account: Simulator) -> None:
    account.faults.queue(PREVIEW, CUT, times=3)
    with pytest.raises(errors.NoAnswer):
        await sendblue.preview(LINE)
    assert account.faults.waiting() == []
    account.requests.clear()


async def test_a_provider_that_is_down_is_not_asked_at_all(
    sendblue: Sendblue, account: Simulator
) -> None:
    await go_down(sendblue, account)

    for ask in (lambda: sendblue.preview(LINE), sendblue.limits, sendblue.holdings):
        with pytest.raises(errors.NotAsked) as caught:
            await ask()
        assert caught.value.fields == {"provider": "Sendblue"}
    assert account.requests == []


async def test_a_confirm_is_sent_while_the_provider_is_held_to_be_down(
    sendblue: Sendblue, account: Simulator
) -> None:
    token = await token_of(sendblue)
    await go_down(sendblue, account)

    receipt = await sendblue.confirm(LINE, token)

    assert receipt.number
    assert [request.path for request in account.requests] == [CONFIRM]
    await sendblue.preview(LINE)  # the answer to the confirm was one


async def test_a_confirm_that_fails_is_one_request_all_the_same(
    sendblue: Sendblue, account: Simulator
) -> None:
    token = await token_of(sendblue)
    await go_down(sendblue, account)
    account.faults.queue(CONFIRM, CUT)

    with pytest.raises(errors.AnswerLost):
        await sendblue.confirm(LINE, token)
    assert [request.path for request in account.requests] == [CONFIRM]
    with pytest.raises(errors.NotAsked):
        await sendblue.limits()


async def test_what_a_confirm_needs_beforehand_is_asked_even_then(
    sendblue: Sendblue, account: Simulator
) -> None:
    await go_down(sendblue, account)
    account.faults.queue(LINES_STATE, CUT)

    assert await sendblue.insisting().holdings() == []

    assert received(account, LINES_STATE) == 2  # repeated as always
    await sendblue.preview(LINE)


async def test_after_the_pause_one_call_is_tried_once(
    served: Served, account: Simulator, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    sendblue = Sendblue(served.url, KEY_ID, SECRET_KEY, PRICE, clock, NO_PAUSE)
    await go_down(sendblue, account)
    account.faults.queue(PREVIEW, CUT)

    with pytest.raises(errors.NoAnswer):
        await sendblue.preview(LINE)
    assert received(account, PREVIEW) == 1  # while it is open nothing is repeated
    assert (await sendblue.preview(LINE)).token
    account.faults.queue(LIMITS, CUT)
    await sendblue.limits()
    assert received(account, LIMITS) == 2  # and now it is again
    await sendblue.aclose()

    said = [each.message for each in caplog.records if "answer" in each.message]
    assert said == ["provider.does_not_answer", "provider.answers_again"]


@pytest.mark.parametrize(
    ("fault", "is_down"), [(BAD_GATEWAY, True), (Fault(status=500), True), (SOLD_OUT, False)]
)
async def test_a_5xx_counts_unless_it_is_the_provider_s_own_word(
    sendblue: Sendblue, account: Simulator, fault: Fault, *, is_down: bool
) -> None:
    account.faults.queue(PREVIEW, fault, times=3)
    for _ in range(3):
        with pytest.raises(errors.NothingSpent):
            await sendblue.preview(LINE)

    if is_down:
        with pytest.raises(errors.NotAsked):
            await sendblue.preview(LINE)
    else:
        await sendblue.preview(LINE)


async def test_any_other_answer_shows_that_it_is_there(connect: Connect) -> None:
    throttled = Reply(answering(b"{}", status="429 Too Many Requests"))
    broken = Reply(b"", closes=True)
    async with raw_server([broken, broken, throttled, broken, broken]) as server:
        client = connect(server.url, Options(attempts=1, trip=LONG.trip))
        for _ in range(2):
            await failure(client, READ)
        assert (await client.send(READ)).status == 429
        for _ in range(2):
            await failure(client, PREVIEW_CALL)
        assert (await client.send(READ)).status == 200


async def test_refused_connections_count_and_a_confirm_tries_to_connect(connect: Connect) -> None:
    async with raw_server() as server:
        url = server.url
    client = connect(url, LONG)  # nobody listens there any more

    assert type(await failure(client, READ)) is errors.ProviderUnreachable
    assert type(await failure(client, READ)) is errors.NotAsked
    assert type(await failure(client, CONFIRM_CALL)) is errors.ProviderUnreachable


async def test_magpipe_says_so_at_once_and_buys_all_the_same(
    shop_served: Served, shop: MagpipeSimulator, clock: FakeClock
) -> None:
    order = Order(number=DENVER)
    magpipe = magpipe_at(shop_served.url, clock, LONG)
    shop.faults.queue(LIST, BAD_GATEWAY, times=3)
    for _ in range(3):
        with pytest.raises(errors.ProviderError):
            await magpipe.holdings()
    shop.requests.clear()

    with pytest.raises(errors.NotAsked):
        await magpipe.preview(order)
    assert shop.requests == []
    assert (await magpipe.confirm(order, None)).number == DENVER
    await magpipe.aclose()


async def test_magpipe_is_asked_even_then_whether_a_number_is_still_for_sale(
    shop_served: Served, shop: MagpipeSimulator, clock: FakeClock
) -> None:
    order = Order(number=DENVER)
    magpipe = magpipe_at(shop_served.url, clock, LONG)
    shop.faults.queue(LIST, BAD_GATEWAY, times=3)
    for _ in range(3):
        with pytest.raises(errors.ProviderError):
            await magpipe.holdings()

    assert (await magpipe.insisting().preview(order)).order == order
    assert (await magpipe.preview(order)).order == order
    await magpipe.aclose()
