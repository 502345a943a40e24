"""The limits' answer has no published shape; these are the shapes that are read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.limits import Reading
from bot.ports import LimitReading
from bot.providers.sendblue_limits import key_names, read_limits

BOTH = LimitReading(day=Reading(3, 1), month=Reading(10, 4))
LIMITS_ONLY = LimitReading(day=Reading(3), month=Reading(10))
NOTHING = LimitReading()
TOMORROW = datetime(2026, 5, 19, 14, 20, tzinfo=UTC)


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
        {"daily": {}, "monthly": {"limit": {"limit": 10}, "used": [4], "max": "10"}},
        {"daily": {"limit": -3, "used": 0.5}, "monthly": {"limit": 10**7, "count": True}},
        {"daily": {"daily": {"limit": 3}}, "data": {"limits": {"monthly": 10}}},
        {"messages_daily": 1000, "contacts_daily": 500},
        {"limits": [{"daily": 3}], "other": {"daily": 3}},
        {"daily_limit_used": 3},
    ],
)
def test_what_is_not_understood_says_nothing(content: dict[str, Any]) -> None:
    assert read_limits(content) == NOTHING


@pytest.mark.parametrize(
    "content",
    [
        {"dailylimit": 3, "monthlylimit": 10},
        {"MAXDAILY": 3, "APIMonthly": 10},
        {"linesPerDaily": 3, "limit_monthly_lines": 10},
        {"daily_max": 3, "monthlyMax": 10, "dailyResetsAt": None},
        {"data": {"api_provision_daily": 3}, "limits": {"api_provision_monthly": 10}},
        {"limits": {"daily": 3, "monthly": 10}, "data": {"daily": 3, "monthly": {"max": 10}}},
        {"limits": {"api_provision_daily": {"Limit": 3}, "api_provision_monthly": {"MAX": 10}}},
    ],
)
def test_a_key_has_only_to_contain_the_word(content: dict[str, Any]) -> None:
    assert read_limits(content) == LIMITS_ONLY


@pytest.mark.parametrize("limit", ["limit", "max"])
@pytest.mark.parametrize("used", ["used", "count", "current"])
@pytest.mark.parametrize("left", ["remaining", "available"])
@pytest.mark.parametrize("resets_at", ["resets_at", "resetsAt"])
@pytest.mark.parametrize("inside", [None, "limits", "data", "provisioning"])
def test_every_mix_of_the_names_is_read(
    limit: str, used: str, left: str, resets_at: str, inside: str | None
) -> None:
    day = {limit: 3, used: 1, left: 2, resets_at: "2026-05-19T14:20:00.000Z"}
    month = {limit: 10, left: 6}
    content: dict[str, Any] = {"daily": day, "monthly": month}

    assert read_limits({inside: content} if inside else content) == LimitReading(
        day=Reading(3, 1, TOMORROW), month=Reading(10, 4)
    )


@pytest.mark.parametrize(
    "at",
    [
        "2026-05-19T14:20:00.000Z",
        "2026-05-19T14:20:00+00:00",
        "2026-05-19T08:20:00-06:00",
        1779200400,
        1779200400.0,
        1779200400000,
        1779200400000.0,
    ],
)
def test_an_instant_is_read_as_aware_utc(at: object) -> None:
    for content in ({"daily": {"resets_at": at}}, {"daily_resets_at": at}, {"dailyResetsAt": at}):
        found = read_limits(content).day
        assert found == Reading(resets_at=TOMORROW)
        assert found.resets_at is not None
        assert found.resets_at.tzinfo is UTC


@pytest.mark.parametrize(
    "at",
    [
        None,
        True,
        "",
        "soon",
        "2026-05-19",
        "2026-05-19T14:20:00",  # where? it could be hours off
        "1779200400",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        0,
        -1779200400,
        86_400,
        1779200400_000_000,
        10**400,
        float("nan"),
        float("inf"),
        [1779200400],
        {"at": 1779200400},
    ],
)
def test_an_instant_that_cannot_be_read_is_none_and_spoils_nothing(at: object) -> None:
    content = {"daily": {"limit": 3, "used": 1, "resets_at": at}, "monthly_resets_at": at}

    assert read_limits(content) == LimitReading(day=Reading(3, 1))


def test_instants_that_disagree_are_none() -> None:
    content = {
        "daily": {"limit": 3, "resets_at": 1779200400},
        "limits": {"daily": {"limit": 3, "resetsAt": 1779200401}},
    }
    assert read_limits(content).day == Reading(3)


def test_when_it_resets_is_no_limit() -> None:
    assert read_limits({"daily_limit_resets_in": 3600, "daily_reset": 60}) == NOTHING


def test_more_remaining_than_allowed_is_no_usage() -> None:
    assert read_limits({"daily": {"limit": 3, "remaining": 9}}).day == Reading(3, None)


def test_only_key_names_are_for_the_log() -> None:
    content = {"quota\n": {"secret": 1}, "limits": {"per_week": 7}, "x" * 90: 1}

    assert key_names(content) == ["quota?", "limits", "x" * 40, "per_week"]
    assert len(key_names({str(n): n for n in range(99)})) == 20
