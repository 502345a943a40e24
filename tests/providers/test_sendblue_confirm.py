"""Sendblue's confirm, whatever fails: never more than one request. Counted at the simulator."""

import asyncio
import gzip
import json

import pytest

from bot.domain import errors
from bot.providers.client import Options, Wait
from bot.providers.sendblue import Sendblue
from bot.sandbox.faults import Fault, When
from bot.sandbox.sendblue import CONFIRM, LINES
from bot.sandbox.sendblue import Sendblue as Simulator
from bot.sandbox.serve import Served, serve
from tests.fakes import FakeClock
from tests.providers.account import KEY_ID, LINE, PRICE, SECRET_KEY, received, token_of

UNKNOWN = {
    "cut before the work": Fault(cut="before"),
    "cut after the work": Fault(cut="after"),
    "reset before the work": Fault(cut="before", reset=True),
    "reset after the work": Fault(cut="after", reset=True),
    "truncated": Fault(body=b'{"status":"OK"', announced_length=99, after=True),
    "truncated before": Fault(body=b'{"status":"OK"', announced_length=99),
    "html": Fault(body=b"<html>Sign in</html>", content_type="text/html"),
    "html after": Fault(body=b"<html>Sign in</html>", after=True),
    "empty": Fault(body=b"", after=True),
    "huge": Fault(body=b'{"x":"' + b"x" * 2 * 1024 * 1024 + b'"}', after=True),
    "huge and compressed": Fault(
        body=gzip.compress(b"[" * 20 * 1024 * 1024), headers={"Content-Encoding": "gzip"}
    ),
    "redirect": Fault(status=307, headers={"Location": CONFIRM}),
    "redirect after": Fault(status=302, headers={"Location": LINES}, after=True),
    "created without a field": Fault(status=201, body={"status": "OK"}, after=True),
    "404": Fault(status=404, body={"status": "ERROR", "message": "Not Found"}),
    "429": Fault(status=429, body={"message": "Too Many Requests"}),
    "500": Fault(status=500, body={"status": "ERROR", "message": "Internal"}, after=True),
    "502": Fault(status=502, body=b"<html>Bad Gateway</html>", after=True),
    "503": Fault(status=503, headers={"Retry-After": "1"}),
    "504": Fault(status=504, after=True),
    "no text": Fault(body=[1, 2]),
}


@pytest.mark.parametrize("fault", UNKNOWN.values(), ids=UNKNOWN.keys())
async def test_a_confirm_whose_answer_is_lost_was_sent_once(
    sendblue: Sendblue, account: Simulator, fault: Fault
) -> None:
    token = await token_of(sendblue)
    account.faults.queue(CONFIRM, fault)

    with pytest.raises(errors.AnswerLost) as caught:
        await sendblue.confirm(LINE, token)

    assert account.confirms_received == {token: 1}
    assert received(account, CONFIRM) == 1
    assert len(account.ledger) == int(fault.does_the_work_first)
    assert caught.value.fields["what"]
    assert token not in str(caught.value.fields)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_confirm_that_takes_too_long_is_lost_and_was_sent_once(
    served: Served, account: Simulator, when: When
) -> None:
    # Long enough for the request to arrive also on a machine that is busy.
    options = Options(confirm=Wait(read=0.5, total=5))
    sendblue = Sendblue(served.url, KEY_ID, SECRET_KEY, PRICE, FakeClock(), options)
    token = await token_of(sendblue)
    hold = account.faults.hold(CONFIRM, when)

    with pytest.raises(errors.AnswerLost):
        await sendblue.confirm(LINE, token)

    async with asyncio.timeout(10):
        await hold.reached()
    await sendblue.aclose()
    assert account.confirms_received == {token: 1}
    assert len(account.ledger) == (1 if when == "after" else 0)


async def test_a_confirm_to_a_provider_that_is_down_was_never_sent(
    sendblue: Sendblue, account: Simulator, served: Served
) -> None:
    token = await token_of(sendblue)
    await served.close()

    with pytest.raises(errors.ProviderUnreachable):
        await sendblue.confirm(LINE, token)
    with pytest.raises(errors.ProviderUnreachable):
        await sendblue.preview(LINE)
    assert received(account, CONFIRM) == 0


async def test_a_provider_that_restarted_between_the_calls_gets_one_confirm(
    sendblue: Sendblue, account: Simulator, served: Served
) -> None:
    token = await token_of(sendblue)
    await served.close()
    again = await serve(account.app(), port=int(served.url.rpartition(":")[2]))
    try:
        await sendblue.confirm(LINE, token)
    finally:
        await again.close()
    assert account.confirms_received == {token: 1}


async def test_a_confirm_cancelled_while_the_provider_works_was_sent_once(
    sendblue: Sendblue, account: Simulator
) -> None:
    token = await token_of(sendblue)
    hold = account.faults.hold(CONFIRM, "after")
    confirming = asyncio.create_task(sendblue.confirm(LINE, token))
    await hold.reached()
    confirming.cancel()

    with pytest.raises(asyncio.CancelledError):
        await confirming
    assert account.confirms_received == {token: 1}
    assert len(account.ledger) == 1


@pytest.mark.parametrize("token", [None, ""])
async def test_a_confirm_without_a_token_is_not_sent(
    sendblue: Sendblue, account: Simulator, token: str | None
) -> None:
    with pytest.raises(errors.MissingToken):
        await sendblue.confirm(LINE, token)
    assert account.requests == []


async def test_an_answer_compressed_against_our_wish_is_read(
    sendblue: Sendblue, account: Simulator
) -> None:
    body = gzip.compress(json.dumps({"status": "OK", "phone_number": "+14155551234"}).encode())
    account.faults.queue(CONFIRM, Fault(body=body, headers={"Content-Encoding": "gzip"}))

    assert (await sendblue.confirm(LINE, "lpv_x")).number == "+14155551234"
