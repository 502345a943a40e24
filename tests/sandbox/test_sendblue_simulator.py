"""The Sendblue simulator over real HTTP, held against the provider's documentation."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import phonenumbers
import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.sendblue import CONFIRM, LIMITS, LINES, LINES_STATE, PREVIEW, Sendblue
from bot.sandbox.sendblue_records import STOCK, Line
from bot.sandbox.serve import serve
from tests.sandbox.provider_clients import NOON, SENDBLUE_CREDENTIALS, Clock, SendblueAccount


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sendblue(clock: Clock) -> Sendblue:
    return Sendblue(clock)


@pytest.fixture
async def account(sendblue: Sendblue) -> AsyncIterator[SendblueAccount]:
    served = await serve(sendblue.app())
    async with aiohttp.ClientSession(served.url) as session:
        yield SendblueAccount(session)
    await served.close()


async def test_a_preview_answers_with_a_token_that_lives_ten_minutes(
    account: SendblueAccount,
) -> None:
    status, body = await account.preview()
    assert status == 200
    assert body.pop("preview_token").startswith("lpv_")
    assert body == {
        "status": "OK",
        "expires_at": "2026-05-18T12:10:00.000Z",
        "message": "Call the confirm endpoint with this token within 10 minutes "
        "to complete the purchase.",
    }


async def test_a_preview_charges_nothing_and_every_token_is_another(
    sendblue: Sendblue, account: SendblueAccount
) -> None:
    assert await account.token() != await account.token()
    assert sendblue.ledger == []
    assert sendblue.lines == []


async def test_confirm_charges_the_card_and_puts_the_line_on_the_account(
    sendblue: Sendblue, account: SendblueAccount
) -> None:
    token = await account.token()
    status, body = await account.confirm(token)
    assert status == 200
    assert set(body) == {"status", "phone_number", "worker_id", "subscription_id"}
    assert body["status"] == "OK"
    assert body["phone_number"] == STOCK[0]
    [charge] = sendblue.ledger
    assert charge.at == NOON
    assert charge.phone_number == STOCK[0]
    assert (charge.worker_id, charge.subscription_id) == (
        body["worker_id"],
        body["subscription_id"],
    )
    assert charge.token_suffix == token[-4:]
    assert sendblue.lines == [Line(STOCK[0], body["worker_id"])]


async def test_a_token_works_once(sendblue: Sendblue, account: SendblueAccount) -> None:
    token = await account.token()
    await account.confirm(token)
    status, body = await account.confirm(token)
    assert (status, body["error"]) == (410, "token_expired")
    assert len(sendblue.ledger) == 1
    assert sendblue.confirms_received[token] == 2


async def test_two_confirms_of_one_token_at_once_charge_once(
    sendblue: Sendblue, account: SendblueAccount
) -> None:
    token = await account.token()
    answers = await asyncio.gather(account.confirm(token), account.confirm(token))
    assert sorted(status for status, _ in answers) == [200, 410]
    assert len(sendblue.ledger) == 1


@pytest.mark.parametrize(("seconds", "status"), [(599.999, 200), (600, 410)])
async def test_a_token_expires_to_the_second(
    clock: Clock, account: SendblueAccount, seconds: float, status: int
) -> None:
    token = await account.token()
    clock.advance(seconds=seconds)
    assert (await account.confirm(token))[0] == status


async def test_a_token_never_issued_is_gone(account: SendblueAccount) -> None:
    status, body = await account.confirm("lpv_invented")
    assert (status, body["error"]) == (410, "token_expired")


async def test_a_token_of_another_account_is_refused_and_stays_theirs(
    sendblue: Sendblue, account: SendblueAccount
) -> None:
    token = await account.token()
    sendblue.account_id = "somebody-else"
    status, body = await account.confirm(token)
    assert status == 403
    assert body == {"status": "ERROR", "message": "Preview token belongs to another account"}
    sendblue.account_id = "sandbox-account"
    assert (await account.confirm(token))[0] == 200


@pytest.mark.parametrize("body", [None, {}, [], {"preview_token": ""}, {"preview_token": 7}])
async def test_a_confirm_without_a_token_is_refused(
    sendblue: Sendblue, account: SendblueAccount, body: Any
) -> None:
    status, answer = await account.call("POST", CONFIRM, body)
    assert status == 400
    assert answer == {"status": "ERROR", "message": "preview_token is required"}
    assert sendblue.confirms_received.total() == 1


async def test_the_last_line_goes_to_the_first_confirm(
    sendblue: Sendblue, account: SendblueAccount
) -> None:
    del sendblue.stock[1:]
    first, second = await account.token(), await account.token()
    assert (await account.confirm(second))[0] == 200
    assert (await account.confirm(first))[0] == 503


async def test_failed_provisioning_charges_the_card_without_a_line(
    sendblue: Sendblue, account: SendblueAccount
) -> None:
    sendblue.provisioning_fails = True
    status, body = await account.confirm(await account.token())
    assert (status, body["error"]) == (500, "provisioning_failed")
    [charge] = sendblue.ledger
    assert (charge.phone_number, charge.worker_id) == (None, None)
    assert charge.subscription_id
    assert sendblue.lines == []
    assert sendblue.daily().used == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", PREVIEW),
        ("POST", CONFIRM),
        ("GET", LIMITS),
        ("GET", LINES),
        ("GET", LINES_STATE),
    ],
)
async def test_every_call_wants_both_credentials(
    account: SendblueAccount, method: str, path: str
) -> None:
    wrong = SENDBLUE_CREDENTIALS | {"sb-api-secret-key": "wrong"}
    assert await account.call(method, path, headers=wrong) == (
        401,
        {"status": "ERROR", "message": "Invalid Credentials"},
    )
    for missing in SENDBLUE_CREDENTIALS:
        rest = {name: value for name, value in SENDBLUE_CREDENTIALS.items() if name != missing}
        assert await account.call(method, path, headers=rest) == (
            403,
            {"message": "Did not get inputs for authorization"},
        )


async def test_refusals_can_come_with_status_200(
    sendblue: Sendblue, account: SendblueAccount
) -> None:
    sendblue.errors_as_200 = True
    sendblue.card_on_file = False
    status, body = await account.preview()
    assert (status, body["status"], body["error"]) == (200, "ERROR", "no_card_on_file")
    assert (await account.call("POST", PREVIEW, headers={}))[0] == 403


async def test_lines_bought_and_lines_already_there_are_listed(
    sendblue: Sendblue, account: SendblueAccount
) -> None:
    sendblue.lines += [
        Line("+14155551234", "worker_old"),
        Line(None, "worker_new", status="UNKNOWN"),
    ]
    number = await account.buy()
    assert await account.get(LINES) == (200, {"numbers": ["+14155551234", number]})
    status, body = await account.get(LINES_STATE)
    assert (status, body["status"], body["snapshot_at"]) == (200, "OK", "2026-05-18T12:00:00.000Z")
    assert body["data"][:2] == [
        {
            "assignment": "assigned",
            "sendblue_number": "+14155551234",
            "status": "ONLINE",
            "worker_id": "worker_old",
        },
        {
            "assignment": "assigned",
            "sendblue_number": None,
            "status": "UNKNOWN",
            "worker_id": "worker_new",
        },
    ]
    assert body["data"][2]["worker_id"] == sendblue.ledger[0].worker_id


@pytest.mark.parametrize("status", [403, 404])
async def test_some_accounts_have_no_state_of_lines(
    sendblue: Sendblue, account: SendblueAccount, status: int
) -> None:
    sendblue.lines_state_status = status
    assert (await account.get(LINES_STATE))[0] == status
    assert (await account.get(LINES))[0] == 200


async def test_a_lost_answer_leaves_the_charge_and_the_line(
    sendblue: Sendblue, account: SendblueAccount
) -> None:
    token = await account.token()
    sendblue.faults.queue(CONFIRM, Fault(cut="after"))
    with pytest.raises(aiohttp.ClientConnectionError):
        await account.confirm(token)
    assert len(sendblue.ledger) == 1
    assert (await account.get(LINES))[1] == {"numbers": [STOCK[0]]}
    assert (await account.confirm(token))[1]["error"] == "token_expired"


async def test_a_confirm_that_a_fault_swallows_is_still_counted(
    sendblue: Sendblue, account: SendblueAccount
) -> None:
    token = await account.token()
    sendblue.faults.queue(CONFIRM, Fault(cut="before"))
    with pytest.raises(aiohttp.ClientConnectionError):
        await account.confirm(token)
    assert sendblue.ledger == []
    assert sendblue.confirms_received == {token: 1}
    assert [request.path for request in sendblue.requests] == [PREVIEW, CONFIRM]


async def test_the_token_counts_as_of_when_the_work_is_done(
    clock: Clock, sendblue: Sendblue, account: SendblueAccount
) -> None:
    token = await account.token()
    hold = sendblue.faults.hold(CONFIRM)
    confirm = asyncio.create_task(account.confirm(token))
    await hold.reached()
    clock.advance(minutes=10)
    hold.release()
    assert (await confirm)[0] == 410


async def test_answers_carry_the_date_of_the_simulators_own_clock(sendblue: Sendblue) -> None:
    served = await serve(sendblue.app())
    async with aiohttp.ClientSession(served.url) as session, session.get(LINES) as answer:
        assert answer.headers["Date"] == "Mon, 18 May 2026 12:00:00 GMT"
    await served.close()


def test_the_stock_is_real_looking_and_outlasts_the_monthly_limit() -> None:
    assert len(set(STOCK)) > 10
    for number in STOCK:
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_valid_number(parsed), number
        assert phonenumbers.region_code_for_number(parsed) == "US"


async def test_without_a_clock_of_its_own_it_goes_by_the_real_time() -> None:
    sendblue = Sendblue()
    served = await serve(sendblue.app())
    before = datetime.now(UTC)
    async with aiohttp.ClientSession(served.url) as session:
        await SendblueAccount(session).buy()
    await served.close()
    assert before <= sendblue.ledger[0].at <= datetime.now(UTC)
