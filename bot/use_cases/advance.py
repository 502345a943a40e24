"""The loop's one step for a purchase, from whatever state it is found in.

First run, retry, restart and another replica taking over all come through `advance`.
"""

import asyncio
from datetime import timedelta

from bot import story
from bot.domain import sellers
from bot.domain.errors import (
    AnswerLost,
    NotSetUp,
    PeopleUnknown,
    ProviderError,
    Refusal,
    TookTooLong,
)
from bot.domain.preview import Preview
from bot.domain.purchase import Purchase, Status
from bot.ports import Claimed, Move, Ports, Provider, TryLater
from bot.use_cases import authorise, freeze, moves
from bot.use_cases.confirm import MaySend, confirm
from bot.use_cases.context import context, unused
from bot.use_cases.moves import RETRY
from bot.use_cases.reconcile import look_up, settle
from bot.use_cases.slots import Slots
from bot.use_cases.terms import terms_for
from bot.use_cases.usage import name_when_free, read_usage
from bot.use_cases.waiting import first_step, wait

GIVE_UP = timedelta(minutes=30)  # a request older than this is refused rather than sprung on people
PATIENCE = 10  # how often Slack may be unable to say who the requester is


async def advance(
    ports: Ports, claimed: Claimed, may_send: MaySend, slots: Slots | None = None
) -> None:
    """Take the purchase one step further. Every path ends in a move or gives the claim back."""
    purchase = await ports.store.purchase(claimed.id)
    if purchase is None:
        raise LookupError(claimed.id)
    story.tell_of(purchase.code)
    slots = slots or Slots()
    match purchase.status:
        case Status.REQUESTED:
            async with slots.previewing[purchase.provider]:
                await _preview(ports, purchase, claimed)
        case Status.PENDING:
            await wait(ports, purchase, claimed)
        case Status.APPROVED:
            await confirm(ports, purchase, claimed, may_send, slots)
        case Status.CONFIRMING:
            # Whoever sends waits for the answer under its lease, so the one who sent is gone.
            lost = AnswerLost(
                provider=sellers.of(purchase.provider).title, what="I was interrupted"
            )
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
            raise NotSetUp(provider=sellers.of(purchase.provider).title)
        for obstacle in await asyncio.gather(
            freeze.refusal(ports),
            authorise.check_requester(ports, purchase.requester_id),
            return_exceptions=True,
        ):
            if obstacle is not None:
                raise obstacle
        usage, preview, known = await asyncio.gather(
            read_usage(ports, provider),
            _quote(ports, provider, purchase),
            context(ports, purchase),
        )
        details = {**known, "unused": await unused(ports, preview)}
        now = ports.clock.now()
        terms = await terms_for(ports, purchase, preview, now)
    except TryLater as error:
        if claimed.attempts < PATIENCE:
            await ports.store.put_off(claimed, now + RETRY)
            return
        await _refuse(ports, purchase, PeopleUnknown(slack_error=error.why))
        return
    except (Refusal, ProviderError) as error:
        await _refuse(ports, purchase, error)
        return
    more = {**details, "terms": terms.as_json(), "asked_at": now.isoformat()}
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
                rule=terms.rule or None,
            ),
            changes={**moves.quoted(purchase, preview, **more), "limits": usage.limits},
            due_at=first_step(terms, now, preview.expires_at),
            card_in=ports.rules.approval_channel or purchase.channel_id,
            messages=() if terms.auto else [moves.copies(purchase, now)],
        ),
    )


async def _quote(ports: Ports, provider: Provider, purchase: Purchase) -> Preview:
    try:
        return await provider.preview(purchase.order)
    except ProviderError as error:
        await name_when_free(ports, provider, error)
        raise


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
