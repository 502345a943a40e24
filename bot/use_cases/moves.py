"""The one door through which every purchase moves: stored, logged, and the loop woken."""

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.alerts import Alert
from bot.domain.errors import DialtoneError, Reason
from bot.domain.preview import Preview
from bot.domain.purchase import Purchase
from bot.ports import Entry, Kind, Message, Move, Ports

log = logging.getLogger(__name__)

BOT = "dialtone"  # the actor of what nobody decided
# Of a purchase's details, what a new preview leaves as it was.
LASTING = frozenset({"previous", "waiting", "month", "terms", "requester_month", "alike", "unused"})
RETRY = timedelta(seconds=1)  # when something cannot be done or known just now


def new_id() -> str:
    """An opaque id."""
    return uuid.uuid4().hex


async def make(ports: Ports, move: Move) -> Purchase | None:
    """Carry out a move. None: somebody or something else was first, and nothing was changed."""
    ports.wake()  # the loop's look may share the move's commit
    moved = await ports.store.move(move)
    log.info(
        "purchase.moved" if moved else "purchase.move_lost",
        extra={
            "purchase": move.purchase.code,
            "from": move.purchase.status.value,
            "to": move.target.value,
            "actor": move.entry.actor_id,
            **{f"detail_{key}": value for key, value in move.entry.detail.items()},
        },
    )
    if moved is not None:
        ports.meter.moved(move.purchase, moved)
    ports.wake()
    return moved


def entry(
    action: str, at: datetime, *, actor: str = BOT, outcome: str = "done", **detail: Any
) -> Entry:
    """An audit entry; details that are None are left out."""
    kept = {key: value for key, value in detail.items() if value is not None}
    return Entry(actor_id=actor, action=action, outcome=outcome, at=at, detail=kept)


def why(error: DialtoneError) -> dict[str, Any]:
    """An error as audit detail."""
    return {"error": error.reason.name, "fields": dict(error.reason.fields)}


def about(purchase: Purchase, error: DialtoneError) -> Reason:
    """Why, with the purchase's code, which whoever raised the error may not have known."""
    reason = error.reason
    return Reason(reason.name, {"code": purchase.code, **reason.fields})


def quoted(purchase: Purchase, preview: Preview, **more: Any) -> dict[str, Any]:
    """What a preview changes on the purchase; `more` goes to its details. What is requested again
    stays compared with the previous one."""
    lasting = purchase.details.keys() & LASTING
    kept = {key: purchase.details[key] for key in lasting}
    quoted: dict[str, Any] = {
        "price": preview.price,
        "preview_token": preview.token,
        "expires_at": preview.expires_at,
        "details": {**preview.details, **kept, **more},
    }
    return quoted if preview.order is None else {**quoted, "order": preview.order}


def reply(
    reason: Reason,
    at: datetime,
    *,
    user_id: str,
    channel_id: str | None,
    response_url: str | None,
    purchase_id: str | None = None,
) -> Message:
    """A sentence owed to one person, privately."""
    return Message(
        id=new_id(),
        kind=Kind.REPLY,
        user_id=user_id,
        channel_id=channel_id,
        response_url=response_url,
        purchase_id=purchase_id,
        body={"name": reason.name, "fields": dict(reason.fields)},
        created_at=at,
    )


def reply_to_requester(purchase: Purchase, reason: Reason, at: datetime) -> Message:
    """A sentence owed to the requester, where the command was typed."""
    return reply(
        reason,
        at,
        user_id=purchase.requester_id,
        channel_id=purchase.channel_id,
        response_url=purchase.response_url,
        purchase_id=purchase.id,
    )


def thread(purchase: Purchase, reason: Reason, at: datetime) -> Message:
    """A sentence owed to the thread of the purchase's card, while it has this status."""
    return Message(
        id=new_id(),
        kind=Kind.THREAD,
        user_id=BOT,
        channel_id=purchase.channel_id,
        purchase_id=purchase.id,
        body={
            "name": reason.name,
            "fields": dict(reason.fields),
            "status": purchase.status.value,
        },
        created_at=at,
    )


def copies(purchase: Purchase, at: datetime, to: Sequence[str] = ()) -> Message:
    """Copies of the card owed to these people and groups, or to whom its terms ping."""
    return Message(
        id=new_id(),
        kind=Kind.COPIES,
        user_id=BOT,
        purchase_id=purchase.id,
        body={"to": list(to)},
        created_at=at,
    )


def report(purchase: Purchase, status: str, at: datetime) -> Message:
    """The news, owed to the channel of the command. Left out when the purchase has moved on from
    that status by the time it could be sent: then a newer report is owed."""
    body: Mapping[str, Any] = {"status": status}
    return Message(
        id=new_id(),
        kind=Kind.REPORT,
        user_id=purchase.requester_id,
        channel_id=purchase.channel_id,
        purchase_id=purchase.id,
        body=body,
        created_at=at,
    )


def report_directly(reported: Message, at: datetime) -> Message:
    """The same news, owed to the requester alone."""
    return replace(
        reported, id=new_id(), channel_id=None, created_at=at, trigger_id=f"report-{reported.id}"
    )


def alert(alert: Alert, at: datetime) -> Message:
    """An alert, owed to its channel: posted, or drawn anew as it is when this is sent."""
    return _of_alert(Kind.ALERT, alert, at)


def recovered(alert: Alert, at: datetime) -> Message:
    """That all is normal again, owed to the alert's thread."""
    return _of_alert(Kind.RECOVERED, alert, at)


def _of_alert(kind: Kind, alert: Alert, at: datetime) -> Message:
    return Message(
        id=new_id(),
        kind=kind,
        user_id=BOT,
        channel_id=alert.channel_id,
        body={"alert_id": alert.id},
        created_at=at,
    )
