"""Buttons: parse → write down what is wanted → ack, or open the form that asks for more."""

import logging
from typing import Any

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.decision import Action
from bot.domain.errors import Reason
from bot.domain.purchase import Order
from bot.ports import Ports, TryLater, Undeliverable
from bot.use_cases.answers import Ask, ask
from bot.use_cases.decide import decide
from handlers import ids, modals, payloads, web_api
from handlers.errors import Body, owe, tell_presser
from handlers.paging import Page
from handlers.request import place, place_again
from handlers.tasks import Tasks

log = logging.getLogger(__name__)

_ASKS_MORE = frozenset({Action.BOUGHT, Action.CLOSE})


async def pressed(
    ports: Ports, client: AsyncWebClient, tasks: Tasks, ack: AsyncAck, body: Body
) -> None:
    """Any button."""
    match payloads.click(body):
        case payloads.Unreadable(sentence):
            reason = Reason("Unreadable", {"what": sentence})
            await tell_presser(ports, tasks, ack, body, reason)
        case payloads.Click() as click if click.action in _ASKS_MORE:
            await ack()
            tasks.start(
                _open(ports, client, tasks, body, click)
            )  # not awaited: the ack leaves first
        case payloads.Click() as click:
            await _decide(ports, click)
            await ack()
        case payloads.Pick(who, number):
            await _request(ports, tasks, body, who, number)
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
    ports: Ports, tasks: Tasks, body: Body, who: payloads.Origin, number: str
) -> None:
    order = Order(number=number)
    told = await place(ports, who, provider=ids.PROVIDERS[ids.NUMBER], order=order, reason="")
    # Once per click, like the request itself: Slack may deliver a click twice.
    await owe(ports, tasks, body, told, trigger_id=who.trigger_id)


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


async def _open(
    ports: Ports, client: AsyncWebClient, tasks: Tasks, body: Body, click: payloads.Click
) -> None:
    """Open a form while the trigger lives, which is three seconds."""
    view = modals.form(click)
    try:
        await web_api.call(client.views_open(trigger_id=click.origin.trigger_id, view=view))
    except (TryLater, Undeliverable) as error:
        log.warning("slack.form_not_opened", extra={"error": str(error)})
        await owe(ports, tasks, body, Reason("FormNotOpened"))
