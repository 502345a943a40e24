"""An approver keeps an alert quiet until its window frees up."""

from datetime import datetime, timedelta

from bot.domain.alerts import Alert
from bot.domain.errors import AlertGone, AlertOver, MayNotSnooze
from bot.domain.limits import DAY
from bot.ports import Ports
from bot.use_cases import authorise, moves


async def snooze(ports: Ports, alert_id: str, user_id: str) -> tuple[Alert, datetime]:
    """The alert as it is then, and until when. That the person is a full member was checked
    before. Pressed twice by the same person, it is done once and told twice.

    Raises AlertGone, AlertOver, MayNotSnooze, PeopleUnknown, TryLater.
    """
    alert = await ports.store.alert(alert_id)
    if alert is None:
        raise AlertGone(instance=ports.instance)
    now = ports.clock.now()
    if not await authorise.is_in(ports.directory, ports.rules.approvers, user_id):
        refused = MayNotSnooze(approvers=ports.rules.approvers.as_ids())
        entry = moves.entry("snooze", now, actor=user_id, outcome="refused", **moves.why(refused))
        await ports.store.record_alert(alert_id, entry)
        raise refused
    until = _until(alert, now)
    snoozed = await ports.store.snooze(
        alert_id,
        until,
        moves.entry("snooze", now, actor=user_id, until=until.isoformat()),
        [moves.alert(alert, now)],
    )
    if snoozed is not None:
        ports.wake()
        return snoozed, until
    alert = await ports.store.alert(alert_id) or alert
    if alert.snoozed_by == user_id and alert.snoozed_until and alert.ended_at is None:
        return alert, alert.snoozed_until
    raise AlertOver


def _until(alert: Alert, now: datetime) -> datetime:
    """When the window frees up, as far as is known; else a day."""
    frees_at = alert.facts.get("frees_at")
    known = datetime.fromisoformat(frees_at) if isinstance(frees_at, str) else None
    return known if known is not None and known > now + timedelta(minutes=1) else now + DAY
