from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.alerts import Balance
from bot.domain.limits import DAY, MONTH, Limits, Reading, combine
from bot.domain.price import Price
from bot.domain.purchase import Status
from bot.ports import Spent
from bot.sandbox.slack.validate import check_blocks, is_too_long
from bot.use_cases.answers import LimitsAnswer
from handlers.answers import draw
from handlers.drawing import Block, Drawing
from handlers.limits import NO_CHART
from tests.handlers.purchases import NOW

TODAY = NOW.date()
MONTHS = [date(2026, 5, 1), date(2026, 4, 1), date(2026, 3, 1)]


def windows(*own: datetime, used: int | None = None) -> Limits:
    day = combine(DAY, Reading(limit=3, used=used), own, 3, NOW)
    return Limits(day, combine(MONTH, Reading(), own, 10, NOW))


def asked(**changes: Any) -> LimitsAnswer:
    known: dict[str, Any] = {
        "title": "Sendblue",
        "provider": "sendblue",
        "limits": windows(NOW - timedelta(hours=1)),
        "today": TODAY,
    }
    return LimitsAnswer(**(known | changes))


def days(*back: int, status: Status = Status.PROVISIONED) -> dict[tuple[date, Status], int]:
    return {(TODAY - timedelta(days=each), status): 1 for each in back}


def charts(drawing: Drawing) -> list[Block]:
    return [block for block in drawing.blocks if block["type"] == "data_visualization"]


def types(blocks: Iterable[Block]) -> set[str]:
    return {block["type"] for block in blocks}


def test_both_windows_say_what_is_left_when_one_frees_up_and_who_says_so() -> None:
    said = draw(asked()).text

    assert "*24 hours*: 1 of 3 used, *2 left*" in said
    assert "*30 days*: 1 of 10 used, *9 left*" in said
    tomorrow = int((NOW + timedelta(hours=23)).timestamp())
    assert f"The next one frees up at the latest <!date^{tomorrow}^" in said
    assert "Limit: Sendblue says so. Frees up: counted from purchases made here." in said
    assert "Used: counted from purchases made here. Limit: Sendblue's published default." in said


def test_others_purchases_free_up_nobody_knows_when() -> None:
    said = draw(asked(limits=windows(used=3))).text

    assert "3 of 3 used, *none left*\nWhen the next one frees up is not known." in said
    assert "0 of 10 used, *10 left*\n_" in said


def test_the_forecast_names_the_day() -> None:
    at = NOW + timedelta(days=9)

    said = draw(asked(expected_at=at)).text

    assert f"the limit of 30 days is reached on <!date^{int(at.timestamp())}^{{date_long}}" in said
    assert "({ago})|Wednesday 2026-05-27>" in said
    assert "pace" not in draw(asked()).text


def test_a_provider_that_could_not_be_asked_is_named() -> None:
    assert "*Sendblue could not be asked just now*" in draw(asked(is_heard=False)).text
    assert "could not be asked" not in draw(asked()).text


def test_without_purchases_there_is_no_picture_but_a_sentence() -> None:
    drawing = draw(asked())

    assert not charts(drawing)
    assert NO_CHART in drawing.text


def test_thirty_days_make_two_pictures_of_fifteen_labels() -> None:
    # Slack takes 20 points per series and two charts per message.
    drawing = draw(asked(per_day=days(0, 29)))

    first, second = charts(drawing)
    labels = [each["chart"]["axis_config"]["categories"] for each in (first, second)]
    assert [len(each) for each in labels] == [15, 15]
    assert len({*labels[0], *labels[1]}) == 30
    assert first["title"] == "Purchases per day, 19 Apr to 3 May"
    assert second["title"] == "Purchases per day, 4 May to 18 May"
    (bought,) = first["chart"]["series"]
    assert bought["name"] == "Bought"
    assert [point["value"] for point in bought["data"]] == [1, *[0] * 14]


def test_purchases_of_before_are_not_shown_and_an_empty_half_is_told() -> None:
    drawing = draw(asked(per_day=days(0, 30)))

    assert len(charts(drawing)) == 1
    assert "The 15 days that are not shown had none." in str(drawing.blocks)


def test_both_pictures_have_the_same_series_in_the_same_colours() -> None:
    per_day = days(0) | days(20, status=Status.CHARGED) | days(1, status=Status.EXPIRED)

    names = [
        [series["name"] for series in each["chart"]["series"]]
        for each in charts(draw(asked(per_day=per_day)))
    ]

    assert names == [["Bought", "Charged, no number", "Not bought"]] * 2


@pytest.mark.parametrize("today", [date(2026, 10, 14), date(2027, 1, 3), date(2028, 2, 29)])
def test_slack_takes_it_at_its_longest(today: date) -> None:
    every = {
        (today - timedelta(days=back), status): 99_999 for back in range(30) for status in Status
    }
    spent = [Spent(price=Price.parse("100.00 USD"), purchases=9, numbers=9)] * 40
    drawing = draw(
        asked(
            title="<Sendblue>",
            today=today,
            per_day=every,
            is_heard=False,
            expected_at=NOW,
            months=[(first, spent) for first in MONTHS],
        )
    )

    for each in drawing.attempts():
        assert check_blocks(each.blocks) == []
        assert not is_too_long(each.blocks)
        assert 0 < len(each.text) < 4000
    assert "<Sendblue>" not in drawing.text
    assert all(len(each["title"]) <= 50 for each in charts(drawing))


def test_where_there_are_no_pictures_the_days_with_purchases_are_a_table() -> None:
    per_day = days(0, 20) | days(0, status=Status.PENDING)

    plain = draw(asked(per_day=per_day)).plain()

    assert types(plain.blocks) == {"section", "context"}
    (table,) = [b["text"]["text"] for b in plain.blocks if "```" in str(b)]
    assert table.split("```")[1].strip().splitlines() == [
        "Day  Bought  Open",
        "18 May       1     1",
        "28 Apr       1     ·",
    ]
    assert "Open: waiting or not known." in str(plain.blocks)
    assert "*24 hours*" in str(plain.blocks)


def test_screen_readers_are_told_the_days() -> None:
    text = draw(asked(per_day=days(3) | days(3, status=Status.CANCELLED))).text

    assert "15 May: 1 bought, 1 not bought" in text


def test_months_say_how_many_and_at_what_price() -> None:
    two = Spent(price=Price.parse("4.00 USD"), purchases=2, numbers=4)
    unpriced = Spent(price=None, purchases=1, numbers=1)
    months = list(zip(MONTHS, [[two], [], [two, unpriced]], strict=True))

    said = draw(asked(title="Magpipe", provider="magpipe", limits=None, months=months)).text

    assert "Magpipe says nothing of purchase limits." in said
    assert "*May 2026*, so far: 4 numbers in 2 purchases for $8.00 per month\n" in said
    assert "*April 2026*: nothing\n" in said
    assert "*March 2026*: 5 numbers in 3 purchases for $8.00 per month; the price of 1 is" in said


@pytest.mark.parametrize(
    ("balance", "said"),
    [
        (Balance(Decimal("3.1"), is_recharged=False), "$3.10 left; nothing recharges them."),
        (Balance(Decimal(-2), is_recharged=True), "-$2.00 left; they are recharged by themselves."),
        (Balance(Decimal(5)), "$5.00 left; Magpipe does not say whether they are recharged."),
    ],
)
def test_credits_are_told_with_what_recharges_them(balance: Balance, said: str) -> None:
    drawn = draw(asked(title="Magpipe", provider="magpipe", limits=None, balance=balance))

    assert f"*Credits*: {said}" in drawn.text
    assert "Credits" not in draw(asked()).text
