"""The three places that a new provider needs outside its own files, and a way to fill them for a
test. In Dialtone itself these are edits to `bot/settings.py`, `bot/domain/sellers.py` and
`bot/bootstrap.py`."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest
from pydantic import Field

from bot import bootstrap
from bot import settings as bot_settings
from bot.domain import sellers
from bot.domain.price import Price
from bot.domain.sellers import Seller
from bot.ports import Clock
from bot.providers.client import Options
from bot.settings import HttpUrl, PriceText, Secret, Settings
from tests.third_provider.imaginary import Imaginary


class SettingsWithImaginary(Settings):
    """The settings, and these three more."""

    imaginary_api_token: Secret | None = Field(
        None, description="Imaginary Telephone's token; unset = nothing can be bought there"
    )
    imaginary_api_url: HttpUrl = Field(
        "https://api.imaginary.example", description="base of Imaginary Telephone"
    )
    imaginary_line_price: PriceText = Field(
        Price.parse("7.50 GBP"), description="price per line and month, for rules about prices"
    )

    @property
    def prices(self) -> Mapping[str, Price]:
        return {**super().prices, "imaginary": self.imaginary_line_price}


SELLER = Seller(
    name="imaginary",
    title="Imaginary Telephone",
    command="/line",
    sells="line",
    credentials="IMAGINARY_API_TOKEN",
)


def _imaginary(
    settings: SettingsWithImaginary, clock: Clock, options: Options | None = None
) -> Imaginary | None:
    if not settings.imaginary_api_token:
        return None
    return Imaginary(
        base_url=settings.imaginary_api_url,
        api_token=settings.imaginary_api_token.get_secret_value(),
        price=settings.imaginary_line_price,
        clock=clock,
        options=options,
    )


def hire(monkeypatch: pytest.MonkeyPatch, seller: Seller = SELLER) -> None:
    """Make it one of Dialtone's providers, after the others."""
    registry = MappingProxyType({**bootstrap.PROVIDERS, seller.name: _imaginary})
    known = MappingProxyType({**sellers.SELLERS, seller.name: seller})
    monkeypatch.setattr(bootstrap, "PROVIDERS", registry)
    monkeypatch.setattr(sellers, "SELLERS", known)
    monkeypatch.setattr(bot_settings, "Settings", SettingsWithImaginary)
