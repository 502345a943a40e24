"""Reading stored clicks."""

from sqlalchemy import Connection, select

from bot.domain.decision import Decision
from bot.storage.rows import read_decision
from bot.storage.tables import decisions


def get(connection: Connection, decision_id: str) -> Decision | None:
    """None also when it was judged."""
    wanted = (decisions.c.id == decision_id) & decisions.c.judged_at.is_(None)
    row = connection.execute(select(decisions).where(wanted)).mappings().one_or_none()
    return None if row is None else read_decision(row)
