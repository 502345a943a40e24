"""What becomes of a purchase while people decide: approved by itself within a budget, reminded of,
its price kept alive, and in the end expired. One step at a time, from whatever state it is in."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from bot.domain.errors import NotChecked, NothingSpent, Reason, Refusal
from bot.domain.policy import Terms
from bot.domain.preview import Preview, is_checked
from bot.domain.purchase import Purchase, Status
from bot.domain.schedule import Kind, Reminder, ends_at, is_renewed, renew_at, schedule
from bot.ports import Budget, Claimed, Message, Move, Note, Ports, TryLater
from bot.use_cases import moves
from bot.use_cases.drawing import deputies_of
from bot.use_cases.moves import BOT, RETRY
from bot.use_cases.terms import of, policy, terms_again
from bot.use_cases.usage import name_when_free

log = logging.getLogger(__name__)

TRY_AGAIN = timedelta(seconds=5)  # a provider that could not be asked for a new price
FROZEN_AGAIN = timedelta(seconds=5)
REFUSED_AGAIN = timedelta(minutes=1)  # one that had none to give


async def wait(ports: Ports, purchase: Purchase, claimed: Claimed) -> None:
    """The loop's step for a pending purchase."""
    now = ports.clock.now()
    expires_at, terms = purchase.expires_at or now, of(ports, purchase)
    if terms.auto is not None and now < expires_at:
        await _approve_by_itself(ports, purchase, terms, claimed)
    elif is_renewed(terms, max(now, expires_at)) and now >= renew_at(
        _quoted_at(purchase), expires_at
    ):
        await _renew(ports, purchase, claimed)
    elif now >= expires_at:
        await _expire(ports, purchase, claimed)
    else:
        await _remind(ports, purchase, terms, expires_at, claimed)


def first_step(terms: Terms, asked_at: datetime, expires_at: datetime) -> datetime:
    """When a purchase that was just previewed is to be looked at first."""
    if terms.auto is not None:
        return asked_at
    return _next(terms, schedule(terms, asked_at, expires_at), asked_at, expires_at)


def _next(
    terms: Terms, left: list[Reminder], quoted_at: datetime, expires_at: datetime
) -> datetime:
    is_kept = is_renewed(terms, expires_at)
    price_ends_at = renew_at(quoted_at, expires_at) if is_kept else expires_at
    return min([price_ends_at, *(each.at for each in left)])


# ── Reminding ────────────────────────────────────────────────────────────────────────────────────
async def _remind(
    ports: Ports, purchase: Purchase, terms: Terms, expires_at: datetime, claimed: Claimed
) -> None:
    now = ports.clock.now()
    left = _left(purchase, terms, expires_at)
    due = [each for each in left if each.at <= now]
    next_at = _next(terms, left[len(due) :], _quoted_at(purchase), expires_at)
    if not due:
        await ports.store.put_off(claimed, next_at)
        return
    escalated = _ids(due, Kind.ESCALATE)
    deputies = await deputies_of(ports, _ids(due, Kind.ESCALATE, Kind.REMIND))
    await ports.store.note(
        Note(
            purchase=purchase,
            lease=claimed.lease,
            entry=moves.entry("remind", now, told=[each.kind.value for each in due]),
            changes={
                "details": {
                    **purchase.details,
                    "reminded": _reminded(purchase) + len(due),
                    "escalated": [*purchase.details.get("escalated", ()), *escalated],
                }
            },
            due_at=next_at,
            messages=_messages(purchase, due, ends_at(terms, expires_at), now, deputies),
        )
    )
    ports.wake()


def _left(purchase: Purchase, terms: Terms, expires_at: datetime) -> list[Reminder]:
    """What of its schedule has not been told yet."""
    return schedule(terms, _asked_at(purchase), expires_at)[_reminded(purchase) :]


def _reminded(purchase: Purchase) -> int:
    return int(purchase.details.get("reminded", 0))


def _asked_at(purchase: Purchase) -> datetime:
    """When people were asked at this price."""
    found = purchase.details.get("asked_at")
    return datetime.fromisoformat(found) if isinstance(found, str) else purchase.requested_at


def _quoted_at(purchase: Purchase) -> datetime:
    """When the provider last named it."""
    found = purchase.details.get("quoted_at")
    return datetime.fromisoformat(found) if isinstance(found, str) else _asked_at(purchase)


def _ids(due: list[Reminder], *kinds: Kind) -> list[str]:
    """Whom these ping, each once."""
    return list(dict.fromkeys(one for each in due if each.kind in kinds for one in each.to))


def _messages(
    purchase: Purchase,
    due: list[Reminder],
    until: datetime,
    now: datetime,
    deputies: list[str],
) -> list[Message]:
    """What was missed while the bot was away is said once, not one by one."""
    fields = {"code": purchase.code, "expires_at": until.isoformat()}
    messages = []
    if to := _ids(due, Kind.ESCALATE, Kind.REMIND):
        name = "AskedNext" if _ids(due, Kind.ESCALATE) else "StillWaiting"
        asked_of = {**fields, "approvers": list(dict.fromkeys([*to, *deputies]))}
        messages.append(moves.thread(purchase, Reason(name, asked_of), now))
    if asked := _ids(due, Kind.ESCALATE):
        messages.append(moves.copies(purchase, now, to=asked))
    if any(each.kind is Kind.LAST_MINUTE for each in due):
        messages.append(moves.reply_to_requester(purchase, Reason("LastMinute", fields), now))
    return messages


