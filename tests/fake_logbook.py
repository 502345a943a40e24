"""What the fake store keeps a logbook of: who is away, who is muted, whether all is frozen."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bot.domain.purchase import Status
from bot.ports import Absence, AuditRow, Entry, Freeze
from tests.fake_audit import FakeAudit
from tests.fake_homes import FakeHomes

_LOGBOOK = "logbook"


class FakeLogbook(FakeHomes):
    """The part of the `Store` port that is about absences, freezes and mutes."""

    def __init__(self) -> None:
        super().__init__()
        self._absences: dict[str, Absence] = {}
        self._freeze: Freeze | None = None
        self._muted: set[str] = set()
        self._logbook = FakeAudit()

    async def log(self, entry: Entry) -> None:
        self._logbook.append(_LOGBOOK, entry)

    async def logbook(self, since: datetime) -> list[AuditRow]:
        return [row for row in self._logbook.rows(_LOGBOOK) if row.at >= since]

    async def verify_logbook(self) -> None:
        """Raises ValueError when it is not as it was written."""
        self._logbook.verify(_LOGBOOK)

    async def set_absence(self, absence: Absence, entry: Entry) -> None:
        self._absences[absence.user_id] = absence
        await self.log(entry)

    async def end_absence(self, user_id: str, entry: Entry) -> bool:
        absence = self._absences.get(user_id)
        if absence is None or absence.until <= entry.at:
            return False
        del self._absences[user_id]
        await self.log(entry)
        return True

    async def absences(self, now: datetime) -> list[Absence]:
        found = [each for each in self._absences.values() if each.until > now]
        return sorted(found, key=lambda each: each.until)

    async def freeze(self, freeze: Freeze, entry: Entry) -> bool:
        if self._freeze is not None:
            return False
        self._freeze = freeze
        await self._say_on_cards(entry)
        return True

    async def thaw(self, entry: Entry) -> bool:
        if self._freeze is None:
            return False
        self._freeze = None
        await self._say_on_cards(entry)
        for row in self._purchases.values():
            if row.value.status is Status.APPROVED:
                row.due_at = entry.at
                row.release()
        return True

    async def frozen(self) -> Freeze | None:
        return self._freeze

    async def _say_on_cards(self, entry: Entry) -> None:
        for row in self._purchases.values():
            if row.value.status in {Status.PENDING, Status.APPROVED}:
                row.value = replace(row.value, version=row.value.version + 1)
                self._draw_anew(row.value, entry.at)
        self._owe_homes(entry.at)
        await self.log(entry)

    async def mute(self, user_id: str, *, is_muted: bool, entry: Entry) -> None:
        if (user_id in self._muted) == is_muted:
            return
        self._muted ^= {user_id}
        await self.log(entry)

    async def muted(self, user_ids: Collection[str]) -> set[str]:
        return self._muted & set(user_ids)
