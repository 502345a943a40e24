"""Headroom, and where each figure comes from."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.limits import DAY, MONTH, Reading, Source, combine, forecast

NOW = datetime(2026, 5, 18, 14, 20, tzinfo=UTC)


def test_the_provider_s_figures_come_first() -> None:
    window = combine(DAY, Reading(limit=5, used=4), own=[NOW], default=3, now=NOW)
    assert (window.left, window.left_after_one) == (1, 0)
    assert (window.limit_source, window.used_source) == (Source.PROVIDER, Source.PROVIDER)


def test_without_them_the_bot_counts_against_the_default() -> None:
    window = combine(DAY, Reading(), own=[NOW, NOW], default=3, now=NOW)
    assert (window.left, window.limit_source, window.used_source) == (
        1,
        Source.DEFAULT,
        Source.OWN_COUNT,
    )


def test_what_is_left_is_never_negative() -> None:
    window = combine(DAY, Reading(limit=3, used=7), own=[], default=3, now=NOW)
    assert (window.left, window.left_after_one) == (0, 0)


HOUR = timedelta(hours=1)


def own(*ages: timedelta) -> list[datetime]:
    """Purchases of these ages, oldest first."""
    return sorted(NOW - age for age in ages)


def test_a_purchase_leaves_the_window_at_the_instant_it_is_as_old_as_the_window() -> None:
    instant = timedelta(microseconds=1)
    assert combine(DAY, Reading(), own(DAY - instant), 3, NOW).used == 1
    assert combine(DAY, Reading(), own(DAY), 3, NOW).used == 0
    assert combine(MONTH, Reading(), own(MONTH - instant, MONTH), 10, NOW).used == 1


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25), (2026, 3, 8), (2026, 11, 1)])
def test_24_hours_are_24_hours_when_the_clocks_are_changed(
    zone: str, day: tuple[int, int, int]
) -> None:
    noon = datetime(*day, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert combine(DAY, Reading(), [noon - DAY + HOUR / 60], 3, noon).used == 1
    window = combine(DAY, Reading(), [noon - DAY, noon - HOUR], 3, noon)
    assert (window.used, window.frees_at) == (1, noon - HOUR + DAY)


def test_the_next_one_frees_up_when_the_provider_says_so() -> None:
    said = combine(DAY, Reading(resets_at=NOW + HOUR), own(20 * HOUR), 3, NOW)
    assert (said.frees_at, said.frees_source) == (NOW + HOUR, Source.PROVIDER)


@pytest.mark.parametrize("resets_at", [NOW, NOW - HOUR, NOW + DAY + HOUR])
def test_a_time_that_cannot_be_is_no_time_at_which_one_frees_up(resets_at: datetime) -> None:
    window = combine(DAY, Reading(resets_at=resets_at), own(20 * HOUR, 2 * HOUR), 3, NOW)
    assert (window.frees_at, window.frees_source) == (NOW + 4 * HOUR, Source.OWN_COUNT)


def test_with_nothing_bought_here_nobody_knows_when_one_frees_up() -> None:
    assert combine(DAY, Reading(used=3), [], 3, NOW).frees_at is None


@pytest.mark.parametrize("ages", [(), (5 * HOUR,), (29 * DAY,), (31 * DAY, 30 * DAY, HOUR)])
def test_none_or_one_purchase_is_no_pace(ages: tuple[timedelta, ...]) -> None:
    window = combine(MONTH, Reading(), own(*ages), 10, NOW)
    assert forecast(window, own(*ages), NOW) is None


def test_at_five_in_ten_days_ten_are_reached_ten_days_from_now() -> None:
    ages = [each * DAY for each in (2, 4, 6, 8, 10)]
    window = combine(MONTH, Reading(), own(*ages), 10, NOW)
    assert forecast(window, own(*ages), NOW) == NOW + 10 * DAY


def test_what_leaves_the_window_makes_room_again() -> None:
    """One every three days has ten in the window for ever, and never eleven."""
    ages = [each * 3 * DAY for each in range(1, 10)]
    window = combine(MONTH, Reading(limit=12), own(*ages), 12, NOW)
    assert forecast(window, own(*ages), NOW) is None


def test_others_purchases_are_taken_to_stay() -> None:
    ages = [each * DAY for each in (1, 2)]
    alone = combine(MONTH, Reading(used=2), own(*ages), 10, NOW)
    shared = combine(MONTH, Reading(used=7), own(*ages), 10, NOW)
    assert forecast(alone, own(*ages), NOW) == NOW + 8 * DAY
    assert forecast(shared, own(*ages), NOW) == NOW + 3 * DAY


def test_a_limit_that_is_reached_is_not_forecast() -> None:
    ages = [each * DAY for each in (1, 2, 3)]
    window = combine(MONTH, Reading(limit=3), own(*ages), 10, NOW)
    assert forecast(window, own(*ages), NOW) is None


def test_many_on_the_first_day_are_no_pace() -> None:
    ages = [HOUR, 2 * HOUR, 23 * HOUR]
    window = combine(MONTH, Reading(), own(*ages), 10, NOW)
    assert forecast(window, own(*ages), NOW) is None
    ages.append(DAY)
    window = combine(MONTH, Reading(), own(*ages), 10, NOW)
    assert forecast(window, own(*ages), NOW) == NOW + 36 * HOUR
