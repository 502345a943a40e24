"""Forms: wanted by a shortcut; filled in: parse → write it down → ack, or say under the inputs what
is wrong."""

from dataclasses import replace

from slack_bolt.async_app import AsyncAck

from bot.domain.decision import Action
from bot.domain.errors import NotSetUp, NumberTaken, ReasonWanted
from bot.ports import Ports
from bot.use_cases.answers import Ask, ask
from bot.use_cases.decide import decide
from handlers import forms, ids, paging, payloads
from handlers.errors import Body, owe
from handlers.opening import Forms
from handlers.payloads import Origin
from handlers.request import place
from handlers.tasks import Tasks
from handlers.wording import say


async def wanted(opening: Forms, ack: AsyncAck, body: Body) -> None:
    """The global shortcut."""
    who = payloads.origin(body)
    if isinstance(who, Origin):
        opening.buy(body, who.trigger_id)
    await ack()


async def submitted(ports: Ports, tasks: Tasks, ack: AsyncAck, body: Body) -> None:
    """Any form."""
    if payloads.part(body, "view").get("callback_id") == ids.BUY_FORM:
        errors = await _buy(ports, tasks, body)
    else:
        errors = await _decide(ports, body)
    if errors:
        await ack(response_action="errors", errors=errors)
    else:
        await ack()


async def _decide(ports: Ports, body: Body) -> dict[str, str]:
    found = payloads.submission(body)
    if isinstance(found, payloads.Unreadable):
        return {ids.INPUT_BLOCK: found.sentence}
    if found.action is Action.REASON and not found.note:
        return {}
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
    return {}


async def _buy(ports: Ports, tasks: Tasks, body: Body) -> dict[str, str]:
    """What is wrong, by block; what was asked for is answered where it is announced, privately."""
    who, filled = payloads.origin(body), forms.read(body)
    if isinstance(who, payloads.Unreadable):
        return {ids.PROVIDER: who.sentence}
    if isinstance(filled, dict):
        return filled
    who = replace(who, channel_id=filled.channel_id)
    if filled.search is not None:
        await _search(ports, who, filled)
        return {}
    try:
        told = await place(
            ports, who, provider=filled.provider, order=filled.order, reason=filled.reason
        )
    except (NotSetUp, NumberTaken, ReasonWanted) as error:
        return {_BLOCKS[type(error)]: forms.plainly(say(error.reason))}
    if told.name == "Nowhere":
        return {forms.CHANNEL: forms.plainly(say(told))}
    await owe(ports, tasks, body, told, trigger_id=who.trigger_id, channel_id=who.channel_id)
    return {}


_BLOCKS = {NotSetUp: ids.PROVIDER, NumberTaken: forms.NUMBER, ReasonWanted: forms.REASON}


async def _search(ports: Ports, who: Origin, filled: forms.Filled) -> None:
    assert filled.search is not None  # noqa: S101 the caller looked
    await ask(
        ports,
        ask=Ask.SEARCH,
        provider=filled.provider,
        user_id=who.user_id,
        channel_id=who.channel_id,
        response_url=None,
        trigger_id=who.trigger_id,
        page=0,
        **paging.details(filled.search),
    )
