"""Domain values for the tests of the storage, and the way into each status."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from bot.domain.alerts import Alert, Subject
from bot.domain.decision import Action, Decision
from bot.domain.errors import Reason
from bot.domain.limits import DAY, MONTH, Limits, Reading, combine
from bot.domain.price import Price
from bot.domain.purchase import Purchase, Status
from bot.ports import (
    Check,
    Checked,
    Claimed,
    Entry,
    Kind,
    Lease,
    Message,
    Move,
    Queue,
    Store,
)
from tests.queues import claim_due

START = datetime(2026, 5, 18, 14, 20, 0, 123456, tzinfo=UTC)
EXPIRES = START + timedelta(minutes=10)
LASTING = timedelta(seconds=10)
SECOND = timedelta(seconds=1)
EVERY = timedelta(minutes=5)  # between checks
RILEY, MORGAN, PHONES = "URILEY", "UMORGAN", "CPHONES"

_count = itertools.count(1)


class AuditedStore(Store, Protocol):
    """What the contract tests need: the port, and the audit looked through."""

    async def verify(self, purchase_id: str) -> None:
        """Raises when the purchase's audit is not as it was written."""

    async def verify_alert(self, alert_id: str) -> None:
        """The same of an alert's audit."""

    async def verify_logbook(self) -> None:
        """The same of the logbook."""


def new_id(kind: str) -> str:
    return f"{kind}-{next(_count)}"


def a_purchase(**fields: Any) -> Purchase:
    given: dict[str, Any] = {
        "id": new_id("purchase"),
        "code": "",
        "status": Status.REQUESTED,
        "provider": "sendblue",
        "requester_id": RILEY,
        "channel_id": PHONES,
        "requested_at": START,
    }
    return Purchase(**given | fields)


def a_decision(purchase: Purchase, **fields: Any) -> Decision:
    given: dict[str, Any] = {
        "id": new_id("decision"),
        "purchase_id": purchase.id,
        "revision": purchase.revision,
        "action": Action.APPROVE,
        "actor_id": MORGAN,
        "came_at": START + SECOND,
        "trigger_id": new_id("trigger"),
    }
    return Decision(**given | fields)


def a_message(**fields: Any) -> Message:
    given: dict[str, Any] = {
        "id": new_id("message"),
        "kind": Kind.ANSWER,
        "user_id": RILEY,
        "created_at": START,
    }
    return Message(**given | fields)


def an_alert(**fields: Any) -> Alert:
    given: dict[str, Any] = {
        "id": new_id("alert"),
        "provider": "sendblue",
        "subject": Subject.DAY,
        "level": 2,
        "raised_at": START,
        "channel_id": PHONES,
    }
    return Alert(**given | fields)


def an_entry(action: str = "test", at: datetime = START, **detail: Any) -> Entry:
    return Entry(actor_id="dialtone", action=action, outcome="done", at=at, detail=detail)


def a_move(purchase: Purchase, target: Status, at: datetime = START, **fields: Any) -> Move:
    return Move(purchase=purchase, target=target, entry=an_entry(target.value, at), **fields)


# Every field a purchase can have, filled in on its way.
PREVIEWED: Mapping[str, Any] = {
    "price": Price.parse("100.00 USD"),
    "preview_token": "lpv_secret",
    "expires_at": EXPIRES,
    "details": {"locality": "Denver", "nearby": [1, 2.5, None]},
    "limits": Limits(
        day=combine(DAY, Reading(limit=3, used=1), [], 3, START),
        month=combine(MONTH, Reading(), [START] * 4, 10, START),
    ),
}
SENT: Mapping[str, Any] = {
    "baseline": ("worker_1", "worker_2"),
    "baseline_at": START + SECOND,
    "sent_at": START + 2 * SECOND,
}
BOUGHT: Mapping[str, Any] = {
    "number": "+14155551234",
    "second_number": "+16045551234",
    "provider_ids": {"worker_id": "worker_3"},
}
WHY = Reason("AnswerLost", {"what": "cut", "seconds": 60})

# How each status is reached, and with which changes.
_WAY: Mapping[Status, tuple[Status, Mapping[str, Any]]] = {
    Status.PENDING: (Status.REQUESTED, PREVIEWED),
    Status.REFUSED: (Status.REQUESTED, {"why": WHY}),
    Status.EXPIRED: (Status.PENDING, {}),
    Status.CANCELLED: (Status.PENDING, {"cancelled_by": RILEY, "note": "not needed"}),
    Status.APPROVED: (Status.PENDING, {"approver_id": MORGAN, "decided_at": START + SECOND}),
    Status.CONFIRMING: (Status.APPROVED, SENT),
    Status.UNKNOWN: (Status.CONFIRMING, {"why": WHY}),
    Status.PROVISIONED: (Status.CONFIRMING, BOUGHT),
    Status.FAILED: (Status.CONFIRMING, {"why": WHY}),
    Status.CHARGED: (Status.CONFIRMING, {"why": WHY}),
}


async def moved(store: Store, move: Move) -> Purchase:
    """Carry out a move that must succeed."""
    found = await store.move(move)
    assert found is not None
    return found


async def stored_in(
    store: Store,
    status: Status,
    at: datetime = START,
    changes: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Purchase:
    """A stored purchase in that status; `changes` go with the last move."""
    if status is Status.REQUESTED:
        return await store.add_request(a_purchase(**fields), new_id("trigger"))
    source, usual = _WAY[status]
    before = await stored_in(store, source, at, **fields)
    return await moved(store, a_move(before, status, at, changes={**usual, **(changes or {})}))


async def claimed_one(
    store: Store, queue: Queue, now: datetime = START + SECOND, lasting: timedelta = LASTING
) -> Claimed:
    """The one row of the queue that is due."""
    (claimed,) = await claim_due(store, queue, 10, now=now, lasting=lasting)
    return claimed


async def a_check(
    store: Store, now: datetime = START, provider: str = "sendblue"
) -> tuple[Claimed, Check]:
    """Claim the check that is due, which is that provider's, and read it."""
    claimed = await claimed_one(store, Queue.CHECKS, now=now)
    check = await store.check(claimed.id)
    assert check is not None
    assert check.provider == provider
    return claimed, check


def found_by(check: Check, **fields: Any) -> Checked:
    given: dict[str, Any] = {"check": check, "at": START, "next_at": START + EVERY}
    return Checked(**given | fields)


async def with_alert(store: Store, alert: Alert | None = None) -> Alert:
    """An alert in force, raised by the first check, which is due again after EVERY."""
    raised = alert or an_alert()
    await store.keep_checks(["sendblue"], at=START)
    claimed, check = await a_check(store)
    assert await store.checked(claimed, found_by(check, raised=[raised]))
    return raised


def foreign(claimed: Claimed) -> Claimed:
    """The same claim with a lease that nobody has."""
    return Claimed(claimed.queue, claimed.id, Lease("lost", claimed.lease.until), claimed.attempts)
