"""Sendblue's client against the simulator, over HTTP."""

import io
import logging
import traceback
from collections.abc import Iterator

import pytest

from bot.domain import errors
from bot.ports import Provider
from bot.providers.client import Options
from bot.providers.sendblue import Sendblue
from bot.sandbox.faults import Fault
from bot.sandbox.sendblue import CONFIRM, LINES, LINES_STATE, PREVIEW
from bot.sandbox.sendblue import Sendblue as Simulator
from bot.sandbox.sendblue_records import Line
from bot.sandbox.serve import Served
from tests.fakes import FakeClock
from tests.providers.account import KEY_ID, LINE, PRICE, SECRET_KEY, received, token_of
from tests.providers.calls import SHORT


async def test_it_is_a_provider(sendblue: Sendblue) -> None:
    provider: Provider = sendblue

    assert (provider.name, provider.title, provider.command) == ("sendblue", "Sendblue", "/line")
    assert (provider.default_limits, provider.price) == ((3, 10), PRICE)
    assert await provider.balance() is None


async def test_a_line_is_previewed_bought_and_held(sendblue: Sendblue, account: Simulator) -> None:
    preview = await sendblue.preview(LINE)
    assert preview.price == PRICE

    receipt = await sendblue.confirm(LINE, preview.token)

    (charge,) = account.ledger
    assert receipt.number == charge.phone_number
    assert receipt.ids == {
        "worker_id": charge.worker_id,
        "subscription_id": charge.subscription_id,
    }
    (held,) = await sendblue.holdings()
    assert (held.key, held.ids) == (receipt.number, {"worker_id": charge.worker_id})


# ── Preview ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "fault",
    [Fault(cut="before"), Fault(cut="after"), Fault(cut="before", reset=True)],
    ids=["before", "after", "reset"],
)
async def test_a_preview_survives_two_broken_connections(
    sendblue: Sendblue, account: Simulator, fault: Fault
) -> None:
    account.faults.queue(PREVIEW, fault, times=2)

    assert (await sendblue.preview(LINE)).token
    assert received(account, PREVIEW) == 3


async def test_a_preview_is_not_tried_a_fourth_time(sendblue: Sendblue, account: Simulator) -> None:
    account.faults.queue(PREVIEW, Fault(cut="before"), times=3)

    with pytest.raises(errors.NoAnswer):
        await sendblue.preview(LINE)
    assert received(account, PREVIEW) == 3


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(body=b"<html>Sign in</html>", content_type="text/html"), errors.ProviderUnclear),
        (Fault(status=502, body=b"<html>Bad Gateway</html>"), errors.ProviderFailing),
        (Fault(status=307, headers={"Location": LINES}), errors.ProviderUnclear),
        (Fault(body=b"x" * 2 * 1024 * 1024), errors.ProviderUnclear),
    ],
    ids=["html", "502", "redirect", "huge"],
)
async def test_a_preview_that_was_answered_is_not_asked_again(
    sendblue: Sendblue, account: Simulator, fault: Fault, error: type[Exception]
) -> None:
    account.faults.queue(PREVIEW, fault)

    with pytest.raises(error):
        await sendblue.preview(LINE)
    assert [request.path for request in account.requests] == [PREVIEW]


async def test_a_preview_that_takes_too_long_has_no_answer(
    served: Served, account: Simulator
) -> None:
    sendblue = Sendblue(
        served.url,
        KEY_ID,
        SECRET_KEY,
        PRICE,
        FakeClock(),
        Options(preview=SHORT, backoff=0.001),
    )
    account.faults.queue(PREVIEW, Fault(delay=60), times=3)

    with pytest.raises(errors.NoAnswer):
        await sendblue.preview(LINE)
    await sendblue.aclose()
    assert account.ledger == []


async def test_refusals_of_the_account_reach_the_caller(
    sendblue: Sendblue, account: Simulator
) -> None:
    token = await token_of(sendblue)
    account.account_id = "another"
    with pytest.raises(errors.ForeignToken):
        await sendblue.confirm(LINE, token)
    account.plan = "blue_ocean"
    with pytest.raises(errors.NotEligible):
        await sendblue.preview(LINE)
    account.api_secret_key = "changed"
    with pytest.raises(errors.BadCredentials):
        await sendblue.preview(LINE)
    for read in (sendblue.holdings, sendblue.limits):
        with pytest.raises(errors.BadCredentials):
            await read()


@pytest.mark.parametrize("errors_as_200", [False, True])
async def test_refusals_mean_the_same_with_status_200(
    sendblue: Sendblue, account: Simulator, errors_as_200: bool
) -> None:
    account.errors_as_200 = errors_as_200
    token = await token_of(sendblue)

    account.daily_limit = 0
    with pytest.raises(errors.DailyLimitReached):
        await sendblue.preview(LINE)
    account.daily_limit, account.monthly_limit = 3, 0
    with pytest.raises(errors.MonthlyLimitReached):
        await sendblue.preview(LINE)
    account.monthly_limit, account.card_on_file = 10, False
    with pytest.raises(errors.NoCardOnFile):
        await sendblue.preview(LINE)
    account.card_on_file, account.stock = True, []
    with pytest.raises(errors.NoneAvailable):
        await sendblue.confirm(LINE, token)
    with pytest.raises(errors.PreviewExpired):
        await sendblue.confirm(LINE, token)
    assert account.ledger == []


async def test_a_charge_without_a_line_is_named(sendblue: Sendblue, account: Simulator) -> None:
    account.provisioning_fails = True

    with pytest.raises(errors.ChargedWithoutNumber):
        await sendblue.confirm(LINE, await token_of(sendblue))
    assert len(account.ledger) == 1


# ── Lines ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("status", [403, 404])
async def test_lines_have_the_same_keys_on_accounts_without_their_state(
    sendblue: Sendblue, account: Simulator, status: int
) -> None:
    account.lines += [Line("+14152007986", "w1"), Line("+13034872216", "w2")]
    before = await sendblue.holdings()
    account.lines_state_status = status
    after = await sendblue.holdings()

    assert [line.key for line in before] == [line.key for line in after]
    assert received(account, LINES_STATE) == 2
    assert received(account, LINES) == 1


async def test_a_state_that_fails_does_not_lead_to_the_other_list(
    sendblue: Sendblue, account: Simulator
) -> None:
    account.faults.queue(LINES_STATE, Fault(status=500))

    with pytest.raises(errors.ProviderError):
        await sendblue.holdings()
    assert received(account, LINES) == 0


# ── Secrets ──────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


async def test_no_secret_is_logged_or_in_an_exception_even_at_debug(
    sendblue: Sendblue, account: Simulator, everything_logged: io.StringIO
) -> None:
    token = await token_of(sendblue)
    said = f"Who is {KEY_ID} with {SECRET_KEY}, and what is {token}?"
    account.faults.queue(CONFIRM, Fault(status=401, body={"status": "ERROR", "message": said}))
    account.faults.queue(CONFIRM, Fault(cut="before"))
    shown = [repr(sendblue), repr(sendblue._client)]
    for _ in range(2):
        with pytest.raises(errors.ProviderError) as caught:
            await sendblue.confirm(LINE, token)
        shown += traceback.format_exception(caught.value)
        shown += [repr(caught.value), repr(caught.value.reason)]
    shown.append(everything_logged.getvalue())

    assert "provision-confirm" in shown[-1]  # it was logged, then
    for secret in (KEY_ID, SECRET_KEY, token):
        assert secret not in "\n".join(shown)
