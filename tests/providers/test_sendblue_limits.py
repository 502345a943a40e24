"""The limits' answer has no published shape; these are the shapes that are read."""

from typing import Any

import pytest

from bot.domain.limits import Reading
from bot.ports import LimitReading
from bot.providers.sendblue_limits import key_names, read_limits

BOTH = LimitReading(day=Reading(3, 1), month=Reading(10, 4))
LIMITS_ONLY = LimitReading(day=Reading(3), month=Reading(10))
NOTHING = LimitReading()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"daily_limit": 3, "monthly_limit": 10}, LIMITS_ONLY),
        ({"limits": {"api_provision_daily": 3, "api_provision_monthly": 10}}, LIMITS_ONLY),
        ({"data": {"daily": 3.0, "monthly": 10}}, LIMITS_ONLY),
        ({"provisioning": {"DAILY": 3, "MONTHLY": 10}}, LIMITS_ONLY),
        (
            {"daily": {"limit": 3, "used": 1}, "monthly": {"limit": 10, "count": 4}},
            BOTH,
        ),
        (
            {
                "data": {
                    "dailyLines": {"max": 3, "current": 1},
                    "monthlyLines": {"max": 10, "used": 4},
                }
            },
            BOTH,
        ),
        (
            {
                "limits": {
                    "daily": {"limit": 3, "remaining": 2},
                    "monthly": {"max": 10, "available": 6},
                }
            },
            BOTH,
        ),
        (
            {"daily_limit": 3, "daily_used": 1, "monthly_limit": 10, "monthly_remaining": 6},
            BOTH,
        ),
        (
            {
                "limits": {
                    "messages_daily": 1000,
                    "api_provision_daily": {"limit": 3, "used": 1, "resets_at": "soon"},
                    "lines_monthly": {"limit": 10, "used": 4},
                    "contacts_monthly": {"limit": 500, "used": 400},
                }
            },
            BOTH,
        ),
        ({"daily": {"limit": 0, "used": 0}}, LimitReading(day=Reading(0, 0))),
        ({"daily": {"limit": 3, "used": 5}}, LimitReading(day=Reading(3, 5))),
        ({"daily": {"used": 1}, "monthly": {}}, LimitReading(day=Reading(None, 1))),
    ],
)
def test_every_likely_shape_is_read(content: dict[str, Any], expected: LimitReading) -> None:
    assert read_limits(content) == expected


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"status": "OK", "quota": {"per_second": 1}},
        {"daily": "3", "monthly": None},
        {"daily": True, "monthly": [3]},
        {"daily": -1, "monthly": 2.5},
        {"daily": 10**400, "monthly": float("nan")},
        {"daily": float("inf"), "monthly": {"limit": "many", "used": None}},
        {"daily": {"remaining": 2}, "monthly": {"available": 6}},
        {"messages_daily": 1000, "contacts_daily": 500},
        {"limits": [{"daily": 3}], "other": {"daily": 3}},
        {"daily_limit_used": 3},
    ],
)
def test_what_is_not_understood_says_nothing(content: dict[str, Any]) -> None:
    assert read_limits(content) == NOTHING


def test_more_remaining_than_allowed_is_no_usage() -> None:
    assert read_limits({"daily": {"limit": 3, "remaining": 9}}).day == Reading(3, None)


def test_only_key_names_are_for_the_log() -> None:
    content = {"quota\n": {"secret": 1}, "limits": {"per_week": 7}, "x" * 90: 1}

    assert key_names(content) == ["quota?", "limits", "x" * 40, "per_week"]
    assert len(key_names({str(n): n for n in range(99)})) == 20
