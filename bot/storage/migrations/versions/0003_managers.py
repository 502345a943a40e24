"""Votes, absences, freezes and mutes, the budget a purchase was approved under, and a logbook that
nobody can change.

Instants are microseconds since 1970, UTC.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _text(name: str, *, required: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=not required)


def _instant(name: str, *, required: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=not required)


def _integer(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )


def upgrade() -> None:
    _extend_purchases()
    _create_votes()
    _create_absences()
    _create_freezes()
    _create_mutes()
    _create_logbook()
    # An export reads along these.
    op.create_index("ix_audit_at", "audit", ["at", "purchase_id", "seq"])
    op.create_index("ix_alert_audit_at", "alert_audit", ["at", "alert_id", "seq"])
    op.create_index("ix_logbook_at", "logbook", ["at", "logbook_id", "seq"])
    if op.get_bind().dialect.name == "postgresql":
        _protect_logbook_on_postgresql()
    else:
        _protect_logbook_on_sqlite()


def _extend_purchases() -> None:
    op.add_column("purchases", _text("auto_scope", required=False))
    _partial(
        "ix_purchases_auto",
        "purchases",
        ["auto_scope", "decided_at"],
        "auto_scope IS NOT NULL",
        unique=False,
    )
    op.create_index("ix_purchases_status", "purchases", ["status", "requested_at"])


def _create_votes() -> None:
    op.create_table(
        "votes",
        _text("purchase_id"),
        _integer("revision"),
        _text("approver_id"),
        _instant("came_at"),
        sa.PrimaryKeyConstraint("purchase_id", "revision", "approver_id", name="pk_votes"),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchases.id"], name="fk_votes_purchase_id"),
    )


def _create_absences() -> None:
    op.create_table(
        "absences",
        _text("user_id"),
        _text("deputy_id"),
        _instant("until"),
        _instant("created_at"),
        sa.PrimaryKeyConstraint("user_id", name="pk_absences"),
    )
    op.create_index("ix_absences_until", "absences", ["until"])


def _create_freezes() -> None:
    op.create_table(
        "freezes",
        _text("id"),
        _text("subject"),
        _text("by"),
        _instant("at"),
        _text("reason"),
        _instant("thawed_at", required=False),
        _text("thawed_by", required=False),
        sa.PrimaryKeyConstraint("id", name="pk_freezes"),
    )
    _partial("uq_freezes_in_force", "freezes", ["subject"], "thawed_at IS NULL", unique=True)


def _create_mutes() -> None:
    op.create_table(
        "mutes",
        _text("user_id"),
        _instant("since"),
        sa.PrimaryKeyConstraint("user_id", name="pk_mutes"),
    )


def _create_logbook() -> None:
    logbooks = op.create_table(
        "logbooks",
        _text("id"),
        _integer("audit_seq"),
        _text("audit_hash"),
        sa.PrimaryKeyConstraint("id", name="pk_logbooks"),
    )
    # From the start on, so that it can be missed.
    op.bulk_insert(logbooks, [{"id": "logbook", "audit_seq": 0, "audit_hash": ""}])
    op.create_table(
        "logbook",
        _text("logbook_id"),
        _integer("seq"),
        _instant("at"),
        _text("actor_id"),
        _text("action"),
        _text("outcome"),
        sa.Column("detail", sa.JSON(), nullable=False),
        _text("hash"),
        sa.PrimaryKeyConstraint("logbook_id", "seq", name="pk_logbook"),
        sa.ForeignKeyConstraint(["logbook_id"], ["logbooks.id"], name="fk_logbook_logbook_id"),
    )


def _protect_logbook_on_sqlite() -> None:
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER logbook_refuses_{action.lower()} BEFORE {action} ON logbook"
            " BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )
    # INSERT OR REPLACE deletes without asking the other trigger.
    op.execute(
        "CREATE TRIGGER logbook_refuses_replace BEFORE INSERT ON logbook WHEN EXISTS"
        " (SELECT 1 FROM logbook WHERE logbook_id = NEW.logbook_id AND seq = NEW.seq)"
        " BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
    )


def _protect_logbook_on_postgresql() -> None:
    """With the first version's function."""
    op.execute(
        "CREATE TRIGGER logbook_refuses_change BEFORE UPDATE OR DELETE ON logbook"
        " FOR EACH ROW EXECUTE FUNCTION audit_refuses()"
    )
    op.execute(
        "CREATE TRIGGER logbook_refuses_truncate BEFORE TRUNCATE ON logbook"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()"
    )


def downgrade() -> None:
    raise NotImplementedError("a database does not go back to an older version; the audit stays")
