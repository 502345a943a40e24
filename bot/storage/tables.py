"""The tables. Statements and indexes share the conditions here, so that both databases can see
that a partial index answers a query; no query of the loop grows with what is finished.
Longer than other files, because it is read as one plan.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy import Text as PlainText

from bot.ports import Queue

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant, stored as whole microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        del dialect
        return None if value is None else microseconds(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        del dialect
        return None if value is None else instant_of(value)


class Text(TypeDecorator[str]):
    """Text that both databases can hold: PostgreSQL refuses NUL, UTF-8 has no lone surrogates."""

    impl = PlainText
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        del dialect
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def microseconds(instant: datetime) -> int:
    """Since 1970; ValueError for a naive datetime, of which nobody knows what it means."""
    if instant.tzinfo is None:
        raise ValueError("an instant without time zone cannot be stored")
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(stored: int) -> datetime:
    """The instant so many microseconds after 1970."""
    return _EPOCH + stored * _MICROSECOND


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)
Json = JSON(none_as_null=True)


def _required(name: str, kind: Any = Text) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _work() -> list[Column[Any]]:
    """What makes a row claimable; see `work`."""
    return [
        Column("due_at", Instant),
        Column("lease_token", Text),
        Column("lease_until", Instant),
        Column("attempts", Integer, nullable=False, default=0),
    ]


def _end_of_audit() -> list[Column[Any]]:
    """The audit's last row: so that a chain cut at its end is noticed too."""
    return [
        Column("audit_seq", Integer, nullable=False, default=0),
        Column("audit_hash", Text, nullable=False, default=""),
    ]


def _entry(*statuses: Column[Any]) -> list[Column[Any]]:
    """What a row of an audit says after whose it is and its number; see `audit`."""
    return [
        _required("at", Instant),
        _required("actor_id"),
        _required("action"),
        *statuses,
        _required("outcome"),
        _required("detail", Json),
        _required("hash"),
    ]


purchases = Table(
    "purchases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("trigger_id", Text, unique=True),
    _required("status"),
    _required("revision", Integer),
    _required("version", Integer),
    _required("provider"),
    _required("order", Json),
    Column("ordered_number", Text),  # the order's, once more: only columns can be unique
    _required("requester_id"),
    _required("channel_id"),
    _required("reason"),
    _required("requested_at", Instant),
    Column("response_url", Text),
    Column("previous_id", Text, ForeignKey("purchases.id")),
    Column("again_by", Text),
    Column("again_code", Text),
    Column("price", Text),  # "100.00 USD"
    Column("preview_token", Text),
    Column("expires_at", Instant),
    _required("details", Json),
    Column("limits", Json),
    Column("approver_id", Text),
    Column("decided_at", Instant),
    Column("baseline", Json),
    Column("baseline_at", Instant),
    Column("sent_at", Instant),
    Column("settled_at", Instant),
    _required("look_ups", Integer),
    Column("number", Text),
    Column("second_number", Text),
    _required("provider_ids", Json),
    Column("why", Json),
    Column("settled_by", Text),
    Column("cancelled_by", Text),
    Column("note", Text),
    Column("closed_by", Text),
    Column("closed_at", Instant),
    Column("auto_scope", Text),  # of the terms in `details`, once more: budgets are summed along it
    *_end_of_audit(),
    *_work(),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("purchase_id", Text, ForeignKey(purchases.c.id), nullable=False),
    _required("revision", Integer),
    _required("action"),
    _required("actor_id"),
    _required("came_at", Instant),
    Column("trigger_id", Text, nullable=False, unique=True),
    Column("number", Text),
    Column("note", Text),
    Column("channel_id", Text),
    Column("response_url", Text),
    Column("message_ts", Text),
    Column("judged_at", Instant),
    *_work(),
)

cards = Table(
    "cards",
    metadata,
    Column("id", Text, primary_key=True),
    Column("purchase_id", Text, ForeignKey(purchases.c.id), nullable=False),
    _required("channel_id"),
    Column("ts", Text),
    _required("drawn_version", Integer),
    *_work(),
    UniqueConstraint("channel_id", "ts"),
)

owed = Table(
    "owed",
    metadata,
    Column("id", Text, primary_key=True),
    _required("kind"),
    _required("user_id"),
    Column("channel_id", Text),
    Column("response_url", Text),
    Column("purchase_id", Text, ForeignKey(purchases.c.id)),
    _required("body", Json),
    _required("created_at", Instant),
    Column("trigger_id", Text, unique=True),
    Column("error", Text),  # why it was given up
    *_work(),
)

homes = Table(
    "homes",
    metadata,
    Column("id", Text, primary_key=True),  # whose it is, or EVERYBODY
    _required("version", Integer),
    _required("opened_at", Instant),
    *_work(),
)

checks = Table(
    "checks",
    metadata,
    Column("id", Text, primary_key=True),  # the provider's name
    Column("failing_since", Instant),
    *_work(),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Text, primary_key=True),
    _required("provider"),
    _required("subject"),
    _required("level", Integer),
    _required("raised_at", Instant),
    _required("channel_id"),
    _required("facts", Json),
    Column("ts", Text),
    _required("below", Integer),
    Column("snoozed_until", Instant),
    Column("snoozed_by", Text),
    Column("ended_at", Instant),
    Column("ended_by", Text),  # without a foreign key: it is written before the later alert is
    *_end_of_audit(),
)

