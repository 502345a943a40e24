"""What a card shows besides its purchase, read anew each time it is drawn."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.domain.purchase import Purchase, Status
from bot.ports import Ports
from bot.use_cases import freeze
from bot.use_cases.terms import of


async def as_drawn(ports: Ports, purchase: Purchase) -> Purchase:
    """The purchase with, in its details, who has approved this revision so far ("votes"), and why
    nothing is bought now ("frozen": the fields of Frozen)."""
    more = {**await _votes(ports, purchase), **await _frozen(ports, purchase)}
    return replace(purchase, details={**purchase.details, **more}) if more else purchase


async def _frozen(ports: Ports, purchase: Purchase) -> Mapping[str, Any]:
    if purchase.status not in {Status.PENDING, Status.APPROVED}:
        return {}
    refusal = await freeze.refusal(ports)
    return {} if refusal is None else {"frozen": dict(refusal.fields)}


async def _votes(ports: Ports, purchase: Purchase) -> Mapping[str, Any]:
    if purchase.status is not Status.PENDING or of(ports, purchase).quorum == 1:
        return {}
    votes = await ports.store.votes(purchase.id, purchase.revision)
    return {"votes": [vote.approver_id for vote in votes]}
