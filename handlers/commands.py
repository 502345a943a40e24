"""`/line` and `/number`: parse → use case → ack with the private answer."""

from slack_bolt.async_app import AsyncAck

from bot.domain.errors import NotSetUp
from bot.domain.purchase import Order
from bot.ports import Ports
from bot.use_cases.answers import ask
from bot.use_cases.decide import decide
from bot.use_cases.request import request
from handlers import ids, payloads
from handlers.answers import help_page
from handlers.command_text import Buy, Decide, Help, Misunderstood, Read, Typed, Unbuilt, parse
from handlers.drawing import Drawing
from handlers.errors import Body
from handlers.payloads import Origin
from handlers.wording import channel, code, title

_NOWHERE = (
    "In a direct message nobody could approve it, so nothing was requested. Type the command in a"
    " channel, or have `APPROVAL_CHANNEL` set."
)


async def typed(ports: Ports, ack: AsyncAck, body: Body) -> None:
    """Either command."""
    who = payloads.origin(body)
    if isinstance(who, payloads.Unreadable):
        await ack(text=f"{who.sentence} Nothing was done.", response_type="ephemeral")
        return
    command = str(body.get("command") or ids.LINE)
    drawing = await _carry_out(ports, command, who, parse(command, str(body.get("text") or "")))
    if drawing is None:
        await ack()
    else:
        await ack(text=drawing.text, blocks=drawing.blocks, response_type="ephemeral")


async def _carry_out(ports: Ports, command: str, who: Origin, wanted: Typed) -> Drawing | None:
    """Give what is known already; None where the answer comes by itself."""
    match wanted:
        case Help(hint):
            return help_page(hint)
        case Misunderstood(sentence):
            return Drawing([], sentence)
        case Unbuilt():
            raise NotSetUp(command=command, provider=title(ids.PROVIDERS[ids.NUMBER]))
        case Buy(reason):
            return Drawing([], await _buy(ports, command, who, reason))
        case Decide():
            return Drawing([], await _decide(ports, who, wanted))
        case Read():
            await _ask(ports, command, who, wanted)
            return None


async def _buy(ports: Ports, command: str, who: Origin, reason: str) -> str:
    elsewhere = ports.rules.approval_channel
    if who.channel_id is None or (who.is_direct and elsewhere is None):
        return _NOWHERE
    purchase = await request(
        ports,
        provider=ids.PROVIDERS[command],
        order=Order(),
        requester_id=who.user_id,
        channel_id=who.channel_id,
        reason=reason,
        trigger_id=who.trigger_id,
        response_url=who.response_url,
    )
    where = f"to {channel(elsewhere)}" if elsewhere not in {None, who.channel_id} else "here"
    card = f"The card {code(purchase.code)} comes {where} in a moment."
    return f"Asking {title(purchase.provider)} for a line. {card}"


async def _decide(ports: Ports, who: Origin, wanted: Decide) -> str:
    await decide(
        ports,
        action=wanted.action,
        actor_id=who.user_id,
        trigger_id=who.trigger_id,
        code=wanted.code,
        note=wanted.note,
        channel_id=who.channel_id,
        response_url=who.response_url,
    )
    return (
        f"Written down: {wanted.action.value} {code(wanted.code)}. Its card shows what comes of it;"
        " if it does not count, I tell you why."
    )


async def _ask(ports: Ports, command: str, who: Origin, wanted: Read) -> None:
    await ask(
        ports,
        ask=wanted.ask,
        provider=ids.PROVIDERS.get(command, ids.PROVIDERS[ids.LINE]),
        user_id=who.user_id,
        channel_id=who.channel_id,
        response_url=who.response_url,
        trigger_id=who.trigger_id,
        code=wanted.code,
        of=wanted.of,
    )
