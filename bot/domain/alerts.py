"""When limits are nearly reached: what is worth an alert, once, and when it is over."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Any

from bot.domain.limits import Window

UNHEARD_FOR = timedelta(hours=1)  # a provider that tells nothing for so long is worth a word
BELIEVED = 2  # checks in a row that must find usage lower, so that flapping is not told


class Subject(StrEnum):
    """What an alert is about; at most one per provider and subject is in force."""

    DAY = "day"  # the rolling 24 hours
    MONTH = "month"  # the rolling 30 days
    BALANCE = "balance"  # credits, where nothing recharges them
    SILENCE = "silence"  # the provider does not tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert, as it was raised; `facts` (JSON) is what it says, `level` the used count whose
    reaching raised it (1 where nothing is counted)."""

    id: str
    provider: str
    subject: Subject
    level: int
    raised_at: datetime
    channel_id: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    ts: str | None = None  # None until Slack has it
    below: int = 0  # checks in a row that found less than `level`
    snoozed_until: datetime | None = None
    snoozed_by: str | None = None
    ended_at: datetime | None = None  # back to normal, or a later alert took its place
    ended_by: str | None = None  # the id of that later alert


class Step(StrEnum):
    """What a check does about one subject."""

    NOTHING = "nothing"
    RAISE = "raise"  # a new alert, in the place of the one in force
    KEEP = "keep"  # it is still true
    DOUBT = "doubt"  # lower, but not yet for long enough
    LOWER = "lower"  # rearmed down to a lower level that is still reached
    END = "end"  # back to normal


@dataclass(frozen=True, slots=True)
class Balance:
    """Credits on the account. Source: Magpipe's `get-credits-info`; None = it does not say."""

    amount: Decimal
    is_recharged: bool | None = None  # by itself, when it runs low


def levels(limit: int, thresholds: Collection[Decimal]) -> list[int]:
    """The used counts that are worth an alert, ascending: each threshold of the limit, and one
    left, once one is used."""
    wanted = {int((each * limit).to_integral_value(ROUND_CEILING)) for each in thresholds}
    return sorted(count for count in wanted | {limit - 1} if count > 0)


def reached(window: Window, thresholds: Collection[Decimal]) -> int:
    """The highest level that usage has reached; 0: none."""
    found = [count for count in levels(window.limit, thresholds) if count <= window.used]
    return max(found, default=0)


def step(in_force: Alert | None, level: int, now: datetime, believed: int = BELIEVED) -> Step:
    """What follows from a check that finds this level. Once per level: neither a restart, nor
    another replica, nor usage that goes to and fro at the threshold says it again."""
    if in_force is None:
        return Step.RAISE if level else Step.NOTHING
    if level > in_force.level:
        is_snoozed = in_force.snoozed_until is not None and now < in_force.snoozed_until
        return Step.KEEP if is_snoozed else Step.RAISE
    if level == in_force.level:
        return Step.KEEP
    if in_force.below + 1 < believed:
        return Step.DOUBT
    return Step.LOWER if level else Step.END
