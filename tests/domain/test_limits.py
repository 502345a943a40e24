"""Headroom, and where each figure comes from."""

from datetime import UTC, datetime

from bot.domain.limits import DAY, Reading, Source, combine

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
