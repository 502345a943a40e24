"""Imaginary Telephone as a provider: lines, bought by quote and order."""

from collections.abc import Sequence

from bot.domain.alerts import Balance
from bot.domain.errors import MissingToken
from bot.domain.preview import Preview
from bot.domain.price import Price
from bot.domain.purchase import Order, Receipt
from bot.ports import Clock, Holding, LimitReading
from bot.providers.account import Account
from bot.providers.client import Client, Options
from tests.third_provider import imaginary_wire as wire


class Imaginary(Account):
    """One account, as `bot.ports.Provider` asks for it."""

    name = "imaginary"
    title = wire.TITLE
    command = "/line"
    default_limits: tuple[int, int] | None = None  # it has no limits

    def __init__(
        self,
        base_url: str,
        api_token: str,
        price: Price,  # what rules go by before there is a quote
        clock: Clock,
        options: Options | None = None,
    ) -> None:
        headers = wire.credentials(api_token)
        super().__init__(Client(self.title, base_url, headers, clock, options))
        self.price = price
        self._secrets = (api_token,)

    async def preview(self, order: Order) -> Preview:  # noqa: ARG002 - lines have no choice
        return wire.read_quote(await self._client.send(wire.quote_call()), self._secrets)

    async def confirm(
        self,
        order: Order,  # noqa: ARG002 - the quote says it all
        preview_token: str | None,
    ) -> Receipt:
        if not preview_token:
            raise MissingToken(provider=self.title)  # nothing to send
        answer = await self._client.send(wire.order_call(preview_token))
        return wire.read_order(answer, (*self._secrets, preview_token))

    async def holdings(self) -> list[Holding]:
        return wire.read_numbers(await self._client.send(wire.numbers_call()), self._secrets)

    def receipt(self, number: str, holdings: Sequence[Holding]) -> Receipt:
        mine = next((held for held in holdings if held.number == number), None)
        return Receipt(number=number, ids=mine.ids if mine else {})

    async def limits(self) -> LimitReading:
        return LimitReading()

    async def balance(self) -> Balance | None:
        return None
