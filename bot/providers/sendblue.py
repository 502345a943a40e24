"""Sendblue as a provider: lines, bought by preview and confirm."""

import logging
from collections.abc import Sequence

from bot.domain.alerts import Balance
from bot.domain.errors import MissingToken
from bot.domain.preview import Preview
from bot.domain.price import Price
from bot.domain.purchase import Order, Receipt
from bot.ports import Clock, Holding, LimitReading
from bot.providers import sendblue_wire as wire
from bot.providers.account import Account
from bot.providers.client import Client, Options
from bot.providers.sendblue_limits import key_names, read_limits

_log = logging.getLogger(__name__)


class Sendblue(Account):
    """One Sendblue account, as `bot.ports.Provider` asks for it."""

    name = "sendblue"
    title = wire.TITLE
    command = "/line"
    default_limits: tuple[int, int] | None = (
        3,
        10,
    )  # lines per rolling 24 hours, per rolling 30 days

    def __init__(  # noqa: PLR0917 - given by name
        self,
        base_url: str,
        api_key_id: str,
        api_secret_key: str,
        price: Price,  # per line and month; the provider's answers name none
        clock: Clock,
        options: Options | None = None,
    ) -> None:
        headers = wire.credentials(api_key_id, api_secret_key)
        super().__init__(Client(self.title, base_url, headers, clock, options))
        self.price = price
        self._secrets = (api_key_id, api_secret_key)

    async def preview(self, order: Order) -> Preview:  # noqa: ARG002 - lines have no choice
        answer = await self._client.send(wire.preview_call())
        return wire.read_preview(answer, self.price, self._secrets)

    async def confirm(
        self,
        order: Order,  # noqa: ARG002 - the token says it all
        preview_token: str | None,
    ) -> Receipt:
        if not preview_token:
            raise MissingToken(provider=self.title)  # nothing to send
        answer = await self._client.send(wire.confirm_call(preview_token))
        return wire.read_confirm(answer, (*self._secrets, preview_token))

    async def holdings(self) -> list[Holding]:
        answer = await self._client.send(wire.lines_state_call())
        if not wire.is_without_lines_state(answer):
            return wire.read_lines_state(answer, self._secrets)
        return wire.read_lines(await self._client.send(wire.lines_call()), self._secrets)

    def receipt(self, number: str, holdings: Sequence[Holding]) -> Receipt:
        """A line brings nothing else."""
        mine = next((held for held in holdings if held.number == number), None)
        return Receipt(number=number, ids=mine.ids if mine else {})

    async def limits(self) -> LimitReading:
        answer = await self._client.send(wire.limits_call())
        content = wire.read_object(answer, self._secrets)
        reading = read_limits(content)
        if reading == LimitReading():
            _log.warning("sendblue.limits_not_understood", extra={"keys": key_names(content)})
        return reading

    async def balance(self) -> Balance | None:
        """None: a card is charged, there are no credits."""
        return None
