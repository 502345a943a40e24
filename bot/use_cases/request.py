"""Somebody asks for a line or a number: write it down, nothing else. The loop does the rest."""

import logging

from bot.domain import sellers
from bot.domain.errors import NotSetUp, UnknownCard
from bot.domain.purchase import Order, Purchase, Status
from bot.ports import Ports
from bot.use_cases.moves import new_id

log = logging.getLogger(__name__)


async def request(
    ports: Ports,
    *,
    provider: str,
    order: Order,
    requester_id: str,
    channel_id: str,
    reason: str,
    trigger_id: str,
    response_url: str | None,
    previous: Purchase | None = None,
) -> Purchase:
    """Store the request; one transaction. A redelivered command gives the purchase it made.

    `previous` is the purchase that is asked for again. Raises NotSetUp when the provider has no
    credentials here, and what the store raises. Whether this person may ask is judged by
    the loop, for it takes a call to Slack.
    """
    if provider not in ports.providers:
        raise NotSetUp(provider=sellers.of(provider).title)
    ports.wake()  # the loop's look may share the commit
    stored = await ports.store.add_request(
        Purchase(
            id=new_id(),
            code="",
            status=Status.REQUESTED,
            provider=provider,
            order=order,
            requester_id=requester_id,
            channel_id=channel_id,
            reason=reason,
            requested_at=ports.clock.now(),
            response_url=response_url,
            previous_id=None if previous is None else previous.id,
            details={} if previous is None else {"previous": _as_seen(previous)},
        ),
        trigger_id,
    )
    log.info(
        "purchase.requested",
        extra={"purchase": stored.code, "provider": provider, "requester": requester_id},
    )
    ports.wake()
    return stored


async def find(ports: Ports, purchase_id: str) -> Purchase:
    """The purchase behind a button. Raises UnknownCard."""
    found = await ports.store.purchase(purchase_id)
    if found is None:
        raise UnknownCard(instance=ports.instance)
    return found


def _as_seen(previous: Purchase) -> dict[str, str]:
    """What the new card compares itself with."""
    seen = {"code": previous.code, "status": previous.status.value}
    return seen | ({"price": str(previous.price)} if previous.price else {})