votes = Table(
    "votes",
    metadata,
    Column("purchase_id", Text, ForeignKey(purchases.c.id), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("approver_id", Text, primary_key=True),
    _required("came_at", Instant),
)

absences = Table(
    "absences",
    metadata,
    Column("user_id", Text, primary_key=True),
    _required("deputy_id"),
    _required("until", Instant),
    _required("created_at", Instant),
)

freezes = Table(
    "freezes",
    metadata,
    Column("id", Text, primary_key=True),
    _required("subject"),  # what is frozen: unique while it is
    _required("by"),
    _required("at", Instant),
    _required("reason"),
    Column("thawed_at", Instant),
    Column("thawed_by", Text),
)

mutes = Table(
    "mutes",
    metadata,
    Column("user_id", Text, primary_key=True),
    _required("since", Instant),
)

# One row, made by the migration: the logbook's end, which is locked to append to it.
logbooks = Table(
    "logbooks",
    metadata,
    Column("id", Text, primary_key=True),
    *_end_of_audit(),
)

# Append-only, all three: the migrations' triggers refuse everything but an insert.
audit = Table(
    "audit",
    metadata,
    Column("purchase_id", Text, ForeignKey(purchases.c.id), primary_key=True),
    Column("seq", Integer, primary_key=True),
    *_entry(Column("from_status", Text), Column("to_status", Text)),
)

alert_audit = Table(
    "alert_audit",
    metadata,
    Column("alert_id", Text, ForeignKey(alerts.c.id), primary_key=True),
    Column("seq", Integer, primary_key=True),
    *_entry(),
)

logbook = Table(
    "logbook",
    metadata,
    Column("logbook_id", Text, ForeignKey(logbooks.c.id), primary_key=True),
    Column("seq", Integer, primary_key=True),
    *_entry(),
)

QUEUES: Mapping[Queue, Table] = MappingProxyType(
    {
        Queue.PURCHASES: purchases,
        Queue.DECISIONS: decisions,
        Queue.CARDS: cards,
        Queue.HOMES: homes,
        Queue.CHECKS: checks,
        Queue.OWED: owed,
    }
)

# Written out, because SQLite uses a partial index only where it need not know a parameter.
IN_FLIGHT_NOW = text("status IN ('confirming', 'unknown')")
MAY_BUY = text(
    "ordered_number IS NOT NULL AND"
    " status IN ('requested', 'pending', 'approved', 'confirming', 'unknown')"
)

REPEATS = text("previous_id IS NOT NULL AND status NOT IN ('refused', 'cancelled')")


def _partial(name: str, where: Any, *columns: Column[Any], unique: bool = False) -> None:
    condition: ColumnElement[bool] = where
    Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


for _table in QUEUES.values():
    _c = _table.c
    _partial(f"ix_{_table.name}_due", _c.due_at.is_not(None), _c.due_at)
    _partial(f"ix_{_table.name}_leased", _c.lease_token.is_not(None), _c.lease_token)

_c = purchases.c
Index("ix_purchases_requested", _c.requested_at)
Index("ix_purchases_requester", _c.requester_id, _c.requested_at)
Index("ix_purchases_provider", _c.provider, _c.requested_at)
Index("ix_purchases_status", _c.status, _c.requested_at)
_partial("ix_purchases_auto", _c.auto_scope.is_not(None), _c.auto_scope, _c.decided_at)
_partial("ix_purchases_open", _c.closed_at.is_(None), _c.requested_at)
_partial("ix_purchases_open_provider", _c.closed_at.is_(None), _c.provider, _c.requested_at)
_partial("ix_purchases_open_requester", _c.closed_at.is_(None), _c.requester_id, _c.requested_at)
_partial("ix_purchases_in_flight", IN_FLIGHT_NOW, _c.provider)
_partial("uq_purchases_ordered", MAY_BUY, _c.provider, _c.ordered_number, unique=True)
_partial("uq_purchases_previous", REPEATS, _c.previous_id, unique=True)
_partial("ix_purchases_sent", _c.sent_at.is_not(None), _c.provider, _c.sent_at)
_partial(
    "ix_purchases_spent",
    _c.sent_at.is_not(None),
    *(_c.provider, _c.sent_at),
    *(_c.status, _c.price, _c.second_number, _c.requester_id),  # what is summed up
)
_partial("ix_purchases_settled", _c.settled_at.is_not(None), _c.provider, _c.settled_at)
_partial("ix_purchases_number", _c.number.is_not(None), _c.number)
_partial("ix_purchases_second_number", _c.second_number.is_not(None), _c.second_number)
_partial("ix_purchases_response_url", _c.response_url.is_not(None), _c.requested_at)
_partial("ix_decisions_response_url", decisions.c.response_url.is_not(None), decisions.c.came_at)
_partial("ix_decisions_unjudged", decisions.c.judged_at.is_(None), decisions.c.purchase_id)
_partial("ix_owed_response_url", owed.c.response_url.is_not(None), owed.c.created_at)
Index("ix_cards_purchase", cards.c.purchase_id)
_c = alerts.c
_partial("uq_alerts_in_force", _c.ended_at.is_(None), _c.provider, _c.subject, unique=True)
Index("ix_absences_until", absences.c.until)
Index("ix_audit_at", audit.c.at, audit.c.purchase_id, audit.c.seq)
Index("ix_alert_audit_at", alert_audit.c.at, alert_audit.c.alert_id, alert_audit.c.seq)
Index("ix_logbook_at", logbook.c.at, logbook.c.logbook_id, logbook.c.seq)
_partial("uq_freezes_in_force", freezes.c.thawed_at.is_(None), freezes.c.subject, unique=True)
