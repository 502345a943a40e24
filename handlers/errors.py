"""The guard round every listener: a planned error is a sentence, so is a database that cannot do
it now; a bug is a sentence and an incident.

No exception leaves a listener: Bolt would answer 500, and Slack would show something meaningless.
"""

import dataclasses
import logging
import secrets
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.domain.errors import DialtoneError, NotStored, Reason
from bot.ports import Kind, Message, Ports, StoreUnavailable
from handlers import ids, payloads
from handlers.tasks import Tasks
from handlers.wording import say

log = logging.getLogger(__name__)

Body = dict[str, Any]
Listener = Callable[[AsyncAck, Body], Awaitable[None]]
Tell = Callable[[AsyncAck, Body, Reason], Awaitable[None]]


def guarded(listener: Listener, tell: Tell) -> Listener:
    """Wrap a listener; its last act is the ack, so whatever it raises is still unacknowledged."""

    async def guard(ack: AsyncAck, body: Body) -> None:
        try:
            await listener(ack, body)
        except DialtoneError as error:
            await tell(ack, body, error.reason)
        except StoreUnavailable as error:
            log.error("listener.store_away", extra={"why": str(error)})  # noqa: TRY400 no bug
            await tell(ack, body, NotStored().reason)
        except Exception:
            incident = secrets.token_hex(4)
            log.exception("listener.broke", extra={"incident": incident})
            await tell(ack, body, Reason("Broken", {"incident": incident}))

    return guard


async def tell_in_ack(ack: AsyncAck, body: Body, reason: Reason) -> None:
    """Of a command: the ack is the private answer."""
    known = {"command": str(body.get("command") or ids.LINE)}
    reason = dataclasses.replace(reason, fields={**known, **reason.fields})
    await ack(text=say(reason), response_type="ephemeral")


async def tell_in_form(ack: AsyncAck, body: Body, reason: Reason) -> None:
    """Of a form: shown under its (first) input, which takes no markup."""
    is_long = payloads.part(body, "view").get("callback_id") == ids.BUY_FORM
    block = ids.PROVIDER if is_long else ids.INPUT_BLOCK
    errors = {block: say(reason).replace("`", "")}
    await ack(response_action="errors", errors=errors)


async def tell_nobody(ack: AsyncAck, _body: Body, _reason: Reason) -> None:
    """Of an event, which nobody waits for."""
    await ack()


async def tell_presser(
    ports: Ports, tasks: Tasks, ack: AsyncAck, body: Body, reason: Reason
) -> None:
    """Of a click, whose ack can say nothing."""
    await owe(ports, tasks, body, reason)
    await ack()


async def owe(
    ports: Ports,
    tasks: Tasks,
    body: Mapping[str, Any],
    reason: Reason,
    *,
    trigger_id: str | None = None,
    channel_id: str | None = None,
) -> None:
    """Owe the presser a sentence; where not even that can be stored, try to say it right away.
    With a trigger_id it is owed once, however often it comes; a channel counts that the body does
    not name."""
    who = payloads.origin(body)
    if isinstance(who, payloads.Unreadable):
        log.warning("listener.nobody_to_tell", extra={"error": reason.name})
        return
    message = Message(
        id=uuid.uuid4().hex,
        kind=Kind.REPLY,
        user_id=who.user_id,
        channel_id=channel_id or who.channel_id,
        response_url=who.response_url,
        body={"name": reason.name, "fields": dict(reason.fields)},
        created_at=ports.clock.now(),
        trigger_id=trigger_id,
    )
    try:
        await ports.store.add_message(message)
    except Exception as error:
        is_bug = not isinstance(error, StoreUnavailable)
        extra = {"error": reason.name, "why": str(error)}
        log.exception("listener.reply_not_stored", exc_info=is_bug, extra=extra)
        tasks.start(ports.messenger.reply(message, reason))
    else:
        ports.wake()
