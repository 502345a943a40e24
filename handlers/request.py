"""Asking for a line or a number, by command or by button: the same checks and the same answer."""

from bot.domain.errors import Reason
from bot.domain.purchase import Order
from bot.ports import Ports
from bot.use_cases.request import request
from handlers.payloads import Origin
from handlers.wording import title


async def place(ports: Ports, who: Origin, *, provider: str, order: Order, reason: str) -> Reason:
    """Write the request down; give what the requester is to be told.

    Raises NotSetUp, NumberTaken.
    """
    elsewhere = ports.rules.approval_channel
    if who.channel_id is None or (who.is_direct and elsewhere is None):
        return Reason("Nowhere")
    purchase = await request(
        ports,
        provider=provider,
        order=order,
        requester_id=who.user_id,
        channel_id=who.channel_id,
        reason=reason,
        trigger_id=who.trigger_id,
        response_url=who.response_url,
    )
    told = {
        "provider": title(purchase.provider),
        "number": purchase.order.number,
        "code": purchase.code,
        "channel": who.channel_id if elsewhere is None else elsewhere,
    }
    what = "Number" if purchase.order.number else "Line"
    where = "Here" if elsewhere in {None, who.channel_id} else "Elsewhere"
    return Reason(f"Asked{what}{where}", told)
