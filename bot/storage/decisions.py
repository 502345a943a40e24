"""Reading stored clicks, and judging them."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.domain.decision import Decision
from bot.storage.rows import read_decision
from bot.storage.tables import decisions
from bot.storage.work import RELEASED


def get(connection: Connection, decision_id: str) -> Decision | None:
    """None also when it was judged."""
    wanted = (decisions.c.id == decision_id) & decisions.c.judged_at.is_(None)
    row = connection.execute(select(decisions).where(wanted)).mappings().one_or_none()
    return None if row is None else read_decision(row)


def is_unjudged(connection: Connection, decision_id: str) -> bool:
    """It stays so while the caller holds its purchase's row."""
    unjudged = (decisions.c.id == decision_id) & decisions.c.judged_at.is_(None)
    return connection.execute(select(decisions.c.id).where(unjudged)).first() is not None


def judge(connection: Connection, decision_id: str, at: datetime) -> None:
    connection.execute(
        update(decisions)
        .where(decisions.c.id == decision_id)
        .values(RELEASED | {"judged_at": at, "due_at": None})
    )
