"""What every provider's account shares: one client, its clock, and asking all the same."""

import copy
from typing import Self

from bot.providers.client import Client


class Account:
    """An account at a provider, reached through one client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def aclose(self) -> None:
        await self._client.aclose()

    @property
    def skew_s(self) -> float | None:
        return self._client.skew.seconds

    def insisting(self) -> Self:
        insisting = copy.copy(self)
        insisting._client = self._client.insisting()  # noqa: SLF001 - it is one of us
        return insisting
