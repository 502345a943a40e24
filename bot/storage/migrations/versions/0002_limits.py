"""Checks of the providers' limits, alerts, and an audit of these that nobody can change.

Instants are microseconds since 1970, UTC.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _text(name: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=not required)


def _instant(name: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=not required)


def _integer(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )


def upgrade() -> None:
    _create_checks()
    _create_alerts()
    _create_alert_audit()
    if op.get_bind().dialect.name == "postgresql":
        _protect_audit_on_postgresql()
    else:
        _protect_audit_on_sqlite()


def _create_checks() -> None:
    op.create_table(
        "checks",
        _text("id", required=True),
        _instant("failing_since"),
        _instant("due_at"),
        _text("lease_token"),
        _instant("lease_until"),
        _integer("attempts"),
        sa.PrimaryKeyConstraint("id", name="pk_checks"),
    )
    _partial("ix_checks_due", "checks", ["due_at"], "due_at IS NOT NULL", unique=False)
    _partial("ix_checks_leased", "checks", ["lease_token"], "lease_token IS NOT NULL", unique=False)


def _create_alerts() -> None:
    op.create_table(
        "alerts",
        _text("id", required=True),
        _text("provider", required=True),
        _text("subject", required=True),
        _integer("level"),
        _instant("raised_at", required=True),
        _text("channel_id", required=True),
        _json("facts"),
        _text("ts"),
        _integer("below"),
        _instant("snoozed_until"),
        _text("snoozed_by"),
        _instant("ended_at"),
        _text("ended_by"),
        _integer("audit_seq"),
        _text("audit_hash", required=True),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    _partial(
        "uq_alerts_in_force", "alerts", ["provider", "subject"], "ended_at IS NULL", unique=True
    )


def _create_alert_audit() -> None:
    op.create_table(
        "alert_audit",
        _text("alert_id", required=True),
        _integer("seq"),
        _instant("at", required=True),
        _text("actor_id", required=True),
        _text("action", required=True),
        _text("outcome", required=True),
        _json("detail"),
        _text("hash", required=True),
        sa.PrimaryKeyConstraint("alert_id", "seq", name="pk_alert_audit"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_alert_audit_alert_id"),
    )


def _protect_audit_on_sqlite() -> None:
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER alert_audit_refuses_{action.lower()} BEFORE {action} ON alert_audit"
            " BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )
    # INSERT OR REPLACE deletes without asking the other trigger.
    op.execute(
        "CREATE TRIGGER alert_audit_refuses_replace BEFORE INSERT ON alert_audit WHEN EXISTS"
        " (SELECT 1 FROM alert_audit WHERE alert_id = NEW.alert_id AND seq = NEW.seq)"
        " BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
    )


def _protect_audit_on_postgresql() -> None:
    """With the first version's function."""
    op.execute(
        "CREATE TRIGGER alert_audit_refuses_change BEFORE UPDATE OR DELETE ON alert_audit"
        " FOR EACH ROW EXECUTE FUNCTION audit_refuses()"
    )
    op.execute(
        "CREATE TRIGGER alert_audit_refuses_truncate BEFORE TRUNCATE ON alert_audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()"
    )


def downgrade() -> None:
    raise NotImplementedError("a database does not go back to an older version; the audit stays")
