"""Reading stored clicks, and judging them."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from bot.domain.decision import Decision
from bot.domain.purchase import Purchase
from bot.storage import purchases
from bot.storage.rows import read_decision
from bot.storage.tables import decisions
from bot.storage.work import RELEASED

_THAT = decisions.c.id == bindparam("decision_id")
_UNJUDGED = select(decisions).where(_THAT, decisions.c.judged_at.is_(None))
_IS_UNJUDGED = select(decisions.c.id).where(_THAT, decisions.c.judged_at.is_(None))
_JUDGED = update(decisions).where(_THAT)


def get(connection: Connection, decision_id: str) -> tuple[Decision, Purchase] | None:
    """None also when it was judged."""
    row = connection.execute(_UNJUDGED, {"decision_id": decision_id}).mappings().one_or_none()
    if row is None:
        return None
    meant = purchases.get(connection, row["purchase_id"])
    assert meant is not None, decision_id  # noqa: S101 the database keeps it
    return read_decision(row), meant


def is_unjudged(connection: Connection, decision_id: str) -> bool:
    """It stays so while the caller holds its purchase's row."""
    return connection.execute(_IS_UNJUDGED, {"decision_id": decision_id}).first() is not None


def judge(connection: Connection, decision_id: str, at: datetime) -> None:
    judged = {"judged_at": at, "due_at": None}
    connection.execute(_JUDGED, {"decision_id": decision_id, **judged, **RELEASED})
