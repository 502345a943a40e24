"""What a line or number costs: exact decimal amounts in one currency, never floats."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import total_ordering
from typing import Self

_TEXT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,2})?)\s+([A-Z]{3})")
_CURRENCY = re.compile(r"[A-Z]{3}")


@total_ordering
@dataclass(frozen=True, slots=True)
class Price:
    """An amount of zero or more, to two places, in an ISO 4217 currency; `str()` can be parsed."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not self.amount.is_finite() or self.amount < 0:
            raise ValueError("A price is a number of zero or more.")
        if self.amount != round(self.amount, 2):
            raise ValueError("A price has two decimal places at most.")
        if not _CURRENCY.fullmatch(self.currency):
            raise ValueError(
                "A currency is written as its three-letter ISO 4217 code, such as USD."
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "100.00 USD"; ValueError with one sentence otherwise."""
        found = _TEXT.fullmatch(text.strip())
        if found is None:
            raise ValueError(
                "A price is written as an amount and a three-letter currency code,"
                " such as 100.00 USD."
            )
        return cls(Decimal(found[1]), found[2])

    def __str__(self) -> str:
        return f"{self.amount:.2f} {self.currency}"

    def display(self) -> str:
        """Give "$1,100.00" for US dollars; others keep their code, as "$" alone says too little."""
        return (
            f"${self.amount:,.2f}"
            if self.currency == "USD"
            else f"{self.amount:,.2f} {self.currency}"
        )

    def times(self, count: int) -> Self:
        return type(self)(self.amount * count, self.currency)

    def minus(self, other: "Price") -> Self:
        """Take `other` off; ValueError when the currencies differ or less than nothing remains."""
        self._require_currency_of(other)
        return type(self)(self.amount - other.amount, self.currency)

    def __lt__(self, other: "Price") -> bool:
        self._require_currency_of(other)
        return self.amount < other.amount

    def _require_currency_of(self, other: "Price") -> None:
        if self.currency != other.currency:
            raise ValueError(
                f"A price in {self.currency} cannot be set against one in {other.currency}."
            )
