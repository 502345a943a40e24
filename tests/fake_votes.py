"""What the fake store does with a purchase that waits: votes, notes, and budgets."""

from dataclasses import fields, replace
from decimal import Decimal

from bot.domain.decision import Decision
from bot.domain.price import Price
from bot.domain.purchase import HOLDS_TOKEN, Purchase, Status
from bot.ports import Budget, Entry, Lease, Move, Note, Vote
from tests.fake_logbook import FakeLogbook
from tests.fake_queues import Row

_FIXED = {
    *("id", "code", "status", "version", "provider", "requester_id", "channel_id", "reason"),
    *("requested_at", "previous_id", "again_by", "again_code"),
}
CHANGEABLE = {field.name for field in fields(Purchase)} - _FIXED
_SPENT_NOTHING = {Status.FAILED, Status.CANCELLED, Status.REFUSED, Status.EXPIRED}


class FakeVotes(FakeLogbook):
    """The part of the `Store` port that is about these."""

    def __init__(self) -> None:
        super().__init__()
        self._votes: dict[tuple[str, int, str], Vote] = {}

    async def add_vote(self, vote: Vote) -> None:
        row = self._purchases.get(vote.purchase_id)
        if row is None or row.value.status is not Status.PENDING:
            return
        if row.value.revision == vote.revision:
            key = (vote.purchase_id, vote.revision, vote.approver_id)
            self._votes.setdefault(key, vote)

    async def votes(self, purchase_id: str, revision: int) -> list[Vote]:
        found = [
            vote
            for vote in self._votes.values()
            if (vote.purchase_id, vote.revision) == (purchase_id, revision)
        ]
        return sorted(found, key=lambda vote: (vote.came_at, vote.approver_id))

    async def count_vote(self, decision: Decision, entry: Entry) -> None:
        if self._decisions.pop(decision.id, None) is None:
            return
        row = self._purchases[decision.purchase_id]
        row.value = replace(row.value, version=row.value.version + 1)
        self._audit.append(row.value.id, entry, row.value.status, None)
        self._draw_anew(row.value, entry.at)
        self._owe_homes(entry.at)

    async def note(self, note: Note) -> Purchase | None:
        if not note.changes.keys() <= CHANGEABLE - {"revision"}:
            raise ValueError(f"a note cannot change {note.changes.keys() - CHANGEABLE}")
        row = self._purchases.get(note.purchase.id)
        at = note.entry.at
        if row is None or not self._is_as_read(note.purchase, row, note.lease, note.entry):
            return None
        after = replace(row.value, **{"version": row.value.version + 1, **note.changes})
        if after.status not in HOLDS_TOKEN:
            after = replace(after, preview_token=None)
        row.value = after
        row.due_at = note.due_at
        row.release()
        self._audit.append(after.id, note.entry, after.status, None)
        self._draw_anew(after, at)
        self._owe_homes(at)
        for message in note.messages:
            self._owe(message, at)
        return after

    def _is_as_read(
        self, before: Purchase, row: Row[Purchase], lease: Lease | None, entry: Entry
    ) -> bool:
        now = row.value
        is_same = (now.status, now.revision, now.closed_at) == (
            before.status,
            before.revision,
            before.closed_at,
        )
        return is_same and (lease is None or row.is_held(lease, entry.at))

    def _has_room(self, move: Move, budget: Budget) -> bool:
        """Whether the purchase stays within it, with all that counts already."""
        after = replace(move.purchase, **move.changes)
        if _scope(after) != budget.scope or after.decided_at is None:
            raise ValueError("a purchase within a budget names it, and when it was approved")
        counted = [
            (each.decided_at, each.price)
            for row in self._purchases.values()
            if _scope(each := row.value) == budget.scope and each.decided_at is not None
            if each.status not in _SPENT_NOTHING and each.id != after.id
        ]
        limits = ((budget.day, budget.day_since), (budget.month, budget.month_since))
        return all(
            _is_within(limit, [after.price, *(price for at, price in counted if at >= since)])
            for limit, since in limits
            if limit is not None
        )


def _scope(purchase: Purchase) -> str | None:
    terms = purchase.details.get("terms")
    return terms["auto"] if terms else None


def _is_within(limit: Price, prices: list[Price | None]) -> bool:
    amounts = [each.amount for each in prices if each and each.currency == limit.currency]
    return len(amounts) == len(prices) and sum(amounts, Decimal()) <= limit.amount
