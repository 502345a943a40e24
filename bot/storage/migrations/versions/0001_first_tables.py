"""Purchases, clicks, cards, what is owed, and an audit that nobody can change.

Instants are microseconds since 1970, UTC.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _text(name: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=not required)


def _instant(name: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=not required)


def _integer(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _json(name: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=not required)


def _work() -> list[sa.Column[Any]]:
    return [
        _instant("due_at"),
        _text("lease_token"),
        _instant("lease_until"),
        _integer("attempts"),
    ]


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _of_purchase(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["purchase_id"], ["purchases.id"], name=f"fk_{table}_purchase_id"
    )


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )


def _unique_where(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name,
        "purchases",
        columns,
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def upgrade() -> None:
    _create_purchases()
    _create_decisions()
    _create_cards()
    _create_owed()
    _create_audit()
    _create_indexes()
    if op.get_bind().dialect.name == "postgresql":
        _protect_audit_on_postgresql()
    else:
        _protect_audit_on_sqlite()


def _create_purchases() -> None:
    op.create_table(
        "purchases",
        _text("id", required=True),
        _text("code", required=True),
        _text("trigger_id"),
        _text("status", required=True),
        _integer("revision"),
        _integer("version"),
        _text("provider", required=True),
        _json("order", required=True),
        _text("ordered_number"),
        _text("requester_id", required=True),
        _text("channel_id", required=True),
        _text("reason", required=True),
        _instant("requested_at", required=True),
        _text("response_url"),
        _text("previous_id"),
        _text("again_by"),
        _text("again_code"),
        _text("price"),
        _text("preview_token"),
        _instant("expires_at"),
        _json("details", required=True),
        _json("limits"),
        _text("approver_id"),
        _instant("decided_at"),
        _json("baseline"),
        _instant("baseline_at"),
        _instant("sent_at"),
        _instant("settled_at"),
        _integer("look_ups"),
        _text("number"),
        _text("second_number"),
        _json("provider_ids", required=True),
        _json("why"),
        _text("settled_by"),
        _text("cancelled_by"),
        _text("note"),
        _text("closed_by"),
        _instant("closed_at"),
        _integer("audit_seq"),
        _text("audit_hash", required=True),
        *_work(),
        _primary("purchases", "id"),
        _unique("purchases", "code"),
        _unique("purchases", "trigger_id"),
        sa.ForeignKeyConstraint(["previous_id"], ["purchases.id"], name="fk_purchases_previous_id"),
    )


def _create_decisions() -> None:
    op.create_table(
        "decisions",
        _text("id", required=True),
        _text("purchase_id", required=True),
        _integer("revision"),
        _text("action", required=True),
        _text("actor_id", required=True),
        _instant("came_at", required=True),
        _text("trigger_id", required=True),
        _text("number"),
        _text("note"),
        _text("channel_id"),
        _text("response_url"),
        _text("message_ts"),
        _instant("judged_at"),
        *_work(),
        _primary("decisions", "id"),
        _of_purchase("decisions"),
        _unique("decisions", "trigger_id"),
    )


def _create_cards() -> None:
    op.create_table(
        "cards",
        _text("id", required=True),
        _text("purchase_id", required=True),
        _text("channel_id", required=True),
        _text("ts"),
        _integer("drawn_version"),
        *_work(),
        _primary("cards", "id"),
        _of_purchase("cards"),
        _unique("cards", "channel_id", "ts"),
    )


def _create_owed() -> None:
    op.create_table(
        "owed",
        _text("id", required=True),
        _text("kind", required=True),
        _text("user_id", required=True),
        _text("channel_id"),
        _text("response_url"),
        _text("purchase_id"),
        _json("body", required=True),
        _instant("created_at", required=True),
        _text("trigger_id"),
        _text("error"),
        *_work(),
        _primary("owed", "id"),
        _of_purchase("owed"),
        _unique("owed", "trigger_id"),
    )


def _create_audit() -> None:
    op.create_table(
        "audit",
        _text("purchase_id", required=True),
        _integer("seq"),
        _instant("at", required=True),
        _text("actor_id", required=True),
        _text("action", required=True),
        _text("from_status"),
        _text("to_status"),
        _text("outcome", required=True),
        _json("detail", required=True),
        _text("hash", required=True),
        _primary("audit", "purchase_id", "seq"),
        _of_purchase("audit"),
    )


def _create_indexes() -> None:
    for table in ("purchases", "decisions", "cards", "owed"):
        _partial(f"ix_{table}_due", table, ["due_at"], "due_at IS NOT NULL")
        _partial(f"ix_{table}_leased", table, ["lease_token"], "lease_token IS NOT NULL")
    op.create_index("ix_purchases_requested", "purchases", ["requested_at"])
    op.create_index("ix_purchases_requester", "purchases", ["requester_id", "requested_at"])
    op.create_index("ix_purchases_provider", "purchases", ["provider", "requested_at"])
    op.create_index("ix_cards_purchase", "cards", ["purchase_id"])
    for name, columns, where in (
        ("open", ["requested_at"], "closed_at IS NULL"),
        ("open_provider", ["provider", "requested_at"], "closed_at IS NULL"),
        ("open_requester", ["requester_id", "requested_at"], "closed_at IS NULL"),
        ("in_flight", ["provider"], "status IN ('confirming', 'unknown')"),
        ("sent", ["provider", "sent_at"], "sent_at IS NOT NULL"),
        ("settled", ["provider", "settled_at"], "settled_at IS NOT NULL"),
        ("number", ["number"], "number IS NOT NULL"),
        ("second_number", ["second_number"], "second_number IS NOT NULL"),
        ("response_url", ["requested_at"], "response_url IS NOT NULL"),
    ):
        _partial(f"ix_purchases_{name}", "purchases", columns, where)
    may_buy = (
        "ordered_number IS NOT NULL AND"
        " status IN ('requested', 'pending', 'approved', 'confirming', 'unknown')"
    )
    _unique_where("uq_purchases_ordered", ["provider", "ordered_number"], may_buy)
    repeats = "previous_id IS NOT NULL AND status NOT IN ('refused', 'cancelled')"
    _unique_where("uq_purchases_previous", ["previous_id"], repeats)
    _partial("ix_decisions_response_url", "decisions", ["came_at"], "response_url IS NOT NULL")
    _partial("ix_decisions_unjudged", "decisions", ["purchase_id"], "judged_at IS NULL")
    _partial("ix_owed_response_url", "owed", ["created_at"], "response_url IS NOT NULL")


def _protect_audit_on_sqlite() -> None:
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_refuses_{action.lower()} BEFORE {action} ON audit"
            " BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )
    # INSERT OR REPLACE deletes without asking the other trigger.
    op.execute(
        "CREATE TRIGGER audit_refuses_replace BEFORE INSERT ON audit WHEN EXISTS"
        " (SELECT 1 FROM audit WHERE purchase_id = NEW.purchase_id AND seq = NEW.seq)"
        " BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
    )


def _protect_audit_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_refuses_change BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH ROW EXECUTE FUNCTION audit_refuses()"
    )
    op.execute(
        "CREATE TRIGGER audit_refuses_truncate BEFORE TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()"
    )


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first version; the audit stays")
