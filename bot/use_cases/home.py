"""A person's App Home: what waits for them, what they asked for, what may still be bought. Computed
when it is shown, from the record alone: no provider is asked."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.errors import PeopleUnknown
from bot.domain.limits import DAY, MONTH, Limits, Reading, Source, Window, combine
from bot.domain.purchase import Purchase, Status
from bot.ports import (
    EVERYBODY,
    Bought,
    Claimed,
    Filter,
    Freeze,
    Ports,
    Provider,
    TryLater,
    Undeliverable,
)
from bot.use_cases import terms
from bot.use_cases.authorise import is_approver, may_read
from bot.use_cases.deliver import back_off
from bot.use_cases.drawing import as_drawn

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)  # so long after it was opened a Home is kept up to date
READ = 100  # open purchases looked at; more than a Home can hold
OWN = 10
LATELY = 5
ASKED = 5  # newest requests, among which one has the limits that the provider named

_TO_SETTLE = frozenset({Status.UNKNOWN, Status.CHARGED})


@dataclass(frozen=True, slots=True)
class Closed:
    """What guests and strangers see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What a full member sees."""

    waiting: Sequence[Purchase] = ()  # for this person to decide, most urgent first
    own: Sequence[Purchase] = ()  # asked for by this person: open ones, then the newest others
    queue: Sequence[Purchase] | None = None  # what else is open; None: not for this person
    # By the provider's name: own count, against what the provider named at the last request.
    limits: Sequence[tuple[str, Limits]] = ()
    lately: Sequence[tuple[str, Bought]] = ()  # bought within 30 days, newest first
    freeze: Freeze | None = None
    can_buy: bool = True  # a provider is set up


async def publish_home(ports: Ports, claimed: Claimed) -> None:
    """The loop's step: for one person, or for everybody who looked lately."""
    now = ports.clock.now()
    if claimed.id == EVERYBODY:
        await ports.store.spread_homes(claimed, at=now, since=now - KEPT)
        ports.wake()
        return
    version = await ports.store.home_version(claimed.id)
    try:
        await ports.messenger.publish_home(claimed.id, await home(ports, claimed.id))
    except TryLater as error:
        log.warning("home.later", extra={"user": claimed.id, "why": error.why})
        await ports.store.put_off(claimed, now + back_off(claimed.attempts, error.retry_after))
        return
    except Undeliverable as error:
        log.warning("home.undeliverable", extra={"user": claimed.id, "error": error.error})
    await ports.store.home_published(claimed, version)


async def home(ports: Ports, user_id: str) -> Home | Closed:
    """What this person may see, as it is now. Raises TryLater."""
    if not await may_read(ports, user_id):
        return Closed()
    now = ports.clock.now()
    open_ones = await ports.store.list_purchases(Filter(is_open=True, limit=READ))
    waiting = [
        await as_drawn(ports, each) for each in open_ones if await _waits_for(ports, each, user_id)
    ]
    own, bought = await _own(ports, user_id), await _bought(ports, now)
    shown = {each.id for each in (*waiting, *own)}
    queue = [each for each in open_ones if each.id not in shown]
    return Home(
        waiting=sorted(waiting, key=lambda each: each.expires_at or now),
        own=own,
        queue=queue if waiting or await _approves(ports, user_id) else None,
        limits=[
            (provider.name, await _limits(ports, provider, each, now))
            for provider, each in bought
            if provider.default_limits is not None
        ],
        lately=_lately(bought),
        freeze=await ports.store.frozen(),
        can_buy=bool(ports.providers),
    )


async def _waits_for(ports: Ports, purchase: Purchase, user_id: str) -> bool:
    if purchase.status in _TO_SETTLE:
        return await _approves(ports, user_id)
    if purchase.status is not Status.PENDING:
        return False
    if purchase.requester_id == user_id and not ports.rules.self_approval:
        return False
    roster = terms.approvers(ports, purchase)
    try:
        if not await is_approver(ports, roster, user_id, requester_id=purchase.requester_id):
            return False
    except PeopleUnknown:  # not shown to whoever cannot be told from a stranger
        return False
    votes = await ports.store.votes(purchase.id, purchase.revision)
    return all(vote.approver_id != user_id for vote in votes)


async def _approves(ports: Ports, user_id: str) -> bool:
    try:
        return await is_approver(ports, ports.rules.approvers, user_id)
    except PeopleUnknown:
        return False


async def _own(ports: Ports, user_id: str) -> list[Purchase]:
    open_ones = Filter(requester_id=user_id, is_open=True, limit=OWN)
    others = Filter(requester_id=user_id, is_open=False, limit=OWN)
    mine = await ports.store.list_purchases(open_ones)
    return [*mine, *await ports.store.list_purchases(others)][:OWN]


async def _bought(ports: Ports, now: datetime) -> list[tuple[Provider, list[Bought]]]:
    since = now - MONTH
    return [
        (each, await ports.store.bought_since(each.name, since))
        for each in ports.providers.values()
    ]


async def _limits(
    ports: Ports, provider: Provider, bought: Sequence[Bought], now: datetime
) -> Limits:
    own = [each.sent_at for each in bought]
    day, month = provider.default_limits or (0, 0)
    asked = await ports.store.list_purchases(Filter(provider=provider.name, limit=ASKED))
    named = next((each.limits for each in asked if each.limits is not None), None)
    return Limits(
        day=combine(DAY, _named(named.day) if named else Reading(), own, day, now),
        month=combine(MONTH, _named(named.month) if named else Reading(), own, month, now),
    )


def _named(window: Window) -> Reading:
    """The limit alone, and only if it was the provider's word: how many are used has changed."""
    is_named = window.limit_source is Source.PROVIDER
    return Reading(limit=window.limit if is_named else None)


def _lately(bought: Sequence[tuple[Provider, Sequence[Bought]]]) -> list[tuple[str, Bought]]:
    known = [(each.name, one) for each, those in bought for one in those if one.number]
    return sorted(known, key=lambda pair: pair[1].sent_at, reverse=True)[:LATELY]
