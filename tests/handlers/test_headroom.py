"""What a pending card says of limits and of money."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.limits import DAY, MONTH, Limits, Reading, combine
from bot.domain.purchase import Purchase, Status
from handlers import cards, facts, surroundings
from handlers.drawing import Drawing
from tests.handlers.purchases import NOW, RULES, purchase


def limits(day: int, month: int) -> Limits:
    """With so many used; the limits are 3 and 10."""
    own = [NOW - timedelta(hours=1)]
    return Limits(
        combine(DAY, Reading(limit=3, used=day), own, 3, NOW),
        combine(MONTH, Reading(limit=10, used=month), own, 10, NOW),
    )


def pending(day: int = 0, month: int = 0, **details: Any) -> Purchase:
    return purchase(limits=limits(day, month), details=details)


def small(drawing: Drawing) -> str:
    (below,) = [block for block in drawing.blocks if block["type"] == "context"]
    said: str = below["elements"][0]["text"]
    return said


@pytest.mark.parametrize(
    ("day", "month", "waiting", "said"),
    [
        (2, 2, 2, "*2 more are waiting; 1 left today.*"),
        (2, 2, 1, "*1 more is waiting; 1 left today.*"),
        (1, 1, 3, "*3 more are waiting; 2 left today.*"),
        (0, 9, 1, "*1 more is waiting; 1 left in 30 days.*"),
        (2, 2, 1000, "*1,000 or more are waiting; 1 left today.*"),
        (2, 9, 1, "*1 more is waiting; 1 left today.*"),
        (1, 1, 1, ""),
        (2, 2, 0, ""),
        (2, 2, None, ""),
    ],
)
def test_purchases_that_compete_are_named_where_not_all_fit(
    day: int, month: int, waiting: int | None, said: str
) -> None:
    assert facts.contested(pending(day, month, waiting=waiting)) == said


def test_where_none_is_left_the_card_warns_and_says_when_one_is_free() -> None:
    said = cards.card(pending(3, 3, waiting=2), RULES).text

    assert "*None is left today: Sendblue will probably refuse this one.* The next one" in said
    assert f"at the latest <!date^{int((NOW + timedelta(hours=23)).timestamp())}^" in said
    assert "*None is left in 30 days:" in cards.card(pending(0, 10), RULES).text


def test_without_limits_nothing_is_contested() -> None:
    assert facts.contested(purchase(limits=None, details={"waiting": 9})) == ""


@pytest.mark.parametrize(
    ("month", "said"),
    [
        (
            {"bought": {"sendblue": 2, "magpipe": 1}, "spent": ["202.00 USD"]},
            "This month here: 2 lines and 1 number for $202.00 per month; this one adds $100.00.",
        ),
        (
            {"bought": {"magpipe": 3}, "spent": ["2.00 USD", "3.00 EUR"]},
            "This month here: 3 numbers for $2.00 and 3.00 EUR per month; this one adds $100.00.",
        ),
        (
            {"bought": {"sendblue": 1}, "spent": []},
            "This month here: 1 line; this one adds $100.00.",
        ),
        ({"bought": {}, "spent": []}, "The first one this month; it adds $100.00 per month."),
        (None, ""),
        ("odd", ""),
    ],
)
def test_a_card_says_what_the_month_has_cost_and_what_this_one_adds(
    month: object, said: str
) -> None:
    assert surroundings.spending(purchase(details={"month": month})) == said


def test_headroom_and_money_are_small_print_above_the_code() -> None:
    month = {"bought": {"sendblue": 1}, "spent": ["100.00 USD"]}

    made = purchase(limits=limits(1, 1), details={"waiting": 0, "month": month})

    lines = small(cards.card(made, RULES)).splitlines()

    assert lines == [
        "After this one: 1 of 3 left in 24 hours; 8 of 10 left in 30 days.",
        "This month here: 1 line for $100.00 per month; this one adds $100.00.",
        "`K7Q2`",
    ]


@pytest.mark.parametrize("status", set(Status) - {Status.PENDING})
def test_only_who_has_to_decide_is_told(status: Status) -> None:
    made = purchase(status, limits=limits(3, 10), details={"waiting": 3, "month": {}})

    assert small(cards.card(made, RULES)) == "`K7Q2`"
    assert "will probably refuse" not in cards.card(made, RULES).text
