"""Reminders: at shares of the time left, to the second."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.policy import Terms
from bot.domain.schedule import Kind, is_renewed, schedule

NOW = datetime(2026, 5, 18, 14, 20, tzinfo=UTC)
TEN = NOW + timedelta(minutes=10)
TERMS = Terms(
    rule="r",
    approvers=("UMORGAN",),
    ping=("UMORGAN",),
    steps=((Decimal("0.3"), ("UDEPUTY",)), (Decimal("0.8"), ("SBOSSES",))),
)


def test_ten_minutes_have_a_reminder_the_steps_and_a_last_minute() -> None:
    found = [(each.at - NOW, each.kind, each.to) for each in schedule(TERMS, NOW, TEN)]
    assert found == [
        (timedelta(minutes=3), Kind.ESCALATE, ("UDEPUTY",)),
        (timedelta(minutes=5), Kind.REMIND, ("UMORGAN",)),
        (timedelta(minutes=8), Kind.ESCALATE, ("SBOSSES",)),
        (timedelta(minutes=9), Kind.LAST_MINUTE, ()),
    ]


def test_a_wait_of_seconds_has_only_the_policy_s_own_steps() -> None:
    found = schedule(TERMS, NOW, NOW + timedelta(seconds=15))
    assert [each.kind for each in found] == [Kind.ESCALATE, Kind.ESCALATE]
    assert found[0].at == NOW + timedelta(seconds=4.5)


@pytest.mark.parametrize(
    ("keep", "renewed"),
    [(None, False), (timedelta(minutes=10), False), (timedelta(hours=1), True)],
)
def test_a_price_that_is_kept_alive_has_no_last_minute(
    keep: timedelta | None, renewed: bool
) -> None:
    terms = replace(TERMS, keep_until=None if keep is None else NOW + keep)
    assert is_renewed(terms, TEN) is renewed
    kinds = [each.kind for each in schedule(terms, NOW, TEN)]
    assert (Kind.LAST_MINUTE in kinds) is not renewed
