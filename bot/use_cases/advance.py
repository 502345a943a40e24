"""The loop's one step for a purchase, from whatever state it is found in.

First run, retry, restart and another replica taking over all come through `advance`.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot import story
from bot.domain.errors import (
    AnswerLost,
    NotChecked,
    NothingSpent,
    NotSent,
    NotSetUp,
    PeopleUnknown,
    PreviewExpired,
    ProviderError,
    Refusal,
    TookTooLong,
)
from bot.domain.preview import Preview
from bot.domain.purchase import Purchase, Receipt, Status
from bot.ports import Claimed, Move, Ports, Provider, StoreUnavailable, TryLater
from bot.use_cases import authorise, moves
from bot.use_cases.check_limits import read_limits
from bot.use_cases.numbers import add_alternatives
from bot.use_cases.reconcile import look_up, marks, settle
from bot.use_cases.slots import Slots

log = logging.getLogger(__name__)

GIVE_UP = timedelta(minutes=30)  # a request older than this is refused rather than sprung on people
PATIENCE = 10  # how often Slack may be unable to say who the requester is
RETRY = timedelta(seconds=1)
CROWDED = timedelta(seconds=5)  # more are waiting to be sent than can wait here
BASELINE_S = 2.0  # the list of lines before a confirm is worth this much waiting, no more
STORE_AWAY_S = 1.0
FAREWELL_S = 3.0  # for writing an answer down when the process is told to stop
HOLD = timedelta(seconds=10)  # what a lease covers when the confirm leaves; no more, for take-over

MaySend = Callable[[], bool]


async def advance(
    ports: Ports, claimed: Claimed, may_send: MaySend, slots: Slots | None = None
) -> None:
    """Take the purchase one step further. Every path ends in a move or gives the claim back."""
    purchase = await ports.store.purchase(claimed.id)
    if purchase is None:
        raise LookupError(claimed.id)
    story.tell_of(purchase.code)
    match purchase.status:
        case Status.REQUESTED:
            await _preview(ports, purchase, claimed)
        case Status.PENDING:
            await _expire(ports, purchase, claimed)
        case Status.APPROVED:
            await _await_slot(ports, purchase, claimed, may_send, slots or Slots())
        case Status.CONFIRMING:
            # Whoever sends waits for the answer under its lease, so the one who sent is gone.
            lost = AnswerLost(provider=purchase.provider.title(), what="I was interrupted")
            await settle(ports, purchase, lost)
        case Status.UNKNOWN | Status.FAILED:  # failed is due only where a person settled it so
            await look_up(ports, purchase, claimed)
        case _:
            await ports.store.put_off(claimed, None)


async def _preview(ports: Ports, purchase: Purchase, claimed: Claimed) -> None:
    now = ports.clock.now()
    try:
        if now - purchase.requested_at >= GIVE_UP:
            raise TookTooLong(code=purchase.code)
        provider = ports.providers.get(purchase.provider)
        if provider is None:
            raise NotSetUp(provider=purchase.provider.title())
        await authorise.check_requester(ports, purchase.requester_id)
        preview, limits = await asyncio.gather(
            provider.preview(purchase.order), read_limits(ports, provider)
        )
    except TryLater as error:
        if claimed.attempts < PATIENCE:
            await ports.store.put_off(claimed, now + RETRY)
            return
        await _refuse(ports, purchase, PeopleUnknown(slack_error=error.why))
        return
    except (Refusal, ProviderError) as error:
        await _refuse(ports, purchase, error)
        return
    now = ports.clock.now()
    await moves.make(
        ports,
        Move(
            purchase=purchase,
            target=Status.PENDING,
            entry=moves.entry(
                "preview",
                now,
                price=str(preview.price),
                expires_at=preview.expires_at.isoformat(),
            ),
            changes={**_quoted(purchase, preview), "limits": limits},
            due_at=preview.expires_at,
            card_in=ports.rules.approval_channel or purchase.channel_id,
        ),
    )


def _quoted(purchase: Purchase, preview: Preview, **more: str) -> dict[str, Any]:
    """What a preview changes on the purchase; `more` goes to its details. What is requested again
    stays compared with the previous one."""
    kept = {key: purchase.details[key] for key in purchase.details.keys() & {"previous"}}
    quoted: dict[str, Any] = {
        "price": preview.price,
        "preview_token": preview.token,
        "expires_at": preview.expires_at,
        "details": {**preview.details, **kept, **more},
    }
    return quoted if preview.order is None else {**quoted, "order": preview.order}


async def _refuse(ports: Ports, purchase: Purchase, error: Refusal | ProviderError) -> None:
    now = ports.clock.now()
    reason = moves.about(purchase, error)
    await moves.make(
        ports,
        Move(
            purchase=purchase,
            target=Status.REFUSED,
            entry=moves.entry("preview", now, outcome="refused", **moves.why(error)),
            changes={"why": reason},
            messages=[moves.reply_to_requester(purchase, reason, now)],
        ),
    )


async def _expire(ports: Ports, purchase: Purchase, claimed: Claimed) -> None:
    now = ports.clock.now()
    if purchase.expires_at is not None and now < purchase.expires_at:
        await ports.store.put_off(claimed, purchase.expires_at)
        return
    expired = await moves.make(
        ports,
        Move(
            purchase=purchase,
            target=Status.EXPIRED,
            entry=moves.entry("expire", now),
            unless_clicked=True,
            messages=[moves.report(purchase, Status.EXPIRED.value, now)],
        ),
    )
    if expired is None:  # a click that came in time is still to be judged: it goes first
        await ports.store.put_off(claimed, now + RETRY)


async def _await_slot(
    ports: Ports, purchase: Purchase, claimed: Claimed, may_send: MaySend, slots: Slots
) -> None:
    """Confirm when fewer than the allowed number of confirms of this provider are out. Until then
    it stays approved, and can be cancelled."""
    name, expires_at = purchase.provider, purchase.expires_at
    provider = ports.providers.get(name)
    now = ports.clock.now()
    if expires_at is None or now >= expires_at:
        await _fail_unsent(ports, purchase, PreviewExpired(provider=name.title()))
        return
    if provider is None:  # its credentials were taken away meanwhile; they may come back in time
        await ports.store.put_off(claimed, now + RETRY)
        return
    if slots.is_full(name):
        await ports.store.put_off(claimed, now + CROWDED)
        return
    if not await slots.take(name, lambda: may_send() and ports.clock.now() < expires_at):
        await ports.store.put_off(claimed, ports.clock.now())  # too late now, or stopping
        return
    try:
        # Whatever is asked before the confirm is asked for its sake, so it is not held back either.
        await _confirm(ports, provider.insisting(), purchase, expires_at, claimed, may_send)
    finally:
        slots.give_back(name)


async def _confirm(  # noqa: PLR0917 - each is of a type of its own
    ports: Ports,
    provider: Provider,
    purchase: Purchase,
    expires_at: datetime,
    claimed: Claimed,
    may_send: MaySend,
) -> None:
    """Spend the money: once, in time, and only while this purchase is ours."""
    is_held = purchase.preview_token is not None
    if not is_held and not await _still_stands(ports, purchase, claimed, provider):
        return
    baseline_at = ports.clock.now()
    baseline = await _baseline(provider, purchase)
    now = ports.clock.now()
    held_until = now + HOLD
    await ports.store.renew([claimed.lease], now=now, until=held_until)
    if not may_send():  # stopping: the next process takes it from here
        await ports.store.put_off(claimed, now)
        return
    sending = await moves.make(
        ports,
        Move(
            purchase=purchase,
            target=Status.CONFIRMING,
            entry=moves.entry("confirm", now, baseline=len(baseline or ())),
            changes={
                "baseline": baseline,
                "baseline_at": None if baseline is None else baseline_at,
                "sent_at": now,
            },
            due_at=now,
            lease=claimed.lease,
            keep_lease=True,
            before_expiry=True,
        ),
    )
    if sending is None:
        # Cancelled, expired or taken over; whoever did that made the next step due.
        await ports.store.put_off(claimed, now)
        return
    now = ports.clock.now()
    if now >= held_until or now >= expires_at:
        # We were held up between the commit and here, and may not be the only one any more.
        await settle(ports, sending, NotSent(provider=provider.title, code=purchase.code))
        return
    await _send(ports, provider, sending)


async def _still_stands(
    ports: Ports, purchase: Purchase, claimed: Claimed, provider: Provider
) -> bool:
    """Where no token of the provider's holds what was previewed, look again before buying.

    Gone: failed, nothing bought. Another price or order: a new revision, asked anew. Cannot be
    checked: tried again while the approval lasts, never skipped.
    """
    try:
        fresh = await provider.preview(purchase.order)
    except NotChecked:
        await ports.store.put_off(claimed, ports.clock.now() + RETRY)
        return False
    except NothingSpent as error:
        await add_alternatives(provider, error, purchase.order.number)
        await _fail_unsent(ports, purchase, error)
        return False
    if (fresh.price, fresh.order or purchase.order) == (purchase.price, purchase.order):
        return True
    now = ports.clock.now()
    await moves.make(
        ports,
        Move(
            purchase=purchase,
            target=Status.PENDING,
            entry=moves.entry(
                "changed", now, price=str(fresh.price), price_was=str(purchase.price)
            ),
            changes={
                **_quoted(purchase, fresh, price_was=str(purchase.price)),
                "revision": purchase.revision + 1,
                "approver_id": None,
                "decided_at": None,
            },
            due_at=fresh.expires_at,
        ),
    )
    return False


async def _send(ports: Ports, provider: Provider, purchase: Purchase) -> None:
    outcome: Receipt | ProviderError
    lost = AnswerLost(provider=provider.title, code=purchase.code)
    ports.meter.confirm_sent(purchase.provider)
    try:
        outcome = await provider.confirm(purchase.order, purchase.preview_token)
    except ProviderError as error:
        await add_alternatives(provider, error, purchase.order.number)
        outcome = error
    except asyncio.CancelledError:
        lost.fields["what"] = "I was stopped while waiting for it"
        await settle(ports, purchase, lost)
        raise
    except Exception:
        # Whatever broke, the request may have gone out: never a failure, never a second confirm.
        log.exception("confirm.broke", extra={"purchase": purchase.code})
        lost.fields["what"] = "something broke on my side while waiting for it"
        outcome = lost
    log.info("confirm.answered", extra={"purchase": purchase.code, "outcome": _summary(outcome)})
    storing = asyncio.create_task(_store(ports, purchase, outcome))
    try:
        await asyncio.shield(storing)
    except asyncio.CancelledError:  # an answer in hand is not thrown away for being told to stop
        await asyncio.wait({storing}, timeout=FAREWELL_S)
        raise


async def _store(ports: Ports, purchase: Purchase, outcome: Receipt | ProviderError) -> None:
    """Settle, however long the database is away: the answer is kept here until it is back."""
    while True:
        try:
            await settle(ports, purchase, outcome)
        except StoreUnavailable:
            log.exception("confirm.not_stored", extra={"purchase": purchase.code})
            await asyncio.sleep(STORE_AWAY_S)
        else:
            return


def _summary(outcome: Receipt | ProviderError) -> str:
    """The outcome for the log, so that it is written down somewhere even if the database is away.
    Numbers and the provider's ids are no secrets."""
    if isinstance(outcome, Receipt):
        return f"bought {outcome.number} {dict(outcome.ids)}"
    return outcome.reason.name


async def _baseline(provider: Provider, purchase: Purchase) -> tuple[str, ...] | None:
    """What is on the account before the confirm; None when it could not be had quickly."""
    try:
        async with asyncio.timeout(BASELINE_S):
            holdings = await provider.holdings()
    except (ProviderError, TimeoutError) as error:
        log.warning(
            "confirm.no_baseline",
            extra={"purchase": purchase.code, "error": type(error).__name__},
        )
        return None
    return tuple(sorted({mark for holding in holdings for mark in marks(holding)}))


async def _fail_unsent(ports: Ports, purchase: Purchase, error: NothingSpent) -> None:
    now = ports.clock.now()
    reason = moves.about(purchase, error)
    await moves.make(
        ports,
        Move(
            purchase=purchase,
            target=Status.FAILED,
            entry=moves.entry("confirm", now, outcome="refused", error=reason.name),
            changes={"why": reason},
            messages=[moves.report(purchase, Status.FAILED.value, now)],
        ),
    )
