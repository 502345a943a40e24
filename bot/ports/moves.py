"""Everything that changes a purchase, and what goes with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.domain.price import Price
from bot.domain.purchase import Purchase, Status
from bot.ports.owed import Message
from bot.ports.work import Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the audit says of one attempt."""

    actor_id: str  # a Slack user id, or "dialtone" for what the bot does by itself
    action: str
    outcome: str  # "done", "refused", "observed"
    at: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)  # JSON, never a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One guarded move: carried out whole, or not at all when the guard fails.

    The guard: the row still has this purchase's status, revision and `closed_at`; and, where given,
    the lease is held at `entry.at`, `entry.at` is before the purchase's `expires_at`, and the
    decision that it settles is not judged yet.

    What goes with it: `version` grows by one. `closed_at` becomes `entry.at` where the target is in
    FINAL, None where only the source is. `settled_at` becomes `entry.at` on the way out of
    `confirming`, `unknown` or `failed`, except into IN_FLIGHT. Then `changes` count; but outside
    HOLDS_TOKEN no preview token is kept. The row's `attempts` begin anew.
    """

    purchase: Purchase  # as read
    target: Status
    entry: Entry
    # Purchase field → new value; among them the preview token. Never what it was made with, but an
    # order may become more exact: its number stays.
    changes: Mapping[str, Any] = field(default_factory=dict, repr=False)
    due_at: datetime | None = None  # when the next step is due; None: there is none
    lease: Lease | None = None  # must be held
    hold_until: datetime | None = None  # it stays ours at least up to then; None: given back
    before_expiry: bool = False
    unless_frozen: bool = False  # fails while a freeze is in force, however close it came before
    # Fails where this purchase would exceed it. After the move its terms must name the scope, and
    # `decided_at` be set, or it would not count itself: ValueError.
    within: "Budget | None" = None
    unless_clicked: bool = False  # fails while a click that came before expires_at is unjudged
    settles: str | None = None  # the decision that is thereby judged
    card_in: str | None = None  # a first copy of the card is owed to this channel
    messages: Sequence[Message] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Sums of monthly prices that may be approved by themselves; counted are the purchases whose
    terms name the same `scope` and which were so approved (`decided_at`) since, unless nothing was
    spent in the end (failed, cancelled). Checked under a lock, so that requests at the same moment
    cannot exceed it together. Amounts in two currencies make no sum, nor does a price that is not
    known: what would need such a sum exceeds the budget. None: no limit."""

    scope: str  # "requester U…" or "channel C…"
    day: Price | None
    day_since: datetime
    month: Price | None
    month_since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One of several approvals that a purchase needs: one row per approver and revision."""

    purchase_id: str
    revision: int
    approver_id: str
    came_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A change of a pending purchase that is no move: its status and revision stay, so clicks on
    its buttons still count. Guarded by status, revision, `closed_at` and, where given, the lease,
    like a move; what goes with it goes with a move as well: the lease is given back."""

    purchase: Purchase  # as read
    entry: Entry
    lease: Lease | None
    changes: Mapping[str, Any] = field(default_factory=dict, repr=False)  # as a Move's; no revision
    due_at: datetime | None = None
    messages: Sequence[Message] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Somebody is away until then, and the deputy may do what they may."""

    user_id: str
    deputy_id: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """Nothing is bought until it is thawed."""

    by: str
    at: datetime
    reason: str

    @property
    def fields(self) -> dict[str, str]:
        """For the errors that tell of it."""
        return {"by": self.by, "at": self.at.isoformat(), "why": self.reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row of the audit, as stored. `hash` covers the row and the same purchase's row before.

    A move's row has both statuses, a request's only `to_status`, any other only `from_status`: the
    one at which it was written. `seq` counts from 1 without gaps.
    """

    purchase_id: str
    seq: int
    at: datetime
    actor_id: str
    action: str
    from_status: Status | None
    to_status: Status | None
    outcome: str
    detail: Mapping[str, Any]
    hash: str
