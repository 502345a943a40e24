import json
from decimal import Decimal

import pytest

from bot.domain.price import Price


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("100.00 USD", "100.00 USD"),
        ("100 USD", "100.00 USD"),
        ("  2.5   CAD ", "2.50 CAD"),
        ("0 EUR", "0.00 EUR"),
    ],
)
def test_a_price_is_an_amount_and_a_currency(text: str, stored: str) -> None:
    price = Price.parse(text)

    assert str(price) == stored
    assert Price.parse(json.loads(json.dumps(str(price)))) == price


@pytest.mark.parametrize(
    "text",
    [
        *("", "USD", "100", "100.00", "$100", "100 usd", "100 US", "100 USDX", "100USD"),
        *("-1 USD", "1e3 USD", "1.234 USD", "1,00 USD", "1.000.00 USD", "9999999999 USD"),
        *("NaN USD", "Infinity USD", "\u0661\u0660\u0660 USD", "100 USD\n5 USD"),
    ],
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"^A price .* such as 100\.00 USD\.$"):
        Price.parse(text)


def test_only_us_dollars_are_shown_as_dollars() -> None:
    assert Price.parse("100.00 USD").display() == "$100.00"
    assert Price.parse("1234.5 USD").display() == "$1,234.50"
    assert Price.parse("100.00 CAD").display() == "100.00 CAD"


def test_a_quantity_multiplies_the_price_exactly() -> None:
    assert Price.parse("0.10 USD").times(3) == Price.parse("0.30 USD")


def test_prices_in_one_currency_compare_and_subtract() -> None:
    two, ten = Price.parse("2.00 USD"), Price.parse("10 USD")

    assert two < ten
    assert ten >= two
    assert max(two, ten) is ten
    assert ten.minus(two) == Price.parse("8.00 USD")


def test_prices_in_two_currencies_are_never_mixed() -> None:
    usd, cad = Price.parse("2 USD"), Price.parse("2 CAD")

    assert usd != cad
    with pytest.raises(ValueError, match="USD cannot be set against one in CAD"):
        usd.minus(cad)
    with pytest.raises(ValueError, match="USD cannot be set against one in CAD"):
        _ = usd < cad


@pytest.mark.parametrize(
    ("amount", "currency", "complaint"),
    [
        (Decimal(-1), "USD", "zero or more"),
        (Decimal("NaN"), "USD", "zero or more"),
        (Decimal("Infinity"), "USD", "zero or more"),
        (Decimal("0.001"), "USD", "two decimal places"),
        (Decimal(1), "usd", "ISO 4217"),
    ],
)
def test_no_impossible_price_can_exist(amount: Decimal, currency: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Price(amount, currency)


def test_a_price_never_becomes_negative() -> None:
    with pytest.raises(ValueError, match="zero or more"):
        Price.parse("1 USD").minus(Price.parse("2 USD"))
