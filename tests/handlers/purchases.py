"""Purchases as the record could have them, for drawing."""

from datetime import UTC, datetime
from typing import Any

from bot.domain.approval import Roster, Rules
from bot.domain.errors import AnswerLost, ChargedWithoutNumber, NoneAvailable
from bot.domain.limits import DAY, MONTH, Limits, Reading, combine
from bot.domain.price import Price
from bot.domain.purchase import Order, Purchase, Status

NOW = datetime(2026, 5, 18, 14, 20, tzinfo=UTC)
UNTIL = datetime(2026, 5, 18, 14, 30, tzinfo=UTC)
RULES = Rules(approvers=Roster.parse("S0MANAGERS,U0MAX00001"))
NUMBER = Order(
    number="+16045551234", name="Main <Line>", agent_id="0b9f-1", agent_name="Front & back"
)
WHY = {
    Status.REFUSED: NoneAvailable(provider="Sendblue").reason,
    Status.FAILED: NoneAvailable(provider="Sendblue", said="<!channel> none").reason,
    Status.CHARGED: ChargedWithoutNumber(provider="Sendblue", code="K7Q2").reason,
    Status.UNKNOWN: AnswerLost(provider="Sendblue", what="no answer within 60 s").reason,
}


def purchase(status: Status = Status.PENDING, **changes: Any) -> Purchase:
    known: dict[str, Any] = {
        "id": "7f" * 16,
        "code": "K7Q2",
        "status": status,
        "revision": 3,
        "provider": "sendblue",
        "requester_id": "U0RILEY001",
        "channel_id": "C0PHONES01",
        "reason": "new desk in Denver",
        "requested_at": NOW,
        "price": Price.parse("100.00 USD"),
        "preview_token": "lpv_secret",
        "expires_at": UNTIL,
        "limits": Limits(
            combine(DAY, Reading(limit=3), [NOW], 3, NOW),
            combine(MONTH, Reading(), [NOW], 10, NOW),
        ),
        "approver_id": None if status in {Status.REQUESTED, Status.PENDING} else "U0MORGAN01",
        "why": WHY.get(status),
    }
    return Purchase(**(known | changes))
