"""The fake store's audit: rows that are chained by their hashes."""

import hashlib
import json
from collections import defaultdict
from dataclasses import replace
from typing import Any

from bot.domain.purchase import Status
from bot.ports import AuditRow, Entry


class FakeAudit:
    """The rows of every purchase, or of every alert."""

    def __init__(self) -> None:
        self._rows: dict[str, list[AuditRow]] = defaultdict(list)

    def rows(self, about: str) -> list[AuditRow]:
        return list(self._rows[about])

    def append(
        self, about: str, entry: Entry, source: Status | None = None, target: Status | None = None
    ) -> None:
        rows = self._rows[about]
        row = AuditRow(
            purchase_id=about,
            seq=len(rows) + 1,
            at=entry.at,
            actor_id=entry.actor_id,
            action=entry.action,
            from_status=source,
            to_status=target,
            outcome=entry.outcome,
            detail=as_stored(entry.detail),
            hash=rows[-1].hash if rows else "",
        )
        rows.append(replace(row, hash=_hash_of(row)))

    def verify(self, about: str) -> None:
        """Raises ValueError when a row is not as it was written."""
        before = ""
        for seq, row in enumerate(self._rows[about], start=1):
            if row.seq != seq or row.hash != _hash_of(replace(row, hash=before)):
                raise ValueError(f"row {seq} of the audit of {about} was changed")
            before = row.hash


def _hash_of(row: AuditRow) -> str:
    """Of a row that has the hash of the one before in its place."""
    return hashlib.sha256(repr(row).encode()).hexdigest()


def as_stored(json_value: Any) -> Any:
    """JSON as it comes back from a database."""
    return json.loads(json.dumps(json_value, allow_nan=False))
