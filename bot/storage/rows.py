"""Rows ↔ domain values. Columns are named as the fields are; only these need translating."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import RowMapping

from bot.domain.alerts import Alert, Subject
from bot.domain.decision import Action, Decision
from bot.domain.errors import Reason
from bot.domain.limits import Limits, Source, Window
from bot.domain.price import Price
from bot.domain.purchase import Order, Purchase, Status
from bot.ports import Absence, AuditRow, Card, Check, Freeze, Kind, Message, Vote
from bot.storage.tables import instant_of, microseconds

PURCHASE_FIELDS = tuple(field.name for field in fields(Purchase))
_DECISION_FIELDS = tuple(field.name for field in fields(Decision))
_MESSAGE_FIELDS = tuple(field.name for field in fields(Message))
_CARD_FIELDS = tuple(field.name for field in fields(Card))
_ALERT_FIELDS = tuple(field.name for field in fields(Alert))
_VOTE_FIELDS = tuple(field.name for field in fields(Vote))
_ABSENCE_FIELDS = tuple(field.name for field in fields(Absence))
_FREEZE_FIELDS = tuple(field.name for field in fields(Freeze))
_AUDIT_FIELDS = tuple(field.name for field in fields(AuditRow))

Row = Mapping[str, Any] | RowMapping  # as the database gives it, or as it will be written


def _order(order: Order) -> dict[str, str]:
    return {key: value for key, value in asdict(order).items() if value is not None}


def _window(window: Window) -> dict[str, Any]:
    return {
        "length_s": window.length.total_seconds(),
        "limit": window.limit,
        "used": window.used,
        "limit_source": window.limit_source.value,
        "used_source": window.used_source.value,
        "frees_at": None if window.frees_at is None else microseconds(window.frees_at),
        "frees_source": window.frees_source.value,
    }


def _read_window(json: Mapping[str, Any]) -> Window:
    frees_at = json.get("frees_at")  # older rows have none
    return Window(
        length=timedelta(seconds=json["length_s"]),
        limit=json["limit"],
        used=json["used"],
        limit_source=Source(json["limit_source"]),
        used_source=Source(json["used_source"]),
        frees_at=None if frees_at is None else instant_of(frees_at),
        frees_source=Source(json.get("frees_source", Source.OWN_COUNT)),
    )


def _limits(limits: Limits) -> dict[str, Any]:
    return {"day": _window(limits.day), "month": _window(limits.month)}


def _read_limits(json: Mapping[str, Any]) -> Limits:
    return Limits(day=_read_window(json["day"]), month=_read_window(json["month"]))


def _reason(reason: Reason) -> dict[str, Any]:
    return {"name": reason.name, "fields": dict(reason.fields)}


_WRITE: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "status": lambda status: status.value,
        "order": _order,
        "price": str,
        "details": dict,
        "limits": _limits,
        "baseline": list,
        "provider_ids": dict,
        "why": _reason,
    }
)
_READ: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "status": Status,
        "order": lambda json: Order(**json),
        "price": Price.parse,
        "limits": _read_limits,
        "baseline": tuple,
        "why": lambda json: Reason(json["name"], json["fields"]),
    }
)


def auto_scope(details: Mapping[str, Any]) -> str | None:
    """The budget that the terms in a purchase's details name."""
    terms = details.get("terms")
    return terms.get("auto") if isinstance(terms, Mapping) else None


def write_fields(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Some fields of a purchase, as columns."""
    columns = {
        name: _WRITE[name](value) if value is not None and name in _WRITE else value
        for name, value in changes.items()
    }
    if "details" in changes:
        columns["auto_scope"] = auto_scope(changes["details"] or {})
    return columns


def write_purchase(purchase: Purchase) -> dict[str, Any]:
    return write_fields({name: getattr(purchase, name) for name in PURCHASE_FIELDS})


def read_purchase(row: Row) -> Purchase:
    found = {name: row[name] for name in PURCHASE_FIELDS}
    for name, read in _READ.items():
        if found[name] is not None:
            found[name] = read(found[name])
    return Purchase(**found)


def write_decision(decision: Decision) -> dict[str, Any]:
    columns = {name: getattr(decision, name) for name in _DECISION_FIELDS}
    return columns | {"action": decision.action.value}


def read_decision(row: Row) -> Decision:
    found = {name: row[name] for name in _DECISION_FIELDS}
    return Decision(**found | {"action": Action(row["action"])})


def write_message(message: Message) -> dict[str, Any]:
    columns = {name: getattr(message, name) for name in _MESSAGE_FIELDS}
    return columns | {"kind": message.kind.value, "body": dict(message.body)}


def read_message(row: Row) -> Message:
    found = {name: row[name] for name in _MESSAGE_FIELDS}
    return Message(**found | {"kind": Kind(row["kind"])})


def write_card(card: Card) -> dict[str, Any]:
    return {name: getattr(card, name) for name in _CARD_FIELDS}


def read_card(row: Row) -> Card:
    return Card(**{name: row[name] for name in _CARD_FIELDS})


def write_alert(alert: Alert) -> dict[str, Any]:
    columns = {name: getattr(alert, name) for name in _ALERT_FIELDS}
    return columns | {"subject": alert.subject.value, "facts": dict(alert.facts)}


def read_alert(row: Row) -> Alert:
    found = {name: row[name] for name in _ALERT_FIELDS}
    return Alert(**found | {"subject": Subject(row["subject"])})


def read_check(row: Row) -> Check:
    return Check(provider=row["id"], due_at=row["due_at"], failing_since=row["failing_since"])


def write_vote(vote: Vote) -> dict[str, Any]:
    return {name: getattr(vote, name) for name in _VOTE_FIELDS}


def read_vote(row: Row) -> Vote:
    return Vote(**{name: row[name] for name in _VOTE_FIELDS})


def write_absence(absence: Absence) -> dict[str, Any]:
    return {name: getattr(absence, name) for name in _ABSENCE_FIELDS}


def read_absence(row: Row) -> Absence:
    return Absence(**{name: row[name] for name in _ABSENCE_FIELDS})


def write_freeze(freeze: Freeze) -> dict[str, Any]:
    return {name: getattr(freeze, name) for name in _FREEZE_FIELDS}


def read_freeze(row: Row) -> Freeze:
    return Freeze(**{name: row[name] for name in _FREEZE_FIELDS})


def read_audit(row: Row) -> AuditRow:
    """Of a purchase, or of an alert or the logbook, whose rows have no statuses."""
    found: dict[str, Any] = {name: row.get(name) for name in _AUDIT_FIELDS}
    for name in ("from_status", "to_status"):
        found[name] = found[name] and Status(found[name])
    for key in ("alert_id", "logbook_id"):
        if key in row:
            found["purchase_id"] = row[key]
    return AuditRow(**found)
