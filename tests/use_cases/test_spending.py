"""Months and sums."""

from datetime import UTC, date, datetime

from bot.domain.price import Price
from bot.ports import Spent
from bot.use_cases.spending import months, span, totals


def test_months_go_back_over_new_year() -> None:
    assert months(date(2026, 1, 31), 3) == [date(2026, 1, 1), date(2025, 12, 1), date(2025, 11, 1)]
    assert span(date(2025, 12, 1)) == (
        datetime(2025, 12, 1, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_each_currency_has_its_sum_and_what_was_never_priced_has_none() -> None:
    spent = [
        Spent(price=Price.parse("100.00 USD"), purchases=2, numbers=2),
        Spent(price=Price.parse("3.00 EUR"), purchases=1, numbers=1),
        Spent(price=Price.parse("2.50 USD"), purchases=2, numbers=3),
        Spent(price=None, purchases=7, numbers=7),
    ]
    assert [str(each) for each in totals(spent)] == ["3.00 EUR", "205.00 USD"]
