"""Somebody asks for a line or a number: write it down, nothing else. The loop does the rest."""

from bot.domain.errors import NotSetUp
from bot.domain.purchase import Order, Purchase, Status
from bot.ports import Ports
from bot.use_cases.moves import new_id


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
) -> Purchase:
    """Store the request; one transaction. A redelivered command gives the purchase it made.

    Raises NotSetUp when the provider has no credentials here. Whether this person may ask is
    judged by the loop, for it takes a call to Slack.
    """
    if provider not in ports.providers:
        raise NotSetUp(provider=provider.title())
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
        ),
        trigger_id,
    )
    ports.wake()
    return stored
