"""Limits are looked at at intervals and after each purchase, and people are warned once."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.alerts import Alert, Balance, Subject
from bot.domain.errors import (
    BadCredentials,
    DailyLimitReached,
    MonthlyLimitReached,
    ProviderUnreachable,
)
from bot.domain.limits import Reading
from bot.domain.purchase import Purchase, Receipt, Status
from bot.ports import CardGone, LimitReading, LimitRules, Queue, TryLater, Undeliverable
from bot.use_cases.answers import Ask, LimitsAnswer, Snoozed, ask
from tests.desk import MORGAN, PHONES, RILEY, Desk, desk_at
from tests.fakes import FakeClock
from tests.queues import next_due

ALERTS = "CALERTS"
RULES = LimitRules(channel_id=ALERTS, every=timedelta(minutes=5))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path, limits=RULES) as made:
        await made.store.keep_checks(made.providers, at=made.clock.now())
        await made.quiet()
        yield made


async def bought(desk: Desk) -> Purchase:
    purchase = await desk.pending()
    count = len(desk.provider.confirms)
    desk.provider.confirm_answer = Receipt(number=f"+1415200{count:04d}")
    await desk.click(purchase)
    await desk.quiet()
    return await desk.get(purchase)


async def check(desk: Desk, times: int = 1) -> None:
    """As many checks as the interval makes."""
    for _ in range(times):
        desk.clock.advance(minutes=6)
        await desk.quiet()


def told(desk: Desk) -> list[tuple[str, Subject, int]]:
    """What the channel saw, in order."""
    return [(what, alert.subject, alert.level) for what, alert in desk.messenger.alerts]


async def in_force(desk: Desk, provider: str = "sendblue") -> dict[Subject, Alert]:
    return {alert.subject: alert for alert in await desk.store.alerts(provider)}


def says(day: int, month: int = 0) -> LimitReading:
    return LimitReading(Reading(limit=3, used=day), Reading(limit=10, used=month))


# ── Once per threshold ───────────────────────────────────────────────────────────────────────────
async def test_the_second_of_three_is_an_alert_and_so_is_the_third(desk: Desk) -> None:
    first = await bought(desk)
    assert told(desk) == []
    second = await bought(desk)
    assert told(desk) == [("post_alert", Subject.DAY, 2)]
    [(_, alert)] = desk.messenger.alerts
    assert alert.channel_id == ALERTS
    assert (alert.facts["used"], alert.facts["limit"], alert.facts["left"]) == (2, 3, 1)
    assert [each["code"] for each in alert.facts["last"]] == [second.code, first.code]
    assert {each["requester_id"] for each in alert.facts["last"]} == {RILEY}
    assert first.sent_at is not None
    assert alert.facts["frees_at"] == (first.sent_at + timedelta(hours=24)).isoformat()
    await bought(desk)
    assert told(desk)[1:] == [("post_alert", Subject.DAY, 3), ("update_alert", Subject.DAY, 2)]


async def test_more_checks_do_not_say_it_again(desk: Desk) -> None:
    desk.provider.reading = says(2)
    await check(desk, 10)
    assert told(desk) == [("post_alert", Subject.DAY, 2)]


async def test_usage_that_goes_to_and_fro_at_the_threshold_is_told_once(desk: Desk) -> None:
    for used in (2, 1, 2, 1, 2, 1, 2):
        desk.provider.reading = says(used)
        await check(desk)
    assert told(desk) == [("post_alert", Subject.DAY, 2)]


async def test_when_usage_has_fallen_it_is_over_once_and_armed_again(desk: Desk) -> None:
    desk.provider.reading = says(2)
    await check(desk)
    desk.provider.reading = says(1)
    await check(desk, 5)
    assert told(desk) == [
        ("post_alert", Subject.DAY, 2),
        ("update_alert", Subject.DAY, 2),  # its button is gone
        ("recovered", Subject.DAY, 2),
    ]
    assert await in_force(desk) == {}
    desk.provider.reading = says(2)
    await check(desk, 2)
    assert told(desk)[3:] == [("post_alert", Subject.DAY, 2)]


async def test_from_all_used_to_one_left_arms_the_higher_level_alone(desk: Desk) -> None:
    desk.provider.reading = says(3)
    await check(desk)
    desk.provider.reading = says(2)
    await check(desk, 5)
    assert told(desk) == [("post_alert", Subject.DAY, 3)]
    desk.provider.reading = says(3)
    await check(desk)
    assert told(desk)[1] == ("post_alert", Subject.DAY, 3)


async def test_both_windows_have_alerts_of_their_own(desk: Desk) -> None:
    desk.provider.reading = says(2, 8)
    await check(desk)
    assert sorted(told(desk)) == [("post_alert", Subject.DAY, 2), ("post_alert", Subject.MONTH, 8)]


async def test_without_a_channel_nobody_is_warned(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as desk:
        await desk.store.keep_checks(desk.providers, at=desk.clock.now())
        desk.provider.reading = says(3, 10)
        await check(desk, 3)
        assert told(desk) == []
        assert await in_force(desk) == {}


async def test_a_month_with_restarts_and_two_replicas_warns_once_per_crossing(
    tmp_path: Path,
) -> None:
    chance, clock = random.Random(1), FakeClock()  # noqa: S311 chance, not secrecy
    used, level, crossings, warnings = 7, 0, 0, 0
    for _ in range(4):  # restarts
        async with desk_at(tmp_path, limits=RULES, clock=clock) as one, replica_of(one) as other:
            for _ in range(16):
                clock.advance(hours=6)
                used = max(7, min(10, used + chance.choice((-1, 0, 1))))
                one.provider.reading = says(0, used)
                for _ in range(2):  # often enough to be believed
                    clock.advance(minutes=6)
                    await asyncio.gather(one.quiet(), other.quiet())
                now = max((each for each in (8, 9, 10) if each <= used), default=0)
                crossings += now > level
                level = now
            seen = told(one) + told(other)
            warnings += sum(what == "post_alert" for what, *_ in seen)
    assert warnings == crossings
    assert crossings > 2


@asynccontextmanager
async def replica_of(one: Desk) -> AsyncIterator[Desk]:
    """Another bot on the same database and provider, just started as well."""
    other = Desk(one.store, one.ports.rules, RULES, one.clock)
    other.providers["sendblue"] = one.provider
    for each in (one, other):
        await each.store.keep_checks(each.providers, at=each.clock.now())
    turning = asyncio.create_task(other.loop.run())
    try:
        yield other
    finally:
        await other.loop.stop(0)
        await turning


# ── What an alert says ───────────────────────────────────────────────────────────────────────────
async def test_cards_that_will_not_fit_are_named_oldest_first(desk: Desk) -> None:
    desk.provider.reading = says(2)
    waiting = []
    for _ in range(3):
        waiting.append(await desk.pending())
        desk.clock.advance(seconds=1)
    await check(desk)
    [(_, alert)] = desk.messenger.alerts
    assert alert.facts["unfit"] == [each.code for each in waiting[1:]]


async def test_the_forecast_of_the_month_is_in_its_alert(desk: Desk) -> None:
    for _ in range(8):
        await bought(desk)
        desk.clock.advance(hours=12)
    await check(desk)
    month = (await in_force(desk))[Subject.MONTH]
    assert month.level == 8
    expected = datetime.fromisoformat(month.facts["expected_at"])
    assert timedelta(0) < expected - desk.clock.now() < timedelta(days=2)
    assert all(
        alert.facts["expected_at"] is None
        for _, alert in desk.messenger.alerts
        if alert.subject is Subject.DAY
    )


# ── The way to Slack ─────────────────────────────────────────────────────────────────────────────
async def test_an_alert_that_slack_did_not_take_comes_later(desk: Desk) -> None:
    desk.messenger.errors["post_alert"] = [TryLater("down"), Undeliverable("not_in_channel")]
    desk.provider.reading = says(2)
    await check(desk)
    await check(desk)
    assert told(desk) == []
    desk.clock.advance(minutes=11)
    await desk.quiet()
    assert told(desk) == [("post_alert", Subject.DAY, 2)]


async def test_what_is_over_before_slack_had_it_is_not_told(desk: Desk) -> None:
    desk.messenger.errors["post_alert"] = [Undeliverable("is_archived")] * 2
    desk.provider.reading = says(2)
    await check(desk)
    desk.provider.reading = says(0)
    await check(desk, 6)
    assert told(desk) == []


async def test_an_alert_that_was_deleted_needs_no_drawing(desk: Desk) -> None:
    desk.provider.reading = says(2)
    await check(desk)
    desk.messenger.errors["update_alert"] = [CardGone("message_not_found")]
    desk.provider.reading = says(0)
    await check(desk, 2)
    assert told(desk)[-1] == ("recovered", Subject.DAY, 2)


async def test_a_message_about_an_alert_nobody_knows_is_done(desk: Desk) -> None:
    desk.messenger.errors["post_alert"] = [TryLater("down")]
    desk.provider.reading = says(2)
    await check(desk)
    [alert] = (await in_force(desk)).values()
    desk.messenger.errors["recovered"] = [Undeliverable("is_archived")]
    desk.clock.advance(minutes=1)
    await desk.quiet()
    assert told(desk) == [("post_alert", Subject.DAY, 2)]
    desk.provider.reading = says(0)
    await check(desk, 3)
    assert (await desk.store.alert(alert.id)) is not None
    assert await next_due(desk.store, [Queue.OWED]) is None


# ── A provider that says nothing ─────────────────────────────────────────────────────────────────
async def test_silence_is_told_after_an_hour_once_and_so_is_its_end(desk: Desk) -> None:
    desk.provider.reading = ProviderUnreachable(provider="Sendblue")
    await check(desk, 9)
    assert told(desk) == []
    await check(desk, 20)
    assert told(desk) == [("post_alert", Subject.SILENCE, 1)]
    desk.provider.reading = says(0)
    await check(desk, 2)
    assert told(desk)[1:] == [
        ("update_alert", Subject.SILENCE, 1),
        ("recovered", Subject.SILENCE, 1),
    ]


async def test_a_word_in_between_starts_the_hour_anew(desk: Desk) -> None:
    for _ in range(4):
        desk.provider.reading = BadCredentials(provider="Sendblue")
        await check(desk, 8)
        desk.provider.reading = says(0)
        await check(desk)
    assert told(desk) == []


async def test_the_own_count_warns_but_calls_nothing_off(desk: Desk) -> None:
    desk.provider.reading = says(2, 8)  # others bought them
    await check(desk)
    desk.provider.reading = ProviderUnreachable(provider="Sendblue")
    await check(desk, 5)
    assert sorted(await in_force(desk)) == [Subject.DAY, Subject.MONTH]
    for _ in range(3):
        await bought(desk)
    assert ("post_alert", Subject.DAY, 3) in told(desk)


# ── Credits ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("amount", "is_recharged", "alerts"),
    [
        ("3.99", False, 1),
        ("3.99", None, 1),
        ("-1.00", False, 1),
        ("4.00", False, 0),
        ("0.50", True, 0),
    ],
)
async def test_credits_for_fewer_than_two_numbers_are_low(
    desk: Desk, amount: str, is_recharged: bool | None, alerts: int
) -> None:
    desk.providers["magpipe"] = desk.numbers
    desk.numbers.balance_answer = Balance(Decimal(amount), is_recharged)
    await desk.store.keep_checks(desk.providers, at=desk.clock.now())
    await check(desk, 3)
    assert told(desk) == [("post_alert", Subject.BALANCE, 1)] * alerts
    desk.numbers.balance_answer = Balance(Decimal(50), False)
    await check(desk, 3)
    assert len(told(desk)) == 3 * alerts


async def test_a_provider_that_does_not_tell_its_balance_is_silent(desk: Desk) -> None:
    desk.providers["magpipe"] = desk.numbers
    desk.numbers.balance_answer = ProviderUnreachable(provider="Magpipe")
    await desk.store.keep_checks(desk.providers, at=desk.clock.now())
    await check(desk, 15)
    assert told(desk) == [("post_alert", Subject.SILENCE, 1)]
    assert set(await in_force(desk, "magpipe")) == {Subject.SILENCE}


async def test_checks_of_a_provider_without_credentials_end(desk: Desk) -> None:
    desk.providers["magpipe"] = desk.numbers
    await desk.store.keep_checks(desk.providers, at=desk.clock.now())
    del desk.providers["magpipe"]
    await check(desk)
    row = await desk.store.check("magpipe")
    assert row is not None
    assert row.due_at is None


# ── Snooze ───────────────────────────────────────────────────────────────────────────────────────
async def snooze(desk: Desk, alert_id: str, user: str = MORGAN) -> object:
    await ask(
        desk.ports,
        ask=Ask.SNOOZE,
        provider="sendblue",
        user_id=user,
        channel_id=ALERTS,
        response_url=None,
        trigger_id=desk.trigger(),
        alert_id=alert_id,
    )
    await desk.quiet()
    return desk.messenger.replies[-1][1]


async def alarmed(desk: Desk) -> Alert:
    desk.provider.reading = says(2)
    await check(desk)
    [alert] = (await in_force(desk)).values()
    return alert


async def test_snoozed_means_quiet_until_the_window_frees_up(desk: Desk) -> None:
    frees_at = desk.clock.now() + timedelta(hours=3)
    desk.provider.reading = LimitReading(Reading(limit=3, used=2, resets_at=frees_at))
    await check(desk)
    [alert] = (await in_force(desk)).values()
    answer = await snooze(desk, alert.id)
    assert isinstance(answer, Snoozed)
    assert (answer.until, answer.alert.snoozed_by) == (frees_at, MORGAN)
    assert told(desk)[-1] == ("update_alert", Subject.DAY, 2)
    desk.provider.reading = LimitReading(Reading(limit=3, used=3, resets_at=frees_at))
    await check(desk, 5)
    assert len(told(desk)) == 2
    desk.clock.advance(hours=3)
    await check(desk)
    assert told(desk)[2] == ("post_alert", Subject.DAY, 3)
    [row] = await desk.store.alert_audit(alert.id)
    assert (row.actor_id, row.action, row.outcome) == (MORGAN, "snooze", "done")


async def test_where_nobody_knows_when_it_frees_up_a_day_is_quiet(desk: Desk) -> None:
    alert = await alarmed(desk)
    answer = await snooze(desk, alert.id)
    assert isinstance(answer, Snoozed)
    assert answer.until == desk.clock.now() + timedelta(hours=24)


async def test_only_approvers_snooze_and_others_are_on_record(desk: Desk) -> None:
    alert = await alarmed(desk)
    refused = await snooze(desk, alert.id, RILEY)
    assert getattr(refused, "name", None) == "MayNotSnooze"
    [row] = await desk.store.alert_audit(alert.id)
    assert (row.actor_id, row.outcome) == (RILEY, "refused")
    assert (await in_force(desk))[Subject.DAY].snoozed_until is None


async def test_a_second_press_is_told_the_same_and_another_s_that_it_was_late(desk: Desk) -> None:
    alert = await alarmed(desk)
    first = await snooze(desk, alert.id)
    again = await snooze(desk, alert.id)
    assert isinstance(first, Snoozed)
    assert isinstance(again, Snoozed)
    assert again.until == first.until
    assert getattr(await snooze(desk, alert.id, "UMAX"), "name", None) == "AlertOver"


async def test_an_alert_that_is_over_or_unknown_is_not_snoozed(desk: Desk) -> None:
    alert = await alarmed(desk)
    desk.provider.reading = says(0)
    await check(desk, 2)
    assert getattr(await snooze(desk, alert.id), "name", None) == "AlertOver"
    assert getattr(await snooze(desk, "nowhere"), "name", None) == "AlertGone"


# ── What is asked for, and what cards say ────────────────────────────────────────────────────────
async def limits(desk: Desk, provider: str = "sendblue") -> LimitsAnswer:
    await ask(
        desk.ports,
        ask=Ask.LIMITS,
        provider=provider,
        user_id=RILEY,
        channel_id=PHONES,
        response_url=None,
        trigger_id=desk.trigger(),
    )
    await desk.quiet()
    answer = desk.messenger.replies[-1][1]
    assert isinstance(answer, LimitsAnswer)
    return answer


async def test_limits_are_told_with_days_and_months(desk: Desk) -> None:
    await bought(desk)
    await desk.pending()
    answer = await limits(desk)
    today = desk.clock.now().date()
    assert answer.limits is not None
    assert (answer.limits.day.used, answer.limits.month.used) == (1, 1)
    assert answer.per_day == {(today, Status.PROVISIONED): 1, (today, Status.PENDING): 1}
    assert [first.isoformat() for first, _ in answer.months] == [
        "2026-05-01",
        "2026-04-01",
        "2026-03-01",
    ]
    [spent] = answer.months[0][1]
    assert (str(spent.price), spent.purchases, spent.numbers) == ("100.00 USD", 1, 1)
    assert answer.is_heard


async def test_a_provider_without_limits_tells_its_balance(desk: Desk) -> None:
    desk.providers["magpipe"] = desk.numbers
    desk.numbers.balance_answer = Balance(Decimal("12.50"), is_recharged=True)
    answer = await limits(desk, "magpipe")
    assert answer.limits is None
    assert answer.balance == Balance(Decimal("12.50"), is_recharged=True)
    desk.numbers.balance_answer = ProviderUnreachable(provider="Magpipe")
    assert not (await limits(desk, "magpipe")).is_heard


async def test_a_card_tells_who_else_waits_and_what_the_month_has_cost(desk: Desk) -> None:
    await bought(desk)
    first = await desk.pending()
    second = await desk.pending()
    assert second.details["waiting"] == 1
    assert second.details["month"] == {"bought": {"sendblue": 1}, "spent": ["100.00 USD"]}
    await check(desk)
    assert (await desk.get(first)).details["waiting"] == 1


async def test_cards_that_wait_are_drawn_anew_when_a_purchase_took_their_headroom(
    desk: Desk,
) -> None:
    waits = await desk.pending()
    drawn = len(desk.messenger.cards)
    await bought(desk)
    after = await desk.get(waits)
    assert after.revision == waits.revision  # a click on the old drawing still counts
    assert after.limits is not None
    assert after.limits.day.used == 1
    assert any(p.id == waits.id for _, _, p in desk.messenger.cards[drawn:])
    drawn = len(desk.messenger.cards)
    await desk.store.keep_checks(desk.providers, at=desk.clock.now())
    await desk.quiet()
    assert len(desk.messenger.cards) == drawn  # nothing new, nothing drawn


async def test_a_refusal_for_the_limit_says_when_the_next_one_frees_up(desk: Desk) -> None:
    first = await bought(desk)
    assert first.sent_at is not None
    for error, length in ((DailyLimitReached, 1), (MonthlyLimitReached, 30)):
        desk.provider.preview_answer = error(provider="Sendblue")
        refused = await desk.pending()
        assert refused.status is Status.REFUSED
        assert refused.why is not None
        expected = (first.sent_at + timedelta(days=length)).isoformat()
        assert refused.why.fields["frees_at"] == expected


async def test_where_nothing_is_known_the_refusal_says_no_time(desk: Desk) -> None:
    desk.provider.preview_answer = DailyLimitReached(provider="Sendblue")
    refused = await desk.pending()
    assert refused.why is not None
    assert "frees_at" not in refused.why.fields
    desk.provider.default_limits = None
    refused = await desk.pending()
    assert refused.why is not None
    assert "frees_at" not in refused.why.fields
