"""Buttons on cards: parse → write the decision down → ack, or open the form that asks for more."""

import logging

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.decision import Action
from bot.domain.errors import Reason
from bot.ports import Ports, TryLater, Undeliverable
from bot.use_cases.decide import decide
from handlers import modals, payloads, web_api
from handlers.errors import Body, owe, tell_presser
from handlers.tasks import Tasks

log = logging.getLogger(__name__)

_ASKS_MORE = frozenset({Action.BOUGHT, Action.CLOSE})


async def pressed(
    ports: Ports, client: AsyncWebClient, tasks: Tasks, ack: AsyncAck, body: Body
) -> None:
    """Any button."""
    click = payloads.click(body)
    if isinstance(click, payloads.Unreadable):
        reason = Reason("Unreadable", {"what": click.sentence})
        await tell_presser(ports, tasks, ack, body, reason)
    elif click.action in _ASKS_MORE:
        await ack()
        tasks.start(_open(ports, client, tasks, body, click))  # not awaited: the ack leaves first
    else:
        await _decide(ports, click)
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
