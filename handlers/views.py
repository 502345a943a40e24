"""Filled-in forms: parse → write the decision down → ack, or say under the input what is wrong."""

from slack_bolt.async_app import AsyncAck

from bot.ports import Ports
from bot.use_cases.decide import decide
from handlers import ids, payloads
from handlers.errors import Body


async def submitted(ports: Ports, ack: AsyncAck, body: Body) -> None:
    """Any form."""
    found = payloads.submission(body)
    if isinstance(found, payloads.Unreadable):
        await ack(response_action="errors", errors={ids.INPUT_BLOCK: found.sentence})
        return
    await decide(
        ports,
        action=found.action,
        actor_id=found.origin.user_id,
        trigger_id=found.origin.trigger_id,
        purchase_id=found.purchase_id,
        revision=found.revision,
        number=found.number,
        note=found.note,
        channel_id=found.origin.channel_id,
        message_ts=found.message_ts,
    )
    await ack()
