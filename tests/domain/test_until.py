from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.until import Until

DENVER = ZoneInfo("America/Denver")
NOW = datetime(2026, 5, 18, 14, 20, tzinfo=UTC)  # a Monday; 08:20 in Denver


def denver(day: int, hour: int, minute: int, month: int = 5) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=DENVER)


@pytest.mark.parametrize(
    ("until", "instant"),
    [
        (Until(hours=72), NOW + timedelta(hours=72)),
        (Until(weekday=4), denver(22, 23, 59)),
        (Until(weekday=0), denver(18, 23, 59)),
        (Until(weekday=6, at=time(9)), denver(24, 9, 0)),
        (Until(in_days=0), denver(18, 23, 59)),
        (Until(in_days=1, at=time(8, 30)), denver(19, 8, 30)),
        (Until(day=date(2026, 11, 27)), denver(27, 23, 59, month=11)),
        (Until(at=time(14)), denver(18, 14, 0)),
        (Until(at=time(8)), denver(19, 8, 0)),
        (Until(day=date(2026, 5, 1)), denver(1, 23, 59)),
    ],
    ids=str,
)
def test_it_is_reckoned_where_the_person_is(until: Until, instant: datetime) -> None:
    found = until.instant(NOW, DENVER)

    assert found == instant
    assert found.tzinfo is UTC


def test_a_day_over_which_the_clocks_change_ends_by_the_new_time() -> None:
    before = datetime(2026, 10, 30, 12, tzinfo=UTC)

    assert Until(weekday=6).instant(before, DENVER) == datetime(2026, 11, 2, 6, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "until", [Until(day=date(2026, 5, 1), at=time(9, 5)), Until(weekday=0), Until(hours=1)]
)
def test_it_comes_back_from_json_as_it_was(until: Until) -> None:
    assert Until.of(until.as_json()) == until
