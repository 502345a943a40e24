"""People's App Homes. Instants are microseconds since 1970, UTC."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "homes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("lease_token", sa.Text()),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_homes"),
    )
    _partial("ix_homes_due", "due_at", "due_at IS NOT NULL")
    _partial("ix_homes_leased", "lease_token", "lease_token IS NOT NULL")


def _partial(name: str, column: str, where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "homes", [column], sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    raise NotImplementedError("a database does not go back to an older version; the audit stays")
