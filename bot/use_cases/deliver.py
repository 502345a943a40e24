"""What Slack is owed: every copy of every card until it matches the record, and every message."""

import contextlib
import logging
import random
from datetime import datetime, timedelta

from bot import story
from bot.domain.errors import CannotPostCard, DialtoneError, NotAnswered, Reason
from bot.domain.purchase import Purchase, Status
from bot.ports import (
    Card,
    CardGone,
    Claimed,
    Kind,
    Message,
    Move,
    Ports,
    StoreUnavailable,
    TryLater,
    Undeliverable,
)
from bot.use_cases import answers, copies, moves
from bot.use_cases.drawing import as_drawn

log = logging.getLogger(__name__)

SLOWEST_S = 60.0
GIVE_UP = timedelta(hours=24)  # nobody waits for an answer longer than that
UNDELIVERABLE_AGAIN = timedelta(minutes=10)
LAST_TRY = 144  # a day of them, for the card of a purchase that is over


def back_off(attempts: int, retry_after: float | None) -> timedelta:
    """How long to wait: what Slack said, else doubling from 0.5 s up to a minute; never in step
    with others."""
    if retry_after is not None:
        return timedelta(seconds=retry_after * random.uniform(1.0, 1.1))  # noqa: S311 no secret
    longest = min(SLOWEST_S, 0.5 * 2.0 ** min(attempts, 10))
    return timedelta(seconds=longest * random.uniform(0.5, 1.0))  # noqa: S311 no secret


async def deliver_card(ports: Ports, claimed: Claimed) -> None:
    """Post or redraw one copy of a card as the record is now."""
    found = await ports.store.card(claimed.id)
    if found is None:  # a click made the same copy known, and it was merged
        await ports.store.put_off(claimed, None)
        return
    card, purchase = found
    story.tell_of(purchase.code)
    try:
        ts = await _draw(ports, card, purchase)
    except TryLater as error:
        await _later(ports, claimed, "card", error)
    except CardGone:
        # Somebody deleted it. While there is something to decide, people need one.
        await ports.store.card_lost(claimed, repost=purchase.is_open)
    except Undeliverable as error:
        await _undeliverable(ports, claimed, card, purchase, error)
    else:
        drawn = Card(
            id=card.id,
            purchase_id=card.purchase_id,
            channel_id=card.channel_id,
            ts=ts,
            drawn_version=purchase.version,
        )
        await ports.store.card_posted(claimed, drawn)
        if card.ts is None and not copies.is_direct(card.channel_id):
            ports.meter.card_posted(purchase, ports.clock.now())


async def _draw(ports: Ports, card: Card, purchase: Purchase) -> str:
    if card.ts is None:
        return await ports.messenger.post_card(card.channel_id, await as_drawn(ports, purchase))
    if card.drawn_version < purchase.version:
        drawn = await as_drawn(ports, purchase)
        await ports.messenger.update_card(card.channel_id, card.ts, drawn)
    return card.ts


async def _undeliverable(
    ports: Ports, claimed: Claimed, card: Card, purchase: Purchase, error: Undeliverable
) -> None:
    log.warning(
        "card.undeliverable",
        extra={"purchase": purchase.code, "channel": card.channel_id, "error": error.error},
    )
    now = ports.clock.now()
    if card.ts is None and copies.is_direct(card.channel_id):
        await ports.store.card_lost(claimed, repost=False)  # there are others
    elif card.ts is None and purchase.status is Status.PENDING:
        refused = CannotPostCard(code=purchase.code, channel=card.channel_id, error=error.error)
        await moves.make(
            ports,
            Move(
                purchase=purchase,
                target=Status.REFUSED,
                entry=moves.entry("post_card", now, outcome="refused", **moves.why(refused)),
                changes={"why": refused.reason},
                messages=[moves.reply_to_requester(purchase, refused.reason, now)],
            ),
        )
        await ports.store.card_lost(claimed, repost=False)
    elif not purchase.is_open and (card.ts is None or claimed.attempts >= LAST_TRY):
        await ports.store.card_lost(claimed, repost=False)
    else:
        # A channel is unarchived, the bot invited again: what people see must become true then.
        await ports.store.put_off(claimed, now + UNDELIVERABLE_AGAIN)


