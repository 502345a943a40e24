"""What is worth an alert, and once only."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.alerts import Alert, Step, Subject, levels, reached, step
from bot.domain.limits import DAY, Source, Window

NOW = datetime(2026, 5, 18, 14, 20, tzinfo=UTC)
USUAL = (Decimal("0.8"), Decimal(1))


def window(used: int, limit: int = 3) -> Window:
    return Window(DAY, limit, used, Source.PROVIDER, Source.PROVIDER)


def an_alert(level: int = 2, below: int = 0, snoozed: timedelta | None = None) -> Alert:
    return Alert(
        id="alert-1",
        provider="sendblue",
        subject=Subject.DAY,
        level=level,
        below=below,
        raised_at=NOW,
        channel_id="CALERTS",
        snoozed_until=None if snoozed is None else NOW + snoozed,
    )


@pytest.mark.parametrize(
    ("limit", "thresholds", "expected"),
    [
        (3, USUAL, [2, 3]),  # 80 % of 3 is 2.4: nothing between one left and none left
        (10, USUAL, [8, 9, 10]),
        (10, (Decimal("0.5"),), [5, 9]),
        (2, USUAL, [1, 2]),
        (1, USUAL, [1]),  # one left with none used is no warning
        (0, USUAL, []),
        (100, (Decimal("0.29"),), [29, 99]),  # exact: 0.29 * 100 is not 28.999…
    ],
)
def test_each_threshold_and_one_left_are_worth_an_alert(
    limit: int, thresholds: tuple[Decimal, ...], expected: list[int]
) -> None:
    assert levels(limit, thresholds) == expected


@pytest.mark.parametrize(("used", "level"), [(0, 0), (1, 0), (2, 2), (3, 3), (7, 3)])
def test_the_highest_level_counts(used: int, level: int) -> None:
    assert reached(window(used), USUAL) == level


def test_several_crossed_at_once_are_one_alert() -> None:
    assert reached(window(10, 10), USUAL) == 10
    assert step(None, 10, NOW) is Step.RAISE


@pytest.mark.parametrize(
    ("in_force", "level", "expected"),
    [
        (None, 0, Step.NOTHING),
        (None, 2, Step.RAISE),
        (an_alert(2), 2, Step.KEEP),
        (an_alert(2), 3, Step.RAISE),
        (an_alert(3), 2, Step.DOUBT),
        (an_alert(3, below=1), 2, Step.LOWER),
        (an_alert(2), 0, Step.DOUBT),
        (an_alert(2, below=1), 0, Step.END),
        (an_alert(2, below=1), 2, Step.KEEP),
        (an_alert(2, snoozed=timedelta(hours=1)), 3, Step.KEEP),
        (an_alert(2, snoozed=timedelta(0)), 3, Step.RAISE),
        (an_alert(2, below=1, snoozed=timedelta(hours=1)), 0, Step.END),
    ],
)
def test_what_follows_from_a_check(in_force: Alert | None, level: int, expected: Step) -> None:
    assert step(in_force, level, NOW) is expected


def test_where_one_check_is_believed_it_is_over_at_once() -> None:
    assert step(an_alert(1), 0, NOW, believed=1) is Step.END
