"""Sendblue's limits asked for over HTTP: what comes of every answer, of none and of a refusal."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain import errors
from bot.domain.limits import Reading
from bot.ports import LimitReading
from bot.providers.sendblue import Sendblue
from bot.sandbox.faults import Fault
from bot.sandbox.sendblue import LIMITS
from bot.sandbox.sendblue import Sendblue as Simulator
from bot.sandbox.sendblue_limits import LimitsShape
from tests.fakes import START, FakeClock
from tests.providers.account import KEY_ID, LINE, SECRET_KEY, received, token_of

IN_A_DAY, IN_A_MONTH = START + timedelta(hours=24), START + timedelta(days=30)
WITH_INSTANTS = LimitReading(Reading(3, 1, IN_A_DAY), Reading(10, 1, IN_A_MONTH))
COUNTED = LimitReading(Reading(3, 1), Reading(10, 1))
LIMITS_ONLY = LimitReading(Reading(3), Reading(10))
ERROR = {"status": "ERROR", "message": "No."}


@pytest.fixture
def account(clock: FakeClock) -> Simulator:
    return Simulator(clock.now, api_key_id=KEY_ID, api_secret_key=SECRET_KEY)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("objects", WITH_INSTANTS),
        ("camel_case", WITH_INSTANTS),
        ("epoch_seconds", WITH_INSTANTS),
        ("epoch_millis", WITH_INSTANTS),
        ("counts", COUNTED),
        ("remaining", COUNTED),
        ("numbers", LIMITS_ONLY),
        ("account_settings", LIMITS_ONLY),
        ("remaining_only", LimitReading()),
        ("unreadable", LimitReading()),
        ("wrong_types", LimitReading()),
    ],
)
async def test_limits_are_read_in_every_shape_the_simulator_knows(
    sendblue: Sendblue, account: Simulator, shape: LimitsShape, expected: LimitReading
) -> None:
    await sendblue.confirm(LINE, await token_of(sendblue))
    account.limits_shape = shape

    assert await sendblue.limits() == expected


async def test_a_window_that_nobody_used_has_nothing_to_free_up(sendblue: Sendblue) -> None:
    assert await sendblue.limits() == LimitReading(Reading(3, 0), Reading(10, 0))


@pytest.mark.parametrize("at", [b'"2026-05-19T16:20:00+02:00"', b"1779200400.0", b"1779200400000"])
async def test_an_instant_is_in_utc_however_it_is_written(
    sendblue: Sendblue, account: Simulator, at: bytes
) -> None:
    account.faults.queue(LIMITS, Fault(body=b'{"daily": {"resets_at": %b}}' % at))

    found = (await sendblue.limits()).day.resets_at

    assert found == IN_A_DAY
    assert isinstance(found, datetime)
    assert found.utcoffset() == timedelta()


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"daily": NaN, "monthly": Infinity}',
        b'{"daily": {"limit": 1e400, "resets_at": NaN}, "monthly": -1e400}',
        b'{"daily": ' + b"9" * 400 + b', "monthly": {"resets_at": ' + b"9" * 400 + b"}}",
        b'{"daily": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"limits": {"data": {"provisioning": {"daily": 3}}}}',
    ],
    ids=["empty", "no numbers", "infinite", "huge", "nested junk", "too deep"],
)
async def test_what_is_not_understood_says_nothing(
    sendblue: Sendblue, account: Simulator, body: bytes
) -> None:
    account.faults.queue(LIMITS, Fault(body=body))

    assert await sendblue.limits() == LimitReading()


@pytest.mark.parametrize("shape", ["html", "missing"])
async def test_limits_that_are_no_json_object_are_an_error(
    sendblue: Sendblue, account: Simulator, shape: LimitsShape
) -> None:
    account.limits_shape = shape

    with pytest.raises(errors.ProviderError):
        await sendblue.limits()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, {"status": "ERROR", "message": "Invalid Credentials"}, errors.BadCredentials),
        (403, {"message": "Did not get inputs for authorization"}, errors.BadCredentials),
        (403, ERROR, errors.ProviderError),
        (404, ERROR, errors.ProviderError),
        (429, b"", errors.Throttled),
        (429, {**ERROR, "error": "daily_limit_reached"}, errors.Throttled),
        (500, b"<html>", errors.ProviderError),
        (500, {**ERROR, "daily_limit": 3}, errors.ProviderError),
        (302, {"daily_limit": 3}, errors.ProviderError),
        (200, {**ERROR, "daily_limit": 3}, errors.ProviderError),
        (200, b"", errors.ProviderError),
        (200, b"null", errors.ProviderError),
        (200, b"3", errors.ProviderError),
        (200, [{"daily": 3}], errors.ProviderError),
        (200, b'{"daily": 3', errors.ProviderError),
        (200, b'{"daily": ' + b"[" * 200_000, errors.ProviderError),
        (200, b'{"daily": ' + b"9" * 9_999 + b"}", errors.ProviderError),
        (200, b'{"daily": "' + b"3" * 2 * 1024 * 1024 + b'"}', errors.ProviderError),
        (200, b'{"daily\xff": 3}', errors.ProviderError),
    ],
)
async def test_a_refusal_and_junk_are_errors_and_not_asked_for_again(
    sendblue: Sendblue,
    account: Simulator,
    status: int,
    body: Any,
    expected: type[errors.ProviderError],
) -> None:
    account.faults.queue(LIMITS, Fault(status=status, body=body))

    with pytest.raises(errors.ProviderError) as caught:
        await sendblue.limits()

    assert type(caught.value) is expected
    assert caught.value.fields["http_status"] == status
    assert received(account, LIMITS) == 1


async def test_a_cut_connection_is_tried_twice_more(sendblue: Sendblue, account: Simulator) -> None:
    account.faults.queue(LIMITS, Fault(cut="after"), times=2)
    assert (await sendblue.limits()).day.limit == 3

    account.faults.queue(LIMITS, Fault(cut="before"), times=3)
    with pytest.raises(errors.NoAnswer):
        await sendblue.limits()
    assert received(account, LIMITS) == 6


async def test_limits_that_say_nothing_leave_key_names_in_the_log(
    sendblue: Sendblue, account: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    account.faults.queue(LIMITS, Fault(body={"quota": "lots"}))
    await sendblue.limits()

    (record,) = [one for one in caplog.records if one.name == "bot.providers.sendblue"]
    assert record.getMessage() == "sendblue.limits_not_understood"
    assert record.__dict__["keys"] == ["quota"]