async def deliver_message(ports: Ports, claimed: Claimed) -> None:
    """Send one owed message, or find that it is not wanted any more."""
    found = await ports.store.message(claimed.id)
    if found is None:
        raise LookupError(claimed.id)
    message, purchase = found
    if purchase is not None:
        story.tell_of(purchase.code)
    now = ports.clock.now()
    if now - message.created_at > GIVE_UP:
        await _give_up(ports, claimed, message, "too old")
        return
    try:
        await _deliver(ports, message, purchase)
    except TryLater as error:
        await _later(ports, claimed, message.kind.value, error)
    except Undeliverable as error:
        if message.kind is Kind.ALERT:
            # The bot may be invited yet, and whoever set the channel wants to be warned.
            log.warning(
                "alert.undeliverable",
                extra={"channel": message.channel_id, "error": error.error},
            )
            await ports.store.put_off(claimed, now + UNDELIVERABLE_AGAIN)
            return
        await _give_up(ports, claimed, message, error.error)
    else:
        await ports.store.message_sent(claimed)


async def _deliver(ports: Ports, message: Message, purchase: Purchase | None) -> None:
    match message.kind:
        case Kind.REPORT:
            await _report(ports, message, purchase)
        case Kind.ALERT | Kind.RECOVERED:
            await _alert(ports, message)
        case Kind.COPIES:
            await copies.send(ports, message, purchase)
        case Kind.NEWS:
            reason = Reason(message.body["name"], message.body["fields"])
            await ports.messenger.say(message.channel_id or "", reason)
        case Kind.THREAD:
            await _thread(ports, message, purchase)
        case _:
            await ports.messenger.reply(message, await _content(ports, message))


async def _content(ports: Ports, message: Message) -> answers.Content | Reason:
    if message.kind is Kind.REPLY:
        return Reason(message.body["name"], message.body["fields"])
    try:
        return await answers.answer(ports, message)
    except DialtoneError as error:
        return error.reason
    except (TryLater, StoreUnavailable):
        raise
    except Exception:  # a bug is told, not tried again in silence
        incident = moves.new_id()[:8]
        log.exception("answer.broke", extra={"incident": incident, "ask": message.body.get("ask")})
        return NotAnswered(incident=incident).reason


async def _alert(ports: Ports, message: Message) -> None:
    """As it is now: posted, drawn anew, or, when it was over before Slack had it, not at all."""
    alert = await ports.store.alert(message.body["alert_id"])
    if alert is None or (alert.ts is None and alert.ended_at is not None):
        return
    if message.kind is Kind.RECOVERED:
        await ports.messenger.recovered(alert)
    elif alert.ts is None:
        await ports.store.alert_posted(alert.id, await ports.messenger.post_alert(alert))
    else:
        with contextlib.suppress(CardGone):  # somebody deleted it; it said what it had to
            await ports.messenger.update_alert(alert)


async def _thread(ports: Ports, message: Message, purchase: Purchase | None) -> None:
    """Under the card in a channel, where there is one; else under the first copy that Slack has."""
    if purchase is None or purchase.status.value != message.body["status"]:
        return
    posted = [card for card in await ports.store.cards(purchase.id) if card.ts is not None]
    posted.sort(key=lambda card: (card.channel_id.startswith("D"), card.ts))
    if not posted or posted[0].ts is None:
        raise TryLater("the card is not posted yet")
    reason = Reason(message.body["name"], message.body["fields"])
    await ports.messenger.thread(posted[0].channel_id, posted[0].ts, reason)


async def _report(ports: Ports, message: Message, purchase: Purchase | None) -> None:
    if purchase is None or purchase.status.value != message.body["status"]:
        return  # it has moved on, and a newer report is owed
    if message.channel_id is None:
        await ports.messenger.report(message.user_id, purchase)
        return
    is_elsewhere = await copies.cannot_see(ports, purchase, message.channel_id)
    try:
        await ports.messenger.report(message.channel_id, purchase)
    except Undeliverable as error:
        log.warning(
            "report.redirected",
            extra={"purchase": purchase.code, "to": message.user_id, "error": error.error},
        )
        await ports.messenger.report(message.user_id, purchase)
    else:
        if is_elsewhere:
            await ports.store.add_message(moves.report_directly(message, ports.clock.now()))
            ports.wake()
    ports.meter.reported(purchase, ports.clock.now())


async def _later(ports: Ports, claimed: Claimed, what: str, error: TryLater) -> None:
    due_at: datetime = ports.clock.now() + back_off(claimed.attempts, error.retry_after)
    log.warning("slack.later", extra={"what": what, "attempts": claimed.attempts, "why": error.why})
    await ports.store.put_off(claimed, due_at)


async def _give_up(ports: Ports, claimed: Claimed, message: Message, error: str) -> None:
    log.error(
        "message.undeliverable",
        extra={"kind": message.kind.value, "user": message.user_id, "error": error},
    )
    await ports.store.message_sent(claimed, error=error)
