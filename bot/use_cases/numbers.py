"""Numbers that can be chosen: searched, offered in place of one that is gone, assigned."""

import asyncio
import logging

from bot.domain import sellers
from bot.domain.agent import Agent, pick
from bot.domain.errors import (
    CarrierRefused,
    NotAnApprover,
    NotSetUp,
    NumberGone,
    ProviderError,
)
from bot.domain.phone_number import PhoneNumber
from bot.ports import NumberProvider, Ports, Provider, Search
from bot.use_cases import authorise

log = logging.getLogger(__name__)

ALTERNATIVES = 3  # as many fit a card without hiding its news
SEARCH_S = 2.0


def seller(ports: Ports, name: str) -> NumberProvider:
    """The provider of that name, if it is set up and sells numbers. Raises NotSetUp."""
    provider = ports.providers.get(name)
    if not isinstance(provider, NumberProvider):
        raise NotSetUp(provider=sellers.of(name).title)
    return provider


async def add_alternatives(provider: Provider, error: ProviderError, number: str | None) -> None:
    """Name a few others of the same area in the error, when the number turned out to be gone;
    best effort, and never for longer than it is worth."""
    is_gone = isinstance(error, NumberGone | CarrierRefused)
    if not (is_gone and number and isinstance(provider, NumberProvider)):
        return
    wanted = Search(area_code=PhoneNumber(number).area_code)
    try:
        async with asyncio.timeout(SEARCH_S):
            offers = await provider.search(wanted)
    except (ProviderError, TimeoutError) as failed:
        log.info("alternatives.none", extra={"error": type(failed).__name__})
        return
    others = [offer.number for offer in offers if offer.number != number and not offer.is_nearby]
    error.fields["alternatives"] = others[:ALTERNATIVES]


async def assign(ports: Ports, *, provider: str, user_id: str, number: str, agent: str) -> Agent:
    """Give a number on the account to an agent, named by id or name. Spends nothing; doing it
    twice is doing it once. Approvers only; that it is a full member was checked before.

    Raises NotAnApprover, PeopleUnknown, AgentNotFound, SeveralAgents,
    ProviderError, TryLater.
    """
    if not await authorise.is_in(ports.directory, ports.rules.approvers, user_id):
        raise NotAnApprover(code=number, approvers=ports.rules.approvers.as_ids())
    selling = seller(ports, provider)
    chosen = pick(agent, await selling.agents(), selling.title)
    await selling.assign(number, chosen.id)
    log.info("number.assigned", extra={"number": number, "agent": chosen.id, "actor": user_id})
    return chosen
