"""The fake store's checks of limits, and the alerts that come of them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.alerts import Alert
from bot.domain.purchase import Status
from bot.ports import AuditRow, Check, Checked, Claimed, Entry, Message
from tests.fake_audit import FakeAudit, as_stored
from tests.fake_owed import FakeOwed
from tests.fake_queues import Row

MAY_BE_BOUGHT = {Status.REQUESTED, Status.PENDING, Status.APPROVED}


class FakeChecks(FakeOwed):
    """The part of the `Store` port that is about limits and alerts."""

    def __init__(self) -> None:
        super().__init__()
        self._alerts: dict[str, Alert] = {}
        self._alert_audit = FakeAudit()

    async def keep_checks(self, providers: Collection[str], *, at: datetime) -> None:
        for provider, row in self._checks.items():
            if provider not in providers:
                row.due_at = None
        for provider in providers:
            row = self._checks.setdefault(provider, Row(value=None, due_at=None))
            if row.due_at is None:
                row.value = None
            row.due_at = at if row.due_at is None else min(row.due_at, at)

    def _ask(self, provider: str, at: datetime) -> None:
        """Earlier than it was, so that one that is under way sees it."""
        row = self._checks.get(provider)
        if row is not None and row.due_at is not None:
            row.due_at = min(row.due_at - timedelta(microseconds=1), at)

    async def check(self, provider: str) -> Check | None:
        row = self._checks.get(provider)
        if row is None:
            return None
        return Check(provider=provider, due_at=row.due_at, failing_since=row.value)

    async def checked(self, claimed: Claimed, done: Checked) -> bool:
        row = self._checks.get(claimed.id)
        if row is None or not row.is_held(claimed.lease, done.at):
            return False
        if row.due_at == done.check.due_at:
            row.due_at = done.next_at
        row.value = done.failing_since
        row.release()
        for alert in done.raised:
            for before in await self.alerts(alert.provider):
                if before.subject is alert.subject:
                    over = replace(before, ended_at=done.at, ended_by=alert.id)
                    self._alerts[before.id] = over
            self._alerts[alert.id] = replace(alert, facts=as_stored(alert.facts))
        for alert in done.changed:
            before = self._alerts[alert.id]
            if before.ended_at is None:
                self._alerts[alert.id] = replace(
                    before, level=alert.level, below=alert.below, ended_at=alert.ended_at
                )
        self._tell_cards(done)
        for message in done.messages:
            self._owe(message, done.at)
        return True

    def _tell_cards(self, done: Checked) -> None:
        for purchase_id, (limits, details) in done.standings.items():
            row = self._purchases[purchase_id]
            before = row.value
            told = {**before.details, **as_stored(details)}
            is_new = (limits, told) != (before.limits, before.details)
            if is_new and before.status in MAY_BE_BOUGHT:
                row.value = replace(before, limits=limits, details=told, version=before.version + 1)
                self._draw_anew(before, done.at)

    async def alerts(self, provider: str) -> list[Alert]:
        return [
            alert
            for alert in self._alerts.values()
            if alert.provider == provider and alert.ended_at is None
        ]

    async def alert(self, alert_id: str) -> Alert | None:
        return self._alerts.get(alert_id)

    async def alert_posted(self, alert_id: str, ts: str) -> None:
        self._alerts[alert_id] = replace(self._alerts[alert_id], ts=ts)

    async def snooze(
        self, alert_id: str, until: datetime, entry: Entry, messages: Sequence[Message] = ()
    ) -> Alert | None:
        alert = self._alerts.get(alert_id)
        if alert is None or alert.ended_at is not None:
            return None
        if alert.snoozed_until is not None and entry.at < alert.snoozed_until:
            return None
        snoozed = replace(alert, snoozed_until=until, snoozed_by=entry.actor_id)
        self._alerts[alert_id] = snoozed
        self._alert_audit.append(alert_id, entry)
        for message in messages:
            self._owe(message, entry.at)
        return snoozed

    async def record_alert(self, alert_id: str, entry: Entry) -> None:
        if alert_id not in self._alerts:
            raise LookupError(alert_id)
        self._alert_audit.append(alert_id, entry)

    async def alert_audit(self, alert_id: str) -> list[AuditRow]:
        return self._alert_audit.rows(alert_id)

    async def verify_alert(self, alert_id: str) -> None:
        """Raises ValueError when the audit is not as it was written."""
        self._alert_audit.verify(alert_id)
