"""Asking for a line or a number, by command or by button: the same checks and the same answer."""

from bot.domain.errors import Reason, ReasonWanted
from bot.domain.purchase import Order, Purchase
from bot.ports import Ports
from bot.use_cases.reason_wanted import is_reason_wanted
from bot.use_cases.request import find, request
from handlers.payloads import Origin
from handlers.wording import title


async def place(ports: Ports, who: Origin, *, provider: str, order: Order, reason: str) -> Reason:
    """Write the request down; give what the requester is to be told.

    Raises NotSetUp, NumberTaken, ReasonWanted.
    """
    wanted = not reason and await is_reason_wanted(
        ports, provider=provider, channel_id=who.channel_id or "", requester_id=who.user_id
    )
    if wanted:
        raise ReasonWanted
    return await _place(ports, who, who.channel_id, provider=provider, order=order, reason=reason)


async def place_again(ports: Ports, who: Origin, purchase_id: str) -> Reason:
    """The same request once more, by whoever presses; its report goes where that of the previous
    one went, unless that was somebody's direct message.

    Raises UnknownCard, NotToBeRepeated, RequestedAgainAlready, NotSetUp, NumberTaken.
    """
    previous = await find(ports, purchase_id)
    was_direct = previous.channel_id.startswith("D")
    return await _place(
        ports,
        who,
        who.channel_id if was_direct else previous.channel_id,
        provider=previous.provider,
        order=previous.order,
        reason=previous.reason,
        previous=previous,
    )


async def _place(
    ports: Ports,
    who: Origin,
    channel_id: str | None,
    *,
    provider: str,
    order: Order,
    reason: str,
    previous: Purchase | None = None,
) -> Reason:
    elsewhere = ports.rules.approval_channel
    if channel_id is None or (channel_id.startswith("D") and elsewhere is None):
        return Reason("Nowhere")
    purchase = await request(
        ports,
        provider=provider,
        order=order,
        requester_id=who.user_id,
        channel_id=channel_id,
        reason=reason,
        trigger_id=who.trigger_id,
        response_url=who.response_url,
        previous=previous,
    )
    shown_in = elsewhere or channel_id
    told = {
        "provider": title(purchase.provider),
        "number": purchase.order.number,
        "code": purchase.code,
        "channel": shown_in,
    }
    what = "Number" if purchase.order.number else "Line"
    where = "Here" if shown_in == who.channel_id else "Elsewhere"
    return Reason(f"Asked{what}{where}", told)
