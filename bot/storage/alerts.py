"""Alerts: at most one per provider and subject is in force, whatever races."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from bot.domain.alerts import Alert
from bot.ports import Entry, Message
from bot.storage import audit, messages
from bot.storage.rows import read_alert, write_alert
from bot.storage.tables import alerts


def in_force(connection: Connection, provider: str) -> list[Alert]:
    wanted = (alerts.c.provider == provider) & alerts.c.ended_at.is_(None)
    found = connection.execute(select(alerts).where(wanted).order_by(alerts.c.subject))
    return [read_alert(row) for row in found.mappings()]


def get(connection: Connection, alert_id: str) -> Alert | None:
    found = connection.execute(select(alerts).where(alerts.c.id == alert_id)).mappings()
    row = found.one_or_none()
    return None if row is None else read_alert(row)


def raise_one(connection: Connection, alert: Alert, at: datetime) -> None:
    """In the place of the one in force. The caller holds the provider's check."""
    connection.execute(
        update(alerts)
        .where(
            alerts.c.provider == alert.provider,
            alerts.c.subject == alert.subject.value,
            alerts.c.ended_at.is_(None),
        )
        .values(ended_at=at, ended_by=alert.id)
    )
    connection.execute(insert(alerts), write_alert(alert))


def change(connection: Connection, alert: Alert) -> None:
    """Only what checks find: somebody may snooze it at this moment."""
    connection.execute(
        update(alerts)
        .where(alerts.c.id == alert.id, alerts.c.ended_at.is_(None))
        .values(level=alert.level, below=alert.below, ended_at=alert.ended_at)
    )


def posted(connection: Connection, alert_id: str, ts: str) -> None:
    connection.execute(update(alerts).where(alerts.c.id == alert_id).values(ts=ts))


def snooze(
    connection: Connection,
    alert_id: str,
    until: datetime,
    entry: Entry,
    replies: Sequence[Message],
) -> Alert | None:
    """One whose last snooze is over can be snoozed once more."""
    quiet = alerts.c.snoozed_until
    found = connection.execute(
        update(alerts)
        .where(
            alerts.c.id == alert_id,
            alerts.c.ended_at.is_(None),
            or_(quiet.is_(None), quiet <= entry.at),
        )
        .values(snoozed_until=until, snoozed_by=entry.actor_id)
        .returning(alerts)
    ).mappings()
    row = found.one_or_none()
    if row is None:
        return None
    audit.append_to_alert(connection, alert_id, audit.Head.of(row), entry)
    for message in replies:
        messages.add(connection, message, entry.at)
    return read_alert(row)


def record(connection: Connection, alert_id: str, entry: Entry) -> None:
    locked = select(alerts).where(alerts.c.id == alert_id).with_for_update(key_share=True)
    row = connection.execute(locked).mappings().one_or_none()
    if row is None:
        raise LookupError(alert_id)
    audit.append_to_alert(connection, alert_id, audit.Head.of(row), entry)
