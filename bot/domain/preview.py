"""What a provider quotes before anything is bought."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.domain.price import Price
from bot.domain.purchase import Order

NOT_CHECKED = "not checked"  # the value of `offered` or `ours` in a preview's details


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A quote that can be confirmed until `expires_at` (the provider's clock)."""

    price: Price  # per month, for everything that confirming buys
    expires_at: datetime
    token: str | None = field(default=None, repr=False)  # secret, single use
    order: Order | None = None  # as the provider understood it, for example with an agent's id
    details: Mapping[str, Any] = field(default_factory=dict)  # JSON; shown on the card

    @property
    def is_checked(self) -> bool:
        """Whether the provider could be asked about everything, the price among it."""
        return is_checked(self.details)


def is_checked(details: Mapping[str, Any]) -> bool:
    """The same of what a purchase has kept of its preview."""
    return NOT_CHECKED not in (details.get("offered"), details.get("ours"))
