"""Buttons: parse → write down what is wanted → ack, or open the form that asks for more."""

from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.domain import sellers
from bot.domain.decision import Action
from bot.domain.errors import Reason, ReasonWanted
from bot.domain.purchase import Order
from bot.ports import Ports
from bot.use_cases.answers import Ask, ask
from bot.use_cases.decide import decide
from handlers import forms, ids, payloads
from handlers.errors import Body, owe, tell_presser
from handlers.opening import Forms
from handlers.paging import Page
from handlers.request import place, place_again
from handlers.tasks import Tasks

_ASKS_MORE = frozenset({Action.BOUGHT, Action.CLOSE})


async def pressed(ports: Ports, opening: Forms, tasks: Tasks, ack: AsyncAck, body: Body) -> None:
    """Any button, and the menu of the form that buys."""
    shown = forms.chosen(body)
    if shown is not None:
        opening.redraw(shown)
        await ack()
        return
    match payloads.click(body):
        case payloads.Unreadable(sentence):
            reason = Reason("Unreadable", {"what": sentence})
            await tell_presser(ports, tasks, ack, body, reason)
        case payloads.Click() as click:
            await _clicked(ports, opening, body, click)
            await ack()
        case payloads.OpenForm(who):
            opening.buy(body, who.trigger_id)
            await ack()
        case payloads.Pick(who, number):
            told = await _request(ports, opening, body, who, number)
            if told is not None:  # once per click, like the request: Slack may deliver it twice
                await owe(ports, tasks, body, told, trigger_id=who.trigger_id)
            await ack()
        case payloads.Again(who, purchase_id):
            told = await place_again(ports, who, purchase_id)
            await owe(ports, tasks, body, told, trigger_id=who.trigger_id)
            await ack()
        case payloads.Turn(who, page):
            await _turn(ports, who, page)
            await ack()
        case payloads.Snooze(who, alert_id):
            await _ask(ports, who, Ask.SNOOZE, provider="", alert_id=alert_id)
            await ack()


async def _clicked(ports: Ports, opening: Forms, body: Body, click: payloads.Click) -> None:
    """A button of a card: what it decides is written down first, whatever a form asks besides."""
    if click.action in _ASKS_MORE:
        opening.settle(body, click)
        return
    await _decide(ports, click)
    if click.action is Action.CANCEL:
        opening.why(click)


async def _decide(ports: Ports, click: payloads.Click) -> None:
    await decide(
        ports,
        action=click.action,
        actor_id=click.origin.user_id,
        trigger_id=click.origin.trigger_id,
        purchase_id=click.purchase_id,
        revision=click.revision,
        channel_id=click.origin.channel_id,
        response_url=click.origin.response_url,
        message_ts=click.message_ts,
    )


async def _request(
    ports: Ports, opening: Forms, body: Body, who: payloads.Origin, number: str
) -> Reason | None:
    """A number on offer: at once; or the form opens that asks for what is missing."""
    provider, order = sellers.behind(ids.NUMBER, ports.providers), Order(number=number)
    draft = forms.Draft(provider=provider, channel_id=who.channel_id, order=order)
    try:
        told = await place(ports, who, provider=provider, order=order, reason="")
    except ReasonWanted:
        opening.buy(body, who.trigger_id, replace(draft, is_reason_wanted=True))
        return None
    if told.name == "Nowhere":  # the form asks for a channel
        opening.buy(body, who.trigger_id, draft)
        return None
    return told


async def _turn(ports: Ports, who: payloads.Origin, page: Page) -> None:
    await _ask(ports, who, page.ask, page.provider, page=page.number, **page.details)


async def _ask(
    ports: Ports, who: payloads.Origin, asked: Ask, provider: str, **details: Any
) -> None:
    await ask(
        ports,
        ask=asked,
        provider=provider,
        user_id=who.user_id,
        channel_id=who.channel_id,
        response_url=who.response_url,
        trigger_id=who.trigger_id,
        **details,
    )
