"""`/line` and `/number`: parse → use case → ack with the private answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.domain import sellers
from bot.domain.errors import ReasonWanted
from bot.domain.purchase import Order
from bot.ports import Ports
from bot.use_cases.answers import Ask, ask
from bot.use_cases.decide import decide
from handlers import ids, paging, payloads
from handlers.answers import help_page
from handlers.command_text import Buy, Decide, Help, Read, Typed, parse
from handlers.drawing import Drawing
from handlers.errors import Body
from handlers.forms import Draft
from handlers.history_text import Past
from handlers.managers_text import Manage
from handlers.number_text import Assign, Find, Provision
from handlers.opening import Forms
from handlers.payloads import Origin
from handlers.request import place
from handlers.typed_text import Misunderstood
from handlers.wording import code, say


async def typed(ports: Ports, opening: Forms, ack: AsyncAck, body: Body) -> None:
    """Either command."""
    who = payloads.origin(body)
    if isinstance(who, payloads.Unreadable):
        await ack(text=f"{who.sentence} Nothing was done.", response_type="ephemeral")
        return
    command = str(body.get("command") or ids.LINE)
    wanted = parse(command, str(body.get("text") or ""))
    if isinstance(wanted, Buy | Provision):
        drawing = await _request(ports, opening, body, who, wanted)
    else:
        drawing = await _carry_out(ports, command, who, wanted)
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
        case Decide():
            return Drawing([], await _decide(ports, who, wanted))
        case Find() | Assign() | Manage() | Past() | Read():
            asked, details = _question(wanted)
            await _ask(ports, command, who, asked, **details)
    return None


def _question(wanted: Find | Assign | Manage | Past | Read) -> tuple[Ask, Mapping[str, Any]]:
    """What is asked, and its details."""
    match wanted:
        case Find(search):
            return Ask.SEARCH, {"page": 0, **paging.details(search)}
        case Assign(number, agent):
            return Ask.ASSIGN, {"number": number, "agent": agent}
        case Manage(asked, details):
            return asked, details
        case Past():
            return Ask.HISTORY, {"page": wanted.page, **wanted.details()}
        case Read(asked, code_, page):
            return asked, {"code": code_, "page": page}


async def _request(
    ports: Ports, opening: Forms, body: Body, who: Origin, wanted: Buy | Provision
) -> Drawing | None:
    """At once; or the form opens that asks for what is missing."""
    provider = sellers.behind(str(body.get("command") or ids.LINE), ports.providers)
    order = wanted.order if isinstance(wanted, Provision) else Order()
    reason = wanted.reason
    draft = Draft(provider=provider, channel_id=who.channel_id, order=order, reason=reason)
    if isinstance(wanted, Provision) and order.number is None:
        opening.buy(body, who.trigger_id, draft)
        return None
    try:
        told = await place(ports, who, provider=provider, order=order, reason=reason)
    except ReasonWanted:
        opening.buy(body, who.trigger_id, replace(draft, is_reason_wanted=True))
        return None
    return Drawing([], say(told))


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


async def _ask(ports: Ports, command: str, who: Origin, asked: Ask, **details: Any) -> None:
    await ask(
        ports,
        ask=asked,
        provider=sellers.behind(command, ports.providers),
        user_id=who.user_id,
        channel_id=who.channel_id,
        response_url=who.response_url,
        trigger_id=who.trigger_id,
        **details,
    )
