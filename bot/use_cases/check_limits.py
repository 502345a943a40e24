"""The loop's step that looks at a provider's limits: at intervals, and right after a purchase.

Who does it, and that only one does, is settled by the lease on the provider's check.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.domain.alerts import UNHEARD_FOR, Alert, Balance, Step, Subject, reached, step
from bot.domain.alike import Lookalikes
from bot.domain.limits import Limits, Source, Window
from bot.domain.purchase import Purchase
from bot.ports import MOST_COMPARED, MOST_WAITING, Checked, Claimed, Message, Ports, Provider
from bot.use_cases import moves
from bot.use_cases.spending import this_month
from bot.use_cases.usage import Usage, read_balance, read_usage

LAST_ONES = 3  # purchases that an alert names
NUMBERS_LEFT = 2  # credits for fewer are low
JITTER = 0.1  # so that replicas and providers do not keep step


@dataclass(frozen=True, slots=True)
class _Found:
    """One subject as it is now; `is_sure` = good enough to call an alert off."""

    subject: Subject
    level: int
    facts: Mapping[str, Any]
    is_sure: bool = True
    believed: int = 2


async def check(ports: Ports, claimed: Claimed) -> None:
    """Read, compare with the alerts in force, and store what follows, whole or not at all."""
    row = await ports.store.check(claimed.id)
    provider = ports.providers.get(claimed.id)
    if row is None or provider is None:  # its credentials were taken away
        await ports.store.put_off(claimed, None)
        return
    usage, (balance, deaf) = await asyncio.gather(
        read_usage(ports, provider), read_balance(provider)
    )
    waiting = await _waiting(ports, provider)
    others = (await ports.store.others(waiting[0])).waiting if waiting else 0
    now = ports.clock.now()
    error = usage.error or deaf
    failing_since = None if error is None else row.failing_since or now
    found = _subjects(ports, provider, usage, waiting, balance=balance, now=now)
    found.append(_silence(failing_since, error, now))
    raised, changed, messages = await _compare(ports, provider, found, now)
    await ports.store.checked(
        claimed,
        Checked(
            check=row,
            at=now,
            next_at=now + ports.limits.every * random.uniform(1 - JITTER, 1 + JITTER),  # noqa: S311 no secret
            failing_since=failing_since,
            raised=raised,
            changed=changed,
            standings=_standings(usage, waiting, others, await this_month(ports)),
            messages=messages,
        ),
    )
    ports.wake()


async def _waiting(ports: Ports, provider: Provider) -> list[Purchase]:
    """Those that have waited longest. Of more than these nobody reads the figures; they keep those
    that their cards were posted with."""
    found = page = await ports.store.waiting(provider.name)
    while len(page) == MOST_WAITING and len(found) < MOST_COMPARED:
        page = await ports.store.waiting(provider.name, page[-1])
        found = found + page
    return found


def _subjects(
    ports: Ports,
    provider: Provider,
    usage: Usage,
    waiting: Sequence[Purchase],
    *,
    balance: Balance | None,
    now: datetime,
) -> list[_Found]:
    found = []
    if usage.limits is not None:
        for subject, window in (
            (Subject.DAY, usage.limits.day),
            (Subject.MONTH, usage.limits.month),
        ):
            expected_at = usage.expected_at if subject is Subject.MONTH else None
            facts = _window_facts(usage, window, waiting, expected_at, now)
            level = reached(window, ports.limits.thresholds)
            found.append(_Found(subject, level, facts, is_sure=usage.is_heard))
    if balance is not None:
        is_low = balance.amount < provider.price.amount * NUMBERS_LEFT and not balance.is_recharged
        facts = {"amount": str(balance.amount), "price": str(provider.price)}
        found.append(_Found(Subject.BALANCE, int(is_low), facts))
    return found


def _window_facts(
    usage: Usage,
    window: Window,
    waiting: Sequence[Purchase],
    expected_at: datetime | None,
    now: datetime,
) -> dict[str, Any]:
    last = [each for each in usage.bought if now - each.sent_at < window.length][-LAST_ONES:]
    return {
        "used": window.used,
        "limit": window.limit,
        "left": window.left,
        "used_source": window.used_source.value,
        "limit_source": window.limit_source.value,
        "frees_at": window.frees_at.isoformat() if window.frees_at else None,
        "frees_source": window.frees_source.value,
        "last": [
            {
                "code": each.code,
                "requester_id": each.requester_id,
                "at": each.sent_at.isoformat(),
            }
            for each in reversed(last)
        ],
        "unfit": [each.code for each in waiting[window.left :]],
        "expected_at": expected_at.isoformat() if expected_at else None,
    }


def _silence(failing_since: datetime | None, error: str | None, now: datetime) -> _Found:
    is_long = failing_since is not None and now - failing_since >= UNHEARD_FOR
    since = failing_since.isoformat() if failing_since else None
    facts = {"since": since, "error": error}
    return _Found(Subject.SILENCE, int(is_long), facts, believed=1)


async def _compare(
    ports: Ports, provider: Provider, found: Sequence[_Found], now: datetime
) -> tuple[list[Alert], list[Alert], list[Message]]:
    """The alerts to raise, those in force that change, and what people are told of it."""
    in_force = {alert.subject: alert for alert in await ports.store.alerts(provider.name)}
    raised, changed, messages = [], [], []
    for each in found:
        before = in_force.get(each.subject)
        match _next(before, each, now), before:
            case Step.RAISE, _ if ports.limits.channel_id is not None:
                alert = Alert(
                    id=moves.new_id(),
                    provider=provider.name,
                    subject=each.subject,
                    level=each.level,
                    raised_at=now,
                    channel_id=ports.limits.channel_id,
                    facts=each.facts,
                )
                raised.append(alert)
                messages.append(moves.alert(alert, now))
                if before is not None:
                    messages.append(moves.alert(before, now))  # its button goes
            case Step.KEEP, Alert() if before.below:
                changed.append(replace(before, below=0))
            case Step.DOUBT, Alert():
                changed.append(replace(before, below=before.below + 1))
            case Step.LOWER, Alert():
                changed.append(replace(before, level=each.level, below=0))
            case Step.END, Alert():
                changed.append(replace(before, ended_at=now))
                messages += [moves.alert(before, now), moves.recovered(before, now)]
            case _:
                pass
    return raised, changed, messages


def _next(before: Alert | None, found: _Found, now: datetime) -> Step:
    decided = step(before, found.level, now, found.believed)
    if decided in {Step.DOUBT, Step.LOWER, Step.END} and not found.is_sure:
        return Step.KEEP  # the bot's own count knows nothing of others' purchases
    return decided


def _standings(
    usage: Usage, waiting: Sequence[Purchase], others: int, month: Mapping[str, Any]
) -> dict[str, tuple[Limits | None, Mapping[str, Any]]]:
    """What cards of purchases that wait say of their surroundings, where it has changed.

    Warnings are kept true on all these cards; figures that warn of nothing only on those that have
    waited longest: Slack takes about one drawing a second, and new cards would come after them.
    """
    found: dict[str, tuple[Limits | None, Mapping[str, Any]]] = {}
    lookalikes = Lookalikes(waiting)
    is_short = _is_short(usage.limits, others)
    for ahead, purchase in enumerate(waiting):
        if purchase.price is None:  # no card yet
            continue
        before = purchase.details
        details = {"waiting": others, "month": month, "alike": lookalikes.of(purchase)}
        was_short = _is_short(purchase.limits, before.get("waiting", 0))
        is_other = (was_short, before.get("alike")) != (is_short, details["alike"])
        if is_short:
            is_other |= before.get("waiting") != others
        if is_short or ahead < MOST_WAITING:
            shown = _shown(purchase.limits), before.get("month")
            is_other |= shown != (_shown(usage.limits), month)
        if is_other:
            found[purchase.id] = (usage.limits, details)
    return found


def _is_short(limits: Limits | None, others: int) -> bool:
    """Whether not all that wait will fit, of which a card warns."""
    least = None if limits is None else min(limits.day.left, limits.month.left)
    return least is not None and (least <= others or others >= MOST_COMPARED)


def _shown(limits: Limits | None) -> list[tuple[int, int, Source, Source]]:
    """What a card shows of them."""
    windows = (limits.day, limits.month) if limits else ()
    return [(each.limit, each.used, each.limit_source, each.used_source) for each in windows]