# ── A budget ─────────────────────────────────────────────────────────────────────────────────────
async def _approve_by_itself(
    ports: Ports, purchase: Purchase, terms: Terms, claimed: Claimed
) -> None:
    """Within the budget of its rule nobody is asked; else people are, as without one."""
    now = ports.clock.now()
    budget = _budget(ports, terms, now)
    if budget is not None:
        approved = await moves.make(
            ports,
            Move(
                purchase=purchase,
                target=Status.APPROVED,
                entry=moves.entry("approve", now, rule=terms.rule, budget=terms.auto),
                changes={"approver_id": BOT, "decided_at": now},
                due_at=now,
                lease=claimed.lease,
                before_expiry=True,
                unless_frozen=True,
                within=budget,
            ),
        )
        if approved is not None:
            return
        if await ports.store.frozen() is not None:  # there may be room when it is thawed
            await ports.store.put_off(claimed, now + FROZEN_AGAIN)
            return
    people = replace(terms, auto=None)
    expires_at = purchase.expires_at or now
    await ports.store.note(
        Note(
            purchase=purchase,
            lease=claimed.lease,
            entry=moves.entry("budget", now, outcome="observed", budget=terms.auto),
            changes={"details": {**purchase.details, "terms": people.as_json()}},
            due_at=first_step(people, _asked_at(purchase), expires_at),
            messages=[moves.copies(purchase, now)],
        )
    )
    ports.wake()


def _budget(ports: Ports, terms: Terms, now: datetime) -> Budget | None:
    """What its rule has room for; None where the policy has no such rule any more."""
    found = [each.auto for each in policy(ports).rules if each.name == terms.rule]
    auto = found[0] if found else None
    if auto is None or terms.auto is None:
        return None
    day = datetime.combine(now.date(), time(), UTC)
    return Budget(
        scope=terms.auto,
        day=auto.day,
        day_since=day,
        month=auto.month,
        month_since=day.replace(day=1),
    )


# ── The end of a price ───────────────────────────────────────────────────────────────────────────
async def _renew(ports: Ports, purchase: Purchase, claimed: Claimed) -> None:
    """A new preview in place of one that runs out. The same price keeps the approvals given,
    another one is a new revision and asks anew; none at all is tried again."""
    provider = ports.providers.get(purchase.provider)
    if provider is None:
        await ports.store.put_off(claimed, ports.clock.now() + REFUSED_AGAIN)
        return
    try:
        fresh = await provider.preview(purchase.order)
        if not fresh.is_checked and is_checked(purchase.details):
            raise NotChecked
    except NothingSpent as error:
        await name_when_free(ports, provider, error)
        log.info("renewal.failed", extra={"purchase": purchase.code, "error": type(error).__name__})
        pause = TRY_AGAIN if isinstance(error, NotChecked) else REFUSED_AGAIN
        await ports.store.put_off(claimed, ports.clock.now() + pause)
        return
    now = ports.clock.now()
    is_same = (fresh.price, fresh.order or purchase.order) == (purchase.price, purchase.order)
    try:
        terms = await terms_again(ports, purchase, fresh, now)
    except (Refusal, TryLater):
        await ports.store.put_off(claimed, now + TRY_AGAIN)
        return
    changes = _renewed(purchase, fresh, terms, now, is_same=is_same)
    renewed = await moves.make(
        ports,
        Move(
            purchase=purchase,
            target=Status.PENDING,
            entry=moves.entry(
                "renew", now, price=str(fresh.price), expires_at=fresh.expires_at.isoformat()
            ),
            changes=changes if is_same else {**changes, "revision": purchase.revision + 1},
            # A quote that has run out on arrival, by our clock, is not asked for without a pause.
            due_at=max(
                _after_renewal(purchase, terms, fresh, now, is_same=is_same), now + TRY_AGAIN
            ),
            unless_clicked=True,
            messages=[] if is_same else [moves.copies(purchase, now)],
        ),
    )
    if renewed is None:
        await ports.store.put_off(claimed, now + RETRY)


def _after_renewal(
    purchase: Purchase, terms: Terms, fresh: Preview, now: datetime, *, is_same: bool
) -> datetime:
    if not is_same:
        return first_step(terms, now, fresh.expires_at)
    return _next(terms, _left(purchase, terms, fresh.expires_at), now, fresh.expires_at)


def _renewed(
    purchase: Purchase, fresh: Preview, terms: Terms, now: datetime, *, is_same: bool
) -> dict[str, Any]:
    more: dict[str, Any] = {"quoted_at": now.isoformat(), "terms": terms.as_json()}
    if is_same:
        more["asked_at"] = _asked_at(purchase).isoformat()
        more["escalated"] = purchase.details.get("escalated", [])
        more["reminded"] = _reminded(purchase)
    else:
        more["asked_at"] = now.isoformat()
        more["price_was"] = str(purchase.price)
    return moves.quoted(purchase, fresh, **more)


async def _expire(ports: Ports, purchase: Purchase, claimed: Claimed) -> None:
    now = ports.clock.now()
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
