"""Who approves what: rules in order, the first that matches counts; and the terms that a purchase
got from its rule, which bind it whatever the policy says later."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from bot.domain.approval import Roster
from bot.domain.price import Price


@dataclass(frozen=True, slots=True)
class Escalation:
    """When this share of the time for deciding has gone, these are pinged as well."""

    after: Decimal  # above 0, below 1
    to: Roster


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoApproval:
    """Approved without asking anybody while what was so approved stays within these sums of
    monthly prices, counted per requester or per channel, UTC days and months."""

    per: str  # "requester" or "channel"
    day: Price | None = None
    month: Price | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What it matches (empty or None = anything), and what it says."""

    name: str
    providers: frozenset[str] = frozenset()
    commands: frozenset[str] = frozenset()  # "/line", "/number"
    channels: frozenset[str] = frozenset()
    requesters: Roster | None = None
    price_over: Price | None = None  # more than this per month
    price_up_to: Price | None = None  # this or less
    bought_over: int | None = None  # the requester has bought more than so many this month

    approvers: Roster = field(default_factory=Roster)
    quorum: int = 1  # distinct people
    ping: Roster | None = None  # None: the approvers
    escalations: tuple[Escalation, ...] = ()  # in order of `after`
    is_reason_required: bool = False
    keep_trying: timedelta = timedelta(0)  # renew the preview instead of expiring, for so long
    auto: AutoApproval | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What rules are matched against. `groups`: those of the rules' user groups that the requester
    is in; without `price` (not previewed yet) rules about prices match nothing."""

    provider: str
    command: str
    channel_id: str
    requester_id: str
    groups: frozenset[str] = frozenset()
    price: Price | None = None
    bought: int = 0  # by the requester through the bot this month, before this one


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules in order. The last one matches everything, or nobody else may approve what is left."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a purchase's rule said when it was previewed; kept in its `details` as "terms"."""

    rule: str
    approvers: tuple[str, ...]  # user and group ids
    quorum: int = 1
    ping: tuple[str, ...] = ()
    steps: tuple[tuple[Decimal, tuple[str, ...]], ...] = ()  # share of the time, whom to ping
    keep_until: datetime | None = None  # renewed until then
    auto: str | None = None  # the budget it was approved under: "requester U…" or "channel C…"

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "approvers": list(self.approvers),
            "quorum": self.quorum,
            "ping": list(self.ping),
            "steps": [[str(after), list(to)] for after, to in self.steps],
            "keep_until": self.keep_until and self.keep_until.isoformat(),
            "auto": self.auto,
        }

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> Self | None:
        """The terms in a purchase's details; None before its preview, and where there was no policy
        yet."""
        found = details.get("terms")
        if not isinstance(found, Mapping):
            return None
        keep_until = found["keep_until"]
        return cls(
            rule=found["rule"],
            approvers=tuple(found["approvers"]),
            quorum=found["quorum"],
            ping=tuple(found["ping"]),
            steps=tuple((Decimal(after), tuple(to)) for after, to in found["steps"]),
            keep_until=keep_until and datetime.fromisoformat(keep_until),
            auto=found["auto"],
        )


def roster(ids: Collection[str]) -> Roster:
    """User and group ids as a roster."""
    groups = frozenset(each for each in ids if each.startswith("S"))
    return Roster(users=frozenset(ids) - groups, groups=groups)


def terms(rule: Rule, now: datetime, auto: str | None = None) -> Terms:
    """What a rule says for a purchase that is previewed now for the first time; `auto` is the scope
    of its budget, if it has one."""
    ping = rule.approvers if rule.ping is None else rule.ping
    return Terms(
        rule=rule.name,
        approvers=tuple(rule.approvers.as_ids()),
        quorum=rule.quorum,
        ping=tuple(ping.as_ids()),
        steps=tuple((each.after, tuple(each.to.as_ids())) for each in rule.escalations),
        keep_until=now + rule.keep_trying if rule.keep_trying else None,
        auto=auto,
    )


def mismatch(rule: Rule, case: Case) -> str | None:
    """The first condition of the rule that the case does not meet, by its name in the file; None
    when the rule matches."""
    checks: Sequence[tuple[str, bool]] = (
        ("provider", not rule.providers or case.provider in rule.providers),
        ("command", not rule.commands or case.command in rule.commands),
        ("channel", not rule.channels or case.channel_id in rule.channels),
        ("requester", rule.requesters is None or _is_in(rule.requesters, case)),
        ("price_over", rule.price_over is None or _is_over(case.price, rule.price_over)),
        ("price_up_to", rule.price_up_to is None or _is_up_to(case.price, rule.price_up_to)),
        ("bought_over", rule.bought_over is None or case.bought > rule.bought_over),
    )
    return next((name for name, holds in checks if not holds), None)


def first_match(policy: Policy, case: Case) -> Rule | None:
    """The rule that counts."""
    return next((rule for rule in policy.rules if mismatch(rule, case) is None), None)


def _is_in(wanted: Roster, case: Case) -> bool:
    return case.requester_id in wanted.users or bool(case.groups & wanted.groups)


def _is_over(price: Price | None, limit: Price) -> bool:
    """Prices in different currencies are never compared: no match, so that the next rule counts."""
    return price is not None and price.currency == limit.currency and price > limit


def _is_up_to(price: Price | None, limit: Price) -> bool:
    return price is not None and price.currency == limit.currency and price <= limit
