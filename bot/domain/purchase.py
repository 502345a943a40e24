"""A purchase: what was asked for, where it stands, and where it may go from there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from bot.domain.errors import Reason
from bot.domain.limits import Limits
from bot.domain.price import Price


class Status(StrEnum):
    """Where a purchase stands. The sentence beside each says what it means for money."""

    REQUESTED = "requested"  # Written down and acknowledged; the preview is not done.
    PENDING = "pending"  # Previewed; waiting for an approver until expires_at.
    APPROVED = "approved"  # Decided in time; the confirm has not been sent.
    CONFIRMING = "confirming"  # The confirm is on its way; money may be moving.
    UNKNOWN = "unknown"  # The answer to the confirm was lost; money may have been spent.
    PROVISIONED = "provisioned"  # Bought; the number is known.
    REFUSED = "refused"  # Refused before anybody could decide; nothing spent.
    FAILED = "failed"  # Refused at confirm, or the confirm provably never left; nothing spent.
    CHARGED = "charged"  # Money spent, no usable number; a person must act.
    CANCELLED = "cancelled"  # Cancelled by the requester or an approver; nothing spent.
    EXPIRED = "expired"  # Nobody decided in time; nothing spent.


_S = Status

# Every move there is; the storage refuses any other. docs/architecture.md draws them, and a test
# compares.
MOVES: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        _S.REQUESTED: frozenset({_S.PENDING, _S.REFUSED, _S.CANCELLED}),
        _S.PENDING: frozenset({_S.APPROVED, _S.CANCELLED, _S.EXPIRED, _S.REFUSED, _S.PENDING}),
        _S.APPROVED: frozenset({_S.CONFIRMING, _S.PENDING, _S.FAILED, _S.CANCELLED}),
        _S.CONFIRMING: frozenset({_S.PROVISIONED, _S.FAILED, _S.CHARGED, _S.UNKNOWN}),
        _S.UNKNOWN: frozenset({_S.PROVISIONED, _S.FAILED, _S.CHARGED}),
        _S.FAILED: frozenset({_S.PROVISIONED, _S.CHARGED}),  # by late evidence only
        _S.CHARGED: frozenset({_S.PROVISIONED, _S.CHARGED}),  # to itself: closed with a note
        _S.PROVISIONED: frozenset(),
        _S.REFUSED: frozenset(),
        _S.CANCELLED: frozenset(),
        _S.EXPIRED: frozenset(),
    }
)

# Entering one of these ends the story (`closed_at`); `charged` ends when a person says so.
FINAL = frozenset({_S.PROVISIONED, _S.REFUSED, _S.FAILED, _S.CANCELLED, _S.EXPIRED})
# Only here is the preview token of any further use; everywhere else it is wiped.
HOLDS_TOKEN = frozenset({_S.PENDING, _S.APPROVED, _S.CONFIRMING})
# Only these can be requested again by their card's button.
REPEATABLE = frozenset({_S.EXPIRED, _S.FAILED})
# A request made again that ended so leaves the previous one free to be requested once more.
LED_NOWHERE = frozenset({_S.REFUSED, _S.CANCELLED})
# A confirm left the house and what became of it is not known yet.
IN_FLIGHT = frozenset({_S.CONFIRMING, _S.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be bought. A Sendblue line has no number until it is bought: all fields empty."""

    number: str | None = None  # E.164
    name: str | None = None
    agent_id: str | None = None
    agent_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the provider says was bought."""

    number: str  # E.164
    second_number: str | None = None  # E.164; the US number that comes with a Canadian one
    ids: Mapping[str, str] = field(default_factory=dict)  # the provider's own, by their wire names


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """One purchase as the database has it. Instants are aware UTC; ids are opaque strings."""

    id: str
    code: str  # what people type: four or more of A-Z2-9 without look-alikes
    status: Status
    revision: int = 1  # what an approval binds; a new price, number or quantity is a new one
    version: int = 1  # grows with every move; cards drawn from an older one are owed again
    provider: str  # "sendblue", "magpipe"
    order: Order = field(default_factory=Order)

    requester_id: str
    channel_id: str  # where the command was typed; the report goes there
    reason: str = ""
    requested_at: datetime
    response_url: str | None = field(default=None, repr=False)  # wiped after 30 minutes

    previous_id: str | None = None  # the purchase that this one asks for again
    again_by: str | None = None  # who asked for this one again, while that request counts
    again_code: str | None = None  # the code of that request

    price: Price | None = None  # per month, for everything that the approval buys
    preview_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None  # the provider's
    details: Mapping[str, Any] = field(default_factory=dict)  # what else the preview found out
    limits: Limits | None = None  # as read at the preview, before this purchase

    approver_id: str | None = None
    decided_at: datetime | None = None  # when the winning click came
    baseline: tuple[str, ...] | None = None  # keys of what was on the account before the confirm
    baseline_at: datetime | None = None
    sent_at: datetime | None = None  # the confirm went out at or after this instant
    settled_at: datetime | None = None  # its outcome became known
    look_ups: int = 0  # how often a lost answer was looked up so far

    number: str | None = None
    second_number: str | None = None
    provider_ids: Mapping[str, str] = field(default_factory=dict)
    why: Reason | None = None  # why it was refused, failed, charged or unknown
    settled_by: str | None = None  # the person who settled a lost answer
    cancelled_by: str | None = None
    note: str | None = None  # of the one who cancelled or closed it
    closed_by: str | None = None
    closed_at: datetime | None = None  # the story is over; until then it is listed as pending

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


def may_move(source: Status, target: Status) -> bool:
    """Whether the table of moves has this one."""
    return target in MOVES[source]
