"""The loop's queues one by one, and what was claimed from them without its purchase."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from bot.domain.decision import Decision
from bot.ports import Card, Claimed, Message, Queue, Store

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


async def claim_due(
    store: Store, queue: Queue, limit: int, *, now: datetime, lasting: timedelta
) -> list[Claimed]:
    """What one queue has due, those due longest first."""
    claims, _ = await store.take({queue: limit}, now=now, lasting=lasting)
    return claims


async def next_due(store: Store, queues: Collection[Queue]) -> datetime | None:
    """The earliest instant at which a row of these queues is or becomes claimable."""
    places = dict.fromkeys(queues, 1)
    _, next_at = await store.take(places, now=_LONG_AGO, lasting=timedelta())
    return next_at


async def card_of(store: Store, card_id: str) -> Card | None:
    found = await store.card(card_id)
    return None if found is None else found[0]


async def decision_of(store: Store, decision_id: str) -> Decision | None:
    found = await store.decision(decision_id)
    return None if found is None else found[0]


async def message_of(store: Store, message_id: str) -> Message | None:
    found = await store.message(message_id)
    return None if found is None else found[0]
