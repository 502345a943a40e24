"""Magpipe as a provider: chosen numbers, searched for and bought in one call.

It has no preview, so this makes one out of calls that only look.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from bot.domain import errors
from bot.domain.agent import Agent, pick
from bot.domain.alerts import Balance
from bot.domain.errors import NothingSpent, ProviderError
from bot.domain.phone_number import PhoneNumber
from bot.domain.preview import NOT_CHECKED, Preview
from bot.domain.price import Price
from bot.domain.purchase import Order, Receipt
from bot.ports import Clock, Holding, LimitReading, Offer, Search
from bot.providers import magpipe_credits as credit
from bot.providers import magpipe_search as searching
from bot.providers import magpipe_wire as wire
from bot.providers.account import Account
from bot.providers.client import Client, Options
from bot.providers.magpipe_second import second_number
from bot.providers.magpipe_throttle import ReadThrottle
from bot.providers.magpipe_unused import unused
from bot.providers.wire import Answer, Call, key_names

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_LOOK_UP_S = 2.0  # for the id of what was bought; a receipt without one is as good
_MOST_ROWS = 5_000  # of one list; more is a list that does not end


class Magpipe(Account):
    """One Magpipe account, as `bot.ports.NumberProvider` asks for it."""

    name = "magpipe"
    title = wire.TITLE
    command = "/number"
    default_limits: tuple[int, int] | None = None

    def __init__(  # noqa: PLR0917 - each is of a type of its own, and given by name
        self,
        base_url: str,
        api_token: str,
        price: Price,  # per number and month, where search names none
        preview_minutes: int,  # how long a preview can be confirmed
        clock: Clock,
        options: Options | None = None,
    ) -> None:
        headers = wire.credentials(api_token)
        super().__init__(Client(self.title, base_url, headers, clock, options))
        self.price = price
        self._lasting = timedelta(minutes=preview_minutes)
        self._clock = clock
        self._secrets = (api_token,)
        self._throttle = ReadThrottle(self.title)

    # Looking.

    async def search(self, wanted: Search) -> list[Offer]:
        return searching.matching(wanted, await self._found(wanted))

    async def agents(self) -> list[Agent]:
        rows = await self._list(wire.agents_call, "agents")
        found = [agent for agent in map(wire.agent, rows) if agent is not None]
        return list({agent.id: agent for agent in found}.values())

    async def holdings(self) -> list[Holding]:
        rows = await self._list(wire.numbers_call, "numbers")
        return _holdings(rows)

    async def limits(self) -> LimitReading:
        """Nothing: the provider has no call for it, and says so only when a limit is reached."""
        return LimitReading()

    async def balance(self) -> Balance | None:
        answer = await self._read(credit.credits_call())
        content = credit.read_credits(answer, self._secrets)
        balance = credit.balance(content)
        if balance is None:
            _log.warning("magpipe.balance_not_understood", extra={"keys": key_names([content])})
        return balance

    # Buying.

    async def preview(self, order: Order) -> Preview:
        """The bot's own quote; `details` say what could not be checked, `second_number`, and
        which numbers on the account are `unused`.

        What only could not be asked is left to the approver and to the provider ("not checked"),
        with three exceptions. Credentials that are refused and a provider that cannot be reached
        would fail the purchase too; and a wrong agent fails it after the money is spent.
        """
        number = _number_of(order)
        found, holdings, agent = await asyncio.gather(
            _outcome(self._found(searching.search_for(number))),
            _outcome(self.holdings()),
            _outcome(self._agent_of(order)),
        )
        for outcome in (found, holdings, agent):
            if isinstance(outcome, errors.BadCredentials | errors.ProviderUnreachable):
                raise outcome
        details = self._seen(number, holdings)
        offer = None
        if not isinstance(found, ProviderError):
            offer = searching.still_offered(number, found)
        if offer is None:
            cause = found if isinstance(found, ProviderError) else None
            details["offered"] = self._unchecked("offered", cause)
        if isinstance(agent, ProviderError):
            raise agent if isinstance(agent, NothingSpent) else _agents_not_checked(order, agent)
        price = self.price if offer is None or offer.price is None else offer.price
        if searching.brings_second(number, offer):
            details["second_number"] = True
            price = price.times(2)
        if agent is not None:
            order = replace(order, agent_id=agent.id, agent_name=agent.name)
        expires_at = self._clock.now() + self._lasting
        return Preview(price=price, expires_at=expires_at, order=order, details=details)

    def _seen(self, number: PhoneNumber, holdings: list[Holding] | ProviderError) -> dict[str, Any]:
        """What the account tells of a number that is asked for. Raises NumberAlreadyOurs."""
        if isinstance(holdings, ProviderError):
            return {"ours": self._unchecked("ours", holdings)}
        if any(holding.number == number.e164 for holding in holdings):
            raise errors.NumberAlreadyOurs(provider=self.title, number=number.e164)
        idle = unused(holdings, number)
        return {"unused": idle} if idle else {}

    async def confirm(
        self,
        order: Order,
        preview_token: str | None,  # noqa: ARG002 - the preview was the bot's own
    ) -> Receipt:
        _number_of(order)
        if order.agent_name and not order.agent_id:  # never previewed, so never checked
            raise _agents_not_checked(order)
        answer = await self._client.send(wire.provision_call(order))
        receipt = wire.read_provision(answer, order, self._secrets)
        if receipt.number != order.number:
            _log.warning("magpipe.another_number_bought", extra={"number": receipt.number})
        wants_second = wire.is_silent_on_second(answer, receipt)
        if receipt.ids and not wants_second:
            return receipt
        return await self._completed(receipt, wants_second=wants_second)

    def receipt(self, number: str, holdings: Sequence[Holding]) -> Receipt:
        """With the second number that a Canadian one brings."""
        mine = next((held for held in holdings if held.number == number), None)
        if mine is None:
            return Receipt(number=number)
        second = second_number(mine, holdings) if PhoneNumber(number).is_canadian else None
        return Receipt(number=number, second_number=second, ids=mine.ids)

    async def assign(self, number: str, agent_id: str) -> None:
        try:
            answer = await self._read(wire.assign_call(number, agent_id))
        except errors.NoAnswer as error:
            raise errors.AssignmentUnclear(**{**error.fields, "number": number}) from None
        try:
            wire.read_assigned(answer, number, agent_id, self._secrets)
        except errors.AgentNotFound as error:
            pick(agent_id, await self.agents(), self.title)  # says which agents there are
            raise errors.AssignmentUnclear(**error.fields) from None  # there it is after all

    # How.

    async def _found(self, wanted: Search) -> searching.Found:
        answer = await self._read(searching.search_call(wanted))
        found = searching.read_search(answer, self._secrets)
        if found.unreadable:
            _log.warning("magpipe.search_rows_skipped", extra={"rows": found.unreadable})
        return found

    async def _agent_of(self, order: Order) -> Agent | None:
        """The agent the order names. One that was found before keeps its id, whatever its name:
        another of the same name is not what was approved."""
        wanted = order.agent_id or order.agent_name
        return None if not wanted else pick(wanted, await self.agents(), self.title)

    async def _completed(self, receipt: Receipt, *, wants_second: bool) -> Receipt:
        """The receipt with what the account's list adds to it; as it is when that fails.

        Nothing that happens here may touch the success, not even the process being stopped: the
        answer is known, and the caller must get it to write it down.
        """
        try:
            async with asyncio.timeout(_LOOK_UP_S):
                answer = await self._read(wire.numbers_call())
                newest = _holdings(wire.read_page(answer, "numbers", 0, self._secrets).rows)
                mine = {held.number: held for held in newest}[receipt.number]
                second = second_number(mine, newest) if wants_second else receipt.second_number
                return replace(receipt, ids={**mine.ids, **receipt.ids}, second_number=second)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - see above
            _log.warning("magpipe.receipt_not_completed", extra={"error": type(error).__name__})
            return receipt

    async def _list(self, call: Callable[[int], Call], key: str) -> list[Mapping[str, Any]]:
        """All rows of a list, page by page. Raises ProviderError."""
        rows: list[Mapping[str, Any]] = []
        offset = 0
        while offset < _MOST_ROWS:
            page = wire.read_page(await self._read(call(offset)), key, offset, self._secrets)
            rows += page.rows
            offset += page.length
            if page.is_last:
                return rows
        raise ProviderError(provider=self.title, cause="a list without an end")

    async def _read(self, call: Call) -> Answer:
        await self._throttle.admit()
        answer = await self._client.send(call)
        self._throttle.heed(answer, self._clock.now())
        return answer

    def _unchecked(self, what: str, cause: ProviderError | None) -> str:
        error = "cut off or unreadable" if cause is None else cause.reason.name
        _log.warning("magpipe.not_checked", extra={"what": what, "error": error})
        return NOT_CHECKED


async def _outcome(asked: Awaitable[_T]) -> _T | ProviderError:
    try:
        return await asked
    except ProviderError as error:
        return error


def _number_of(order: Order) -> PhoneNumber:
    if order.number is None:
        raise errors.NumberMissing(provider=wire.TITLE)
    return PhoneNumber(order.number)


def _agents_not_checked(order: Order, cause: ProviderError | None = None) -> NothingSpent:
    fields = {} if cause is None else cause.fields
    agent = order.agent_name or order.agent_id
    return errors.AgentsNotChecked(**{**fields, "provider": wire.TITLE, "agent": agent})


def _holdings(rows: Iterable[Mapping[str, Any]]) -> list[Holding]:
    """Each number once: pages overlap when one is bought between them."""
    found = [held for held in map(wire.holding, rows) if held is not None]
    return list({held.key: held for held in found}.values())
