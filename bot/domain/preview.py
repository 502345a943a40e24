"""What a provider quotes before anything is bought."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.domain.price import Price
from bot.domain.purchase import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A quote that can be confirmed until `expires_at` (the provider's clock)."""

    price: Price  # per month, for everything that confirming buys
    expires_at: datetime
    token: str | None = field(default=None, repr=False)  # secret, single use
    order: Order | None = None  # as the provider understood it, for example with an agent's id
    details: Mapping[str, Any] = field(default_factory=dict)  # JSON; shown on the card
