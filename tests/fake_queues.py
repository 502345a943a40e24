"""The fake store's queues: rows that are due, claimed, leased and put off."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from bot.domain.decision import Decision
from bot.domain.purchase import Purchase
from bot.ports import Card, Claimed, Lease, Message, Queue

T = TypeVar("T")


@dataclass
class Row(Generic[T]):
    """A value, and what makes it work."""

    value: T
    due_at: datetime | None
    lease: Lease | None = None  # as renewed
    attempts: int = 0

    def is_held(self, lease: Lease, at: datetime | None = None) -> bool:
        """Whether nobody else has claimed it since; at an instant: and it has not run out."""
        mine = self.lease is not None and self.lease.token == lease.token
        return mine and (at is None or self.lease is None or at < self.lease.until)

    def release(self) -> None:
        self.lease = None
        self.attempts = 0


class FakeQueues:
    """The part of the `Store` port that is the same for all queues."""

    def __init__(self) -> None:
        self._purchases: dict[str, Row[Purchase]] = {}
        self._decisions: dict[str, Row[Decision]] = {}  # until they are judged
        self._cards: dict[str, Row[Card]] = {}
        self._homes: dict[str, Row[Any]] = {}  # by user, and EVERYBODY
        self._checks: dict[str, Row[datetime | None]] = {}  # by provider; since when it fails
        self._owed: dict[str, Row[Message]] = {}
        self._queues: dict[Queue, dict[str, Row[Any]]] = {
            Queue.PURCHASES: self._purchases,
            Queue.DECISIONS: self._decisions,
            Queue.CARDS: self._cards,
            Queue.HOMES: self._homes,
            Queue.CHECKS: self._checks,
            Queue.OWED: self._owed,
        }

    def _claim(
        self, queue: Queue, limit: int, *, now: datetime, lasting: timedelta
    ) -> list[Claimed]:
        due = sorted(
            (row.due_at, number, row_id)
            for number, (row_id, row) in enumerate(self._queues[queue].items())
            if row.due_at is not None and row.due_at <= now
            if row.lease is None or row.lease.until <= now
        )
        claims = []
        for _, _, row_id in due[:limit]:
            row = self._queues[queue][row_id]
            row.lease = Lease(uuid.uuid4().hex, now + lasting)
            claims.append(Claimed(queue, row_id, row.lease, row.attempts))
        return claims

    async def take(
        self, places: Mapping[Queue, int], *, now: datetime, lasting: timedelta
    ) -> tuple[list[Claimed], datetime | None]:
        next_at = self._next_due(places)
        claims = [
            each
            for queue, limit in places.items()
            for each in self._claim(queue, limit, now=now, lasting=lasting)
        ]
        return claims, next_at

    async def renew(self, leases: Collection[Lease], *, now: datetime, until: datetime) -> None:
        tokens = {lease.token for lease in leases}
        for rows in self._queues.values():
            for row in rows.values():
                held = row.lease
                if held is not None and held.token in tokens and now < held.until < until:
                    row.lease = Lease(held.token, until)

    def _next_due(self, queues: Collection[Queue]) -> datetime | None:
        instants = (
            row.due_at if row.lease is None else max(row.due_at, row.lease.until)
            for queue in queues
            for row in self._queues[queue].values()
            if row.due_at is not None
        )
        return min(instants, default=None)

    async def put_off(self, claimed: Claimed, due_at: datetime | None) -> None:
        row = self._queues[claimed.queue].get(claimed.id)
        if row is not None and row.is_held(claimed.lease):
            row.lease = None
            row.due_at = due_at
            row.attempts += 1
