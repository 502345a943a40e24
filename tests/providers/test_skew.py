"""How far a provider's clock is off, read from its answers and from what its simulator says."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain import errors
from bot.providers.magpipe import Magpipe
from bot.providers.sendblue import Sendblue
from bot.providers.skew import ClockSkew
from bot.providers.wire import Answer
from bot.sandbox.magpipe import Magpipe as MagpipeSimulator
from bot.sandbox.sendblue import Sendblue as Simulator
from tests.fakes import START, FakeClock
from tests.providers.account import LINE, token_of

WARNINGS = {"provider.clock_skew", "provider.clock_right_again"}


def off_by(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.message in WARNINGS]


# ── The reading ──────────────────────────────────────────────────────────────────────────────────
def test_half_the_round_trip_is_taken_off_and_half_a_second_of_rounding_added() -> None:
    skew = ClockSkew("Sendblue")
    skew.heed(START, received_at=off_by(1.5), took_s=2)
    assert skew.seconds == 0.0
    skew.heed(START, received_at=off_by(10), took_s=1)
    assert skew.seconds == -9.0


@pytest.mark.parametrize(("date", "took_s"), [(None, 0.1), (START, 4.1)])
def test_what_says_nothing_changes_nothing(date: datetime | None, took_s: float) -> None:
    skew = ClockSkew("Sendblue")
    skew.heed(date, off_by(60), took_s)
    assert skew.seconds is None


@pytest.mark.parametrize("sign", [1, -1])
def test_a_large_difference_is_warned_about_once_and_again_when_it_is_right(
    caplog: pytest.LogCaptureFixture, sign: int
) -> None:
    skew = ClockSkew("Sendblue")
    told = []
    for seconds in (4.4, 5.6, 7, 4, 6, 2, 0, 8):
        skew.heed(off_by(sign * seconds), START, 0.0)
        told.append(len(warned(caplog)))

    assert told == [0, 1, 1, 1, 1, 2, 2, 3]
    assert warned(caplog)[1] == "provider.clock_right_again"


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("Mon, 18 May 2026 14:20:00 GMT", START),
        ("Mon, 18 May 2026 16:20:00 +0200", START),
        ("Mon, 18 May 2026 14:20:00 -0000", START),
        ("yesterday", None),
        ("Fri, 31 Dec 9999 23:00:00 -1200", None),
        ("Mon, 18 May 99999999999999999999 14:20:00 GMT", None),
        ("Mon, 99 May 2026 14:20:00 GMT", None),
        ("", None),
    ],
)
def test_the_date_of_an_answer(header: str, read: datetime | None) -> None:
    date = Answer(status=200, headers={"Date": header}).date
    assert date == read
    assert date is None or date.tzinfo is UTC


# ── Over HTTP ────────────────────────────────────────────────────────────────────────────────────
async def test_a_preview_tells_how_far_sendblue_s_clock_is_off(
    sendblue: Sendblue,
    account: Simulator,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert sendblue.skew_s is None
    account.now = lambda: clock.now() + timedelta(seconds=7)
    await sendblue.preview(LINE)
    await sendblue.preview(LINE)

    assert sendblue.skew_s == pytest.approx(7.5, abs=2)
    assert sendblue.insisting().skew_s == sendblue.skew_s
    assert warned(caplog) == ["provider.clock_skew"]

    account.now = clock.now
    await sendblue.limits()
    assert sendblue.skew_s == pytest.approx(0.5, abs=2)
    assert len(warned(caplog)) == 2


async def test_magpipe_s_clock_is_read_too(
    magpipe: Magpipe, shop: MagpipeSimulator, clock: FakeClock
) -> None:
    shop.now = lambda: clock.now() - timedelta(seconds=60)
    await magpipe.holdings()
    assert magpipe.skew_s == pytest.approx(-59.5, abs=2)


async def test_a_confirm_too_late_by_the_provider_s_clock_is_refused_and_buys_nothing(
    sendblue: Sendblue, account: Simulator, clock: FakeClock
) -> None:
    account.now = clock.now
    token = await token_of(sendblue)
    account.now = lambda: clock.now() + timedelta(minutes=11)

    with pytest.raises(errors.PreviewExpired):
        await sendblue.confirm(LINE, token)
    assert account.ledger == []
