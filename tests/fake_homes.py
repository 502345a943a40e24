"""What the fake store knows of people's App Homes, and of reasons told after a cancel."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.decision import Decision
from bot.domain.purchase import Purchase, Status
from bot.ports import EVERYBODY, Claimed, Entry, Message
from tests.fake_audit import FakeAudit
from tests.fake_queues import Row
from tests.fake_reading import FakeReading


@dataclass
class Home:
    """One person's."""

    version: int
    opened_at: datetime


class FakeHomes(FakeReading):
    """The part of the `Store` port that is about them."""

    _audit: FakeAudit

    async def home_opened(self, user_id: str, at: datetime) -> None:
        before = self._homes.get(user_id)
        version = 1 if before is None else before.value.version + 1
        self._homes.setdefault(EVERYBODY, Row(Home(1, at), None))
        if before is None:
            self._homes[user_id] = Row(Home(version, at), at)
        else:
            before.value, before.due_at = Home(version, at), at

    def _owe_homes(self, at: datetime) -> None:
        row, soon = self._homes.get(EVERYBODY), at + timedelta(seconds=1)
        if row is not None and (row.due_at is None or row.due_at > soon):
            row.due_at = soon

    async def home_version(self, user_id: str) -> int:
        row = self._homes.get(user_id)
        return 0 if row is None else row.value.version

    async def home_published(self, claimed: Claimed, version: int) -> None:
        row = self._homes[claimed.id]
        if not row.is_held(claimed.lease):
            return
        row.release()
        if row.value.version == version:
            row.due_at = None

    async def spread_homes(self, claimed: Claimed, *, at: datetime, since: datetime) -> None:
        everybody = self._homes[EVERYBODY]
        if everybody.is_held(claimed.lease):
            everybody.due_at = None
            everybody.release()
        for user_id, row in self._homes.items():
            if user_id != EVERYBODY and row.value.opened_at >= since:
                row.value = replace(row.value, version=row.value.version + 1)
                row.due_at = at

    async def add_reason(
        self, decision: Decision, entry: Entry, messages: Sequence[Message] = ()
    ) -> Purchase | None:
        row = self._purchases[decision.purchase_id]
        now = row.value
        is_theirs = (now.status, now.cancelled_by) == (Status.CANCELLED, decision.actor_id)
        if decision.id not in self._decisions or not is_theirs or now.note:
            return None
        del self._decisions[decision.id]
        row.value = replace(now, note=decision.note, version=now.version + 1)
        self._audit.append(now.id, entry, now.status, None)
        self._draw_anew(row.value, entry.at)
        self._owe_homes(entry.at)
        for message in messages:
            self._owe(message, entry.at)
        return row.value
