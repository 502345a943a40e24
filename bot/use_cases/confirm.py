"""Spending the money: the steps from an approval to a confirm that left, and its answer.

Everything that must hold right before sending is checked here, and what must never happen twice
happens here once.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain import sellers
from bot.domain.errors import (
    AnswerLost,
    NotChecked,
    NothingSpent,
    NotSent,
    PreviewExpired,
    ProviderError,
    Refusal,
)
from bot.domain.preview import is_checked
from bot.domain.purchase import Purchase, Receipt, Status
from bot.ports import Claimed, Move, Ports, Provider, StoreUnavailable, TryLater
from bot.use_cases import moves
from bot.use_cases.moves import RETRY
from bot.use_cases.numbers import add_alternatives
from bot.use_cases.reconcile import marks, settle
from bot.use_cases.slots import Slots
from bot.use_cases.terms import terms_again
from bot.use_cases.usage import name_when_free
from bot.use_cases.waiting import first_step

log = logging.getLogger(__name__)

CROWDED = timedelta(seconds=5)  # more are waiting to be sent than can wait here
BASELINE_S = 2.0  # the list of lines before a confirm is worth this much waiting, no more
STORE_AWAY_S = 1.0
FAREWELL_S = 3.0  # for writing an answer down when the process is told to stop
HOLD = timedelta(seconds=10)  # what a lease covers when the confirm leaves; no more, for take-over

MaySend = Callable[[], bool]


async def confirm(
    ports: Ports, purchase: Purchase, claimed: Claimed, may_send: MaySend, slots: Slots
) -> None:
    """Confirm when fewer than the allowed number of confirms of this provider are out. Until then
    it stays approved, and can be cancelled."""
    name, expires_at = purchase.provider, purchase.expires_at
    provider = ports.providers.get(name)
    now = ports.clock.now()
    if expires_at is None or now >= expires_at:
        await _fail_unsent(ports, purchase, PreviewExpired(provider=sellers.of(name).title))
        return
    if provider is None:  # its credentials were taken away meanwhile; they may come back in time
        await ports.store.put_off(claimed, now + RETRY)
        return
    if await ports.store.frozen() is not None:  # a thaw makes it due, whatever is put off here
        await ports.store.put_off(claimed, expires_at)
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
            hold_until=held_until,
            before_expiry=True,
            unless_frozen=True,
        ),
    )
    if sending is None:
        # Frozen, cancelled, expired or taken over; whoever did that made the next step due.
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
        if not fresh.is_checked and is_checked(purchase.details):
            raise NotChecked  # noqa: TRY301 what was approved was checked
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
    try:
        terms = await terms_again(ports, purchase, fresh, now)
    except (Refusal, TryLater):
        await ports.store.put_off(claimed, now + RETRY)
        return False
    asked = {"terms": terms.as_json(), "asked_at": now.isoformat()}
    await moves.make(
        ports,
        Move(
            purchase=purchase,
            target=Status.PENDING,
            entry=moves.entry(
                "changed", now, price=str(fresh.price), price_was=str(purchase.price)
            ),
            changes={
                **moves.quoted(purchase, fresh, price_was=str(purchase.price), **asked),
                "revision": purchase.revision + 1,
                "approver_id": None,
                "decided_at": None,
            },
            due_at=first_step(terms, now, fresh.expires_at),
            messages=[moves.copies(purchase, now)],
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
    storing = asyncio.create_task(_store(ports, provider, purchase, outcome))
    try:
        await asyncio.shield(storing)
    except asyncio.CancelledError:  # an answer in hand is not thrown away for being told to stop
        await asyncio.wait({storing}, timeout=FAREWELL_S)
        raise


async def _store(
    ports: Ports, provider: Provider, purchase: Purchase, outcome: Receipt | ProviderError
) -> None:
    """Settle, however long the database is away: the answer is kept here until it is back."""
    if isinstance(outcome, ProviderError):
        await add_alternatives(provider, outcome, purchase.order.number)
        await name_when_free(ports, provider, outcome)
    while True:
        try:
            await settle(ports, purchase, outcome)
        except StoreUnavailable as away:
            log.error(  # noqa: TRY400 one sentence, again and again; no bug
                "confirm.not_stored", extra={"purchase": purchase.code, "why": str(away)}
            )
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
