"""Several approvals: one row per approver and revision, stored under the purchase's lock, so that
of two who approve at the same moment the later one sees both."""

from sqlalchemy import Connection, select, update

from bot.domain.decision import Decision
from bot.domain.purchase import Status
from bot.ports import Entry, Vote
from bot.storage import audit, cards, decisions, homes
from bot.storage.rows import read_vote, write_vote
from bot.storage.tables import purchases, votes
from bot.storage.writing import insert_new, lock_purchase


def add(connection: Connection, vote: Vote) -> None:
    """Nothing happens when there is such a vote already, or nothing to vote on any more."""
    row = lock_purchase(connection, vote.purchase_id)
    if row is not None and (row["status"], row["revision"]) == (Status.PENDING, vote.revision):
        insert_new(connection, votes, write_vote(vote))


def listed(connection: Connection, purchase_id: str, revision: int) -> list[Vote]:
    statement = (
        select(votes)
        .where(votes.c.purchase_id == purchase_id, votes.c.revision == revision)
        .order_by(votes.c.came_at, votes.c.approver_id)
    )
    return [read_vote(row) for row in connection.execute(statement).mappings()]


def count(connection: Connection, decision: Decision, entry: Entry) -> None:
    """Nothing happens when it was judged meanwhile."""
    lock_purchase(connection, decision.purchase_id)
    if not decisions.is_unjudged(connection, decision.id):
        return
    decisions.judge(connection, decision.id, entry.at)
    counted = (
        update(purchases)
        .where(purchases.c.id == decision.purchase_id)
        .values(version=purchases.c.version + 1)
        .returning(purchases)
    )
    row = connection.execute(counted).mappings().one()
    audit.append(
        connection,
        decision.purchase_id,
        audit.Head.of(row),
        entry,
        from_status=Status(row["status"]),
        to_status=None,
    )
    cards.mark_due(connection, decision.purchase_id, entry.at)
    homes.owe(connection, entry.at)
