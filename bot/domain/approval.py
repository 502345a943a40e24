"""Who may ask, who may approve, and whether a decision counts."""

import re
from dataclasses import dataclass, field
from typing import Self

from bot.domain.decision import Action, Decision
from bot.domain.errors import (
    AlreadyApproved,
    AlreadyEnded,
    CameTooLate,
    ConfirmUnderWay,
    NotAnApprover,
    NotAnApproverAnyMore,
    NothingToSettle,
    NotReadyYet,
    NotYourPurchase,
    OutcomeNotKnown,
    OwnPurchase,
    Refusal,
    StaleRevision,
)
from bot.domain.people import Person
from bot.domain.purchase import Purchase, Status

_SLACK_ID = re.compile(r"[UWS][A-Z0-9]{2,}")
_SHOWN = 12  # a secret pasted into the wrong variable must not come back whole in the error


@dataclass(frozen=True, slots=True)
class Roster:
    """People by Slack user id (`U…`, `W…`), and user groups by id (`S…`) as they stand later."""

    users: frozenset[str] = field(default_factory=frozenset)
    groups: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ids separated by commas, duplicates counting once; ValueError says what is wrong."""
        entries = [entry for entry in (part.strip() for part in text.split(",")) if entry]
        for entry in entries:
            if not _SLACK_ID.fullmatch(entry):
                shown = entry if len(entry) <= _SHOWN else f"{entry[:4]}…"
                raise ValueError(f"{shown!r} is not a Slack user id or user group id")
        if not entries:
            raise ValueError("it names nobody")
        groups = frozenset(entry for entry in entries if entry.startswith("S"))
        return cls(users=frozenset(entries) - groups, groups=groups)

    def as_ids(self) -> list[str]:
        """Groups first, then users, each sorted: how they are named to people."""
        return sorted(self.groups) + sorted(self.users)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Who may do what, and where cards go; from the settings."""

    approvers: Roster
    requesters: Roster | None = None  # None: every full member
    self_approval: bool = False
    approval_channel: str | None = None  # None: the channel of the command


def judge(
    purchase: Purchase, decision: Decision, *, actor: Person, is_approver: bool, rules: Rules
) -> Refusal | None:
    """Why the decision does not count, or None when it does. First who, then whether, then when.

    A click counts by the time it came, as long as the purchase is still pending.
    """
    if not actor.is_member:
        return NotAnApproverAnyMore(code=purchase.code)
    if decision.action is Action.CANCEL:
        if is_approver or actor.id == purchase.requester_id:
            return _judge_cancel(purchase, decision)
        return NotYourPurchase(code=purchase.code, requester=purchase.requester_id)
    if not is_approver:
        return NotAnApprover(code=purchase.code, approvers=rules.approvers.as_ids())
    if decision.action is Action.APPROVE:
        return _judge_approve(purchase, decision, rules)
    return _judge_settlement(purchase, decision)


def _judge_approve(purchase: Purchase, decision: Decision, rules: Rules) -> Refusal | None:
    if decision.actor_id == purchase.requester_id and not rules.self_approval:
        return OwnPurchase(code=purchase.code, approvers=rules.approvers.as_ids())
    if purchase.status is Status.APPROVED:
        return AlreadyApproved(code=purchase.code, approver=purchase.approver_id)
    if purchase.status is Status.REQUESTED:
        return NotReadyYet(code=purchase.code)
    if purchase.status is not Status.PENDING:
        return _too_far(purchase)
    return _judge_timing(purchase, decision)


def _judge_timing(purchase: Purchase, decision: Decision) -> Refusal | None:
    if decision.revision != purchase.revision:
        return StaleRevision(code=purchase.code)
    if purchase.expires_at is None or decision.came_at >= purchase.expires_at:
        return CameTooLate(
            code=purchase.code,
            came_at=decision.came_at.isoformat(),
            expires_at=purchase.expires_at and purchase.expires_at.isoformat(),
        )
    return None


def _judge_cancel(purchase: Purchase, decision: Decision) -> Refusal | None:
    if purchase.status not in (Status.REQUESTED, Status.PENDING, Status.APPROVED):
        return _too_far(purchase)
    if decision.revision != purchase.revision:
        return StaleRevision(code=purchase.code)
    return None


def _judge_settlement(purchase: Purchase, decision: Decision) -> Refusal | None:
    open_in = {
        Action.BOUGHT: (Status.UNKNOWN, Status.CHARGED),
        Action.NOTHING_BOUGHT: (Status.UNKNOWN,),
        Action.CLOSE: (Status.CHARGED,),
    }[decision.action]
    if purchase.status not in open_in or not purchase.is_open:
        return NothingToSettle(code=purchase.code, status=purchase.status.value)
    return None


def _too_far(purchase: Purchase) -> Refusal:
    """It went on since the button was drawn: say how far."""
    if purchase.status is Status.CONFIRMING:
        return ConfirmUnderWay(code=purchase.code)
    if purchase.status is Status.UNKNOWN:
        return OutcomeNotKnown(code=purchase.code)
    return AlreadyEnded(code=purchase.code, status=purchase.status.value)
