"""What a card shows besides its purchase, read anew each time it is drawn."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.domain.purchase import Purchase, Status
from bot.ports import Ports
from bot.use_cases import freeze
from bot.use_cases.terms import escalated, of
from bot.use_cases.votes import given


async def as_drawn(ports: Ports, purchase: Purchase) -> Purchase:
    """The purchase with, in its details, who has approved this revision so far ("votes"), why
    nothing is bought now ("frozen": the fields of Frozen), and who decides in whose place
    ("deputies": those of people who are away)."""
    votes, frozen, deputies = await asyncio.gather(
        _votes(ports, purchase), _frozen(ports, purchase), _deputies(ports, purchase)
    )
    more = {**votes, **frozen, **deputies}
    return replace(purchase, details={**purchase.details, **more}) if more else purchase


async def _frozen(ports: Ports, purchase: Purchase) -> Mapping[str, Any]:
    if purchase.status not in {Status.PENDING, Status.APPROVED}:
        return {}
    refusal = await freeze.refusal(ports)
    return {} if refusal is None else {"frozen": dict(refusal.fields)}


async def _votes(ports: Ports, purchase: Purchase) -> Mapping[str, Any]:
    if purchase.status is not Status.PENDING or of(ports, purchase).quorum == 1:
        return {}
    return {"votes": await given(ports, purchase)}


async def _deputies(ports: Ports, purchase: Purchase) -> Mapping[str, Any]:
    if purchase.status is not Status.PENDING:
        return {}
    found = await deputies_of(ports, [*of(ports, purchase).ping, *escalated(purchase)])
    return {"deputies": found} if found else {}


async def deputies_of(ports: Ports, asked: Sequence[str]) -> list[str]:
    """The deputies of those who are named and away now."""
    away = await ports.store.absences(ports.clock.now())
    return [each.deputy_id for each in away if each.user_id in asked]
